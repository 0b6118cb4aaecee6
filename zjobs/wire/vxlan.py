"""Virtual eXtensible Local Area Network.

Reference: RFC 7348.
"""

from zjobs.chars import decimal
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.values import hex2
from zjobs.wire.walk import Layer, Walk

NAME = "vxlan"
TITLE = "VXLAN"
FOUND = {"udp.port": (4789,)}

LAYOUT = Layout(
    "VXLAN",
    (
        Field("flags", "u8", 0, "Flags", hex2),
        Field("vni", "u24", 4, "Network Id", json="vxlan.vni"),
    ),
    8,
    "RFC 7348, section 5",
)


def reach(walk: Walk, layer: Layer) -> None:
    """An Ethernet frame follows."""
    walk.next(layer, "link", Link.ETHERNET, which=layer.end - layer.start >= 8)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of this header is not known."""
    return [Title(TITLE), line(item("Network Id", decimal(layer["vni"])), item("Flags", hex2(layer["flags"])))]
