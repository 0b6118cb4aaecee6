"""Tokens of GSS-API, built after RFC 2743, 4178 and 4121, and what of LDAP and RPC carries them."""

from __future__ import annotations

import struct


def tlv(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return bytes([tag, len(body)] if len(body) < 128 else [tag, 0x81, len(body)]) + body


AP = tlv(0x6E, tlv(0x30, tlv(0xA0, b"\2\1\5"), tlv(0xA1, b"\2\1\x0e")))

#: Mechanisms, and what SPNEGO (RFC 4178) says about them around tokens of Kerberos (RFC 4121).
KERBEROS, SPNEGO = bytes.fromhex("06092a864886f712010202"), bytes.fromhex("06062b0601050502")
NTLM = bytes.fromhex("060a2b06010401823702020a")
OFFER = tlv(0x60, SPNEGO, tlv(0xA0, tlv(
    0x30, tlv(0xA0, tlv(0x30, KERBEROS, NTLM)), tlv(0xA2, tlv(4, tlv(0x60, KERBEROS, b"\1\0", AP))),
)))  # fmt: skip
SKEW = tlv(0x7E, tlv(
    0x30, tlv(0xA0, b"\2\1\5"), tlv(0xA1, b"\2\1\x1e"), tlv(0xA4, tlv(0x18, b"20240101000000Z")), tlv(0xA5, b"\2\1\0"),
    tlv(0xA6, b"\2\1\x25"), tlv(0xA9, tlv(0x1B, b"R")),
    tlv(0xAA, tlv(0x30, tlv(0xA0, b"\2\1\2"), tlv(0xA1, tlv(0x30)))),
))  # fmt: skip
MIC = bytes.fromhex("040401ffffffffff 0000000000000007") + b"checksum"
REPLIED = tlv(0xA1, tlv(
    0x30, tlv(0xA0, b"\x0a\1\0"), tlv(0xA1, KERBEROS), tlv(0xA2, tlv(4, tlv(0x60, KERBEROS, b"\3\0", SKEW))),
    tlv(0xA3, tlv(4, MIC)),
))  # fmt: skip
HINTS = tlv(0x60, SPNEGO, tlv(0xA0, tlv(
    0x30, tlv(0xA0, tlv(0x30, NTLM)), tlv(0xA3, tlv(0x30, tlv(0xA0, tlv(0x1B, b"please_ignore")))),
)))  # fmt: skip


def bind(mechanism: bytes, *credentials: bytes) -> bytes:
    return tlv(0x30, b"\2\1\1", tlv(0x60, b"\2\1\3", tlv(4), tlv(0xA3, tlv(4, mechanism), *credentials)))


def bound(*credentials: bytes) -> bytes:
    return tlv(0x30, b"\2\1\1", tlv(0x61, b"\x0a\1\0", tlv(4), tlv(4), *credentials))


def wrap(flags: int, rotated: int, data: bytes) -> bytes:
    """A wrap token of RFC 4121 with a checksum of eight bytes, behind the length of a buffer of SASL."""
    return buffer(struct.pack(">HBBHHQ", 0x0504, flags, 0xFF, 8, rotated, 9) + data)


def old_wrap(sealed: int, data: bytes) -> bytes:
    """The same of RFC 1964."""
    head = b"\2\1\x11\0" + struct.pack("<HH", sealed, 0xFFFF) + b"sequencechecksumconfounder"[:24]
    return buffer(tlv(0x60, KERBEROS, head, data))


def buffer(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def opaque(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data + bytes(-len(data) % 4)


def gss_call(procedure: int, service: int, verifier: bytes, arguments: bytes) -> bytes:
    """A call with credentials of RPCSEC_GSS (RFC 2203, section 5)."""
    credentials = opaque(struct.pack(">IIIII", 1, procedure, 1, service, 0))
    return struct.pack(">IIIIIII", 8, 0, 2, 100003, 4, 1, 6) + credentials + verifier + arguments


def record(message: bytes) -> bytes:
    return struct.pack(">I", 0x80000000 + len(message)) + message


VERIFIER = struct.pack(">I", 6) + opaque(MIC)
SEALED = opaque(struct.pack(">HBBHHQ", 0x0504, 6, 0xFF, 0, 28, 5) + bytes(28))
MAKES = gss_call(1, 1, bytes(8), opaque(tlv(0x60, KERBEROS, b"\1\0", AP)))
MADE = (
    struct.pack(">III", 8, 1, 0) + VERIFIER + bytes(4) + opaque(b"ctx") + struct.pack(">III", 0, 0, 128)
    + opaque(tlv(0x60, KERBEROS, b"\3\0", SKEW))
)  # fmt: skip
USES = gss_call(0, 3, VERIFIER, SEALED)
USED = struct.pack(">III", 8, 1, 0) + VERIFIER + bytes(4) + SEALED
