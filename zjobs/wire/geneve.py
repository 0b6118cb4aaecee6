"""Generic Network Virtualization Encapsulation.

Reference: RFC 8926.
"""

import numpy as np

from zjobs.chars import decimal
from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.values import hex4
from zjobs.wire.walk import Layer, Walk

NAME = "geneve"
TITLE = "Geneve"
FOUND = {"udp.port": (6081,)}

LAYOUT = Layout(
    "Geneve",
    (
        Field("version", "u8", 0, "Version", bits=(6, 2), json="geneve.version"),
        Field("words", "u8", 0, "Options Length", bits=(0, 6)),
        Field("type", "u16", 2, "Protocol Type", hex4, json="geneve.proto_type"),
        Field("vni", "u24", 4, "Network Id", json="geneve.vni"),
    ),
    8,
    "RFC 8926, section 3.4",
)


def reach(walk: Walk, layer: Layer) -> None:
    """Options stand in front of a frame or of what an EtherType names."""
    there = layer.end - layer.start
    size = 8 + layer["words"].astype(np.int64) * 4
    layer.head = np.minimum(size, there)
    walk.next(layer, "ethertype", layer["type"], which=(layer["version"] == 0) & (there >= size))


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of this header is not known."""
    return [
        Title(TITLE),
        line(item("Network Id", decimal(layer["vni"])), item("Protocol Type", hex4(layer["type"]))),
        line(item("Header Length", decimal(layer.head))),
    ]
