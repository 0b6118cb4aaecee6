"""Frames that Junos captured, behind a header that tells of the interface.

Reference: LINKTYPE_JUNIPER_ETHER and its neighbours of tcpdump.org; print-juniper.c of tcpdump.
"""

import numpy as np

from zjobs.chars import decimal
from zjobs.columns import distinct, windows
from zjobs.wire import _juniper
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.walk import Index, Layer, Mask, Walk

NAME = "juniper"
TITLE = "Juniper"

LAYOUT = Layout(
    "Juniper",
    (
        Field("magic", "u24", 0, json="juniper.magic-number"),
        Field("extended", "u8", 3, bits=(7, 1)),
        Field("bare", "u8", 3, bits=(1, 1)),
        Field("direction", "u8", 3, "Direction", bits=(0, 1), json="juniper.direction"),
    ),
    4,
    "LINKTYPE_JUNIPER_ETHER",
)

#: MGC, which every such header begins with; releases before 7 of Junos write no header.
_MAGIC = 0x4D4743
#: Numbers of what a link type carries, and how far behind the header it begins.
_CARRIED = {
    Link.JUNIPER_ETHERNET: (204, 0),
    Link.JUNIPER_PPPOE: (204, 0),
    Link.JUNIPER_PPP: (200, 2),
    Link.JUNIPER_FRAME_RELAY: (207, 0),
    Link.JUNIPER_CHDLC: (208, 0),
    Link.JUNIPER_VOICE: (2, 18),
    Link.JUNIPER_SERVICES: (2, 12),
}
FOUND = {"link": (*_CARRIED, Link.JUNIPER_GGSN, *_juniper.GUESSES)}
#: A services PIC has four bytes more in front of packets that come in.
_IN = 4


def reach(walk: Walk, layer: Layer) -> None:
    """Attributes may follow, behind their length; a packet without a header of its link has its number in front."""
    there = layer.end - layer.start
    magic = layer["magic"] == _MAGIC
    extended = magic & (layer["extended"] > 0)
    length = walk.buf[layer.start + 4].astype(np.int64) << 8 | walk.buf[layer.start + 5]
    size = np.where(magic, LAYOUT.size, 0) + np.where(extended, 2 + length, 0)
    ready = (there >= LAYOUT.size + 2 * extended) & (there >= size)
    at = layer.start + np.where(ready, size, 0)
    number, body = _carried(walk, layer, at)
    bare = magic & (layer["bare"] > 0)
    number = np.where(bare, windows(walk.buf, at, 4).view("<u4")[:, 0], number)
    body = np.where(bare, at + 4, body)
    ready &= body <= layer.end
    layer.head = np.where(ready, body, layer.start + np.minimum(size, there)) - layer.start
    walk.next(layer, "juniper", number, which=ready)


def _carried(walk: Walk, layer: Layer, at: Index) -> tuple[Index, Index]:
    """The number of what is carried and where it begins, by the link type."""
    number, body = np.zeros(len(layer), dtype=np.int64), at.copy()
    incoming = layer["direction"] > 0
    for one in distinct(layer.code):
        which = np.flatnonzero(layer.code == one)
        here = at[which]
        if guess := _juniper.GUESSES.get(one):
            number[which], body[which] = guess(walk.buf, here, incoming[which])
        elif one == Link.JUNIPER_GGSN:
            number[which], body[which] = windows(walk.buf, here, 2).view("<u2")[:, 0], here + 4
        else:
            number[which], skip = _CARRIED[Link(one)]
            body[which] = here + skip + _IN * (incoming[which] & (one == Link.JUNIPER_SERVICES))
    return number, body


def shown(layer: Layer) -> dict[str, Mask]:
    """Without its first bytes it is no header."""
    return {"direction": layer["magic"] == _MAGIC}


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours."""
    return [
        Title(TITLE),
        line(item("Direction", decimal(layer["direction"])), item("Header Length", decimal(layer.head))),
    ]
