"""Layer Two Tunneling Protocol, version 2.

Reference: RFC 2661.
"""

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import decimal
from zjobs.columns import Bytes
from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.values import hex4
from zjobs.wire.walk import Layer, Walk

NAME = "l2tp"
TITLE = "L2TP"
FOUND = {"udp.port": (1701,)}

LAYOUT = Layout(
    "L2TP",
    (
        Field("flags", "u16", 0, "Flags", hex4),
        Field("version", "u8", 1, "Version", bits=(0, 4), json="l2tp.version"),
    ),
    2,
    "RFC 2661, section 3.1",
)

_CONTROL, _LENGTH, _SEQUENCE, _OFFSET = 0x8000, 0x4000, 0x0800, 0x0200
_IDS = 4


def begins(buf: Bytes, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Version 2; version 3 carries other things than PPP."""
    return np.asarray((end - start >= LAYOUT.size) & (buf[start + 1] & 15 == 2))


def reach(walk: Walk, layer: Layer) -> None:
    """A data message: tunnel and session, what the flags announce, then PPP."""
    flags = layer["flags"].astype(np.int64)
    announced = _IDS + 2 * (flags & _LENGTH > 0) + 4 * (flags & _SEQUENCE > 0)
    at = layer.start + LAYOUT.size + announced
    offset = (flags & _OFFSET > 0) & (at + 2 <= layer.end)
    where = np.where(offset, at, 0)
    pad = walk.buf[where].astype(np.int64) << 8 | walk.buf[where + 1]
    at = at + np.where(offset, 2 + pad, 0)
    layer.head = np.minimum(at, layer.end) - layer.start
    data = (flags & _CONTROL == 0) & (at < layer.end)
    walk.next(layer, "l2tp", 0, which=data)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of this header is not known."""
    return [Title(TITLE), line(item("Flags", hex4(layer["flags"])), item("Header Length", decimal(layer.head)))]
