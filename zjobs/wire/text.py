"""Protocols that speak in lines of text: lines found, shown, and put together from segments."""

from zjobs.wire.message import Message, Reader, ascii_text
from zjobs.wire.talk import Flow

#: Lines of one message that a listing shows; the rest is in the dump.
MOST_LINES = 200


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
    return data.find(b"\n") + 1 or -len(data) - 1
