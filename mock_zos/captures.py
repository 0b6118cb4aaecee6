"""Captures to replay: pcap and pcapng files, as IP packets with their times.

Only what the packet trace of a stack can see is kept: IPv4 and IPv6 packets, without the frame and
without the padding of short frames.
"""

import struct
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

_ETHERNET, _LINUX_COOKED, _LINUX_COOKED_2 = 1, 113, 276
_RAW = (12, 14, 101, 228, 229)
_LOOPBACK = (0, 108)
_IP_TYPES = (0x0800, 0x86DD)
_VLAN_TYPES = (0x8100, 0x88A8, 0x9100)


class Packet(NamedTuple):
    """An IP packet: time in microseconds since 1970, the bytes that were captured, its whole length, VLAN id."""

    time: int
    data: bytes
    length: int
    vlan: int = 0


class Frame(NamedTuple):
    """An Ethernet frame as an OSA sees it: time, the bytes that were captured, its whole length."""

    time: int
    data: bytes
    length: int


@lru_cache(maxsize=8)
def _cached_frames(path: Path, changed: int, size: int) -> tuple[Frame, ...]:
    raw = path.read_bytes()
    found = _pcapng(raw) if raw[:4] == b"\x0a\x0d\x0d\x0a" else _pcap(raw)
    return tuple(Frame(time, data, original) for time, link, data, original in found if link == _ETHERNET)


def frames(path: Path) -> tuple[Frame, ...]:
    """All Ethernet frames of a capture file, those that carry no IP too."""
    status = path.stat()
    return _cached_frames(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=8)
def _cached(path: Path, changed: int, size: int) -> tuple[Packet, ...]:
    return tuple(_packets(path.read_bytes()))


def read(path: Path) -> tuple[Packet, ...]:
    """All IP packets of a capture file."""
    status = path.stat()
    return _cached(path, status.st_mtime_ns, status.st_size)


def _packets(raw: bytes) -> Iterator[Packet]:
    frames = _pcapng(raw) if raw[:4] == b"\x0a\x0d\x0d\x0a" else _pcap(raw)
    for time, link, frame, original in frames:
        found = _network(link, frame)
        if found is None:
            continue
        start, vlan = found
        data = frame[start:]
        length = ip_length(data) or original - start
        yield Packet(time, data[:length], length, vlan)


def ip_length(data: bytes) -> int:
    """Length the IP header states; 0 where it states none (segmentation offload) or is not there."""
    if len(data) >= 20 and data[0] >> 4 == 4:
        return int(struct.unpack_from(">H", data, 2)[0])
    if len(data) >= 40 and data[0] >> 4 == 6:
        payload = int(struct.unpack_from(">H", data, 4)[0])
        return payload + 40 if payload else 0
    return 0


def _pcap(raw: bytes) -> Iterator[tuple[int, int, bytes, int]]:
    magics = {0xA1B2C3D4: 1, 0xA1B23C4D: 1000}
    for order in "<>":
        if len(raw) >= 24 and (magic := struct.unpack_from(order + "I", raw)[0]) in magics:
            break
    else:
        raise ValueError("neither a pcap nor a pcapng file")
    nanoseconds = magics[magic]
    link = struct.unpack_from(order + "I", raw, 20)[0] & 0xFFFF
    at = 24
    while at + 16 <= len(raw):
        seconds, fraction, held, original = struct.unpack_from(order + "IIII", raw, at)
        yield seconds * 1_000_000 + fraction // nanoseconds, link, raw[at + 16 : at + 16 + held], original
        at += 16 + held


def _pcapng(raw: bytes) -> Iterator[tuple[int, int, bytes, int]]:
    order, at = "<", 0
    interfaces: list[tuple[int, int]] = []
    while at + 12 <= len(raw):
        if raw[at : at + 4] == b"\x0a\x0d\x0d\x0a":
            order = "<" if raw[at + 8 : at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
            interfaces = []
        kind, size = struct.unpack_from(order + "II", raw, at)
        body = raw[at + 8 : at + size - 4]
        if kind == 1:
            link = struct.unpack_from(order + "H", body)[0]
            interfaces.append((link, _ticks(body[8:], order)))
        elif kind == 6:
            interface, high, low, held, original = struct.unpack_from(order + "IIIII", body)
            link, ticks = interfaces[interface]
            yield ((high << 32) | low) * 1_000_000 // ticks, link, body[20 : 20 + held], original
        if size < 12:
            return
        at += size


def _ticks(options: bytes, order: str) -> int:
    """Time stamp units in a second (option if_tsresol)."""
    at = 0
    while at + 4 <= len(options):
        code, size = struct.unpack_from(order + "HH", options, at)
        if code == 9:
            value = options[at + 4]
            return int(2 ** (value & 0x7F) if value & 0x80 else 10**value)
        if code == 0:
            break
        at += 4 + (size + 3) // 4 * 4
    return 1_000_000


def _network(link: int, frame: bytes) -> tuple[int, int] | None:
    """Where the IP packet starts in a frame, and the VLAN id; ``None`` when there is none."""
    vlan = 0
    if link in _RAW:
        start = 0
    elif link in _LOOPBACK:
        start = 4
    else:
        try:
            place = {_ETHERNET: 12, _LINUX_COOKED: 14, _LINUX_COOKED_2: 0}[link]
        except KeyError:
            return None
        if len(frame) < place + 2:
            return None
        kind = struct.unpack_from(">H", frame, place)[0]
        start = 20 if link == _LINUX_COOKED_2 else place + 2
        while kind in _VLAN_TYPES and len(frame) >= start + 4:
            tag, kind = struct.unpack_from(">HH", frame, start)
            vlan, start = tag & 0xFFF, start + 4
        if kind not in _IP_TYPES:
            return None
    return (start, vlan) if frame[start : start + 1] and frame[start] >> 4 in (4, 6) else None
