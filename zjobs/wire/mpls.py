"""Multiprotocol Label Switching: one label.

Reference: RFC 3032; in IP RFC 4023, in UDP RFC 7510; Ethernet over it RFC 4448.
"""

import numpy as np

from zjobs.chars import decimal
from zjobs.columns import windows
from zjobs.wire import ethernet, llc
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.protocols import selectors
from zjobs.wire.walk import Index, Layer, Mask, Walk

NAME = "mpls"
TITLE = "MPLS"
FOUND = {
    "ethertype": (0x8847, 0x8848),
    "udp.port": (6635,),
    "ip.proto": (137,),
    "ppp": (0x0281, 0x0283),
    "juniper": (4, 5, 8, 32),
}

#: Size of the control word of a pseudowire, and to how many bytes the data of a short frame is filled (IEEE 802.3).
_CONTROL_WORD, _FILLED = 4, 46

LAYOUT = Layout(
    "MPLS",
    (
        Field("label", "u32", 0, "Label", bits=(12, 20), json="mpls.label"),
        Field("exp", "u8", 2, "Class", bits=(1, 3), json="mpls.exp"),
        Field("bottom", "u8", 2, "Bottom", bits=(0, 1), json="mpls.bottom"),
        Field("ttl", "u8", 3, "TTL", json="mpls.ttl"),
    ),
    4,
    "RFC 3032, section 2.1",
)


def reach(walk: Walk, layer: Layer) -> None:
    """Behind the last label stands, by custom, what its first four bits say; zeros begin a frame or its word."""
    whole = layer.end - layer.start >= 4
    last = layer["bottom"] == 1
    walk.next(layer, "ethertype", 0x8847, which=whole & ~last)
    at = layer.start + 4
    behind = whole & last & (at < layer.end)
    first = walk.buf[at] >> 4
    walk.next(layer, "ip.version", first, which=behind & (first != 0))
    # The word in front of a frame may be left out (RFC 4448, section 4.6), but zeros are one without a number.
    framed = behind & (first == 0)
    bare = framed & windows(walk.buf, at, _CONTROL_WORD).any(axis=1) & _is_frame(walk, layer, at)
    worded = framed & ~bare & _is_frame(walk, layer, at + _CONTROL_WORD)
    walk.next(layer, "link", Link.ETHERNET, which=bare | worded, start=np.where(worded, at + _CONTROL_WORD, at))


def _is_frame(walk: Walk, layer: Layer, at: Index) -> Mask:
    """Whether a frame with a sender, and a known type or the length that is there, can begin at a place."""
    size = ethernet.LAYOUT.size
    there = layer.end - at >= size
    head = ethernet.LAYOUT.gather(walk.buf, np.where(there, at, layer.start), layer.end)
    kind, rest = head["type"].astype(np.int64), layer.limit - at - size
    typed = np.isin(kind, [*selectors()["ethertype"], *ethernet.TYPES])
    measured = (kind >= llc.LAYOUT.size) & ((kind == rest) | (np.maximum(kind, _FILLED) == rest))
    return np.asarray(there & (head.octets("src")[:, 0] & 1 == 0) & (typed | measured))


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of this header is not known."""
    return [Title(TITLE), line(item("Label", decimal(layer["label"])), item("TTL", decimal(layer["ttl"])))]
