"""What the stack looks at in a packet, and how a PKTTRACE setting selects it."""

import ipaddress
import struct
from functools import lru_cache
from typing import NamedTuple

from mock_zos.state import Setting

PROTOCOLS = {"ICMP": 1, "TCP": 6, "UDP": 17, "ICMPV6": 58}
_EXTENSIONS = (0, 43, 60)  # hop-by-hop, routing, destination options
_FRAGMENT, _AUTHENTICATION = 44, 51


class View(NamedTuple):
    """Addresses, protocol and ports; ports are 0 where the packet has none. ``headers`` is never abbreviated."""

    source: str
    destination: str
    protocol: int
    source_port: int
    destination_port: int
    headers: int
    flags: int


def view(data: bytes) -> View | None:
    """The packet as the filter sees it; ``None`` when its IP header is not whole."""
    if len(data) >= 20 and data[0] >> 4 == 4:
        start = (data[0] & 15) * 4
        protocol, first = data[9], not struct.unpack_from(">H", data, 6)[0] & 0x1FFF
        source, destination = data[12:16], data[16:20]
    elif len(data) >= 40 and data[0] >> 4 == 6:
        source, destination = data[8:24], data[24:40]
        protocol, start, first = _walk(data)
    else:
        return None
    ports = (0, 0)
    headers, flags = start, 0
    if first and protocol in (6, 17) and len(data) >= start + 4:
        ports = struct.unpack_from(">HH", data, start)
        headers = start + 8
        if protocol == 6 and len(data) >= start + 14:
            headers, flags = start + (data[start + 12] >> 4) * 4, data[start + 13]
    return View(_text(source), _text(destination), protocol, *ports, headers, flags)


def _walk(data: bytes) -> tuple[int, int, bool]:
    """The upper protocol of an IPv6 packet, where its header starts, and whether this is a first fragment."""
    kind, at, first = data[6], 40, True
    while len(data) >= at + 8:
        if kind in _EXTENSIONS:
            kind, at = data[at], at + (data[at + 1] + 1) * 8
        elif kind == _AUTHENTICATION:
            kind, at = data[at], at + (data[at + 1] + 2) * 4
        elif kind == _FRAGMENT:
            first = first and not struct.unpack_from(">H", data, at + 2)[0] >> 3
            kind, at = data[at], at + 8
        else:
            break
    return kind, at, first


_network = lru_cache(maxsize=64)(ipaddress.ip_network)
_address = lru_cache(maxsize=4096)(ipaddress.ip_address)


@lru_cache(maxsize=4096)
def _text(packed: bytes) -> str:
    return str(ipaddress.ip_address(packed))


def selects(setting: Setting, packet: View) -> bool:
    """Whether one setting selects a packet: all its conditions at once."""
    if setting.protocol:
        number = PROTOCOLS.get(setting.protocol)
        if packet.protocol != (int(setting.protocol) if number is None else number):
            return False
    if setting.address:
        network = _network(setting.address)
        if not any(_address(end) in network for end in packet[:2]):
            return False
    return (
        setting.source_port in (0, packet.source_port)
        and setting.destination_port in (0, packet.destination_port)
        and (not setting.port or setting.port in (packet.source_port, packet.destination_port))
    )


def server_addresses(packets: list[View]) -> list[str]:
    """The addresses, one IPv4 and one IPv6, that look like this system's."""
    families = ([p for p in packets if (":" in p.source) == six] for six in (False, True))
    return [address for family in families for address in _server(family)]


def _server(packets: list[View]) -> list[str]:
    """The address that connections are opened to, else the lower port's; the commonest, the first of equals."""
    opened = [p.destination for p in packets if p.protocol == 6 and p.flags & 0x12 == 0x02]
    asked = [p.destination if p.destination_port < p.source_port else p.source for p in packets if p.source_port]
    for seen in (opened, asked, [end for p in packets for end in (p.destination, p.source)]):
        hosts = [address for address in seen if _is_host(address)]
        if hosts:
            return [max(dict.fromkeys(hosts), key=hosts.count)]
    return []


def _is_host(text: str) -> bool:
    address = ipaddress.ip_address(text)
    return not (address.is_multicast or address.is_unspecified or text == "255.255.255.255")
