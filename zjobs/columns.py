"""Columns of bytes and numbers: what is done to thousands of places of a buffer at once.

This module knows no protocol and no text (for that see ``chars``).
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Index = NDArray[np.int64]

#: From so many values on, a table of all halfwords is worth its making.
MANY = 512


@cache
def item(width: int) -> np.dtype[np.void]:
    """``width`` bytes that are moved or compared as one."""
    return np.dtype((np.void, width))


def items(rows: NDArray[Any]) -> NDArray[Any]:
    """Each row of a matrix as one item, to be moved or compared as a whole: (n, width) to (n,).

    It is a view where the bytes of a row stand together, so columns of a matrix can be assigned to with it; that takes
    half the time of assigning rows of bytes.
    """
    if rows.strides[1] != rows.itemsize:
        rows = np.ascontiguousarray(rows)
    out: NDArray[Any] = rows.view(item(rows.shape[1] * rows.itemsize))[:, 0]
    return out


def each_row(rows: Bytes) -> list[bytes]:
    """The rows of a matrix of bytes as Python's; to take each from the matrix takes five times as long."""
    width, flat = rows.shape[1], rows.tobytes()
    return [flat[at : at + width] for at in range(0, len(flat), width)]


def set_columns(out: Bytes, at: int, rows: Bytes) -> None:
    """Write a matrix of bytes over the columns of another from ``at`` on."""
    if width := rows.shape[1]:
        items(out[:, at : at + width])[:] = items(rows)


def rows_view(flat: Bytes, width: int) -> NDArray[Any]:
    """Every window of ``width`` bytes of a flat buffer, as one item each, without copying."""
    count = max(0, flat.size - width + 1)
    return np.ndarray((count,), dtype=item(width), buffer=flat, strides=(1,))


def windows(flat: Bytes, starts: NDArray[Any], width: int) -> Bytes:
    """Copies of ``width`` bytes at each start: (n, width).  The buffer must reach past every window."""
    if width == 0 or starts.size == 0:
        return np.zeros((starts.size, width), dtype=np.uint8)
    return np.asarray(rows_view(flat, width)[starts].view(np.uint8).reshape(starts.size, width))


def copy_stretches(out: Bytes, at: Index, buf: Bytes, start: Index, size: Index) -> None:
    """Stretches of a buffer copied to places of another, a bounded number of bytes at a time."""
    upto = np.cumsum(size)
    low = 0
    while low < size.size:
        before = int(upto[low - 1]) if low else 0
        high = max(low + 1, int(np.searchsorted(upto, before + _STRETCHES, side="right")))
        n = size[low:high]
        inner = np.arange(int(n.sum()), dtype=np.int64) - np.repeat(np.cumsum(n) - n, n)
        out[np.repeat(at[low:high], n) + inner] = buf[np.repeat(start[low:high], n) + inner]
        low = high


#: Bytes of stretches that are copied at a time.
_STRETCHES = 1 << 20


def above(values: NDArray[Any], low: int) -> Index:
    """How far whole numbers are above the lowest of them, whatever their type can hold."""
    wide = values if values.dtype.kind == "u" else values.astype(np.int64)
    return np.asarray(wide - wide.dtype.type(low)).astype(np.int64)


def distinct(values: NDArray[Any]) -> list[int]:
    """The different values of a column of whole numbers, ascending."""
    if not values.size:
        return []
    low, high = int(values.min()), int(values.max())
    if high - low < 65536:
        # Values close together are told apart without sorting them.
        return [low + int(k) for k in np.flatnonzero(np.bincount(above(values, low)))]
    return [int(v) for v in np.unique(values)]


def among(values: NDArray[Any], few: Iterable[int]) -> NDArray[np.bool_]:
    """Which values are one of a few; of many, ``np.isin`` tells faster."""
    found = np.zeros(values.shape, dtype=np.bool_)
    for one in few:
        found |= values == one
    return found
