"""ESP in UDP, beside IKE on the same port.

Reference: RFC 3948, section 2: four bytes of zero before IKE, a single byte FF to keep an address translation alive.
"""

import numpy as np

from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block
from zjobs.wire.walk import Layer, Walk

NAME = "udpencap"
TITLE = "UDP encapsulation of IPsec"
FOUND = {"udp.port": (4500,)}

LAYOUT = Layout("UDP encapsulation", (Field("first", "u8", 0),), 1, "RFC 3948, section 2")

_ESP = 50


def reach(walk: Walk, layer: Layer) -> None:
    """Not IKE, not a keep-alive: ESP from the first byte on."""
    layer.head = np.zeros(len(layer), dtype=np.int64)
    marked = np.zeros(len(layer), dtype=np.bool_)
    for k in range(4):
        marked |= walk.buf[layer.start + k] != 0
    which = marked & (layer.end - layer.start >= 4)
    walk.next(layer, "ip.proto", np.full(len(layer), _ESP), which=which, start=layer.start)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Nothing of its own."""
    return []
