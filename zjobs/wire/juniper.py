"""Frames that Junos captured on an Ethernet interface, behind a header that tells of it.

Reference: LINKTYPE_JUNIPER_ETHER of tcpdump.org; print-juniper.c of tcpdump.
"""

import numpy as np

from zjobs.chars import decimal
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.walk import Layer, Walk

NAME = "juniper"
TITLE = "Juniper"
FOUND = {"link": (Link.JUNIPER_ETHERNET,)}

LAYOUT = Layout(
    "Juniper",
    (
        Field("magic", "u24", 0, json="juniper.magic-number"),
        Field("extended", "u8", 3, bits=(7, 1)),
        Field("bare", "u8", 3, bits=(1, 1)),
        Field("direction", "u8", 3, "Direction", bits=(0, 1), json="juniper.direction"),
    ),
    4,
    "LINKTYPE_JUNIPER_ETHER",
)

#: MGC, which every such frame begins with.
_MAGIC = 0x4D4743


def reach(walk: Walk, layer: Layer) -> None:
    """Attributes may follow, behind their length; without a header of Ethernet the frame is left as data."""
    there = layer.end - layer.start
    extended = layer["extended"] > 0
    length = walk.buf[layer.start + 4].astype(np.int64) << 8 | walk.buf[layer.start + 5]
    size = LAYOUT.size + np.where(extended, 2 + length, 0)
    layer.head = np.minimum(size, there)
    whole = (there >= LAYOUT.size + 2 * extended) & (there >= size) & (layer["magic"] == _MAGIC)
    walk.next(layer, "link", int(Link.ETHERNET), which=whole & (layer["bare"] == 0))


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours."""
    return [
        Title(TITLE),
        line(item("Direction", decimal(layer["direction"])), item("Header Length", decimal(layer.head))),
    ]
