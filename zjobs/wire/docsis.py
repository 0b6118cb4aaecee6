"""DOCSIS: frames between a cable modem and its termination system, as the latter copies them.

Reference: CableLabs CM-SP-MULPIv3.1, section 6.2; LINKTYPE_DOCSIS of tcpdump.org.
"""

from collections.abc import Iterator

import numpy as np

from zjobs.chars import decimal
from zjobs.columns import Bytes, among, windows
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, Value, item, line, when
from zjobs.wire.values import json_mac
from zjobs.wire.walk import Index, Layer, Mask, Walk

NAME = "docsis"
TITLE = "DOCSIS"
FOUND = {"link": (Link.DOCSIS,)}

LAYOUT = Layout(
    "DOCSIS",
    (
        Field("type", "u8", 0, "Type", bits=(6, 2), json="docsis.fctype"),
        Field("extended", "u8", 0, bits=(0, 1)),
        Field("parm", "u8", 1),
        Field("length", "u16", 2, "Length", json="docsis.len"),
    ),
    6,
    "CM-SP-MULPIv3.1, section 6.2.1",
)

#: Frames that hold Ethernet: for all, and of one subscriber.
_PACKETS = (0, 2)
_ADDRESS = 6
#: The CRC of 16 bits of ITU-T X.25, its highest power in the lowest bit, and what is left of it over data and check.
_POLYNOMIAL, _GOOD = 0x8408, 0xF0B8
#: Elements of an extended header that say whether the frame is encrypted, and more elements than fit into one.
_PRIVACY, _ENCRYPTED, _MOST = (3, 4, 7), 0x80, 128


def reach(walk: Walk, layer: Layer) -> None:
    """An extended header stands in front of the check of the header; what is encrypted is left as data."""
    there = layer.end - layer.start
    size = LAYOUT.size + np.where(layer["extended"] == 1, layer["parm"], 0).astype(np.int64)
    layer.head = np.minimum(size, there)
    filled = layer["length"].astype(np.int64) > layer["parm"].astype(np.int64) + 2
    whole = among(layer["type"], _PACKETS) & (there >= size) & filled
    whole[whole] = _right(walk.buf, layer.start[whole], size[whole])
    hidden = layer.extra["hidden"] = _encrypted(walk, layer, whole)
    walk.next(layer, "link", int(Link.ETHERNET), which=whole & ~hidden)


def _right(buf: Bytes, start: Index, size: Index) -> Mask:
    """Headers whose check is right: the CRC of HDLC, which gives the same number over all that it ends."""
    total = np.full(start.size, 0xFFFF, dtype=np.int64)
    for k in range(int(size.max(initial=0))):
        mixed = (total ^ buf[start + k]) & 0xFF
        for _ in range(8):
            mixed = np.where(mixed & 1, mixed >> 1 ^ _POLYNOMIAL, mixed >> 1)
        total = np.where(k < size, total >> 8 ^ mixed, total)
    return np.asarray(total == _GOOD)


def _encrypted(walk: Walk, layer: Layer, whole: Mask) -> Mask:
    """Frames with an element that says so: each has a type and a length of four bits, and a value."""
    found = np.zeros(len(layer), dtype=np.bool_)
    at, end = layer.start + 4, layer.start + 4 + np.where(layer["extended"] == 1, layer["parm"], 0)
    for _ in range(_MOST):
        here = np.flatnonzero(whole & (at < end))
        if not here.size:
            break
        head = walk.buf[at[here]]
        privacy = among(head >> 4, _PRIVACY) & (walk.buf[at[here] + 2] & _ENCRYPTED > 0)
        found[here[privacy]] = True
        at[here] = at[here] + 1 + (head & 15)
    return found


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours."""
    return [Title(TITLE), line(item("Type", decimal(layer["type"])), item("Length", decimal(layer["length"])))]


def values(walk: Walk, layer: Layer) -> Iterator[Value]:
    """Addresses of frames that are encrypted behind them."""
    hidden = layer.extra["hidden"] & (layer.end - layer.payload >= 2 * _ADDRESS)
    for k, name in enumerate(("eth.dst", "eth.src")):
        octets = windows(walk.buf, np.where(hidden, layer.payload + k * _ADDRESS, layer.start), _ADDRESS)
        yield when(name, hidden, json_mac(octets))
