"""VARY TCPIP,,PKTTRACE: the packet filter (IP System Administrator's Commands, VARY TCPIP,,PKTTRACE)."""

import ipaddress

from mock_zos import operands
from mock_zos.packets import PROTOCOLS
from mock_zos.state import Link, Setting
from mock_zos.system import System, numbers
from mock_zos.writer import Refused
from zjobs.lifecycle.tables import Event, Filter, after

OPTIONS = (
    *("LINKName", "INTFName", "ON", "OFF", "CLEAR", "FULL", "ABBREV", "PROT"),
    *("IPaddr", "SUBNet", "SRCPort", "DESTport", "PORTNum", "DISCard"),
)
_FLAGS = ("ON", "OFF", "CLEAR", "FULL")


def vary(system: System, stack: str, parts: list[str]) -> None:
    given: dict[str, str] = {}
    for part in parts:
        word, value = operands.keyword(part, OPTIONS)
        bare = "=" not in part
        wrong = (bare and word not in (*_FLAGS, "ABBREV")) or (not bare and (word in _FLAGS or not value))
        if word in given or wrong:
            raise Refused("vary-operand", operand=part)
        given[word] = value
    actions: list[str] = [word for word in ("ON", "OFF", "CLEAR") if word in given]
    if len(actions) > 1 or ("LINKNAME" in given and "INTFNAME" in given) or ("FULL" in given and "ABBREV" in given):
        raise Refused("vary-operand", operand=",".join(parts))
    links = _addressed(system, stack, given.get("LINKNAME", given.get("INTFNAME", "")), actions)
    setting = _setting(given)
    for link in links:
        _apply(link, actions, setting)


def _addressed(system: System, stack: str, name: str, actions: list[str]) -> list[Link]:
    """The interfaces a command acts on; without a name OFF and CLEAR act on those that have settings."""
    links = system.state.links_of(stack)
    if not name and actions in (["OFF"], ["CLEAR"]):
        return [link for link in links if link.settings]
    if name in ("", "*"):
        return links
    found = [link for link in links if link.name == name]
    if not found:
        raise Refused("link-unknown", link=name)
    return found


def _apply(link: Link, actions: list[str], setting: Setting) -> None:
    event = {"ON": Event.PKT_ON, "OFF": Event.PKT_OFF, "CLEAR": Event.PKT_CLEAR}.get("".join(actions), Event.PKT_SET)
    link.filter = str(after(Filter(link.filter), event))
    if event in (Event.PKT_ON, Event.PKT_CLEAR):
        link.settings = []  # ON begins anew; settings given without it are ORed
    if event in (Event.PKT_ON, Event.PKT_SET):
        if len(link.settings) >= numbers()["ored_settings"]:
            raise Refused("settings-full", link=link.name)
        link.settings.append(Setting(**vars(setting)))


def _setting(given: dict[str, str]) -> Setting:
    length = 0
    if "ABBREV" in given:
        length = number(given["ABBREV"] or "200", 1, 65535)
    return Setting(
        length,
        _protocol(given.get("PROT", "*")),
        address(given.get("IPADDR", "*"), given.get("SUBNET", "")),
        port(given.get("SRCPORT", "*")),
        port(given.get("DESTPORT", "*")),
        port(given.get("PORTNUM", "*")),
        given.get("DISCARD", "NONE"),
    )


def number(text: str, low: int, high: int) -> int:
    if not text.isdigit() or not low <= int(text) <= high:
        raise Refused("vary-range", value=text, low=low, high=high)
    return int(text)


def port(text: str) -> int:
    return 0 if text == "*" else number(text, 1, 65535)


def _protocol(text: str) -> str:
    return "" if text == "*" else text if text in PROTOCOLS else str(number(text, 0, 255))


def address(text: str, mask: str) -> str:
    if text == "*":
        return ""
    try:
        return str(ipaddress.ip_network(f"{text}/{mask}" if mask else text, strict=False))
    except ValueError:
        raise Refused("vary-operand", operand=f"IPADDR={text}") from None
