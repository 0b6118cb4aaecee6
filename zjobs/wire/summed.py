"""Messages that carry an Internet checksum of their own: its verdict, beside what the decoder tells.

Reference: RFC 1071.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from zjobs.wire import message, sums
from zjobs.wire.ipv4 import checksum_pair
from zjobs.wire.listing import Block, Value, item, line
from zjobs.wire.tcp import status
from zjobs.wire.walk import Layer, Walk


def over_all(walk: Walk, layer: Layer) -> NDArray[np.int64]:
    """Folded sum over each message, FFFF if right; -1 where not all bytes are there."""
    whole = (layer.end >= layer.limit) & ~layer.fragment
    total = sums.words(walk.buf, layer.start, np.where(whole, layer.end, layer.start))
    return np.where(whole, sums.folded(total), -1)


def lines(walk: Walk, layer: Layer, total: NDArray[np.int64]) -> list[Block]:
    """What the decoder tells, then the checksum as the formatter prints it."""
    return [*message.lines(walk, layer), line(item("CheckSum", checksum_pair(layer["checksum"], total)))]


def values(walk: Walk, layer: Layer, name: str, total: NDArray[np.int64]) -> Iterator[Value]:
    """The decoder's fields, and Wireshark's checksum status under ``name``."""
    yield from message.values(walk, layer)
    yield from status(name, layer.end - layer.start >= 4, total)
