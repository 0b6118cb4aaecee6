"""ICMP, ICMPv6 and mobility headers: what stands behind the fixed part, after RFC 792, 1256, 4861, 8106, 3810, 6275."""

from __future__ import annotations

import io
import struct
from ipaddress import ip_address

import pytest
from encoder import packet_records
from readings import trace_of

from zjobs.exports import jsonl
from zjobs.jobs.format import Request, write
from zjobs.trace.grammar import parse

V6 = bytes.fromhex("20010db8") + bytes(11) + b"\7"
MAC = bytes.fromhex("020000000001")
TIME_US = 1_708_518_896_789_009


def over_ipv4(body: bytes) -> bytes:
    return struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 1, 0, 64, 1, 0, b"\xc0\0\2\1", b"\xc0\0\2\2") + body


def over_ipv6(body: bytes) -> bytes:
    return struct.pack(">IHBB", 0x60000000, len(body), 58, 255) + V6 + V6 + body


ROUTER = over_ipv6(
    struct.pack(">BBHBBHII", 134, 0, 0, 64, 0xC8, 1800, 1, 2)
    + struct.pack(">BBBBIII16s", 3, 4, 64, 0xC0, 600, 300, 0, V6) + struct.pack(">BBHI", 5, 1, 0, 1492) + b"\1\1" + MAC
    + struct.pack(">BBHI", 25, 3, 0, 60) + V6 + struct.pack(">BBHI", 31, 3, 0, 60) + b"\7example\3org\0\0\0\0"
)  # fmt: skip
REPORT = over_ipv6(struct.pack(">BBHHH", 143, 0, 0, 0, 2) + b"\4\0\0\1" + V6 + V6 + b"\1\0\0\0" + V6)
QUERY = over_ipv6(struct.pack(">BBHHH", 130, 0, 0, 1000, 0) + V6 + b"\x0a\x7d\0\1" + V6)
STAMPS = over_ipv4(struct.pack(">BBHHHIII", 14, 0, 0, 7, 1, 1000, 2000, 3000))
MASK = over_ipv4(struct.pack(">BBHHH4s", 18, 0, 0, 7, 1, b"\xff\xff\xff\0"))
BINDING = struct.pack(">IHBB", 0x60000000, 16, 135, 64) + V6 + V6 + struct.pack(
    ">BBBBHHHHHH", 59, 1, 5, 0, 0, 9, 0xD000, 100, 0x0102, 0
)  # fmt: skip
ROUTERS = over_ipv4(struct.pack(">BBHBBH4si4si", 9, 0, 0, 2, 2, 1800, b"\xc0\0\2\3", -5, b"\xc0\0\2\4", 6))
LINES = {
    "router": (ROUTER, [
        "  Hop Limit        : 64               Lifetime: 1800           Flags: Managed Other High",
        "  Option           : Prefix           2001:DB8::7/64 LA valid 600",
        "  Option           : MTU              1492",
        "  Option           : Source Link      020000000001",
        "  Option           : DNS Server       2001:DB8::7 lifetime 60",
        "  Option           : Domain Search    example.org lifetime 60",
    ]),
    "report": (REPORT, [
        "  Group            : 2001:DB8::7      Record: to exclude       Sources: 1",
        "  Group            : 2001:DB8::7      Record: is include       Sources: 0",
    ]),
    "query": (QUERY, ["  Max Response     : 1000"]),
    "stamps": (STAMPS, [
        "  Id               : 0007             Seq: 1",
        "  Originate        : 1000             Receive: 2000            Transmit: 3000",
    ]),
    "mask": (MASK, ["  Address Mask     : 255.255.255.0"]),
    "binding": (BINDING, [
        "  Type             : Binding Update   CheckSum: 0000",
        "  Sequence         : 9                Flags: D                 Lifetime (s): 400",
    ]),
    "routers": (ROUTERS, [
        "  Router           : 192.0.2.3        Preference: -5",
        "  Router           : 192.0.2.4        Preference: 6",
    ]),
}  # fmt: skip


def listing(data: bytes) -> str:
    sink = io.BytesIO()
    write(trace_of(data), Request(("x",), "FULL", parse("FULL")), sink)
    return sink.getvalue().decode("ascii")


@pytest.mark.parametrize("name", list(LINES))
def test_lines(name: str) -> None:
    packet, wanted = LINES[name]
    text = listing(b"".join(packet_records(packet, time_us=TIME_US))).splitlines()
    at = text.index(wanted[0])
    assert text[at : at + len(wanted)] == wanted


def test_fields_of_options_that_lie() -> None:
    endless = over_ipv6(struct.pack(">BBHBBHII", 134, 0, 0, 64, 0, 1800, 1, 2) + bytes(16))
    longer = over_ipv6(struct.pack(">BBHBBHII", 134, 0, 0, 64, 0, 1800, 1, 2) + b"\x19\x20" + bytes(14))
    many = over_ipv6(struct.pack(">BBHHH", 143, 0, 0, 0, 65535) + b"\4\xff\xff\xff" + V6 + V6)
    sink = io.BytesIO()
    jsonl.write(trace_of(b"".join(b"".join(packet_records(p, time_us=TIME_US)) for p in (endless, longer, many))), sink)
    first, second, third = sink.getvalue().splitlines()
    assert b'"icmpv6.opt.type":[0]' in first.replace(b" ", b"")
    assert b'"icmpv6.opt.length":[32]' in second.replace(b" ", b"")
    assert b'rdnss":' not in second
    servers = struct.pack(">BBHBBHII", 134, 0, 0, 64, 0, 1800, 1, 2) + b"\x19\5" + bytes(6) + V6 + V6[:9]
    packet, sink = over_ipv6(servers), io.BytesIO()
    jsonl.write(trace_of(b"".join(packet_records(packet, time_us=TIME_US, orig_len=len(packet) + 7))), sink)
    assert sink.getvalue().count(ip_address(V6).compressed.encode()) >= 1 and b'"icmpv6.opt.rdnss"' in sink.getvalue()
    assert b"icmpv6.mldr.mar.source_address" in third


@pytest.mark.parametrize("name", list(LINES))
def test_cut_at_every_byte(name: str) -> None:
    packet, _ = LINES[name]
    pieces = b"".join(b"".join(packet_records(packet[:size], time_us=TIME_US)) for size in range(20, len(packet)))
    assert listing(pieces).count(" PACKET ") == len(packet) - 20
    jsonl.write(trace_of(pieces), io.BytesIO())
