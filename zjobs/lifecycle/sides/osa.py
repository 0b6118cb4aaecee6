"""OSA trace (IP System Administrator's Commands, VARY TCPIP,,OSAENTA): frames as the adapter sees them.

Filters of a port accumulate over commands, one value of a kind in each; ON comes with the last, so that
nothing passes a filter that is half set.  Limits are always given: left alone, a trace runs for a week.
"""

from collections.abc import Iterable
from itertools import zip_longest
from typing import Any

from zjobs.lifecycle import messages
from zjobs.lifecycle.commands import LIMIT, checked, vary
from zjobs.lifecycle.limits import LIMITS
from zjobs.lifecycle.messages import Osa
from zjobs.lifecycle.sides import Former
from zjobs.lifecycle.steps import Observed, Tell, tell
from zjobs.lifecycle.values import OsaFilter, Profile
from zjobs.words import counted

_KEYWORDS = {
    "DEVICEID": "DEVICEID",
    "MAC": "MAC",
    "VLANID": "VLANID",
    "ETHTYPE": "ETHTYPE",
    "IPADDR": "IP",
    "PROTOCOL": "PROTO",
    "PORTNUM": "PORTN",
}
"""The keyword that sets what a label of the display shows, in its shortest form."""


def clear(profile: Profile) -> list[str]:
    return [_osa(profile, one.portname, ["CLEAR"]) for one in profile.osas]


def on(profile: Profile) -> list[str]:
    return [checked(command) for one in profile.osas for command in _port(profile, one)]


def off(profile: Profile) -> list[str]:
    return [_osa(profile, one.portname, ["OFF"]) for one in profile.osas]


def display(profile: Profile) -> str:
    return f"D TCPIP,{profile.stack},NETSTAT,DE,FORMAT=LONG,MAX=*"


def observe(lines: Iterable[str], profile: Profile) -> dict[str, Any]:
    seen = messages.devlinks(lines)
    ports = {one.portname for one in profile.osas}
    counts = {osa.portname: osa.frames for osa in seen.osas if osa.portname in ports and osa.on}
    return {"devlinks": seen, "counts": counts, "whole": seen.whole}


def obstacles(seen: Observed, profile: Profile) -> list[Tell]:
    # One OSAENTA trace of an OSA at a time: one that is on is somebody's.
    return [
        tell("ZJB0458E", portname=osa.portname, filter=_in_words(osa))
        for osa in _ports(seen, profile)
        if osa.on and not _same(osa, profile)
    ]


def former(seen: Observed, profile: Profile) -> list[Former]:
    found = []
    for osa in _ports(seen, profile):
        for row in zip_longest(*(zip([label] * len(values), values) for label, values in osa.filters.items())):
            operands = [f"{_KEYWORDS[pair[0]]}={pair[1]}" for pair in row if pair]
            found.append(Former(osa.portname, ",".join(operands), _osa(profile, osa.portname, operands)))
    return found


def own(seen: Observed, profile: Profile) -> bool:
    return all(_same(osa, profile) for osa in _ports(seen, profile) if osa.on)


def effective(command: str, seen: Observed, profile: Profile) -> bool:
    words = command.split(",")[3:]
    port = words[0].partition("=")[2]
    osa = next((one for one in seen.devlinks.osas if one.portname == port), None)
    if osa is None or ("ON" in words and not osa.on):
        return False
    given = dict(word.split("=", 1) for word in words[1:] if "=" in word)
    return all(given[keyword] in osa.filters.get(label, ()) for label, keyword in _KEYWORDS.items() if keyword in given)


def spent(seen: Observed, profile: Profile) -> dict[str, int]:
    # ON sets the active statistics to zero: what they count was traced since.
    return {osa.portname: osa.frames for osa in _ports(seen, profile) if not osa.on and osa.frames}


def shown(seen: Observed) -> list[tuple[str, str]]:
    return [
        (
            osa.portname,
            f"OSA {osa.status}, {_in_words(osa)}, first {osa.abbrev} bytes: {counted(osa.frames, 'frame')}"
            + (f", {osa.lost:,} LOST" if osa.lost else "")
            + (f", {osa.discarded:,} DISCARDED" if osa.discarded else ""),
        )
        for osa in seen.devlinks.osas
    ]


def minutes(profile: Profile, one: OsaFilter) -> int:
    """TIME: what is asked for, else a little more than the capture is to last."""
    if one.time:
        return one.time
    if profile.stop.after:
        return min(-(-profile.stop.after // 60) + 5, LIMITS.osa_minutes[1])
    return LIMITS.osa_time


def _osa(profile: Profile, port: str, operands: list[str]) -> str:
    return vary(profile, "OSAENTA", [f"PORTNAME={port}", *operands])


def _port(profile: Profile, one: OsaFilter) -> list[str]:
    """Commands of one port: as few as hold 126 characters each and one value of a kind each."""
    first = [
        *([f"NOFILTER={one.nofilter}"] if one.nofilter else []),
        f"ABBREV={one.length}",
        f"DATA={one.data}",
        *([f"FRAMES={one.frames}"] if one.frames else []),
        f"TIME={minutes(profile, one)}",
        *([f"DISCARD={one.discard}"] if one.discard else []),
    ]
    rows = [
        [f"{keyword}={value}" for keyword, value in zip(map(_KEYWORDS.__getitem__, one.chosen), row) if value]
        for row in zip_longest(*one.chosen.values())
    ] or [[]]
    rows[0] = first + rows[0]
    parts = [part for row in rows for part in _packed(profile, one.portname, row)]
    commands = [_osa(profile, one.portname, part) for part in parts[:-1]]
    return [*commands, _osa(profile, one.portname, ["ON", *parts[-1]])]


def _packed(profile: Profile, port: str, operands: list[str]) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for operand in operands:
        if len(_osa(profile, port, ["ON", *parts[-1], operand])) > LIMIT:
            parts.append([])
        parts[-1].append(operand)
    return parts


def _ports(seen: Observed, profile: Profile) -> list[Osa]:
    names = {one.portname for one in profile.osas}
    return [osa for osa in seen.devlinks.osas if osa.portname in names]


def _same(osa: Osa, profile: Profile) -> bool:
    """Whether a trace shown is a profile's: its filters, or those of it that have been set so far."""
    wanted = next(one for one in profile.osas if one.portname == osa.portname).chosen
    return {label: {*values} for label, values in osa.filters.items()} == {
        label: {*values} for label, values in wanted.items()
    }


def _in_words(osa: Osa) -> str:
    chosen = [f"{label}={'|'.join(values)}" for label, values in osa.filters.items()]
    return ",".join(chosen) or ("all frames" if osa.nofilter == "ALL" else "no filter")
