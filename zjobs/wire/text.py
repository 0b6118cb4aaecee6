"""Protocols that speak in lines of text: lines found, shown, and put together from segments."""

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes, among, windows
from zjobs.wire.message import Message, Reader, ascii_text
from zjobs.wire.talk import NOT_MINE, Flow

#: Lines of one message that a listing shows; the rest is in the dump.
MOST_LINES = 200


#: Bytes at the start of a segment that must be text, so that binary data on the port is told from it.
LOOK = 16
_TEXT = bytes((9, 10, 13, *range(32, 127)))
_IS_TEXT = among(np.arange(256), _TEXT)


def begins(buf: Bytes, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
    """``begins`` of a protocol whose messages start with text."""
    text = _IS_TEXT[windows(buf, start, LOOK)]
    text |= np.arange(LOOK) >= (end - start)[:, None]
    return np.asarray(text.all(axis=1))


def looks(data: bytes) -> bool:
    """Whether data starts with text."""
    return not data[:LOOK].translate(None, _TEXT)


def first_line(data: bytes) -> tuple[str, int]:
    """The first line without its end, and where the next one starts."""
    at = data.find(b"\n")
    if at < 0:
        return ascii_text(data.removesuffix(b"\r")), len(data)
    return ascii_text(data[:at].removesuffix(b"\r")), at + 1


def lines_of(data: Reader) -> list[str]:
    """All lines that are left."""
    return [ascii_text(line) for line in data.rest().splitlines()]


def show(say: Message, label: str, lines: list[str]) -> None:
    """Lines of text under a label; no more than anybody reads."""
    for k, line in enumerate(lines[:MOST_LINES]):
        say.line(label if k == 0 else "", line)
    if len(lines) > MOST_LINES:
        say.line("", f"({len(lines) - MOST_LINES} lines more)")


def whole_line(data: bytes, flow: Flow) -> int:
    """``measure`` of a protocol whose messages are lines."""
    return (data.find(b"\n") + 1 or -len(data) - 1) if looks(data) else NOT_MINE
