"""Multiprotocol Label Switching: one label.

Reference: RFC 3032; in IP RFC 4023, in UDP RFC 7510; Ethernet over it RFC 4448.
"""

import numpy as np

from zjobs.chars import decimal
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.walk import Index, Layer, Mask, Walk, selectors

NAME = "mpls"
TITLE = "MPLS"
FOUND = {"ethertype": (0x8847, 0x8848), "udp.port": (6635,), "ip.proto": (137,), "ppp": (0x0281, 0x0283)}

#: Sizes of the control word of a pseudowire and of an Ethernet header.
_CONTROL_WORD, _FRAME = 4, 14

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
    """Behind the last label stands, by custom, what its first four bits say; zeros begin the word before a frame."""
    whole = layer.end - layer.start >= 4
    last = layer["bottom"] == 1
    walk.next(layer, "ethertype", 0x8847, which=whole & ~last)
    behind = whole & last & (layer.start + 4 < layer.end)
    first = walk.buf[layer.start + 4] >> 4
    framed = behind & (first == 0) & _is_frame(walk, layer, layer.start + 4 + _CONTROL_WORD)
    walk.next(layer, "link", Link.ETHERNET, which=framed, start=layer.start + 4 + _CONTROL_WORD)
    walk.next(layer, "ip.version", first, which=behind & (first != 0))


def _is_frame(walk: Walk, layer: Layer, at: Index) -> Mask:
    """Whether an Ethernet frame of one sender and a known type can begin at a place: nothing before it says so."""
    whole = layer.end - at >= _FRAME
    at = np.where(whole, at, layer.start)
    kind = walk.buf[at + 12].astype(np.int64) << 8 | walk.buf[at + 13]
    return np.asarray(whole & (walk.buf[at + 6] & 1 == 0) & np.isin(kind, list(selectors()["ethertype"])))


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of this header is not known."""
    return [Title(TITLE), line(item("Label", decimal(layer["label"])), item("TTL", decimal(layer["ttl"])))]
