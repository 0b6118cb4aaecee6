"""TRACE CT: the external writer and the component traces (MVS System Commands, TRACE CT)."""

import re

from mock_zos import components, operands, writer
from mock_zos.catalogue import message
from mock_zos.system import System
from mock_zos.writer import Refused

VERBS = ("TRACE",)
_BUFFER = re.compile(r"\d{1,4}[KM]")


def verdict(word: str) -> list[str]:
    """ITT038I and the status line that follows it."""
    return message("ITT038I", verdict=word) + message("IEE839I")


def run(system: System, text: str) -> list[str]:
    first, *rest = operands.split(text)
    if first != "CT" or not rest:
        return message("IEE708I", verb="TRACE", keyword=first)
    try:
        said = _carry_out(system, rest)
    except Refused as refused:
        return refused.lines + verdict("NONE")
    return said if said else verdict("ALL")


def _carry_out(system: System, rest: list[str]) -> list[str]:
    word, _, value = rest[0].partition("=")
    if word == "WTRSTART":
        wrap = _choice(rest[1:], "WRAP", "NOWRAP")
        writer.start(system, value, wrap)
    elif word == "WTRSTOP":
        _choice(rest[1:], "FLUSH", "NOFLUSH")
        writer.stop(system, value)
    elif word in ("ON", "OFF") or _BUFFER.fullmatch(word):
        return _component(system, word, rest[1:])
    else:
        raise Refused("operand-error", operand=rest[0])
    return []


def _choice(rest: list[str], default: str, other: str) -> bool:
    if rest not in ([], [default], [other]):
        raise Refused("operand-error", operand=",".join(rest))
    return rest != [other]


def _component(system: System, word: str, rest: list[str]) -> list[str]:
    given = dict(operands.keyword(operand, ("COMP", "SUB", "PARM")) for operand in rest)
    trace = components.find(system, given.get("COMP", ""), *operands.listed(given.get("SUB", "")))
    if word == "OFF":
        components.turn_off(system, trace)
    elif word != "ON":
        components.resize(trace, word)
    elif "PARM" in given:
        components.turn_on(system, trace, given["PARM"])
    else:
        return components.ask(system, trace)
    return []
