"""What drivers of Prism chips say of a wireless frame, in front of it.

Reference: LINKTYPE_IEEE802_11_PRISM of tcpdump.org; linux-wlan-ng, p80211msg.h.
"""

import numpy as np

from zjobs.chars import decimal
from zjobs.columns import among
from zjobs.wire import wlancap
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.walk import Layer, Mask, Walk

NAME = "prism"
TITLE = "Prism"
FOUND = {"link": (Link.PRISM,)}

LAYOUT = Layout(
    "Prism",
    (
        Field("magic", "u32", 0),
        Field("code", "l32", 0, "Message Code", json="prism.msgcode"),
        Field("length", "l32", 4, "Message Length", json="prism.msglen"),
    ),
    144,
    "LINKTYPE_IEEE802_11_PRISM",
)


def reach(walk: Walk, layer: Layer) -> None:
    """The header is of one size; under this link type other drivers write the header that came after it."""
    other = _newer(layer)
    layer.head = np.where(other, 0, layer.head)
    walk.next(layer, "link", int(Link.AVS), which=other)
    walk.next(layer, "link", int(Link.WLAN), which=~other & (layer.end - layer.start >= LAYOUT.size))


def _newer(layer: Layer) -> Mask:
    return among(layer["magic"], wlancap.MAGIC)


def shown(layer: Layer) -> dict[str, Mask]:
    """Nothing of what is another header."""
    own = ~_newer(layer)
    return {f.name: own for f in LAYOUT.fields}


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours."""
    return [
        Title(TITLE),
        line(item("Message Code", decimal(layer["code"])), item("Message Length", decimal(layer["length"]))),
    ]
