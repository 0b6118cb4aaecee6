"""Exchange identification (XID) of SNA nodes, formats 0 to 3, and the basic XID of IEEE 802.2.

Reference: RFC 2353, appendix A; SNA Formats (GA27-3136), XID information fields.  The texts of the bits of format 3 are
in ``names/sna-xid3.json``.
"""

import json
from functools import cache
from pkgutil import get_data
from typing import Any

from zjobs.wire import message, sna
from zjobs.wire.layout import Field, Layout
from zjobs.wire.llc import EXTENDER, RESPONSE
from zjobs.wire.message import Message, Reader, hexed
from zjobs.wire.values import hex2, hex8
from zjobs.wire.walk import Fault

NAME = "xid"
TITLE = "XID"
FOUND = {"llc.xid": (0, RESPONSE, EXTENDER, EXTENDER + RESPONSE)}
LISTS = frozenset({"sna.control.key", "sna.control.len"})

LAYOUT = Layout(
    "XID",
    (
        Field("byte0", "u8", 0, "Format and type", hex2, json="sna.xid.0"),
        Field("format", "u8", 0, "Format", bits=(4, 4), json="sna.xid.format"),
        Field("type", "u8", 0, "Sending Node Type", bits=(0, 4), json="sna.xid.type"),
        Field("len", "u8", 1, "Length", json="sna.xid.len"),
        Field("id", "u32", 2, "Node identification", hex8, json="sna.xid.id"),
        Field("idblock", "u32", 2, "Block Number", bits=(20, 12), json="sna.xid.idblock"),
        Field("idnum", "u32", 2, "ID", bits=(0, 20), json="sna.xid.idnum"),
    ),
    6,
    "SNA Formats, XID information fields",
)

_BASIC = 0x81
_NON_CHANNEL = 1
#: Where the length of the part that depends on the link type stands, and the shortest such part of links.
_DEPENDENT, _LINK_PART = 18, 11
_STATES = {0: "exchange state not supported", 1: "negotiation-proceeding", 2: "prenegotiation", 3: "nonactivation"}


@cache
def _data() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(get_data("zjobs.wire.names", "sna-xid3.json") or b"")
    return found


def decode(data: Reader, say: Message, state: int) -> None:
    """The common part, then what the format has."""
    start = data.at
    link = "EE : LDLC" if state & EXTENDER else "LLC :"
    say.also(f"{link} XID {'Response' if state & RESPONSE else 'Command'}")
    if len(data) and data.data[start] == _BASIC:
        data.take(1)
        say.line("Format", "IEEE 802.2 basic", ("Types", f"{data.u8():02X}"), ("Receive Window", data.u8() >> 1))
        return
    head = say.header(LAYOUT, data)
    names = _data()
    say.title("XID Header")
    say.line(
        "Format", names["formats"].get(str(head["format"]), str(head["format"])),
        ("Sending Node Type", names["types"].get(str(head["type"]), str(head["type"]))),
    )  # fmt: skip
    say.line("Length", head["len"], ("Block Number", f"0x{head['idblock']:03X}"), ("ID", f"0x{head['idnum']:05X}"))
    body = data
    if head["format"] in (1, 2, 3):
        there = data.end - start
        if head["len"] > there and not say.cut:
            say.fault("sna.xid.len", start + 1, head["len"], there, Fault.LENGTH)
        body = Reader(data.data, data.at, min(max(start + head["len"], data.at), data.end), "sna.xid.len")
    if head["format"] == 3:
        _format3(body, say, start)
    elif head["format"] == 1:
        _format1(body, say, start)
    elif head["format"] == 2:
        say.line("Data", hexed(body.take(min(body.data[body.at] if len(body) else 0, len(body)))))
        sna.vectors(body, say)
    elif len(body):
        say.line("Data", hexed(body.rest()))
    if data.end > body.end:
        say.line("Trailing Data", data.end - body.end)


def _format1(data: Reader, say: Message, start: int) -> None:
    """A node that is no type 2.1 node, by the bits that the link needs."""
    raw = data.take(start + 17 - data.at, "sna.xid.len")
    at = len(raw) - 17
    role, segment, frame, profile, sim, window = (raw[at + k] for k in (8, 9, 10, 12, 13, 16))
    size = (frame & 0x7F) << 8 | raw[at + 11]
    say.line("Role", "primary" if role & 0x20 else "secondary", ("Simultaneous", "yes" if role & 15 == 1 else "no"))
    say.line("Segment Assembly", f"{segment & 0x30:02X}", ("Short Hold", f"{segment & 3:02X}"))
    say.line("Max I-field", size, ("Profile", profile & 15), ("SIM/RIM", "yes" if sim & 0x20 else "no"))
    say.line("Maximum I Frame", window & 0x7F)
    if len(data):
        say.line("Data", hexed(data.rest()))


def _format3(data: Reader, say: Message, start: int) -> None:
    """Bit texts, the part that depends on the link, control vectors."""
    fixed = Reader(data.data, start, data.end, "sna.xid.len")
    raw = fixed.take(_DEPENDENT + 1)
    _bits(_data()["bits"], raw, say)
    tg, dlc, size = raw[16], raw[17], raw[_DEPENDENT]
    for name, value in (("tg", tg), ("dlc", dlc), ("dlen", size)):
        say.field(f"sna.xid.type3.{name}", value)
    say.line("TG Number", tg)
    say.line("DLC Type", _data()["dlc"].get(str(dlc), f"{dlc:02X}"))
    say.also(_STATES[raw[9] >> 2 & 3])
    if size == 0:
        raise fixed.bad("sna.xid.type3.dlen", 1, 0)
    part = fixed.take(size - 1, "sna.xid.type3.dlen")
    if dlc == _NON_CHANNEL and size >= _LINK_PART:
        _link(raw + part, say)
    elif part:
        say.line("Link Data", hexed(part))
    found = sna.vectors(fixed, say, named=True)
    node = next((raw for raw in found.get(0x0E, ()) if raw[:1] == b"\xf4"), b"")
    if node:
        say.also(f"CP {sna.ebcdic(node[1:])}")


def _link(raw: bytes, say: Message) -> None:
    say.title("Non-Channel link properties")
    _bits(_data()["link"], raw, say)
    say.line("Maximum BTU Length", (raw[21] & 0x7F) << 8 | raw[22])
    say.line("Profile", raw[23] & 15)
    say.line("Maximum I Frame", raw[27] & 0x7F)


def _bits(table: list[dict[str, Any]], raw: bytes, say: Message) -> None:
    """The text of every bit that has one in its present state; a group's title where it has any."""
    title = ""
    for entry in table:
        title = entry.get("group", title)
        mask = int(entry["mask"], 16)
        value = raw[entry["at"]] & mask
        several = "texts" in entry
        if "field" in entry:
            say.field(entry["field"], value // (mask & -mask) if several else value > 0)
        text = entry["texts"].get(f"{value:X}", "") if several else entry["on" if value else "off"]
        if text:
            if title:
                say.title(title)
                title = ""
            say.text(f"    {text}")


lines = message.lines
values = message.values
