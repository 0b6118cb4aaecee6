"""Remote commands of UNIX: rexec, rlogin, rsh.  What a user types may be a password, so only its size is told.

Reference: RFC 1282 (rlogin, port 513); the BSD manual (rexec 512, rsh 514).
"""

from zjobs.wire import message, text
from zjobs.wire.layout import Field, Layout
from zjobs.wire.message import Message, Reader
from zjobs.wire.talk import SERVER

NAME = "rlogin"
TITLE = "UNIX remote command"
FOUND = {"tcp.app": (512, 513, 514)}

LAYOUT = Layout("UNIX remote command", (Field("first", "u8", 0),), 1, "RFC 1282, section 2")


def decode(data: Reader, say: Message, state: int) -> None:
    """Who speaks, and how much."""
    word = "Server" if state & SERVER else "Client"
    say.also(f"unix : {len(data)} bytes of {word.lower()} data")
    say.line(word, f"{len(data)} bytes")


begins = text.begins
lines = message.lines
values = message.values
