"""Server/Application State Protocol: messages by name, with the results of replies.

Reference: RFC 4678, sections 4 (header) and 6 (messages).
"""

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes, windows
from zjobs.wire import message
from zjobs.wire.layout import Field, Layout
from zjobs.wire.message import Message, Reader
from zjobs.wire.talk import NOT_MINE, Flow
from zjobs.wire.values import hex4, hex8

NAME = "sasp"
TITLE = "SASP"
FOUND = {"tcp.app": (3860,)}

LAYOUT = Layout(
    "SASP",
    (
        Field("header", "u16", 0, "Header", hex4, json="sasp.msg.type"),
        Field("size", "u16", 2, "Header Length", json="sasp.header.Len"),
        Field("version", "u8", 4, "Version", json="sasp.version"),
        Field("length", "u32", 5, "Message Length", json="sasp.msg.len"),
        Field("id", "u32", 9, "Message Id", hex8, json="sasp.msg.id"),
    ),
    13,
    "RFC 4678, section 4.1",
)

_HEADER = 0x2010
#: Messages: name, and the prefix of Wireshark's names of a reply's return code.
MESSAGES = {
    0x1010: ("Registration Request", ""), 0x1015: ("Registration Reply", "reg-rep"),
    0x1020: ("Deregistration Request", ""), 0x1025: ("Deregistration Reply", "dereg-rep"),
    0x1030: ("Get Weights Request", ""), 0x1035: ("Get Weights Reply", "getwt-rep"), 0x1040: ("Send Weights", ""),
    0x1050: ("Set LB State Request", ""), 0x1055: ("Set LB State Reply", "setlbstate-rep"),
    0x1060: ("Set Member State Request", ""), 0x1065: ("Set Member State Reply", "setmemstate-rep"),
}  # fmt: skip
#: Recalled from RFC 4678, section 6; a code without a name is shown as it is.
RESULTS = {
    0x00: "success", 0x10: "message not understood", 0x11: "GWM will not accept this message",
    0x40: "member already registered", 0x41: "duplicate member", 0x42: "invalid group", 0x50: "invalid group name",
    0x51: "LB UID length",
}  # fmt: skip
_LONGEST = 1 << 20


def begins(buf: Bytes, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The type of the header."""
    first = windows(buf, start, 2)
    return np.asarray((end - start >= 2) & (first[:, 0] == _HEADER >> 8) & (first[:, 1] == _HEADER & 0xFF))


def measure(data: bytes, flow: Flow) -> int:
    """The length in the header counts the whole message."""
    if data[:2] != _HEADER.to_bytes(2, "big")[: len(data)]:
        return NOT_MINE
    if len(data) < LAYOUT.size:
        return -LAYOUT.size
    size = int.from_bytes(data[5:9], "big")
    return size if LAYOUT.size < size < _LONGEST else NOT_MINE


def decode(data: Reader, say: Message, state: int) -> None:
    """The messages of a segment: header, then the component that says what it is."""
    while len(data):
        start = data.at
        head = say.header(LAYOUT, data)
        if head["header"] != _HEADER or head["length"] < LAYOUT.size:
            data.at = start
            raise data.bad("sasp.msg.type", _HEADER, head["header"])
        body = data.upto(head["length"] - LAYOUT.size, "sasp.msg.len")
        kind, size = body.u16(), body.u16()
        say.field("sasp.msg.type", kind)
        name, reply = MESSAGES.get(kind, (f"{kind:04X}", ""))
        say.line("Message", name, ("Id", f"{head['id']:08X}"), ("Length", head["length"]))
        if reply:
            code = body.u8()
            say.field(f"sasp.{reply}.retcode", code)
            text = RESULTS.get(code, f"{code:02X}")
            say.line("Result", text, ("Component Length", size))
            name = f"{name} ({text})"
        say.also(f"SASP : {name}")


lines = message.lines
values = message.values
