"""Lightweight Directory Access Protocol: operations by name.

Reference: RFC 4511, sections 4 and 5.1; RFC 4422, section 3.7, and RFC 4752 (security layers).
"""

from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes, windows
from zjobs.wire import ber, gss, message
from zjobs.wire.layout import Field, Layout
from zjobs.wire.message import Message, Reader, Stop, ascii_text
from zjobs.wire.talk import NOT_MINE, OWN, STREAM, Flow
from zjobs.words import counted

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
_BIND, _BOUND, _SEARCH, _EXTENDED = 0x60, 0x61, 0x63, 0x78
_START_TLS = b"1.3.6.1.4.1.1466.20037"
_RESULTS = frozenset({0x61, 0x65, 0x67, 0x69, 0x6B, 0x6D, 0x6F, 0x78})
RESULTS = {
    0: "success", 1: "operationsError", 2: "protocolError", 3: "timeLimitExceeded", 4: "sizeLimitExceeded",
    7: "authMethodNotSupported", 8: "strongerAuthRequired", 10: "referral", 14: "saslBindInProgress",
    16: "noSuchAttribute", 32: "noSuchObject", 34: "invalidDNSyntax", 48: "inappropriateAuthentication",
    49: "invalidCredentials", 50: "insufficientAccessRights", 51: "busy", 52: "unavailable", 53: "unwillingToPerform",
    65: "objectClassViolation", 68: "entryAlreadyExists", 80: "other",
}  # fmt: skip
_SIMPLE, _SASL, _SERVER_CREDENTIALS = 0x80, 0xA3, 0x87
#: Bytes of a message that are enough to tell what it is (tickets are long), and those at its start with its length.
_ENOUGH, _HEAD = 1 << 16, 6

#: A security layer sends buffers of this many bytes at most, behind four bytes of length.
_PREFIX, _MOST = 4, 1 << 20
#: States of both sides: the client asked for a SASL mechanism; the server has answered with credentials of its own.
_ASKED, _LAYER = OWN, OWN * 2


def begins(buf: Bytes, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
    """A sequence that begins with a message id, or a buffer of a security layer."""
    tag, at = ber.opened(buf, start)
    inside = (at > 0) & (at + 2 <= end)
    first = windows(buf, np.where(inside, at, 0), 2)
    number = (first[:, 0] == ber.INTEGER) & (first[:, 1] > 0) & (first[:, 1] <= 4)
    head = windows(buf, start, _HEAD)
    size = np.ascontiguousarray(head[:, :_PREFIX]).view(">u4")[:, 0].astype(np.int64)
    token = (head[:, 4] == gss.TOKEN) | ((head[:, 4] == gss.WRAP[0]) & (head[:, 5] == gss.WRAP[1]))
    layer = (size > 1) & (size <= _MOST) & ((start + _PREFIX + size == end) | token) & (start + _HEAD <= end)
    return np.asarray(inside & (tag == ber.SEQUENCE) & number | layer)


def measure(data: bytes, flow: Flow) -> int:
    """The length of the outermost sequence, or of a buffer of a security layer."""
    if not data[0]:
        return _buffer_length(data, flow)
    if data[0] != ber.SEQUENCE:
        return NOT_MINE
    size = ber.length(data)
    if size:
        flow.keep = _ENOUGH
        with suppress(Stop):
            _follow(data[:size], flow)
        return size
    return -_HEAD if len(data) < _HEAD else NOT_MINE


def _buffer_length(data: bytes, flow: Flow) -> int:
    """Without a bind that was seen a buffer is known by its token, or because it is the whole segment."""
    if len(data) < _HEAD:
        return -_HEAD
    size = int.from_bytes(data[:_PREFIX], "big")
    known = flow.state & _ASKED or data.startswith((bytes([gss.TOKEN]), gss.WRAP), _PREFIX)
    return _PREFIX + size if 1 < size <= _MOST and (known or _PREFIX + size == len(data)) else NOT_MINE


def _follow(data: bytes, flow: Flow) -> None:
    """What changes the connection: a bind (RFC 4511, section 4.2), TLS that both agree to (section 4.14)."""
    notes = flow.talk.notes
    if not flow.serves:
        notes["tls"] = _START_TLS in data
    whole = ber.expect(Reader(data), ber.SEQUENCE, "ldap.LDAPMessage")
    ber.integer(whole, "ldap.messageID")
    tag, body = ber.element(whole, "ldap.protocolOp")
    if tag == _BIND:
        ber.integer(body, "ldap.version")
        ber.octets(body, "ldap.name")
        asked = _ASKED * (body.u8() == _SASL)
        for one in flow.talk.flows:
            one.state = one.state & ~(_ASKED | _LAYER) | asked
    elif tag == _BOUND and flow.state & _ASKED:
        _result(body)
        if body.u8() == _SERVER_CREDENTIALS:
            for one in flow.talk.flows:
                one.state |= _LAYER
    elif tag == _EXTENDED and flow.serves and notes.get("tls") and _result(body) == 0:
        flow.talk.app, flow.talk.before = "tls", NAME


def _result(body: Reader) -> int:
    """The code of a result; the reader is left behind its texts."""
    code = ber.integer(body, "ldap.resultCode", ber.ENUMERATED)
    for name in ("ldap.matchedDN", "ldap.errorMessage"):
        ber.expect(body, ber.OCTETS, name)
    return code


def decode(data: Reader, say: Message, state: int) -> None:
    """The messages of a segment, or the buffers of a security layer with messages in them."""
    while len(data):
        if state & STREAM and not data.data[data.at]:
            _buffer(data, say, state)
        else:
            _message(data, say, state)


def _buffer(data: Reader, say: Message, state: int) -> None:
    """What a security layer made of messages; they can be read where it only protects them against changes."""
    size = data.u32()
    whole = len(data) >= size
    buffer = data.upto(size, "ldap.sasl_buffer_length")
    say.field("ldap.sasl_buffer_length", size)
    say.line("Security Layer", counted(str(size), "byte"))
    told = len(say.fields)
    inside = gss.unwrap(buffer, say) if whole else None
    if inside is None:
        say.also("LDAP : protected")
    while inside is not None and len(inside):
        _message(inside, say, state)
    if not state & _LAYER:
        # Wireshark looks into no buffer if it has not seen the bind, and the server's credentials in the answer.
        del say.fields[told:]


def _message(data: Reader, say: Message, state: int) -> None:
    """One message; of a long one its beginning."""
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
    say.also(f"LDAP : {name}")
    if tag == _BIND:
        _bind(body, say)
    elif tag == _BOUND:
        _answer(body, say, state)
    elif tag == _SEARCH:
        base = ascii_text(ber.octets(body, "ldap.baseObject"))
        if base:
            say.field("ldap.baseObject", base)
        say.line("Base", base)


def _bind(body: Reader, say: Message) -> None:
    """Who binds and how; never with which password."""
    version = ber.integer(body, "ldap.version")
    name = ascii_text(ber.octets(body, "ldap.name"))
    say.field("ldap.version", version)
    if name:
        say.field("ldap.name", name)
    method, inner = ber.element(body, "ldap.authentication")
    say.line("Version", version, ("Name", name), ("Method", "simple" if method == _SIMPLE else "SASL"))
    if method != _SASL:
        return
    mechanism = ascii_text(ber.octets(inner, "ldap.mechanism"))
    say.field("ldap.mechanism", mechanism)
    say.line("SASL Mechanism", mechanism)
    if len(inner):
        token = ber.expect(inner, ber.OCTETS, "ldap.credentials")
        # Wireshark leaves those alone that negotiate the layer (RFC 4752, section 3.1) without a mechanism's name.
        _credentials(token, say, not token.data.startswith(gss.WRAP, token.at, token.end))


def _answer(body: Reader, say: Message, state: int) -> None:
    """What the server answers to the client's credentials, behind texts and references to other servers."""
    while len(body):
        tag, inner = ber.element(body, "ldap.serverSaslCreds")
        if tag == _SERVER_CREDENTIALS:
            # Without the request Wireshark does not know of a mechanism.
            _credentials(inner, say, bool(state & _ASKED))


def _credentials(token: Reader, say: Message, fields: bool) -> None:
    say.line("Credentials", f"{len(token)} bytes")
    told = len(say.fields)
    gss.read(token, say)
    if not fields:
        del say.fields[told:]


lines = message.lines
values = message.values
