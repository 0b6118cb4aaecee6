"""VARY TCPIP,,DATTRACE: socket data (IP System Administrator's Commands, VARY TCPIP,,DATTRACE)."""

from mock_zos import operands, pkttrace
from mock_zos.state import DataTrace
from mock_zos.system import System
from mock_zos.writer import Refused
from zjobs.lifecycle.tables import Event, Filter, after

_OPTIONS = ("ON", "OFF", "FULL", "ABBREV", "JOBNAME", "IP", "SUBNet", "PORTNum")
_FLAGS = ("ON", "OFF", "FULL")


def vary(system: System, stack: str, parts: list[str]) -> None:
    """ON clears all settings and applies defaults before its own; there is no CLEAR."""
    given: dict[str, str] = {}
    for part in parts:
        word, value = operands.keyword(part, _OPTIONS)
        bare = "=" not in part
        if word in given or (bare != (word in _FLAGS) and word != "ABBREV") or (not bare and not value):
            raise Refused("vary-operand", operand=part)
        given[word] = value
    if ("ON" in given and "OFF" in given) or ("FULL" in given and "ABBREV" in given):
        raise Refused("vary-operand", operand=",".join(parts))
    found = of(system, stack)
    if "OFF" in given:
        found.filter = str(after(Filter(found.filter), Event.PKT_OFF))
        return
    length = pkttrace.number(given["ABBREV"] or "200", 0, 65535) if "ABBREV" in given else -1
    new = DataTrace(
        stack,
        jobname=given.get("JOBNAME", "*").replace("*", ""),
        address=pkttrace.address(given.get("IP", "*"), given.get("SUBNET", "")),
        port=pkttrace.port(given.get("PORTNUM", "*")),
        length=length,
    )
    new.filter = str(after(Filter(found.filter), Event.PKT_ON if "ON" in given else Event.PKT_SET))
    system.state.data[system.state.data.index(found)] = new


def of(system: System, stack: str) -> DataTrace:
    """The data trace of a stack."""
    return next(one for one in system.state.data if one.stack == stack)
