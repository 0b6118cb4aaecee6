"""Network Time Protocol, and SNTP.

Reference: RFC 5905, section 7.3; RFC 9327 (control messages, mode 6).
"""

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes, windows
from zjobs.wire import message
from zjobs.wire.layout import Field, Layout
from zjobs.wire.message import Message, Reader, ascii_text
from zjobs.wire.values import absolute_time, hex2

NAME = "ntp"
TITLE = "NTP"
FOUND = {"udp.app": (123,)}

MODES = {
    1: "symmetric active", 2: "symmetric passive", 3: "client", 4: "server", 5: "broadcast", 6: "control", 7: "private",
}  # fmt: skip
_CONTROL, _PRIVATE = 6, 7
LEAPS = {0: "no warning", 1: "last minute has 61 s", 2: "last minute has 59 s", 3: "not synchronized"}
OPERATIONS = {
    1: "read status", 2: "read variables", 3: "write variables", 4: "read clock variables", 5: "write clock variables",
    6: "set trap", 7: "async message", 31: "unset trap",
}  # fmt: skip

LAYOUT = Layout(
    "NTP",
    (
        Field("flags", "u8", 0, "Flags", hex2, json="ntp.flags"),
        Field("li", "u8", 0, "Leap Indicator", bits=(6, 2), json="ntp.flags.li"),
        Field("vn", "u8", 0, "Version", bits=(3, 3), json="ntp.flags.vn"),
        Field("mode", "u8", 0, "Mode", bits=(0, 3), json="ntp.flags.mode"),
    ),
    1,
    "RFC 5905, section 7.3",
)
CLOCK = Layout(
    "NTP clock",
    (
        Field("stratum", "u8", 0, "Stratum", json="ntp.stratum"),
        Field("poll", "u8", 1, "Poll", json="ntp.ppoll"),
        Field("precision", "u8", 2, "Precision", json="ntp.precision"),
        Field("delay", "u32", 3, "Root Delay", json="ntp.rootdelay"),
        Field("dispersion", "u32", 7, "Root Dispersion", json="ntp.rootdispersion"),
    ),
    11,
    "RFC 5905, section 7.3",
)
CONTROL = Layout(
    "NTP control",
    (
        Field("flags", "u8", 0, "Flags", hex2, json="ntp.ctrl.flags2"),
        Field("response", "u8", 0, "Response", bits=(7, 1), json="ntp.ctrl.flags2.r"),
        Field("error", "u8", 0, "Error", bits=(6, 1), json="ntp.ctrl.flags2.error"),
        Field("more", "u8", 0, "More", bits=(5, 1), json="ntp.ctrl.flags2.more"),
        Field("opcode", "u8", 0, "Operation", bits=(0, 5), json="ntp.ctrl.flags2.opcode"),
        Field("sequence", "u16", 1, "Sequence", json="ntp.ctrl.sequence"),
        Field("status", "u16", 3, "Status"),
        Field("association", "u16", 5, "Association", json="ntp.ctrl.associd"),
        Field("offset", "u16", 7, "Offset", json="ntp.ctrl.offset"),
        Field("count", "u16", 9, "Count", json="ntp.ctrl.count"),
    ),
    11,
    "RFC 9327, section 2",
)

_STAMPS = (("reftime", "Reference Time"), ("org", "Origin Time"), ("rec", "Receive Time"), ("xmt", "Transmit Time"))
_NEWEST = 4
_SHORTEST = 8
_LONGEST_DIGEST, _SHORTEST_EXTENSION = 24, 8
_READ_STATUS = 1

#: Seconds from 1900 to 1970; times before 1968 are of the next era (RFC 5905, section 6).
_BETWEEN, _ERA, _TURN = 2_208_988_800, 1 << 32, 1 << 31
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def begins(buf: Bytes, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Versions 1 to 4, and a mode."""
    first = windows(buf, start, 2)
    version, mode = first[:, 0] >> 3 & 7, first[:, 0] & 7
    return np.asarray((end - start >= _SHORTEST) & (version > 0) & (version <= _NEWEST) & (mode > 0))


def decode(data: Reader, say: Message, state: int) -> None:
    """One packet: four times, or a control message; private ones are named."""
    mode = data.data[data.at] & 7 if len(data) else 0
    if mode == _PRIVATE:
        # The first bits mean something else here.
        first = data.u8()
        for field, value in (("flags", first), ("flags.vn", first >> 3 & 7), ("flags.mode", mode)):
            say.field(f"ntp.{field}", value)
        say.line("Version", first >> 3 & 7, ("Mode", MODES[mode]))
        say.summary = f"NTP : {MODES[mode]} {'response' if first & 0x80 else 'request'}"
        return
    head = say.header(LAYOUT, data)
    say.summary = f"NTP : {MODES.get(mode, mode)} (v{head['vn']})"
    say.line("Leap Indicator", LEAPS[head["li"]], ("Version", head["vn"]), ("Mode", MODES.get(mode, mode)))
    if mode == _CONTROL:
        _control(data, say)
        return
    clock = say.header(CLOCK, data)
    stratum = clock["stratum"]
    precision = clock["precision"] - 256 * (clock["precision"] > 127)
    say.line("Stratum", stratum, ("Poll", clock["poll"]), ("Precision", precision))
    say.line("Root Delay", _seconds(clock["delay"]), ("Root Dispersion", _seconds(clock["dispersion"])))
    reference = data.take(4, "ntp.refid")
    say.field("ntp.refid", reference)
    text = ascii_text(reference.rstrip(b"\0")) if stratum < 2 else str(IPv4Address(reference))
    say.line("Reference Id", text)
    for field, label in _STAMPS:
        wire, shown = _time(data.take(8, f"ntp.{field}"))
        say.field(f"ntp.{field}", wire)
        say.line(label, shown)
    if head["vn"] == _NEWEST:
        _extensions(data, say)
    if len(data):
        # Alone it says that the request's digest was wrong (RFC 5905, section 7.3, crypto-NAK).
        key = data.take(4, "ntp.keyid")
        say.field("ntp.keyid", key)
        say.line("Key Id", key.hex().upper())
        if len(data):
            say.field("ntp.mac", data.rest())


def _extensions(data: Reader, say: Message) -> None:
    """Extension fields are what is longer than any digest (RFC 7822, section 3)."""
    while len(data) > _LONGEST_DIGEST:
        at = data.at
        kind, size = data.u16(), data.u16()
        if size < _SHORTEST_EXTENSION:
            raise data.bad("ntp.ext.length", _SHORTEST_EXTENSION, size)
        data.take(size - (data.at - at), "ntp.ext.length")
        say.line("Extension", f"{kind:04X}", ("Length", size))


def _seconds(value: int) -> str:
    """16.16 bits."""
    return f"{value / 65536:.6f}"


def _time(raw: bytes) -> tuple[str, str]:
    """Seconds since 1900 and a fraction, as Wireshark and as a listing show it."""
    whole, part = int.from_bytes(raw[:4], "big"), int.from_bytes(raw[4:], "big")
    if not whole | part:
        return "NULL", "none"
    seconds = whole - _BETWEEN + (_ERA if whole < _TURN else 0)
    nanoseconds = part * 1_000_000_000 >> 32
    when = _EPOCH + timedelta(seconds=seconds)
    return absolute_time(when, nanoseconds), f"{when:%Y/%m/%d %H:%M:%S}.{nanoseconds // 1000:06}"


def _control(data: Reader, say: Message) -> None:
    """A control message: what is asked, and the answer's variables as text."""
    head = say.header(CONTROL, data)
    if not head["response"] or not head["error"]:
        say.field("ntp.ctrl.status", head["status"])
    name = OPERATIONS.get(head["opcode"], str(head["opcode"]))
    kind = "error" if head["error"] else "response" if head["response"] else "request"
    say.summary += f" : {name} {kind}"
    say.line("Operation", f"{name} {kind}", ("Sequence", head["sequence"]))
    say.line("Association", head["association"], ("Offset", head["offset"]), ("Count", head["count"]))
    body = data.part(head["count"], "ntp.ctrl.count")
    if head["opcode"] == _READ_STATUS and head["response"] and not head["association"]:
        _associations(body, say)
    elif len(body):
        for line in ascii_text(body.rest()).splitlines():
            say.line("Data", line)


def _associations(body: Reader, say: Message) -> None:
    """The associations of a server, each with its status (RFC 9327, section 4)."""
    while len(body):
        association, status = body.u16(), body.u16()
        say.field("ntp.ctrl.associd", association)
        say.field("ntp.ctrl.status", status)
        say.line("Association", association, ("Status", f"{status:04X}"), level=2)


lines = message.lines
values = message.values
