"""SNA over Ethernet version 2, which has no length of its own: one, and a byte of padding, before an LLC frame.

Reference: EtherType 80D5 of the IEEE registry; what stands behind it as Wireshark reads it.
"""

import numpy as np

from zjobs.chars import decimal
from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.values import hex2
from zjobs.wire.walk import Fault, Layer, Walk

NAME = "snaeth"
TITLE = "SNA over Ethernet"
FOUND = {"ethertype": (0x80D5,)}

LAYOUT = Layout(
    "SNA over Ethernet",
    (
        Field("length", "u16", 0, "Length", json="snaeth.len"),
        Field("padding", "u8", 2, "Padding", hex2, json="snaeth.padding"),
    ),
    3,
    "Wireshark, packet-snaeth.c",
)


def reach(walk: Walk, layer: Layer) -> None:
    """The length is that of the LLC frame; what stands behind it fills the Ethernet frame."""
    whole = layer.end - layer.start >= LAYOUT.size
    length, room = layer["length"].astype(np.int64), layer.limit - layer.payload
    over = whole & (length > room)
    walk.fault(layer, over, Fault.LENGTH, "snaeth.len", layer.start[over], length[over], room[over])
    none = whole & (length == 0)
    walk.fault(layer, none, Fault.LENGTH, "snaeth.len", layer.start[none], 3, length[none])
    layer.limit = np.where(whole, np.minimum(layer.limit, layer.payload + length), layer.limit)
    layer.end = np.minimum(layer.end, layer.limit)
    walk.next(layer, "llc", 0, which=whole)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours."""
    return [Title(TITLE), line(item("Length", decimal(layer["length"])), item("Padding", hex2(layer["padding"])))]
