"""Time protocol: the seconds since 1900 in four bytes.

Reference: RFC 868.
"""

from datetime import UTC, datetime, timedelta

from zjobs.wire import message
from zjobs.wire.layout import Field, Layout
from zjobs.wire.message import Message, Reader

NAME = "time"
TITLE = "TIME"
FOUND = {"udp.app": (37,), "tcp.app": (37,)}

LAYOUT = Layout("TIME", (Field("seconds", "u32", 0, "Seconds", json="time.time"),), 4, "RFC 868")

_EPOCH = datetime(1900, 1, 1, tzinfo=UTC)


def decode(data: Reader, say: Message, state: int) -> None:
    """A request is empty; an answer is a time."""
    seconds = int.from_bytes(data.take(4, "header"), "big")
    when = _EPOCH + timedelta(seconds=seconds)
    say.line("Time", f"{when:%Y/%m/%d %H:%M:%S}")
    say.also(f"time : {when:%Y/%m/%d %H:%M:%S}")


lines = message.lines
values = message.values
