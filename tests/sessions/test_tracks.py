"""Conversations over batches: numbers, sequence analysis, and what is forgotten."""

from __future__ import annotations

import struct
from pathlib import Path

from readings import own_files

from zjobs.jobs.reading import open_trace
from zjobs.options import Global
from zjobs.sessions import fields
from zjobs.sessions.flows import Is
from zjobs.sessions.tracks import Tracker

SYN, ACK, PUSH, FIN = 2, 16, 8, 1
CLIENT, SERVER = b"\xc0\0\2\1", b"\xc6\x33\x64\1"


def segment(out: bool, seq: int, ack: int, flags: int, size: int = 0, window: int = 8192, port: int = 40000,
            options: bytes = b"") -> bytes:  # fmt: skip
    """An IPv4 packet with a TCP segment (RFC 791, RFC 9293); checksums are not looked at here."""
    ports = (port, 80) if out else (80, port)
    head = (5 + len(options) // 4) << 12 | flags
    body = struct.pack(">HHIIHHHH", *ports, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, head, window, 0, 0) + options
    body += bytes(size)
    ends = CLIENT + SERVER if out else SERVER + CLIENT
    return struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), 1, 0, 64, 6, 0) + ends + body


def capture(path: Path, packets: list[bytes], step_us: int = 30_000) -> Path:
    data = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)
    for k, packet in enumerate(packets):
        us = 1_700_000_000_000_000 + k * step_us
        data += struct.pack("<IIII", us // 1_000_000, us % 1_000_000, len(packet), len(packet)) + packet
    path.write_bytes(data)
    return path


def columns(path: Path, tracker: Tracker | None = None, buffer: int = 0) -> dict[str, list[int]]:
    """All columns of a capture, read ``buffer`` bytes at a time."""
    tracker = tracker or Tracker()
    found: dict[str, list[int]] = {}
    trace = open_trace([str(path)], Global(host="files"))
    trace.context.buffer = buffer or trace.context.buffer
    for batch in trace.dissections():
        for name, values in tracker.track(batch).columns.items():
            found.setdefault(name, []).extend(values.tolist())
    return found


SCALE = b"\1\3\3\7"
HANDSHAKE = [
    segment(True, 1000, 0, SYN, options=SCALE),
    segment(False, 0xFFFFFFFE, 1001, SYN | ACK, options=SCALE),
    segment(True, 1001, 0xFFFFFFFF, ACK),
]


def test_numbers_start_at_the_handshake_and_pass_zero(tmp_path: Path) -> None:
    found = columns(capture(tmp_path / "a", [*HANDSHAKE, segment(False, 0xFFFFFFFF, 1001, ACK | PUSH, 10)]))
    assert found["seq"] == [0, 0, 1, 1]
    assert found["ack"] == [0, 1, 1, 1]
    assert found["next"] == [1, 1, 1, 11]
    # RFC 7323: the window of a SYN is never scaled.
    assert found["window"] == [8192, 8192, 8192 << 7, 8192 << 7]
    assert found["initial_rtt"][2] == 60_000_000
    assert found["stream"] == [0, 0, 0, 0]


def test_the_shift_of_a_syn_that_was_cut_holds(tmp_path: Path) -> None:
    """As for Wireshark, which reads options one by one and decides that there is none at the end of them."""
    first = segment(True, 1000, 0, SYN, options=SCALE + b"\4\2\1\1")
    packets = [first[:-2], segment(False, 5000, 1001, SYN | ACK, options=b"\4\2\1\1")[:-2], HANDSHAKE[2]]
    found = columns(capture(tmp_path / "a", packets))
    assert found["scale"][2] == 7 and found["window"][2] == 8192 << 7


def test_what_segments_are(tmp_path: Path) -> None:
    found = columns(capture(tmp_path / "a", [
        *HANDSHAKE,
        segment(True, 1001, -1, ACK | PUSH, 100),
        segment(True, 1201, -1, ACK | PUSH, 100),
        segment(False, -1, 1101, ACK),
        segment(False, -1, 1101, ACK),
        segment(True, 1201, -1, ACK | PUSH, 100),
        segment(True, 1001, -1, ACK | PUSH, 100),
        segment(False, -1, 1101, ACK, window=0),
        segment(False, -1, 1101, ACK, window=100),
        segment(False, -2, 1101, ACK, 1, window=100),
        segment(True, 5000, 0, SYN),
    ]))  # fmt: skip
    assert [Is(flags) for flags in found["flags"][3:]] == [
        Is(0), Is.LOST_PACKET, Is(0), Is.DUPLICATE_ACK, Is.RETRANSMISSION, Is.SPURIOUS_RETRANSMISSION, Is.ZERO_WINDOW,
        Is.WINDOW_UPDATE, Is.KEEP_ALIVE, Is.REUSED_PORTS,
    ]  # fmt: skip
    assert found["dup_num"][6] == 1
    assert found["dup_frame"][6] == 6
    assert found["acked"][5] == 4
    assert found["ack_rtt"][5] == 60_000_000
    assert found["stream"][-1] == 1


def test_batches_make_no_difference() -> None:
    own = Path(__file__).parents[1] / "captures" / "tcp-loss-server.pcap"
    whole = columns(own)
    assert columns(own, buffer=4096) == whole
    assert sum(1 for flags in whole["flags"] if flags) > 5


def test_the_longest_silent_are_forgotten(tmp_path: Path) -> None:
    packets = [segment(True, 1, 0, SYN, port=40000 + k) for k in range(20)]
    tracker = Tracker(most=4)
    found = columns(capture(tmp_path / "a", [*packets, packets[19], packets[0]]), tracker, buffer=256)
    assert found["stream"] == [*range(20), 19, 20]
    assert tracker.forgotten == 17


def test_what_must_be_followed_for_is_known_by_its_name() -> None:
    """A condition follows conversations only for these names: none may be missing among them."""
    told = set()
    for path in own_files():
        tracker = Tracker()
        for found in open_trace([str(path)], Global(host="files")).dissections():
            told |= {one.name for one in fields.of(found, tracker.track(found))}
    assert all(map(fields.derived, told))
    assert len(told) > 20
    assert not fields.derived("tcp.srcport") and not fields.derived("tcp.options.sack.count")
