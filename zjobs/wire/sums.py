"""Internet checksums of thousands of ragged stretches at once.

Reference: RFC 1071.  The one's-complement sum does not depend on byte order, so words are read
little-endian everywhere and the folded result is swapped; the outcome is the same on every machine.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes, rows_view

Index = NDArray[np.int64]


def folded(total: NDArray[Any]) -> NDArray[np.int64]:
    """A sum of 16-bit words folded to 16 bits."""
    total = total.astype(np.int64)
    total = (total & 0xFFFF) + (total >> 16)
    total = (total & 0xFFFF) + (total >> 16)
    return np.asarray((total & 0xFFFF) + (total >> 16))


def words(buf: Bytes, start: Index, end: Index) -> Index:
    """Sum of the big-endian 16-bit words of each stretch, an odd last byte padded with zero; folded to 16 bits.

    Words of four bytes at their natural places are added, little-endian, and the bytes around them one by one; a
    stretch that starts at an odd place then has its bytes the other way round (RFC 1071, section 2 B).
    """
    low, high = start + 3 >> 2, end >> 2
    total = np.zeros(start.size, dtype=np.uint64)
    chosen = np.flatnonzero(low < high)
    if chosen.size:
        total[chosen] = _stretches(buf[: buf.size & ~3].view("<u4"), low[chosen], (high - low)[chosen])
    before, behind = np.minimum(low << 2, end), np.maximum(low, high) << 2
    for edge, stop in ((start, before), (behind, end)):
        for k in range(3):
            there = np.flatnonzero(edge + k < stop)
            at = edge[there] + k
            total[there] += buf[at].astype(np.uint64) << (at & 1).astype(np.uint64) * np.uint64(8)
    total = (total & np.uint64(0xFFFFFFFF)) + (total >> np.uint64(32))
    total = (total & np.uint64(0xFFFF)) + (total >> np.uint64(16) & np.uint64(0xFFFF)) + (total >> np.uint64(32))
    small = folded(total)
    return np.where(start & 1, small, (small & 0xFF) << 8 | small >> 8)


def _stretches(view: NDArray[np.uint32], first: Index, count: Index) -> NDArray[np.uint64]:
    """Sums of ``count`` (at least one) items from ``first`` on, for each stretch."""
    if int(count.sum()) * 8 < int((first + count).max() - first.min()):
        # Few bytes far apart: brought together first, or the gaps would be most of what is summed.
        packed = np.concatenate([view[a:b] for a, b in zip(first.tolist(), (first + count).tolist())])
        return np.asarray(np.add.reduceat(packed, np.cumsum(count) - count, dtype=np.uint64))
    order = np.argsort(first, kind="stable")
    # One reduction over pairs of edges: every other sum is a stretch, the ones between are gaps.
    edges = np.empty(order.size * 2, dtype=np.int64)
    edges[0::2] = first[order]
    edges[1::2] = edges[0::2] + count[order]
    sums = np.empty(order.size, dtype=np.uint64)
    if bool((edges[1:] >= edges[:-1]).all()):
        low, high = int(edges[0]), int(edges[-1]) + 1
        sums[order] = np.add.reduceat(view[low:high], edges - low, dtype=np.uint64)[0::2]
    else:
        # Stretches that overlap (a packet quoted in another) are summed one by one.
        sums[order] = [int(view[a:b].sum(dtype=np.uint64)) for a, b in edges.reshape(-1, 2).tolist()]
    return sums


def of_rows(buf: Bytes, start: Index, size: int) -> Index:
    """Sum of the words of a fixed stretch of ``size`` (even) bytes."""
    if not start.size:
        return np.zeros(0, dtype=np.int64)
    raw = rows_view(buf, size)[start].view(np.dtype(">u2")).reshape(start.size, size // 2)
    return np.asarray(raw.sum(axis=1, dtype=np.int64))
