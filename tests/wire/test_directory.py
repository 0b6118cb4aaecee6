"""LDAP, Kerberos and SASP: messages built after RFC 4511, 4120 and 4678."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from telling import cut_everywhere, told
from tokens import AP, HINTS, KERBEROS, OFFER, REPLIED, bind, bound, buffer, old_wrap, tlv, wrap

from zjobs.wire import kerberos, ldap, sasp
from zjobs.wire.layout import PADDING
from zjobs.wire.talk import SERVER, STREAM, Flow, Talk

BIND = tlv(0x30, b"\2\1\1", tlv(0x60, b"\2\1\3", tlv(4, b"cn=zos"), tlv(0x80, b"secret")))
DENIED = tlv(0x30, b"\2\1\1", tlv(0x61, b"\x0a\1\x31", tlv(4), tlv(4)))
SEARCH = tlv(0x30, b"\2\1\2", tlv(0x63, tlv(4, b"o=ibm"), b"\x0a\1\2", b"\x0a\1\0"))
TGS = tlv(0x6C, tlv(
    0x30, tlv(0xA1, b"\2\1\5"), tlv(0xA2, b"\2\1\x0c"),
    tlv(0xA3, tlv(0x30, tlv(0x30, tlv(0xA1, b"\2\1\1"), tlv(0xA2, tlv(4, AP))))),
))  # fmt: skip
FAILED = tlv(0x7E, tlv(0x30, tlv(0xA0, b"\2\1\5"), tlv(0xA1, b"\2\1\x1e"), tlv(0xA6, b"\2\1\x19")))
REPLY = struct.pack(">HHBIIHHB", 0x2010, 13, 1, 18, 7, 0x1015, 5, 0)


SIGNED = wrap(4, 8, b"checksum" + SEARCH * 2)
CASES = [
    bind(b"GSS-SPNEGO", tlv(4, OFFER)), bound(tlv(0x87, REPLIED)), bind(b"GSS-SPNEGO", tlv(4, HINTS)),
    bind(b"GSSAPI", tlv(4, tlv(0x60, KERBEROS, b"\1\1\x11\0", bytes(20)))), SIGNED, wrap(4, 0, SEARCH + b"checksum"),
    old_wrap(0xFFFF, SEARCH + b"\2\2"), old_wrap(0x10, b"sealed.."), wrap(6, 28, bytes(40)),
]  # fmt: skip


def begins(module: object, *payloads: bytes) -> list[bool]:
    buf = np.frombuffer(b"".join(payloads) + bytes(PADDING), dtype=np.uint8)
    size = np.array([len(p) for p in payloads])
    end = np.cumsum(size)
    return module.begins(buf, end - size, end).tolist()  # type: ignore[attr-defined, no-any-return]


def test_ldap_names_operations_and_hides_passwords() -> None:
    found = told("ldap", BIND + SEARCH, STREAM)
    assert found.summary == "LDAP : bindRequest, LDAP : searchRequest"
    assert found.fields["ldap.protocolOp"] == [0, 3]
    assert found.lines[1] == "  Version          : 3                Name: cn=zos             Method: simple"
    assert "secret" not in "".join(found.lines)
    assert told("ldap", DENIED, STREAM).summary == "LDAP : bindResponse (invalidCredentials)"


def test_a_bind_tells_the_token_of_its_mechanism() -> None:
    asked = told("ldap", bind(b"GSS-SPNEGO", tlv(4, OFFER)), STREAM)
    assert asked.summary == "LDAP : bindRequest, Kerberos : AP-REQ"
    assert asked.fields["spnego.MechType"] == ["1.2.840.113554.1.2.2", "1.3.6.1.4.1.311.2.2.10"]
    for name, value in (
        ("ldap.mechanism", "GSS-SPNEGO"), ("gss-api.OID", "1.3.6.1.5.5.2"), ("spnego.mechTypes", 2),
        ("spnego.krb5_oid", "1.2.840.113554.1.2.2"), ("spnego.krb5.tok_id", 1), ("kerberos.msg_type", 14),
    ):  # fmt: skip
        assert asked.fields[name] == [value], name
    answer = told("ldap", bound(tlv(0x87, REPLIED)), STREAM | ldap._ASKED)
    assert answer.summary == "LDAP : bindResponse (success), Kerberos : KRB-ERROR (clock skew too great)"
    assert answer.fields["kerberos.error_code"] == [37]
    assert answer.fields["spnego.negResult"] == [0]
    assert answer.fields["spnego.krb5.tok_id"] == [3, 0x0404]
    assert answer.fields["spnego.krb5.cfx_seq"] == [7]
    assert not answer.problems
    hints = told("ldap", bind(b"GSS-SPNEGO", tlv(4, HINTS)), STREAM)
    assert hints.fields["spnego.hintName"] == ["please_ignore"]


def test_credentials_are_not_shown() -> None:
    for mechanism, secret, size in ((b"PLAIN", b"\0user\0secret", 12), (b"GSS-SPNEGO", b"NTLMSSP\0\1secret", 15)):
        found = told("ldap", bind(mechanism, tlv(4, secret)), STREAM)
        assert f"  Credentials      : {size} bytes" in found.lines
        assert "secret" not in "".join(found.lines)
    assert any("NTLMSSP" in line for line in found.lines)


def test_messages_in_a_security_layer() -> None:
    state = STREAM | ldap._ASKED | ldap._LAYER
    for whole, count in ((SIGNED, 2), (wrap(4, 0, SEARCH + b"checksum"), 1), (old_wrap(0xFFFF, SEARCH + b"\2\2"), 1)):
        found = told("ldap", whole + whole, state)
        assert found.summary == "LDAP : searchRequest"
        assert found.fields["ldap.sasl_buffer_length"] == [len(whole) - 4] * 2
        assert found.fields["ldap.messageID"] == [2] * count * 2
        assert not found.problems
    turned = told("ldap", wrap(4, 11, SEARCH[-3:] + b"checksum" + SEARCH[:-3]), state)
    assert turned.fields["ldap.protocolOp"] == [3]
    for sealed in (wrap(6, 28, bytes(40)), old_wrap(0x10, b"sealed..")):
        found = told("ldap", sealed, state)
        assert found.summary == "LDAP : protected"
        assert "ldap.messageID" not in found.fields
        assert any("Sealed: yes" in line for line in found.lines)


def test_what_wireshark_does_not_look_into_is_listed_only() -> None:
    found = told("ldap", SIGNED, STREAM)
    assert found.summary == "LDAP : searchRequest"
    assert list(found.fields) == ["ldap.sasl_buffer_length"]
    found = told("ldap", bound(tlv(0x87, REPLIED)), STREAM)
    assert "kerberos.msg_type" not in found.fields
    assert "Kerberos" in found.summary


def test_a_checksum_longer_than_its_token_is_a_problem() -> None:
    assert told("ldap", wrap(4, 0, b"short"), STREAM).problems[0][0] == "spnego.krb5.cfx_ec"


def test_the_security_layer_of_a_connection() -> None:
    talk = Talk("ldap")
    talk.flows = (Flow(talk, bytes(4), 40000), Flow(talk, bytes(4), 389, state=STREAM | SERVER))
    client, server = talk.flows
    opaque = buffer(b"scrambled")
    assert ldap.measure(opaque + b"more", client) == 0
    assert ldap.measure(opaque, client) == len(opaque)
    assert ldap.measure(SIGNED[:20], client) == len(SIGNED)
    assert ldap.measure(SIGNED[:5], client) == -6
    ldap.measure(bind(b"GSS-SPNEGO", tlv(4, OFFER)), client)
    assert ldap.measure(opaque + b"more", client) == len(opaque)
    assert not client.state & ldap._LAYER
    ldap.measure(bound(tlv(0x87, REPLIED)), server)
    assert client.state & ldap._LAYER and server.state & ldap._LAYER
    ldap.measure(BIND, client)
    assert not (client.state | server.state) & (ldap._ASKED | ldap._LAYER)


@pytest.mark.parametrize(("tag", "number"), [(0x66, 6), (0x68, 8), (0x4A, 10), (0x73, 19), (0x77, 23), (0x79, 25)])
def test_operations_of_ldap_are_told_by_their_tags(tag: int, number: int) -> None:
    assert told("ldap", bytes([0x30, 5, 2, 1, 7, tag, 0]), STREAM).fields["ldap.protocolOp"] == [number]


def test_tls_takes_over_when_the_directory_agrees() -> None:
    talk = Talk("ldap")
    talk.flows = (Flow(talk, bytes(4), 40000), Flow(talk, bytes(4), 389, state=STREAM | SERVER))
    asked = bytes.fromhex("301d02010177188016") + b"1.3.6.1.4.1.1466.20037"
    refused, agreed = bytes.fromhex("300c02010178070a013404000400"), bytes.fromhex("300c02010178070a010004000400")
    client, server = talk.flows
    for message, sender, app in ((agreed, server, "ldap"), (asked, client, "ldap"), (refused, server, "ldap")):
        assert (ldap.measure(message, sender), talk.app) == (len(message), app)
    assert (ldap.measure(agreed, server), talk.app) == (14, "tls")


def test_kerberos_names_messages_errors_and_what_they_hold() -> None:
    found = told("kerberos", TGS)
    assert found.summary == "Kerberos : TGS-REQ"
    assert found.fields["kerberos.msg_type"] == [12, 14]
    assert told("kerberos", FAILED).summary == "Kerberos : KRB-ERROR (pre-authentication required)"
    framed = struct.pack(">I", len(FAILED)) + FAILED
    assert told("kerberos", framed * 2, STREAM).fields["kerberos.error_code"] == [25, 25]
    assert [p for p, _ in told("kerberos", b"\x7f" + FAILED[1:]).problems] == ["kerberos.msg_type"]


def test_sasp() -> None:
    assert told("sasp", REPLY, STREAM).summary == "SASP : Registration Reply (success)"
    assert [p for p, _ in told("sasp", REPLY + bytes(13), STREAM).problems] == ["sasp.msg.type"]


def test_lengths_of_messages_in_a_stream() -> None:
    flow = Flow(Talk("ldap"), bytes(4), 40000)
    assert ldap.measure(BIND + SEARCH, flow) == len(BIND)
    assert ldap.measure(BIND[:1], flow) < 0
    assert ldap.measure(b"\0\0\1\0encrypted", flow) == 0
    assert kerberos.measure(struct.pack(">I", 40) + FAILED, flow) == 44
    assert kerberos.measure(b"\xff\xff\xff\xff", flow) == 0
    assert sasp.measure(REPLY, flow) == 18
    assert sasp.measure(REPLY[:1], flow) == -13
    assert sasp.measure(REPLY[:5] + bytes(8), flow) == 0


def test_random_data_on_the_port_is_not_asked() -> None:
    assert begins(ldap, BIND, DENIED, bytes(20), b"\x30\x05\2\x09\0\0\0") == [True, True, False, False]
    assert begins(ldap, SIGNED, SIGNED[:9], buffer(b"any"), buffer(b"any")[:-1]) == [True, True, True, False]
    framed = struct.pack(">I", len(TGS)) + TGS
    assert begins(kerberos, TGS, framed, bytes(20), b"\x6c") == [True, True, False, False]
    assert begins(sasp, REPLY, bytes(20), b"\x20") == [True, False, False]


def test_cut_at_every_byte() -> None:
    for name, whole in (("ldap", BIND), ("ldap", DENIED), ("ldap", SEARCH), ("sasp", REPLY)):
        cut_everywhere(name, whole, STREAM)
    for whole in CASES:
        cut_everywhere("ldap", whole, STREAM | ldap._ASKED | ldap._LAYER)
    for whole in (TGS, FAILED):
        cut_everywhere("kerberos", whole)
        cut_everywhere("kerberos", struct.pack(">I", len(whole)) + whole, STREAM)
