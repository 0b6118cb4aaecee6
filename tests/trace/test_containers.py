"""Every container the encoder builds is read back: bytes, times, lengths, directions, interfaces and counts."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from encoder import BODIES, CONTAINERS, DATA_SETS, LOSSY, Wrapped, data_records, old_record, smc_records, wrap_pcap
from encoder.containers import packed, prefix, rdw, single
from readings import expected, own_files, rows, shared_files, trace_of, troubled

from zjobs.errors import DataError
from zjobs.trace.table import State
from zjobs.wire.link import Link

pytestmark = pytest.mark.s390x


@cache
def wrapped(path: Path) -> Wrapped:
    return wrap_pcap(path, limit=2000)


def assert_read_back(built: Wrapped, *sources: bytes | list[bytes], whole: bool) -> None:
    if not whole and not any(c in s for s in sources for c in built.ctes):
        with pytest.raises(DataError):
            trace_of(*sources)
        return
    trace = trace_of(*sources)
    found = rows(trace)
    if whole:
        assert sorted(found) == sorted(expected(built.items))
        assert trace.counts.processed == len(built.ctes)
        assert trace.counts.segments_lost == trace.counts.incomplete == trace.counts.invalid == 0
    else:
        # What can be found is what is still in one piece.
        assert all(isinstance(s, bytes) for s in sources)
        there = [i for i in built.items if all(any(c in s for s in sources) for c in i.ctes)]
        assert set(expected(there)) <= set(found)
        assert len(there) == len(built.items) or troubled(trace)


@pytest.mark.parametrize("name", CONTAINERS)
def test_every_capture_in_every_container(name: str, own_captures: list[Path]) -> None:
    for path in own_captures:
        built = wrapped(path)
        assert_read_back(built, CONTAINERS[name](built.ctes), whole=name not in LOSSY)


@pytest.mark.parametrize("name", DATA_SETS)
def test_every_capture_spread_over_data_sets(name: str, own_captures: list[Path]) -> None:
    for path in own_captures:
        built = wrapped(path)
        assert_read_back(built, *DATA_SETS[name](built.ctes), whole=True)


@pytest.mark.parametrize("name", BODIES)
def test_every_capture_as_records_with_their_boundaries(name: str, own_captures: list[Path]) -> None:
    for path in own_captures:
        built = wrapped(path)
        assert_read_back(built, BODIES[name](built.ctes), whole=True)


@pytest.mark.parametrize("ordinal", range(max(1, len(shared_files()))))
def test_shared_captures_in_turning_containers(ordinal: int, shared_captures: list[Path]) -> None:
    built = wrapped(shared_captures[ordinal])
    if not built.items:
        pytest.skip("neither IP nor Ethernet in it")
    names = list(CONTAINERS)
    for step in (0, 11):
        name = names[(ordinal + step) % len(names)]
        assert_read_back(built, CONTAINERS[name](built.ctes), whole=name not in LOSSY)
    name = list(DATA_SETS)[ordinal % len(DATA_SETS)]
    assert_read_back(built, *DATA_SETS[name](built.ctes), whole=True)


@pytest.mark.parametrize("buffer", [1 << 10, 1 << 12, 70_001])
@pytest.mark.parametrize(
    "name", ["bare", "rdw-single", "bdw-sliced-prefix24", "vbs-packed-prefix24", "length4-single", "2cutc"]
)
def test_small_buffers_change_nothing(name: str, buffer: int, own_captures: list[Path]) -> None:
    built = wrapped(next(p for p in own_captures if p.stem == "ftp-hang"))
    trace = trace_of(CONTAINERS[name](built.ctes), buffer=buffer)
    assert sorted(rows(trace)) == sorted(expected(built.items))


def test_records_come_in_the_order_of_time_and_are_numbered(own_captures: list[Path]) -> None:
    built = wrapped(own_captures[0])
    trace = trace_of(*DATA_SETS["two-single"](built.ctes))
    times, numbers = [], []
    for table in trace.tables():
        times += table.time_ns.tolist()
        numbers += table.number.tolist()
    assert times == sorted(times)
    assert numbers == list(range(1, len(built.items) + 1))


@pytest.mark.parametrize("length", [8, 24, 40])
@pytest.mark.parametrize("frame", ["rdw", "bdw"])
def test_prefix_and_the_names_in_it_are_learned(length: int, frame: str, own_captures: list[Path]) -> None:
    built = wrapped(own_captures[0])
    trace = trace_of(CONTAINERS[f"{frame}-packed-prefix{length}"](built.ctes))
    container = trace.inputs[0].source.container  # type: ignore[attr-defined]
    assert (container.framing, container.prefix, container.straddle) == (frame, length, False)
    assert container.component == "SYSTCPDA"
    assert (container.subname, container.sysname) == (("", "") if length == 8 else ("TCPIP", "SYS1"))


def test_a_constant_prefix_of_no_name_is_no_name(own_captures: list[Path]) -> None:
    built = wrapped(own_captures[0])
    bodies = [bytes(range(0x81, 0x81 + 12)) + body for body in single(built.ctes)]
    container = trace_of(rdw(bodies)).inputs[0].source.container  # type: ignore[attr-defined]
    assert (container.prefix, container.component, container.subname, container.sysname) == (12, "", "", "")


def test_osaenta_prefix_names_the_component(own_captures: list[Path]) -> None:
    built = wrapped(next(p for p in own_captures if p.stem == "arp"))
    trace = trace_of(rdw(packed(built.ctes, length=24, component="SYSTCPOT")))
    assert trace.info.component == "SYSTCPOT"
    assert prefix(24, component="SYSTCPOT")(0)[:8] == "SYSTCPOT".encode("cp037")


@pytest.mark.parametrize("length", [64, 72, 88, 92])
def test_headers_of_older_releases(length: int, own_captures: list[Path]) -> None:
    """Fields behind a shorter header are absent; without PTH_Plen the traced length is all that is known."""
    built = wrap_pcap(next(p for p in own_captures if p.stem == "icmp"), header_len=length)
    found = rows(trace_of(rdw(single(built.ctes))))
    assert [(r.packet, r.time_us, r.direction) for r in found] == [
        (i.packet, i.time_us, int(i.out)) for i in built.items
    ]
    if length >= 84:
        assert [r.original for r in found] == [i.orig_len for i in built.items]


def test_data_smc_and_old_entries() -> None:
    time_us = 1_708_518_896_789_009
    built = wrapped(next(p for p in own_files() if p.stem == "icmp"))
    packet = next(i.packet for i in built.items if i.fmtid == 4)
    ctes = [
        *data_records(b"USER anonymous\r\n", time_us=time_us, jobname="FTPD1", out=True),
        *data_records(b"", time_us=time_us + 10, jobname="FTPD1", state=8),
        *smc_records(b"\x01" + bytes(43), time_us=time_us + 20),
        *smc_records(b"\x01" + bytes(43), time_us=time_us + 30, extension_counted=False),
        old_record(packet, time_us=time_us + 40),
    ]
    tables = list(trace_of(rdw(single(ctes))).tables())
    assert len(tables) == 1
    table = tables[0]
    assert table.fmtid.tolist() == [5, 5, 8, 8, 1]
    names = [table.interface_names()[i] for i in table.interface]
    assert names == ["FTPD1", "FTPD1", "EZARIUT10001", "EZARIUT10001", ""]
    data = [bytes(table.buf[s:e]) for s, e in zip(table.data_start, table.data_end, strict=True)]
    assert data == [b"USER anonymous\r\n", b"", b"\x01" + bytes(43), b"\x01" + bytes(43), packet]
    assert table.link.tolist() == [Link.DATA, Link.DATA, Link.SMC, Link.SMC, Link.IP]
    assert table.state.tolist() == [0, 0, 0, 0, State.OLD_HEADER]
    assert table.direction.tolist() == [1, 0, 0, 0, 2]
    assert table.time_ns[4] == (time_us + 40) * 1000
