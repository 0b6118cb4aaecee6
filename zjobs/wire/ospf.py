"""Open Shortest Path First, versions 2 and 3: its packets; for what they advertise see ``lsa``.

Reference: RFC 2328, appendix A.3; RFC 5340, appendix A.3; IPv4 in version 3 RFC 5838, section 2.1.
"""

from collections.abc import Iterator
from ipaddress import IPv4Address

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import ipv4
from zjobs.wire import lsa, message, summed, sums
from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block, Value
from zjobs.wire.message import Message, Reader, ascii_text
from zjobs.wire.tcp import transport_sum
from zjobs.wire.values import hex4
from zjobs.wire.walk import Layer, Walk

NAME = "ospf"
TITLE = "OSPF"
FOUND = {"ip.proto": (89,)}

LAYOUT = Layout(
    "OSPF",
    (
        Field("version", "u8", 0, "Version", json="ospf.version"),
        Field("type", "u8", 1, "Type", json="ospf.msg"),
        Field("length", "u16", 2, "Length", json="ospf.packet_length"),
        Field("router", "u32", 4, "Router Id", ipv4),
        Field("area", "u32", 8, "Area Id", ipv4),
        Field("checksum", "u16", 12, "CheckSum", hex4, json="ospf.checksum"),
    ),
    14,
    "RFC 2328, appendix A.3.1",
)

_HELLO, _DESCRIPTION, _REQUEST, _UPDATE, _ACK = range(1, 6)
TYPES = {
    _HELLO: "Hello", _DESCRIPTION: "Database Description", _REQUEST: "LS Request", _UPDATE: "LS Update",
    _ACK: "LS Acknowledge",
}  # fmt: skip
AUTHENTICATION = {0: "none", 1: "password", 2: "cryptographic"}
_NONE, _PASSWORD, _CRYPTOGRAPHIC = 0, 1, 2
_PROTOCOL, _SIZE_2 = 89, 24
#: Instances of version 3 whose addresses are of IPv4.
_OLD = range(64, 128)


def decode(data: Reader, say: Message, state: int) -> None:
    """The header, and what it heads."""
    start = data.at
    head = say.header(LAYOUT, data, partly=True)
    version, kind = head["version"], head["type"]
    name = TYPES.get(kind, f"Type {kind}")
    router, area = str(IPv4Address(head["router"])), str(IPv4Address(head["area"]))
    say.field("ospf.srcrouter", router)
    say.field("ospf.area_id", area)
    say.summary = f"OSPF : {name} (v{version})"
    say.line("Version", version, ("Type", name), ("Length", head["length"]))
    say.line("Router Id", router, ("Area Id", area))
    instance = 0
    if version == lsa.VERSION_2:
        _authentication(data, say)
    else:
        instance = data.u8()
        say.field("ospf.instance_id", instance)
        data.u8()
    end = start + head["length"]
    if end > data.end and not say.cut:
        say.fault("ospf.packet_length", start + 2, head["length"], data.end - start)
    body = Reader(data.data, data.at, max(min(end, data.end), data.at), "ospf.packet_length")
    if kind == _HELLO:
        _hello(body, say, version)
    else:
        _states(kind, body, say, version, instance in _OLD)


def _authentication(data: Reader, say: Message) -> None:
    kind = data.u16()
    say.field("ospf.auth.type", kind)
    raw = data.take(8, "ospf.auth.type")
    say.line("Authentication", AUTHENTICATION.get(kind, kind))
    if kind == _NONE:
        say.field("ospf.auth.none", raw)
    elif kind == _PASSWORD:
        text = ascii_text(raw.partition(b"\0")[0])
        if text:
            say.field("ospf.auth.simple", text)
        say.line("Password", "********")
    elif kind == _CRYPTOGRAPHIC:
        say.field("ospf.auth.crypt.key_id", raw[2])
        say.field("ospf.auth.crypt.data_length", raw[3])
        say.field("ospf.auth.crypt.seq_nbr", int.from_bytes(raw[4:], "big"))
        say.line("Key Id", raw[2], ("Digest Length", raw[3]), ("Sequence", int.from_bytes(raw[4:], "big")))


def _hello(data: Reader, say: Message, version: int) -> None:
    if version == lsa.VERSION_2:
        mask = lsa.address(data, "ospf.hello.network_mask", say)
        interval, options, priority, dead = data.u16(), data.u8(), data.u8(), data.u32()
        say.field("ospf.v2.options", options)
        say.line("Network Mask", mask, ("Options", f"{options:02X}"))
    else:
        say.field("ospf.hello.interface_id", data.u32())
        priority, options, interval, dead = data.u8(), data.u24(), data.u16(), data.u16()
        say.field("ospf.v3.options", options)
    say.field("ospf.hello.hello_interval", interval)
    say.field("ospf.hello.router_priority", priority)
    say.field("ospf.hello.router_dead_interval", dead)
    say.line("Hello Interval", interval, ("Dead Interval", dead), ("Priority", priority))
    chosen = lsa.address(data, "ospf.hello.designated_router", say)
    backup = lsa.address(data, "ospf.hello.backup_designated_router", say)
    say.line("Designated", chosen, ("Backup", backup))
    while len(data):
        say.line("Neighbor", lsa.address(data, "ospf.hello.active_neighbor", say))


def _states(kind: int, data: Reader, say: Message, version: int, old: bool) -> None:
    if kind == _DESCRIPTION:
        if version == lsa.VERSION_2:
            mtu, options, flags, seq = data.u16(), data.u8(), data.u8(), data.u32()
            say.field("ospf.v2.options", options)
        else:
            data.u8()
            say.field("ospf.v3.options", data.u24())
            mtu, flags, seq = data.u16(), data.u16() & 0xFF, data.u32()
        say.field("ospf.db.interface_mtu", mtu)
        say.field("ospf.dbd", flags)
        for field, bit in (("r", 8), ("i", 4), ("m", 2), ("ms", 1)):
            say.field(f"ospf.dbd.{field}", bool(flags & bit))
        say.field("ospf.db.dd_sequence", seq)
        say.line("Interface MTU", mtu, ("Flags", f"{flags:02X}"), ("Sequence", seq))
    elif kind == _UPDATE:
        count = data.u32()
        say.field("ospf.ls.number_of_lsas", count)
        say.line("Advertisements", count)
        for _ in range(count):
            lsa.advertisement(data, say, version, old)
        return
    elif kind == _REQUEST:
        field = "ospf.lsa" if version == lsa.VERSION_2 else "ospf.v3.lsa"
        while len(data):
            wanted, name = data.u32(), IPv4Address(data.take(4))
            say.field(field, wanted)
            router = lsa.address(data, "ospf.advrouter", say)
            say.line("Request", lsa.type_name(wanted, version), ("Id", name), ("Router", router))
        return
    elif kind != _ACK:
        return
    while len(data):
        lsa.header(data, say, version)


def total(walk: Walk, layer: Layer) -> NDArray[np.int64]:
    """Version 2 leaves the authentication out of the sum, and with a digest has none; version 3 adds addresses."""
    start, there = layer.start, layer.end - layer.start
    size = np.minimum(layer["length"].astype(np.int64), there)
    whole = (there >= _SIZE_2) & (layer["length"] <= there) & (size >= _SIZE_2) & ~layer.fragment
    kind = walk.buf[start + 15].astype(np.int64)
    parts = sums.words(walk.buf, start, np.where(whole, start + 16, start))
    parts = parts + sums.words(walk.buf, np.where(whole, start + _SIZE_2, start), np.where(whole, start + size, start))
    second = np.where(whole & (kind != _CRYPTOGRAPHIC), sums.folded(parts), -1)
    return np.where(layer["version"] == lsa.VERSION_2, second, transport_sum(walk, layer, _PROTOCOL))


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """The message and its checksum."""
    return summed.lines(walk, layer, total(walk, layer))


def values(walk: Walk, layer: Layer) -> Iterator[Value]:
    """The message's fields; Wireshark has no status of this checksum."""
    return message.values(walk, layer)
