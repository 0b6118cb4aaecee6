"""Hex dumps: headers eight words to a line, data four words with translations.

Offsets have six hex digits in columns 1-6, words start in 8, 17, 26, 35; the translation starts with a
vertical bar in column 44, EBCDIC to the left of ASCII where both are shown.
"""

import threading
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import BLANK, Chars, byte_pairs, found, hex_digits, hex_quads, same
from zjobs.columns import Bytes, Index, item, items, windows
from zjobs.page.grid import NEWLINE
from zjobs.weave import Lines, Weave

_PER_LINE = 16
_HEADER_LINE = 32

#: Whole lines are made and moved so many at a time: each move costs as much as copying two lines.
_BLOCK = 4

#: Translation name: which of (EBCDIC, ASCII) stand in the line.
TRANSLATIONS = {"BOTH": (True, True), "ASCII": (False, True), "EBCDIC": (True, False), "HEX": (False, False)}


@cache
def printable(code_page: str) -> Bytes:
    """For each byte the ASCII character shown, a dot where there is none."""
    table = np.full(256, ord("."), dtype=np.uint8)
    for n in range(256):
        char = bytes([n]).decode(code_page, "replace")
        if " " <= char <= "~":
            table[n] = ord(char)
    return table


#: What is shown of so many bytes, (n, m): given as they are, and two by two as numbers to look up.
Shown = Callable[[Bytes, Index], Bytes]


@cache
def _looked_up(code_page: str) -> Shown:
    """The characters of a code page, for every two bytes."""
    table = np.ascontiguousarray(printable(code_page)[byte_pairs()]).view(np.uint16).reshape(-1)
    return lambda raw, two: found(table, two).view(np.uint8)


def _ascii(raw: Bytes, two: Index) -> Bytes:
    """Bytes as they are, and a dot for what is none of the 95 printable ones: half the time of looking them up."""
    other = raw - BLANK > ord("~") - BLANK
    shown = raw ^ np.uint8(ord("."))
    shown *= other.view(np.uint8)
    np.bitwise_xor(shown, raw, out=shown)
    return shown


@cache
def _offsets(lines: int) -> Bytes:
    """Six hex digits of 0, 16, 32 ... and two blanks, of so many lines."""
    text = b"".join(b"%06X  " % (n * _PER_LINE) for n in range(lines))
    return np.frombuffer(text, dtype=np.uint8)


def header_lines(
    weave: Weave, which: NDArray[Any], buf: Bytes, start: NDArray[np.int64], end: NDArray[np.int64]
) -> None:
    """Hex only, 32 bytes a line, for headers."""
    size = np.maximum(end - start, 0)
    for k in range(-(-int(size.max(initial=0)) // _HEADER_LINE)):
        rows = np.flatnonzero(size > k * _HEADER_LINE)
        here = np.minimum(size[rows] - k * _HEADER_LINE, _HEADER_LINE)
        across = -(-int(here.max()) // 4)
        line = (b"%06X" % (k * _HEADER_LINE)).ljust(7 + 9 * across)
        out = np.empty((rows.size, len(line)), dtype=np.uint8)
        items(out)[:] = np.frombuffer(line, dtype=item(len(line)))
        words = hex_digits(windows(buf, start[rows] + k * _HEADER_LINE, 4 * across)).view("V8")
        _column(out, 7, "V8", rows.size, across)[:] = words
        if int(here.min()) == 4 * across:
            # The blank behind the last word is where the line ends.
            out[:, -1] = NEWLINE
            weave.add(Chars(out, same(len(line), rows.size)), which[rows])
            continue
        lens = 7 + 2 * here + (here - 1) // 4
        out.reshape(-1)[np.arange(0, out.size, out.shape[1]) + lens] = NEWLINE
        weave.add(Chars(out, lens + 1), which[rows])


def data_lines(
    weave: Weave,
    which: NDArray[Any],
    buf: Bytes,
    start: NDArray[np.int64],
    end: NDArray[np.int64],
    translation: str,
    code_page: str,
) -> None:
    """Sixteen bytes a line with the chosen translation; all lines of all packets are made at once."""
    if (which[1:] < which[:-1]).any():
        order = np.argsort(which)
        which, start, end = which[order], start[order], end[order]
    size = np.maximum(end - start, 0)
    counts = -(-size // _PER_LINE)
    if not counts.any():
        return
    ebcdic, ascii_ = TRANSLATIONS[translation]
    # Offset and words end in column 42; bar, translations, a blank between them, bar; a new line.
    width = 43 if translation == "HEX" else 45 + 17 * (ebcdic + ascii_)
    shown = [_looked_up(code_page)] * ebcdic + [_ascii] * ascii_
    offsets = _offsets(1 << max(8, int(counts.max() - 1).bit_length()))
    first = np.zeros_like(counts)
    for block in (_BLOCK, 1):
        # Whole blocks, and after them the lines that are left.
        counts = -(-size // _PER_LINE) if block == 1 else size // (_PER_LINE * block)
        rows = np.flatnonzero(counts)
        if rows.size:
            maker = _Maker(buf, start[rows], size[rows], first[rows], counts[rows], block, width, shown, offsets)
            weave.add_lines(Lines(maker.make, width * block, counts[rows]), which[rows])
        first = counts * block
        start, size = start + first * _PER_LINE, size - first * _PER_LINE


class _Areas(threading.local):
    """The work areas of a thread, by the width and the bars of their lines."""

    def __init__(self) -> None:
        self.of: dict[tuple[int, bool], Bytes] = {}


_AREAS = _Areas()


def _area(count: int, width: int, bars: bool) -> Bytes:
    """A work area of the thread for lines of a kind, with their constant parts written."""
    area = _AREAS.of.get((width, bars))
    if area is None or area.shape[0] < count:
        area = np.full((count, width), BLANK, dtype=np.uint8)
        area[:, -1] = NEWLINE
        if bars:
            area[:, 43] = area[:, -2] = ord("|")
        _AREAS.of[width, bars] = area
    return area


class _Maker:
    """Makes lines of a dump, ``block`` of them at a time; ``number`` is that of the first line of each row."""

    def __init__(
        self,
        buf: Bytes,
        start: NDArray[np.int64],
        size: NDArray[np.int64],
        number: NDArray[np.int64],
        counts: NDArray[np.int64],
        block: int,
        width: int,
        shown: list[Shown],
        offsets: Bytes,
    ) -> None:
        self.buf, self.size = buf, size
        self.block, self.width, self.shown = block, width, shown
        #: The last block of each row, and for all blocks where their bytes are and the number of their first line.
        self.last = np.cumsum(counts) - 1
        ordinal = np.arange(counts.sum()) - np.repeat(self.last + 1 - counts, counts)
        self.source = np.repeat(start, counts) + ordinal * (_PER_LINE * block)
        self.number = np.repeat(number, counts) + ordinal * block
        self.offsets = windows(offsets, np.arange(0, offsets.size - 8 * block + 1, 8), 8 * block)

    def make(self, low: int, high: int) -> Bytes:
        """Blocks low to high."""
        count = (high - low) * self.block
        area = _area(count, self.width, bool(self.shown))
        lines = area[:count]
        raw = windows(self.buf, self.source[low:high], _PER_LINE * self.block).reshape(count, _PER_LINE)
        # The eighth byte of the offset is overwritten by the first word.
        _column(area, 0, "V8", count)[:] = np.take(items(self.offsets), self.number[low:high]).view("V8")
        two = raw.view(np.uint16).astype(np.intp)
        _column(area, 7, "V8", count, 4)[:] = found(hex_quads(), two).view("V8")
        for k, shown in enumerate(self.shown):
            _column(area, 44 + 17 * k, "V16", count)[:] = items(shown(raw, two))
        if self.block == 1:
            begin, end = np.searchsorted(self.last, (low, high)).tolist()
            self._end(lines, self.last[begin:end] - low, self.size[begin:end] % _PER_LINE)
        return lines.reshape(high - low, -1)

    def _end(self, lines: Bytes, last: NDArray[np.int64], rest: NDArray[np.int64]) -> None:
        """Blanks behind the data of last lines, those of them that are not full."""
        partial = np.flatnonzero(rest)
        rows, size = last[partial], rest[partial]
        kept, filled = _beyond(self.width, len(self.shown))
        text = items(lines)[rows].view(np.uint8).reshape(-1, self.width)
        text &= np.take(kept, size).view(np.uint8).reshape(-1, self.width)
        text |= np.take(filled, size).view(np.uint8).reshape(-1, self.width)
        items(lines)[rows] = items(text)


def _column(area: Bytes, at: int, kind: str, count: int, across: int = 0) -> NDArray[Any]:
    """Items at a column of the first lines; or several across, with a blank between them."""
    width = area.shape[1]
    shape, strides = ((count, across), (width, 9)) if across else ((count,), (width,))
    # Items without a type are copied as they are: numbers would be aligned first, in twice the time.
    return np.ndarray(shape, dtype=kind, buffer=area, offset=at, strides=strides)


@cache
def _beyond(width: int, shown: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """For each number of bytes in a line (16,), as items of ``width`` bytes: ones where the line shows what it has or
    what every line has, and blanks where it would show more.
    """
    beyond = np.zeros((_PER_LINE, width), dtype=np.bool_)
    for size in range(_PER_LINE):
        for k in range(size, _PER_LINE):
            column = 7 + 2 * k + k // 4
            beyond[size, column : column + 2] = True
            beyond[size, [44 + 17 * t + k for t in range(shown)]] = True
    kept, filled = np.where(beyond, 0, 255), np.where(beyond, BLANK, 0)
    return items(kept.astype(np.uint8)), items(filled.astype(np.uint8))
