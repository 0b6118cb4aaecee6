"""Sessions as columns: every mark on traffic made for it, and the same captures by tshark."""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path

import pytest
from readings import TESTS
from test_tracks import ACK, FIN, PUSH, SYN, capture, segment

from zjobs.jobs.reading import open_trace
from zjobs.options import Global
from zjobs.sessions.analysis import Analysis, Sessions
from zjobs.sessions.packets import Packets

RST = 4
OPEN = [segment(True, 1000, 0, SYN), segment(False, 5000, 1001, SYN | ACK), segment(True, 1001, 5001, ACK)]


def sessions(path: Path, buffer: int = 0, delay: tuple[int, int] = (200, 200)) -> Sessions:
    packets = Packets()
    trace = open_trace([str(path)], Global(host="files"))
    trace.context.buffer = buffer or trace.context.buffer
    for found in trace.dissections():
        packets.add(found)
    (found,) = Analysis(packets, delay).parts()
    return found


def marked(path: Path, name: str, **more: int) -> list[int]:
    found = sessions(path, **more)
    return sorted(found["number"][found[name]].tolist())


def data(seq: int, size: int = 100) -> bytes:
    return segment(True, seq, 5001, ACK | PUSH, size)


def ack(number: int, window: int = 8192) -> bytes:
    return segment(False, 5001, number, ACK, window=window)


@pytest.mark.parametrize(
    ("packets", "name", "numbers"),
    [
        ([data(1001), data(1101), data(1001)], "again", [6]),
        # A segment that fills a gap came out of order; the gap is told where it opens.
        ([data(1001), data(1201), data(1101)], "disorder", [6]),
        ([data(1001), data(1201), data(1101)], "gap", [5]),
        # After a loss the segments that follow are in order: the highest is a running maximum (APAR PM94876).
        ([data(1001), data(1201), data(1101), data(1301)], "disorder", [6]),
        ([data(1001), data(1101), ack(1101), ack(1101), ack(1101)], "dup", [7, 8]),
        # Nothing is outstanding: the same acknowledgment again asks for nothing.
        ([data(1001), ack(1101), ack(1101)], "dup", []),
        ([data(1001), ack(1101, 0)], "zero", [5]),
        ([data(1001), ack(1101, 0), data(1101, 1)], "probe", [6]),
        ([data(1001), ack(1101), segment(True, 1100, 5001, ACK)], "alive", [6]),
        ([data(1001), ack(1101), data(1101)], "open", [6]),
    ],
)
def test_marks(tmp_path: Path, packets: list[bytes], name: str, numbers: list[int]) -> None:
    path = capture(tmp_path / "a", [*OPEN, *packets])
    assert marked(path, name) == numbers
    assert marked(path, name, buffer=64) == numbers


def test_a_delayed_acknowledgment_is_as_late_as_the_threshold(tmp_path: Path) -> None:
    path = capture(tmp_path / "a", [*OPEN, data(1001), ack(1101)], step_us=150_000)
    assert marked(path, "late", delay=(200, 200)) == []
    assert marked(path, "late", delay=(100, 100)) == [5]


def test_sequence_numbers_pass_the_wrap(tmp_path: Path) -> None:
    top = 0xFFFFFF00
    packets = [segment(True, top, 0, SYN), segment(False, 5000, top + 1, SYN | ACK)]
    packets += [segment(True, top + 1 + 100 * k, 5001, ACK | PUSH, 100) for k in range(6)]
    found = sessions(capture(tmp_path / "a", packets))
    assert found["rel"].tolist() == [0, 0, 1, 101, 201, 301, 401, 501]
    assert not found["again"].any() and not found["gap"].any()


def test_a_closed_session_starts_again_with_a_new_syn(tmp_path: Path) -> None:
    closed = [segment(True, 1001, 5001, FIN | ACK), segment(False, 5001, 1002, FIN | ACK)]
    again = [segment(True, 9000, 0, SYN)]
    assert len(sessions(capture(tmp_path / "a", [*OPEN, *closed, *again]))) == 2
    # A SYN that is repeated, or that comes while the session is open, starts none.
    assert len(sessions(capture(tmp_path / "b", [*OPEN[:1], *OPEN]))) == 1
    assert len(sessions(capture(tmp_path / "c", [*OPEN, *again]))) == 1


@pytest.mark.parametrize("seed", range(4))
def test_sessions_are_split_as_packet_after_packet_tells(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    packets, expected = [], []
    known: dict[int, int] = {}
    closed: set[int] = set()
    parts: dict[int, int] = {}
    numbers: dict[tuple[int, int], int] = {}
    for _ in range(300):
        port, seq = dice.choice((40001, 40002, 40003)), dice.choice((1, 1, 2, 3))
        flags = dice.choice((SYN, SYN, SYN | FIN, SYN | ACK, ACK, FIN | ACK, RST, SYN | RST))
        if flags in (SYN, SYN | FIN) and known.get(port) != seq:
            parts[port] = parts.get(port, 0) + (port in closed)
            known[port] = seq
            closed.discard(port)
        elif flags & (FIN | RST) and port in known:
            closed.add(port)
        expected.append(numbers.setdefault((port, parts.get(port, 0)), len(numbers)))
        packets.append(segment(True, seq, 0, flags, port=port))
    found = sessions(capture(tmp_path / "a", packets))
    assert len(found) == len(numbers) > 20
    session = [0] * len(packets)
    for place, number in zip(found.order.tolist(), found.session.tolist()):
        session[place] = number
    assert session == expected


def test_flight_is_what_was_sent_and_not_acknowledged(tmp_path: Path) -> None:
    found = sessions(capture(tmp_path / "a", [*OPEN, data(1001), data(1101), ack(1101), data(1201)]))
    out = found["back"] == found["back"][0]
    assert found["flight"][out].tolist() == [1, 0, 100, 200, 200]


@pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")
@pytest.mark.parametrize("name", ["tcp-loss-server", "tcp-zero-window", "tcp-delay", "tcp-loss-client"])
@pytest.mark.parametrize(
    ("mark", "theirs"),
    [("gap", "lost_segment"), ("dup", "duplicate_ack"), ("zero", "zero_window"), ("alive", "keep_alive")],
)
def test_the_witness_marks_the_same_packets(name: str, mark: str, theirs: str) -> None:
    path = TESTS / "captures" / f"{name}.pcap"
    command = ["tshark", "-n", "-r", str(path), "-Y", f"tcp.analysis.{theirs}", "-T", "fields", "-e", "frame.number"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert marked(path, mark) == [int(n) for n in done.stdout.split()]


@pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")
@pytest.mark.parametrize("name", ["tcp-loss-server", "tcp-zero-window", "tcp-delay", "tcp-loss-client"])
def test_repeated_or_late_data_is_the_same_for_the_witness(name: str) -> None:
    """Wireshark tells repetition from disorder by time, the formatter by what was seen; together they are the same."""
    path = TESTS / "captures" / f"{name}.pcap"
    condition = "tcp.analysis.retransmission || tcp.analysis.out_of_order || tcp.analysis.fast_retransmission"
    command = ["tshark", "-n", "-r", str(path), "-Y", condition, "-T", "fields", "-e", "frame.number"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert sorted(marked(path, "again") + marked(path, "disorder")) == [int(n) for n in done.stdout.split()]
