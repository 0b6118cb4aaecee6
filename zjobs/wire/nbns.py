"""NetBIOS name service.

Reference: RFC 1002, section 4.2.
"""

from ipaddress import IPv4Address

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes, among, windows
from zjobs.wire import message, netbios
from zjobs.wire.dns import Names
from zjobs.wire.layout import Field, Layout
from zjobs.wire.message import Message, Reader
from zjobs.wire.values import hex4, json_bool

NAME = "nbns"
TITLE = "NetBIOS Name Service"
FOUND = {"udp.app": (137,)}

OPCODES = {
    0: "Name query", 5: "Registration", 6: "Release", 7: "WACK", 8: "Refresh", 9: "Refresh",
    15: "Multi-homed registration",
}  # fmt: skip
RCODES = {
    0: "No error", 1: "Format error", 2: "Server failure", 3: "Name error", 4: "Not implemented", 5: "Refused",
    6: "Active error", 7: "Name in conflict",
}  # fmt: skip
TYPES = {1: "A", 2: "NS", 10: "NULL", 32: "NB", 33: "NBSTAT"}
_NB, _STATUS = 32, 33

LAYOUT = Layout(
    "NetBIOS Name Service",
    (
        Field("id", "u16", 0, "Id", hex4, json="nbns.id"),
        Field("flags", "u16", 2, "Flags", hex4, json="nbns.flags"),
        Field("response", "u16", 2, "Response", bits=(15, 1), json="nbns.flags.response", json_show=json_bool),
        Field("opcode", "u16", 2, "Opcode", bits=(11, 4), json="nbns.flags.opcode"),
        Field("truncated", "u16", 2, bits=(9, 1), json="nbns.flags.truncated", json_show=json_bool),
        Field("desired", "u16", 2, bits=(8, 1), json="nbns.flags.recdesired", json_show=json_bool),
        Field("broadcast", "u16", 2, bits=(4, 1), json="nbns.flags.broadcast", json_show=json_bool),
        Field("questions", "u16", 4, "Questions", json="nbns.count.queries"),
        Field("answers", "u16", 6, "Answers", json="nbns.count.answers"),
        Field("authority", "u16", 8, "Authority", json="nbns.count.auth_rr"),
        Field("additional", "u16", 10, "Additional", json="nbns.count.add_rr"),
    ),
    12,
    "RFC 1002, section 4.2.1.1",
)
_AUTHORITATIVE, _AVAILABLE, _RCODE = 0x0400, 0x0080, 0x000F
#: Time to live and length, behind the class of a record.
_BEHIND_CLASS = 6
_NAME_BITS = (("drg", 0x1000), ("cnf", 0x0800), ("act", 0x0400), ("prm", 0x0200))


def begins(buf: Bytes, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
    """An operation, and a name of 32 letters behind the header."""
    first = windows(buf, start, LAYOUT.size + 1)
    known = among(first[:, 2] >> 3 & 15, OPCODES)
    return np.asarray((end - start > LAYOUT.size) & known & (first[:, LAYOUT.size] == netbios.ENCODED))


def decode(data: Reader, say: Message, state: int) -> None:
    """Questions and records in the form of DNS."""
    base = data.at
    head = say.header(LAYOUT, data)
    flags, answer = head["flags"], bool(head["response"])
    if answer:
        say.field("nbns.flags.authoritative", bool(flags & _AUTHORITATIVE))
        say.field("nbns.flags.recavail", bool(flags & _AVAILABLE))
        say.field("nbns.flags.rcode", flags & _RCODE)
    opcode = OPCODES.get(head["opcode"], str(head["opcode"]))
    what = f"{opcode} response ({RCODES.get(flags & _RCODE, flags & _RCODE)})" if answer else opcode
    say.summary = f"nbns : {what}"
    say.line("Operation", what, ("Id", f"{head['id']:04X}"), ("Flags", f"{flags:04X}"))
    names = Names(data.data, base, data.end, say)
    for _ in range(head["questions"]):
        name, kind = _named(data, names, say, False)
        if not answer:
            say.summary += f" {name}"
        say.line("Question", netbios.described(name), ("Type", kind))
    for label, count in (("Answer", "answers"), ("Authority", "authority"), ("Additional", "additional")):
        for _ in range(head[count]):
            _record(label, data, names, say)


def _named(data: Reader, names: Names, say: Message, record: bool) -> tuple[str, str]:
    name = netbios.name(data, names, "nbns.name")
    kind, group = data.u16(), data.u16()
    # Wireshark describes the names of records with addresses, not those of questions.
    say.field("nbns.name", netbios.described(name) if record and kind == _NB else name)
    say.field("nbns.type", kind)
    say.field("nbns.class", group)
    return name, TYPES.get(kind, str(kind))


def _record(label: str, data: Reader, names: Names, say: Message) -> None:
    before = len(say.fields)
    name, kind = _named(data, names, say, True)
    if len(data) < _BEHIND_CLASS:
        # Wireshark shows nothing of a record whose fixed part was cut.
        say.unshown(before)
    ttl, size = data.u32(), data.u16()
    say.field("nbns.ttl", ttl)
    say.field("nbns.data_length", size)
    say.line(label, netbios.described(name), ("Type", kind), ("TTL", ttl))
    body = data.part(size, "nbns.data_length")
    if kind == TYPES[_NB]:
        _addresses(body, say)
    elif kind == TYPES[_STATUS]:
        _status(body, say)


def _addresses(body: Reader, say: Message) -> None:
    """Flags and address of every owner (RFC 1002, section 4.2.13); an answer that only waits has flags alone."""
    while len(body):
        flags = body.u16()
        say.field("nbns.nb_flags", flags)
        say.field("nbns.nb_flags.group", bool(flags & 0x8000))
        say.field("nbns.nb_flags.ont", flags >> 13 & 3)
        if not len(body):
            return
        address = str(IPv4Address(body.take(4, "nbns.addr")))
        say.field("nbns.addr", address)
        say.line("Address", address, ("Group", "yes" if flags & 0x8000 else "no"), level=2)


def _status(body: Reader, say: Message) -> None:
    """The names of a node; behind them its MAC address and counters (RFC 1002, section 4.2.18)."""
    count = body.u8()
    say.field("nbns.number_of_names", count)
    for _ in range(count):
        raw = body.take(16, "nbns.netbios_name")
        flags = body.u16()
        say.field("nbns.netbios_name", netbios.plain(raw))
        say.field("nbns.name_flags", flags)
        say.field("nbns.name_flags.group", bool(flags & 0x8000))
        say.field("nbns.name_flags.ont", flags >> 13 & 3)
        for field, bit in _NAME_BITS:
            say.field(f"nbns.name_flags.{field}", bool(flags & bit))
        say.line("Name", netbios.described(netbios.shown(raw)), ("Flags", f"{flags:04X}"), level=2)
    if len(body) >= 6:
        unit = body.take(6)
        say.field("nbns.unit_id", unit.hex(":"))
        say.line("Unit Id", unit.hex().upper(), level=2)


lines = message.lines
values = message.values
