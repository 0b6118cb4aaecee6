"""LDAP, Kerberos and SASP: messages built after RFC 4511, 4120 and 4678."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from telling import cut_everywhere, told

from zjobs.wire import kerberos, ldap, sasp
from zjobs.wire.layout import PADDING
from zjobs.wire.talk import SERVER, STREAM, Flow, Talk


def tlv(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return bytes([tag, len(body)] if len(body) < 128 else [tag, 0x81, len(body)]) + body


BIND = tlv(0x30, b"\2\1\1", tlv(0x60, b"\2\1\3", tlv(4, b"cn=zos"), tlv(0x80, b"secret")))
DENIED = tlv(0x30, b"\2\1\1", tlv(0x61, b"\x0a\1\x31", tlv(4), tlv(4)))
SEARCH = tlv(0x30, b"\2\1\2", tlv(0x63, tlv(4, b"o=ibm"), b"\x0a\1\2", b"\x0a\1\0"))
AP = tlv(0x6E, tlv(0x30, tlv(0xA0, b"\2\1\5"), tlv(0xA1, b"\2\1\x0e")))
TGS = tlv(0x6C, tlv(
    0x30, tlv(0xA1, b"\2\1\5"), tlv(0xA2, b"\2\1\x0c"),
    tlv(0xA3, tlv(0x30, tlv(0x30, tlv(0xA1, b"\2\1\1"), tlv(0xA2, tlv(4, AP))))),
))  # fmt: skip
FAILED = tlv(0x7E, tlv(0x30, tlv(0xA0, b"\2\1\5"), tlv(0xA1, b"\2\1\x1e"), tlv(0xA6, b"\2\1\x19")))
REPLY = struct.pack(">HHBIIHHB", 0x2010, 13, 1, 18, 7, 0x1015, 5, 0)


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
    framed = struct.pack(">I", len(TGS)) + TGS
    assert begins(kerberos, TGS, framed, bytes(20), b"\x6c") == [True, True, False, False]
    assert begins(sasp, REPLY, bytes(20), b"\x20") == [True, False, False]


def test_cut_at_every_byte() -> None:
    for name, whole in (("ldap", BIND), ("ldap", DENIED), ("ldap", SEARCH), ("sasp", REPLY)):
        cut_everywhere(name, whole, STREAM)
    for whole in (TGS, FAILED):
        cut_everywhere("kerberos", whole)
        cut_everywhere("kerberos", struct.pack(">I", len(whole)) + whole, STREAM)
