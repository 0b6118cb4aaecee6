"""Columns of characters: how thousands of values become text at once.

A column of n texts is a matrix of bytes, one row a text, blank-padded to the widest, with the length of
each row beside it.  All text here is ASCII; a report data set is translated to EBCDIC as it is written.

This module knows no protocol and no page.  ``wire`` shows values with it, ``page`` sets them on a grid,
and ``weave`` puts rows of different lengths one behind the other without a Python statement per row.
"""

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import MANY, Bytes, Index, above, items, rows_view, set_columns, windows

BLANK = 32


class Chars(NamedTuple):
    """n texts: ``rows`` (n, width) uint8, blank beyond each row's length; ``lens`` (n,) int64.

    Lengths that are one number seen n times (see ``same``) are known to be all the same without a look.
    """

    rows: Bytes
    lens: Index

    def take(self, which: NDArray[Any]) -> "Chars":
        """The rows chosen by an index or a mask."""
        if which.dtype == np.bool_:
            which = np.flatnonzero(which)
        # Whole rows are four times as fast this way as by indexing.
        rows = np.take(self.rows, which, axis=0)
        return Chars(rows, same(self.longest, which.size) if self.even else np.take(self.lens, which))

    @property
    def even(self) -> bool:
        """Whether it is known without a look that all texts are as long as each other."""
        return not any(self.lens.strides)

    @property
    def longest(self) -> int:
        """The length of the longest text."""
        return int(self.lens[0] if self.even and self.lens.size else self.lens.max(initial=0))

    @property
    def full(self) -> bool:
        """Whether all texts are as long as the matrix is wide."""
        width = int(self.rows.shape[1])
        return (self.longest if self.even else int(self.lens.min(initial=width))) == width

    def texts(self) -> list[str]:
        """As Python strings; for tests and for the few."""
        return [bytes(r[:n]).decode("ascii") for r, n in zip(self.rows, self.lens, strict=True)]


@cache
def _number(value: int) -> bytes:
    return np.int64(value).tobytes()


def same(length: int, count: int) -> Index:
    """The lengths of ``count`` texts that are as long as each other: one number, seen as often (and read only)."""
    return np.ndarray((count,), dtype=np.int64, buffer=_number(length), strides=(0,))


def blank(count: int, width: int) -> Bytes:
    """A matrix of blanks."""
    return np.full((count, width), BLANK, dtype=np.uint8)


def constant(text: str, count: int) -> Chars:
    """The same text ``count`` times."""
    raw = text.encode("ascii")
    # One row, seen ``count`` times.
    rows = np.ndarray((count, len(raw)), dtype=np.uint8, buffer=raw, strides=(0, 1))
    return Chars(rows, same(len(raw), count))


def from_texts(texts: Sequence[str]) -> Chars:
    """From Python strings; for tables of names and for the few."""
    count = len(texts)
    lens = np.fromiter(map(len, texts), dtype=np.int64, count=count)
    width = int(lens.max(initial=0))
    flat = "".join([text.ljust(width) for text in texts]).encode("ascii", "replace")
    if count and width == int(lens.min()):
        lens = same(width, count)
    return Chars(np.frombuffer(flat, dtype=np.uint8).reshape(count, width), lens)


def by_value(values: NDArray[Any], show: Callable[[Any], str]) -> Chars:
    """One Python call a *distinct* value: names, dates, IPv6 addresses."""
    values = np.asarray(values)
    low, high = (int(values.min()), int(values.max())) if values.size and values.dtype.kind in "iu" else (0, 65536)
    if high - low < 65536:
        # Values close together are told apart without sorting them.
        place = above(values, low)
        there = np.flatnonzero(np.bincount(place))
        order = np.zeros(high - low + 1, dtype=np.intp)
        order[there] = np.arange(there.size)
        return from_texts([show(int(v) + low) for v in there]).take(order[place])
    distinct, where = np.unique(values, return_inverse=True)
    return from_texts([show(v) for v in distinct.tolist()]).take(where.reshape(-1))


_OTHERS = re.compile(r"[^ -~]")


def printable(value: object) -> str:
    """Text with a period for everything that no printer prints."""
    text = str(value)
    return text if text.isascii() and text.isprintable() else _OTHERS.sub(".", text)


@cache
def _digits4() -> NDArray[np.uint32]:
    n = np.arange(10000, dtype=np.uint32)
    table = np.empty((10000, 4), dtype=np.uint8)
    for place, power in enumerate((1000, 100, 10, 1)):
        table[:, place] = n // power % 10 + 48
    return table.view(np.uint32).reshape(-1)


@cache
def byte_pairs() -> Bytes:
    """Every two bytes, by the number that they are in memory: (65536, 2).

    Looked up two at a time, bytes take half the time; whatever the byte order of the machine, the number is the same.
    """
    return np.arange(65536, dtype=np.uint16).view(np.uint8).reshape(-1, 2)


@cache
def hex_quads() -> NDArray[np.uint32]:
    """Four upper-case hex digits of every two bytes, in memory order: (65536,)."""
    pairs = np.frombuffer(bytes(range(256)).hex().upper().encode("ascii"), dtype=np.uint16)
    return np.ascontiguousarray(pairs[byte_pairs()]).view(np.uint32).reshape(-1)


def found(table: NDArray[Any], numbers: Index) -> NDArray[Any]:
    """The items of a table that has one for every number that occurs."""
    # Looking whether each number is in the table takes a sixth longer than making it one that is.
    return np.take(table, numbers, mode="wrap")


def hex_digits(raw: Bytes) -> Bytes:
    """Two upper-case hex digits a byte: (n, w) to (n, 2w)."""
    count, width = raw.shape
    if width % 2:
        raw = np.concatenate([raw, np.zeros((count, 1), dtype=np.uint8)], axis=1)
    out = found(hex_quads(), np.ascontiguousarray(raw).view(np.uint16).astype(np.intp)).view(np.uint8)
    return np.asarray(out[:, : 2 * width])


def zero_filled(values: NDArray[Any], width: int) -> Chars:
    """Unsigned decimal in exactly ``width`` digits with leading zeros."""
    v = np.asarray(values).astype(np.uint64)
    groups = -(-width // 4)
    out = np.empty((v.size, groups), dtype=np.uint32)
    table = _digits4()
    for k in range(groups - 1, -1, -1):
        if k:
            high = v // np.uint64(10000)
            out[:, k] = table[(v - high * np.uint64(10000)).astype(np.intp)]
            v = high
        else:
            out[:, 0] = table[(v % np.uint64(10000)).astype(np.intp)]
    rows = out.view(np.uint8).reshape(v.size, groups * 4)[:, groups * 4 - width :]
    return Chars(rows, same(width, v.size))


@cache
def _halfwords() -> tuple[NDArray[np.void], Index]:
    """All halfwords as items of eight bytes, a quarter of the time of five to look up, and their lengths."""
    text = _decimal(np.arange(65536, dtype=np.uint64))
    return items(left(text, 8).rows), text.lens


def decimal(values: NDArray[Any]) -> Chars:
    """Unsigned decimal without leading zeros."""
    v = np.asarray(values)
    # Ports, lengths, windows, counters: most numbers of a trace are halfwords, and a table of those is small.
    if v.size > MANY and (v.dtype.itemsize <= 2 or int(v.max()) < 65536):
        table, lens = _halfwords()
        which = v.astype(np.intp)
        return Chars(found(table, which).view(np.uint8).reshape(-1, 8)[:, :5], found(lens, which))
    return _decimal(v.astype(np.uint64))


def _decimal(v: NDArray[np.uint64]) -> Chars:
    width = len(str(int(v.max(initial=0))))
    full = zero_filled(v, width).rows
    digits = np.ones(v.size, dtype=np.int64)
    for power in range(1, width):
        digits += v >= np.uint64(10**power)
    if width == 1 or int(digits.min(initial=width)) == width:
        return Chars(np.ascontiguousarray(full), same(width, v.size))
    padded = blank(v.size, 2 * width)
    set_columns(padded, 0, full)
    starts = np.arange(v.size, dtype=np.int64) * (2 * width) + width - digits
    return Chars(windows(padded.reshape(-1), starts, width), digits)


def hexadecimal(values: NDArray[Any], digits: int) -> Chars:
    """Upper-case hexadecimal in exactly ``digits`` digits (even or odd)."""
    width = next(size for size in (2, 4, 8) if 2 * size >= digits)
    raw = np.asarray(values).astype(f">u{width}").view(np.uint8).reshape(-1, width)
    return Chars(hex_digits(raw)[:, 2 * width - digits :], same(digits, raw.shape[0]))


def hex_bytes(raw: Bytes, lens: Index | None = None) -> Chars:
    """Upper-case hex of the first ``lens`` bytes of each row of a byte matrix."""
    count, width = raw.shape
    rows = hex_digits(raw)
    if lens is None:
        return Chars(rows, same(2 * width, count))
    size = lens * 2
    rows[np.arange(width * 2) >= size[:, None]] = BLANK
    return Chars(rows, size)


@cache
def _octets() -> tuple[NDArray[Any], NDArray[Any], Index]:
    """``a.b`` and ``.a.b`` of every halfword, as items of eight bytes, and the length of the first."""
    rows, lens = _decimal(np.arange(256, dtype=np.uint64))
    first = np.full((256, 256, 8), BLANK, dtype=np.uint8)
    for size in (1, 2, 3):
        high = np.flatnonzero(lens == size)
        first[high, :, :size] = rows[high, None, :size]
        first[high, :, size] = ord(".")
        first[high, :, size + 1 : size + 4] = rows
    second = np.full_like(first, ord("."))
    second[:, :, 1:] = first[:, :, :7]
    return items(first.reshape(-1, 8)), items(second.reshape(-1, 8)), (lens[:, None] + 1 + lens).reshape(-1)


def ipv4(values: NDArray[Any]) -> Chars:
    """Dotted decimal of 32-bit addresses."""
    v = np.asarray(values).astype(np.int64)
    first, second, size = _octets()
    high, low = v >> 16 & 0xFFFF, v & 0xFFFF
    out = np.empty((v.size, 16), dtype=np.uint8)
    items(out[:, :8])[:] = np.take(first, high)
    out[:, 8:] = BLANK
    used = np.take(size, high)
    rows_view(out.reshape(-1), 8)[np.arange(v.size) * 16 + used] = np.take(second, low)
    return Chars(out[:, :15], used + np.take(size, low) + 1)


def names(values: NDArray[Any], table: dict[int, str], other: Callable[[int], str] = str) -> Chars:
    """The name of each number; a number without a name is shown by ``other``."""
    return by_value(values, lambda v: table[v] if v in table else other(v))


def beside(*parts: Bytes) -> Bytes:
    """Matrices of as many rows each, side by side."""
    out = np.empty((parts[0].shape[0], sum(p.shape[1] for p in parts)), dtype=np.uint8)
    at = 0
    for part in parts:
        set_columns(out, at, part)
        at += part.shape[1]
    return out


def joined(*parts: Chars) -> Chars:
    """Row by row, one part behind the other."""
    count = parts[0].lens.size
    width = sum(p.rows.shape[1] for p in parts)
    if count and all(p.full for p in parts[:-1]):
        # Only the last part varies: the columns stand where they stand.
        last = parts[-1]
        rest = width - last.rows.shape[1]
        lens = same(rest + last.longest, count) if last.even else rest + last.lens
        return Chars(beside(*(p.rows for p in parts)), lens)
    out = blank(count, width)
    lens = np.zeros(count, dtype=np.int64)
    base = np.arange(count, dtype=np.int64) * width
    flat = out.reshape(-1)
    for part in parts:
        w = part.rows.shape[1]
        if w and count:
            # Parts are laid down in order, so blanks beyond one part's length are overwritten by the next.
            rows_view(flat, w)[base + lens] = items(part.rows)
        lens += part.lens
    return Chars(out, lens)


def right(text: Chars, width: int) -> Chars:
    """Right-justified in ``width`` columns; a longer text keeps its length, and all are as wide as the longest."""
    count, w = text.rows.shape
    width = max(width, text.longest)
    padded = blank(count, width + w)
    set_columns(padded, width, text.rows)
    starts = np.arange(count, dtype=np.int64) * (width + w) + text.lens
    return Chars(windows(padded.reshape(-1), starts, width), same(width, count))


def left(text: Chars, width: int) -> Chars:
    """Left-justified in at least ``width`` columns."""
    count, w = text.rows.shape
    out = blank(count, max(width, w))
    set_columns(out, 0, text.rows)
    return Chars(out, same(width, count) if w <= width else np.maximum(text.lens, width))


def either(condition: NDArray[np.bool_], yes: Chars, no: Chars) -> Chars:
    """Row by row, ``yes`` where the condition holds, else ``no``."""
    width = max(yes.rows.shape[1], no.rows.shape[1])
    rows = np.where(condition[:, None], left(yes, width).rows[:, :width], left(no, width).rows[:, :width])
    return Chars(rows, np.where(condition, yes.lens, no.lens))


def replaced(text: Chars, which: NDArray[Any], other: Chars) -> Chars:
    """The text with the rows ``which`` exchanged for those of ``other``, one for each."""
    if not which.size:
        return text
    width = max(text.rows.shape[1], other.rows.shape[1])
    rows = blank(text.lens.size, width)
    rows[:, : text.rows.shape[1]] = text.rows
    rows[which] = left(other, width).rows
    lens = text.lens.copy()
    lens[which] = other.lens
    return Chars(rows, lens)


def only(condition: NDArray[np.bool_], text: Chars) -> Chars:
    """The text where the condition holds, nothing elsewhere."""
    if condition.all():
        return text
    rows = text.rows.copy()
    rows[~condition] = BLANK
    return Chars(rows, np.where(condition, text.lens, 0))
