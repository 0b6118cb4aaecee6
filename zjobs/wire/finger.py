"""Finger: who is logged on.

Reference: RFC 1288.
"""

from zjobs.wire import message, text
from zjobs.wire.layout import Field, Layout
from zjobs.wire.message import Message, Reader
from zjobs.wire.talk import SERVER

NAME = "finger"
TITLE = "FINGER"
FOUND = {"tcp.app": (79,)}

LAYOUT = Layout("FINGER", (Field("first", "u8", 0),), 1, "RFC 1288")


def decode(data: Reader, say: Message, state: int) -> None:
    """The lines of a request or of an answer."""
    word = "answer" if state & SERVER else "request"
    say.also(f"finger : {word}, {len(data)} bytes")
    text.show(say, word.title(), text.lines_of(data))


begins = text.begins
lines = message.lines
values = message.values
