"""Hex dumps: headers eight words to a line, data four words with translations.

Offsets have six hex digits in columns 1-6, words start in 8, 17, 26, 35; the translation starts with a
vertical bar in column 44, EBCDIC to the left of ASCII where both are shown.
"""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import BLANK, Bytes, Chars, Weave, hex_pairs, windows
from zjobs.page.grid import NEWLINE

_PER_LINE = 16
_HEADER_LINE = 32
_BLOCK = 8192

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


def hex_words(raw: Bytes) -> Bytes:
    """Two upper-case hex digits a byte: (n, w) to (n, 2w)."""
    return hex_pairs()[raw].view(np.uint8).reshape(raw.shape[0], raw.shape[1] * 2)


@cache
def _offsets(lines: int) -> Bytes:
    """Six hex digits of 0, 16, 32 ... for the first ``lines`` lines: (lines, 6)."""
    text = b"".join(b"%06X" % (n * _PER_LINE) for n in range(lines))
    return np.frombuffer(text, dtype=np.uint8).reshape(lines, 6)


def header_lines(weave: Weave, which: NDArray[Any], buf: Bytes, start: NDArray[np.int64], end: NDArray[np.int64]) -> None:
    """Hex only, 32 bytes a line, for headers."""
    size = np.maximum(end - start, 0)
    for k in range(-(-int(size.max(initial=0)) // _HEADER_LINE)):
        rows = np.flatnonzero(size > k * _HEADER_LINE)
        here = np.minimum(size[rows] - k * _HEADER_LINE, _HEADER_LINE)
        raw = windows(buf, start[rows] + k * _HEADER_LINE, _HEADER_LINE)
        pairs = hex_words(raw).reshape(rows.size, 8, 8)
        out = np.full((rows.size, 7 + 72 + 1), BLANK, dtype=np.uint8)
        out[:, :6] = np.frombuffer(b"%06X" % (k * _HEADER_LINE), dtype=np.uint8)
        out[:, 7:79].reshape(rows.size, 8, 9)[:, :, :8] = pairs
        lens = 7 + 2 * here + (here - 1) // 4
        out[np.arange(rows.size), lens] = NEWLINE
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
    size = np.maximum(end - start, 0)
    counts = -(-size // _PER_LINE)
    total = int(counts.sum())
    if not total:
        return
    ebcdic, ascii_ = TRANSLATIONS[translation]
    width = 43 + (1 + 16 * (ebcdic + ascii_) + (ebcdic and ascii_) + 1 if ebcdic or ascii_ else 0) + 1
    if not (ebcdic or ascii_):
        width = 43
    first = np.cumsum(counts) - counts
    ordinal = np.arange(total, dtype=np.int64) - np.repeat(first, counts)
    source = np.repeat(start, counts) + ordinal * _PER_LINE
    lines = np.empty((total, width), dtype=np.uint8)
    offsets = _offsets(4096)
    longest = int(counts.max())
    if longest > 4096:
        offsets = _offsets(1 << (longest - 1).bit_length())
    template = np.full(width, BLANK, dtype=np.uint8)
    template[-1] = NEWLINE
    if ebcdic or ascii_:
        template[43] = template[-2] = ord("|")
    tables = [printable(code_page)] * ebcdic + [printable("ascii")] * ascii_
    for low in range(0, total, _BLOCK):
        high = min(low + _BLOCK, total)
        block = lines[low:high]
        raw = windows(buf, source[low:high], _PER_LINE)
        _fill(block, raw, offsets[ordinal[low:high]], template, tables)
    last = first + counts - 1
    partial = np.flatnonzero(size % _PER_LINE)
    _cut(lines, last[partial], size[partial] % _PER_LINE, bool(ebcdic), bool(ascii_))
    weave.add_lines(lines, which, counts)


def _fill(block: Bytes, raw: Bytes, offsets: Bytes, template: Bytes, tables: list[Bytes]) -> None:
    count = block.shape[0]
    block[:] = template
    block[:, :6] = offsets
    words = hex_words(raw).reshape(count, 4, 8)
    for k in range(4):
        block[:, 7 + 9 * k : 15 + 9 * k] = words[:, k]
    at = 44
    for table in tables:
        block[:, at : at + 16] = table[raw]
        at += 17


def _cut(lines: Bytes, rows: NDArray[Any], size: NDArray[np.int64], ebcdic: bool, ascii_: bool) -> None:
    """Blank what lies beyond the data on last lines."""
    place = np.arange(_PER_LINE)
    beyond = place >= size[:, None]
    chosen = lines[rows]
    for k in range(_PER_LINE):
        column = 7 + 2 * k + k // 4
        chosen[:, column : column + 2][beyond[:, k]] = BLANK
    for at in [44] * (ebcdic or ascii_) + [61] * (ebcdic and ascii_):
        chosen[:, at : at + 16][beyond] = BLANK
    if not (ebcdic or ascii_):
        # Without a closing bar a line may end early; blanks to the end do no harm.
        chosen[:, -1] = NEWLINE
    lines[rows] = chosen
