"""Texts of operator commands, from checked values only; no blank ever stands among the operands.

TRACE CT and DISPLAY TRACE: MVS System Commands.  VARY TCPIP and DISPLAY TCPIP: IP System Administrator's
Commands; those of the filter are in :mod:`zjobs.lifecycle.sides`.  Keywords are the shortest ones the
manuals print.
"""

from zjobs.errors import RequestError
from zjobs.lifecycle.values import Profile

# Macro MGCRE takes a command text of 126 characters.
LIMIT = 126


def checked(command: str) -> str:
    if len(command) > LIMIT:
        raise RequestError("ZJB0403E", length=len(command), limit=LIMIT, command=command)
    return command


def vary(profile: Profile, verb: str, operands: list[str]) -> str:
    """VARY TCPIP; the stack is always named: with several active, a command without a name fails."""
    return ",".join([f"V TCPIP,{profile.stack},{verb}", *operands])


def _trace(profile: Profile) -> str:
    return f"COMP={profile.component},SUB=({profile.stack})"


def writer_start(profile: Profile) -> str:
    return f"TRACE CT,WTRSTART={profile.writer.proc},{'WRAP' if profile.writer.wrap else 'NOWRAP'}"


def writer_stop(profile: Profile) -> str:
    return f"TRACE CT,WTRSTOP={profile.writer.proc},FLUSH"


def resize(profile: Profile) -> str:
    return f"TRACE CT,{profile.buffer},{_trace(profile)}"


def trace_on(profile: Profile) -> str:
    member = f",PARM={profile.parmlib.member}" if profile.parmlib else ""
    return f"TRACE CT,ON,{_trace(profile)}{member}"


def trace_ask(profile: Profile) -> str:
    """ON without a member: prompts for the operands, whatever the profile says."""
    return f"TRACE CT,ON,{_trace(profile)}"


def trace_off(profile: Profile) -> str:
    return f"TRACE CT,OFF,{_trace(profile)}"


def reply(number: str, operands: str) -> str:
    return f"R {number},{operands}"


def display_stacks() -> str:
    return "D TCPIP"


def display_trace(profile: Profile) -> str:
    return f"D TRACE,{_trace(profile)}"


def display_writer(profile: Profile) -> str:
    return f"D TRACE,WTR={profile.writer.proc}"


def display_replies() -> str:
    return "D R,L"
