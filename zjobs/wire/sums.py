"""Internet checksums of thousands of ragged stretches at once.

Reference: RFC 1071.  The one's-complement sum does not depend on the size of the words that are added nor, but for the
order of the two bytes of the result, on the byte order, so words of eight bytes are added as they are in memory.
"""

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes, rows_view

Index = NDArray[np.int64]
_Words = NDArray[np.uint64]

#: For each number of bytes, ones over so many bytes at the front of a word in memory.
_FRONT = np.frombuffer(b"".join(b"\xff" * k + bytes(8 - k) for k in range(8)), dtype=np.uint64)

#: Words that are added at a time: what they take stays in a processor's cache.
_AT_ONCE = 1 << 16


def folded(total: NDArray[Any]) -> NDArray[np.int64]:
    """A sum of 16-bit words folded to 16 bits."""
    total = total.astype(np.int64)
    total = (total & 0xFFFF) + (total >> 16)
    total = (total & 0xFFFF) + (total >> 16)
    return np.asarray((total & 0xFFFF) + (total >> 16))


def words(buf: Bytes, start: Index, end: Index) -> Index:
    """Sum of the big-endian 16-bit words of each stretch, an odd last byte padded with zero; folded to 16 bits.

    Words of eight bytes at their natural places are added, from the one that a stretch begins in to the one before
    that it ends in; what is outside in front is then taken off, and what is inside behind is added.  A stretch that
    starts at an odd place has its bytes the other way round (RFC 1071, section 2 B).
    """
    total = np.zeros(start.size, dtype=np.int64)
    there = np.flatnonzero(start < end)
    if not there.size:
        return total
    grid, skew = _grid(buf, start[there], end[there])
    begin, stop = start[there] - skew, end[there] - skew
    first, last = begin >> 3, stop >> 3
    ahead = np.take(grid, first) & np.take(_FRONT, begin & 7)
    behind = np.take(grid, np.minimum(last, grid.size - 1)) & np.take(_FRONT, stop & 7)
    found = _halves(behind) - _halves(ahead)
    across = np.flatnonzero(first < last)
    if across.size:
        found[across] += _stretches(grid, first[across], last[across])
    small = folded((found & 0xFFFFFFFF) + (found >> 32)).astype(np.uint16)
    small = np.where(begin & 1, small.byteswap(), small)
    total[there] = small.view(">u2")
    return total


def _grid(buf: Bytes, start: Index, end: Index) -> tuple[_Words, int]:
    """The buffer as words at their natural places, and where the first begins; all stretches are within them."""
    skew = -buf.ctypes.data & 7
    size = (buf.size - skew) & ~7
    if int(start.min()) < skew or int(end.max()) > skew + size:
        buf, skew = np.concatenate([buf, np.zeros(-buf.size & 7, dtype=np.uint8)]), 0
        size = buf.size
    return buf[skew : skew + size].view(np.uint64), skew


def _halves(value: _Words) -> Index:
    """The sum of the two halves of each word."""
    return ((value >> np.uint64(32)) + (value & np.uint64(0xFFFFFFFF))).view(np.int64)


def _stretches(grid: _Words, first: Index, last: Index) -> Index:
    """Sums of the halves of the words from ``first`` (at least one) to before ``last``, for each stretch."""
    count = last - first
    if int(count.sum()) * 8 < int(last.max() - first.min()):
        # Few words far apart: brought together first, or the gaps would be most of what is summed.
        packed = np.concatenate([grid[a:b] for a, b in zip(first.tolist(), last.tolist())])
        return _sums(packed, np.cumsum(count) - count)
    order = np.argsort(first, kind="stable")
    # One reduction over pairs of edges: every other sum is a stretch, the ones between are gaps.
    edges = np.empty(order.size * 2, dtype=np.int64)
    edges[0::2] = first[order]
    edges[1::2] = last[order]
    sums = np.empty(order.size, dtype=np.int64)
    if bool((edges[1:] >= edges[:-1]).all()):
        # So many at a time that they are still at hand when they are added again.
        cuts = np.searchsorted(edges[0::2], np.arange(edges[0], edges[-1], _AT_ONCE)).tolist()
        for a, b in pairwise([*cuts, order.size]):
            if a < b:
                part = edges[2 * a : 2 * b]
                sums[order[a:b]] = _sums(grid[part[0] : part[-1]], part[:-1] - part[0])[0::2]
    else:
        # Stretches that overlap (a packet quoted in another) are summed one by one.
        alone = np.zeros(1, dtype=np.int64)
        sums[order] = [int(_sums(grid[a:b], alone)[0]) for a, b in edges.reshape(-1, 2).tolist()]
    return sums


def _sums(grid: _Words, edges: Index) -> Index:
    """Sums of the halves of the words from each edge to the next."""
    # What is added as whole words loses its carries, upper halves do not: they tell what the lower ones are.
    high = np.add.reduceat(grid >> np.uint64(32), edges)
    low = np.add.reduceat(grid, edges) - (high << np.uint64(32))
    return np.asarray((high + low).view(np.int64))


def of_rows(buf: Bytes, start: Index, size: int) -> Index:
    """Sum of the words of a fixed stretch of ``size`` (even) bytes."""
    if not start.size:
        return np.zeros(0, dtype=np.int64)
    raw = rows_view(buf, size)[start].view(np.dtype(">u2")).reshape(start.size, size // 2)
    return np.asarray(raw.sum(axis=1, dtype=np.int64))
