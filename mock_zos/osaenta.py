"""VARY TCPIP,,OSAENTA: the network traffic analyzer of an OSA (IP System Administrator's Commands).

Filters accumulate over commands: values of one kind are ORed, kinds are ANDed, eight values of a kind at
most.  Without filters NOFILTER decides.
"""

import ipaddress
import re
import struct

from mock_zos import operands, packets
from mock_zos.state import OsaPort, Setting
from mock_zos.system import System, numbers
from mock_zos.writer import Refused
from zjobs.lifecycle.tables import Event, Filter, after

_WORDS = ("ON", "OFF", "DEL", "CLEAR")
_NUMBERS = ("ABBREV", "DATA", "FRAMES", "TIME")
_KINDS = ("DEVICEID", "MAC", "VLANID", "ETHTYPE", "IPADDR", "PROTOCOL", "PORTNUM")
_OPTIONS = (
    *("PORTNAME", *_WORDS, "NOFILTER", "DISCARD", *_NUMBERS),
    *("DEVICEID", "MAC", "VLANID", "ETHTYPE", "IPaddr", "PROTOcol", "PORTNum"),
)
_TYPES = {"IPV4": 0x0800, "IPV6": 0x86DD, "ARP": 0x0806}
_VALUES = 8


def vary(system: System, stack: str, parts: list[str]) -> None:
    """Carry out one command, or nothing of it."""
    given: dict[str, str] = {}
    for part in parts:
        word, value = operands.keyword(part, _OPTIONS)
        if word in given or (word in _WORDS) == bool(value) or ("=" in part) == (word in _WORDS):
            raise Refused("vary-operand", operand=part)
        given[word] = value
    actions = [word for word in _WORDS if word in given]
    if "PORTNAME" not in given or len(actions) > 1:
        raise Refused("vary-operand", operand=",".join(parts))
    port = _port(system, stack, given["PORTNAME"], create=actions not in (["OFF"], ["CLEAR"], ["DEL"]))
    if port is None:
        return
    limits = numbers()["osa"]
    ready = {name: _number(given[name], *limits[name.lower()]) for name in _NUMBERS if name in given}
    chosen = {kind: _value(kind, given[kind]) for kind in _KINDS if given.get(kind, "*") != "*"}
    for kind, value in chosen.items():
        held = port.filters.get(kind, [])
        family = [one for one in held if (":" in one) == (":" in value)]
        if value not in held and len(family) >= _VALUES:
            raise Refused("osa-full", kind=kind, portname=port.name)
    if given.get("NOFILTER", "NONE") not in ("ALL", "NONE"):
        raise Refused("vary-operand", operand=f"NOFILTER={given['NOFILTER']}")
    port.numbers |= ready
    port.nofilter = given.get("NOFILTER", port.nofilter)
    port.discard = given.get("DISCARD", port.discard)
    for kind, value in chosen.items():
        if value not in port.filters.setdefault(kind, []):
            port.filters[kind].append(value)
    _act(system, port, actions)


def _act(system: System, port: OsaPort, actions: list[str]) -> None:
    if actions == ["DEL"]:
        if port.filter == Filter.ON:
            raise Refused("osa-on", portname=port.name)
        system.state.osas.remove(port)
        return
    events = {"ON": Event.PKT_ON, "OFF": Event.PKT_OFF, "CLEAR": Event.PKT_CLEAR}
    if actions == ["ON"] and port.filter != Filter.ON:
        port.frames = port.databytes = 0
        port.since = system.state.now
        system.later(port.numbers["TIME"] * 60_000_000, "osa-time", port.name)
    if actions == ["CLEAR"]:
        port.filters = {}
        return  # filters go, the state of the trace does not change
    port.filter = str(after(Filter(port.filter), events[actions[0]] if actions else Event.PKT_SET))


def _port(system: System, stack: str, name: str, create: bool) -> OsaPort | None:
    """The analyzer of a port, made by the first command that sets something."""
    found = next((port for port in system.state.osas if port.name == name), None)
    if found and found.stack != stack:
        raise Refused("osa-other", portname=name, stack=found.stack)
    if not any(link.port == name for link in system.state.links_of(stack)):
        raise Refused("osa-unknown", portname=name)
    if not found and create:
        defaults = {key.upper(): value[2] for key, value in numbers()["osa"].items()}
        found = OsaPort(name, stack, numbers=defaults)
        system.state.osas.append(found)
    return found


def _number(text: str, low: int, high: int, _default: int) -> int:
    if not text.isdigit() or not low <= int(text) <= high:
        raise Refused("vary-range", value=text, low=low, high=high)
    return int(text)


def _value(kind: str, text: str) -> str:
    patterns = {
        "DEVICEID": r"[0-9A-F]{8}",
        "MAC": r"[0-9A-F]{12}",
        "VLANID": r"ALL|\d{1,4}",
        "ETHTYPE": r"IPV4|IPV6|ARP|SNA|[0-9A-F]{4}",
        "PROTOCOL": r"TCP|UDP|ICMP|ICMPV6|\d{1,3}",
        "PORTNUM": r"\d{1,5}",
    }
    if kind == "IPADDR":
        try:
            network = ipaddress.ip_network(text, strict=False)
        except ValueError:
            raise Refused("vary-operand", operand=f"IPADDR={text}") from None
        return str(network if "/" in text else network.network_address).upper()
    if not re.fullmatch(patterns[kind], text) or (text.isdigit() and kind == "PORTNUM" and not 0 < int(text) < 65536):
        raise Refused("vary-operand", operand=f"{kind}={text}")
    return text


def selects(port: OsaPort, frame: bytes) -> bool:
    """Whether the port's filters select a frame."""
    if port.filter != Filter.ON:
        return False
    if not port.filters:
        return port.nofilter == "ALL"
    return all(any(_matches(kind, value, frame) for value in values) for kind, values in port.filters.items())


def _matches(kind: str, value: str, frame: bytes) -> bool:
    if len(frame) < 14:
        return False
    if kind == "DEVICEID":
        return False  # frames of a capture belong to no data device of this LPAR
    if kind == "MAC":
        return bytes.fromhex(value) in (frame[:6], frame[6:12])
    start, vlan = 12, None
    if frame[12:14] == b"\x81\x00":
        start, vlan = 16, struct.unpack_from(">H", frame, 14)[0] & 0xFFF
    if kind == "VLANID":
        return vlan is not None and value in ("ALL", str(vlan))
    if kind == "ETHTYPE":
        found = struct.unpack_from(">H", frame, start)[0] if len(frame) >= start + 2 else 0
        if value == "SNA":
            return bool(found <= 1500)
        return bool(found == (_TYPES.get(value) or int(value, 16)))
    seen = packets.view(frame[start + 2 :])
    if seen is None:
        return False
    wanted = {
        "IPADDR": Setting(address=value),
        "PROTOCOL": Setting(protocol=value),
        "PORTNUM": Setting(port=int(value) if value.isdigit() else 0),
    }[kind]
    return packets.selects(wanted, seen)
