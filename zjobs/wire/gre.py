"""Generic Routing Encapsulation.

Reference: RFC 2784; key and sequence number RFC 2890; routing RFC 1701; acknowledgement RFC 2637; in UDP RFC 8086.
"""

import numpy as np

from zjobs.chars import decimal
from zjobs.wire import erspan
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.values import hex4
from zjobs.wire.walk import Layer, Walk

NAME = "gre"
TITLE = "GRE"
FOUND = {"ip.proto": (47,), "udp.port": (4754,)}

LAYOUT = Layout(
    "GRE",
    (
        Field("flags", "u16", 0, "Flags", hex4, json="gre.flags_and_version"),
        Field("type", "u16", 2, "Protocol Type", hex4, json="gre.proto"),
    ),
    4,
    "RFC 2784, section 2",
)

_CHECKSUM, _ROUTING, _KEY, _SEQUENCE, _ACK = 0x8000, 0x4000, 0x2000, 0x1000, 0x0080
_PPP = 0x880B


def reach(walk: Walk, layer: Layer) -> None:
    """Every optional part that a flag announces has four bytes; a source route is left as data."""
    there = layer.end - layer.start
    flags = layer["flags"].astype(np.int64)
    parts = (flags & (_CHECKSUM | _ROUTING) > 0).astype(np.int64)
    for bit in (_KEY, _SEQUENCE):
        parts += flags & bit > 0
    # Only PPP is acknowledged (RFC 2637, section 4.1); elsewhere the bit is reserved.
    parts += (flags & _ACK > 0) & (layer["type"] == _PPP)
    layer.head = np.minimum(4 + 4 * parts, there)
    whole = (there >= 4 + 4 * parts) & (flags & _ROUTING == 0)
    # Mirrored frames of the first kind have no header and no sequence number.
    bare = (layer["type"] == erspan.TYPE_II) & (flags & _SEQUENCE == 0)
    walk.next(layer, "link", Link.ETHERNET, which=whole & bare)
    walk.next(layer, "ethertype", layer["type"], which=whole)
    walk.next(layer, "gre.proto", layer["type"], which=whole & ~bare)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of this header is not known."""
    return [
        Title(TITLE),
        line(item("Flags", hex4(layer["flags"])), item("Protocol Type", hex4(layer["type"]))),
        line(item("Header Length", decimal(layer.head))),
    ]
