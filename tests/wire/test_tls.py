"""TLS records: the Client Hello of the SHARE session, RFC 8446 shapes, records in pieces, certificates."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from telling import cut_everywhere, told

from zjobs.sessions.streams import hear
from zjobs.wire import tls
from zjobs.wire.talk import OWN, SAID, STREAM, Flow, Talk

RANDOM = bytes(range(32))


def record(kind: int, body: bytes, version: int = 0x0303) -> bytes:
    return struct.pack(">BHH", kind, version, len(body)) + body


def handshake(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + len(body).to_bytes(3, "big") + body


def extension(kind: int, body: bytes) -> bytes:
    return struct.pack(">HH", kind, len(body)) + body


NAME = b"www.example.com"
SERVER_NAME = extension(0, struct.pack(">HBH", len(NAME) + 3, 0, len(NAME)) + NAME)
ALPN = extension(16, struct.pack(">HB", 9, 2) + b"h2" + b"\5spdy1")
VERSIONS = extension(43, b"\x04\x03\x04\x03\x03")


def client_hello(extensions: bytes = SERVER_NAME + ALPN + VERSIONS) -> bytes:
    suites = struct.pack(">HHH", 0x1301, 0xC02F, 0x2F)
    body = b"\x03\x03" + RANDOM + b"\0" + struct.pack(">H", len(suites)) + suites + b"\1\0"
    return handshake(1, body + struct.pack(">H", len(extensions)) + extensions)


def server_hello(extensions: bytes = b"") -> bytes:
    tail = struct.pack(">H", len(extensions)) + extensions if extensions else b""
    return handshake(2, b"\x03\x03" + RANDOM + b"\0" + b"\xc0\x2f\0" + tail)


def test_a_client_hello_field_by_field() -> None:
    found = told("tls", record(22, client_hello(), 0x0301), STREAM)
    assert found.summary == "TLS: Client Hello"
    assert found.fields["tls.handshake.extensions_server_name"] == ["www.example.com"]
    assert found.fields["tls.handshake.extensions_alpn_str"] == ["h2", "spdy1"]
    assert found.fields["tls.handshake.extensions.supported_version"] == [0x0304, 0x0303]
    assert found.fields["tls.handshake.ciphersuite"] == [0x1301, 0xC02F, 0x2F]
    assert "    Cipher Suites  : TLS_AES_128_GCM_SHA256 (1301)" in found.lines
    assert not found.problems


def test_the_hello_of_the_seed_is_read_from_its_first_bytes() -> None:
    # seed: "Sample TLS/SSL Decoding"; the rest of the record is not printed there, so it is a hello cut short.
    seen = bytes.fromhex("16030100C1010000BD03014B71F169DA10")
    found = told("tls", seen, STREAM, 5 + 0xC1)
    assert found.fields["tls.record.version"] == [0x0301]
    assert found.fields["tls.record.length"] == [193]
    assert "   Handshake       : Client Hello     Length: 189" in found.lines
    # Wireshark shows no field of a message that was cut, nor of a record that goes on in another segment.
    assert "tls.handshake.type" not in found.fields and not found.problems
    assert "tls.record.length" not in told("tls", seen, STREAM, 5 + 0xC0).fields


def test_several_messages_are_joined_by_commas() -> None:
    flight = record(22, server_hello() + handshake(11, b"\0\0\0") + handshake(14, b""))
    assert told("tls", flight, STREAM).summary == "TLS: Server Hello, Certificate, Server Hello Done"


def test_what_was_announced_is_not_said_twice() -> None:
    flight = record(22, server_hello() + handshake(11, b"\0\0\0") + handshake(14, b""))
    assert told("tls", flight, STREAM | 2 << SAID).summary == "TLS: Server Hello Done"


def test_a_handshake_behind_a_change_of_cipher_is_encrypted() -> None:
    data = record(20, b"\1") + record(22, bytes(40))
    found = told("tls", data, STREAM)
    assert found.summary == "TLS: Change Cipher Spec, Encrypted Data"
    assert "tls.handshake.type" not in found.fields


def test_a_second_hello_behind_a_change_of_cipher_is_in_the_clear() -> None:
    found = told("tls", record(20, b"\1") + record(22, client_hello()), STREAM)
    assert found.summary == "TLS: Change Cipher Spec, Client Hello"
    assert found.fields["tls.handshake.extensions_server_name"] == ["www.example.com"]
    # What only starts like one is encrypted.
    found = told("tls", record(20, b"\1") + record(22, client_hello() + b"\0"), STREAM)
    assert found.summary == "TLS: Change Cipher Spec, Encrypted Data" and "tls.handshake.type" not in found.fields


@pytest.mark.parametrize("start", ["0B9C4DDA", "02000000", "01010000"])
def test_an_encrypted_handshake_at_the_start_of_a_trace(start: str) -> None:
    """It looks like a certificate of ten million bytes, an empty Server Hello, a Client Hello of 64 KiB."""
    finished = record(22, bytes.fromhex(start) + bytes(range(60, 104)))
    flow = Flow(Talk("tls"), b"", 1)
    assert tls.measure(finished, flow) == len(finished)
    found = told("tls", finished + record(23, b"secret"), STREAM)
    assert found.summary == "TLS: Encrypted Data, Application" and not found.problems
    assert found.fields["tls.record.content_type"] == [22, 23]


def test_a_handshake_message_may_span_records() -> None:
    hello = client_hello()
    halves = record(22, hello[:50]) + record(22, hello[50:])
    assert told("tls", halves, STREAM).fields["tls.handshake.extensions_server_name"] == ["www.example.com"]


@pytest.mark.parametrize(
    ("level", "what", "summary"),
    [
        (2, 40, "TLS: Alert (Fatal: Handshake Failure)"),
        (1, 0, "TLS: Alert (Warning: Close Notify)"),
        (2, 45, "TLS: Alert (Fatal: Certificate Expired)"),
    ],
)
def test_alerts(level: int, what: int, summary: str) -> None:
    assert told("tls", record(21, bytes([level, what])), STREAM).summary == summary


def test_application_data_of_1_3_has_an_opaque_type() -> None:
    found = told("tls", record(23, bytes(20)), STREAM | OWN * 2)
    assert found.fields["tls.record.opaque_type"] == [23]
    assert "tls.record.content_type" not in found.fields


def test_a_server_hello_of_an_early_draft_has_no_session() -> None:
    # draft-ietf-tls-tls13-18, section 4.1.3.
    body = b"\x7f\x12" + RANDOM + b"\x13\x03\0\4" + extension(40, b"")
    found = told("tls", record(22, handshake(2, body)) + record(23, b"secret"), STREAM).fields
    assert (found["tls.handshake.ciphersuite"], found["tls.record.opaque_type"]) == ([0x1303], [23])
    assert "tls.handshake.session_id_length" not in found and "tls.handshake.comp_method" not in found


@pytest.mark.parametrize("version", [b"\x7f\x1c", b"\xfb\x1a", b"\3\4"])
def test_drafts_of_1_3_hide_their_types_too(version: bytes) -> None:
    data = record(22, server_hello(extension(43, version))) + record(23, b"secret")
    assert told("tls", data, STREAM).fields["tls.record.opaque_type"] == [23]


def test_data_before_the_answer_of_the_server_is_of_1_3() -> None:
    talk = Talk("tls")
    talk.flows = (Flow(talk, b"", 1), Flow(talk, b"", 2))
    hello = record(22, client_hello(VERSIONS + extension(42, b"")))
    assert told("tls", hello + record(23, b"early"), STREAM).fields["tls.record.opaque_type"] == [23]
    client, server = talk.flows
    assert tls.measure(hello, client) == len(hello)
    assert told("tls", record(23, b"early"), client.state).fields["tls.record.opaque_type"] == [23]
    tls.measure(record(22, server_hello()), server)
    assert "tls.record.opaque_type" not in told("tls", record(23, b"late"), client.state).fields
    # A padding of 42 bytes is no such extension.
    assert tls.measure(record(22, client_hello(extension(21, bytes(42)))), server) and not server.state & OWN * 2


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1)], ids=["in order", "late"])
def test_a_hello_in_several_segments_agrees_on_1_3(order: tuple[int, ...]) -> None:
    talk = Talk("tls")
    talk.flows = (Flow(talk, b"", 1), Flow(talk, b"", 2))
    hello = record(22, server_hello(extension(43, b"\3\4")))
    cuts = (0, 40, len(hello) - 9, len(hello))
    for k in order:
        part = hello[cuts[k] : cuts[k + 1]]
        heard = hear(talk.flows[1], cuts[k], part, len(part), False, lambda app: tls.measure)
    assert heard is not None and [p.kept for p in heard.pieces] == [hello]
    for flow in talk.flows:
        assert told("tls", record(23, b"secret"), flow.state).fields["tls.record.opaque_type"] == [23]


def test_the_middle_of_a_record_is_none() -> None:
    """Behind a segment that was not traced whole, a segment starts anywhere."""
    for middle in (bytes.fromhex("90e7021d1f0e"), bytes.fromhex("1d58e3326e00"), b"\x17\x99"):
        found = told("tls", middle, STREAM)
        assert (found.fields, found.problems, found.summary) == ({}, [], "TLS: Continuation Data")


def test_a_hello_in_the_form_of_ssl_2() -> None:
    data = bytes.fromhex("8034 01 0301 001b 0000 0010") + bytes(27 + 16)
    found = told("tls", data, STREAM).fields
    assert (found["tls.record.version"], found["tls.handshake.version"]) == ([2], [0x0301])
    assert found["tls.handshake.session_id_length"] == [0]


def test_what_is_no_certificate_is_a_problem() -> None:
    junk = b"\x30\x03\1\2\3"
    chain = len(junk + b"123").to_bytes(3, "big") + len(junk).to_bytes(3, "big") + junk
    found = told("tls", record(22, handshake(11, chain)), STREAM)
    assert [claimed for claimed, _ in found.problems] == ["tls.handshake.certificate"]


def test_cut_at_every_byte() -> None:
    data = record(22, client_hello()) + record(22, server_hello(VERSIONS)) + record(21, b"\2\x28")
    cut_everywhere("tls", data, STREAM)


def test_on_any_port_an_old_hello_has_the_challenge_of_later_versions() -> None:
    # RFC 5246, appendix E.2; a hello of SSL 2.0 itself brings 16 bytes, and is found by its port alone.
    for size in (16, 32):
        body = b"\1" + bytes((0, 2)) + struct.pack(">HHH", 3, 0, size) + b"\7\0\xc0" + bytes(size)
        raw = bytes((0x80, len(body))) + body
        buf, ends = np.frombuffer(raw + bytes(64), dtype=np.uint8), np.array([len(raw)])
        assert tls.begins(buf, np.array([0]), ends).tolist() == [True]
        assert tls.anywhere(buf, np.array([0]), ends).tolist() == [size == 32]
