"""Teredo: IPv6 in UDP through address translators.

Reference: RFC 4380, section 5.1.1.
"""

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import decimal
from zjobs.columns import Bytes
from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.walk import Layer, Walk

NAME = "teredo"
TITLE = "Teredo"
FOUND = {"udp.port": (3544,)}

LAYOUT = Layout("Teredo", (Field("first", "u8", 0),), 1, "RFC 4380, section 5.1.1")

_ORIGIN, _AUTHENTICATION = 0, 1


def reach(walk: Walk, layer: Layer) -> None:
    """An authentication and an origin indicator may stand before the IPv6 packet."""
    buf, at = walk.buf, layer.start
    sized = 13 + buf[at + 2].astype(np.int64) + buf[at + 3]
    at = np.where(_word(buf, at) == _AUTHENTICATION, at + sized, at)
    at = np.minimum(at, layer.end)
    at = np.where(_word(buf, at) == _ORIGIN, at + 8, at)
    layer.head = np.minimum(at - layer.start, layer.end - layer.start)
    version = buf[np.minimum(at, layer.end)] >> 4
    walk.next(layer, "ip.version", version, which=(at < layer.end) & (version == 6))


def _word(buf: Bytes, at: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.asarray(buf[at].astype(np.int64) << 8 | buf[at + 1])


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of this header is not known."""
    return [Title(TITLE), line(item("Header Length", decimal(layer.head)))]
