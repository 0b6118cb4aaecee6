"""Protocols that speak in lines of text: lines found, shown, and put together from segments."""

import re
import string

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes, among, windows
from zjobs.wire.message import Message, Reader, ascii_text
from zjobs.wire.talk import NOT_MINE, Flow

#: Lines of one message that a listing shows; the rest is in the dump.
MOST_LINES = 200


#: Bytes at the start of a segment that must be text, so that binary data on the port is told from it; who types may
#: rub some out.
LOOK = 16
_TEXT = bytes((8, 9, 10, 13, *range(32, 128)))
_IS_TEXT = among(np.arange(256), _TEXT)
#: Replies and commands tell what they are by their first four bytes; what they go on to say may be in any code page.
_TOLD = re.compile(rb"[0-9]{3}[ -]|\+OK |-ERR|[A-Za-z]{3}[A-Za-z ]")
_HIGH = bytes(range(128, 256))
_IS_ANY_TEXT = among(np.arange(256), _TEXT + _HIGH)
_HEAD = 4
_BLANK, _HYPHEN = b" -"
_STATUS = {int.from_bytes(word, "big") for word in (b"+OK ", b"-ERR")}
_IS_DIGIT = among(np.arange(256), b"0123456789")
_IS_LETTER = among(np.arange(256), string.ascii_letters.encode())


def begins(buf: Bytes, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
    """``begins`` of a protocol whose messages start with text."""
    first = windows(buf, start, LOOK)
    behind = np.arange(LOOK) >= (end - start)[:, None]
    foreign = (_IS_ANY_TEXT[first] | behind).all(axis=1) & _tells(first) & (end - start >= _HEAD)
    return np.asarray((_IS_TEXT[first] | behind).all(axis=1) | foreign)


def _tells(first: Bytes) -> NDArray[np.bool_]:
    """Three digits and a blank or a hyphen (RFC 5321, RFC 959), the status of RFC 1939, or a word of three or more."""
    coded = _IS_DIGIT[first[:, :3]].all(axis=1) & ((first[:, 3] == _BLANK) | (first[:, 3] == _HYPHEN))
    status = np.ascontiguousarray(first[:, :_HEAD]).view(">u4").reshape(-1)
    word = _IS_LETTER[first[:, :3]].all(axis=1) & (_IS_LETTER[first[:, 3]] | (first[:, 3] == _BLANK))
    return np.asarray(coded | word | among(status, _STATUS))


def looks(data: bytes) -> bool:
    """Whether data starts with text."""
    others = data[:LOOK].translate(None, _TEXT)
    return not others or (not others.translate(None, _HIGH) and _TOLD.match(data) is not None)


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
