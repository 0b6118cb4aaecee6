"""QUIC: packets with a long header, and the handshake in those that everybody can decrypt.

Reference: RFC 9000; RFC 9001; RFC 8999 (what all versions have in common); RFC 9369 (version 2).  Keys of Initial
packets are made of a connection id that stands in the first of them; all other packets need keys that no trace has.
Datagrams that start with a short header are read by ``quicshort``.
"""

import re
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes, among
from zjobs.wire import message, tls
from zjobs.wire._quic import (
    EARLY,
    GOOGLE,
    HANDSHAKE,
    INITIAL,
    LONG,
    LONGEST_ID,
    NEGOTIATION,
    RETRY,
    SHORT,
    VERSION_2,
    VERSIONS,
    Datagram,
    Memory,
    alone,
    answers,
    draft,
    is_reserved,
    kind_of,
)
from zjobs.wire.layout import Field, Layout
from zjobs.wire.message import Message, Reader, Stop, utf8_text
from zjobs.wire.values import json_bool
from zjobs.wire.walk import Fault
from zjobs.words import counted

__all__ = ["Memory"]

NAME = "quic"
TITLE = "QUIC"
FOUND = {"udp.app": (443,)}
ANYWHERE = ("udp",)
LISTS = tls.LISTS | {
    "quic.header_form", "quic.fixed_bit", "quic.packet_length", "quic.long.packet_type", "quic.long.packet_type_v2",
    "quic.version", "quic.dcil", "quic.dcid", "quic.scil", "quic.scid", "quic.length", "quic.frame_type",
    "quic.padding_length", "quic.crypto.offset", "quic.crypto.length", "quic.supported_version",
}  # fmt: skip

LAYOUT = Layout(
    "QUIC long header",
    (
        Field("form", "u8", 0, "Header Form", bits=(7, 1), json="quic.header_form"),
        Field("fixed", "u8", 0, "Fixed Bit", bits=(6, 1), json="quic.fixed_bit", json_show=json_bool),
        Field("type", "u8", 0, "Packet Type", bits=(4, 2), json="quic.long.packet_type"),
        Field("version", "u32", 1, "Version", json="quic.version"),
        Field("dcil", "u8", 5, "Destination Id Length", json="quic.dcil"),
    ),
    6,
    "RFC 9000, section 17.2",
)

PACKETS = {
    INITIAL: "Initial", EARLY: "0-RTT", HANDSHAKE: "Handshake", RETRY: "Retry", NEGOTIATION: "Version Negotiation",
    SHORT: "Protected Payload",
}  # fmt: skip

#: Drafts since this one have this form of header.
_DRAFTS, _FIRST_DRAFT = 0xFF0000, 11
_LEAST = 13

#: The first draft in which a Retry has a tag instead of the id that it answers.
_TAG, _TAGGED = 16, 25
#: Bytes of a datagram of which nothing else is known than that it was cut.
_LONGEST = 65527
#: Packets of one datagram that are told.
_MOST_PACKETS = 64
ERRORS = {
    0: "NO_ERROR", 1: "INTERNAL_ERROR", 2: "CONNECTION_REFUSED", 3: "FLOW_CONTROL_ERROR", 4: "STREAM_LIMIT_ERROR",
    5: "STREAM_STATE_ERROR", 6: "FINAL_SIZE_ERROR", 7: "FRAME_ENCODING_ERROR", 8: "TRANSPORT_PARAMETER_ERROR",
    9: "CONNECTION_ID_LIMIT_ERROR", 10: "PROTOCOL_VIOLATION", 11: "INVALID_TOKEN", 12: "APPLICATION_ERROR",
    13: "CRYPTO_BUFFER_EXCEEDED", 14: "KEY_UPDATE_ERROR", 15: "AEAD_LIMIT_REACHED", 16: "NO_VIABLE_PATH",
    17: "VERSION_NEGOTIATION_ERROR",
}  # fmt: skip
#: Errors of TLS are alerts above this (RFC 9000, section 20.1).
_CRYPTO_ERROR = 0x100


def begins(buf: Bytes, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
    """A long header of a version that is known, with ids of possible lengths."""
    found = (buf[start] >= LONG) & (end - start >= _LEAST)
    here = np.flatnonzero(found)
    if not here.size:
        return np.asarray(found)
    at = start[here]
    version = np.zeros(at.size, dtype=np.int64)
    for k in range(1, 5):
        version = version << 8 | buf[at + k]
    known = among(version, VERSIONS) | (version & 0x0F0F0F0F == 0x0A0A0A0A)
    known |= (version >> 8 == _DRAFTS) & (version & 0xFF >= _FIRST_DRAFT)
    size = buf[at + 5].astype(np.int64)
    source = at + 6 + size
    known &= (size <= LONGEST_ID) & (source < end[here])
    known[known] = buf[source[known]] <= LONGEST_ID
    found[here] = known
    return np.asarray(found)


def decode(data: Reader, say: Message, state: int) -> None:
    """The packets of a datagram, behind those of the datagrams that came before and that nobody wanted to see."""
    datagram: Datagram | None = say.known
    if datagram is not None:
        for earlier in datagram.before():
            silent = Message(True)
            try:
                _packets(Reader(earlier.raw), silent, earlier)
            except Stop:
                continue
        if datagram.connection.number >= 0:
            say.field("quic.connection.number", datagram.connection.number)
    _packets(data, say, datagram)


def _packets(data: Reader, say: Message, datagram: Datagram | None) -> None:
    claimed = max(data.at + datagram.claimed if datagram else _LONGEST if say.cut else 0, data.end)
    target: bytes | None = None
    for _ in range(_MOST_PACKETS):
        at = data.at
        form = data.u8()
        data.at = at
        if form & LONG:
            packet = _long(data, say, datagram, claimed, target)
        else:
            packet = _short(data, say, datagram, claimed, target)
        if packet is None:
            return
        target, end = packet
        if end >= claimed:
            return
        data.take(end - data.at, "quic.length")
        if not len(data):
            return
    say.fault("quic.packet_length", data.at, _MOST_PACKETS, len(data))


def _said(say: Message, what: str) -> None:
    say.also(what if say.summary else f"quic : {what}")


def _padding(data: Reader, say: Message) -> None:
    """Bytes behind the last packet that are no packet of the same connection (RFC 9000, section 12.2)."""
    say.field("quic.coalesced_padding_data", True)
    say.line("Padding", f"{len(data)} bytes")


def _short(
    data: Reader, say: Message, datagram: Datagram | None, claimed: int, target: bytes | None
) -> tuple[bytes, int] | None:
    """A packet with a short header behind others (RFC 9000, section 17.3.1)."""
    at, size = data.at, datagram.short if datagram else 0
    first = data.u8()
    cid = data.take(size, "quic.dcid")
    if datagram is not None and target is not None and cid != target:
        data.at = at
        _padding(data, say)
        return None
    _said(say, PACKETS[SHORT])
    say.field("quic.packet_length", claimed - at)
    say.field("quic.short", True)
    say.field("quic.header_form", 0)
    say.field("quic.fixed_bit", bool(first & 0x40))
    say.field("quic.spin_bit", bool(first & 0x20))
    say.line("Packet", "Protected", ("Length", claimed - at), ("Spin Bit", first >> 5 & 1))
    if size:
        say.field("quic.dcid", cid)
        say.line("Destination Id", cid.hex().upper(), level=2)
    return cid, claimed


def _long(
    data: Reader, say: Message, datagram: Datagram | None, claimed: int, before: bytes | None
) -> tuple[bytes, int] | None:
    """A packet with a long header; the id of its receiver and where it ends, if others may follow."""
    at = data.at
    size = data.data[at + 5] if at + 5 < data.end else 0
    if before not in (None, data.data[at + 6 : at + 6 + size]):
        _padding(data, say)
        return None
    first, version = data.u8(), data.u32()
    kind = kind_of(first, version)
    _said(say, PACKETS[kind])
    say.field("quic.header_form", 1)
    if kind == NEGOTIATION:
        say.field("quic.vn.unused", first & 0x7F)
    else:
        say.field("quic.long.packet_type" + "_v2" * (version == VERSION_2), first >> 4 & 3)
        if kind != RETRY:
            say.field("quic.fixed_bit", bool(first & 0x40))
    say.field("quic.version", version)
    say.line("Packet", PACKETS[kind], ("Version", _version(version)))
    target = _id(data, say, "d", "Destination Id")
    _id(data, say, "s", "Source Id")
    if kind in (NEGOTIATION, RETRY):
        say.field("quic.packet_length", claimed - at)
        say.line("Packet Length", claimed - at, level=2)
        if kind == NEGOTIATION:
            _negotiation(data, say)
        else:
            _retry(data, say, version, at, datagram.answered if datagram else b"")
        return None
    if kind == INITIAL:
        size = data.varint()
        say.field("quic.token_length", size)
        token = data.take(size, "quic.token_length")
        if size:
            say.field("quic.token", token)
            say.line("Token", counted(str(size), "byte"), level=2)
    size = data.varint()
    say.field("quic.length", size)
    end = min(data.at + size, claimed)
    say.field("quic.packet_length", end - at)
    say.line("Packet Length", end - at, ("Length", size), level=2)
    if data.at + size > claimed and not say.cut:
        say.fault("quic.length", data.at, size, claimed - data.at, Fault.LENGTH)
    elif kind == INITIAL:
        whole = data.at + size <= data.end
        _initial(data, say, datagram or alone(target), version, at, end, whole)
    return target, end


def _version(version: int) -> str:
    if version == VERSION_2:
        return "2"
    if version >> 8 == _DRAFTS:
        return f"draft {version & 0xFF}"
    return f"{version:08X}" if version > 1 else str(version)


def _id(data: Reader, say: Message, end: str, label: str) -> bytes:
    """An id of a connection: that of the receiver or that of the sender."""
    size = data.u8()
    say.field(f"quic.{end}cil", size)
    cid = data.take(size, f"quic.{end}cil")
    if size:
        say.field(f"quic.{end}cid", cid)
        say.line(label, cid.hex().upper(), level=2)
    return cid


def _negotiation(data: Reader, say: Message) -> None:
    """The versions that a server speaks (RFC 9000, section 17.2.1)."""
    label = "Versions"
    while len(data):
        version = data.u32()
        say.field("quic.supported_version", version)
        say.line(label, "reserved" if is_reserved(version) else _version(version), level=2)
        label = ""


def _retry(data: Reader, say: Message, version: int, start: int, answered: bytes) -> None:
    """A token that the client is to send back (RFC 9000, section 17.2.5)."""
    tag = _TAG
    if 0 < draft(version) < _TAGGED:
        tag = 0
        size = data.u8()
        say.field("quic.odcil", size)
        say.field("quic.odcid", data.take(size, "quic.odcil"))
    token = data.take(max(len(data) - tag, 0))
    say.field("quic.retry_token", token)
    say.line("Token", f"{len(token)} bytes", level=2)
    if tag:
        say.field("quic.retry_integrity_tag", data.take(tag, "quic.retry_integrity_tag"))
        if answered and not say.cut and not answers(version, data.data[start : data.at], answered):
            say.fault("quic.retry_integrity_tag", data.at - tag, tag, tag)


def _initial(data: Reader, say: Message, datagram: Datagram, version: int, at: int, end: int, whole: bool) -> None:
    """The frames of an Initial packet; nothing where its tag is not that of the keys (RFC 9001, section 5)."""
    packet = datagram.open(version, at, data.data[at : min(end, data.end)], data.at - at, whole)
    if packet is None:
        say.line("Payload", "encrypted", level=2)
        return
    say.field("quic.long.reserved", packet.first >> 2 & 3)
    say.field("quic.packet_number_length", packet.first & 3)
    say.field("quic.packet_number", packet.number)
    say.line("Packet Number", packet.number, level=2)
    start = data.at + packet.size
    data.at = min(end, data.end)
    if version in GOOGLE:
        return
    # Frames stand where they stood encrypted, so that problems have their places in the packet.
    frames = Reader(data.data[:start] + packet.frames, start, claimed="quic.frame_type")
    try:
        while len(frames):
            _frame(frames, say, datagram, whole)
    except Stop as stop:
        _fault(say, stop, stop.problem.at, whole)


def _fault(say: Message, stop: Stop, at: int, whole: bool) -> None:
    """What a frame or a message in it lacks; of a packet that was cut its rest may have it."""
    kind, claimed, _, needed, available = stop.problem
    if whole or kind is not Fault.SHORT:
        say.fault(claimed, at, needed, available, kind)


def _frame(data: Reader, say: Message, datagram: Datagram, whole: bool) -> None:
    """A frame, and what it completes of the handshake; of a packet that was cut, what it begins."""
    at = data.at
    kind = data.varint()
    say.field("quic.frame_type", kind)
    if kind == _CRYPTO:
        _handshake(data, say, datagram, at, whole)
        return
    name, tell = _FRAMES.get(kind, ("", None))
    if tell is None:
        # None of the others may be in an Initial packet (RFC 9000, section 17.2.2).
        raise Stop(Fault.VALUE, "quic.frame_type", at, 0, kind)
    if not (kind or whole or data.data[at : data.end].strip(b"\0")):
        # How much padding there is nobody knows.
        data.at = data.end
        return
    say.line("Frame", name, *tell(data, say), level=2)


def _handshake(data: Reader, say: Message, datagram: Datagram, at: int, whole: bool) -> None:
    """A CRYPTO frame and the messages of TLS that it completes; of a packet that was cut, the one that it continues."""
    offset, size = _told(data, say, "quic.crypto.offset"), _told(data, say, "quic.crypto.length")
    say.line("Frame", "CRYPTO", ("Offset", offset), ("Length", size), level=2)
    short = size > len(data) and not whole
    part = data.take(len(data) if short else size, "quic.crypto.length")
    for handshake in [datagram.begun(offset, part)] if short else datagram.put(at, offset, part):
        try:
            tls.handshakes([Reader(handshake)], say, opened=True)
        except Stop as stop:
            # It was put together from frames: the one that completed it is all there is of a place.
            _fault(say, stop, at, whole)


_ZEROS = re.compile(rb"\0*")
Told = tuple[tuple[str, object], ...]


def _pad(data: Reader, say: Message) -> Told:
    """One frame is one byte of zero; many are told as one."""
    rest = _ZEROS.match(data.data, data.at, data.end)
    size = 1 + (rest.end() - data.at if rest else 0)
    data.at += size - 1
    say.field("quic.padding_length", size)
    return (("Length", size),)


def _ping(data: Reader, say: Message) -> Told:
    return ()


def _ack(data: Reader, say: Message) -> Told:
    """Ranges of packet numbers, each as long as it is and as far from the one before (RFC 9000, section 19.3)."""
    names = ("largest_acknowledged", "ack_delay", "ack_range_count", "first_ack_range")
    largest, delay, count, _ = (_told(data, say, f"quic.ack.{name}") for name in names)
    for _ in range(count):
        _told(data, say, "quic.ack.gap")
        _told(data, say, "quic.ack.ack_range")
    return ("Largest", largest), ("Delay", delay)


def _ack_marked(data: Reader, say: Message) -> Told:
    said = _ack(data, say)
    for name in ("ect0", "ect1", "ecn_ce"):
        _told(data, say, f"quic.ack.{name}_count")
    return said


def _close(data: Reader, say: Message) -> Told:
    """Why the connection ends (RFC 9000, section 19.19)."""
    code = _told(data, say, "quic.cc.error_code")
    if code >> 8 == _CRYPTO_ERROR >> 8:
        say.field("quic.cc.error_code.tls_alert", code & 0xFF)
        error = tls.ALERTS.get(code & 0xFF, str(code & 0xFF))
    else:
        error = ERRORS.get(code, str(code))
    _told(data, say, "quic.cc.frame_type")
    reason = utf8_text(data.take(_told(data, say, "quic.cc.reason_phrase.length"), "quic.cc.reason_phrase.length"))
    say.field("quic.cc.reason_phrase", reason)
    _said(say, f"Connection Close ({error})")
    return ("Error", error), ("Reason", reason)


def _told(data: Reader, say: Message, field: str) -> int:
    value = data.varint()
    say.field(field, value)
    return value


_CRYPTO = 6
_FRAMES: dict[int, tuple[str, Callable[[Reader, Message], Told]]] = {
    0: ("PADDING", _pad), 1: ("PING", _ping), 2: ("ACK", _ack), 3: ("ACK", _ack_marked),
    28: ("CONNECTION_CLOSE", _close),
}  # fmt: skip

lines = message.lines
values = message.values
