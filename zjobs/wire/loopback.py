"""BSD loopback (null) link header: an address family in the byte order of the machine that captured.

Reference: LINKTYPE_NULL and LINKTYPE_LOOP of tcpdump.org.
"""

import numpy as np

from zjobs.chars import decimal
from zjobs.wire.ethernet import LOWEST_TYPE
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.walk import Layer, Walk

NAME = "null"
TITLE = "Loopback"
FOUND = {"link": (Link.NULL,)}

LAYOUT = Layout("Loopback", (Field("family", "u32", 0, "Family"),), 4, "LINKTYPE_NULL")


def reach(walk: Walk, layer: Layer) -> None:
    """The family names what follows, whichever end it is written from; some write an EtherType in its place."""
    raw = layer["family"].astype(np.int64)
    low = raw & 0xFFFF
    typed = low >= LOWEST_TYPE
    family = np.where(raw > 0xFFFF, (raw >> 24 & 0xFF) | (raw >> 8 & 0xFF00), raw)
    whole = layer.end - layer.start >= 4
    walk.next(layer, "ethertype", low, which=whole & typed)
    walk.next(layer, "null", family, which=whole & ~typed)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours."""
    return [Title(TITLE), line(item("Family", decimal(layer["family"])))]
