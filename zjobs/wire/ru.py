"""SNA request and response units: request codes, BIND, UNBIND, ACTPU, ACTLU, FM headers, sense data.

Reference: SNA Formats (GA27-3136), request/response units, BIND, FM headers.  Types of UNBIND are
from general knowledge.
"""

from functools import cache

from zjobs.wire import gds, message, names, sna
from zjobs.wire.layout import Field, Layout
from zjobs.wire.message import Message, Reader, hexed
from zjobs.wire.values import hex2

NAME = "ru"
TITLE = "SNA Request/Response Unit"
#: Twice the first byte of the header, and 512 with a negative response.
FOUND = {"sna.ru": tuple(range(0, 1024, 2))}

LAYOUT = Layout("RU", (Field("code", "u8", 0, "Request Code", hex2),), 1, "SNA Formats, request units")

_RESPONSE, _FORMATTED, _SENSE, _NEGATIVE = 0x80, 0x08, 0x04, 0x100
_FMD, _NC, _DFC, _SC = range(4)
_BIND, _UNBIND, _ACTPU, _ACTLU = 0x31, 0x32, 0x11, 0x0D
_SESSION_FAILURE = 0xFE
UNBIND_TYPES = {
    0x01: "normal", 0x02: "BIND forthcoming", 0x06: "invalid parameters", 0x07: "VR failure", 0x08: "route failure",
    0x09: "hierarchical reset", 0x0A: "SSCP gone", 0x0B: "VR deactivated", 0x0C: "PLU failure", 0x0E: "SLU failure",
    0x0F: "cleanup", 0x11: "gateway cleanup", _SESSION_FAILURE: "session failure",
}  # fmt: skip
_FM_HEADERS = {5: "attach", 7: "error", 12: "security", 18: "", 1: "", 2: "", 3: "", 4: "", 6: "", 8: "", 10: ""}


@cache
def codes(category: int) -> dict[int, str]:
    """Request codes of a category."""
    found = {_SC: "sna-session-control", _DFC: "sna-data-flow-control", _NC: "sna-network-control"}
    return names.load(found[category]) if category in found else {}


@cache
def _services() -> dict[int, str]:
    return names.load("sna-network-services")


def decode(data: Reader, say: Message, state: int) -> None:
    """Sense data first where there is some, then what the request code says."""
    header = state >> 1
    category = header >> 5 & 3
    response = bool(header & _RESPONSE)
    if header & _SENSE:
        error = data.take(4, "sense data")
        say.line("Sense Data", sna.sense(error))
        say.also(f"sense {error.hex().upper()}")
    if not len(data):
        return
    if category == _FMD:
        _management(data, say, bool(header & _FORMATTED), response)
        return
    code = data.data[data.at]
    name = codes(category).get(code, "Unknown")
    _told(say, f"{code:02X}", name, response, bool(header & _NEGATIVE))
    data.take(1)
    if len(data) and not (response and header & _NEGATIVE):
        reader = _READERS.get((category, code))
        if reader is not None and (not response or code == _BIND):
            reader(data, say)
    if len(data):
        say.line("Data", hexed(data.rest()), level=2)


def _told(say: Message, code: str, name: str, response: bool, negative: bool) -> None:
    say.line("Request Code", f"{code} {name}")
    suffix = (" negative response" if negative else " response") if response else ""
    say.also(f"SNA : {name}{suffix}")


def _management(data: Reader, say: Message, formatted: bool, response: bool) -> None:
    """Function management data: a network services header, an FM header, or data of the session."""
    raw = data.data[data.at : data.at + 3]
    if formatted and int.from_bytes(raw, "big") in _services():
        _told(say, raw.hex().upper(), _services()[int.from_bytes(raw, "big")], response, False)
        data.take(3)
        if len(data):
            say.line("Data", hexed(data.rest()), level=2)
        return
    if formatted and not response:
        _fm_header(data, say)
    if len(data) >= gds.LAYOUT.size and int.from_bytes(data.data[data.at + 2 : data.at + 4], "big") in gds.types():
        gds.decode(data, say, 0)


def _fm_header(data: Reader, say: Message) -> None:
    size = data.data[data.at]
    if size < 2:
        raise data.bad("FM header length", 2, size)
    header = data.upto(size, "FM header length")
    header.take(1)
    kind = header.u8() & 0x7F if len(header) else 0
    name = _FM_HEADERS.get(kind, "")
    say.line("FM Header", f"FMH-{kind} {name}".rstrip(), ("Length", size))
    say.also(f"SNA : FMH-{kind}{f' {name}' if name else ''}")
    if kind == 7 and len(header) >= 4:
        say.line("Sense Data", sna.sense(header.take(4)), level=2)
    if len(header):
        say.line("Data", hexed(header.rest()), level=2)


def _size(byte: int) -> str:
    """A maximum RU size: four bits of mantissa, four of exponent; 00 is none."""
    return str((byte >> 4) << (byte & 15)) if byte & 0x80 else ("no limit" if byte == 0 else f"{byte:02X}")


_MODES = {0x00: "full duplex", 0x40: "contention", 0x80: "flip-flop", 0xC0: "reserved"}
_CHAIN_RESPONSES = {0: "none", 1: "exception", 2: "definite", 3: "either"}


def _protocols(byte: int) -> str:
    words = [w for bit, w in ((0x80, "chains"), (0x40, "delayed"), (0x02, "compression"), (0x01, "may end bracket"))
             if byte & bit]  # fmt: skip
    return ", ".join([*words, f"{_CHAIN_RESPONSES[byte >> 4 & 3]} response"])


def _bind(data: Reader, say: Message) -> None:
    """BIND (offsets count the request code): profiles, protocols, windows, sizes, usage, names, control vectors."""
    kind = data.u8()
    say.line("Type", "non-negotiable" if kind & 15 else "negotiable", ("Format", kind >> 4), level=2)
    say.line("FM Profile", f"{data.u8():02X}", ("TS Profile", f"{data.u8():02X}"), level=2)
    say.line("Primary", _protocols(data.u8()), level=2)
    say.line("Secondary", _protocols(data.u8()), level=2)
    sixth, seventh = data.u8(), data.u8()
    common = [w for bit, w in ((0x40, "FM headers"), (0x20, "brackets"), (0x10, "bracket rule 1"),
                               (0x08, "alternate code")) if sixth & bit]  # fmt: skip
    common += [w for bit, w in ((0x20, "recovery"), (0x10, "first speaker"), (0x01, "reset state")) if seventh & bit]
    say.line("Mode", _MODES[seventh & 0xC0], ("", ", ".join(common)), level=2)
    send, receive = data.u8(), data.u8()
    say.line(
        "Secondary Window", f"{send & 0x3F}/{receive & 0x3F}", ("Pacing", "adaptive" if receive & 0x80 else "fixed"),
        level=2,
    )  # fmt: skip
    say.line("Secondary RU", _size(data.u8()), ("Primary RU", _size(data.u8())), level=2)
    say.line("Primary Window", f"{data.u8() & 0x3F}/{data.u8() & 0x3F}", level=2)
    unit = data.u8() & 0x7F
    say.line("LU Type", unit, level=2)
    usage = data.take(11)
    if unit == 2:
        say.line("Screen", f"{usage[5]}x{usage[6]}", ("Alternate", f"{usage[7]}x{usage[8]}"),
                 ("Mode", f"{usage[9]:02X}"), level=2)  # fmt: skip
    if not len(data):
        return
    options = data.u8()
    data.take(min(options & 15, len(data)), "cryptography")
    for label, text in (("PLU Name", True), ("User Data", False), ("URC", False), ("SLU Name", True)):
        if not len(data):
            return
        raw = data.take(data.u8(), label)
        if raw:
            say.line(label, sna.ebcdic(raw) if text else hexed(raw), level=2)
            if text:
                say.also(f"{label.split()[0]} {sna.ebcdic(raw)}")
    sna.vectors(data, say)


def _unbind(data: Reader, say: Message) -> None:
    kind = data.u8()
    say.line("Type", f"{kind:02X} {UNBIND_TYPES.get(kind, '')}".rstrip(), level=2)
    say.also(UNBIND_TYPES.get(kind, f"type {kind:02X}"))
    if kind == _SESSION_FAILURE and len(data) >= 4:
        say.line("Sense Data", sna.sense(data.take(4)), level=2)


def _actpu(data: Reader, say: Message) -> None:
    kind, profiles = data.u8(), data.u8()
    say.line("Format", kind >> 4, ("Activation", {1: "cold", 2: "ERP"}.get(kind & 15, str(kind & 15))), level=2)
    say.line("FM Profile", f"{profiles >> 4:02X}", ("TS Profile", f"{profiles & 15:02X}"), level=2)
    if len(data) >= 6:
        say.line("SSCP Id", data.take(6).hex().upper(), level=2)


def _actlu(data: Reader, say: Message) -> None:
    kind, profiles = data.u8(), data.u8()
    say.line("Activation", {1: "cold", 2: "ERP"}.get(kind & 3, str(kind & 3)), level=2)
    say.line("FM Profile", f"{profiles >> 4:02X}", ("TS Profile", f"{profiles & 15:02X}"), level=2)


_READERS = {(_SC, _BIND): _bind, (_SC, _UNBIND): _unbind, (_SC, _ACTPU): _actpu, (_SC, _ACTLU): _actlu}

lines = message.lines
values = message.values
