"""Gopher: menus and documents.

Reference: RFC 1436.
"""

from zjobs.wire import message, text
from zjobs.wire.layout import Field, Layout
from zjobs.wire.message import Message, Reader
from zjobs.wire.talk import SERVER

NAME = "gopher"
TITLE = "GOPHER"
FOUND = {"tcp.app": (70,)}

LAYOUT = Layout("GOPHER", (Field("first", "u8", 0),), 1, "RFC 1436")


def decode(data: Reader, say: Message, state: int) -> None:
    """The lines of a request or of an answer."""
    word = "answer" if state & SERVER else "request"
    say.also(f"gopher : {word}, {len(data)} bytes")
    text.show(say, word.title(), text.lines_of(data))


begins = text.begins
lines = message.lines
values = message.values
