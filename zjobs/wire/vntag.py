"""VN-Tag: the virtual interface of a frame, in front of what it holds.

Reference: IEEE 802.1BR (earlier Cisco VN-Tag).
"""

from zjobs.chars import decimal
from zjobs.wire import ethernet
from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.values import hex4
from zjobs.wire.walk import Layer, Walk

NAME = "vntag"
TITLE = "VN-Tag"
FOUND = {"ethertype": (0x8926,)}

LAYOUT = Layout(
    "VN-Tag",
    (
        Field("target", "u16", 0, "Destination Interface", bits=(0, 14), json="vntag.dst"),
        Field("source", "u16", 2, "Source Interface", bits=(0, 12), json="vntag.src"),
        Field("etype", "u16", 4, "Ethtype", hex4),
    ),
    6,
    "IEEE 802.1BR",
)


def reach(walk: Walk, layer: Layer) -> None:
    """The tag is followed by what the frame would have held without it."""
    ethernet.follow(walk, layer, layer["etype"], layer.end - layer.start >= LAYOUT.size)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of this header is not known."""
    return [
        Title(TITLE),
        line(
            item("Source Interface", decimal(layer["source"])), item("Destination Interface", decimal(layer["target"]))
        ),
        line(item("Ethtype", hex4(layer["etype"]))),
    ]
