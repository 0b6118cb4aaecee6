"""tshark finds in an exported pcapng file the packets that were in the trace, with their lengths and times."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import witness
from encoder import CONTAINERS, wrap_pcap

from zjobs.cli import run

OWN = sorted((Path(__file__).parents[1] / "captures").glob("*.pcap"))
FIELDS = ("frame.number", "frame.time_epoch", "frame.len", "frame.cap_len", "frame.interface_name",
          "frame.packet_flags_direction", "ip.id", "ip.src", "tcp.seq_raw", "udp.checksum", "arp.opcode")  # fmt: skip

pytestmark = pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")


def export(source: Path, target: Path, *options: str) -> int:
    return run(["--host", "files", "export", str(source), "--as", "pcapng", "--out", str(target), *options])


@pytest.mark.parametrize("capture", OWN[::3], ids=lambda c: c.name)
def test_wrapped_packets_come_out(capture: Path, tmp_path: Path) -> None:
    wrapped = wrap_pcap(capture)
    trace, target = tmp_path / "trace", tmp_path / "out.pcapng"
    trace.write_bytes(CONTAINERS["rdw-packed-prefix24"](wrapped.ctes))
    assert export(trace, target) == 0
    found = witness.read(target, FIELDS)
    original = witness.read(capture, FIELDS)
    assert len(found) == len(wrapped.items)
    for packet, item in zip(found, wrapped.items, strict=True):
        before = original[item.number - 1]
        assert packet["frame.time_epoch"] == [f"{item.time_us // 1_000_000}.{item.time_us % 1_000_000:06}"]
        assert (packet["frame.len"], packet["frame.cap_len"]) == ([item.orig_len], [len(item.packet)])
        assert packet["frame.packet_flags_direction"] == [2 if item.out else 1]
        assert {name: packet.get(name) for name in FIELDS[6:]} == {name: before.get(name) for name in FIELDS[6:]}


def test_capinfos_accepts_the_file(tmp_path: Path) -> None:
    target = tmp_path / "out.pcapng"
    assert export(OWN[0], target) == 0
    told = subprocess.run(["capinfos", "-M", str(target)], capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    assert "pcapng" in told.stdout


def test_a_file_read_and_written_keeps_every_field(tmp_path: Path) -> None:
    capture = OWN[-1]
    target = tmp_path / "again.pcapng"
    assert export(capture, target) == 0
    assert witness.read(target) == witness.read(capture)
