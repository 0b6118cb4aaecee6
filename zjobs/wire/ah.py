"""IP Authentication Header.

Reference: RFC 4302.
"""

import numpy as np

from zjobs.chars import decimal, hex_bytes
from zjobs.columns import windows
from zjobs.wire import extension
from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.values import hex8, protocol
from zjobs.wire.walk import Layer, Walk

NAME = "ah"
TITLE = "Authentication Header"
FOUND = {"ip.proto": (51,)}

LAYOUT = Layout(
    "Authentication Header",
    (
        Field("nxt", "u8", 0, "Next Header", protocol, json="ah.next_header"),
        Field("len", "u8", 1, "Length", json="ah.length"),
        Field("spi", "u32", 4, "SPI", hex8, json="ah.spi"),
        Field("sequence", "u32", 8, "Sequence", json="ah.sequence"),
    ),
    12,
    "RFC 4302, section 2",
)


def reach(walk: Walk, layer: Layer) -> None:
    """The length counts words less two."""
    walk.next(layer, "ip.proto", layer["nxt"], which=extension.reach(walk, layer, unit=4, first=8))


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of this header is not known."""
    size = np.clip(layer.head - 12, 0, 32)
    return [
        Title(TITLE),
        line(item("Next Header", protocol(layer["nxt"])), item("Length", decimal(layer.head))),
        line(item("SPI", hex8(layer["spi"])), item("Sequence", decimal(layer["sequence"]))),
        line(item("ICV", hex_bytes(windows(walk.buf, layer.start + 12, 32), size))),
    ]
