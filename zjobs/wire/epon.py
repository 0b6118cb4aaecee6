"""The preamble of Ethernet in passive optical networks, which names the logical link.

Reference: IEEE 802.3, clause 65.1.3.2; CableLabs, DPoE Security and Certificate Specification; LINKTYPE_EPON of
tcpdump.org.
"""

import numpy as np

from zjobs.chars import decimal
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.walk import Layer, Walk

NAME = "epon"
TITLE = "EPON"
FOUND = {"link": (Link.EPON,)}

#: The delimiter stands in the first byte or in the second.
LAYOUT = Layout(
    "EPON",
    (Field("first", "u8", 0), Field("start", "u24", 0), Field("link", "u16", 3), Field("late", "u16", 4)),
    6,
    "IEEE 802.3, clause 65.1.3.2",
)

_LATE, _START = 0x55D555, 0xD555
_PLAIN, _ENCRYPTED = 0x55, 2


def reach(walk: Walk, layer: Layer) -> None:
    """Six bytes from the delimiter on; one of them says that the frame is encrypted."""
    there = layer.end - layer.start
    late = layer["start"] == _LATE
    size = LAYOUT.size + late
    layer.head = np.minimum(size, there)
    security = walk.buf[layer.start + 2 + late]
    open_ = (security == _PLAIN) | (security & _ENCRYPTED == 0)
    whole = (there >= size) & (late | (layer["start"] >> 8 == _START))
    walk.next(layer, "link", int(Link.ETHERNET), which=whole & open_)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours."""
    link = np.where(layer["start"] == _LATE, layer["late"], layer["link"])
    return [Title(TITLE), line(item("Logical Link", decimal(link & 0x7FFF)))]
