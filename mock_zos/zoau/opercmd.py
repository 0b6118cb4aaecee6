"""``zoautil_py.opercmd``: operator commands, with the console's columns around the answer."""

import json as jsonlib
from datetime import datetime
from typing import Any

from mock_zos.lpar import Lpar
from mock_zos.zoau.closed import taking
from mock_zos.zoau.exceptions import failed
from mock_zos.zoau.ztypes import ZOAUResponse

_KEYWORDS = ("parameters", "preserve", "wait", "terse")
_LONGEST = 2_147_483_600


def functions(lpar: Lpar, release: str) -> dict[str, Any]:
    def _execute(command: str, timeout: int, options: dict[str, Any]) -> tuple[int, list[str]]:
        if not 0 <= timeout <= _LONGEST:
            raise failed("ZOAUException", 8, f"BGYSC0801E timeout {timeout} is out of range", command)
        parameters = options.get("parameters")
        lines = lpar.console(f"{command} {parameters}" if parameters else command)
        # Time-outs are in centiseconds; with wait=True all of it passes, without it the answer may be cut.
        if options.get("wait"):
            lpar.pass_time(timeout / 100)
        else:
            lines = lines[:1]
        return 0, lines

    def _shown(command: str, lines: list[str], terse: bool) -> str:
        if terse:
            return "\n".join(lines)
        clock = datetime.fromtimestamp(lpar.state.now / 1_000_000)
        head = f"{lpar.state.system:<11}{clock:%Y%j}  {clock:%H:%M:%S}.{clock.microsecond // 10000:02}             "
        first = [head + "ISF031I CONSOLE OMVS0000 ACTIVATED", head[:-1] + f"-{command}"]
        return "\n".join(first + [head + line for line in lines[:1]] + [" " * 43 + line for line in lines[1:]])

    if release >= "1.4":

        @taking(*_KEYWORDS, "console")
        def execute(command: str, timeout: int = 0, json: bool = False, **kwargs: Any) -> ZOAUResponse:
            rc, lines = _execute(command, timeout, kwargs)
            shown = _shown(command, lines, bool(kwargs.get("terse")))
            if json:
                shown = jsonlib.dumps(
                    {"data": {"output": shown, "timeout": timeout, "command": command, "rc": str(rc)}}
                )
            return ZOAUResponse(rc, shown, "", command, "UTF-8")

        return {"execute": execute}

    @taking(*_KEYWORDS)
    def execute_13(command: str, timeout: int = 0, **kwargs: Any) -> ZOAUResponse:
        rc, lines = _execute(command, timeout, kwargs)
        return ZOAUResponse(rc, _shown(command, lines, bool(kwargs.get("terse"))), "", command, "UTF-8")

    return {"execute": execute_13}
