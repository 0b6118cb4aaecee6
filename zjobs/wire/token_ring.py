"""IEEE 802.5 token ring frames.

Reference: IEEE 802.5; the top bit of the source address says that a routing field follows.
"""

import numpy as np

from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.values import hex2, json_mac, mac
from zjobs.wire.walk import Layer, Walk

NAME = "tr"
TITLE = "Token Ring"
FOUND = {"link": (Link.TOKEN_RING,)}

LAYOUT = Layout(
    "Token Ring",
    (
        Field("ac", "u8", 0, "Access Control", hex2),
        Field("fc", "u8", 1, "Frame Control", hex2, json="tr.fc"),
        Field("dst", "b6", 2, "Destination MAC", mac, json="tr.dst", json_show=json_mac),
        Field("source", "u8", 8, "Source Routed", bits=(7, 1)),
        Field("srcmac", "b6", 8, "Source MAC", mac),
    ),
    14,
    "IEEE 802.5",
)


def reach(walk: Walk, layer: Layer) -> None:
    """A data frame carries LLC behind the addresses and the routing field."""
    there = layer.end - layer.start
    routing = np.where((layer["source"] == 1) & (there > 14), walk.buf[layer.start + 14] & 0x1F, 0)
    layer.head = np.minimum(14 + routing, there)
    walk.next(layer, "llc", 0, which=(there >= 14) & (layer["fc"] >> 6 == 1))


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of a token ring frame is not known."""
    return [
        Title(TITLE),
        line(
            item("Source MAC", mac(layer.columns.octets("srcmac"))),
            item("Destination MAC", mac(layer.columns.octets("dst"))),
        ),
    ]
