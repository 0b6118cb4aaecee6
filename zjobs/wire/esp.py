"""IP Encapsulating Security Payload: what is readable of it.

Reference: RFC 4303.
"""

from zjobs.chars import decimal
from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.values import hex8
from zjobs.wire.walk import Layer, Walk

NAME = "esp"
TITLE = "ESP"
FOUND = {"ip.proto": (50,)}

LAYOUT = Layout(
    "ESP",
    (
        Field("spi", "u32", 0, "SPI", hex8, json="esp.spi"),
        Field("sequence", "u32", 4, "Sequence", json="esp.sequence"),
    ),
    8,
    "RFC 4303, section 2",
)


def reach(walk: Walk, layer: Layer) -> None:
    """What follows is encrypted."""


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of this header is not known."""
    return [Title(TITLE), line(item("SPI", hex8(layer["spi"])), item("Sequence", decimal(layer["sequence"])))]
