"""Extensible Record Format of Endace's DAG cards.

Reference: Endace, ERF types reference guide (EDM11-01); LINKTYPE_ERF of tcpdump.org.
"""

import numpy as np

from zjobs.chars import decimal
from zjobs.columns import Bytes, among
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.walk import Index, Layer, Walk

NAME = "erf"
TITLE = "ERF"
FOUND = {"link": (Link.ERF,)}

LAYOUT = Layout(
    "ERF",
    (
        Field("type", "u8", 8, "Type", bits=(0, 7)),
        Field("rlen", "u16", 10, "Record Length"),
        Field("wlen", "u16", 14, "Wire Length"),
    ),
    16,
    "EDM11-01",
)

#: Types of records by what they hold; frames of Ethernet have two bytes more in front, cells of ATM four of their own.
_ETHERNET, _SERIAL, _AAL5, _IPV4, _IPV6 = (2, 11, 16, 20), (1, 10, 15, 17), (4,), (22,), (23,)
_PAD, _CELL = 2, 4
#: Each extension has eight bytes, and its first bit says that another follows.
_EXTENSION, _MOST = 8, 16
_PPP = (0xFF, 0x07)
_SNAP = 0xAAAA


def reach(walk: Walk, layer: Layer) -> None:
    """Extensions follow the header; the length on the wire bounds what is captured."""
    there, kind = layer.end - layer.start, layer["type"]
    cells = among(kind, _AAL5)
    size = _size(walk.buf, layer.start, there) + _CELL * cells
    layer.head = np.minimum(size, there)
    limit = np.minimum(layer.limit, layer.payload + layer["wlen"].astype(np.int64) - _CELL * cells)
    layer.limit = np.where(there >= size, limit, layer.limit)
    layer.end = np.minimum(layer.end, layer.limit)
    first = walk.buf[layer.payload]
    serial = np.where(among(first, _PPP), Link.PPP, Link.CISCO_HDLC)
    link = np.select(
        [
            among(kind, _ETHERNET),
            among(kind, _SERIAL),
            cells & (first == _SNAP >> 8),
            among(kind, _IPV4),
            among(kind, _IPV6),
        ],
        [Link.ETHERNET, serial, Link.LLC, Link.IPV4, Link.IPV6],
        Link.UNKNOWN,
    )
    walk.next(layer, "link", link, which=there >= size)


def counted(buf: Bytes, start: Index, length: Index, captured: Index) -> tuple[Index, Index]:
    """How long frames were on the wire and how much of them is there, without the header."""
    wire = buf[start + 14].astype(np.int64) << 8 | buf[start + 15]
    return wire, np.minimum(np.maximum(captured - _size(buf, start, captured), 0), wire)


def _size(buf: Bytes, start: Index, there: Index) -> Index:
    """Bytes of the header, of its extensions, and of the padding in front of Ethernet."""
    size, kind = np.full(start.size, LAYOUT.size, dtype=np.int64), buf[start + 8]
    more = kind & 0x80 > 0
    for _ in range(_MOST):
        more = more & (size < there)
        if not more.any():
            break
        more, size = more & (buf[start + np.where(more, size, 0)] & 0x80 > 0), size + _EXTENSION * more
    return size + _PAD * among(kind & 0x7F, _ETHERNET)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours."""
    return [Title(TITLE), line(item("Type", decimal(layer["type"])), item("Wire Length", decimal(layer["wlen"])))]
