"""Texts of operator commands, from checked values only; no blank ever stands among the operands.

TRACE CT and DISPLAY TRACE: MVS System Commands.  VARY TCPIP,,PKTTRACE and DISPLAY TCPIP,,NETSTAT: IP
System Administrator's Commands.  Keywords are the shortest ones the manuals print.
"""

from zjobs.errors import RequestError
from zjobs.lifecycle.profile import Filter, Profile

# Macro MGCRE takes a command text of 126 characters.
LIMIT = 126


def _checked(command: str) -> str:
    if len(command) > LIMIT:
        raise RequestError("ZJB0403E", length=len(command), limit=LIMIT, command=command)
    return command


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


def filter_clear(profile: Profile) -> str:
    return f"V TCPIP,{profile.stack},PKT,CLEAR"


def filter_off(profile: Profile) -> str:
    return f"V TCPIP,{profile.stack},PKT,OFF"


def filters(profile: Profile) -> list[str]:
    """One command a setting.  The first of each interface says ON, which begins anew; the others are ORed to it."""
    ordered = sorted(profile.filters, key=lambda one: bool(one.link))  # LINKN=* first: single names override it
    begun: set[str] = set()
    commands = []
    for one in ordered:
        on = one.link not in begun
        begun.add(one.link)
        commands.append(_checked(f"V TCPIP,{profile.stack},PKT,{','.join(_operands(one, on))}"))
    return commands


def _operands(one: Filter, on: bool) -> list[str]:
    length = "FULL" if not one.length else "ABBREV" if one.length == 200 else f"ABBREV={one.length}"
    return [
        *([f"LINKN={one.link}"] if one.link else []),
        *(["ON"] if on else []),
        length,
        *([f"PROT={one.protocol}"] if one.protocol else []),
        *([f"IP={one.ip}"] if one.ip else []),
        *([f"SRCP={one.source_port}"] if one.source_port else []),
        *([f"DEST={one.destination_port}"] if one.destination_port else []),
        *([f"PORTN={one.port}"] if one.port else []),
        *([f"DISC={one.discard}"] if one.discard and one.discard != "NONE" else []),
    ]


def display_stacks() -> str:
    return "D TCPIP"


def display_trace(profile: Profile) -> str:
    return f"D TRACE,{_trace(profile)}"


def display_writer(profile: Profile) -> str:
    return f"D TRACE,WTR={profile.writer.proc}"


def display_links(profile: Profile) -> str:
    return f"D TCPIP,{profile.stack},NETSTAT,DE,FORMAT=LONG,MAX=*"


def display_replies() -> str:
    return "D R,L"
