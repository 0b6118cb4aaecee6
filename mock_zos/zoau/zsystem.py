"""``zoautil_py.zsystem``: the system log and the libraries."""

import re
from datetime import datetime
from typing import Any

from mock_zos.lpar import Lpar
from mock_zos.zoau.closed import taking

_MINUTES = {"-r": 10, "-l": 60, "-d": 1440, "-w": 10080, "-m": 43200, "-y": 525600, "-a": 10**7}


def functions(lpar: Lpar, release: str) -> dict[str, Any]:
    @taking()
    def read_console(options: str = "-r", json_output: bool = False, **kwargs: Any) -> str:
        given = re.fullmatch(r"-t(\d+)", options)
        if not given and options not in _MINUTES:
            raise ValueError(f"options {options!r}")
        since = lpar.state.now - (int(given[1]) if given else _MINUTES[options]) * 60_000_000
        lines = []
        for line in lpar.log(since):
            clock = datetime.fromtimestamp(line.time / 1_000_000)
            stamp = f"{clock:%Y%j} {clock:%H:%M:%S}.{clock.microsecond // 10000:02}"
            if line.text.startswith(" "):
                lines.append(f"S{'':56} {line.text.lstrip()}")
            else:
                lines.append(f"NC0000000 {lpar.state.system:<8} {stamp} INTERNAL 00000090  {line.text}")
        return "\n".join(lines)

    def list_parmlib() -> list[str]:
        return list(lpar.state.parmlib)

    def list_proclib() -> list[str]:
        return list(lpar.state.proclib)

    def find_parmlib(member: str) -> str | None:
        return next((name for name in lpar.state.parmlib if lpar.datasets.exists(name, member.upper())), None)

    def find_proclib(member: str) -> str | None:
        return next((name for name in lpar.state.proclib if lpar.datasets.exists(name, member.upper())), None)

    found = (read_console, list_parmlib, list_proclib, find_parmlib, find_proclib)
    return {function.__name__: function for function in found}
