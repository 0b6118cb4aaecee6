"""Internet Group Management Protocol, versions 1 to 3.

Reference: RFC 1112, appendix I; RFC 2236, section 2; RFC 3376, section 4.
"""

from collections.abc import Iterator
from ipaddress import IPv4Address

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import among
from zjobs.wire import message, summed
from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block, Value
from zjobs.wire.message import Message, Reader
from zjobs.wire.tcp import status
from zjobs.wire.values import hex2, hex4
from zjobs.wire.walk import Layer, Walk

NAME = "igmp"
TITLE = "IGMP"
FOUND = {"ip.proto": (2,)}

TYPES = {
    0x11: "Membership Query", 0x12: "V1 Membership Report", 0x13: "DVMRP", 0x14: "PIM", 0x16: "Membership Report",
    0x17: "Leave Group", 0x1E: "Traceroute Response", 0x1F: "Traceroute Query", 0x22: "V3 Membership Report",
    0xFC: "RGMP Leave", 0xFD: "RGMP Join", 0xFE: "RGMP Bye", 0xFF: "RGMP Hello",
}  # fmt: skip
_QUERY, _REPORT1, _REPORT2, _LEAVE, _REPORT3 = 0x11, 0x12, 0x16, 0x17, 0x22
TRACEROUTES = (0x1E, 0x1F)
RECORDS = {1: "is include", 2: "is exclude", 3: "to include", 4: "to exclude", 5: "allow new", 6: "block old"}
#: Every message has at least this many bytes, a query of version 3 more (RFC 3376, section 7.1).
_SHORTEST, _VERSION_3 = 8, 12

LAYOUT = Layout(
    "IGMP",
    (
        Field("type", "u8", 0, "Type", hex2, json="igmp.type"),
        Field("max", "u8", 1, "Max Response"),
        Field("checksum", "u16", 2, "CheckSum", hex4, json="igmp.checksum"),
    ),
    4,
    "RFC 2236, section 2",
)
#: The same four bytes, of protocols that Wireshark names after themselves: DVMRP, PIM version 1, RGMP (RFC 3488).
GUEST = Layout("IGMP guest", tuple(f._replace(json=None) for f in LAYOUT.fields), 4, LAYOUT.source)
_DVMRP, _PIM = 0x13, 0x14
GUESTS = (_DVMRP, _PIM, *range(0xFC, 0x100))


def decode(data: Reader, say: Message, state: int) -> None:
    """A query, a report or a leave; the version is told by type and length."""
    size = len(data)
    kind = data.data[data.at] if size else 0
    head = say.header(GUEST if kind in GUESTS else LAYOUT, data, partly=True)
    limit = head["max"]
    name = TYPES.get(kind, f"Type {kind:02X}")
    say.summary = f"IGMP : {name}"
    if kind == _PIM:
        say.field("pim.cksum", head["checksum"])
        say.line("Type", name, ("Code", limit))
        say.field("pim.version", data.u8() >> 4)
    elif kind in TRACEROUTES:
        say.line("Type", name, ("Hops", limit))
        group = str(IPv4Address(data.take(4)))
        say.field("igmp.maddr", group)
        say.line("Group", group)
    elif kind == _REPORT3:
        say.field("igmp.version", 3)
        say.line("Type", name, ("Version", 3))
        _records(data, say)
    elif kind in (_QUERY, _REPORT1, _REPORT2, _LEAVE):
        version = 1 if kind == _REPORT1 or (kind == _QUERY and not limit) else 2
        if kind == _QUERY and size >= _VERSION_3:
            version = 3
        say.field("igmp.version", version)
        tenths = _expanded(limit) if version == 3 else limit
        if version > 1:
            say.field("igmp.max_resp", tenths)
        group = str(IPv4Address(data.take(4)))
        say.field("igmp.maddr", group)
        say.line("Type", name, ("Version", version), ("Max Response", f"{tenths / 10:.1f} s"))
        say.line("Group", group)
        if version == 3:
            _sources(data, say)
    else:
        say.line("Type", name)


def _expanded(code: int) -> int:
    """Above 127 a code is a floating-point number (RFC 3376, section 4.1.1)."""
    return code if code < 128 else (code & 15 | 16) << (code >> 4 & 7) + 3


def _sources(data: Reader, say: Message) -> None:
    flags, code = data.u8(), data.u8()
    count = data.u16()
    say.field("igmp.s", bool(flags & 8))
    say.field("igmp.qrv", flags & 7)
    say.field("igmp.qqic", code)
    say.field("igmp.num_src", count)
    say.line("Robustness", flags & 7, ("Query Interval", f"{_expanded(code)} s"), ("Sources", count))
    _addresses(data, count, say)


def _records(data: Reader, say: Message) -> None:
    data.take(2)
    count = data.u16()
    say.field("igmp.num_grp_recs", count)
    say.line("Records", count)
    for _ in range(count):
        kind, words, sources = data.u8(), data.u8(), data.u16()
        group = str(IPv4Address(data.take(4)))
        for field, value in (("record_type", kind), ("aux_data_len", words), ("num_src", sources), ("maddr", group)):
            say.field(f"igmp.{field}", value)
        say.line("Group", group, ("Record", RECORDS.get(kind, kind)), ("Sources", sources), level=2)
        _addresses(data, sources, say)
        data.take(words * 4, "igmp.aux_data_len")


def _addresses(data: Reader, count: int, say: Message) -> None:
    for _ in range(count):
        source = str(IPv4Address(data.take(4, "igmp.num_src")))
        say.field("igmp.saddr", source)
        say.line("Source", source, level=3)


def _sum(walk: Walk, layer: Layer) -> NDArray[np.int64]:
    """Folded sum over each message; -1 also where not even the shortest one fits (RFC 2236, section 2)."""
    return np.where(layer.limit - layer.start >= _SHORTEST, summed.over_all(walk, layer), -1)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """The message and its checksum."""
    return summed.lines(walk, layer, _sum(walk, layer))


def values(walk: Walk, layer: Layer) -> Iterator[Value]:
    """The message's fields and the verdict on its checksum, under the name of what it is."""
    yield from message.values(walk, layer)
    kind, whole = layer["type"], layer.end - layer.start >= LAYOUT.size
    total = _sum(walk, layer)
    yield from status("igmp.checksum.status", whole & ~among(kind, GUESTS), total)
    yield from status("pim.cksum.status", whole & (kind == _PIM), total)
