"""Every kind of packet, cut at every byte: nothing is raised, and the problem names the layer that was cut.

One packet of every protocol combination of the own captures is wrapped and read back at every length, as a frame
that was truncated (a problem) and as ABBREV leaves it (none).
"""

from __future__ import annotations

import io
from functools import cache

import numpy as np
import pytest
from encoder import packet_records, wrap_pcap
from encoder.records import data_records, frame_records, smc_records
from readings import own_files, trace_of

from zjobs.jobs.format import Request, write
from zjobs.trace.dissect import dissect
from zjobs.trace.grammar import parse
from zjobs.trace.trace import Trace

pytestmark = pytest.mark.s390x

TIME_US = 1_708_518_896_789_009


@cache
def kinds() -> dict[tuple[str, ...], tuple[int, bytes]]:
    """One packet for each different stack of headers and each different kind of option area: (format id, bytes)."""
    found: dict[tuple[str, ...], tuple[int, bytes]] = {}
    for path in own_files():
        items = wrap_pcap(path).items
        table = next(trace_of(b"".join(c for i in items for c in i.ctes)).tables())
        assert len(table) == len(items)
        stacks: list[list[str]] = [[] for _ in items]
        for layer in dissect(table).layers:
            sizes = layer.head.tolist() if layer.name in ("ip", "tcp") else [""] * len(layer)
            for row, size in zip(layer.rows.tolist(), sizes, strict=True):
                stacks[row].append(f"{layer.name}{size}")
        for row, stack in enumerate(stacks):
            packet = bytes(table.buf[table.data_start[row] : table.data_end[row]])
            whole = len(packet) == table.original[row]
            if whole and (tuple(stack) not in found or len(packet) < len(found[tuple(stack)][1])):
                found[tuple(stack)] = (int(table.fmtid[row]), packet)
    return found


def listing(trace: Trace, options: str = "FULL CHECKSUM(DETAIL) SUMMARY STATISTICS(DETAIL)") -> bytes:
    sink = io.BytesIO()
    write(trace, Request(("x",), "FULL", parse(options)), sink)
    return sink.getvalue()


def records(fmtid: int, cuts: list[bytes], original: int | None) -> bytes:
    """A bare trace of the pieces; each claims to be all of it, or to be abbreviated from ``original`` bytes."""
    make = frame_records if fmtid == 7 else packet_records
    return b"".join(
        entry
        for n, piece in enumerate(cuts)
        for entry in make(piece, time_us=TIME_US + 10 * n, count=n + 1, orig_len=original or len(piece))
    )


def cut_sizes(packet: bytes) -> list[int]:
    """Every length up to where headers and option areas end, then some."""
    return [*range(1, min(len(packet), 160)), *range(160, len(packet), 97)]


def test_the_own_captures_have_many_kinds() -> None:
    names = {name.rstrip("0123456789") for key in kinds() for name in key}
    assert {"ip", "ipv", "tcp", "udp", "icmp", "icmpv", "arp", "eth"} <= {n.rstrip("0123456789") for n in names}
    assert len(kinds()) > 12


@pytest.mark.parametrize("index", range(len(kinds())))
def test_cut_at_every_byte(index: int) -> None:
    key, (fmtid, packet) = sorted(kinds().items())[index]
    sizes = cut_sizes(packet)
    pieces = [packet[:n] for n in sizes]

    truncated = trace_of(records(fmtid, pieces, None))
    found = next(truncated.dissections())
    assert len(found.table) == len(pieces)
    assert listing(truncated)
    if fmtid != 7:
        # An IP header says how long the packet is: all that is shorter has a problem that names a layer of the packet.
        assert set(found.damaged.tolist()) == set(range(len(pieces)))
        named = {layer for layer, *_ in found.walk.problems.what}
        assert named <= {name.rstrip("0123456789") for name in key} | set(key) | {"ip", "ipv6", "icmpv6", "icmp"}
    short = [int(n) for n in np.concatenate(found.walk.problems.needed)]
    there = [int(n) for n in np.concatenate(found.walk.problems.available)]
    assert all(n > a for n, a, kind in zip(short, there, kinds_of(found), strict=True) if kind == 1)

    abbreviated = trace_of(records(fmtid, pieces, len(packet)))
    found = next(abbreviated.dissections())
    assert listing(abbreviated)
    # ABBREV never cuts headers; behind them nothing is a problem.
    one = whole(fmtid, packet)
    headers = max(int((layer.payload - one.table.data_start[layer.rows]).max()) for layer in one.layers)
    behind = {k for k, n in enumerate(sizes) if n >= headers}
    assert not behind & set(found.damaged.tolist())


def whole(fmtid: int, packet: bytes):
    return next(trace_of(records(fmtid, [packet], None)).dissections())


def kinds_of(found) -> list[int]:
    return [int(kind) for _, kind, _, size in found.walk.problems.what for _ in range(size)]


@pytest.mark.parametrize("make", [data_records, smc_records])
def test_records_without_headers_at_every_length(make) -> None:
    data = bytes(range(64))
    ctes = [c for n in range(65) for c in make(data[:n], time_us=TIME_US + n, count=n + 1)]
    trace = trace_of(b"".join(ctes))
    assert listing(trace)
    assert trace.counts.passed == 65
    assert trace.counts.damaged_packets == 0


@pytest.mark.parametrize("index", range(0, len(kinds()), 4))
def test_one_byte_changed_in_every_header(index: int) -> None:
    """No value of any single header byte raises anything."""
    _, (fmtid, packet) = sorted(kinds().items())[index]
    pieces = []
    for at in range(min(len(packet), 120)):
        for value in (0, 1, 0x7F, 0x80, 0xFF):
            pieces.append(packet[:at] + bytes([value]) + packet[at + 1 :])
    trace = trace_of(records(fmtid, pieces, None))
    assert listing(trace)
    assert trace.counts.passed == len(pieces)
