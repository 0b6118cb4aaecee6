"""Per-Packet Information: fields about a frame in front of it.

Reference: PPI packet header format, version 1.0.7; LINKTYPE_PPI of tcpdump.org.
"""

from zjobs.chars import decimal
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link, follow, headed
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.values import hex2
from zjobs.wire.walk import Layer, Walk

NAME = "ppi"
TITLE = "PPI"
FOUND = {"link": (Link.PPI,)}

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
    follow(walk, layer, headed(walk, layer))


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours."""
    return [
        Title(TITLE),
        line(item("Header Length", decimal(layer["length"])), item("Link Type", decimal(layer["dlt"]))),
    ]
