"""Trivial File Transfer Protocol.

Reference: RFC 1350; RFC 2347 to 2349 (options).
"""

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes, windows
from zjobs.wire import message
from zjobs.wire.layout import Field, Layout
from zjobs.wire.message import Message, Reader, ascii_text

NAME = "tftp"
TITLE = "TFTP"
FOUND = {"udp.app": (69,)}
#: The answer comes from a new port, and the transfer goes on between that and the port that asked.
FOLLOWS = True

OPERATIONS = {
    1: "Read Request", 2: "Write Request", 3: "Data", 4: "Acknowledgement", 5: "Error", 6: "Option Acknowledgement",
}  # fmt: skip
_READ, _WRITE, _DATA, _ACK, _ERROR, _OPTIONS = range(1, 7)
ERRORS = {
    0: "Not defined", 1: "File not found", 2: "Access violation", 3: "Disk full or allocation exceeded",
    4: "Illegal TFTP operation", 5: "Unknown transfer ID", 6: "File already exists", 7: "No such user",
    8: "Option negotiation",
}  # fmt: skip

LAYOUT = Layout("TFTP", (Field("opcode", "u16", 0, "Operation", json="tftp.opcode"),), 2, "RFC 1350, section 5")


def begins(buf: Bytes, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
    """An operation."""
    first = windows(buf, start, 2)
    return np.asarray((end - start >= 4) & (first[:, 0] == 0) & (first[:, 1] > 0) & (first[:, 1] <= _OPTIONS))


def decode(data: Reader, say: Message, state: int) -> None:
    """One packet."""
    code = say.header(LAYOUT, data)["opcode"]
    name = OPERATIONS.get(code, str(code))
    say.summary = f"TFTP : {name}"
    if code in (_READ, _WRITE):
        file = _text(data, "tftp.source_file" if code == _READ else "tftp.destination_file", say)
        mode = _text(data, "tftp.type", say)
        say.line("Operation", name, ("File", file), ("Mode", mode))
        _options(data, say)
    elif code in (_DATA, _ACK):
        block = data.u16()
        say.field("tftp.block", block)
        say.summary += f" block {block}"
        size = (("Length", len(data)),) if code == _DATA else ()
        say.line("Operation", name, ("Block", block), *size)
    elif code == _ERROR:
        number = data.u16()
        say.field("tftp.error.code", number)
        text = _text(data, "tftp.error.message", say)
        say.summary += f" ({ERRORS.get(number, number)})"
        say.line("Operation", name, ("Code", ERRORS.get(number, number)))
        say.line("Message", text)
    else:
        say.line("Operation", name)
        if code == _OPTIONS:
            _options(data, say)


def _text(data: Reader, field: str, say: Message) -> str:
    """Characters up to a zero byte, which some senders forget at the end."""
    end = data.data.find(b"\0", data.at, data.end)
    text = ascii_text(data.take((end if end >= 0 else data.end) - data.at))
    if end >= 0:
        data.u8()
    elif not say.cut:
        say.fault(field, data.at)
    say.field(field, text)
    return text


def _options(data: Reader, say: Message) -> None:
    while len(data):
        name = _text(data, "tftp.option.name", say)
        value = _text(data, "tftp.option.value", say)
        say.line("Option", name, ("Value", value))


lines = message.lines
values = message.values
