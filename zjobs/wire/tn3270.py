"""3270 data streams: commands, attention identifiers, orders and text.

Reference: 3270 Data Stream Programmer's Reference (GA23-0059), chapters 3 to 6; RFC 1576; RFC 2355, section 8.
"""

from typing import NamedTuple

from zjobs.wire.message import Message, Reader
from zjobs.words import counted

COMMANDS = {
    0xF1: "Write", 0x01: "Write", 0xF5: "Erase/Write", 0x05: "Erase/Write", 0x7E: "Erase/Write Alternate",
    0x0D: "Erase/Write Alternate", 0x6F: "Erase All Unprotected", 0x0F: "Erase All Unprotected",
    0xF3: "Write Structured Field", 0x11: "Write Structured Field", 0xF2: "Read Buffer", 0x02: "Read Buffer",
    0xF6: "Read Modified", 0x06: "Read Modified", 0x6E: "Read Modified All", 0x0E: "Read Modified All",
}  # fmt: skip
_WRITES = (0xF1, 0x01, 0xF5, 0x05, 0x7E, 0x0D)
AIDS = {
    0x60: "None", 0x61: "None (printer)", 0x7D: "Enter", 0x6D: "Clear", 0x6C: "PA1", 0x6E: "PA2", 0x6B: "PA3",
    0x88: "Structured Field",
    0x7A: "PF10", 0x7B: "PF11", 0x7C: "PF12", 0x4A: "PF22", 0x4B: "PF23", 0x4C: "PF24", 0xF0: "Test Request",
    **{0xF0 + n: f"PF{n}" for n in range(1, 10)}, **{0xC0 + n: f"PF{n + 12}" for n in range(1, 10)},
}  # fmt: skip
_SHORT_READS = (0x6D, 0x6C, 0x6E, 0x6B)

_SF, _SFE, _SBA, _SA, _MF, _IC, _PT, _RA, _EUA, _GE = 0x1D, 0x29, 0x11, 0x28, 0x2C, 0x13, 0x05, 0x3C, 0x12, 0x08


class Screen(NamedTuple):
    """How data streams are told: buffer addresses by row and column of a screen so wide; ``form`` DETAIL (or none) with
    orders and text, TERSE with text alone, SUMMARY with the number of both.
    """

    width: int = 80
    form: str = ""


#: Orders and texts of one message that are told; the rest is in the dump.
_MOST = 120


def begins(first: int) -> bool:
    """Whether a byte can start a data stream."""
    return first in COMMANDS or first in AIDS


def stream(data: Reader, say: Message, inbound: bool, screen: Screen) -> None:
    """One data stream: from the terminal (``inbound`` to the application) or to it."""
    if not len(data):
        return
    first = data.u8()
    if inbound:
        say.line("3270 AID", f"{AIDS.get(first, 'Unknown')} ({first:02X})", level=2)
        if first == 0x88 or first in _SHORT_READS or len(data) < 2:
            return
        say.line("Cursor", address(data.take(2), screen.width), level=2)
    else:
        say.line("3270 Command", f"{COMMANDS.get(first, 'Unknown')} ({first:02X})", level=2)
        if first not in _WRITES:
            return
        if len(data):
            say.line("Write Control", f"{data.u8():02X}", level=2)
    _orders(data, say, screen)


def _orders(data: Reader, say: Message, screen: Screen) -> None:
    text = bytearray()
    told = orders = characters = 0

    def tell(label: str = "", value: str = "") -> None:
        nonlocal told, orders, characters
        orders += bool(label)
        characters += len(text)
        parts = () if screen.form == "SUMMARY" else (("Text", text.decode("cp037")), (label, value))
        for a, b in parts[:1] if screen.form == "TERSE" else parts:
            if b and told < _MOST:
                say.line(a, b, level=3)
                told += 1
        text.clear()

    while len(data):
        order = data.u8()
        if order == _SBA and len(data) >= 2:
            tell("Set Buffer Addr", address(data.take(2), screen.width))
        elif order == _SF and len(data):
            tell("Start Field", f"attribute {data.u8():02X}")
        elif order in (_SFE, _MF) and len(data):
            pairs = data.take(min(2 * data.u8(), len(data)))
            name = "Start Field Ext" if order == _SFE else "Modify Field"
            tell(name, " ".join(pairs[k : k + 2].hex().upper() for k in range(0, len(pairs), 2)))
        elif order == _SA and len(data) >= 2:
            tell("Set Attribute", data.take(2).hex().upper())
        elif order in (_RA, _EUA) and len(data) >= 2:
            place = address(data.take(2), screen.width)
            if order == _RA and len(data):
                tell("Repeat to Addr", f"{place} {data.take(1).decode('cp037')}")
            else:
                tell("Erase to Addr", place)
        elif order == _IC:
            tell("Insert Cursor", "here")
        elif order == _PT:
            tell("Program Tab", "to the next field")
        elif order == _GE and len(data):
            text += data.take(1)
        else:
            text.append(order)
    tell()
    if screen.form == "SUMMARY":
        say.line("Orders", orders, ("Text", counted(str(characters), "character")), level=3)


def address(raw: bytes, width: int) -> str:
    """A buffer address in 12-bit code or as a 14-bit number, by row and column from 1 of a screen."""
    place = (raw[0] & 0x3F) << 6 | raw[1] & 0x3F if raw[0] & 0xC0 else raw[0] << 8 | raw[1]
    return f"{place} ({place // width + 1},{place % width + 1})"
