"""Internet checksums of thousands of ragged stretches at once.

Reference: RFC 1071.  The one's-complement sum does not depend on byte order, so words are read
little-endian everywhere and the folded result is swapped; the outcome is the same on every machine.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import Bytes, rows_view

Index = NDArray[np.int64]


def folded(total: NDArray[Any]) -> NDArray[np.int64]:
    """A sum of 16-bit words folded to 16 bits."""
    total = total.astype(np.int64)
    total = (total & 0xFFFF) + (total >> 16)
    total = (total & 0xFFFF) + (total >> 16)
    return np.asarray((total & 0xFFFF) + (total >> 16))


def words(buf: Bytes, start: Index, end: Index) -> Index:
    """Sum of the big-endian 16-bit words of each stretch, an odd last byte padded with zero; not folded."""
    out = np.zeros(start.size, dtype=np.int64)
    size = end - start
    for parity in (0, 1):
        chosen = np.flatnonzero((size >= 2) & (start & 1 == parity))
        if not chosen.size:
            continue
        # One reduction over pairs of edges: every other sum is a stretch, the ones between are gaps.
        order = chosen[np.argsort(start[chosen], kind="stable")]
        edges = np.empty(order.size * 2, dtype=np.int64)
        edges[0::2] = (start[order] - parity) >> 1
        edges[1::2] = edges[0::2] + (size[order] >> 1)
        view = np.ndarray(((buf.size - parity) // 2,), dtype="<u2", buffer=buf, offset=parity)
        low, high = int(edges[0]), int(edges[1::2].max()) + 1
        if bool((edges[1:] >= edges[:-1]).all()):
            sums = np.add.reduceat(view[low:high], edges - low, dtype=np.uint32)[0::2]
            sums[size[order] < 2] = 0
        else:
            sums = np.array([int(view[a:b].sum(dtype=np.uint32)) for a, b in edges.reshape(-1, 2)], dtype=np.uint32)
        small = folded(sums)
        out[order] = (small & 0xFF) << 8 | small >> 8
    odd = np.flatnonzero((size > 0) & (size & 1 == 1))
    if odd.size:
        out[odd] += buf[end[odd] - 1].astype(np.int64) << 8
    return out


def of_rows(buf: Bytes, start: Index, size: int) -> Index:
    """Sum of the words of a fixed stretch of ``size`` (even) bytes."""
    if not start.size:
        return np.zeros(0, dtype=np.int64)
    raw = rows_view(buf, size)[start].view(np.dtype(">u2")).reshape(start.size, size // 2)
    return np.asarray(raw.sum(axis=1, dtype=np.int64))
