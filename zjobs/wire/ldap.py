"""Lightweight Directory Access Protocol: operations by name.

Reference: RFC 4511, sections 4 and 5.1.
"""

from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes, windows
from zjobs.wire import ber, message
from zjobs.wire.layout import Field, Layout
from zjobs.wire.message import Message, Reader, Stop, ascii_text
from zjobs.wire.talk import NOT_MINE, Flow

NAME = "ldap"
TITLE = "LDAP"
FOUND = {"tcp.app": (389, 3268), "udp.app": (389,)}

LAYOUT = Layout("LDAP", (Field("tag", "u8", 0),), 1, "RFC 4511, section 4.1.1")

#: Operations by identifier octet; Wireshark tells them by the number of the tag, its low five bits.
OPERATIONS = {
    0x60: "bindRequest", 0x61: "bindResponse", 0x42: "unbindRequest", 0x63: "searchRequest", 0x64: "searchResEntry",
    0x65: "searchResDone", 0x73: "searchResRef", 0x66: "modifyRequest", 0x67: "modifyResponse", 0x68: "addRequest",
    0x69: "addResponse", 0x4A: "delRequest", 0x6B: "delResponse", 0x6C: "modDNRequest", 0x6D: "modDNResponse",
    0x6E: "compareRequest", 0x6F: "compareResponse", 0x50: "abandonRequest", 0x77: "extendedReq",
    0x78: "extendedResp", 0x79: "intermediateResponse",
}  # fmt: skip
_BIND, _SEARCH, _EXTENDED = 0x60, 0x63, 0x78
_START_TLS = b"1.3.6.1.4.1.1466.20037"
_RESULTS = frozenset({0x61, 0x65, 0x67, 0x69, 0x6B, 0x6D, 0x6F, 0x78})
RESULTS = {
    0: "success", 1: "operationsError", 2: "protocolError", 3: "timeLimitExceeded", 4: "sizeLimitExceeded",
    7: "authMethodNotSupported", 8: "strongerAuthRequired", 10: "referral", 14: "saslBindInProgress",
    16: "noSuchAttribute", 32: "noSuchObject", 34: "invalidDNSyntax", 48: "inappropriateAuthentication",
    49: "invalidCredentials", 50: "insufficientAccessRights", 51: "busy", 52: "unavailable", 53: "unwillingToPerform",
    65: "objectClassViolation", 68: "entryAlreadyExists", 80: "other",
}  # fmt: skip
_SIMPLE = 0x80
#: Bytes of a message that are enough to tell what it is, and those at its start that hold its length.
_ENOUGH, _HEAD = 4096, 6


def begins(buf: Bytes, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
    """A sequence that begins with a message id."""
    tag, at = ber.opened(buf, start)
    inside = (at > 0) & (at + 2 <= end)
    first = windows(buf, np.where(inside, at, 0), 2)
    number = (first[:, 0] == ber.INTEGER) & (first[:, 1] > 0) & (first[:, 1] <= 4)
    return np.asarray(inside & (tag == ber.SEQUENCE) & number)


def measure(data: bytes, flow: Flow) -> int:
    """The length of the outermost sequence; what a security layer made of it is none."""
    if data[0] != ber.SEQUENCE:
        return NOT_MINE
    size = ber.length(data)
    if size:
        flow.keep = _ENOUGH
        _start_tls(data[:size], flow)
        return size
    return -_HEAD if len(data) < _HEAD else NOT_MINE


def _start_tls(data: bytes, flow: Flow) -> None:
    """Hand the connection over to TLS when the server agrees to what the client asked for (RFC 4511, section 4.14)."""
    if not flow.serves:
        flow.talk.notes["tls"] = _START_TLS in data
    elif flow.talk.notes.get("tls"):
        with suppress(Stop):
            whole = ber.expect(Reader(data), ber.SEQUENCE, "ldap.LDAPMessage")
            ber.integer(whole, "ldap.messageID")
            tag, body = ber.element(whole, "ldap.protocolOp")
            if tag == _EXTENDED and ber.integer(body, "ldap.resultCode", ber.ENUMERATED) == 0:
                flow.talk.app, flow.talk.before = "tls", NAME


def decode(data: Reader, say: Message, state: int) -> None:
    """The messages of a segment; of a long one its beginning."""
    while len(data):
        whole = ber.expect(data, ber.SEQUENCE, "ldap.LDAPMessage")
        number = ber.integer(whole, "ldap.messageID")
        tag, body = ber.element(whole, "ldap.protocolOp")
        say.field("ldap.messageID", number)
        if tag not in OPERATIONS:
            raise data.bad("ldap.protocolOp", _BIND, tag)
        say.field("ldap.protocolOp", tag & 0x1F)
        name = OPERATIONS[tag]
        say.line("Message Id", number, ("Operation", name))
        if tag in _RESULTS:
            code = ber.integer(body, "ldap.resultCode", ber.ENUMERATED)
            say.field("ldap.resultCode", code)
            text = RESULTS.get(code, str(code))
            say.line("Result", text)
            name = f"{name} ({text})"
        elif tag == _BIND:
            _bind(body, say)
        elif tag == _SEARCH:
            base = ascii_text(ber.octets(body, "ldap.baseObject"))
            if base:
                say.field("ldap.baseObject", base)
            say.line("Base", base)
        say.also(f"LDAP : {name}")


def _bind(body: Reader, say: Message) -> None:
    """Who binds and how; never with which password."""
    version = ber.integer(body, "ldap.version")
    name = ascii_text(ber.octets(body, "ldap.name"))
    say.field("ldap.version", version)
    if name:
        say.field("ldap.name", name)
    method = body.u8()
    say.line("Version", version, ("Name", name), ("Method", "simple" if method == _SIMPLE else "SASL"))


lines = message.lines
values = message.values
