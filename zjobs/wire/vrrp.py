"""Virtual Router Redundancy Protocol, versions 2 and 3.

Reference: RFC 2338 (authentication) and 3768, section 5; RFC 5798, section 5.
"""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address

import numpy as np
from numpy.typing import NDArray

from zjobs.wire import summed
from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block, Value
from zjobs.wire.message import Message, Reader, ascii_text
from zjobs.wire.tcp import transport_sum
from zjobs.wire.values import hex4
from zjobs.wire.walk import Layer, Walk

NAME = "vrrp"
TITLE = "VRRP"
FOUND = {"ip.proto": (112,)}

LAYOUT = Layout(
    "VRRP",
    (
        Field("typever", "u8", 0, "Version and Type", json="vrrp.typever"),
        Field("version", "u8", 0, "Version", bits=(4, 4), json="vrrp.version"),
        Field("type", "u8", 0, "Type", bits=(0, 4), json="vrrp.type"),
        Field("router", "u8", 1, "Virtual Router", json="vrrp.virt_rtr_id"),
        Field("priority", "u8", 2, "Priority", json="vrrp.prio"),
        Field("count", "u8", 3, "Addresses", json="vrrp.addr_count"),
        Field("interval", "u16", 4, "Interval"),
        Field("checksum", "u16", 6, "CheckSum", hex4, json="vrrp.checksum"),
    ),
    8,
    "RFC 5798, section 5.1",
)

_PASSWORD = 1
AUTHENTICATION = {0: "none", _PASSWORD: "simple text", 2: "IP authentication header"}
_ADVERTISEMENT, _VERSION_3, _IPV6 = 1, 3, 16
_PROTOCOL = 112


def decode(data: Reader, say: Message, state: int) -> None:
    """An advertisement; the addresses are of the family that fits the length."""
    head = say.header(LAYOUT, data)
    version, count, interval = head["version"], head["count"], head["interval"]
    name = "Advertisement" if head["type"] == _ADVERTISEMENT else f"Type {head['type']}"
    say.summary = f"VRRP : {name} router {head['router']} priority {head['priority']} (v{version})"
    say.line("Version", version, ("Type", name))
    say.line("Virtual Router", head["router"], ("Priority", head["priority"]), ("Addresses", count))
    if version == _VERSION_3:
        say.field("vrrp.reserved_mbz", interval >> 12)
        say.field("vrrp.short_adver_int", interval & 0xFFF)
        say.line("Interval", f"{(interval & 0xFFF) / 100:.2f} s")
        kind = 0
    else:
        kind = interval >> 8
        say.field("vrrp.auth_type", kind)
        say.field("vrrp.adver_int", interval & 0xFF)
        say.line("Interval", f"{interval & 0xFF} s", ("Authentication", AUTHENTICATION.get(kind, kind)))
    wide = version == _VERSION_3 and len(data) >= count * _IPV6
    for _ in range(count):
        raw = data.take(_IPV6 if wide else 4, "vrrp.addr_count")
        address = str(IPv6Address(raw) if wide else IPv4Address(raw))
        say.field("vrrp.ipv6_addr" if wide else "vrrp.ip_addr", address)
        say.line("Address", address.upper())
    if kind == _PASSWORD and version != _VERSION_3:
        text = ascii_text(data.take(8, "vrrp.auth_string").partition(b"\0")[0])
        if text:
            say.field("vrrp.auth_string", text)
        say.line("Password", "********")


def total(walk: Walk, layer: Layer) -> NDArray[np.int64]:
    """Version 3 sums over the addresses of the IP header too (RFC 5798, section 5.2.8)."""
    with_addresses = (layer["version"] == _VERSION_3) | (layer.version == 6)
    return np.where(with_addresses, transport_sum(walk, layer, _PROTOCOL), summed.over_all(walk, layer))


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """The message and its checksum."""
    return summed.lines(walk, layer, total(walk, layer))


def values(walk: Walk, layer: Layer) -> Iterator[Value]:
    """The message's fields and the verdict on its checksum."""
    return summed.values(walk, layer, "vrrp.checksum.status", total(walk, layer))
