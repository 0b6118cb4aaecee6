"""Tazmen Sniffer Protocol: frames that a router or an access point sends to a sniffer.

Reference: TZSP, protocol description of Chris Waters; LINKTYPE_TZSP of tcpdump.org.
"""

import numpy as np

from zjobs.chars import decimal
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.walk import Index, Layer, Walk

NAME = "tzsp"
TITLE = "TZSP"
FOUND = {"link": (Link.TZSP,), "udp.port": (37008,)}

LAYOUT = Layout(
    "TZSP",
    (
        Field("version", "u8", 0, "Version", json="tzsp.version"),
        Field("type", "u8", 1, "Type", json="tzsp.type"),
        Field("encap", "u16", 2, "Encapsulation", json="tzsp.encap"),
    ),
    4,
    "TZSP",
)

#: What is behind the tags, by the number of the encapsulation; types that have neither tags nor a frame.
_FRAMES = {1: Link.ETHERNET, 18: Link.WLAN, 119: Link.PRISM, 127: Link.AVS}
_KEEP_ALIVE, _OPEN = 4, 5
#: The two tags without a length; more tags than any program writes.
_PADDING, _END, _MOST = 0, 1, 64


def reach(walk: Walk, layer: Layer) -> None:
    """The last tag ends the header."""
    there = layer.end - layer.start
    told = (there >= LAYOUT.size) & (layer["type"] != _KEEP_ALIVE) & (layer["type"] != _OPEN)
    body = _behind_tags(walk, np.where(told, layer.start + LAYOUT.size, layer.end), layer.end)
    found = body >= 0
    layer.head = np.where(found, body - layer.start, layer.head)
    link = np.full(len(layer), Link.UNKNOWN, dtype=np.int64)
    for number, kind in _FRAMES.items():
        link[layer["encap"] == number] = kind
    walk.next(layer, "link", link, which=found)


def _behind_tags(walk: Walk, at: Index, end: Index) -> Index:
    """Where the tags end, -1 where their end is not there; found for all at once, tag by tag."""
    body = np.full(at.size, -1, dtype=np.int64)
    at = at.copy()
    for _ in range(_MOST):
        here = np.flatnonzero((body < 0) & (at < end))
        if not here.size:
            break
        tag = walk.buf[at[here]]
        body[here[tag == _END]] = at[here[tag == _END]] + 1
        size = np.where(tag == _PADDING, 1, 2 + walk.buf[at[here] + 1].astype(np.int64))
        at[here] = at[here] + size
    return body


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours."""
    return [
        Title(TITLE),
        line(item("Type", decimal(layer["type"])), item("Encapsulation", decimal(layer["encap"]))),
    ]
