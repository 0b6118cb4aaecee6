"""Damaged data sets: nothing is raised, nothing hangs, what is whole is listed, and what is not is never silent.

A cut between two entries, or between two records, cannot be told from a shorter trace; a changed byte inside a packet
gives another packet.  Everything else must be said.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from functools import cache

import pytest
from encoder import BODIES, CONTAINERS, Wrapped, wrap_pcap
from encoder.containers import bdw, rdw, single
from readings import Row, expected, own_files, rows, trace_of, troubled

from zjobs.errors import DataError

pytestmark = pytest.mark.s390x

#: Cuts and changed bytes of one container in the ordinary run; `make fuzz` tries them all.
SAMPLES = 36
#: Seconds of processor time for one reading: by the clock, a machine that stands still for a moment looks like a hang.
SLOWEST = 5.0


@cache
def built(limit: int = 10) -> Wrapped:
    """A short trace whose packets all differ."""
    found = wrap_pcap(next(p for p in own_files() if p.stem == "ftp-hang"), limit=limit)
    assert len(set(expected(found.items))) == limit
    return found


def intact(data: bytes, trace: Wrapped) -> list[Row]:
    """Packets whose entries still stand in the data as they were made."""
    return expected(i for i in trace.items if all(c in data for c in i.ctes))


def check(data: bytes, trace: Wrapped, *, silent: bool = False, framed: bool = True, spliced: bool = False) -> None:
    """Read damaged data; ``silent`` allows a loss that cannot be told from a shorter trace.

    Where data were ``spliced``, the head of one entry can meet the length of another of its size and hide that one.
    """
    whole = intact(data, trace) if framed else []
    begun = time.process_time()
    try:
        reading = trace_of(data, buffer=1 << 16)
        found = rows(reading)
    except DataError:
        assert not whole
        return
    assert time.process_time() - begun < SLOWEST
    assert len(set(whole) - set(found)) <= spliced
    assert len(found) <= len(trace.items)
    if len(found) < len(trace.items):
        assert silent or troubled(reading)


def places(size: int, count: int, seed: str) -> list[int]:
    """Offsets spread over the whole size, other ones for every seed, always the same."""
    dice = random.Random(seed)
    return sorted({min(size - 1, int((k + dice.random()) * size / count)) for k in range(count)})


def between(data: bytes, trace: Wrapped) -> Callable[[int], bool]:
    """Whether a cut leaves only whole entries, so that nothing shows that there were more."""
    ends = [data.find(c) + len(c) for c in trace.ctes if c in data]

    def silent(cut: int) -> bool:
        last = max((e for e in ends if e <= cut), default=0)
        # Zero fill and the start of a descriptor word behind the last entry say nothing either.
        return not data[last:cut].strip(b"\0") or cut - last < 4

    return silent


@pytest.mark.parametrize("name", CONTAINERS)
def test_cut_anywhere(name: str) -> None:
    trace = built()
    data = CONTAINERS[name](trace.ctes)
    silent = between(data, trace)
    blocks = name.startswith("2cutc") or "sliced" in name or "prefix" in name or "garbage" in name
    for cut in places(len(data), SAMPLES, name):
        # A record that ends where the file ends looks complete; a truncated one with a prefix may hold nothing yet.
        check(data[:cut], trace, silent=silent(cut) or blocks, framed=not name.startswith("2cutc"))


@pytest.mark.parametrize("name", CONTAINERS)
def test_one_byte_changed_anywhere(name: str) -> None:
    trace = built()
    data = CONTAINERS[name](trace.ctes)
    dice = random.Random(name)
    for at in places(len(data), SAMPLES, name):
        changed = bytearray(data)
        changed[at] ^= 1 << dice.randrange(8)
        # pcapng says that blocks of an unknown type are to be skipped, and an interface block speaks for all packets.
        check(bytes(changed), trace, silent=name.startswith("2cutc"), framed=not name.startswith("2cutc"))


@pytest.mark.parametrize("name", ["bare", "rdw-single", "bdw-packed", "length4-single"])
def test_cut_at_every_byte(name: str) -> None:
    trace = built(4)
    data = CONTAINERS[name](trace.ctes).rstrip(b"\0")
    silent = between(data, trace)
    for cut in range(1, len(data)):
        check(data[:cut], trace, silent=silent(cut))


def test_a_cut_inside_an_entry_is_said_with_its_place() -> None:
    trace = built(4)
    data = rdw(single(trace.ctes))
    last = len(data) - len(trace.ctes[-1]) - 4
    reading = trace_of(data[: last + 60])
    assert rows(reading) == expected(trace.items[:-1])
    assert reading.inputs[0].faults.truncated == (last, len(trace.ctes[-1]) + 4, 60)


def test_a_damaged_entry_is_said_with_its_place() -> None:
    trace = built(4)
    data = bytearray(b"".join(trace.ctes))
    second = len(trace.ctes[0])
    data[second + 1] ^= 4
    reading = trace_of(bytes(data))
    assert rows(reading) == expected([trace.items[0], *trace.items[2:]])
    faults = reading.inputs[0].faults
    assert (faults.damaged, faults.first, faults.skipped) == (1, second, len(trace.ctes[1]))


@pytest.mark.parametrize("name", ["rdw-packed", "rdw-packed-prefix24", "bdw-wrapped-packed-prefix24"])
def test_a_damaged_first_entry_is_not_taken_for_a_prefix(name: str) -> None:
    """Where there is only one record, what stands before the first good entry looks the same in all records."""
    trace = built()
    data = CONTAINERS[name](trace.ctes)
    first = min(at for c in trace.ctes if (at := data.find(c)) >= 0)
    size = int.from_bytes(data[first : first + 2], "big")
    for at in (0, 1, 2, 3, 4, 6, 7, 8, size - 2, size - 1):
        changed = bytearray(data)
        changed[first + at] ^= 0x40
        check(bytes(changed), trace)


@pytest.mark.parametrize("frame", [rdw, bdw])
@pytest.mark.parametrize("name", ["single", "packed-prefix24"])
def test_swapped_records_are_put_in_order(name: str, frame: Callable[[list[bytes]], bytes]) -> None:
    trace = built()
    bodies = BODIES[name](trace.ctes)
    dice = random.Random(5)
    for _ in range(10):
        dice.shuffle(bodies)
        reading = trace_of(frame(bodies))
        assert rows(reading) == sorted(expected(trace.items), key=lambda r: r.time_us)
        assert not troubled(reading)


def edits(data: bytes, seed: str) -> Iterator[bytes]:
    """The data with garbage put in, with pieces taken out, with stretches overwritten."""
    dice = random.Random(seed)
    for at in places(len(data), 12, seed):
        size = dice.randrange(1, 90)
        yield data[:at] + dice.randbytes(size) + data[at:]
        yield data[:at] + data[at + size :]
        yield data[:at] + bytes(size) + data[at + size :]


@pytest.mark.parametrize(
    "name", ["bare", "rdw-single", "bdw-single", "rdw-packed-prefix24", "length4-single", "garbage-bytes"]
)
def test_garbage_put_in_or_pieces_taken_out(name: str) -> None:
    trace = built()
    data = CONTAINERS[name](trace.ctes).rstrip(b"\0")
    for changed in edits(data, name):
        check(changed, trace, silent=len(changed) < len(data) and intact(changed, trace) == [], spliced=True)


@pytest.mark.parametrize("name", ["rdw-single", "bdw-packed-prefix24", "bare", "2cutc"])
def test_damage_ends_in_return_code_4_and_a_warning(name: str, tmp_path, zjobs) -> None:
    trace = built()
    data = bytearray(CONTAINERS[name](trace.ctes))
    at = data.find(trace.ctes[5])
    data[at] ^= 0x40
    path = tmp_path / "trace"
    path.write_bytes(data)
    run = zjobs("format", "--summary", path)
    assert run.code == 4
    assert any(line[:8] in ("ZJB0104W", "ZJB0105W", "ZJB0113W", "ZJB0115W") for line in run.err.splitlines())
    assert "Traceback" not in run.err


@pytest.mark.parametrize("size", [1, 2, 17, 1000, 100_000])
def test_random_bytes_are_refused_or_read_but_never_believed(size: int, tmp_path, zjobs) -> None:
    for seed in range(5):
        path = tmp_path / "trace"
        path.write_bytes(random.Random(seed).randbytes(size))
        run = zjobs("format", "--full", path)
        assert run.code in (4, 8)
        assert run.err.startswith("ZJB01") and "Traceback" not in run.err


@pytest.mark.parametrize("size", [1, 18, 4096, 2 << 20])
def test_zeros_are_no_trace(size: int, tmp_path, zjobs) -> None:
    path = tmp_path / "trace"
    path.write_bytes(bytes(size))
    run = zjobs("format", path)
    assert run.code == 8
    assert run.err == f"ZJB0102E source {path} is empty: there is no trace data in it\n"
