"""Whole packets through the whole program: lines of a listing, fields of JSON."""

from __future__ import annotations

import io
import json
import struct
import sys
from pathlib import Path

from encoder import packet_records
from packets import ip4, udp
from readings import trace_of

from zjobs.exports import jsonl
from zjobs.jobs.format import Request, write
from zjobs.sessions.applications import Applications
from zjobs.trace.grammar import parse
from zjobs.wire.walk import Manner

sys.path.append(str(Path(__file__).parents[1] / "agreement"))
import subject
import witness

TIME_US = 1_708_518_896_789_009


def datagram(port: int, data: bytes, *, tos: int = 0) -> bytes:
    return ip4(17, udp(port, port, data), tos=tos)


def entries(packets: list[bytes], original: int = 0) -> bytes:
    """A bare trace of packets; ``original`` is the length that each had before it was abbreviated."""
    return b"".join(
        entry
        for n, p in enumerate(packets)
        for entry in packet_records(p, time_us=TIME_US + 1000 * n, count=n + 1, orig_len=max(original, len(p)))
    )


def listing(data: bytes, options: str = "FORMAT") -> list[str]:
    """The lines behind the heading, without blanks at their ends."""
    asked = parse(options)
    trace = trace_of(data, selection=asked.selection)
    trace.manner = Manner(asked.stand_ins, asked.asked)
    trace.applications = Applications
    sink = io.BytesIO()
    write(trace, Request(("x",), options=asked), sink)
    lines = [line.rstrip() for line in sink.getvalue().decode("ascii").splitlines()]
    return lines[lines.index("-" * 79) :] if "-" * 79 in lines else lines


def block(lines: list[str], title: str) -> list[str]:
    """The lines of one block, from its title to the blank line behind it."""
    start = next(n for n, line in enumerate(lines) if line.strip().startswith(title))
    stop = next((n for n in range(start, len(lines)) if not lines[n] or lines[n].startswith("---")), len(lines))
    return lines[start:stop]


def fields(data: bytes) -> list[dict[str, object]]:
    """The JSON object of every packet."""
    sink = io.BytesIO()
    trace = trace_of(data)
    trace.applications = Applications
    jsonl.write(trace, sink)
    return [json.loads(line) for line in sink.getvalue().splitlines()]


def pcap(path: Path, packets: list[bytes], link: int = 101) -> Path:
    """A capture file, big-endian; link type 101 is raw IP, 1 is Ethernet."""
    out = struct.pack(">IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link)
    for n, p in enumerate(packets):
        out += struct.pack(">IIII", 1_708_518_896, n, len(p), len(p)) + p
    path.write_bytes(out)
    return path


def witnessed(
    folder: Path, packets: list[bytes], prefixes: tuple[str, ...], options: list[str]
) -> tuple[tuple[str, ...], list[witness.Values], list[witness.Values]]:
    """Fields that zjobs tells of packets, and what zjobs and tshark say of each; texts without regard to case."""
    told = fields(entries(packets))
    names = tuple(sorted({n for p in told for n in p if n.startswith(prefixes)}))
    ours = [
        {n: [v.lower() if isinstance(v, str) else v for v in subject._values(p[n])] for n in names if n in p}
        for p in told
    ]
    return names, ours, witness.read(pcap(folder / "packets.pcap", packets), names, ("-n", *options))


def differences(names: tuple[str, ...], ours: list[witness.Values], theirs: list[witness.Values]) -> list[str]:
    """Every field of every packet on which the two do not agree."""
    return [
        f"packet {k} {n}: zjobs {a.get(n)}, tshark {b.get(n)}"
        for k, (a, b) in enumerate(zip(ours, theirs, strict=True), 1)
        for n in names
        if a.get(n) != b.get(n)
    ]
