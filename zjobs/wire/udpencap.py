"""ESP in UDP, beside IKE on the same port.

Reference: RFC 3948, section 2: four bytes of zero before IKE, a single byte FF to keep an address translation alive.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import constant
from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block, Title, Value, item, line_if, when
from zjobs.wire.walk import Layer, Walk

NAME = "udpencap"
TITLE = "UDP encapsulation of IPsec"
FOUND = {"udp.port": (4500,)}

LAYOUT = Layout("UDP encapsulation", (Field("first", "u8", 0),), 1, "RFC 3948, section 2")

_ESP, _MARKER, _KEEPALIVE = 50, 4, 0xFF


def reach(walk: Walk, layer: Layer) -> None:
    """IKE behind the marker, ESP from the first byte on, or nothing but a keep-alive."""
    ike = marked(walk, layer)
    layer.head = np.where(ike, _MARKER, 0)
    walk.next(layer, "udpencap.marker", 0, which=ike)
    esp = ~ike & (layer.end - layer.start >= _MARKER)
    walk.next(layer, "ip.proto", _ESP, which=esp, start=layer.start)


def marked(walk: Walk, layer: Layer) -> NDArray[np.bool_]:
    """Datagrams that begin with four bytes of zero."""
    zero = layer.end - layer.start >= _MARKER
    for k in range(_MARKER):
        zero &= walk.buf[layer.start + k] == 0
    return zero


def alive(layer: Layer) -> NDArray[np.bool_]:
    """Keep-alives."""
    return np.asarray((layer.limit - layer.start == 1) & (layer["first"] == _KEEPALIVE) & (layer.end > layer.start))


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """What is neither ESP nor IKE alone: the marker, a keep-alive."""
    count = len(layer)
    ike, kept = marked(walk, layer), alive(layer)
    return [
        Title(TITLE, np.flatnonzero(ike | kept)),
        line_if(ike, item("Marker", constant("non-ESP", count))),
        line_if(kept, item("Marker", constant("NAT keep-alive", count))),
    ]


def values(walk: Walk, layer: Layer) -> Iterator[Value]:
    """Which of the three it is."""
    yes = constant("true", len(layer))
    yield when("udpencap.non_esp_marker", marked(walk, layer), yes)
    yield when("udpencap.nat_keepalive", alive(layer), yes)
