"""Several sources as one trace: merged by time, duplicates once, wraps put right, segments rejoined."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import random
import subprocess
import sys
import time
import zipfile
import zlib
from functools import cache
from pathlib import Path

import pytest
from encoder import Wrapped, wrap_pcap
from encoder.containers import bdw, packed, rdw, single, wrapped
from readings import expected, own_files, rows, trace_of, troubled, write

from zjobs.trace.files import from_path
from zjobs.trace.table import State

pytestmark = pytest.mark.s390x


@cache
def built(name: str = "ftp-hang", segment: int = 14336) -> Wrapped:
    return wrap_pcap(next(p for p in own_files() if p.stem == name), max_segment=segment)


def in_time(trace: Wrapped):
    return sorted(expected(trace.items), key=lambda r: r.time_us)


@pytest.mark.parametrize("count", [2, 3, 7, 16])
def test_sources_are_merged_by_time(count: int) -> None:
    bodies = single(built().ctes)
    trace = trace_of(*(rdw(bodies[k::count]) for k in range(count)))
    assert rows(trace) == in_time(built())
    assert trace.counts.duplicates == 0


def test_duplicates_are_read_once_and_counted() -> None:
    bodies = single(built().ctes)
    trace = trace_of(rdw(bodies), bdw(bodies[10:30]), rdw(bodies[25:40]))
    assert rows(trace) == in_time(built())
    assert trace.counts.duplicates == 20 + 15


def test_the_same_entry_twice_in_one_source_stays() -> None:
    """Only overlapping copies are duplicates; within one data set a retransmission may look the same."""
    bodies = single(built().ctes)
    assert len(rows(trace_of(rdw([*bodies[:5], bodies[4]])))) == 6


def test_wrap_is_reported_and_put_right() -> None:
    bodies = wrapped(single(built().ctes), newest=20)
    data = rdw(bodies)
    trace = trace_of(data)
    assert rows(trace) == in_time(built())
    assert trace.jumps == [[sum(len(b) + 4 for b in bodies[:20]) + 4]]


def test_wrap_in_each_of_two_data_sets() -> None:
    bodies = single(built().ctes)
    trace = trace_of(rdw(wrapped(bodies[0::2])), rdw(wrapped(bodies[1::2])))
    assert rows(trace) == in_time(built())
    assert [len(j) for j in trace.jumps] == [1, 1]


def test_small_disorder_is_no_wrap() -> None:
    ctes = list(built("tcp-loss-client").ctes)
    dice = random.Random(3)
    for at in range(0, len(ctes) - 6, 6):
        part = ctes[at : at + 6]
        dice.shuffle(part)
        ctes[at : at + 6] = part
    trace = trace_of(rdw(single(ctes)), buffer=4096)
    assert rows(trace) == in_time(built("tcp-loss-client"))
    assert trace.jumps == [[]]


def test_no_order_at_all() -> None:
    """More runs than are merged: sorted by an index of times."""
    bodies = single(built().ctes * 1)
    random.Random(9).shuffle(bodies)
    trace = trace_of(rdw(bodies[:45]), rdw(bodies[45:]), buffer=2048)
    assert rows(trace) == in_time(built())


def test_nowrap_data_set_that_ran_full() -> None:
    """Writing stopped in the middle of an entry; the record itself is whole."""
    stream = b"".join(built().ctes)
    full = stream[:9000]
    bodies = [full[at : at + 1000] for at in range(0, len(full), 1000)]
    trace = trace_of(rdw(bodies))
    there = [i for i in built().items if all(c in full for c in i.ctes)]
    assert rows(trace) == expected(there)
    assert troubled(trace)


SMALL = 400


def segmented() -> Wrapped:
    return built("tcp-loss-client", SMALL)


def test_segments_are_rejoined() -> None:
    trace = trace_of(rdw(single(segmented().ctes)))
    assert sorted(rows(trace)) == sorted(expected(segmented().items))
    assert trace.counts.segmented == sum(len(i.ctes) for i in segmented().items if len(i.ctes) > 1)
    assert trace.counts.segments_lost == 0


@pytest.mark.parametrize("count", [2, 3])
def test_segments_in_different_data_sets(count: int) -> None:
    bodies = single(segmented().ctes)
    trace = trace_of(*(rdw(bodies[k::count]) for k in range(count)))
    assert sorted(rows(trace)) == sorted(expected(segmented().items))
    assert trace.counts.segments_lost == 0


@pytest.mark.parametrize("buffer", [600, 1500, 5000])
def test_segments_in_different_batches(buffer: int) -> None:
    trace = trace_of(rdw(single(segmented().ctes)), buffer=buffer)
    assert sorted(rows(trace)) == sorted(expected(segmented().items))


@pytest.mark.parametrize("which", [0, 1, -1])
def test_one_segment_is_missing(which: int) -> None:
    victim = next(i for i in segmented().items if len(i.ctes) >= 3)
    gone = victim.ctes[which]
    trace = trace_of(rdw(single([c for c in segmented().ctes if c is not gone])))
    found = rows(trace)
    others = expected(i for i in segmented().items if i is not victim)
    assert set(others) <= set(found)
    assert trace.counts.segments_lost >= 1
    assert trace.counts.incomplete >= 1
    if which:
        # What is there of the packet, up to the missing segment, is listed.
        parts = {0: 0, 1: SMALL, -1: SMALL * (len(victim.ctes) - 1)}
        assert victim.packet[: parts[which]] in {r.packet for r in found}


def test_an_orphan_segment_is_listed_and_counted() -> None:
    victim = next(i for i in segmented().items if len(i.ctes) >= 2)
    trace = trace_of(rdw(single([*built().ctes[:3], victim.ctes[1]])))
    tables = list(trace.tables())
    states = [int(s) for t in tables for s in t.state]
    assert states.count(State.INCOMPLETE) == 1
    assert trace.counts.segments_lost == 1


def test_more_than_255_segments() -> None:
    from encoder import data_records

    data = bytes(range(256)) * 12
    ctes = data_records(data, time_us=1_700_000_000_000_000, max_segment=10)
    assert len(ctes) == 308
    (row,) = rows(trace_of(rdw(single(ctes))))
    assert row.packet == data


def test_gzip_and_zip_are_unpacked_on_the_way(tmp_path: Path, zjobs) -> None:
    data = rdw(packed(built().ctes, length=24))
    plain = write(tmp_path / "trace", data)
    packed_by_gzip = write(tmp_path / "trace.gz", gzip.compress(data))
    archive = tmp_path / "trace.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("trcout01", rdw(packed(built().ctes[0::2], length=24)))
        target.writestr("folder/trcout02", rdw(packed(built().ctes[1::2], length=24)))
    wanted = lines(zjobs("format", "--summary", plain))
    assert len(wanted) > 90
    assert lines(zjobs("format", "--summary", packed_by_gzip)) == wanted
    assert lines(zjobs("format", "--summary", archive)) == wanted


def lines(run) -> list[str]:
    assert (run.code, run.err) == (0, "")
    return [line for line in run.text.splitlines() if "FILE(" not in line and "COMP(" not in line]


def test_a_gzip_that_is_cut_yields_what_it_held(tmp_path: Path, zjobs) -> None:
    data = gzip.compress(rdw(single(built().ctes)))
    path = write(tmp_path / "cut.gz", data[: len(data) * 2 // 3])
    run = zjobs("format", "--summary", path)
    assert run.code == 4
    assert "ZJB0105W" in run.err


def archive_of(data: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as target:
        target.writestr("trcout01", data)
    return held.getvalue()


def with_changed(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]


def with_wrong_sum(archive: bytes, field: int) -> bytes:
    """The directory of an archive is believed: its CRC is at 16, the size unpacked at 24."""
    return with_changed(archive, archive.index(b"PK\x01\x02") + field)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda data: with_changed(gzip.compress(data), -8), "check sum is wrong"),
        (lambda data: with_changed(gzip.compress(data), -4), "length is wrong"),
        (lambda data: gzip.compress(data)[:-1], "end too early"),
        (lambda data: gzip.compress(data)[:-8], "end too early"),
        (lambda data: gzip.compress(data) + b"rubbish", "is left out"),
        (lambda data: gzip.compress(data) + b"r", "is left out"),
        (lambda data: with_wrong_sum(archive_of(data), 16), "check sum is wrong"),
        (lambda data: with_wrong_sum(archive_of(data, zipfile.ZIP_STORED), 16), "check sum is wrong"),
        (lambda data: with_wrong_sum(archive_of(data, zipfile.ZIP_LZMA), 16), "check sum is wrong"),
        (lambda data: with_wrong_sum(archive_of(data), 24), "length is wrong"),
    ],
)
def test_what_is_wrong_behind_packed_data_costs_none_of_them(tmp_path: Path, zjobs, change, told: str) -> None:
    data = rdw(single(built().ctes))
    wanted = lines(zjobs("format", "--summary", write(tmp_path / "trace", data)))
    run = zjobs("format", "--summary", write(tmp_path / "packed", change(data)))
    assert run.code == 4
    (line,) = run.err.splitlines()
    assert line.startswith("ZJB0121W") and f"at offset {len(data)} " in line and told in line
    assert [ln for ln in run.text.splitlines() if "FILE(" not in ln and "COMP(" not in ln] == wanted
    inspected = zjobs("inspect", tmp_path / "packed")
    assert inspected.code == 4
    assert "1 source damaged in packed form" in inspected.err
    assert f"at offset {len(data):,} of what it holds: " in inspected.text


def test_a_wrong_sum_between_two_gzip_members_does_not_cost_the_second(tmp_path: Path, zjobs) -> None:
    data = rdw(single(built().ctes))
    first, second = data[:1000], data[1000:]
    wanted = lines(zjobs("format", "--summary", write(tmp_path / "trace", data)))
    for at, told in ((-8, "check sum"), (-4, "length")):
        packed_twice = with_changed(gzip.compress(first), at) + bytes(5) + gzip.compress(second)
        run = zjobs("format", "--summary", write(tmp_path / "two.gz", packed_twice))
        assert run.code == 4
        assert "ZJB0121W" in run.err and "at offset 1000 " in run.err and told in run.err
        assert [ln for ln in run.text.splitlines() if "FILE(" not in ln and "COMP(" not in ln] == wanted


@pytest.mark.parametrize("packer", [gzip.compress, archive_of])
def test_everything_before_a_change_in_packed_data_is_read(tmp_path: Path, packer) -> None:
    # Bytes that hardly pack, so that many places precede the change.
    data = b"".join(hashlib.sha256(bytes([i, k])).digest() for i in range(250) for k in range(40)) + bytes(300)
    whole = packer(data)
    for at in (len(whole) // 3, len(whole) // 2):
        (origin,) = from_path(write(tmp_path / "packed", whole[:at] + bytes(64) + whole[at + 64 :]))
        with origin.open() as stream:
            found = bytearray(len(data) + 10)
            got = origin.read(stream, memoryview(found))
        (place,) = origin.broken
        # A change may be met late, but nothing in front of it may be lost.
        assert place == got
        assert data[: at - 500] == found[: at - 500]


@pytest.mark.parametrize("kind", ["pcap", "pcapng", "rdw"])
def test_a_gzip_that_is_cut_at_a_record_border_warns(tmp_path: Path, zjobs, kind: str) -> None:
    if kind == "rdw":
        data = rdw(single(built().ctes))
    else:
        capture = next(p for p in own_files() if p.stem == "ftp-hang")
        if kind == "pcapng":
            zjobs("export", capture, "--as", "pcapng", "--out", tmp_path / "capture.pcapng")
            capture = tmp_path / "capture.pcapng"
        data = capture.read_bytes()
    packer = zlib.compressobj(wbits=31)
    # A full flush ends a block at a byte: everything in front of it can be unpacked.
    cut = packer.compress(data) + packer.flush(zlib.Z_FULL_FLUSH)
    run = zjobs("format", "--summary", write(tmp_path / "cut.gz", cut))
    assert run.code == 4
    assert run.err.startswith("ZJB0121W")
    assert f"at offset {len(data)} of what it holds: the packed data end too early" in run.err


def test_a_packed_source_that_cannot_be_unpacked_is_told(tmp_path: Path, zjobs) -> None:
    archive = tmp_path / "locked.zip"
    with zipfile.ZipFile(archive, "w") as target:
        target.writestr("trcout01", rdw(single(built().ctes)))
    data = archive.read_bytes()
    central = data.index(b"PK\x01\x02")
    flagged = bytearray(data)
    flagged[6] |= 1
    flagged[central + 8] |= 1
    locked = zjobs("format", write(tmp_path / "locked.zip", bytes(flagged)))
    assert (locked.code, locked.err[:8]) == (8, "ZJB0101E")
    assert "encrypted" in locked.err
    torn = zjobs("format", write(tmp_path / "torn.zip", data[:central]))
    assert (torn.code, torn.err[:8]) == (8, "ZJB0101E")
    packed_by_gzip = bytearray(gzip.compress(bytes(range(256)) * 300))
    packed_by_gzip[20:40] = bytes(20)
    damaged = zjobs("format", write(tmp_path / "damaged.gz", bytes(packed_by_gzip)))
    assert (damaged.code, damaged.err[:8]) == (8, "ZJB0101E")


def test_standard_input(zjobs, zjobs_process, tmp_path: Path) -> None:
    data = rdw(single(built().ctes))
    path = write(tmp_path / "trace", data)
    wanted = lines(zjobs("format", "--summary", path))
    for run in (zjobs("format", "--summary", "-", stdin=data), zjobs_process("format", "--summary", "-", stdin=data)):
        assert lines(run) == wanted
    packed_on_the_way = io.BytesIO()
    with zipfile.ZipFile(packed_on_the_way, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("trcout01", data)
    for held in (gzip.compress(data), packed_on_the_way.getvalue()):
        assert lines(zjobs("format", "--summary", "-", stdin=held)) == wanted
    refused = zjobs("format", "-", stdin=b"")
    assert (refused.code, refused.err[:8]) == (8, "ZJB0102E")


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files are looked up in /proc")
def test_standard_input_leaves_nothing_behind_when_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "zjobs", "format", "--summary", "-"]
    path = os.pathsep.join(filter(None, [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]))
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": path}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, env=environment) as process:
        assert process.stdin is not None
        process.stdin.write(rdw(single(built().ctes)))
        process.stdin.flush()
        opened = Path(f"/proc/{process.pid}/fd")
        end = time.monotonic() + 20
        while not any(str(tmp_path) in str(fd.readlink()) for fd in opened.iterdir() if fd.is_symlink()):
            assert time.monotonic() < end
            time.sleep(0.02)
        process.kill()
    assert list(tmp_path.iterdir()) == []


def test_messages_of_wraps_and_duplicates(tmp_path: Path, zjobs) -> None:
    bodies = single(built().ctes)
    first = write(tmp_path / "one", rdw(wrapped(bodies)))
    second = write(tmp_path / "two", rdw(bodies[:10]))
    run = zjobs("format", "--summary", first, second)
    assert run.code == 4
    assert sorted(line[:8] for line in run.err.splitlines()) == ["ZJB0108W", "ZJB0111I"]


def test_an_empty_data_set_among_several_is_told(tmp_path: Path, zjobs) -> None:
    full, empty = write(tmp_path / "one", rdw(single(built().ctes))), write(tmp_path / "two", b"")
    run = zjobs("format", "--summary", full, empty)
    assert (run.code, run.err) == (0, f"ZJB0119I source {empty} is empty; the other sources are read\n")


def test_pcap_and_trace_merge(tmp_path: Path) -> None:
    capture = next(p for p in own_files() if p.stem == "ftp-hang").read_bytes()
    trace = trace_of(rdw(single(built().ctes)), capture)
    tables = list(trace.tables())
    times = [int(t) for table in tables for t in table.time_ns]
    assert times == sorted(times)
    assert len(times) == 2 * len(built().items)


def test_reading_a_stream_twice_gives_the_same() -> None:
    trace = trace_of(rdw(single(built().ctes)))
    assert rows(trace) == rows(trace)
