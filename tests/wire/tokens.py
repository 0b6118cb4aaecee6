"""Tokens of GSS-API, built after RFC 2743, 4178 and 4121: what tests of the protocols that carry them ask for."""

from __future__ import annotations


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
SKEW = tlv(0x7E, tlv(0x30, tlv(0xA0, b"\2\1\5"), tlv(0xA1, b"\2\1\x1e"), tlv(0xA6, b"\2\1\x25")))
MIC = bytes.fromhex("040401ffffffffff 0000000000000007") + b"checksum"
REPLIED = tlv(0xA1, tlv(
    0x30, tlv(0xA0, b"\x0a\1\0"), tlv(0xA1, KERBEROS), tlv(0xA2, tlv(4, tlv(0x60, KERBEROS, b"\3\0", SKEW))),
    tlv(0xA3, tlv(4, MIC)),
))  # fmt: skip
HINTS = tlv(0x60, SPNEGO, tlv(0xA0, tlv(
    0x30, tlv(0xA0, tlv(0x30, NTLM)), tlv(0xA3, tlv(0x30, tlv(0xA0, tlv(0x1B, b"please_ignore")))),
)))  # fmt: skip
