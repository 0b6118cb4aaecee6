"""Ethernet within IP.

Reference: RFC 3378.
"""

from zjobs.chars import decimal
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.walk import Layer, Walk

NAME = "etherip"
TITLE = "EtherIP"
FOUND = {"ip.proto": (97,)}

LAYOUT = Layout(
    "EtherIP",
    (Field("version", "u8", 0, "Version", bits=(4, 4), json="etherip.ver"),),
    2,
    "RFC 3378, section 3",
)


def reach(walk: Walk, layer: Layer) -> None:
    """A frame follows."""
    walk.next(layer, "link", Link.ETHERNET, which=layer.end - layer.start >= LAYOUT.size)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of this header is not known."""
    return [Title(TITLE), line(item("Version", decimal(layer["version"])))]
