"""Point-to-Point Protocol, as it is carried in other protocols.

Reference: RFC 1661; address and control fields RFC 1662; compressed protocol field RFC 1661, section 6.5.
"""

import numpy as np

from zjobs.columns import among
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.values import hex4
from zjobs.wire.walk import Layer, Walk

NAME = "ppp"
TITLE = "PPP"
FOUND = {
    "pppoe": (0,),
    "gre.proto": (0x880B,),
    "gtp": (0,),
    "l2tp": (0,),
    "link": (Link.PPP,),
    "juniper": (200,),
}

LAYOUT = Layout("PPP", (Field("first", "u8", 0),), 1, "RFC 1661, section 2")

_CISCO = (0x0F, 0x8F)


def reach(walk: Walk, layer: Layer) -> None:
    """An odd first byte of the protocol number stands alone."""
    framed = (layer["first"] == 0xFF) & (walk.buf[layer.start + 1] == 0x03)
    at = layer.start + 2 * framed
    first = walk.buf[at].astype(np.int64)
    short = first & 1 == 1
    number = np.where(short, first, first << 8 | walk.buf[at + 1])
    layer.head = np.minimum(at + 2 - short - layer.start, layer.end - layer.start)
    layer.extra["protocol"] = number
    # Captures of a serial line that speaks Cisco HDLC have this link type too.
    other = among(layer["first"], _CISCO) if not layer.depth else np.zeros(len(layer), dtype=np.bool_)
    walk.next(layer, "ppp", number, which=~other & (at + 2 - short <= layer.end))
    walk.next(layer, "link", Link.CISCO_HDLC, which=other, start=layer.start)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of this header is not known."""
    return [Title(TITLE), line(item("Protocol", hex4(layer.extra["protocol"])))]
