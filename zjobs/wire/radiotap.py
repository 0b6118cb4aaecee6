"""Radiotap: what a wireless adapter says of a frame, in front of it.

Reference: radiotap.org, header and defined fields; LINKTYPE_IEEE802_11_RADIOTAP of tcpdump.org.
"""

import numpy as np

from zjobs.chars import decimal
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link, checked, headed
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.values import hex8
from zjobs.wire.walk import Index, Layer, Mask, Walk

NAME = "radiotap"
TITLE = "Radiotap"
FOUND = {"link": (Link.RADIOTAP,)}

LAYOUT = Layout(
    "Radiotap",
    (
        Field("version", "u8", 0, "Version", json="radiotap.version"),
        Field("pad", "u8", 1, json="radiotap.pad"),
        Field("length", "l16", 2, "Header Length", json="radiotap.length"),
        Field("present", "l32", 4, "Present", hex8),
    ),
    8,
    "radiotap.org, header",
)

#: Bits of the first word of flags that say which fields are present, and of the field that is called flags.
_TIME, _FLAGS, _MORE = 1, 2, 0x80000000
_CHECKED, _PADDED = 0x10, 0x20
#: More words of flags than any adapter writes.
_MOST = 32


def reach(walk: Walk, layer: Layer) -> None:
    """The length covers the fields; one of them tells how the frame ends and whether its header was filled up."""
    whole = headed(walk, layer)
    flags = _flags(walk, layer, whole)
    checked(layer, flags & _CHECKED > 0)
    walk.next(layer, "link", np.where(flags & _PADDED > 0, Link.WLAN_PADDED, Link.WLAN), which=whole)


def _flags(walk: Walk, layer: Layer, whole: Mask) -> Index:
    """The flags of each frame, 0 without: they stand behind all words and a time, which is aligned to eight bytes."""
    present = layer["present"].astype(np.int64)
    at, more = layer.start + LAYOUT.size, whole & (present & _MORE > 0)
    for _ in range(_MOST):
        more &= at + 4 <= layer.payload
        if not more.any():
            break
        at = at + 4 * more
        more &= walk.buf[at - 1] & 0x80 > 0
    at = np.where(present & _TIME > 0, layer.start + (at - layer.start + 7) // 8 * 8 + 8, at)
    there = whole & ~more & (present & _FLAGS > 0) & (at < layer.payload)
    return np.where(there, walk.buf[np.where(there, at, layer.start)], 0).astype(np.int64)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours."""
    return [
        Title(TITLE),
        line(item("Header Length", decimal(layer["length"])), item("Present", hex8(layer["present"]))),
    ]
