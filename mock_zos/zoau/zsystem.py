"""``zoautil_py.zsystem``: the system log and the libraries."""

import json as jsonlib
import re
from datetime import datetime
from typing import Any

from mock_zos.lpar import Lpar
from mock_zos.zoau.closed import taking
from mock_zos.zoau.exceptions import failed
from mock_zos.zoau.ztypes import ZOAUResponse

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

    def list_linklist() -> list[str]:
        return []  # the simulated system loads no programs

    def find_linklist(member: str) -> str | None:
        return None

    def list_data_classes() -> list[str]:
        return []

    @taking("ignore_case", "display_lines")
    def search_parmlib(find: str, **kwargs: Any) -> str:
        return _search(lpar, lpar.state.parmlib, find, kwargs)

    @taking("ignore_case", "display_lines")
    def search_proclib(find: str, **kwargs: Any) -> str:
        return _search(lpar, lpar.state.proclib, find, kwargs)

    @taking()
    def zinfo(facts: list[str] | None = None, json: bool = False, **kwargs: Any) -> Any:
        known = {"sys": {"sys_name": lpar.state.system, "product_name": "z/OS", "release": lpar.state.release}}
        asked = [*known] if not facts or "all" in facts else facts
        if unknown := [fact for fact in asked if fact not in known]:
            raise failed("ZOAUException", 8, f"BGYSC5700E {' '.join(unknown)} is not known of this system")
        found = {f"{fact}_info": known[fact] for fact in asked}
        return found if json else jsonlib.dumps(found)

    @taking("dsname", "volume", "sms", "force_dynamic", "persistent", "batch", "ignore")
    def apf(opt: str, **kwargs: Any) -> ZOAUResponse:
        if opt not in ("add", "del", "set_dynamic", "set_static", "check_format", "list"):
            raise failed("ZOAUException", 8, f"BGYSC0500E opt {opt} is not valid")
        problem = "BGYSC0510E this system has no list of authorised libraries"
        return ZOAUResponse(8, "", problem, f"apfadm {opt}", "UTF-8")

    found = (
        *(read_console, list_parmlib, list_proclib, find_parmlib, find_proclib, list_linklist, find_linklist),
        *(list_data_classes, search_parmlib, search_proclib, zinfo, apf),
    )
    return {function.__name__: function for function in found}


def _search(lpar: Lpar, libraries: list[str], find: str, options: dict[str, Any]) -> str:
    """Lines of members that hold a text, under the name of each member; ``display_lines`` also numbers them."""
    fold = bool(options.get("ignore_case"))
    wanted, said = find.upper() if fold else find, []
    for library in libraries:
        for member in lpar.datasets.members(library):
            lines = lpar.datasets.text(library, member)
            hits = [(n, line) for n, line in enumerate(lines, 1) if wanted in (line.upper() if fold else line)]
            said += [f"{library}({member})"] if hits else []
            said += [f"{n} {line}" if options.get("display_lines") else line for n, line in hits]
    return "\n".join(said)
