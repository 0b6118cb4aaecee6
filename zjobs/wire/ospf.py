"""Open Shortest Path First, versions 2 and 3: its packets, and the headers of link state advertisements.

Reference: RFC 2328, appendix A.3 and A.4; RFC 5340, appendix A.3 and A.4; opaque states RFC 5250.
"""

from collections.abc import Iterator
from ipaddress import IPv4Address

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import ipv4
from zjobs.wire import message, summed, sums
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
LSA = Layout(
    "OSPF link state advertisement",
    (
        Field("age", "u16", 0, "Age", bits=(0, 15), json="ospf.lsa.age"),
        Field("options", "u8", 2, "Options"),
        Field("type", "u8", 3, "Type", json="ospf.lsa"),
        Field("id", "u32", 4, "Link State Id", ipv4),
        Field("router", "u32", 8, "Advertising Router", ipv4),
        Field("seq", "u32", 12, "Sequence", json="ospf.lsa.seqnum"),
        Field("checksum", "u16", 16, "CheckSum", hex4, json="ospf.lsa.chksum"),
        Field("length", "u16", 18, "Length", json="ospf.lsa.length"),
    ),
    20,
    "RFC 2328, appendix A.4.1",
)
LSA_3 = Layout(
    "OSPF version 3 link state advertisement",
    (
        LSA.by_name["age"],
        Field("type", "u16", 2, "Type", json="ospf.v3.lsa"),
        *(LSA.by_name[name] for name in ("id", "router", "seq", "checksum", "length")),
    ),
    20,
    "RFC 5340, appendix A.4.2",
)

_HELLO, _DESCRIPTION, _REQUEST, _UPDATE, _ACK = range(1, 6)
TYPES = {
    _HELLO: "Hello", _DESCRIPTION: "Database Description", _REQUEST: "LS Request", _UPDATE: "LS Update",
    _ACK: "LS Acknowledge",
}  # fmt: skip
STATES = {
    1: "Router", 2: "Network", 3: "Summary (network)", 4: "Summary (ASBR)", 5: "AS External", 6: "Group membership",
    7: "NSSA", 9: "Opaque (link)", 10: "Opaque (area)", 11: "Opaque (AS)",
}  # fmt: skip
_OPAQUE = (9, 10, 11)
#: Types of version 3 say how far they go in their first bits.
STATES_3 = {
    0x2001: "Router", 0x2002: "Network", 0x2003: "Inter-area prefix", 0x2004: "Inter-area router",
    0x4005: "AS External", 0x2007: "NSSA", 0x0008: "Link", 0x2009: "Intra-area prefix",
}  # fmt: skip
_WITH_OPTIONS = (0x2001, 0x2002, 0x0008)
AUTHENTICATION = {0: "none", 1: "password", 2: "cryptographic"}
_NONE, _PASSWORD, _CRYPTOGRAPHIC = 0, 1, 2
_VERSION_2, _PROTOCOL, _SIZE_2, _SIZE_3 = 2, 89, 24, 16


def decode(data: Reader, say: Message, state: int) -> None:
    """The header, and what it heads."""
    start = data.at
    head = say.header(LAYOUT, data)
    version, kind = head["version"], head["type"]
    name = TYPES.get(kind, f"Type {kind}")
    router, area = str(IPv4Address(head["router"])), str(IPv4Address(head["area"]))
    say.field("ospf.srcrouter", router)
    say.field("ospf.area_id", area)
    say.summary = f"OSPF : {name} (v{version})"
    say.line("Version", version, ("Type", name), ("Length", head["length"]))
    say.line("Router Id", router, ("Area Id", area))
    if version == _VERSION_2:
        _authentication(data, say)
    else:
        say.field("ospf.instance_id", data.u8())
        data.u8()
    end = start + head["length"]
    if end > data.end and not say.cut:
        say.fault("ospf.packet_length", start + 2, head["length"], data.end - start)
    body = Reader(data.data, data.at, max(min(end, data.end), data.at), "ospf.packet_length")
    if kind == _HELLO:
        _hello(body, say, version)
    else:
        _states(kind, body, say, version)


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


def _address(data: Reader, field: str, say: Message) -> str:
    text = str(IPv4Address(data.take(4, field)))
    say.field(field, text)
    return text


def _hello(data: Reader, say: Message, version: int) -> None:
    if version == _VERSION_2:
        mask = _address(data, "ospf.hello.network_mask", say)
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
    chosen = _address(data, "ospf.hello.designated_router", say)
    backup = _address(data, "ospf.hello.backup_designated_router", say)
    say.line("Designated", chosen, ("Backup", backup))
    while len(data):
        say.line("Neighbor", _address(data, "ospf.hello.active_neighbor", say))


def _states(kind: int, data: Reader, say: Message, version: int) -> None:
    if kind == _DESCRIPTION:
        if version == _VERSION_2:
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
        say.line("Advertisements", count)
        for _ in range(count):
            size, state = _state(data, say, version)
            body = data.part(size - LSA.size, "ospf.lsa.length")
            if version != _VERSION_2 and state in _WITH_OPTIONS:
                body.u8()
                say.field("ospf.v3.options", body.u24())
        return
    elif kind == _REQUEST:
        names, field = (STATES, "ospf.lsa") if version == _VERSION_2 else (STATES_3, "ospf.v3.lsa")
        while len(data):
            wanted, name = data.u32(), IPv4Address(data.take(4))
            say.field(field, wanted)
            router = _address(data, "ospf.advrouter", say)
            say.line("Request", names.get(wanted, wanted), ("Id", name), ("Router", router))
        return
    elif kind != _ACK:
        return
    while len(data):
        _state(data, say, version)


def _state(data: Reader, say: Message, version: int) -> tuple[int, int]:
    """The header of a link state advertisement; the length that it claims, and its type."""
    head = say.header(LSA if version == _VERSION_2 else LSA_3, data)
    kind, name, router = head["type"], str(IPv4Address(head["id"])), str(IPv4Address(head["router"]))
    if version == _VERSION_2:
        say.field("ospf.v2.options", head["options"])
        if kind not in _OPAQUE:
            # The id of an opaque state is a type and a number.
            say.field("ospf.lsa.id", name)
    say.field("ospf.advrouter", router)
    names = STATES if version == _VERSION_2 else STATES_3
    say.line("State", names.get(kind, kind), ("Id", name), ("Router", router))
    say.line("Age", head["age"], ("Sequence", f"{head['seq']:08X}"), ("Length", head["length"]), level=2)
    if head["length"] < LSA.size:
        raise data.bad("ospf.lsa.length", LSA.size, head["length"])
    return head["length"], kind


def total(walk: Walk, layer: Layer) -> NDArray[np.int64]:
    """Version 2 leaves the authentication out of the sum, and with a digest has none; version 3 adds addresses."""
    start, there = layer.start, layer.end - layer.start
    size = np.minimum(layer["length"].astype(np.int64), there)
    whole = (there >= _SIZE_2) & (layer["length"] <= there) & (size >= _SIZE_2) & ~layer.fragment
    kind = walk.buf[start + 15].astype(np.int64)
    parts = sums.words(walk.buf, start, np.where(whole, start + 16, start))
    parts = parts + sums.words(walk.buf, np.where(whole, start + _SIZE_2, start), np.where(whole, start + size, start))
    second = np.where(whole & (kind != _CRYPTOGRAPHIC), sums.folded(parts), -1)
    return np.where(layer["version"] == _VERSION_2, second, transport_sum(walk, layer, _PROTOCOL))


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """The message and its checksum."""
    return summed.lines(walk, layer, total(walk, layer))


def values(walk: Walk, layer: Layer) -> Iterator[Value]:
    """The message's fields; Wireshark has no status of this checksum."""
    return message.values(walk, layer)
