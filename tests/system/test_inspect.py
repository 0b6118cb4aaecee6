"""`zjobs inspect`: every loss that was made is told, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from encoder import CONTAINERS, wrap_pcap
from encoder.containers import bdw, garbage_records, packed, rdw, single, wrapped
from encoder.records import packet_records
from readings import own_files, write

CAPTURE = next(p for p in own_files() if p.stem == "ftp-hang")
BUILT = wrap_pcap(CAPTURE)


def facts(zjobs, *arguments: object) -> dict:
    run = zjobs("inspect", *arguments, "--as", "json")
    found = json.loads(run.text)
    assert run.code == (0 if found["verdict"]["id"].endswith("I") else 4)
    lines = run.err.splitlines()
    assert lines[-1:] == ([found["verdict"]["text"]] if run.code else [])
    assert [line[:8] for line in lines[:-1]] == ["ZJB0112W"] * len(found["counter_gaps"])
    return found


def test_the_report_of_a_whole_trace(tmp_path: Path, zjobs) -> None:
    path = write(tmp_path / "trace", CONTAINERS["rdw-packed-prefix24"](BUILT.ctes))
    run = zjobs("inspect", path)
    assert (run.code, run.err) == (0, "")
    assert (
        run.text
        == f"""\
{path}  (27,994 bytes)
  Container     RDW records, prefix of 24 bytes
  Names         component SYSTCPDA, sub-name TCPIP, system SYS1
  Entries       90: 88 PACKET (4), 2 OSAENTA (7)
  Put in buffer 2026-11-23 02:42:06.400348 to 02:42:40.539696 UTC (34.139 s)
  Captured      2026-11-23 02:42:06.400345 to 02:42:40.539693 UTC (34.139 s)
  Order         in order of time
  Damage        none

Trace
  Records       90
  Lost          no gap in the trace counter
  Abbreviated   none
  Problems      none
  Interfaces    ETH1                37 in           51 out
                EZANTAOSA1           2 in            0 out

ZJB0701I the trace can be trusted: 90 records, nothing damaged, nothing lost
"""
    )


def test_verbose_marks_what_is_inferred(tmp_path: Path, zjobs) -> None:
    path = write(tmp_path / "trace", rdw(single(BUILT.ctes)))
    plain, verbose = zjobs("inspect", path), zjobs("-v", "inspect", path)
    assert "inferred" not in plain.text
    assert "  Trace count   offset 68, 4 bytes, inferred\n" in verbose.text


def test_lost_records_are_counted_by_the_trace_counter(tmp_path: Path, zjobs) -> None:
    kept = BUILT.ctes[:20] + BUILT.ctes[25:60] + BUILT.ctes[61:]
    found = facts(zjobs, write(tmp_path / "trace", rdw(single(kept))))
    assert found["records"] == len(kept)
    assert [(g["gaps"], g["lost"]) for g in found["counter_gaps"]] == [(2, 6)]
    assert found["verdict"]["id"] == "ZJB0702W"
    assert "about 6 records lost" in found["verdict"]["text"]


def test_a_counter_for_each_interface(tmp_path: Path, zjobs) -> None:
    packet = next(i.packet for i in BUILT.items if i.fmtid == 4)
    ctes = []
    for number in range(1, 31):
        for name in ("ETH1", "OSA2"):
            if (name, number) not in (("OSA2", 7), ("OSA2", 8)):
                ctes += packet_records(
                    packet, time_us=1_700_000_000_000_000 + number * 10, interface=name, count=number
                )
    found = facts(zjobs, write(tmp_path / "trace", rdw(single(ctes))))
    assert found["counter_gaps"] in ([], [{"interface": "OSA2", "gaps": 1, "lost": 2}])
    assert {(i["name"], i["in"]) for i in found["interfaces"]} == {("ETH1", 30), ("OSA2", 28)}


def test_wrap_is_told_and_the_end_is_still_seen(tmp_path: Path, zjobs) -> None:
    data = rdw(wrapped(single(BUILT.ctes)))
    found = facts(zjobs, write(tmp_path / "trace", data))["sources"][0]
    newest = sum(len(c) + 4 for c in BUILT.ctes[len(BUILT.ctes) - len(BUILT.ctes) // 3 :])
    assert found["runs"] == 2
    assert found["jumps"] == [newest + 4]
    cut = facts(zjobs, write(tmp_path / "cut", data[:-10]))
    source = cut["sources"][0]
    assert source["truncated"]["available"] == source["truncated"]["needed"] - 10
    assert source["damaged"] == 0
    assert "1 source cut short" in cut["verdict"]["text"]


def test_damage_control_records_and_duplicates(tmp_path: Path, zjobs) -> None:
    data = bytearray(rdw(garbage_records(single(BUILT.ctes))))
    at = data.find(BUILT.ctes[10])
    data[at + len(BUILT.ctes[10]) - 1] ^= 1
    damaged = write(tmp_path / "damaged", bytes(data))
    again = write(tmp_path / "again", bdw(single(BUILT.ctes[:20])))
    found = facts(zjobs, damaged, again)
    first = found["sources"][0]
    assert (first["damaged"], first["first_damage"]["offset"], first["skipped_bytes"]) == (1, at, len(BUILT.ctes[10]))
    assert first["control_records"] == len(BUILT.ctes) // 2
    # The damaged one of the twenty is whole in the other data set.
    assert (found["duplicates"], found["records"]) == (19, len(BUILT.ctes))


def test_segments_lost_and_complete(tmp_path: Path, zjobs) -> None:
    large = next(p for p in own_files() if p.stem == "tcp-loss-client")
    built = wrap_pcap(large, max_segment=400)
    whole = facts(zjobs, write(tmp_path / "whole", rdw(single(built.ctes))))
    sets = [i for i in built.items if len(i.ctes) > 1]
    assert whole["segments"] == {"read": sum(len(i.ctes) for i in sets), "lost": 0, "incomplete_packets": 0}
    assert whole["verdict"]["id"] == "ZJB0701I"
    kept = [c for c in built.ctes if c is not sets[3].ctes[1]]
    lost = facts(zjobs, write(tmp_path / "lost", rdw(single(kept))))
    assert lost["segments"]["incomplete_packets"] == 1
    assert lost["segments"]["lost"] >= 1
    assert lost["records"] == len(built.items)


def test_abbreviated_packets_are_counted_and_no_damage(tmp_path: Path, zjobs) -> None:
    ctes = []
    for n, item in enumerate(i for i in BUILT.items if i.fmtid == 4 and len(i.packet) > 64):
        ctes += packet_records(item.packet[:60], time_us=item.time_us, orig_len=len(item.packet), count=n + 1)
    found = facts(zjobs, write(tmp_path / "trace", rdw(single(ctes))))
    assert found["abbreviated"] == len(ctes)
    assert (found["problems"], found["verdict"]["id"]) == ([], "ZJB0701I")


def test_problems_are_counted_by_layer(tmp_path: Path, zjobs) -> None:
    item = next(i for i in BUILT.items if i.fmtid == 4 and i.packet[9] == 6)
    bad = item.packet[:20] + item.packet[20:32] + b"\x00" + item.packet[33:]
    ctes = [c for n in range(3) for c in packet_records(bad, time_us=item.time_us + n, count=n + 1)]
    found = facts(zjobs, write(tmp_path / "trace", rdw(single(ctes))))
    assert {p["layer"] for p in found["problems"]} == {"tcp"}
    assert sum(p["count"] for p in found["problems"]) == 3


def test_an_empty_data_set_among_others(tmp_path: Path, zjobs) -> None:
    full = write(tmp_path / "trcout01", rdw(single(BUILT.ctes)))
    empty = write(tmp_path / "trcout02", b"")
    found = facts(zjobs, full, empty)
    assert (found["empty"], found["verdict"]["id"]) == ([str(empty)], "ZJB0701I")
    assert f"{empty}\n  Container     empty\n" in zjobs("inspect", full, empty).text


@pytest.mark.parametrize("path", own_files(), ids=lambda p: p.stem)
def test_own_captures_can_be_trusted(path: Path, zjobs) -> None:
    found = facts(zjobs, path)
    assert found["verdict"]["id"] == "ZJB0701I"


def test_mostly_ruined_is_not_usable(tmp_path: Path, zjobs) -> None:
    data = rdw(packed(BUILT.ctes)) + bytes(range(1, 256)) * 400
    found = facts(zjobs, write(tmp_path / "trace", data))
    assert found["verdict"]["id"] == "ZJB0703W"


def test_the_report_goes_to_a_file(tmp_path: Path, zjobs) -> None:
    path = write(tmp_path / "trace", rdw(single(BUILT.ctes)))
    out = tmp_path / "report"
    run = zjobs("inspect", path, "--out", out)
    assert (run.code, run.text) == (0, "")
    assert out.read_text(encoding="ascii").endswith(run.err)
    assert run.err.startswith("ZJB0701I ")
