"""Transport Layer Security: records, handshakes in the clear, alerts.

Reference: RFC 8446 (1.3), RFC 5246 (1.2), RFC 4346, RFC 2246, RFC 6101 (SSL 3.0); extensions RFC 6066, RFC 7301.
A handshake message that spans records is put together; a record that is encrypted is said to be so.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes
from zjobs.wire import message, names, x509
from zjobs.wire.layout import Field, Layout
from zjobs.wire.message import Message, Reader, Stop, ascii_text
from zjobs.wire.talk import NOT_MINE, OWN, Flow
from zjobs.wire.walk import Fault
from zjobs.words import counted

NAME = "tls"
TITLE = "TLS"
FOUND = {"tcp.app": (443, 465, 563, 636, 853, 989, 990, 992, 993, 995, 5061)}
ANYWHERE = ("tcp",)
LISTS = frozenset({
    "tls.record.content_type", "tls.record.version", "tls.record.length", "tls.handshake.type",
    "tls.handshake.length", "tls.handshake.ciphersuite", "tls.handshake.extension.type",
    "tls.handshake.extensions.supported_version", "tls.handshake.extensions_alpn_str",
    "tls.quic.parameter.type", "tls.quic.parameter.length",
})  # fmt: skip

CHANGE, ALERT, HANDSHAKE, APPLICATION, HEARTBEAT = 20, 21, 22, 23, 24
CONTENT = {20: "Change Cipher Spec", 21: "Alert", 22: "Handshake", 23: "Application", 24: "Heartbeat"}
VERSIONS = {
    0x0002: "SSL 2.0", 0x0300: "SSL 3.0", 0x0301: "TLS 1.0", 0x0302: "TLS 1.1", 0x0303: "TLS 1.2", 0x0304: "TLS 1.3",
}  # fmt: skip
HANDSHAKES = {
    0: "Hello Request", 1: "Client Hello", 2: "Server Hello", 3: "Hello Verify Request", 4: "New Session Ticket",
    5: "End of Early Data", 8: "Encrypted Extensions", 11: "Certificate", 12: "Server Key Exchange",
    13: "Certificate Request", 14: "Server Hello Done", 15: "Certificate Verify", 16: "Client Key Exchange",
    20: "Finished", 21: "Certificate URL", 22: "Certificate Status", 24: "Key Update", 25: "Compressed Certificate",
    254: "Message Hash",
}  # fmt: skip
ALERTS = {
    0: "Close Notify", 10: "Unexpected Message", 20: "Bad Record MAC", 21: "Decryption Failed", 22: "Record Overflow",
    30: "Decompression Failure", 40: "Handshake Failure", 41: "No Certificate", 42: "Bad Certificate",
    43: "Unsupported Certificate", 44: "Certificate Revoked", 45: "Certificate Expired", 46: "Certificate Unknown",
    47: "Illegal Parameter", 48: "Unknown CA", 49: "Access Denied", 50: "Decode Error", 51: "Decrypt Error",
    60: "Export Restriction", 70: "Protocol Version", 71: "Insufficient Security", 80: "Internal Error",
    86: "Inappropriate Fallback", 90: "User Canceled", 100: "No Renegotiation", 109: "Missing Extension",
    110: "Unsupported Extension", 111: "Certificate Unobtainable", 112: "Unrecognized Name",
    113: "Bad Certificate Status", 114: "Bad Certificate Hash", 115: "Unknown PSK Identity",
    116: "Certificate Required", 120: "No Application Protocol",
}  # fmt: skip
EXTENSIONS = {
    0: "server_name", 1: "max_fragment_length", 5: "status_request", 10: "supported_groups", 11: "ec_point_formats",
    13: "signature_algorithms", 14: "use_srtp", 15: "heartbeat", 16: "application_layer_protocol_negotiation",
    18: "signed_certificate_timestamp", 21: "padding", 22: "encrypt_then_mac", 23: "extended_master_secret",
    27: "compress_certificate", 28: "record_size_limit", 35: "session_ticket", 41: "pre_shared_key", 42: "early_data",
    43: "supported_versions", 44: "cookie", 45: "psk_key_exchange_modes", 47: "certificate_authorities",
    49: "post_handshake_auth", 50: "signature_algorithms_cert", 51: "key_share", 57: "quic_transport_parameters",
    13172: "next_protocol_negotiation",
    17513: "application_settings", 65281: "renegotiation_info", 65037: "encrypted_client_hello",
    65445: "quic_transport_parameters (drafts)",
}  # fmt: skip

QUIC_PARAMETERS = {
    0: "original_destination_connection_id", 1: "max_idle_timeout", 2: "stateless_reset_token",
    3: "max_udp_payload_size", 4: "initial_max_data", 5: "initial_max_stream_data_bidi_local",
    6: "initial_max_stream_data_bidi_remote", 7: "initial_max_stream_data_uni", 8: "initial_max_streams_bidi",
    9: "initial_max_streams_uni", 10: "ack_delay_exponent", 11: "max_ack_delay", 12: "disable_active_migration",
    13: "preferred_address", 14: "active_connection_id_limit", 15: "initial_source_connection_id",
    16: "retry_source_connection_id", 32: "max_datagram_frame_size",
}  # fmt: skip
_QUIC_NUMBERS, _QUIC_BYTES = frozenset((1, *range(3, 12), 14, 32)), frozenset((0, 2, 15, 16))

#: A Client Hello of SSL 2.0 has three lengths: of the cipher suites, the session and the challenge.
_SSL_2, _OLD_LENGTHS = 0x0002, 6

#: The random of a Server Hello that asks for another Client Hello (RFC 8446, section 4.1.3).
_RETRY = bytes.fromhex("CF21AD74E59A6111BE1D8C021E65B891C2A211167ABB8C5E079E09E2C8A8339C")

#: States of a direction: its handshake is encrypted now; the connection speaks 1.3.
_SECRET, _MODERN = OWN, OWN * 2

#: Drafts of 1.3 have versions 7Fxx, those of a variant FBxx; a Server Hello before draft 22 has no session and no
#: compression, and says its version at the front.
_DRAFT, _VARIANT, _LIKE_1_2 = 0x7F, 0xFB, 22
#: Where the session of a hello starts, and the extension by which a client says that data follows it at once.
_SESSION, _EARLY_DATA = 34, 42

_HEAD = 5
_MOST = 16384 + 2048
#: No handshake message is as long, as Wireshark has it.
_TOO_LONG = 1 << 16

LAYOUT = Layout(
    "TLS record",
    (
        Field("type", "u8", 0, "Content Type"),
        Field("version", "u16", 1, "Version", json="tls.record.version"),
        Field("length", "u16", 3, "Length", json="tls.record.length"),
    ),
    _HEAD,
    "RFC 8446, section 5.1",
)


def begins(buf: Bytes, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
    """A content type, version 3.x and a possible length; or a Client Hello of SSL 2.0."""
    kind = buf[start]
    record = (kind >= CHANGE) & (kind <= HEARTBEAT) & (buf[start + 1] == 3) & (buf[start + 2] <= 4)
    length = buf[start + 3].astype(np.int64) << 8 | buf[start + 4]
    record &= (length > 0) & (length <= _MOST) & (end - start >= _HEAD)
    old = (kind >= 0x80) & (buf[start + 2] == 1) & (buf[start + 3] <= 3) & (buf[start + 4] <= 4)
    old &= (buf[start + 3] == 3) | ((buf[start + 3] == 0) & (buf[start + 4] == 2))
    size = (kind.astype(np.int64) & 0x7F) << 8 | buf[start + 1]
    return np.asarray(record | (old & (size + 2 == end - start) & (size >= 9)))


def anywhere(buf: Bytes, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The same; on a port of another protocol a Client Hello of SSL 2.0 must have a challenge of 32 bytes, as for
    Wireshark (RFC 5246, appendix E.2: what later versions send)."""
    challenge = (buf[start + 9] == 0) & (buf[start + 10] == 32)
    return np.asarray(begins(buf, start, end) & ((buf[start] < 0x80) | challenge))


def _is_old(data: bytes) -> bool:
    """Whether this is a Client Hello of SSL 2.0, and not the middle of something."""
    return data[0] & 0x80 > 0 and data[2:3] == b"\1" and data[3:4] in (b"\0", b"\3")


def measure(data: bytes, flow: Flow) -> int:
    """Whole records, as many as the handshake message at their start takes."""
    if _is_old(data):
        return 2 + ((data[0] & 0x7F) << 8 | data[1])
    at = 0
    gathered = bytearray()
    while True:
        if len(data) < at + _HEAD:
            return -at - _HEAD
        kind, length = data[at], int.from_bytes(data[at + 3 : at + 5], "big")
        if not CHANGE <= kind <= HEARTBEAT or data[at + 1] != 3 or length > _MOST:
            return at or NOT_MINE
        if len(data) < at + _HEAD + length:
            # What is agreed on stands in the part that is missing.
            flow.again = kind == HANDSHAKE
            # Of several records that a handshake message takes this may not be the last.
            return -at - _HEAD - length if at else _HEAD + length
        body = data[at + _HEAD : at + _HEAD + length]
        at += _HEAD + length
        if kind == CHANGE:
            flow.state |= _SECRET
            return at
        if kind != HANDSHAKE or (flow.state & _SECRET and not flow.state & _MODERN):
            return at
        gathered += body
        if _whole(gathered, flow):
            return at


def _whole(gathered: bytearray, flow: Flow) -> bool:
    """Whether handshake messages end where the record ends; remembers that 1.3 was agreed on."""
    at = 0
    while at + 4 <= len(gathered):
        kind, size = gathered[at], int.from_bytes(gathered[at + 1 : at + 4], "big")
        if not _plain(kind, size):
            return True
        hello = bytes(gathered[at + 4 : at + 4 + size])
        if kind == 1 and _offers_early_data(hello):
            flow.state |= _MODERN
        elif kind == 2:
            modern = _MODERN * _agrees(hello)
            flow.state |= modern
            flow.other.state = flow.other.state & ~_MODERN | modern
        at += 4 + size
    return at == len(gathered) or len(gathered) > 1 << 17


def _plain(kind: int, size: int) -> bool:
    """Whether a handshake message can start so: one that was encrypted, in a trace that begins later, starts anyhow."""
    return kind in HANDSHAKES and size < _TOO_LONG and (kind not in (1, 2) or size >= _SESSION)


def _offers_early_data(hello: bytes) -> bool:
    """Whether a Client Hello says that data of 1.3 follows before the server answers (RFC 8446, section 4.2.10)."""
    with suppress(Stop):
        rest = Reader(hello, min(_SESSION, len(hello)))
        rest.take(rest.u8())
        rest.take(rest.u16())
        rest.take(rest.u8())
        rest = rest.part(rest.u16())
        while len(rest):
            kind = rest.u16()
            if kind == _EARLY_DATA:
                return True
            rest.take(rest.u16())
    return False


def _agrees(hello: bytes) -> bool:
    """Whether a Server Hello agrees on 1.3 or on a draft of it."""
    chosen = (b"\x03\x04", bytes((_DRAFT,)), bytes((_VARIANT,)))
    return hello.startswith(chosen[:2]) or any(b"\x00\x2b\x00\x02" + version in hello for version in chosen)


def _early(hello: bytes) -> bool:
    """A Server Hello of a draft that had another form."""
    return hello[:1] == bytes((_DRAFT,)) and hello[1:2] < bytes((_LIKE_1_2,))


def decode(data: Reader, say: Message, state: int) -> None:
    """The records of a segment, in order."""
    kept = say.fields
    try:
        _records(data, say, state)
    finally:
        if say.fields is not kept:
            say.partial += say.fields
            say.fields = kept


def _records(data: Reader, say: Message, state: int) -> None:
    secret, modern = bool(state & _SECRET), bool(state & _MODERN)
    parts: list[Reader] = []
    if data.data and _is_old(data.data):
        _old_hello(data, say)
        return
    while len(data):
        if data.data[data.at] not in CONTENT or data.data[data.at + 1 : data.at + 2] not in (b"", b"\3"):
            # Behind a segment that was not traced whole.
            _say(say, "Continuation Data")
            return
        before = len(say.fields)
        head = say.header(LAYOUT, data)
        kind, length = head["type"], head["length"]
        # In 1.3 the outer type says nothing of what is inside.
        hidden = kind == APPLICATION and modern
        say.field("tls.record.opaque_type" if hidden else "tls.record.content_type", kind)
        say.line(
            "Record", CONTENT.get(kind, kind), ("Version", _version(head["version"])),
            ("Length", length),
        )  # fmt: skip
        body = data.part(length, "tls.record.length") if not say.cut else data.upto(length)
        if say.cut and length > len(body) + say.missing:
            # What is there is listed; Wireshark waits for segments that cannot be joined to this one.
            say.unshown(before)
            say.fields = []
        if kind == CHANGE:
            _say(say, "Change Cipher Spec")
            secret = True
        elif kind == APPLICATION:
            _say(say, "Application")
        elif kind == ALERT:
            _alert(body, say, secret and not modern)
        elif kind == HANDSHAKE and secret and not modern and not _second_hello(body, length):
            _say(say, "Encrypted Data")
        elif kind == HANDSHAKE:
            parts.append(body)
            if _ends(parts) or not len(data):
                modern |= handshakes(parts, say)
                parts = []
        else:
            _say(say, CONTENT.get(kind, str(kind)))


def _second_hello(body: Reader, length: int) -> bool:
    """Whether a record holds one Client Hello behind a Change Cipher Spec: a client of 1.3 whose server asked for
    another hello sends both (RFC 8446, appendix D.4), and the server's side may not be in the trace."""
    return body.data[body.at : min(body.at + 4, body.end)] == b"\1" + (length - 4 & 0xFFFFFF).to_bytes(3, "big")


def _say(say: Message, what: str) -> None:
    say.also(what if say.summary else f"TLS: {what}")


def _ends(parts: list[Reader]) -> bool:
    joined = b"".join(p.data[p.at : p.end] for p in parts)
    at = 0
    while at + 4 <= len(joined):
        size = int.from_bytes(joined[at + 1 : at + 4], "big")
        if not _plain(joined[at], size):
            return True
        at += 4 + size
    return at == len(joined)


def handshakes(parts: list[Reader], say: Message, opened: bool = False) -> bool:
    """The messages of one or more records; whether they agree on 1.3.  What was ``opened`` cannot be encrypted."""
    if len(parts) == 1:
        data = parts[0]
    else:
        data = Reader(b"".join(p.data[p.at : p.end] for p in parts))
    modern = False
    while len(data):
        kind = data.data[data.at]
        if kind not in HANDSHAKES:
            _say(say, "Encrypted Data")
            return modern
        data.u8()
        size = data.u24()
        if not (opened or _plain(kind, size)) or (size > len(data) and kind not in (1, 2, 11)):
            # Nothing of what was encrypted makes sense as a length.
            _say(say, "Encrypted Data")
            return modern
        before = len(say.fields)
        short = say.cut and size > len(data)
        say.field("tls.handshake.type", kind)
        say.field("tls.handshake.length", size)
        _say(say, HANDSHAKES[kind])
        say.line("Handshake", HANDSHAKES[kind], ("Length", size), level=2)
        try:
            body = data.part(size, "tls.handshake.length") if not say.cut else data.upto(size)
            if kind == 1:
                modern |= _client_hello(body, say)
            elif kind == 2:
                modern |= _server_hello(body, say)
            elif kind == 11 and not modern:
                _certificates(body, say)
        finally:
            if short:
                # What is there is listed; Wireshark shows no message that was cut.
                say.unshown(before)
    return modern


def _alert(body: Reader, say: Message, secret: bool) -> None:
    if secret or len(body) != 2:
        _say(say, "Encrypted Alert")
        return
    level, what = body.u8(), body.u8()
    say.field("tls.alert_message.level", level)
    say.field("tls.alert_message.desc", what)
    text = ALERTS.get(what, str(what))
    word = {1: "Warning", 2: "Fatal"}.get(level, str(level))
    _say(say, f"Alert ({word}: {text})")
    say.line("Alert", word, ("Description", text), level=2)


def _hello(body: Reader, say: Message, early: bool = False) -> bytes:
    version = body.u16()
    say.field("tls.handshake.version", version)
    random = body.take(32, "tls.handshake.random")
    say.field("tls.handshake.random", random)
    if early:
        say.line("Hello Version", _version(version), level=3)
        return random
    size = body.u8()
    say.field("tls.handshake.session_id_length", size)
    session = body.take(size, "tls.handshake.session_id_length")
    if size:
        say.field("tls.handshake.session_id", session)
    say.line("Hello Version", _version(version), ("Session Id Length", size), level=3)
    return random


def _version(number: int) -> str:
    if number >> 8 in (_DRAFT, _VARIANT):
        return f"TLS 1.3 draft {number & 0xFF}"
    return VERSIONS.get(number, f"{number:04X}")


def _client_hello(body: Reader, say: Message) -> bool:
    _hello(body, say)
    size = body.u16()
    say.field("tls.handshake.cipher_suites_length", size)
    suites = body.part(size, "tls.handshake.cipher_suites_length")
    label = "Cipher Suites"
    while len(suites) >= 2:
        suite = suites.u16()
        say.field("tls.handshake.ciphersuite", suite)
        say.line(label, cipher(suite), level=3)
        label = ""
    size = body.u8()
    say.field("tls.handshake.comp_methods_length", size)
    for method in body.take(size, "tls.handshake.comp_methods_length"):
        say.field("tls.handshake.comp_method", method)
    return _extensions(body, say, True)


def _server_hello(body: Reader, say: Message) -> bool:
    early = _early(body.data[body.at : body.end])
    random = _hello(body, say, early)
    suite = body.u16()
    say.field("tls.handshake.ciphersuite", suite)
    say.line("Cipher Suite", cipher(suite), level=3)
    if not early:
        say.field("tls.handshake.comp_method", body.u8())
    modern = _extensions(body, say, False) or early
    if random == _RETRY:
        say.line("Hello Retry", "the server asks for another Client Hello", level=3)
    return modern


def cipher(number: int) -> str:
    """Name and, in parentheses, the code that System SSL uses: the same number in hex."""
    return f"{cipher_suites().get(number, 'GREASE' if _grease(number) else 'Unknown')} ({number:04X})"


def _grease(number: int) -> bool:
    return number & 0x0F0F == 0x0A0A and number >> 8 == number & 0xFF


@cache
def cipher_suites() -> dict[int, str]:
    """Names of the IANA registry by number."""
    return names.load("tls-cipher-suites")


def _extensions(body: Reader, say: Message, client: bool) -> bool:
    """Whether the server's extensions agree on 1.3, or the client's say that data of 1.3 follows."""
    if not len(body):
        return False
    size = body.u16()
    say.field("tls.handshake.extensions_length", size)
    rest = body.part(size, "tls.handshake.extensions_length") if not say.cut else body.upto(size)
    modern = False
    while len(rest):
        kind, size = rest.u16(), rest.u16()
        say.field("tls.handshake.extension.type", kind)
        say.field("tls.handshake.extension.len", size)
        one = rest.part(size, "tls.handshake.extension.len")
        place = len(say.lines)
        said = "".join(_EXTENSION[kind](one, say, client)) if kind in _EXTENSION and len(one) else ""
        name = EXTENSIONS.get(kind, "GREASE" if _grease(kind) else f"type {kind}")
        say.line("Extension", name, ("", said) if said else ("Length", size), level=3)
        if len(say.lines) > place + 1:
            # What an extension says in lines of its own stands behind the one that names it.
            say.lines.insert(place, say.lines.pop())
        modern |= kind == _EARLY_DATA if client else kind == 43 and said.startswith(VERSIONS[0x0304])
    return modern


def _server_name(body: Reader, say: Message, client: bool) -> Iterator[str]:
    size = body.u16()
    say.field("tls.handshake.extensions_server_name_list_len", size)
    listed = body.part(size, "tls.handshake.extensions_server_name_list_len")
    while len(listed):
        say.field("tls.handshake.extensions_server_name_type", listed.u8())
        size = listed.u16()
        say.field("tls.handshake.extensions_server_name_len", size)
        name = ascii_text(listed.take(size, "tls.handshake.extensions_server_name_len"))
        say.field("tls.handshake.extensions_server_name", name)
        yield name


def _alpn(body: Reader, say: Message, client: bool) -> Iterator[str]:
    size = body.u16()
    say.field("tls.handshake.extensions_alpn_len", size)
    listed = body.part(size, "tls.handshake.extensions_alpn_len")
    separator = ""
    while len(listed):
        size = listed.u8()
        say.field("tls.handshake.extensions_alpn_str_len", size)
        name = ascii_text(listed.take(size, "tls.handshake.extensions_alpn_str_len"))
        say.field("tls.handshake.extensions_alpn_str", name)
        yield separator + name
        separator = " "


def _versions(body: Reader, say: Message, client: bool) -> Iterator[str]:
    if client:
        size = body.u8()
        say.field("tls.handshake.extensions.supported_versions_len", size)
        body = body.part(size, "tls.handshake.extensions.supported_versions_len")
    separator = ""
    while len(body) >= 2:
        version = body.u16()
        say.field("tls.handshake.extensions.supported_version", version)
        yield separator + ("GREASE" if _grease(version) else _version(version))
        separator = ", "


def _groups(body: Reader, say: Message, client: bool) -> Iterator[str]:
    listed = body.part(body.u16(), "tls.handshake.extensions_supported_groups_length")
    while len(listed) >= 2:
        say.field("tls.handshake.extensions_supported_group", listed.u16())
    return iter(())


def _quic_parameters(body: Reader, say: Message, client: bool) -> Iterator[str]:
    """What an end of QUIC allows the other (RFC 9000, section 18); drafts before 27 have a length in front."""
    old = int.from_bytes(body.data[body.at : body.at + 2], "big") == len(body) - 2
    if old:
        body.u16()
    while len(body):
        kind, size = (body.u16(), body.u16()) if old else (body.varint(), body.varint())
        say.field("tls.quic.parameter.type", kind)
        if not old:
            say.field("tls.quic.parameter.length", size)
        one = body.part(size, "tls.quic.parameter.length")
        name, value = QUIC_PARAMETERS.get(kind, f"type {kind}"), counted(str(size), "byte")
        if kind in _QUIC_NUMBERS:
            number = one.varint()
            say.field(f"tls.quic.parameter.{name}", number)
            value = str(number)
        elif kind in _QUIC_BYTES:
            raw = one.rest()
            say.field(f"tls.quic.parameter.{name}", raw)
            value = raw.hex().upper()
        say.line("Parameter", name, ("", value), level=4)
    return iter(())


_EXTENSION: dict[int, Callable[[Reader, Message, bool], Iterator[str]]] = {
    0: _server_name,
    10: _groups,
    16: _alpn,
    43: _versions,
    57: _quic_parameters,
    65445: _quic_parameters,
}


def _certificates(body: Reader, say: Message) -> None:
    """The chain in the clear (up to 1.2); the first certificate is the server's own and is taken apart."""
    size = body.u24()
    say.field("tls.handshake.certificates_length", size)
    chain = body.part(size, "tls.handshake.certificates_length") if not say.cut else body.upto(size)
    first = True
    while len(chain):
        size = chain.u24()
        say.field("tls.handshake.certificate_length", size)
        der = chain.take(size, "tls.handshake.certificate_length")
        say.line("Certificate", counted(str(size), "byte"), level=3)
        told = x509.facts(der)
        if told is None:
            # Where one is no certificate, what follows is none either.
            say.fault("tls.handshake.certificate", chain.at - size, size, size, Fault.VALUE)
            return
        for label, text in told if first else told[:2]:
            say.line(label, text, level=4)
        first = False


def _old_hello(data: Reader, say: Message) -> None:
    """Client Hello in the form of SSL 2.0 (RFC 5246, appendix E.2)."""
    size = data.u16() & 0x7FFF
    body = data.upto(size)
    body.u8()
    version = body.u16()
    say.field("tls.record.version", _SSL_2)
    say.field("tls.record.length", size)
    say.field("tls.handshake.type", 1)
    say.field("tls.handshake.version", version)
    if len(body) >= _OLD_LENGTHS:
        body.u16()
        say.field("tls.handshake.session_id_length", body.u16())
    _say(say, "Client Hello")
    say.line("Record", "SSL 2.0 Client Hello", ("Version", _version(version)), ("Length", size))


lines = message.lines
values = message.values
