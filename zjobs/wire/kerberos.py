"""Kerberos version 5: messages by type, errors by name.

Reference: RFC 4120, sections 5.4 to 5.10 and 7.2 (transports).
"""

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes, among, windows
from zjobs.wire import ber, message
from zjobs.wire.layout import Field, Layout
from zjobs.wire.message import Message, Reader
from zjobs.wire.talk import NOT_MINE, STREAM, Flow

NAME = "kerberos"
TITLE = "Kerberos"
FOUND = {"udp.app": (88,), "tcp.app": (88,)}

LAYOUT = Layout("Kerberos", (Field("tag", "u8", 0),), 1, "RFC 4120, section 5.10")

_AS_REQ, _TGS_REQ, _AP_REQ, _ERROR = 10, 12, 14, 30
TYPES = {
    _AS_REQ: "AS-REQ", 11: "AS-REP", _TGS_REQ: "TGS-REQ", 13: "TGS-REP", _AP_REQ: "AP-REQ", 15: "AP-REP",
    20: "KRB-SAFE", 21: "KRB-PRIV", 22: "KRB-CRED", _ERROR: "KRB-ERROR",
}  # fmt: skip
ERRORS = {
    6: "client not found", 7: "server not found", 12: "policy", 14: "encryption type not supported",
    18: "client revoked", 23: "password expired", 24: "pre-authentication failed", 25: "pre-authentication required",
    31: "integrity check failed", 32: "ticket expired", 33: "ticket not yet valid", 34: "replay",
    37: "clock skew too great", 41: "message modified", 44: "key version not available", 52: "response too big",
    60: "generic error", 68: "wrong realm",
}  # fmt: skip
_APPLICATION, _CONTEXT, _PADATA, _TICKET = 0x60, 0xA0, 3, 1
_LONGEST = 1 << 20


def begins(buf: Bytes, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
    """A message type, in a datagram or behind the length of a record, and a sequence in it."""
    size = np.ascontiguousarray(windows(buf, start, 4)).view(">u4")[:, 0].astype(np.int64)
    record = (size > 8) & (size < _LONGEST)
    return np.asarray(_message(buf, start, end) | record & _message(buf, start + 4, end))


def _message(buf: Bytes, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
    tag, at = ber.opened(buf, np.where(start + 2 <= end, start, 0))
    inside = (start + 2 <= end) & (at > 0) & (at + 1 <= end)
    known = among(tag, [_APPLICATION | kind for kind in TYPES])
    return np.asarray(inside & known & (windows(buf, np.where(inside, at, 0), 1)[:, 0] == ber.SEQUENCE))


def measure(data: bytes, flow: Flow) -> int:
    """Over TCP four bytes of length stand before each message."""
    if len(data) < 4:
        return -4
    size = int.from_bytes(data[:4], "big")
    return 4 + size if 8 < size < _LONGEST else NOT_MINE


def decode(data: Reader, say: Message, state: int) -> None:
    """One datagram, or the messages of a segment."""
    if not state & STREAM:
        read(data, say)
        return
    while len(data):
        size = data.u32()
        read(data.upto(size, "kerberos.rm.length"), say)


def read(data: Reader, say: Message) -> None:
    """The message at the reader; tokens of other protocols hold one too."""
    tag, whole = ber.element(data, "kerberos.msg_type")
    kind = tag & 0x1F
    if tag & 0xE0 != _APPLICATION or kind not in TYPES:
        raise data.bad("kerberos.msg_type", _APPLICATION, tag)
    body = ber.expect(whole, ber.SEQUENCE, "kerberos.msg_type")
    name = TYPES[kind]
    # Requests for tickets begin to count their fields at 1.
    first = 1 if kind in (_AS_REQ, _TGS_REQ) else 0
    say.also(f"Kerberos : {name}")
    while len(body):
        place, inner = ber.element(body, "kerberos.field")
        place -= _CONTEXT
        if place == first:
            say.field("kerberos.pvno", ber.integer(inner, "kerberos.pvno"))
        elif place == first + 1:
            say.field("kerberos.msg_type", ber.integer(inner, "kerberos.msg_type"))
            say.line("Type", name)
        elif kind == _TGS_REQ and place == _PADATA:
            _ticket(inner, say)
        elif kind == _ERROR and place == 6:
            code = ber.integer(inner, "kerberos.error_code")
            say.field("kerberos.error_code", code)
            say.line("Error", ERRORS.get(code, code))
            say.summary += f" ({ERRORS.get(code, code)})"


def _ticket(inner: Reader, say: Message) -> None:
    """A request for a service ticket carries the ticket that it is granted on as an AP-REQ."""
    every = ber.expect(inner, ber.SEQUENCE, "kerberos.padata")
    while len(every):
        one = ber.expect(every, ber.SEQUENCE, "kerberos.padata")
        _, kind = ber.element(one, "kerberos.padata_type")
        _, value = ber.element(one, "kerberos.padata_value")
        if ber.integer(kind, "kerberos.padata_type") == _TICKET:
            raw = ber.expect(value, ber.OCTETS, "kerberos.padata_value")
            tag, _ = ber.element(Reader(raw.data, raw.at, raw.end), "kerberos.padata_value")
            if tag == _APPLICATION | _AP_REQ:
                say.line("Holds", TYPES[_AP_REQ])
                _fields_of(raw, say)


def _fields_of(raw: Reader, say: Message) -> None:
    """Version and type of a message inside."""
    _, whole = ber.element(raw, "kerberos.msg_type")
    body = ber.expect(whole, ber.SEQUENCE, "kerberos.msg_type")
    for field in ("pvno", "msg_type"):
        _, inner = ber.element(body, f"kerberos.{field}")
        say.field(f"kerberos.{field}", ber.integer(inner, f"kerberos.{field}"))


lines = message.lines
values = message.values
