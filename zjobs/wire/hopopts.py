"""IPv6 Hop-by-Hop Options header.

Reference: RFC 8200, section 4.3; Jumbo Payload option RFC 2675, section 2.
"""

from collections.abc import Iterator

import numpy as np

from zjobs.columns import windows
from zjobs.wire import extension
from zjobs.wire.layout import Layout
from zjobs.wire.listing import Block, Value
from zjobs.wire.walk import Layer, Walk

NAME = "hopopts"
TITLE = "Hop by Hop Options"
FOUND = {"ip.proto": (0,)}

JUMBO = 0xC2

LAYOUT = Layout("Hop by Hop Options", extension.fields("ipv6.hopopts"), 2, "RFC 8200, section 4.3")


def reach(walk: Walk, layer: Layer) -> None:
    """A jumbo payload length replaces the packet length that the IPv6 header could not hold."""
    whole = extension.reach(walk, layer)
    jumbo = extension.listed(walk, layer).of(JUMBO)
    jumbo = jumbo.where(jumbo.size == 6)
    if jumbo.row.size:
        raw = windows(walk.buf, jumbo.at + 2, 4).astype(np.int64)
        length = raw[:, 0] << 24 | raw[:, 1] << 16 | raw[:, 2] << 8 | raw[:, 3]
        # The jumbo length counts from the end of the IPv6 header, which is where this header starts; one that the
        # IPv6 header could hold is an error (RFC 2675, section 3) and bounds nothing.
        real = length > 65535
        layer.limit[jumbo.row[real]] = layer.start[jumbo.row[real]] + length[real]
        layer.end = np.minimum(layer.end, layer.limit)
    walk.next(layer, "ip.proto", layer["nxt"], which=whole & extension.readable(walk, layer))


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of this header is not known."""
    return extension.lines(walk, layer, TITLE)


def values(walk: Walk, layer: Layer) -> Iterator[Value]:
    """Length in bytes, and the options."""
    return extension.values(walk, layer)
