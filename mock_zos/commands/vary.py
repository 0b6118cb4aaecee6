"""VARY TCPIP: the filters of the traces, and OBEYFILE (IP System Administrator's Commands, VARY TCPIP)."""

from collections.abc import Callable

from mock_zos import dattrace, obeyfile, operands, osaenta, pkttrace
from mock_zos.catalogue import message
from mock_zos.system import System
from mock_zos.writer import Refused

VERBS = ("V", "VARY")
_CARRIED_OUT: dict[str, Callable[[System, str, list[str]], None]] = {
    "PKTTRACE": pkttrace.vary,
    "DATTRACE": dattrace.vary,
    "OSAENTA": osaenta.vary,
    "OBEYFILE": obeyfile.vary,
}
_VERBS = ("PKTtrace", "DATtrace", "OSAENTA", "OBEYFILE", "SYNTAXCHECK")


def run(system: System, text: str) -> list[str]:
    parts = operands.split(text)
    if parts[0] != "TCPIP" or len(parts) < 3:
        return message("IEE708I", verb="VARY", keyword=parts[0])
    said = message("EZZ0060I", command=f"VARY {text}")
    verb = parts[2]
    try:
        verb = operands.keyword(parts[2], _VERBS)[0]
        stacks = system.state.stacks
        # An empty name is allowed only with exactly one active stack.
        stack = parts[1] or (stacks[0] if len(stacks) == 1 else "")
        if stack not in stacks:
            raise Refused("stack-unknown", stack=stack or "(NONE)")
        if verb not in _CARRIED_OUT:
            raise Refused("verb-missing")
        _CARRIED_OUT[verb](system, stack, parts[3:])
    except Refused as refused:
        reason = refused.lines[0].partition(" ")[2].strip()
        return said + message("EZZ0059I", verb=verb, reason=reason)
    return said + message("EZZ0053I", verb=verb)
