"""Encapsulated remote switch port analyzer: frames of a mirrored port, types II and III.

Reference: draft-foschiano-erspan-03.  Type I has no header of its own: the frame stands behind GRE.
"""

import numpy as np

from zjobs.chars import decimal
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.walk import Layer, Walk

NAME = "erspan"
TITLE = "ERSPAN"
TYPE_II, TYPE_III = 0x88BE, 0x22EB
FOUND = {"gre.proto": (TYPE_II, TYPE_III)}

LAYOUT = Layout(
    "ERSPAN",
    (
        Field("version", "u8", 0, "Version", bits=(4, 4), json="erspan.version"),
        Field("vlan", "u16", 0, "VLAN", bits=(0, 12), json="erspan.vlan"),
        Field("session", "u16", 2, "Session Id", bits=(0, 10), json="erspan.spanid"),
    ),
    8,
    "draft-foschiano-erspan, section 4",
)

_III, _LONG, _PLATFORM = 2, 12, 8
_FRAME, _PACKET = 0, 2


def reach(walk: Walk, layer: Layer) -> None:
    """Type III has a time stamp, the kind of what was mirrored, and perhaps eight bytes of the platform's own."""
    there = layer.end - layer.start
    third = layer["version"] == _III
    flags = walk.buf[layer.start + _LONG - 1]
    kind = np.where(third, walk.buf[layer.start + _LONG - 2] >> 2 & 31, _FRAME)
    size = np.where(third, _LONG + _PLATFORM * (flags & 1).astype(np.int64), LAYOUT.size)
    layer.head = np.minimum(size, there)
    whole = there >= size
    walk.next(layer, "link", Link.ETHERNET, which=whole & (kind == _FRAME))
    walk.next(layer, "ip.version", walk.buf[layer.payload] >> 4, which=whole & (kind == _PACKET))


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of this header is not known."""
    return [
        Title(TITLE),
        line(item("Session Id", decimal(layer["session"])), item("VLAN id", decimal(layer["vlan"]))),
        line(item("Version", decimal(layer["version"])), item("Header Length", decimal(layer.head))),
    ]
