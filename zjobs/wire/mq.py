"""IBM MQ channels: the transmission segment header of each message.

Reference: IBM MQ, "Channel protocol" as dissectors know it: eye catcher TSH, TSHC or TSHM in ASCII or EBCDIC.
"""

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes, among, windows
from zjobs.wire import message
from zjobs.wire.layout import Field, Layout
from zjobs.wire.message import Message, Reader
from zjobs.wire.talk import NOT_MINE, Flow

NAME = "mq"
TITLE = "MQ"
FOUND = {"tcp.app": (1414,)}
ANYWHERE = ("tcp",)

_CATCHERS = tuple(word.encode(page) for word in ("TSH ", "TSHC", "TSHM") for page in ("ascii", "cp037"))
_WORDS = np.array([int.from_bytes(word, "big") for word in _CATCHERS], dtype=np.uint32)

SEGMENTS = {
    0x01: "INITIAL DATA", 0x02: "RESYNC DATA", 0x03: "RESET DATA", 0x04: "MESSAGE DATA", 0x05: "STATUS DATA",
    0x06: "SECURITY DATA", 0x07: "PING DATA", 0x08: "USERID DATA", 0x09: "HEARTBEAT", 0x0A: "CONAUTH INFO",
    0x0B: "RENEGOTIATE DATA", 0x0C: "SOCKET ACTION", 0x0D: "ASYNC MESSAGE", 0x0E: "REQUEST MESSAGES",
    0x0F: "NOTIFICATION", 0x81: "MQCONN", 0x82: "MQDISC", 0x83: "MQOPEN", 0x84: "MQCLOSE", 0x85: "MQGET", 0x86: "MQPUT",
    0x87: "MQPUT1", 0x88: "MQSET", 0x89: "MQINQ", 0x8A: "MQCMIT", 0x8B: "MQBACK", 0x8C: "SPI", 0x8D: "MQSTAT",
    0x8E: "MQSUB", 0x8F: "MQSUBRQ", 0x91: "MQCONN REPLY", 0x92: "MQDISC REPLY", 0x93: "MQOPEN REPLY",
    0x94: "MQCLOSE REPLY", 0x95: "MQGET REPLY", 0x96: "MQPUT REPLY", 0x97: "MQPUT1 REPLY", 0x98: "MQSET REPLY",
    0x99: "MQINQ REPLY", 0x9A: "MQCMIT REPLY", 0x9B: "MQBACK REPLY", 0x9C: "SPI REPLY", 0x9D: "MQSTAT REPLY",
    0x9E: "MQSUB REPLY", 0x9F: "MQSUBRQ REPLY",
}  # fmt: skip

LAYOUT = Layout(
    "TSH",
    (
        Field("catcher", "u32", 0, "Eye Catcher"),
        Field("length", "u32", 4, "Segment Length", json="mq.tsh.seglength"),
    ),
    8,
    "IBM MQ transmission segment header",
)


def begins(buf: Bytes, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
    """An eye catcher."""
    word = np.ascontiguousarray(windows(buf, start, 4)).view(">u4").reshape(-1)
    return np.asarray(among(word, _WORDS) & (end - start >= LAYOUT.size))


def measure(data: bytes, flow: Flow) -> int:
    """The second word is the length of a segment."""
    if len(data) < LAYOUT.size:
        return -LAYOUT.size
    length = int.from_bytes(data[4:8], "big")
    return length if data[:4] in _CATCHERS and 28 <= length <= 1 << 24 else NOT_MINE


def decode(data: Reader, say: Message, state: int) -> None:
    """The segments, by their type."""
    while len(data):
        begin = data.at
        head = say.header(LAYOUT, data)
        catcher = data.data[begin : begin + 4]
        if catcher not in _CATCHERS:
            raise data.bad("mq.tsh.structid")
        if catcher[3:] in (b"M", b"\xd4"):
            # Segments of shared conversations say which conversation they are of.
            say.line("Conversation", data.u32(), ("Request", data.u32()))
        data.u8()
        kind = data.u8()
        name = SEGMENTS.get(kind, f"type {kind:02X}")
        say.field("mq.tsh.type", kind)
        say.line("Segment", f"{name} ({kind:02X})", ("Length", head["length"]))
        say.also(name if say.summary else f"mq : {name}")
        rest = head["length"] - (data.at - begin)
        data.take(min(rest, len(data)) if say.cut else rest)


lines = message.lines
values = message.values
