"""SNIFFER as a pcap file: what another program reads of it is what was traced."""

from __future__ import annotations

import io
import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from encoder import data_records, frame_records, packet_records, wrap_pcap
from encoder.containers import rdw, single
from packets import ip4, ip6, tcp, udp
from readings import TESTS, trace_of

from zjobs.jobs import format
from zjobs.jobs.format import FILES, Request
from zjobs.reports.frame import Output
from zjobs.trace.grammar import parse

CAPTURES = TESTS / "captures"
TIME_US = 1_708_518_896_123_456


def sniffed(ctes: list[bytes], options: str = "SNIFFER") -> tuple[str, bytes]:
    """The listing and the pcap file."""
    sink, files = io.BytesIO(), {name: io.BytesIO() for name in FILES}
    request = Request(("x",), "TALLY", parse(options))
    trace = trace_of(rdw(single(ctes)), selection=request.options.selection)
    format.write(trace, request, sink, {"SNIFFER": Output("SNIFFER", files["SNIFFER"])})
    return sink.getvalue().decode("ascii"), files["SNIFFER"].getvalue()


def packets(data: bytes) -> tuple[int, list[tuple[int, int, bytes]]]:
    """Link type, and (microseconds, original length, bytes) of each packet."""
    magic, major, minor, _, _, _, link = struct.unpack_from(">IHHiIII", data)
    assert (magic, major, minor) == (0xA1B2C3D4, 2, 4)
    at, found = 24, []
    while at < len(data):
        seconds, micros, size, original = struct.unpack_from(">IIII", data, at)
        found.append((seconds * 1_000_000 + micros, original, data[at + 16 : at + 16 + size]))
        assert at + 16 + size <= len(data)
        at += 16 + size
    return link, found


ONE, SIX = ip4(6, tcp(1, 2, data=b"abc")), ip6(17, udp(3, 4, b"de"))
FRAME = bytes.fromhex("02005E00000202005E0000010800") + ONE
LLC = bytes.fromhex("02005E00000302005E00000100100404") + bytes(14)


@pytest.mark.s390x
def test_ip_packets_are_raw() -> None:
    ctes = packet_records(ONE, time_us=TIME_US) + packet_records(SIX, time_us=TIME_US + 5)
    link, found = packets(sniffed(ctes)[1])
    assert (link, found) == (101, [(TIME_US, len(ONE), ONE), (TIME_US + 5, len(SIX), SIX)])


@pytest.mark.s390x
def test_frames_are_frames_and_packets_among_them_get_a_header() -> None:
    ctes = frame_records(FRAME, time_us=TIME_US) + frame_records(LLC, time_us=TIME_US + 1)
    ctes += packet_records(ONE, time_us=TIME_US + 2) + packet_records(SIX, time_us=TIME_US + 3)
    link, found = packets(sniffed(ctes)[1])
    assert link == 1
    assert [data for _, _, data in found] == [FRAME, LLC, bytes(12) + b"\x08\0" + ONE, bytes(12) + b"\x86\xdd" + SIX]
    assert [original for _, original, _ in found] == [len(FRAME), len(LLC), len(ONE) + 14, len(SIX) + 14]


@pytest.mark.s390x
def test_packets_are_cut_as_asked_and_keep_their_length() -> None:
    ctes = packet_records(ONE[:42], time_us=TIME_US, orig_len=len(ONE)) + packet_records(SIX, time_us=TIME_US)
    text, data = sniffed(ctes, "SNIFFER(41,TCPDUMP)")
    assert packets(data)[1] == [(TIME_US, len(ONE), ONE[:41]), (TIME_US, len(SIX), SIX[:41])]
    assert "      2 packets were abbreviated\n" in text
    assert struct.unpack_from(">I", data, 16)[0] == 41
    assert [d for _, _, d in packets(sniffed(ctes, "SNIFFER(1)")[1])[1]] == [ONE[:1], SIX[:1]]


@pytest.mark.s390x
def test_what_holds_no_packet_is_left_out_and_counted() -> None:
    ctes = packet_records(ONE, time_us=TIME_US) + data_records(b"socket", time_us=TIME_US + 1)
    text, data = sniffed(ctes)
    assert [d for _, _, d in packets(data)[1]] == [ONE]
    assert "      1 record holds no packet and was left out\n" in text
    empty_text, empty = sniffed(ctes, "SNIFFER PORT(9)")
    assert packets(empty) == (101, [])
    assert "      0 records written to SNIFFER\n     24 bytes written\n" in empty_text


@pytest.mark.s390x
def test_a_packet_below_a_frame_of_a_raw_file_is_told_from_its_ip_header(tmp_path: Path) -> None:
    first = packet_records(ONE, time_us=TIME_US)
    later = frame_records(FRAME, time_us=TIME_US + 1) + frame_records(LLC, time_us=TIME_US + 2)
    sink, files = io.BytesIO(), {"SNIFFER": io.BytesIO()}
    request = Request(("x",), "TALLY", parse("SNIFFER"))
    # Small batches: the file has its link type before the first frame is met.
    trace = trace_of(rdw(single([*first, *later])), buffer=100)
    format.write(trace, request, sink, {"SNIFFER": Output("SNIFFER", files["SNIFFER"])})
    link, found = packets(files["SNIFFER"].getvalue())
    assert (link, [d for _, _, d in found]) == (101, [ONE, ONE])
    assert [original for _, original, _ in found] == [len(ONE), len(ONE)]


@pytest.mark.skipif(not shutil.which("tshark"), reason="needs tshark")
@pytest.mark.parametrize("name", ["dns", "icmp", "ftp-ipv6", "fragments", "arp"])
def test_tshark_reads_what_it_reads_in_the_capture(name: str, tmp_path: Path) -> None:
    capture = CAPTURES / f"{name}.pcap"
    wrapped = wrap_pcap(capture)
    path = tmp_path / "sniffer.pcap"
    path.write_bytes(sniffed(wrapped.ctes)[1])

    def told(source: Path) -> list[str]:
        fields = ("frame.time_epoch", "ip.src", "ip.id", "ipv6.src", "tcp.seq_raw", "udp.srcport", "icmp.type")
        command = ["tshark", "-r", str(source), "-T", "fields", *(f for name in fields for f in ("-e", name))]
        return sorted(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines())

    assert told(path) == told(capture)
