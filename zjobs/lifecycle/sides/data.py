"""Data trace (IP System Administrator's Commands, VARY TCPIP,,DATTRACE): socket data as applications pass it.

ON clears what was set before, there is no CLEAR, and OBEYFILE does not take it.  NETSTAT CONFIG shows the
setting in force.
"""

from collections.abc import Iterable
from typing import Any

from zjobs.lifecycle import messages
from zjobs.lifecycle.commands import checked, vary
from zjobs.lifecycle.messages import DataTrace
from zjobs.lifecycle.sides import Former
from zjobs.lifecycle.steps import Observed, Tell
from zjobs.lifecycle.values import DataFilter, Profile
from zjobs.words import counted


def clear(profile: Profile) -> list[str]:
    return []


def on(profile: Profile) -> list[str]:
    return [checked(vary(profile, "DAT", ["ON", *_operands(profile.data)]))]


def off(profile: Profile) -> list[str]:
    return [vary(profile, "DAT", ["OFF"])]


def display(profile: Profile) -> str:
    return f"D TCPIP,{profile.stack},NETSTAT,CONFIG,FORMAT=LONG,MAX=*"


def observe(lines: Iterable[str], profile: Profile) -> dict[str, Any]:
    found, whole = messages.data_trace(lines)
    return {"data": found, "counts": {"sockets": found.count} if found else {}, "whole": whole}


def obstacles(seen: Observed, profile: Profile) -> list[Tell]:
    return []


def former(seen: Observed, profile: Profile) -> list[Former]:
    if not seen.data:
        return []
    one = seen.data
    operands = [
        "ON",
        "FULL" if one.length in ("", "FULL") else f"ABBREV={int(one.length)}",
        *(f"{key}={value}" for key, value in _conditions(one).items()),
    ]
    return [Former("sockets", _in_words(one), vary(profile, "DAT", operands))]


def own(seen: Observed, profile: Profile) -> bool:
    wanted = profile.data
    return seen.data is None or _conditions(seen.data) == {
        key: value
        for key, value in (("JOBNAME", wanted.jobname), ("IP", wanted.ip), ("PORTN", str(wanted.port or "")))
        if value
    }


def effective(command: str, seen: Observed, profile: Profile) -> bool:
    return seen.data is not None and own(seen, profile)


def spent(seen: Observed, profile: Profile) -> dict[str, int]:
    return {}


def shown(seen: Observed) -> list[tuple[str, str]]:
    if not seen.data:
        return []
    length = "full" if seen.data.length == "FULL" else f"first {int(seen.data.length or 0)} bytes"
    return [("sockets", f"{_in_words(seen.data)}, {length}: {counted(seen.data.count, 'record')}")]


def _operands(one: DataFilter) -> list[str]:
    length = "FULL" if one.length < 0 else "ABBREV" if one.length == 200 else f"ABBREV={one.length}"
    return [
        length,
        *([f"JOBNAME={one.jobname}"] if one.jobname else []),
        *([f"IP={one.ip}"] if one.ip else []),
        *([f"PORTN={one.port}"] if one.port else []),
    ]


def _conditions(one: DataTrace) -> dict[str, str]:
    """What a display shows, as operands; an address with the mask of a single host is that address."""
    address = one.ip if one.subnet in ("*", "255.255.255.255", "128") else f"{one.ip}/{messages.bits(one.subnet)}"
    found = {"JOBNAME": one.jobname, "IP": address if one.ip != "*" else "*", "PORTN": one.port}
    return {key: value for key, value in found.items() if value != "*"}


def _in_words(one: DataTrace) -> str:
    return ",".join(f"{key}={value}" for key, value in _conditions(one).items()) or "all sockets"
