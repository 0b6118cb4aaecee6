"""Columns of characters: how thousands of values become text at once.

A column of n texts is a matrix of bytes, one row a text, blank-padded to the widest, with the length of
each row beside it.  All text here is ASCII; a report data set is translated to EBCDIC as it is written.

This module knows no protocol and no page.  ``wire`` shows values with it, ``page`` sets them on a grid,
and :class:`Weave` puts rows of different lengths one behind the other without a Python statement per row.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Index = NDArray[np.int64]

BLANK = 32

#: From so many values on, a table of all halfwords is worth its making.
MANY = 512


class Chars(NamedTuple):
    """n texts: ``rows`` (n, width) uint8, blank beyond each row's length; ``lens`` (n,) int64."""

    rows: Bytes
    lens: Index

    def take(self, which: NDArray[Any]) -> "Chars":
        """The rows chosen by an index or a mask."""
        return Chars(self.rows[which], self.lens[which])

    def texts(self) -> list[str]:
        """As Python strings; for tests and for the few."""
        return [bytes(r[:n]).decode("ascii") for r, n in zip(self.rows, self.lens, strict=True)]


@cache
def _item(width: int) -> np.dtype[np.void]:
    return np.dtype((np.void, width))


def items(rows: NDArray[Any]) -> NDArray[Any]:
    """Each row of a matrix as one item, to be moved or compared as a whole: (n, width) to (n,)."""
    rows = np.ascontiguousarray(rows)
    return rows.view(_item(rows.shape[1] * rows.itemsize)).reshape(-1)


def rows_view(flat: Bytes, width: int) -> NDArray[Any]:
    """Every window of ``width`` bytes of a flat buffer, as one item each, without copying."""
    count = max(0, flat.size - width + 1)
    return np.ndarray((count,), dtype=_item(width), buffer=flat, strides=(1,))


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


def blank(count: int, width: int) -> Bytes:
    """A matrix of blanks."""
    return np.full((count, width), BLANK, dtype=np.uint8)


def constant(text: str, count: int) -> Chars:
    """The same text ``count`` times."""
    raw = text.encode("ascii")
    # One row, seen ``count`` times.
    rows = np.ndarray((count, len(raw)), dtype=np.uint8, buffer=raw, strides=(0, 1))
    return Chars(rows, np.full(count, len(raw), dtype=np.int64))


def from_texts(texts: Sequence[str]) -> Chars:
    """From Python strings; for tables of names and for the few."""
    raw = [t.encode("ascii", "replace") for t in texts]
    lens = np.fromiter((len(r) for r in raw), dtype=np.int64, count=len(raw))
    width = int(lens.max(initial=0))
    flat = b"".join(r.ljust(width) for r in raw)
    return Chars(np.frombuffer(flat, dtype=np.uint8).reshape(len(raw), width), lens)


def by_value(values: NDArray[Any], show: Callable[[Any], str]) -> Chars:
    """One Python call a *distinct* value: names, dates, IPv6 addresses."""
    values = np.asarray(values)
    low, high = (int(values.min()), int(values.max())) if values.size and values.dtype.kind in "iu" else (0, 65536)
    if high - low < 65536:
        # Values close together are told apart without sorting them.
        place = (values - values.dtype.type(low)).astype(np.intp)
        distinct = np.flatnonzero(np.bincount(place))
        order = np.zeros(high - low + 1, dtype=np.intp)
        order[distinct] = np.arange(distinct.size)
        return from_texts([show(int(v) + low) for v in distinct]).take(order[place])
    distinct, where = np.unique(values, return_inverse=True)
    return from_texts([show(v) for v in distinct.tolist()]).take(where.reshape(-1))


@cache
def _digits4() -> NDArray[np.uint32]:
    n = np.arange(10000, dtype=np.uint32)
    table = np.empty((10000, 4), dtype=np.uint8)
    for place, power in enumerate((1000, 100, 10, 1)):
        table[:, place] = n // power % 10 + 48
    return table.view(np.uint32).reshape(-1)


@cache
def hex_pairs() -> NDArray[np.uint16]:
    """256 items of two upper-case hex digits each, in memory order."""
    return np.frombuffer(bytes(range(256)).hex().upper().encode("ascii"), dtype=np.uint16)


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
    return Chars(rows, np.full(v.size, width, dtype=np.int64))


@cache
def _halfwords() -> Chars:
    return _decimal(np.arange(65536, dtype=np.uint64))


def decimal(values: NDArray[Any]) -> Chars:
    """Unsigned decimal without leading zeros."""
    v = np.asarray(values).astype(np.uint64)
    # Ports, lengths, windows, counters: most numbers of a trace are halfwords, and a table of those is small.
    if v.size > MANY and int(v.max()) < 65536:
        return _halfwords().take(v.astype(np.intp))
    return _decimal(v)


def _decimal(v: NDArray[np.uint64]) -> Chars:
    width = len(str(int(v.max(initial=0))))
    full = zero_filled(v, width).rows
    digits = np.ones(v.size, dtype=np.int64)
    for power in range(1, width):
        digits += v >= np.uint64(10**power)
    if width == 1 or int(digits.min(initial=width)) == width:
        return Chars(np.ascontiguousarray(full), digits)
    padded = blank(v.size, 2 * width)
    padded[:, :width] = full
    starts = np.arange(v.size, dtype=np.int64) * (2 * width) + width - digits
    return Chars(windows(padded.reshape(-1), starts, width), digits)


def hexadecimal(values: NDArray[Any], digits: int) -> Chars:
    """Upper-case hexadecimal in exactly ``digits`` digits (even or odd)."""
    v = np.asarray(values).astype(">u8")
    size = -(-digits // 2)
    raw = np.ascontiguousarray(v.view(np.uint8).reshape(v.size, 8)[:, 8 - size :])
    rows = hex_pairs()[raw].view(np.uint8).reshape(v.size, size * 2)[:, size * 2 - digits :]
    return Chars(rows, np.full(v.size, digits, dtype=np.int64))


def hex_bytes(raw: Bytes, lens: Index | None = None) -> Chars:
    """Upper-case hex of the first ``lens`` bytes of each row of a byte matrix."""
    count, width = raw.shape
    rows = hex_pairs()[raw].view(np.uint8).reshape(count, width * 2).copy()
    size = np.full(count, width * 2, dtype=np.int64) if lens is None else lens * 2
    rows[np.arange(width * 2) >= size[:, None]] = BLANK
    return Chars(rows, size)


@cache
def _octets() -> tuple[NDArray[np.uint32], Index]:
    texts = [f"{n}." for n in range(256)]
    flat = b"".join(t.encode().ljust(4) for t in texts)
    return np.frombuffer(flat, dtype=np.uint32), np.array([len(t) for t in texts], dtype=np.int64)


def ipv4(values: NDArray[Any]) -> Chars:
    """Dotted decimal of 32-bit addresses."""
    v = np.asarray(values).astype(np.uint32)
    table, size = _octets()
    width = 16
    out = blank(v.size, width + 4)
    flat = rows_view(out.reshape(-1), 4)
    at = np.arange(v.size, dtype=np.int64) * (width + 4)
    used = np.zeros(v.size, dtype=np.int64)
    for shift in (24, 16, 8, 0):
        octet = (v >> np.uint32(shift)) & np.uint32(255)
        flat[at + used] = table[octet].view(_item(4))
        used += size[octet]
    out[np.arange(v.size), used - 1] = BLANK
    return Chars(out[:, : width - 1], used - 1)


def names(values: NDArray[Any], table: dict[int, str], other: Callable[[int], str] = str) -> Chars:
    """The name of each number; a number without a name is shown by ``other``."""
    return by_value(values, lambda v: table[v] if v in table else other(v))


def joined(*parts: Chars) -> Chars:
    """Row by row, one part behind the other."""
    count = parts[0].lens.size
    width = sum(p.rows.shape[1] for p in parts)
    if count and all(int(p.lens.min()) == p.rows.shape[1] for p in parts[:-1]):
        # Only the last part varies: the columns stand where they stand.
        lens = parts[-1].lens + (width - parts[-1].rows.shape[1])
        return Chars(np.concatenate([p.rows for p in parts], axis=1), lens)
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
    """Right-justified in ``width`` columns; a longer text keeps its length."""
    count, w = text.rows.shape
    width = max(width, int(text.lens.max(initial=0)))
    padded = blank(count, width + w)
    padded[:, width:] = text.rows
    lens = np.maximum(text.lens, width)
    starts = np.arange(count, dtype=np.int64) * (width + w) + text.lens
    return Chars(windows(padded.reshape(-1), starts, width), lens)


def left(text: Chars, width: int) -> Chars:
    """Left-justified in at least ``width`` columns."""
    out = blank(text.lens.size, max(width, text.rows.shape[1]))
    out[:, : text.rows.shape[1]] = text.rows
    return Chars(out, np.maximum(text.lens, width))


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


class Lines(NamedTuple):
    """Lines of one width that are made only while the text is put together.

    ``make(low, high)`` gives lines low to high as (high - low, width); the result may be overwritten by
    the next call.  ``counts`` says how many consecutive lines each row takes.
    """

    make: Callable[[int, int], Bytes]
    width: int
    counts: Index


class Weave:
    """Texts of n rows, each grown piece by piece, rendered one behind the other.

    ``add`` appends a piece to some rows; the order of the calls is the order within a row.
    """

    def __init__(self, count: int) -> None:
        self.total = np.zeros(count, dtype=np.int64)
        self._pieces: list[tuple[Index | None, Chars | Lines]] = []

    def add(self, text: Chars, which: NDArray[Any] | None = None) -> None:
        """Append one text a row: to all rows, or to the distinct rows ``which``."""
        if which is None:
            self.total += text.lens
        else:
            which = which.astype(np.int64, copy=False)
            self.total[which] += text.lens
        self._pieces.append((which, text))

    def add_lines(self, lines: Lines, which: NDArray[Any]) -> None:
        """Append blocks of lines: ``lines.counts[k]`` of them to row ``which[k]``."""
        which = which.astype(np.int64, copy=False)
        self.total[which] += lines.counts * lines.width
        self._pieces.append((which, lines))

    def render(self, out: Bytes | None = None) -> Bytes:
        """All rows, one behind the other, as flat bytes; in ``out`` when that is large enough."""
        size = int(self.total.sum())
        if out is None or out.size < size:
            out = np.empty(size, dtype=np.uint8)
        out = out[:size]
        ends = np.cumsum(self.total)
        cursor = ends - self.total
        for which, piece in self._pieces:
            at = cursor if which is None else cursor[which]
            if isinstance(piece, Lines):
                _place_lines(out, at, piece)
                step = piece.counts * piece.width
            else:
                _place(out, at, ends if which is None else ends[which], piece)
                step = piece.lens
            if which is None:
                cursor = cursor + step
            else:
                cursor[which] = at + step
        return out


class Some(Weave):
    """Some rows of a weave, to be grown as if they were all."""

    def __init__(self, whole: Weave, rows: Index) -> None:
        super().__init__(rows.size)
        self.whole, self.rows = whole, rows

    def add(self, text: Chars, which: NDArray[Any] | None = None) -> None:
        """Append to the chosen rows among these."""
        self.whole.add(text, self.rows if which is None else self.rows[which])

    def add_lines(self, lines: Lines, which: NDArray[Any]) -> None:
        """Append blocks of lines."""
        self.whole.add_lines(lines, self.rows[which])


#: Lines made at a time: few enough to stay in a processor's second-level cache.
_LINES = 16384


def _place_lines(out: Bytes, at: Index, lines: Lines) -> None:
    first = np.cumsum(lines.counts) - lines.counts
    total = int(lines.counts.sum())
    # Where line 0 of each row would stand if line numbers went on counting from row to row.
    base = at - first * lines.width
    for low in range(0, total, _LINES):
        high = min(low + _LINES, total)
        begin = int(np.searchsorted(first, low, side="right")) - 1
        end = int(np.searchsorted(first, high, side="left"))
        counts = np.minimum(first[begin:end] + lines.counts[begin:end], high) - np.maximum(first[begin:end], low)
        where = np.repeat(base[begin:end], counts) + np.arange(low, high) * lines.width
        _place_full(out, where, lines.make(low, high))


def _place(out: Bytes, at: Index, row_end: Index, text: Chars) -> None:
    """Write each row's own length at its place."""
    width = text.rows.shape[1]
    if not width or not at.size:
        return
    # Blanks behind a text do no harm where pieces of the same row that come later will stand.
    safe = at + width <= row_end
    if safe.all():
        _place_full(out, at, text.rows)
        return
    roomy = np.flatnonzero(safe & (text.lens > 0))
    _place_full(out, at[roomy], text.rows[roomy])
    exact = np.flatnonzero(~safe & (text.lens > 0))
    lens = text.lens[exact]
    order = exact[np.argsort(lens.astype(np.uint16) if width < 65536 else lens, kind="stable")]
    counts = np.bincount(lens)
    edges = np.cumsum(counts)
    # All rows of one length at a time.
    for size in np.flatnonzero(counts).tolist():
        rows = order[edges[size] - counts[size] : edges[size]]
        _place_full(out, at[rows], text.rows[rows, :size])


def _place_full(out: Bytes, at: Index, rows: Bytes) -> None:
    width = rows.shape[1]
    if at.size:
        rows_view(out, width)[at] = items(rows)
