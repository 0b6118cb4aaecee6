"""Web Cache Communication Protocol: packets that a router redirects.

Reference: draft-wilson-wrec-wccp-v2-01, section 4.12.
"""

import numpy as np

from zjobs.chars import decimal
from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.walk import Layer, Walk

NAME = "wccp"
TITLE = "WCCP"
FOUND = {"gre.proto": (0x883E,)}

LAYOUT = Layout(
    "WCCP", (Field("first", "u8", 0), Field("service", "u8", 1, "Service Id")), 4, "WCCP V2.0, section 4.12"
)


def reach(walk: Walk, layer: Layer) -> None:
    """Version 1 has no header: what looks like IPv4 is IPv4."""
    layer.head = np.where(layer["first"] >> 4 == 4, 0, layer.head)
    walk.next(layer, "ip.version", walk.buf[layer.payload] >> 4, which=layer.payload < layer.end)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of this header is not known."""
    return [Title(TITLE), line(item("Service Id", decimal(layer["service"])), item("Length", decimal(layer.head)))]
