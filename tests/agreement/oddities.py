"""Odd packets, made to measure: what no decent capture holds, the same at every run.

Four kinds: segments of TCP connections that do what they like, headers of every protocol with lengths and
options that cannot be, real packets with bytes changed, and real packets cut short.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

from encoder import read_capture

Packet = tuple[float, bytes, int]
"""Time, bytes, original length."""

START = 1_700_000_000.0


def write(path: Path, packets: list[Packet], link: int = 1) -> Path:
    """A pcap file."""
    out = bytearray(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, link))
    for time, data, original in packets:
        us = round(time * 1_000_000)
        out += struct.pack("<IIII", us // 1_000_000, us % 1_000_000, len(data), max(original, len(data))) + data
    path.write_bytes(out)
    return path


def checksum(data: bytes) -> int:
    """RFC 1071."""
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def ethernet(kind: int, payload: bytes) -> bytes:
    return bytes.fromhex("020000000010020000000001") + struct.pack(">H", kind) + payload


def ipv4(proto: int, payload: bytes, src: str = "192.0.2.1", dst: str = "198.51.100.1", **odd: object) -> bytes:
    """An IPv4 packet; ``odd`` replaces header values."""
    options = bytes(odd.get("options", b""))  # type: ignore[call-overload]
    options += bytes(-len(options) % 4)
    values = {
        "ihl": 5 + len(options) // 4, "version": 4, "total": 20 + len(options) + len(payload), "id": 1, "flags": 0,
        "ttl": 64, "tos": 0,
    } | odd  # fmt: skip
    head = struct.pack(
        ">BBHHHBBH4s4s", values["version"] << 4 | values["ihl"], values["tos"], values["total"], values["id"],  # type: ignore[operator]
        values["flags"], values["ttl"], proto, 0, ip_address(src).packed, ip_address(dst).packed,
    )  # fmt: skip
    head += options
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + payload


def ipv6(proto: int, payload: bytes, src: str = "2001:db8::1", dst: str = "2001:db8::2", **odd: int) -> bytes:
    """An IPv6 packet."""
    first = odd.get("version", 6) << 28 | odd.get("tclass", 0) << 20 | odd.get("flow", 0)
    plen = odd.get("plen", len(payload))
    return struct.pack(">IHBB", first, plen, proto, 64) + ip_address(src).packed + ip_address(dst).packed + payload


def tcp(sport: int, dport: int, seq: int, ack: int, flags: int, window: int, data: bytes = b"", options: bytes = b"",
        **odd: int) -> bytes:  # fmt: skip
    """A TCP segment, its checksum left zero unless given."""
    options += bytes(-len(options) % 4)
    head = odd.get("head", 5 + len(options) // 4)
    return struct.pack(
        ">HHIIHHHH", sport, dport, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, head << 12 | flags, window,
        odd.get("checksum", 0), odd.get("urgent", 0),
    ) + options + data  # fmt: skip


def udp(sport: int, dport: int, data: bytes, **odd: int) -> bytes:
    return struct.pack(">HHHH", sport, dport, odd.get("length", 8 + len(data)), odd.get("checksum", 0)) + data


def segments(seed: int, count: int = 600) -> list[Packet]:
    """Connections whose ends choose from few numbers, so that every rule of the analysis is met."""
    r = random.Random(seed)
    packets: list[Packet] = []
    time = START
    bases = {k: (r.choice([1000, 0xFFFFFF00, 0x7FFFFFF0]), r.choice([5000, 0xFFFFFFF0])) for k in range(6)}
    top = {k: [1, 1] for k in bases}
    for _ in range(count):
        time += r.choice([0.0, 0.000_1, 0.001, 0.002_9, 0.01, 0.019, 0.03, 0.3, 2.0])
        k, way = r.randrange(6), r.randrange(2)
        ends = (f"192.0.2.{k}", "198.51.100.9")
        ports = (40000 + k, 41000) if k < 4 else (41000, 41000)
        base, other = bases[k][way], bases[k][1 - way]
        size = r.choice([0, 0, 0, 1, 2, 100, 100, 1000])
        mine, theirs = top[k][way], top[k][1 - way]
        seq = mine + r.choice([0, 0, 0, 0, 0, 0, -1, -1, -100, -200, 100, 1000, -1000, r.randrange(-3000, 3000)])
        ack = theirs + r.choice([0, 0, 0, 0, 0, -100, -1, 1, 100, -1000, 3000])
        flags = r.choice([16] * 12 + [24, 24, 24, 17, 2, 18, 4, 20, 0, 1, 16 | 32, 2 | 1])
        if flags & 2 and r.random() < 0.6:
            seq = 0
        window = r.choice([8192, 8192, 8192, 8192, 100, 0, 0, 501, 65535])
        options = r.choice([b"", b"", b"\1\1\x08\x0a" + r.randbytes(8)])
        if flags & 2:
            scale = b"\1\3\3" + bytes([r.choice([0, 2, 7, 14, 15, 200])])
            options += r.choice([b"", b"\2\4\5\xb4", b"\2\4\5\xb4" + scale])
        elif r.random() < 0.2:
            count_ = r.randrange(4)
            edges = [(other + ack + r.choice([-200, 0, 100, 300]), r.choice([50, 100, 700])) for _ in range(count_)]
            blocks = b"".join(struct.pack(">II", e & 0xFFFFFFFF, e + n & 0xFFFFFFFF) for e, n in edges)
            options += b"\1\1\5" + bytes([2 + len(blocks)]) + blocks
        if seq + size > mine and r.random() < 0.9:
            top[k][way] = seq + size + (1 if flags & 3 else 0)
        data = r.randbytes(size)
        segment = tcp(*(ports if way == 0 else ports[::-1]), base + seq, other + ack, flags, window, data, options[:40])
        src, dst = ends if way == 0 else ends[::-1]
        packets.append((time, ethernet(0x0800, ipv4(6, segment, src, dst, id=len(packets))), 0))
    return packets


def headers(seed: int, count: int = 500) -> list[Packet]:
    """Headers inside headers, with lengths, options and versions that cannot be."""
    r = random.Random(seed)
    return [(START + k * 0.01, _frame(r), 0) for k in range(count)]


def _frame(r: random.Random) -> bytes:
    kind = r.randrange(12)
    if kind == 0:
        tags = b"".join(struct.pack(">HH", r.getrandbits(16), r.choice([0x8100, 0x88A8, 0x0800])) for _ in range(2))
        return ethernet(0x8100, tags[:6] + b"\x08\x00" + _packet(r, 0))
    if kind == 1:
        sizes = r.choice([(6, 4), (6, 4), (6, 4), (6, 16), (0, 4), (8, 4), (6, 0)])
        body = struct.pack(">HHBBH", r.choice([1, 1, 6]), r.choice([0x0800, 0x0800, 0x86DD]), *sizes, r.randrange(10))
        return ethernet(r.choice([0x0806, 0x8035]), body + r.randbytes(r.choice([20, 20, 20, 8, 30])))
    if kind == 2:
        return ethernet(r.choice([0, 3, 40, 1500, 1501, 1535]), b"\xaa\xaa\3\0\0\0\x08\0" + _packet(r, 0))
    inner = _packet(r, 0)
    return ethernet(0x86DD if inner[0] >> 4 == 6 else 0x0800, inner)


def _packet(r: random.Random, depth: int) -> bytes:
    """An IP packet of either version with something in it."""
    proto, payload = _transport(r, depth)
    if r.random() < 0.5:
        odd: dict[str, object] = {"tos": r.getrandbits(8), "id": r.getrandbits(16), "ttl": r.getrandbits(8)}
        if r.random() < 0.3:
            odd["options"] = _options4(r)
        if r.random() < 0.1:
            odd["ihl"] = r.randrange(16)
        if r.random() < 0.15:
            odd["total"] = r.choice([0, 10, 19, 20, 24, 28, 40, 2000, len(payload) + 16])
        if r.random() < 0.08:
            odd["flags"] = r.choice([0x2000, 0x4000, 0x8000, 0x0010, 0x2010])
        if r.random() < 0.03:
            odd["version"] = r.choice([0, 5, 6, 15])
        return ipv4(proto, payload, f"10.0.0.{r.randrange(4)}", f"10.0.1.{r.randrange(4)}", **odd)
    for _ in range(r.choice([0, 0, 0, 1, 2])):
        proto, payload = _extension(r, proto, payload)
    odd6 = {"tclass": r.getrandbits(8), "flow": r.getrandbits(20)}
    if r.random() < 0.1:
        odd6["plen"] = r.choice([0, 4, 7, 8, 20, 2000])
    if r.random() < 0.03:
        odd6["version"] = r.choice([0, 5, 15])
    return ipv6(proto, payload, f"2001:db8::{r.randrange(4)}", f"2001:db8:1::{r.randrange(4)}", **odd6)


def _transport(r: random.Random, depth: int) -> tuple[int, bytes]:
    kind = r.randrange(10 if depth < 3 else 4)
    ports = (r.choice([40001, 40002, 0]), r.choice([41001, 41002]))
    data = r.randbytes(r.choice([0, 1, 8, 40]))
    if kind in (0, 1):
        odd = {"head": r.randrange(16)} if r.random() < 0.1 else {}
        options = _options_tcp(r)
        return 6, tcp(*ports, r.getrandbits(32), r.getrandbits(32), r.getrandbits(12), r.getrandbits(16), data, options,
                      checksum=r.getrandbits(16), urgent=r.getrandbits(16), **odd)  # fmt: skip
    if kind in (2, 3):
        odd = {"length": r.choice([0, 4, 7, 8, 9, 2000, len(data) + 4])} if r.random() < 0.2 else {}
        return 17, udp(*ports, data, checksum=r.choice([0, 0xFFFF, r.getrandbits(16)]), **odd)
    if kind == 4:
        code = r.choice([0, 1, 3, 4, 13])
        quote = _packet(r, depth + 1)[: r.choice([8, 20, 27, 28, 40, 60, 2000])]
        body = r.choice([quote, data])
        head = struct.pack(">BBHI", r.choice([0, 3, 3, 4, 5, 8, 11, 12, 13, 17, 40]), code, 0, r.getrandbits(32))
        total = checksum(head + body)
        return 1, head[:2] + struct.pack(">H", r.choice([total, total, 0])) + head[4:] + body
    if kind == 5:
        number = r.choice([1, 2, 3, 4, 128, 129, 130, 131, 132, 133, 134, 135, 136, 137, 143, 200])
        quote = _packet(r, depth + 1)[: r.choice([8, 40, 48, 60, 2000])]
        body = quote if number < 5 else r.randbytes(r.choice([0, 8, 16, 20]))
        if 133 <= number <= 137:
            body = r.randbytes({133: 0, 134: 8, 135: 16, 136: 16, 137: 32}[number])
            body += b"".join(bytes([r.choice([1, 2, 5]), 1]) + r.randbytes(6) for _ in range(r.randrange(3)))
        return 58, struct.pack(">BBHI", number, r.randrange(3), r.getrandbits(16), r.getrandbits(32)) + body
    if kind == 6:
        inner = _packet(r, depth + 1)
        return (41 if inner[0] >> 4 == 6 else 4), inner
    if kind == 7:
        inner = _packet(r, depth + 1)
        flags = r.choice([0, 0, 0x2000, 0xB000])
        extra = r.randbytes(4 * bin(flags & 0xB000).count("1"))
        return 47, struct.pack(">HH", flags, 0x86DD if inner[0] >> 4 == 6 else 0x0800) + extra + inner
    if kind == 8:
        return 51, struct.pack(">BBHII", 17, r.choice([1, 4, 4]), 0, 1, 2) + r.randbytes(12) + udp(*ports, data)
    return r.choice([50, 59, 2, 89, 132, 255]), r.randbytes(40)


def _options4(r: random.Random) -> bytes:
    out = b""
    while len(out) < 30:
        kind = r.choice([0, 1, 1, 7, 68, 131, 136, 148, 94, 222])
        if kind < 2:
            out += bytes([kind])
            continue
        sizes = {7: (7, 11), 68: (8, 12), 131: (7,), 136: (4,), 148: (4,)}
        size = r.choice(sizes.get(kind, (2, 3, 8)))
        out += bytes([kind, size, 4, 0][:size]) + bytes(max(0, size - 4))
        if r.random() < 0.5:
            break
    return out[:40]


def _options_tcp(r: random.Random) -> bytes:
    out = b""
    while r.random() < 0.7 and len(out) < 36:
        kind = r.choice([0, 1, 1, 2, 3, 4, 5, 8, 19, 28, 34, 99, 253])
        right = {2: 4, 3: 3, 4: 2, 5: r.choice([2, 10, 18, 26]), 8: 10, 19: 18, 28: 4, 34: r.choice([2, 10])}
        size = right.get(kind, 6) if r.random() < 0.85 else r.choice([0, 1, 2, 3, 6, 12, 40])
        out += bytes([kind]) if kind < 2 else bytes([kind, size]) + r.randbytes(max(0, size - 2))
    return out[:40]


def _extension(r: random.Random, proto: int, payload: bytes) -> tuple[int, bytes]:
    kind = r.choice([0, 60, 60, 43, 44, 44])
    if kind == 44:
        where = r.choice([0, 0, 0, 1, 8 << 3, 8 << 3 | 1])
        return 44, struct.pack(">BBHI", proto, r.choice([0, 0, 9]), where, r.getrandbits(3)) + payload
    if kind == 43:
        count = r.randrange(3)
        segments = r.choice([0, count, count, 200])
        head = bytes([proto, 2 * count, r.choice([0, 0, 2, 4, 77]), segments, 0, 0, 0, 0])
        return 43, head + r.randbytes(16 * count) + payload
    options = b""
    while len(options) < 6:
        options += r.choice([b"\0", b"\1\0", b"\1\2\0\0", b"\5\2\0\0", b"\x1e\3abc", b"\xc2\4\0\0\0\0", b"\4\1\4"])
    options += bytes(-(len(options) + 2) % 8)
    length = (len(options) + 2) // 8 - 1
    return kind, bytes([proto, length if r.random() < 0.9 else r.randrange(20)]) + options + payload


def changed(captures: list[Path], seed: int, count: int = 600) -> Iterator[Packet]:
    """Packets of real captures with some bytes of their headers changed."""
    r = random.Random(seed)
    frames = [frame for capture in captures for frame in read_capture(capture) if frame.linktype == 1]
    for k, frame in enumerate(sorted(r.sample(frames, min(count, len(frames))), key=lambda f: f.time_us)):
        data = bytearray(frame.data)
        for _ in range(r.choice([0, 1, 1, 2, 5])):
            data[min(len(data) - 1, int(r.expovariate(1 / 25)) + 12)] = r.choice([0, 1, 0xFF, r.getrandbits(8)])
        yield START + k * 0.003, bytes(data), 0


def cut(captures: list[Path], seed: int, count: int = 400) -> Iterator[Packet]:
    """Packets of real captures cut at any byte."""
    r = random.Random(seed)
    frames = [frame for capture in captures for frame in read_capture(capture) if frame.linktype == 1]
    for k, frame in enumerate(sorted(r.sample(frames, min(count, len(frames))), key=lambda f: f.time_us)):
        keep = r.choice([r.randrange(1, 100), r.randrange(14, 80), r.randrange(34, 74)])
        yield START + k * 0.003, frame.data[:keep], frame.orig_len
