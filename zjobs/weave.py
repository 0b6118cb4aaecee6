"""Texts of many rows, grown piece by piece and put one behind the other without a Python statement per row."""

import threading
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import Chars
from zjobs.columns import Bytes, Index, distinct, items, rows_view

#: Bytes of text that are put together at a time: from 32 MiB on, the C library takes memory from the system and gives
#: it back each time.
_PART = 24 << 20

#: Bytes of lines made at a time: so many that the calls do not count, so few that they stay in a processor's cache.
_LINES = 5 << 19


class Lines(NamedTuple):
    """Lines of one width that are made only while the text is put together.

    ``make(low, high)`` gives lines low to high as (high - low, width); the result may be overwritten by
    the next call.  ``counts`` says how many consecutive lines each row takes.
    """

    make: Callable[[int, int], Bytes]
    width: int
    counts: Index


class _Texts(NamedTuple):
    """A text of its own for each row, made one by one."""

    texts: list[bytes]
    lens: Index


class _Piece(NamedTuple):
    """A text of some rows (all, if None), ascending; ``first`` is the number of the first line of each."""

    which: Index | None
    text: Chars | Lines | _Texts
    first: Index | None = None


class _Area(threading.local):
    """Where a thread puts parts of text together: the same memory for all of them."""

    text: Bytes = np.empty(0, dtype=np.uint8)


_AREA = _Area()


class Weave:
    """Texts of n rows, each grown piece by piece, rendered one behind the other.

    ``add`` appends a piece to some rows; the order of the calls is the order within a row.
    """

    def __init__(self, count: int) -> None:
        self.total = np.zeros(count, dtype=np.int64)
        self._pieces: list[_Piece] = []

    def add(self, text: Chars, which: NDArray[Any] | None = None) -> None:
        """Append one text a row: to all rows, or to the distinct rows ``which``."""
        if which is None:
            self.total += text.lens
        else:
            which = which.astype(np.int64, copy=False)
            if (which[1:] < which[:-1]).any():
                order = np.argsort(which)
                which, text = which[order], text.take(order)
            self.total[which] += text.lens
        self._pieces.append(_Piece(which, text))

    def add_lines(self, lines: Lines, which: NDArray[Any]) -> None:
        """Append blocks of lines: ``lines.counts[k]`` of them to row ``which[k]``; the rows must be ascending."""
        which = which.astype(np.int64, copy=False)
        self.total[which] += lines.counts * lines.width
        self._pieces.append(_Piece(which, lines, np.cumsum(lines.counts) - lines.counts))

    def add_texts(self, texts: list[bytes], which: NDArray[Any]) -> None:
        """Append texts that were made one by one, and may be of any length; the rows must be ascending."""
        which = which.astype(np.int64, copy=False)
        lens = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
        self.total[which] += lens
        self._pieces.append(_Piece(which, _Texts(texts, lens)))

    def render(self) -> Bytes:
        """All rows, one behind the other, as flat bytes."""
        size = int(self.total.sum())
        return next(self._parts(size, np.empty(size, dtype=np.uint8)), np.empty(0, dtype=np.uint8))

    def parts(self, most: int = _PART) -> Iterator[memoryview]:
        """All rows in parts of about ``most`` bytes, whole rows each; the next part of a thread overwrites the last."""
        if _AREA.text.size < most:
            _AREA.text = np.empty(most, dtype=np.uint8)
        return (part.data for part in self._parts(most, _AREA.text))

    def _parts(self, most: int, area: Bytes) -> Iterator[Bytes]:
        ends = np.cumsum(self.total)
        edges = [0]
        while edges[-1] < ends.size:
            low = edges[-1]
            begin = int(ends[low - 1]) if low else 0
            edges.append(max(low + 1, int(np.searchsorted(ends, begin + most, side="right"))))
        bounds = [edges if p.which is None else np.searchsorted(p.which, edges).tolist() for p in self._pieces]
        for k, (low, high) in enumerate(pairwise(edges)):
            size = int(self.total[low:high].sum())
            if area.size < size:
                area = np.empty(size, dtype=np.uint8)
            self._fill(area[:size], low, high, [(b[k], b[k + 1]) for b in bounds])
            yield area[:size]

    def _fill(self, out: Bytes, low: int, high: int, bounds: list[tuple[int, int]]) -> None:
        """Rows low to high, one behind the other; ``bounds`` say which texts of each piece belong to them."""
        ends = np.cumsum(self.total[low:high])
        cursor = ends - self.total[low:high]
        for (which, text, first), (begin, end) in zip(self._pieces, bounds):
            if begin == end:
                continue
            rows = slice(None) if which is None else which[begin:end] - low
            at = cursor[rows]
            if isinstance(text, Lines):
                assert first is not None
                _place_lines(out, at, text, first, begin, end)
                step = text.counts[begin:end] * text.width
            elif isinstance(text, _Texts):
                view = out.data
                for place, one in zip(at.tolist(), text.texts[begin:end]):
                    view[place : place + len(one)] = one
                step = text.lens[begin:end]
            else:
                lens = text.lens[begin:end]
                _place(out, at, ends[rows], text.rows[begin:end], lens)
                step = lens
            cursor[rows] = at + step


class Some(Weave):
    """Some rows of a weave, ascending, to be grown as if they were all."""

    def __init__(self, whole: Weave, rows: Index) -> None:
        super().__init__(rows.size)
        self.whole, self.rows = whole, rows

    def add(self, text: Chars, which: NDArray[Any] | None = None) -> None:
        """Append to the chosen rows among these."""
        self.whole.add(text, self.rows if which is None else self.rows[which])

    def add_lines(self, lines: Lines, which: NDArray[Any]) -> None:
        """Append blocks of lines."""
        self.whole.add_lines(lines, self.rows[which])

    def add_texts(self, texts: list[bytes], which: NDArray[Any]) -> None:
        """Append texts that were made one by one."""
        self.whole.add_texts(texts, self.rows[which])


def _place_lines(out: Bytes, at: Index, lines: Lines, first: Index, begin: int, end: int) -> None:
    """Write the lines of rows begin to end of a piece."""
    # Where line 0 of each row would stand if line numbers went on counting from row to row.
    base = at - first[begin:end] * lines.width
    start, stop = int(first[begin]), int(first[end - 1] + lines.counts[end - 1])
    step = max(_LINES // lines.width, 1)
    for low in range(start, stop, step):
        high = min(low + step, stop)
        a = max(int(np.searchsorted(first, low, side="right")) - 1, begin)
        b = min(int(np.searchsorted(first, high, side="left")), end)
        counts = np.minimum(first[a:b] + lines.counts[a:b], high) - np.maximum(first[a:b], low)
        where = np.repeat(base[a - begin : b - begin], counts) + np.arange(low, high) * lines.width
        _place_full(out, where, lines.make(low, high))


def _place(out: Bytes, at: Index, row_end: Index, text: Bytes, lens: Index) -> None:
    """Write each row's own length at its place."""
    width = text.shape[1]
    if not width or not at.size:
        return
    if lens.strides[0] == 0:
        # Texts known to be as long as each other.
        _place_full(out, at, text[:, : int(lens[0])])
        return
    # Blanks behind a text do no harm where pieces of the same row that come later will stand.
    safe = at + width <= row_end
    if safe.all():
        _place_full(out, at, text)
        return
    there = lens > 0
    roomy = np.flatnonzero(safe & there)
    _place_full(out, at[roomy], np.take(text, roomy, axis=0))
    exact = np.flatnonzero(~safe & there)
    sizes = lens[exact]
    # All rows of one length at a time.
    for size in distinct(sizes):
        rows = exact[sizes == size]
        _place_full(out, at[rows], np.take(text, rows, axis=0)[:, :size])


def _place_full(out: Bytes, at: Index, rows: Bytes) -> None:
    width = rows.shape[1]
    if at.size and width:
        rows_view(out, width)[at] = items(rows)
