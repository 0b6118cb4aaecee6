"""IP packets from their fields, without any of zjobs: a header checksum that is right, transport checksums of zero."""

from __future__ import annotations

from ipaddress import ip_address


def ip4(
    proto: int,
    payload: bytes,
    src: str = "192.0.2.10",
    dst: str = "198.51.100.20",
    *,
    tos: int = 0,
    ident: int = 1,
    fragment: int = 0,
    options: bytes = b"",
) -> bytes:
    ihl = 5 + len(options) // 4
    head = bytes([0x40 | ihl, tos]) + (ihl * 4 + len(payload)).to_bytes(2, "big") + ident.to_bytes(2, "big")
    head += fragment.to_bytes(2, "big") + bytes([64, proto, 0, 0])
    head += ip_address(src).packed + ip_address(dst).packed + options
    total = sum(int.from_bytes(head[k : k + 2], "big") for k in range(0, len(head), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return head[:10] + (0xFFFF - total).to_bytes(2, "big") + head[12:] + payload


def ip6(proto: int, payload: bytes, src: str = "2001:db8::1", dst: str = "2001:db8::2", *, tclass: int = 0) -> bytes:
    head = (0x60000000 | tclass << 20).to_bytes(4, "big") + len(payload).to_bytes(2, "big") + bytes([proto, 64])
    return head + ip_address(src).packed + ip_address(dst).packed + payload


def tcp(
    sport: int, dport: int, flags: int = 0x10, data: bytes = b"", *, window: int = 512, options: bytes = b""
) -> bytes:
    head = sport.to_bytes(2, "big") + dport.to_bytes(2, "big") + bytes(8) + bytes([(5 + len(options) // 4) << 4, flags])
    return head + window.to_bytes(2, "big") + bytes(4) + options + data


def udp(sport: int, dport: int, data: bytes = b"") -> bytes:
    return sport.to_bytes(2, "big") + dport.to_bytes(2, "big") + (8 + len(data)).to_bytes(2, "big") + bytes(2) + data
