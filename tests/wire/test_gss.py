"""Tokens of GSS-API in HTTP, DNS and SMB; those of LDAP are tested with it."""

from __future__ import annotations

import struct
from base64 import b64encode

import pytest
from telling import Told, cut_everywhere, told
from tokens import AP, HINTS, KERBEROS, OFFER, REPLIED, tlv

from zjobs.wire.talk import STREAM


def http(header: str, scheme: str, token: bytes) -> bytes:
    return f"GET / HTTP/1.1\r\n{header}: {scheme} {b64encode(token).decode()}\r\nHost: zos\r\n\r\n".encode()


def tkey(token: bytes) -> bytes:
    """A query whose additional record is a TKEY of mode 3 (RFC 3645, section 3.1.1)."""
    data = b"\x08gss-tsig\0" + struct.pack(">IIHHH", 1, 2, 3, 0, len(token)) + token + bytes(2)
    record = b"\3key\0" + struct.pack(">HHIH", 249, 255, 0, len(data)) + data
    return struct.pack(">HHHHHH", 7, 0, 1, 0, 0, 1) + b"\3key\0" + struct.pack(">HH", 249, 1) + record


def session(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def smb(command: int, answer: bool, words: bytes, data: bytes) -> bytes:
    head = b"\xffSMB" + bytes([command, 0, 0, 0, 0, 0x80 * answer]) + bytes(22)
    return session(head + bytes([len(words) // 2]) + words + struct.pack("<H", len(data)) + data)


def negotiated(token: bytes) -> bytes:
    return smb(0x72, True, bytes(22) + b"\x80" + bytes(11), bytes(16) + token)


def setup(token: bytes) -> bytes:
    return smb(0x73, False, bytes(14) + struct.pack("<H", len(token)) + bytes(8), token + b"system")


def set_up(token: bytes) -> bytes:
    return smb(0x73, True, bytes(6) + struct.pack("<H", len(token)), token + b"system")


def smb2(command: int, answer: bool, size: int, at: int, token: bytes) -> bytes:
    head = b"\xfeSMB" + struct.pack("<HHIHHI", 64, 0, 0, command, 0, answer) + bytes(44)
    fixed = bytearray(size - 1)
    fixed[:2] = struct.pack("<H", size)
    fixed[at : at + 4] = struct.pack("<HH", 64 + size - 1, len(token))
    return session(head + bytes(fixed) + token)


CASES = [
    ("http", http("Authorization", "Negotiate", OFFER), "Kerberos : AP-REQ"),
    ("http", http("Proxy-Authorization", "Kerberos", tlv(0x60, KERBEROS, b"\1\0", AP)), "Kerberos : AP-REQ"),
    ("http", http("WWW-Authenticate", "Negotiate", REPLIED), "Kerberos : KRB-ERROR (clock skew too great)"),
    ("dns", tkey(OFFER), "Kerberos : AP-REQ"),
    ("nbss", negotiated(HINTS), ""),
    ("nbss", setup(OFFER), "Kerberos : AP-REQ"),
    ("nbss", set_up(REPLIED), "Kerberos : KRB-ERROR (clock skew too great)"),
    ("nbss", smb2(0, True, 65, 56, HINTS), ""),
    ("nbss", smb2(1, False, 25, 12, OFFER), "Kerberos : AP-REQ"),
    ("nbss", smb2(1, False, 17, 12, OFFER), "Kerberos : AP-REQ"),
    ("nbss", smb2(1, True, 9, 4, REPLIED), "Kerberos : KRB-ERROR (clock skew too great)"),
]


def of(protocol: str, whole: bytes) -> Told:
    return told(protocol, whole, 0 if protocol == "dns" else STREAM)


@pytest.mark.parametrize(("protocol", "whole", "summary"), CASES)
def test_a_token_is_told_by_what_carries_it(protocol: str, whole: bytes, summary: str) -> None:
    found = of(protocol, whole)
    assert found.summary.endswith(summary)
    assert not found.problems
    if summary:
        assert found.fields["kerberos.pvno"] == [5]
    else:
        assert found.fields["spnego.hintName"] == ["please_ignore"]


@pytest.mark.parametrize(("protocol", "whole", "summary"), CASES)
def test_cut_at_every_byte(protocol: str, whole: bytes, summary: str) -> None:
    cut_everywhere(protocol, whole, 0 if protocol == "dns" else STREAM)


def test_what_is_in_a_header_field_is_not_printed() -> None:
    whole = http("WWW-Authenticate", "Negotiate", REPLIED)
    assert "  Www-Authenticate : Negotiate ********" in told("http", whole, STREAM).lines
    assert b64encode(REPLIED).decode()[:20] not in "".join(told("http", whole, STREAM).lines)


@pytest.mark.parametrize("damaged", [b"\x60\x20" + OFFER[2:30], OFFER[:40]])
def test_a_damaged_token_is_a_problem(damaged: bytes) -> None:
    assert told("http", http("Authorization", "Negotiate", damaged), STREAM).problems == [("http.authorization", 0)]
    for other in (b"YII", "YII\u00e9".encode()):
        whole = b"GET / HTTP/1.1\r\nAuthorization: Negotiate " + other + b"\r\n\r\n"
        assert told("http", whole, STREAM).problems == [("http.authorization", 0)]
    assert of("dns", tkey(damaged)).problems
    assert of("nbss", setup(damaged)).problems


def test_other_schemes_and_modes_hold_no_token() -> None:
    for other in (http("Authorization", "Basic", OFFER), http("Cookie", "Negotiate", OFFER)):
        assert "gss-api.OID" not in told("http", other, STREAM).fields
    refused = tkey(OFFER).replace(struct.pack(">IIH", 1, 2, 3), struct.pack(">IIH", 1, 2, 2))
    found = of("dns", refused)
    assert found.fields["dns.tkey.mode"] == [2]
    assert "gss-api.OID" not in found.fields
