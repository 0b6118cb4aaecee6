"""MAC security: frames whose integrity is protected, and of which those that are not encrypted can be read.

Reference: IEEE 802.1AE, section 9.
"""

import numpy as np

from zjobs.chars import decimal
from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.values import hex2
from zjobs.wire.walk import Layer, Walk

NAME = "macsec"
TITLE = "MACsec"
FOUND = {"ethertype": (0x88E5,)}

LAYOUT = Layout(
    "MACsec",
    (
        Field("control", "u8", 0, "Control", hex2),
        Field("short", "u8", 1, "Short Length", bits=(0, 6)),
        Field("number", "u32", 2, "Packet Number", json="macsec.PN"),
    ),
    6,
    "IEEE 802.1AE, section 9.3",
)

_CHANNEL, _SECRET = 0x20, 0x0C
_CHANNEL_ID, _CHECK, _TYPE = 8, 16, 2


def reach(walk: Walk, layer: Layer) -> None:
    """An EtherType and the frame's own data, between the tag and the check value."""
    head = np.where(layer["control"] & _CHANNEL, LAYOUT.size + _CHANNEL_ID, LAYOUT.size) + _TYPE
    there = layer.end - layer.start
    layer.head = np.minimum(head, there)
    limit = np.maximum(layer.limit - _CHECK, layer.start)
    at = np.where(there >= head, layer.start + head - _TYPE, 0)
    kind = walk.buf[at].astype(np.int64) << 8 | walk.buf[at + 1]
    plain = (there >= head) & (layer["control"] & _SECRET == 0)
    walk.next(layer, "ethertype", kind, which=plain, limit=limit, end=np.minimum(layer.end, limit))


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of this header is not known."""
    return [
        Title(TITLE),
        line(item("Control", hex2(layer["control"])), item("Packet Number", decimal(layer["number"]))),
    ]
