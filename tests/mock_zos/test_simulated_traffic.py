"""Captures to replay: every form of file gives the same packets; what a reader makes of the data set agrees."""

import re
import shutil
import struct
import subprocess
from io import BytesIO
from pathlib import Path

import pytest
from test_simulated_filter import trace

from mock_zos import captures, records
from zjobs.jobs import format
from zjobs.jobs.reading import open_trace
from zjobs.options import Global

CAPTURES = Path(__file__).parents[1] / "captures"
FTP = CAPTURES / "ftp-passive.pcap"


def frames(path: Path) -> list[tuple[int, int, bytes]]:
    raw, at, found = path.read_bytes(), 24, []
    while at < len(raw):
        seconds, fraction, held, _ = struct.unpack_from("<IIII", raw, at)
        found.append((seconds, fraction, raw[at + 16 : at + 16 + held]))
        at += 16 + held
    return found


def pcap(path: Path, magic: int, link: int, order: str = "<", change=lambda frame: frame, scale: int = 1) -> Path:
    """The FTP capture in another form."""
    raw = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, link)
    for seconds, fraction, frame in frames(FTP):
        changed = change(frame)
        raw += struct.pack(order + "IIII", seconds, fraction * scale, len(changed), len(changed)) + changed
    path.write_bytes(raw)
    return path


def is_ip(frame: bytes) -> bool:
    return frame[12:14] in (b"\x08\x00", b"\x86\xdd")


def test_all_forms_give_the_same_packets(tmp_path):
    wanted = captures.read(FTP)
    assert len(wanted) == sum(is_ip(frame) for _, _, frame in frames(FTP))
    cooked = lambda frame: bytes(14) + frame[12:]  # noqa: E731
    tagged = lambda frame: frame[:12] + b"\x81\0\x20\x07" + frame[12:]  # noqa: E731
    bare = lambda frame: frame[14:] if is_ip(frame) else b"\0"  # noqa: E731
    for number, path in enumerate(
        [
            pcap(tmp_path / "big", 0xA1B2C3D4, 1, ">"),
            pcap(tmp_path / "nano", 0xA1B23C4D, 1, scale=1000),
            pcap(tmp_path / "cooked", 0xA1B2C3D4, 113, change=cooked),
            pcap(tmp_path / "raw", 0xA1B2C3D4, 101, change=bare),
            pcap(tmp_path / "tagged", 0xA1B2C3D4, 1, change=tagged),
        ]
    ):
        found = captures.read(path)
        assert [packet[:3] for packet in found] == [packet[:3] for packet in wanted], path
        assert {packet.vlan for packet in found} == ({7} if number == 4 else {0})


@pytest.mark.skipif(not shutil.which("editcap"), reason="editcap is not installed")
def test_pcapng_gives_the_same_packets(tmp_path):
    for form, name in (("pcapng", "a.pcapng"), ("nsecpcap", "b.pcap")):
        subprocess.run(["editcap", "-F", form, FTP, tmp_path / name], check=True)
        assert captures.read(tmp_path / name) == captures.read(FTP)


def test_padding_of_short_frames_is_no_part_of_the_packet(tmp_path):
    padded = pcap(tmp_path / "padded", 0xA1B2C3D4, 1, change=lambda frame: frame.ljust(1600, b"\xee"))
    assert [packet.data for packet in captures.read(padded)] == [packet.data for packet in captures.read(FTP)]


@pytest.mark.parametrize("raw", [b"", b"no capture at all, only text in a file", b"\x0a\x0d\x0d\x0a"])
def test_what_is_no_capture_holds_nothing(tmp_path, raw):
    (tmp_path / "x").write_bytes(raw)
    try:
        assert captures.read(tmp_path / "x") == ()
    except ValueError as error:
        assert "neither" in str(error)


@pytest.mark.parametrize("container", records.CONTAINERS)
def test_zjobs_reads_every_container_alike(tmp_path, container):
    directory = tmp_path / "lpar"
    lpar, dsn = trace(directory, CAPTURES / "fragments.pcap", [""], container=container)
    source = (f"//'{dsn}'",)
    settings = Global(host=f"mock:{directory}")
    out = BytesIO()
    request = format.Request(source, form="SUMMARY")
    opened = open_trace(source, settings, request.options.selection)
    format.write(opened, request, out)
    numbers = re.findall(r"^[IO]\S?\s+(\d+) \d\d:", out.getvalue().decode("ascii"), re.MULTILINE)
    count = lpar.state.links[1].settings[0].count
    assert count == len(captures.read(CAPTURES / "fragments.pcap"))
    assert numbers == [str(number) for number in range(1, count + 1)]
