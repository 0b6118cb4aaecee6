"""Trace entries from capture files, with a reader of its own for pcap and pcapng."""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .records import NTA, PACKET, address, endpoints, frame_records, packet_records

# Link types (tcpdump.org/linktypes.html). RAW has several numbers because it once differed by platform.
NULL, ETHERNET, LOOP, SLL, SLL2 = 0, 1, 108, 113, 276
RAW = {12, 14, 101, 228, 229}
ETHERTYPES = {0x0800: 4, 0x86DD: 6}
VLAN_TAGS = {0x8100, 0x88A8, 0x9100}

# An earlier time cannot be written: the TOD clock of 1970 reads as one of 2112. Such captures move by 30 years.
EARLIEST_US = 631_152_000_000_000
SHIFT_US = 946_684_800_000_000


@dataclass(frozen=True)
class Frame:
    """One packet of a capture file, as it is stored."""

    number: int
    time_us: int
    linktype: int
    data: bytes
    orig_len: int


@dataclass(frozen=True)
class Item:
    """What one packet of the capture became: enough to compare a reading with."""

    number: int
    """frame number in the capture, from 1, as tshark counts"""
    time_us: int
    fmtid: int
    packet: bytes
    """the traced bytes: IP packet (id 4) or link frame (id 7)"""
    orig_len: int
    out: bool
    vlan: int
    ctes: list[bytes]

    @property
    def abbreviated(self) -> bool:
        return len(self.packet) < self.orig_len


@dataclass
class Wrapped:
    items: list[Item] = field(default_factory=list)
    skipped: list[int] = field(default_factory=list)
    """numbers of the frames that are neither IP nor Ethernet"""

    @property
    def ctes(self) -> list[bytes]:
        return [entry for item in self.items for entry in item.ctes]


def read_capture(path: str | Path) -> Iterator[Frame]:
    data = Path(path).read_bytes()
    return _pcapng(data) if data[:4] == b"\x0a\x0d\x0d\x0a" else _pcap(data)


def _pcap(data: bytes) -> Iterator[Frame]:
    magics = {b"\xa1\xb2\xc3\xd4": 1, b"\xa1\xb2\x3c\x4d": 1000}
    if data[:4] in magics:
        order, divisor = ">", magics[data[:4]]
    elif data[3::-1] in magics:
        order, divisor = "<", magics[data[3::-1]]
    else:
        raise ValueError("not a capture file")
    linktype, at, number = struct.unpack_from(order + "H", data, 20 if order == "<" else 22)[0], 24, 0
    head = struct.Struct(order + "IIII")
    while at + 16 <= len(data):
        seconds, fraction, captured, original = head.unpack_from(data, at)
        at += 16
        if at + captured > len(data):
            return
        number += 1
        yield Frame(number, seconds * 1_000_000 + fraction // divisor, linktype, data[at : at + captured], original)
        at += captured


def _pcapng(data: bytes) -> Iterator[Frame]:
    order, at, number, last_us = "<", 0, 0, 0
    links: list[tuple[int, int, int, int]] = []
    while at + 12 <= len(data):
        if data[at : at + 4] == b"\x0a\x0d\x0d\x0a":
            order = "<" if data[at + 8 : at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
            links = []
        kind, size = struct.unpack_from(order + "II", data, at)
        if size < 12 or at + size > len(data):
            return
        body = data[at + 8 : at + size - 4]
        at += size
        if kind == 1:
            links.append(_interface(body, order))
        elif kind in (2, 6):
            if kind == 6:
                index, high, low, captured, original = struct.unpack_from(order + "IIIII", body)
            else:
                index, _, high, low, captured, original = struct.unpack_from(order + "HHIIII", body)
            linktype, _, units, offset = links[index]
            last_us = (high << 32 | low) * 1_000_000 // units + offset * 1_000_000
            number += 1
            yield Frame(number, last_us, linktype, body[20 : 20 + captured], original)
        elif kind == 3:
            # A simple packet block has neither time nor captured length.
            original = struct.unpack_from(order + "I", body)[0]
            linktype, snaplen, _, _ = links[0]
            number += 1
            yield Frame(number, last_us, linktype, body[4 : 4 + min(original, snaplen or original)], original)


def _interface(body: bytes, order: str) -> tuple[int, int, int, int]:
    """Link type, snapshot length, time units per second, time offset in seconds."""
    linktype, _, snaplen = struct.unpack_from(order + "HHI", body)
    units, offset, at = 1_000_000, 0, 8
    while at + 4 <= len(body):
        code, size = struct.unpack_from(order + "HH", body, at)
        value = body[at + 4 : at + 4 + size]
        if code == 0:
            break
        if code == 9:
            units = 2 ** (value[0] & 127) if value[0] & 128 else 10 ** value[0]
        elif code == 14:
            offset = struct.unpack(order + "q", value)[0]
        at += 4 + size + -size % 4
    return linktype, snaplen, units, offset


def _ip_start(linktype: int, data: bytes) -> tuple[int | None, int]:
    """Where the IP packet starts in a frame (None: not IP), and the VLAN id."""
    if linktype in RAW:
        return 0, 0
    if linktype in (NULL, LOOP):
        family = {int.from_bytes(data[:4], order) for order in ("big", "little")} if len(data) >= 4 else set()
        # AF_INET is 2 everywhere; AF_INET6 differs by system.
        return (4 if family & {2, 10, 24, 28, 30} else None), 0
    at = {ETHERNET: 12, SLL: 14, SLL2: 0}.get(linktype)
    if at is None or len(data) < at + 2:
        return None, 0
    start, vlan = (at + 2 if linktype != SLL2 else 20), 0
    ethertype = struct.unpack_from(">H", data, at)[0]
    while ethertype in VLAN_TAGS and len(data) >= start + 4:
        tag, ethertype = struct.unpack_from(">HH", data, start)
        vlan, start = tag & 0xFFF, start + 4
    return (start if ethertype in ETHERTYPES and start <= len(data) else None), vlan


def _ip_length(packet: bytes, available: int) -> int:
    """How long the packet says it is, or `available` (the frame without its link header) when it says nonsense."""
    version = packet[0] >> 4 if packet else 0
    total = 0
    if version == 4 and len(packet) >= 4:
        total, least = struct.unpack_from(">H", packet, 2)[0], (packet[0] & 15) * 4
    elif version == 6 and len(packet) >= 6:
        payload, least = struct.unpack_from(">H", packet, 4)[0], 40
        total = payload + 40 if payload else 0
    return total if total and least <= total <= available else available


def wrap_pcap(
    path: str | Path,
    *,
    home: Collection[str] = (),
    interface: str = "ETH1",
    max_segment: int | None = 14336,
    header_len: int = 92,
    limit: int | None = None,
) -> Wrapped:
    """Trace entries of a capture, counted from 1.

    IP packets become id 4 without link header and without Ethernet padding, which an IP trace never has; other
    Ethernet frames become id 7. `home` are the addresses of the tracing stack, by default the first packet's source.
    """
    result, homes, count = Wrapped(), {address(value) for value in home}, 0
    for frame in read_capture(path):
        if limit is not None and frame.number > limit:
            break
        start, vlan = _ip_start(frame.linktype, frame.data)
        if start is None and (frame.linktype != ETHERNET or len(frame.data) < 14):
            result.skipped.append(frame.number)
            continue
        count += 1
        time_us = frame.time_us if frame.time_us >= EARLIEST_US else frame.time_us + SHIFT_US
        available = max(frame.orig_len, len(frame.data)) - (start or 0)
        if start is None:
            fmtid, packet, original, out = NTA, frame.data, available, False
            ctes = frame_records(
                packet, time_us=time_us, count=count, orig_len=original, vlan=vlan, max_segment=max_segment
            )
        else:
            original = _ip_length(frame.data[start:], available)
            fmtid, packet = PACKET, frame.data[start : start + original]
            source = endpoints(packet).src
            homes = homes or {source}
            out = source in homes
            ctes = packet_records(
                packet,
                time_us=time_us,
                interface=interface,
                out=out,
                count=count,
                orig_len=original,
                vlan=vlan,
                max_segment=max_segment,
                header_len=header_len,
            )
        result.items.append(Item(frame.number, time_us, fmtid, packet, original, out, vlan, ctes))
    return result
