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
_LINES = 5 << 20


class Lines(NamedTuple):
    """Lines of one width that are made only while the text is put together.

    ``make(low, high)`` gives lines low to high as (high - low, width); the result may be overwritten by
    the next call.  ``counts`` says how many consecutive lines each row takes.
    """

    make: Callable[[int, int], Bytes]
    width: int
    counts: Index


class _Piece(NamedTuple):
    """A text of some rows (all, if None), ascending; a list of texts that were made one by one may be of any length."""

    which: Index | None
    text: Chars | Lines | list[bytes]


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

    def lead(self, text: Chars, which: NDArray[Any]) -> None:
        """Put one text a row in front of all that the distinct, ascending rows ``which`` have."""
        self.total[which] += text.lens
        self._pieces.insert(0, _Piece(which.astype(np.int64, copy=False), text))

    def add_lines(self, lines: Lines, which: NDArray[Any]) -> None:
        """Append blocks of lines: ``lines.counts[k]`` of them to row ``which[k]``; the rows must be ascending."""
        which = which.astype(np.int64, copy=False)
        self.total[which] += lines.counts * lines.width
        self._pieces.append(_Piece(which, lines))

    def add_texts(self, texts: list[bytes], which: NDArray[Any]) -> None:
        """Append texts that were made one by one, and may be of any length; the rows must be ascending."""
        which = which.astype(np.int64, copy=False)
        self.total[which] += np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
        self._pieces.append(_Piece(which, texts))

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
        rows, edges = 0, [0]
        while rows < ends.size:
            rows = max(rows + 1, int(np.searchsorted(ends, edges[-1] + most, side="right")))
            edges.append(int(ends[rows - 1]))
        placed = list(self._placed(ends))
        bounds = [pairwise(np.searchsorted(one.at, edges).tolist()) for one in placed]
        for (low, high), *inside in zip(pairwise(edges), *bounds):
            if area.size < high - low:
                area = np.empty(high - low, dtype=np.uint8)
            out = area[: high - low]
            for one, (begin, end) in zip(placed, inside):
                if begin < end:
                    one.write(out, low, begin, end)
            yield out

    def _placed(self, ends: Index) -> Iterator["_Rows | _Lines | _Texts"]:
        """Every piece with the places of its texts in the whole, in the order in which they are to be written."""
        cursor = ends - self.total
        for which, text in self._pieces:
            at = cursor if which is None else cursor[which]
            if isinstance(text, Lines):
                step = text.counts * text.width
                # Where the first line of each row would stand if lines went on counting from row to row.
                base = np.repeat(at - (np.cumsum(step) - step), text.counts)
                yield _Lines(base + np.arange(base.size) * text.width, text)
            elif isinstance(text, list):
                yield _Texts(at, text)
                step = np.fromiter(map(len, text), dtype=np.int64, count=len(text))
            else:
                yield from _placed(at, ends if which is None else ends[which], *text)
                step = text.lens
            if which is None:
                cursor = cursor + step
            else:
                cursor[which] = at + step


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


class _Rows(NamedTuple):
    """Texts as long as each other, and where each begins: ascending."""

    at: Index
    text: Bytes

    def write(self, out: Bytes, base: int, begin: int, end: int) -> None:
        """Write texts begin to end into a part that starts at ``base``."""
        rows_view(out, self.text.shape[1])[self.at[begin:end] - base] = items(self.text[begin:end])


class _Lines(NamedTuple):
    """Lines that are made only now, and where each begins."""

    at: Index
    lines: Lines

    def write(self, out: Bytes, base: int, begin: int, end: int) -> None:
        """Write lines begin to end, a bounded number at a time."""
        make, width, _ = self.lines
        step = max(_LINES // width, 1)
        for low in range(begin, end, step):
            high = min(low + step, end)
            rows_view(out, width)[self.at[low:high] - base] = items(make(low, high))


class _Texts(NamedTuple):
    """Texts of any length, and where each begins."""

    at: Index
    texts: list[bytes]

    def write(self, out: Bytes, base: int, begin: int, end: int) -> None:
        """Write texts begin to end, one by one."""
        view = out.data
        for place, one in zip((self.at[begin:end] - base).tolist(), self.texts[begin:end]):
            view[place : place + len(one)] = one


def _placed(at: Index, row_end: Index, text: Bytes, lens: Index) -> Iterator[_Rows]:
    """Each row's own length at its place."""
    width = text.shape[1]
    if not width or not at.size:
        return
    if lens.strides[0] == 0:
        # Texts known to be as long as each other.
        if lens[0]:
            yield _Rows(at, text[:, : int(lens[0])])
        return
    # Blanks behind a text do no harm where pieces of the same row that come later will stand.
    safe = at + width <= row_end
    if safe.all():
        yield _Rows(at, text)
        return
    there = lens > 0
    roomy = np.flatnonzero(safe & there)
    yield _Rows(at[roomy], np.take(text, roomy, axis=0))
    exact = np.flatnonzero(~safe & there)
    sizes = lens[exact]
    # All rows of one length at a time.
    for size in distinct(sizes):
        rows = exact[sizes == size]
        yield _Rows(at[rows], np.take(text, rows, axis=0)[:, :size])
