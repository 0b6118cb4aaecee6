"""High-Performance Routing: optional segments of the RTP transport header.

Reference: SNA Formats (GA27-3136), optional segments of the RTP transport header.
"""

from zjobs.wire import message
from zjobs.wire.layout import Field, Layout
from zjobs.wire.message import Message, Reader
from zjobs.wire.sna import hpr_vectors, sense
from zjobs.wire.thdr import QUALIFIER, SEGMENTS
from zjobs.wire.values import hex2

NAME = "rtpseg"
TITLE = "RTP Optional Segments"
FOUND = {"sna.thdr": (QUALIFIER, SEGMENTS, QUALIFIER + SEGMENTS)}

_JSON = "sna.nlp.thdr.optional."
LISTS = frozenset({_JSON + "len", _JSON + "type"})

NAMES = {
    0x0D: "Connection Setup", 0x0E: "Status", 0x0F: "Client Out-of-band Bits", 0x10: "Connection Identifier Exchange",
    0x12: "Connection Fault", 0x14: "Switching Information", 0x22: "Adaptive Rate-Based",
}  # fmt: skip
_CLIENT_BITS = {0x0001: "request deactivation", 0x8000: "reply ok", 0x8004: "reply reject"}
ARB_TYPES = {0: "setup", 1: "rate reply", 2: "rate request", 3: "rate request and reply"}
ARB_ACTIONS = {0: "normal", 1: "restraint", 2: "slowdown1", 3: "slowdown2", 4: "critical"}
_ARB_MODES = {0: "base", 1: "responsive"}
STATUS, FAULT, ARB = 0x0E, 0x12, 0x22

LAYOUT = Layout(
    "Optional segment",
    (Field("len", "u8", 0, "Length / 4"), Field("type", "u8", 1, "Type", hex2)),
    2,
    "SNA Formats, RTP optional segments",
)


def decode(data: Reader, say: Message, state: int) -> None:
    """The connection qualifier, then segment after segment, each as long as it says in words of four bytes."""
    if state & QUALIFIER:
        _qualifier(data, say)
    if not state & SEGMENTS:
        return
    while len(data) >= 2:
        at = data.at
        size = data.data[at] * 4
        say.field(_JSON + "len", size // 4)
        kind = data.data[at + 1]
        say.field(_JSON + "type", kind)
        if size == 0:
            raise data.bad(_JSON + "len", 1, 0)
        segment = data.part(size, _JSON + "len")
        segment.take(2)
        say.title(f"{NAMES.get(kind, 'Unknown')} Segment ({kind:02X})")
        reader = _READERS.get(kind)
        if reader is None:
            say.line("Data", segment.rest().hex().upper(), level=2)
        else:
            reader(segment, say)


def _qualifier(data: Reader, say: Message) -> None:
    size = data.data[data.at] if len(data) else 0
    field = data.part(size + 2, "sna.nlp.thdr.cqfi")
    say.title("Connection Qualifier")
    hpr_vectors(field.part(max(size, 0)), say, "sna.nlp.thdr.cqfi", 2)


def _setup(data: Reader, say: Message) -> None:
    version = data.u16()
    say.field(_JSON + "0d.version", version)
    flags = data.u8()
    say.line("Version", f"{version >> 8}.{version & 255}", ("Flags", f"{flags:02X}"), level=2)
    for bit, name, words in (
        (0x80, "target", "Target resource ID present"), (0x10, "arb", "ARB flow control"),
        (0x08, "reliable", "Reliable connection"), (0x04, "dedicated", "Dedicated connection"),
    ):  # fmt: skip
        say.field(f"{_JSON}0d.{name}", bool(flags & bit))
        if flags & bit:
            say.text(f"    {words}")
    data.take(3)
    hpr_vectors(data, say, _JSON + "0d", 2, padded=True)


def _status(data: Reader, say: Message) -> None:
    flags, spans = data.u8(), data.u8()
    sync, echo, sequence = data.u16(), data.u16(), data.u32()
    say.field(_JSON + "0e.gap", bool(flags & 0x80))
    say.field(_JSON + "0e.idle", bool(flags & 0x40))
    for name, value in (("nabsp", spans), ("sync", sync), ("echo", echo), ("rseq", sequence)):
        say.field(f"{_JSON}0e.{name}", value)
    words = [w for bit, w in ((0x80, "Gap detected"), (0x40, "Idle")) if flags & bit]
    say.line("Status", ", ".join(words) or "in order", ("Received", f"{sequence:08X}"), ("Spans", spans), level=2)
    say.line("Status Report", sync, ("Status Ack", echo), level=2)
    data.take(8)
    for _ in range(spans):
        first, last = data.u32(), data.u32()
        say.line("Received Span", f"{first:08X} - {last:08X}", level=2)


def _client(data: Reader, say: Message) -> None:
    bits = data.u16()
    say.field(_JSON + "0f.bits", bits)
    say.line("Client Bits", f"{bits:04X} {_CLIENT_BITS.get(bits, '')}".rstrip(), level=2)


def _exchange(data: Reader, say: Message) -> None:
    data.take(2)
    tcid = data.take(8)
    say.field(_JSON + "10.tcid", tcid)
    say.line("Partner TCID", tcid.hex().upper(), level=2)


def _fault(data: Reader, say: Message) -> None:
    data.take(2)
    code = data.take(4)
    say.field(_JSON + "12.sense", code)
    say.line("Sense Data", sense(code), level=2)
    say.also(f"connection fault {code.hex().upper()}")


def _switching(data: Reader, say: Message) -> None:
    size, key = data.u8(), data.u8()
    start = data.at - 2
    say.field(_JSON + "14.si.len", size)
    say.field(_JSON + "14.si.key", key)
    flags = data.u8()
    data.take(1)
    names = ("refifo", "mobility", "dirsearch", "limitres", "ncescope", "mnpsrscv")
    words = ("REFIFO", "Mobility", "Directory search on path switch", "Limited resource", "NCE scope", "MNPS RSCV")
    for bit, name in enumerate(names):
        say.field(f"{_JSON}14.si.{name}", bool(flags & 0x80 >> bit))
    on = ", ".join(w for bit, w in enumerate(words) if flags & 0x80 >> bit)
    say.line("Flags", f"{flags:02X} {on}".rstrip(), level=2)
    packet, switch, alive = data.u32(), data.u32(), data.u32()
    for name, value in (("maxpsize", packet), ("switch", switch), ("alive", alive)):
        say.field(f"{_JSON}14.si.{name}", value)
    say.line("Max Packet Size", packet, ("Path Switch Time", switch), ("Alive Timer", alive), level=2)
    left = size - (data.at - start)
    if left > 0:
        hpr_vectors(data.part(left, _JSON + "14.si.len"), say, _JSON + "14.si", 3)
    data.take(min(-size % 4, len(data)))
    if len(data) >= 4:
        _return_route(data, say)


def _return_route(data: Reader, say: Message) -> None:
    size, key, flags, count = data.u8(), data.u8(), data.u8(), data.u8()
    for name, value in (("len", size), ("key", key)):
        say.field(f"{_JSON}14.rr.{name}", value)
    say.field(_JSON + "14.rr.bfe", bool(flags & 0x80))
    say.field(_JSON + "14.rr.num", count)
    say.line("Return Route TGs", count, ("BF Entry", "yes" if flags & 0x80 else "no"), level=2)
    hpr_vectors(data, say, _JSON + "14.rr", 3)


def _rate(data: Reader, say: Message) -> None:
    first, second = data.u8(), data.u8()
    kind, action, mode = first >> 6, first >> 3 & 7, first & 3
    say.field(_JSON + "22.type", kind)
    say.field(_JSON + "22.raa", action)
    say.field(_JSON + "22.parity", bool(first & 4))
    say.field(_JSON + "22.arb", mode)
    say.field(_JSON + "22.ratereq", second >> 4)
    say.field(_JSON + "22.raterep", second & 15)
    say.line(
        "ARB Message", ARB_TYPES[kind], ("Action", ARB_ACTIONS.get(action, str(action))),
        ("Mode", _ARB_MODES.get(mode, str(mode))), level=2,
    )  # fmt: skip
    say.line("Request", second >> 4, ("Reply", second & 15), level=2)
    for number in range(1, 5 if kind == 0 else 3):
        value = data.u32()
        say.field(f"{_JSON}22.field{number}", value)
        say.line(f"Field {number}", value, level=2)


_READERS = {
    0x0D: _setup, STATUS: _status, 0x0F: _client, 0x10: _exchange, FAULT: _fault, 0x14: _switching, ARB: _rate,
}  # fmt: skip

lines = message.lines
values = message.values
