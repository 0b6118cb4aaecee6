"""HTTP/2: frames by name.  Headers are compressed over the whole connection and are not unpacked.

Reference: RFC 9113, section 4.
"""

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes, windows
from zjobs.wire import message
from zjobs.wire.layout import Field, Layout
from zjobs.wire.message import Message, Reader
from zjobs.wire.talk import NOT_MINE, OWN, Flow

NAME = "http2"
TITLE = "HTTP/2"
FOUND: dict[str, tuple[int, ...]] = {}
ANYWHERE = ("tcp",)
LISTS = frozenset({"http2.type", "http2.length", "http2.streamid", "http2.flags"})

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
TYPES = (
    "DATA", "HEADERS", "PRIORITY", "RST_STREAM", "SETTINGS", "PUSH_PROMISE", "PING", "GOAWAY", "WINDOW_UPDATE",
    "CONTINUATION",
)  # fmt: skip
_START = int.from_bytes(PREFACE[:8], "big")
#: The connection started with the preface, or HTTP/1 went over to it: frames follow.
FRAMES = OWN
_LARGEST = 1 << 20

LAYOUT = Layout(
    "HTTP/2 frame",
    (
        Field("length", "u24", 0, "Length", json="http2.length"),
        Field("type", "u8", 3, "Type", json="http2.type"),
        Field("flags", "u8", 4, "Flags", json="http2.flags"),
        Field("stream", "u32", 5, "Stream", bits=(0, 31), json="http2.streamid"),
    ),
    9,
    "RFC 9113, section 4.1",
)


def begins(buf: Bytes, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The preface of a client."""
    first = np.ascontiguousarray(windows(buf, start, 8)).view(">u8").reshape(-1)
    return np.asarray((first == _START) & (end - start >= len(PREFACE)))


def measure(data: bytes, flow: Flow) -> int:
    """The preface, then frames in both directions."""
    if data.startswith(PREFACE):
        for one in (flow, flow.other):
            one.state |= FRAMES
        return len(PREFACE)
    if not flow.state & FRAMES:
        return NOT_MINE
    if len(data) < LAYOUT.size:
        return -LAYOUT.size
    length = int.from_bytes(data[:3], "big")
    return LAYOUT.size + length if length <= _LARGEST else NOT_MINE


def decode(data: Reader, say: Message, state: int) -> None:
    """The frames of a segment."""
    if data.data.startswith(PREFACE):
        data.take(len(PREFACE))
        say.line("Preface", "PRI * HTTP/2.0")
        say.also("http2 : preface")
    while len(data):
        head = say.header(LAYOUT, data)
        name = TYPES[head["type"]] if head["type"] < len(TYPES) else f"type {head['type']}"
        say.line("Frame", name, ("Stream", head["stream"]), ("Length", head["length"]))
        say.also(name if say.summary else f"http2 : {name}")
        data.take(min(head["length"], len(data)) if say.cut else head["length"])


lines = message.lines
values = message.values
