"""Exports: JSON lines and pcapng from literal bytes, and how the command behaves."""

from __future__ import annotations

import io
import json
import struct
import sys
from pathlib import Path

import pytest

from zjobs.cli import run
from zjobs.exports import jsonl, pcapng
from zjobs.jobs.reading import open_trace
from zjobs.options import Global

sys.path.insert(0, str(Path(__file__).parents[1]))
from encoder import CONTAINERS, data_records, frame_records, lost_record, old_record, packet_records, smc_records

# RFC 791 header of 20 bytes, UDP (RFC 768) from port 2053 to 1024 without a checksum, four bytes of data.
UDP = bytes.fromhex("450000200001000040117cc8c000020a0a00000108050400000c000001020304")
TIME_US = 1_700_000_000_123_456


def pcap(path: Path, frames: list[bytes], *, link: int = 101, ns: int = 0, original: int = 0) -> Path:
    data = struct.pack("<IHHiIII", 0xA1B23C4D if ns else 0xA1B2C3D4, 2, 4, 0, 0, 65535, link)
    for frame in frames:
        size = original or len(frame)
        data += struct.pack("<IIII", 1_700_000_000, ns or 123_456, len(frame), size) + frame
    path.write_bytes(data)
    return path


def packets(source: Path) -> list[dict[str, object]]:
    sink = io.BytesIO()
    count = jsonl.write(open_trace([str(source)], Global(host="files")), sink)
    found = [json.loads(line) for line in sink.getvalue().splitlines()]
    assert count == len(found)
    return found


def test_one_object_a_packet(tmp_path: Path) -> None:
    (packet,) = packets(pcap(tmp_path / "a.pcap", [UDP]))
    assert packet == {
        "frame.number": 1, "frame.time_epoch": "1700000000.123456", "frame.len": 32, "frame.cap_len": 32,
        "ip.version": 4, "ip.dsfield": 0, "ip.dsfield.dscp": 0, "ip.dsfield.ecn": 0, "ip.id": 1,
        "ip.flags.rb": False, "ip.flags.df": False, "ip.flags.mf": False, "ip.frag_offset": 0, "ip.ttl": 64,
        "ip.proto": 17, "ip.checksum": 0x7CC8, "ip.src": "192.0.2.10", "ip.hdr_len": 20, "ip.len": 32, "ip.flags": 0,
        "ip.checksum.status": packet["ip.checksum.status"], "ip.dst": "10.0.0.1", "udp.srcport": 2053,
        "udp.dstport": 1024, "udp.length": 12, "udp.checksum": 0, "udp.checksum.status": 3, "udp.stream": 0,
    }  # fmt: skip


def test_a_tunnel_makes_lists_and_lone_fields_stay_alone(tmp_path: Path) -> None:
    outer = bytes.fromhex("4500003400020000400400000a0000010a000002")
    (packet,) = packets(pcap(tmp_path / "a.pcap", [outer + UDP]))
    assert packet["ip.src"] == ["10.0.0.1", "192.0.2.10"]
    assert packet["ip.proto"] == [4, 17]
    assert packet["udp.dstport"] == 1024


def test_every_cut_is_valid_json(tmp_path: Path) -> None:
    for size in range(1, len(UDP)):
        (packet,) = packets(pcap(tmp_path / "a.pcap", [UDP[:size]], original=len(UDP)))
        assert (packet["frame.len"], packet["frame.cap_len"]) == (32, size)
        assert ("ip.dst" in packet) == (size >= 20)


def trace(path: Path, ctes: list[bytes]) -> Path:
    path.write_bytes(CONTAINERS["rdw-packed-prefix24"](ctes))
    return path


def test_what_only_the_trace_knows(tmp_path: Path) -> None:
    ctes = packet_records(UDP, time_us=TIME_US, interface="ETH1", out=True, count=7, orig_len=100)
    (packet,) = packets(trace(tmp_path / "t", ctes))
    expected = {
        "zos.component": "SYSTCPDA", "zos.sysname": "SYS1", "zos.entry_id": 4, "zos.interface": "ETH1",
        "zos.direction": "out", "zos.count": 7, "zos.abbreviated": True, "frame.len": 100, "frame.cap_len": 32,
        "frame.time_epoch": "1700000000.123456",
    }  # fmt: skip
    assert {name: packet.get(name) for name in expected} == expected


def test_times_before_1970_keep_their_sign() -> None:
    import numpy as np

    from zjobs.trace.facts import seconds

    found = seconds(np.array([-1_500_000_000, -500_000_000, 0, 1_000_001_000], dtype=np.int64)).texts()
    assert found == ['"-1.500000"', '"-0.500000"', '"0.000000"', '"1.000001"']


def blocks(data: bytes) -> list[tuple[int, bytes]]:
    found, at = [], 0
    while at < len(data):
        kind, size = struct.unpack_from("<II", data, at)
        assert size % 4 == 0
        assert struct.unpack_from("<I", data, at + size - 4) == (size,)
        found.append((kind, data[at + 8 : at + size - 4]))
        at += size
    return found


def test_pcapng_block_by_block(tmp_path: Path) -> None:
    ctes = packet_records(UDP, time_us=TIME_US, interface="ETH1", out=True, count=7, orig_len=100)
    sink = io.BytesIO()
    assert pcapng.write(open_trace([str(trace(tmp_path / "t", ctes))], Global(host="files")), sink) == 1
    section, interface, packet = blocks(sink.getvalue())
    assert (section[0], section[1][:4]) == (0x0A0D0D0A, b"\x4d\x3c\x2b\x1a")
    assert b"zjobs" in section[1]
    # LINKTYPE_RAW; if_name ETH1; if_tsresol 6, because every time is a whole microsecond.
    assert interface == (1, struct.pack("<HHI", 101, 0, 0) + b"\2\0\4\0ETH1" + b"\x09\0\1\0\6\0\0\0" + bytes(4))
    head = struct.pack("<IIIII", 0, TIME_US >> 32, TIME_US & 0xFFFFFFFF, 32, 100)
    assert packet[0] == 6
    # epb_flags: outbound is 2.
    assert packet[1].startswith(head + UDP + b"\2\0\4\0\2\0\0\0")
    assert b"z/OS record 1: SYS1 SYSTCPDA" in packet[1]


def test_pcapng_keeps_nanoseconds_where_there_are_any(tmp_path: Path) -> None:
    sink = io.BytesIO()
    pcapng.write(open_trace([str(pcap(tmp_path / "a.pcap", [UDP], ns=123_456_789))], Global(host="files")), sink)
    _, interface, packet = blocks(sink.getvalue())
    assert b"\x09\0\1\0\x09" in interface[1]
    high, low = struct.unpack_from("<II", packet[1], 4)
    assert high << 32 | low == 1_700_000_000_123_456_789


def export(source: Path, kind: str, target: Path | str, *options: str) -> int:
    return run(["--host", "files", "export", str(source), "--as", kind, "--out", str(target), *options])


def test_records_without_packet_are_left_out_and_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ctes = packet_records(UDP, time_us=TIME_US, count=1) + data_records(b"USER demo", time_us=TIME_US + 1, count=2)
    source = trace(tmp_path / "t", ctes)
    assert export(source, "pcapng", tmp_path / "o") == 4
    assert "ZJB0353W 1 record was left out, without a packet" in capsys.readouterr().err
    assert export(source, "jsonl", tmp_path / "o") == 0
    assert len((tmp_path / "o").read_text("ascii").splitlines()) == 2


def test_records_of_every_kind_are_lines(tmp_path: Path) -> None:
    ctes = [
        *data_records(b"USER demo", time_us=TIME_US, count=1, jobname="FTPD1", src="192.0.2.10", dport=21),
        *smc_records(bytes(44), time_us=TIME_US + 1, count=2),
        old_record(UDP, time_us=TIME_US + 2),
        lost_record(time_us=TIME_US + 3),
        *frame_records(bytes.fromhex("ffffffffffff0200000000010806") + bytes(28), time_us=TIME_US + 4, count=3),
    ]
    found = {packet["zos.entry_id"]: packet for packet in packets(trace(tmp_path / "t", ctes))}
    expected = {
        "zos.entry_id": 5, "zos.jobname": "FTPD1", "zos.src": "192.0.2.10", "zos.srcport": 1025, "zos.dstport": 21,
        "frame.cap_len": 9, "zos.cid": 0x58, "zos.domain": 2, "zos.socket_type": 1, "zos.protocol": 6, "zos.state": 0,
    }  # fmt: skip
    assert {name: found[5].get(name) for name in expected} == expected
    # A socket has no device, and a frame no socket.
    assert not [name for name in found[5] if name.startswith("zos.device")]
    assert found[7]["zos.device_type"] and "zos.cid" not in found[7]
    assert {5, 8, 7} < set(found)
    assert found[7]["arp.opcode"] == 0


def test_unknown_formats_name_the_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert export(pcap(tmp_path / "a.pcap", [UDP]), "xml", tmp_path / "o") == 8
    told = capsys.readouterr().err
    assert told.startswith("ZJB0351E")
    assert "jsonl, pcapng" in told.replace("csv, ", "").replace("parquet, ", "")
    assert not (tmp_path / "o").exists()


def test_a_failed_export_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = pcap(tmp_path / "a.pcap", [UDP])
    (tmp_path / "o").write_text("old")

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(jsonl, "write", full)
    assert export(source, "jsonl", tmp_path / "o") == 8
    assert "No space left" in capsys.readouterr().err
    assert (tmp_path / "o").read_text() == "old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.pcap", "o"]
    assert export(source, "jsonl", tmp_path / "none" / "o") == 8


def test_a_data_set_is_no_target(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert export(pcap(tmp_path / "a.pcap", [UDP]), "jsonl", "//'USER.OUT'") == 8
    assert capsys.readouterr().err.startswith(("ZJB0303E", "ZJB0118E"))


def test_selection_by_options_time_and_number(tmp_path: Path) -> None:
    source = pcap(tmp_path / "a.pcap", [UDP] * 5)
    for options, count in (
        (("--limit", "2"), 2),
        (("--options", "TCP"), 0),
        (("--options", "UDP PORT(2053)"), 5),
        (("--start", "2023-11-14T22:13:21"), 0),
        (("--stop", "11/14/23,22.13.20.200000"), 5),
    ):
        export(source, "jsonl", tmp_path / "o", *options)
        assert len((tmp_path / "o").read_text("ascii").splitlines()) == count, options


@pytest.mark.parametrize("bad", [("--start", "yesterday"), ("--start", "2024-01-02", "--stop", "2024-01-01")])
def test_impossible_times_are_refused(bad: tuple[str, ...], tmp_path: Path) -> None:
    assert export(pcap(tmp_path / "a.pcap", [UDP]), "jsonl", tmp_path / "o", *bad) == 8
