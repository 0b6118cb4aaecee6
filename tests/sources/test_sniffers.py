"""pcap and pcapng files in every byte order and resolution, whole, cut and damaged."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from encoder import read_capture
from readings import own_files, shared_files, trace_of, write

from zjobs.trace.table import Direction
from zjobs.wire.link import Link

pytestmark = pytest.mark.s390x

PACKETS = [bytes([0x45, 0, 0, 20 + n, 0, n, 0, 0, 64, 17]) + bytes(10 + n) for n in range(5)]
SECONDS = 1_700_000_000


def pcap(order: str = "<", nano: bool = False, link: int = 101, packets: list[bytes] = PACKETS) -> bytes:
    magic = 0xA1B23C4D if nano else 0xA1B2C3D4
    out = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, link)
    for n, packet in enumerate(packets):
        fraction = 123456789 if nano else 123456
        out += struct.pack(order + "IIII", SECONDS + n, fraction, len(packet), len(packet) + n) + packet
    return out


def block(order: str, kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    size = len(body) + 12
    return struct.pack(order + "II", kind, size) + body + struct.pack(order + "I", size)


def option(order: str, code: int, value: bytes) -> bytes:
    return struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)


def section(order: str) -> bytes:
    return block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))


def interface(order: str, link: int = 101, snap: int = 0, options: bytes = b"") -> bytes:
    return block(order, 1, struct.pack(order + "HHI", link, 0, snap) + options)


def enhanced(order: str, ticks: int, packet: bytes, index: int = 0, options: bytes = b"", more: int = 0) -> bytes:
    head = struct.pack(order + "IIIII", index, ticks >> 32, ticks & 0xFFFFFFFF, len(packet), len(packet) + more)
    return block(order, 6, head + packet + bytes(-len(packet) % 4) + options)


def read(data: bytes, buffer: int = 4 << 20):
    trace = trace_of(data, buffer=buffer)
    found = []
    for table in trace.tables():
        for k in range(len(table)):
            name = table.interface_names()[table.interface[k]]
            found.append(
                (
                    bytes(table.buf[table.data_start[k] : table.data_end[k]]),
                    int(table.time_ns[k]),
                    int(table.original[k]),
                    Direction(int(table.direction[k])),
                    name,
                    Link(int(table.link[k])),
                )
            )
    return trace, found


@pytest.mark.parametrize("buffer", [64, 1 << 20])
@pytest.mark.parametrize("nano", [False, True])
@pytest.mark.parametrize("order", "<>")
def test_pcap(order: str, nano: bool, buffer: int) -> None:
    fraction = 123456789 if nano else 123456000
    _, found = read(pcap(order, nano), buffer)
    assert found == [
        (p, (SECONDS + n) * 1_000_000_000 + fraction, len(p) + n, Direction.UNKNOWN, "", Link.IP)
        for n, p in enumerate(PACKETS)
    ]


@pytest.mark.parametrize("buffer", [64, 1 << 20])
@pytest.mark.parametrize("order", "<>")
def test_pcapng_with_its_options(order: str, buffer: int) -> None:
    names = option(order, 2, b"OSD1") + option(order, 9, b"\x09") + option(order, 14, struct.pack(order + "q", 100))
    ways = [option(order, 2, struct.pack(order + "I", way)) for way in (0, 1, 2)]
    data = section(order) + interface(order, options=names) + interface(order, 1, options=option(order, 9, b"\x8a"))
    data += block(order, 0xBAD, b"unknown blocks are skipped")
    data += b"".join(enhanced(order, 5_000_000_007, PACKETS[n], options=ways[n], more=n) for n in range(3))
    data += enhanced(order, 1024 * 7 + 512, bytes(60), index=1)
    _, found = read(data, buffer)
    # Several interfaces and one clock offset: the packets of the second are the earliest.
    assert sorted(found, key=lambda f: f[4] == "") == [
        (PACKETS[0], 105_000_000_007, 20 - 0, Direction.UNKNOWN, "OSD1", Link.IP),
        (PACKETS[1], 105_000_000_007, 21 + 1, Direction.IN, "OSD1", Link.IP),
        (PACKETS[2], 105_000_000_007, 22 + 2, Direction.OUT, "OSD1", Link.IP),
        (bytes(60), 7_500_000_000, 60, Direction.UNKNOWN, "", Link.ETHERNET),
    ]


def test_times_that_no_clock_has(tmp_path: Path, zjobs) -> None:
    """Before 1970, written without a sign; and beyond what eight bytes of nanoseconds hold."""
    far = option("<", 14, struct.pack("<q", 1 << 62))
    data = section("<") + interface("<") + interface("<", options=far)
    data += enhanced("<", (1 << 64) - 505_425_287, PACKETS[0]) + enhanced("<", (1 << 64) - 1, PACKETS[1])
    data += enhanced("<", 1, PACKETS[2], index=1)
    _, found = read(data)
    assert [f[1] for f in found] == [-505_425_287_000, -1000, (1 << 63) - 1]
    for report in ("--full", "--summary", "--tally", "--packets"):
        run = zjobs("format", report, write(tmp_path / "x.pcapng", data))
        assert run.code in (0, 4), report


@pytest.mark.parametrize("offset", [b"", option("<", 14, struct.pack("<q", 3600))])
def test_packets_without_a_time_are_counted_and_belong_to_no_span(tmp_path: Path, zjobs, offset: bytes) -> None:
    simple = block("<", 3, struct.pack("<I", 20) + PACKETS[0][:20])
    zero, early, late = (enhanced("<", t * 1_000_000, PACKETS[0]) for t in (0, SECONDS, SECONDS + 2))
    head = section("<") + interface("<", options=offset)
    path = write(tmp_path / "some.pcapng", head + simple + early + simple + late)
    shift = 3600 if offset else 0
    inspected = json.loads(zjobs("inspect", path, "--as", "json").text)["sources"][0]
    assert inspected["capture_time"] == [f"{SECONDS + shift}.000000", f"{SECONDS + 2 + shift}.000000"]
    assert (inspected["without_time"], inspected["runs"]) == (2, 1)
    text = zjobs("inspect", path).text
    assert "  No time       2 packets, left out of the span\n" in text
    assert "UTC (2.000 s)\n" in text and "1970" not in text
    packets = [json.loads(line) for line in zjobs("export", path, "--as", "jsonl", "--out", "-").text.splitlines()]
    assert [p.get("frame.time_epoch") for p in packets] == [
        None, f"{SECONDS + shift}.000000", None, f"{SECONDS + 2 + shift}.000000",
    ]  # fmt: skip
    assert "1970" not in zjobs("ctrace", "CTRACE QUERY COMP(SYSTCPDA)", path).text
    none = write(tmp_path / "none.pcapng", head + simple)
    text = zjobs("inspect", none).text
    assert "  Captured      no time told\n  No time       1 packet, left out of the span\n" in text
    assert "no time" in zjobs("ctrace", "CTRACE QUERY COMP(SYSTCPDA)", none).text
    if not offset:
        told = zjobs("inspect", write(tmp_path / "zero.pcapng", head + zero + early)).text
        assert "  No time       1 packet, left out of the span\n" in told


@pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")
def test_tshark_tells_a_time_for_the_same_packets(tmp_path: Path, zjobs) -> None:
    simple = block("<", 3, struct.pack("<I", 20) + PACKETS[0][:20])
    data = section("<") + interface("<") + simple + enhanced("<", 0, PACKETS[0]) + enhanced("<", 9, PACKETS[0])
    path = write(tmp_path / "some.pcapng", data)
    command = ["tshark", "-r", str(path), "-T", "fields", "-e", "frame.time_epoch"]
    theirs = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    ours = [json.loads(line) for line in zjobs("export", path, "--as", "jsonl", "--out", "-").text.splitlines()]
    assert [p.get("frame.time_epoch", "") for p in ours] == [t[:-3] for t in theirs]


@pytest.mark.parametrize("order", "<>")
def test_simple_and_obsolete_packet_blocks(order: str) -> None:
    simple = block(order, 3, struct.pack(order + "I", 40) + PACKETS[0][:20])
    old = block(order, 2, struct.pack(order + "HHIIII", 0, 0, 0, 9, 21, 30) + PACKETS[1])
    _, found = read(section(order) + interface(order, snap=20) + simple + old)
    assert [(f[0], f[2]) for f in found] == [(PACKETS[0], 40), (PACKETS[1], 30)]
    assert found[1][1] == 9000


@pytest.mark.parametrize("order", "<>")
def test_blocks_whose_length_leaves_the_padding_out(order: str) -> None:
    old = block(order, 2, struct.pack(order + "HHIIII", 0, 0, 0, 9, 21, 30) + PACKETS[1])
    size = struct.pack(order + "I", len(old) - 3)
    short = old[:4] + size + old[8:-4] + size
    data = section(order) + interface(order) + short * 2
    trace, found = read(data, 64)
    assert [f[0] for f in found] == [PACKETS[1]] * 2 and not trace.faults[0].damaged
    for cut in range(1, len(short)):
        assert [f[0] for f in read(data[:-cut])[1]][:1] == [PACKETS[1]]


def test_two_sections_of_different_byte_order() -> None:
    data = b"".join(section(o) + interface(o) + enhanced(o, 1_000_000, PACKETS[0]) for o in "<>")
    _, found = read(data)
    assert [f[0] for f in found] == [PACKETS[0]] * 2


def test_a_cut_packet_is_listed_with_what_is_there() -> None:
    data = pcap()
    trace, found = read(data[:-7])
    assert [f[0] for f in found] == [*PACKETS[:4], PACKETS[4][:-7]]
    size = 16 + len(PACKETS[4])
    assert trace.faults[0].truncated == (len(data) - size, size, size - 7)
    ng = section("<") + interface("<") + b"".join(enhanced("<", n, p) for n, p in enumerate(PACKETS))
    trace, found = read(ng[:-16])
    assert [f[0] for f in found][:4] == PACKETS[:4]
    assert len(found) == 5 and PACKETS[4].startswith(found[4][0])
    assert trace.faults[0].truncated is not None


def test_reading_goes_on_behind_a_damaged_block() -> None:
    blocks = [section("<"), interface("<"), *(enhanced("<", n, p) for n, p in enumerate(PACKETS))]
    data = bytearray(b"".join(blocks))
    third = sum(map(len, blocks[:4]))
    data[third + 4] ^= 0xF0
    trace, found = read(bytes(data))
    assert [f[0] for f in found] == [PACKETS[0], PACKETS[1], *PACKETS[3:]]
    faults = trace.faults[0]
    assert (faults.damaged, faults.first, faults.skipped) == (1, third, len(blocks[4]))


def test_a_packet_length_that_cannot_be_is_damage() -> None:
    data = bytearray(pcap())
    struct.pack_into("<I", data, 24 + 8, 1 << 30)
    trace, _ = read(bytes(data))
    assert trace.faults[0].damaged == 1


def test_unknown_link_types_are_kept_and_told(tmp_path: Path, zjobs) -> None:
    trace, found = read(pcap(link=147))
    assert [f[5] for f in found] == [Link.UNKNOWN] * 5
    assert trace.faults[0].unknown_links == {147: 5}
    run = zjobs("format", "--summary", write(tmp_path / "x.pcap", pcap(link=147)))
    assert run.code == 4
    assert "5 packets of link type 147 cannot be decoded" in run.err


@pytest.mark.parametrize("path", [*own_files(), *shared_files()], ids=lambda p: p.stem)
def test_captures_are_read_as_an_independent_reader_reads_them(path: Path) -> None:
    wanted = sorted((f.data, f.time_us, max(f.orig_len, len(f.data))) for f in read_capture(path))
    trace, found = read(path.read_bytes())
    got = sorted((f[0], f[1] // 1000, f[2]) for f in found)
    if trace.faults[0].truncated is None and not trace.faults[0].unknown_links.get(147):
        assert [(d, n) for d, _, n in got] == [(d, n) for d, _, n in wanted]
        # A simple packet block has no time; the other reader then repeats the last one.
        assert all(a == b or a == 0 for a, b in zip((t for _, t, _ in got), (t for _, t, _ in wanted), strict=True))
    else:
        assert len(got) >= len(wanted)
