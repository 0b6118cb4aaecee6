"""Packet trace (IP System Administrator's Commands, VARY TCPIP,,PKTTRACE).

Options of one command are ANDed, several commands are ORed: the first of an interface says ON, which
begins anew, the others say neither ON nor OFF.
"""

import ipaddress
from collections.abc import Iterable
from typing import Any

from zjobs.lifecycle import messages
from zjobs.lifecycle.commands import LIMIT, checked, vary
from zjobs.lifecycle.messages import Setting
from zjobs.lifecycle.sides import Former
from zjobs.lifecycle.steps import Observed, Tell, tell
from zjobs.lifecycle.values import Filter, Profile
from zjobs.words import counted


def clear(profile: Profile) -> list[str]:
    return [vary(profile, "PKT", ["CLEAR"])]


def on(profile: Profile) -> list[str]:
    """One command a setting; when one is too long for a command, all of them in one member."""
    commands = [_fitted(profile, one, begins) for one, begins in _ordered(profile)]
    if profile.obeyfile and any(len(command) > LIMIT for command in commands):
        return [checked(vary(profile, "OBEYFILE", [f"DSN={profile.obeyfile.library}({profile.obeyfile.member})"]))]
    return [checked(command) for command in commands]


def off(profile: Profile) -> list[str]:
    return [vary(profile, "PKT", ["OFF"])]


def display(profile: Profile) -> str:
    return f"D TCPIP,{profile.stack},NETSTAT,DE,FORMAT=LONG,MAX=*"


def observe(lines: Iterable[str], profile: Profile) -> dict[str, Any]:
    seen = messages.devlinks(lines)
    counts = {link.name: link.count for link in seen.links if link.settings}
    return {"devlinks": seen, "counts": counts, "whole": seen.whole}


def obstacles(seen: Observed, profile: Profile) -> list[Tell]:
    names = {link.name for link in seen.devlinks.links}
    missing = sorted({one.link for one in profile.filters if one.link} - names) if names else []
    return [tell("ZJB0417E", link=link, stack=profile.stack, links=" ".join(sorted(names))) for link in missing]


def former(seen: Observed, profile: Profile) -> list[Former]:
    found = []
    for link in seen.devlinks.links:
        for number, setting in enumerate(link.settings):
            command = vary(profile, "PKT", [f"LINKN={link.name}", *(["ON"] if not number else []), *_again(setting)])
            found.append(Former(link.name, _in_words(setting), command))
    return found


def own(seen: Observed, profile: Profile) -> bool:
    return all(
        any(_same(link.name, setting, one) for one in profile.filters)
        for link in seen.devlinks.links
        for setting in link.settings
    )


def effective(command: str, seen: Observed, profile: Profile) -> bool:
    commands = on(profile)
    sent = len(profile.filters) if ",OBEYFILE," in command else commands.index(command) + 1
    return sum(len(link.settings) for link in seen.devlinks.links) >= sent


def spent(seen: Observed, profile: Profile) -> dict[str, int]:
    return {}


def shown(seen: Observed) -> list[tuple[str, str]]:
    return [(link.name, _screen(one)) for link in seen.devlinks.links for one in link.settings]


def too_long(profile: Profile) -> bool:
    """Whether the filter needs a member for OBEYFILE."""
    return any(len(_fitted(profile, one, begins)) > LIMIT for one, begins in _ordered(profile))


def statements(profile: Profile) -> list[str]:
    """The filter as PKTTRACE statements (IP Configuration Reference): the same words without commas, on cards."""
    lines = []
    for one, begins in _ordered(profile):
        words = ["PKTTRACE", *(["ON"] if begins else []), *(word for word in _operands(one, False))]
        card = ""
        for word in words:
            if len(card) + len(word) > 64:
                lines.append(card)
                card = " "
            card = f"{card} {word}" if card else word
        lines.append(card)
    return lines


def _ordered(profile: Profile) -> list[tuple[Filter, bool]]:
    """Settings with whether each begins its interface; LINKN=* comes first, single names override it."""
    begun: set[str] = set()
    found = []
    for one in sorted(profile.filters, key=lambda one: bool(one.link)):
        found.append((one, one.link not in begun))
        begun.add(one.link)
    return found


def _fitted(profile: Profile, one: Filter, begins: bool) -> str:
    """The command of a setting; FULL, being the default, is said only where there is room."""
    command = vary(profile, "PKT", _operands(one, begins))
    if len(command) > LIMIT:
        command = vary(profile, "PKT", [word for word in _operands(one, begins) if word != "FULL"])
    return command


def _operands(one: Filter, begins: bool) -> list[str]:
    length = "FULL" if not one.length else "ABBREV" if one.length == 200 else f"ABBREV={one.length}"
    return [
        *([f"LINKN={one.link}"] if one.link else []),
        *(["ON"] if begins else []),
        length,
        *([f"PROT={one.protocol}"] if one.protocol else []),
        *([f"IP={one.ip}"] if one.ip else []),
        *([f"SRCP={one.source_port}"] if one.source_port else []),
        *([f"DEST={one.destination_port}"] if one.destination_port else []),
        *([f"PORTN={one.port}"] if one.port else []),
        *([f"DISC={one.discard}"] if one.discard and one.discard != "NONE" else []),
    ]


def _again(seen: Setting) -> list[str]:
    """Operands that set what a display shows."""
    network = _network(seen)
    return [
        "FULL" if seen.length in ("", "FULL") else f"ABBREV={int(seen.length)}",
        *([f"PROT={seen.protocol}"] if seen.protocol != "*" else []),
        *([f"IP={network}"] if network else []),
        *([f"SRCP={seen.source_port}"] if seen.source_port != "*" else []),
        *([f"DEST={seen.destination_port}"] if seen.destination_port != "*" else []),
        *([f"PORTN={seen.port}"] if seen.port != "*" else []),
    ]


def _same(link: str, seen: Setting, one: Filter) -> bool:
    ports = (seen.source_port, seen.destination_port, seen.port)
    wanted = tuple(str(port) if port else "*" for port in (one.source_port, one.destination_port, one.port))
    return (
        one.link in ("", link)
        and seen.protocol == (one.protocol or "*")
        and ports == wanted
        and _network(seen) == (ipaddress.ip_network(one.ip) if one.ip else None)
    )


def _network(seen: Setting) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    if seen.ip == "*":
        return None
    try:
        return ipaddress.ip_network(f"{seen.ip}/{seen.subnet}" if seen.subnet != "*" else seen.ip, strict=False)
    except ValueError:
        return None


def _in_words(setting: Setting) -> str:
    parts = {
        "PROT": setting.protocol,
        "IP": setting.ip,
        "SRCPORT": setting.source_port,
        "DESTPORT": setting.destination_port,
        "PORTNUM": setting.port,
    }
    return ",".join(f"{key}={value}" for key, value in parts.items() if value != "*") or "all packets"


def _screen(one: Setting) -> str:
    parts = [one.protocol if one.protocol != "*" else ""]
    if one.ip != "*":
        parts.append(one.ip if one.subnet in ("*", "255.255.255.255", "128") else f"{one.ip} mask {one.subnet}")
    for label, port in (("port", one.port), ("from port", one.source_port), ("to port", one.destination_port)):
        parts.append(f"{label} {port}" if port != "*" else "")
    length = one.length.lower() if one.length == "FULL" else f"first {one.length.lstrip('0')} bytes"
    selected = " ".join(part for part in parts if part) or "all packets"
    return f"{selected}, {length}: {counted(one.count, 'record')}"
