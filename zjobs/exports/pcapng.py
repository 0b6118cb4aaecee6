"""pcapng files: packets for Wireshark, with what z/OS says of them as comments.

Reference: PCAP Now Generic (pcapng) capture file format, draft-ietf-opsawg-pcapng; link types as registered
by tcpdump.org.  Blocks are written little-endian.

One interface block a z/OS interface and link type.  Packets keep their original length when they were
abbreviated and their direction (epb_flags); a packet from a trace record carries its z/OS facts in a comment.
Times are nanoseconds, or microseconds when every time of the trace is a whole microsecond.  Records that hold
no packet (socket data, SMC, records that could not be read) have no link type of their own and are left out;
the job says how many.
"""

import struct
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from zjobs import __version__
from zjobs.columns import Bytes, among, copy_stretches, distinct, items, rows_view
from zjobs.exports import _comments
from zjobs.sink import pour
from zjobs.trace.table import Direction, Table
from zjobs.trace.trace import Trace
from zjobs.wire.link import LINK_TYPES, Link

NAME = "pcapng"
ABOUT = "packets for Wireshark, z/OS facts as comments"

#: The link type number of each kind of frame.
_NUMBERS = {kind: number for number, kind in reversed(LINK_TYPES.items())}

_SECTION, _INTERFACE, _ENHANCED = 0x0A0D0D0A, 1, 6
_COMMENT, _FLAGS, _NAME, _RESOLUTION, _APPLICATION = 1, 2, 2, 9, 4
_LONGEST_COMMENT = 1000


def write(trace: Trace, sink: BinaryIO) -> int:
    """All packets of the selection; how many were written."""
    nano = not all(bool((t.capture_ns % 1000 == 0).all()) for t in trace.tables())
    pour(sink, _block(_SECTION, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1), _option(_APPLICATION, _application())))
    interfaces: dict[tuple[int, int], int] = {}
    count = 0
    for found in trace.dissections():
        table = found.table
        chosen = np.flatnonzero(among(table.link, _NUMBERS))
        if not chosen.size:
            continue
        table = table.take(chosen) if chosen.size < len(table) else table
        numbers = np.empty(len(table), dtype=np.int64)
        keys = table.interface.astype(np.int64) << 8 | table.link
        for key in distinct(keys):
            pair = (key >> 8, key & 255)
            if pair not in interfaces:
                interfaces[pair] = len(interfaces)
                pour(sink, _interface(table.interface_names()[pair[0]], _NUMBERS[Link(pair[1])], nano))
            numbers[keys == key] = interfaces[pair]
        pour(sink, packets(trace, table, numbers, nano))
        count += len(table)
    return count


def _application() -> bytes:
    return f"zjobs {__version__}".encode("ascii")


def _option(code: int, value: bytes) -> bytes:
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)


def _block(kind: int, body: bytes, options: bytes = b"") -> bytes:
    body += options + bytes(4) if options else b""
    size = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + size + body + size


def _interface(name: str, link: int, nano: bool) -> bytes:
    options = _option(_NAME, name.encode("ascii", "replace")) if name else b""
    options += _option(_RESOLUTION, bytes([9 if nano else 6]))
    return _block(_INTERFACE, struct.pack("<HHI", link, 0, 0), options)


def packets(trace: Trace, table: Table, interfaces: NDArray[np.int64], nano: bool) -> memoryview:
    """One enhanced packet block a packet."""
    comments = _comments.of(trace, table)
    captured = np.maximum(table.data_end - table.data_start, 0)
    known = table.direction != Direction.UNKNOWN
    said = np.minimum(comments.lens, _LONGEST_COMMENT)
    flags = np.where(known, 8, 0)
    comment = np.where(said > 0, 4 + _padded(said), 0)
    end = np.where(flags + comment > 0, 4, 0)
    total = 32 + _padded(captured) + flags + comment + end
    base = np.cumsum(total) - total
    out = np.zeros(int(total.sum()), dtype=np.uint8)

    stamp = table.capture_ns if nano else table.capture_ns // 1000
    head = (np.full(total.size, _ENHANCED), total, interfaces, stamp >> 32, stamp, captured, table.original)
    _words(out, base, head)
    copy_stretches(out, base + 28, table.buf, table.data_start, captured)
    at = base + 28 + _padded(captured)
    direction = np.where(table.direction == Direction.IN, 1, 2)
    _words(out, at[known], (np.full(int(known.sum()), 4 << 16 | _FLAGS), direction[known]))
    at = at + flags
    there = np.flatnonzero(said)
    _words(out, at[there], (said[there] << 16 | _COMMENT,))
    flat = np.ascontiguousarray(comments.rows).reshape(-1)
    copy_stretches(out, at[there] + 4, flat, there * comments.rows.shape[1], said[there])
    _words(out, base + total - 4, (total,))
    return out.data


def _padded(size: NDArray[np.int64]) -> NDArray[np.int64]:
    return size + 3 & ~np.int64(3)


def _words(out: Bytes, at: NDArray[np.int64], words: tuple[NDArray[Any], ...]) -> None:
    """The same number of 32-bit words at each place."""
    if at.size:
        raw = np.stack([w.astype(np.int64) & 0xFFFFFFFF for w in words], axis=1).astype("<u4")
        width = 4 * len(words)
        rows_view(out, width)[at] = items(raw)
