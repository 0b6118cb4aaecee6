"""Network Service Header.

Reference: RFC 8300.
"""

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import decimal
from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.walk import Layer, Walk

NAME = "nsh"
TITLE = "NSH"
FOUND = {"ethertype": (0x894F,)}

LAYOUT = Layout(
    "NSH",
    (
        Field("words", "u8", 1, "Length", bits=(0, 6)),
        Field("next", "u8", 3, "Next Protocol", json="nsh.nextproto"),
        Field("path", "u24", 4, "Service Path", json="nsh.spi"),
        Field("index", "u8", 7, "Service Index", json="nsh.si"),
    ),
    8,
    "RFC 8300, section 2.2",
)

#: What each next protocol is as an EtherType; VXLAN-GPE has the same numbers.
ETHERTYPES = {1: 0x0800, 2: 0x86DD, 3: 0x6558, 4: 0x894F, 5: 0x8847}


def ethertypes(next_protocol: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The EtherType of each next protocol; 0 where it has none."""
    table = np.zeros(256, dtype=np.int64)
    table[list(ETHERTYPES)] = list(ETHERTYPES.values())
    return np.asarray(table[next_protocol])


def reach(walk: Walk, layer: Layer) -> None:
    """The length counts words and includes the metadata."""
    there = layer.end - layer.start
    size = layer["words"].astype(np.int64) * 4
    layer.head = np.minimum(np.maximum(size, LAYOUT.size), there)
    walk.next(layer, "ethertype", ethertypes(layer["next"]), which=(size >= LAYOUT.size) & (there >= size))


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of this header is not known."""
    return [
        Title(TITLE),
        line(item("Service Path", decimal(layer["path"])), item("Service Index", decimal(layer["index"]))),
        line(item("Header Length", decimal(layer.head)), item("Next Protocol", decimal(layer["next"]))),
    ]
