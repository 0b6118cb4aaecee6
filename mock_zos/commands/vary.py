"""VARY TCPIP,,PKTTRACE: the packet filter (IP System Administrator's Commands, VARY TCPIP,,PKTTRACE)."""

import ipaddress

from mock_zos import operands
from mock_zos.catalogue import message
from mock_zos.packets import PROTOCOLS
from mock_zos.state import Link, Setting
from mock_zos.system import System, numbers
from mock_zos.writer import Refused
from zjobs.lifecycle.tables import Event, Filter, after

VERBS = ("V", "VARY")
_VERBS = ("PKTtrace", "DATtrace", "OSAENTA", "OBEYFILE", "SYNTAXCHECK")
_OPTIONS = (
    *("LINKName", "INTFName", "ON", "OFF", "CLEAR", "FULL", "ABBREV", "PROT"),
    *("IPaddr", "SUBNet", "SRCPort", "DESTport", "PORTNum", "DISCard"),
)
_FLAGS = ("ON", "OFF", "CLEAR", "FULL")


def run(system: System, text: str) -> list[str]:
    parts = operands.split(text)
    if parts[0] != "TCPIP" or len(parts) < 3:
        return message("IEE708I", verb="VARY", keyword=parts[0])
    said = message("EZZ0060I", command=f"VARY {text}")
    verb = parts[2]
    try:
        verb = operands.keyword(parts[2], _VERBS)[0]
        if parts[1] not in ("", system.state.stack):
            raise _failed(f"STACK {parts[1]} IS NOT ACTIVE")
        if verb != "PKTTRACE":
            raise _failed("NOT AVAILABLE ON THE SIMULATED SYSTEM")
        _packet_trace(system, parts[3:])
    except Refused as refused:
        reason = refused.lines[0].partition(" ")[2].strip()
        return said + message("EZZ0059I", verb=verb, reason=reason)
    return said + message("EZZ0053I", verb=verb)


def _failed(reason: str) -> Refused:
    refused = Refused("operand-error", operand="")
    refused.lines = [f"EZZ0059I {reason}"]
    return refused


def _packet_trace(system: System, parts: list[str]) -> None:
    given: dict[str, str] = {}
    for part in parts:
        word, value = operands.keyword(part, _OPTIONS)
        bare = "=" not in part
        wrong = (bare and word not in (*_FLAGS, "ABBREV")) or (not bare and (word in _FLAGS or not value))
        if word in given or wrong:
            raise _failed(f"{part} IS NOT VALID HERE")
        given[word] = value
    actions: list[str] = [word for word in ("ON", "OFF", "CLEAR") if word in given]
    if len(actions) > 1 or ("LINKNAME" in given and "INTFNAME" in given) or ("FULL" in given and "ABBREV" in given):
        raise _failed("KEYWORDS EXCLUDE ONE ANOTHER")
    links = _addressed(system, given.get("LINKNAME", given.get("INTFNAME", "")), actions)
    setting = _setting(given)
    for link in links:
        _apply(link, actions, setting)


def _addressed(system: System, name: str, actions: list[str]) -> list[Link]:
    """The interfaces a command acts on; without a name OFF and CLEAR act on those that have settings."""
    if not name and actions in (["OFF"], ["CLEAR"]):
        return [link for link in system.state.links if link.settings]
    if name in ("", "*"):
        return system.state.links
    found = [link for link in system.state.links if link.name == name]
    if not found:
        raise _failed(f"LINK OR INTERFACE {name} IS NOT DEFINED")
    return found


def _apply(link: Link, actions: list[str], setting: Setting) -> None:
    event = {"ON": Event.PKT_ON, "OFF": Event.PKT_OFF, "CLEAR": Event.PKT_CLEAR}.get("".join(actions), Event.PKT_SET)
    link.filter = str(after(Filter(link.filter), event))
    if event in (Event.PKT_ON, Event.PKT_CLEAR):
        link.settings = []  # ON begins anew; settings given without it are ORed
    if event in (Event.PKT_ON, Event.PKT_SET):
        if len(link.settings) >= numbers()["ored_settings"]:
            raise _failed("TOO MANY PACKET TRACE SETTINGS")
        link.settings.append(Setting(**vars(setting)))


def _setting(given: dict[str, str]) -> Setting:
    length = 0
    if "ABBREV" in given:
        length = _number(given["ABBREV"] or "200", 1, 65535)
    return Setting(
        length,
        _protocol(given.get("PROT", "*")),
        _address(given.get("IPADDR", "*"), given.get("SUBNET", "")),
        _port(given.get("SRCPORT", "*")),
        _port(given.get("DESTPORT", "*")),
        _port(given.get("PORTNUM", "*")),
        given.get("DISCARD", "NONE"),
    )


def _number(text: str, low: int, high: int) -> int:
    if not text.isdigit() or not low <= int(text) <= high:
        raise _failed(f"{text} IS NOT BETWEEN {low} AND {high}")
    return int(text)


def _port(text: str) -> int:
    return 0 if text == "*" else _number(text, 1, 65535)


def _protocol(text: str) -> str:
    return "" if text == "*" else text if text in PROTOCOLS else str(_number(text, 0, 255))


def _address(text: str, mask: str) -> str:
    if text == "*":
        return ""
    try:
        return str(ipaddress.ip_network(f"{text}/{mask}" if mask else text, strict=False))
    except ValueError:
        raise _failed(f"ADDRESS {text} IS NOT VALID") from None
