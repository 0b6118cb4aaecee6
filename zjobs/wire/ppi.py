"""Per-Packet Information: fields about a frame in front of it.

Reference: PPI packet header format, version 1.0.7; LINKTYPE_PPI of tcpdump.org.
"""

import numpy as np

from zjobs.chars import decimal
from zjobs.wire import dlt
from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.values import hex2
from zjobs.wire.walk import Fault, Layer, Walk

NAME = "ppi"
TITLE = "PPI"
FOUND = {"link": (16,)}

LAYOUT = Layout(
    "PPI",
    (
        Field("version", "u8", 0, "Version", json="ppi.version"),
        Field("flags", "u8", 1, "Flags", hex2, json="ppi.flags"),
        Field("length", "l16", 2, "Header Length", json="ppi.length"),
        Field("dlt", "l32", 4, "Link Type", json="ppi.dlt"),
    ),
    8,
    "PPI packet header format, section 3",
)


def reach(walk: Walk, layer: Layer) -> None:
    """The length covers the fields; the frame stands behind them."""
    length, there = layer["length"].astype(np.int64), layer.end - layer.start
    whole = there >= LAYOUT.size
    low = whole & (length < LAYOUT.size)
    walk.fault(layer, low, Fault.LENGTH, "length", layer.start[low], LAYOUT.size, length[low])
    layer.head = np.where(whole & ~low, np.minimum(length, there), layer.head)
    dlt.follow(walk, layer, whole & ~low)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours."""
    return [
        Title(TITLE),
        line(item("Header Length", decimal(layer["length"])), item("Link Type", decimal(layer["dlt"]))),
    ]
