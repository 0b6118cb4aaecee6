"""Frames that a SmartEdge router of Redback captured.

Reference: LINKTYPE_REDBACK_SMARTEDGE of tcpdump.org; packet-redback.c of Wireshark.
"""

import numpy as np

from zjobs.chars import decimal
from zjobs.columns import among
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.walk import Fault, Layer, Walk

NAME = "redback"
TITLE = "Redback"
FOUND = {"link": (Link.REDBACK,)}

LAYOUT = Layout(
    "Redback",
    (
        Field("context", "u32", 0, "Context", json="redback.context"),
        Field("flags", "u32", 4, json="redback.flags"),
        Field("length", "u16", 16, "Length", json="redback.length"),
        Field("protocol", "u16", 18, "Protocol", json="redback.protocol"),
        Field("l3", "u16", 20, "Layer 3 Offset", json="redback.l3offset"),
        Field("data", "u16", 22, json="redback.dataoffset"),
    ),
    24,
    "LINKTYPE_REDBACK_SMARTEDGE",
)

_IP, _ETHERNET = 1, (3, 4, 8)


def reach(walk: Walk, layer: Layer) -> None:
    """Where the data begins behind the network header, an Ethernet header is in between."""
    offset, there = layer["l3"].astype(np.int64), layer.end - layer.start
    whole = there >= LAYOUT.size
    low = whole & (offset < LAYOUT.size)
    walk.fault(layer, low, Fault.LENGTH, "redback.l3offset", layer.start[low] + 20, LAYOUT.size, offset[low])
    layer.head = np.where(whole & ~low, np.minimum(offset, there), layer.head)
    ready = whole & ~low & (there >= offset)
    framed = (layer["data"] > layer["l3"]) | among(layer["protocol"], _ETHERNET)
    walk.next(layer, "link", int(Link.ETHERNET), which=ready & framed)
    walk.next(layer, "ip.version", 4, which=ready & ~framed & (layer["protocol"] == _IP))


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours."""
    return [
        Title(TITLE),
        line(item("Context", decimal(layer["context"])), item("Protocol", decimal(layer["protocol"]))),
    ]
