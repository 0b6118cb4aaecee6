"""Trace-header lines of what is no IP packet: data trace, OSAENTA frames, records of old formats."""

from __future__ import annotations

import itertools
import json
import struct
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from encoder import data_records, frame_records, old_record
from packets import ip4, udp
from readings import trace_of

from zjobs.jobs.format import Request, run
from zjobs.options import Global
from zjobs.sessions.applications import Applications
from zjobs.trace.grammar import parse
from zjobs.wire import pthdr

TIME_US = int(datetime(2009, 6, 22, 13, 18, 52, tzinfo=UTC).timestamp()) * 1_000_000 + 705_248
STARTED = {"jobname": "USER12", "state": 1, "out": True, "cid": 0x58}
EYES = (b"\x02\x00\x5e\x10\x00\x01", b"\x02\x00\x5e\x10\x00\x02")


def test_the_start_record_of_the_2009_profile(listing: Callable[..., str]) -> None:
    """spec: ipcs-reports 4.1, data trace; columns as printed there, addresses and ports filled in."""
    data = b"".join(data_records(b"", time_us=TIME_US, put_us=TIME_US + 2, **STARTED))
    text = listing(data, options="FORMAT", release="2009", first=63, sysname="MVS182")
    assert text[text.index("   63 MVS182") :].splitlines() == [
        "   63 MVS182   DATA     00000005 13:18:52.705250 Data Trace",
        " To Jobname        : USER12                                    Full=0",
        "  Tod Clock        : 2009/06/22 13:18:52.705248                Cid: 00000058",
        "  Domain           : AF_Inet          Type: Stream             Protocol: TCP",
        "  State            : API Data Flow Starts",
        "  Segment #        : 0                Flags: Out",
        "  Source           : 192.0.2.10",
        "  Destination      : 198.51.100.20",
        "  Source Port      : 1025             Dest Port: 21    Asid: 001E TCB: 007F62C0",
    ]


def states(text: str) -> list[str]:
    told = [line.split(": ")[1] for line in text.splitlines() if line.startswith("  State")]
    return [words.removesuffix(" Code").strip() for words in told]


@pytest.mark.parametrize("cids", [(1, 2), (0, 0)])
def test_flows_start_and_end(cids: tuple[int, int], listing: Callable[..., str]) -> None:
    """Two sockets, one of which is used again; another whose start was not traced."""
    one, two = ({"cid": cid, "sport": 1025 + k} for k, cid in enumerate(cids))
    late = {"cid": cids[0] and 3, "sport": 1030}
    records = [
        data_records(b"", time_us=TIME_US, state=1, **one), data_records(b"", time_us=TIME_US + 1, state=1, **two),
        data_records(b"x", time_us=TIME_US + 2, **one), data_records(b"", time_us=TIME_US + 3, state=2, **one),
        data_records(b"", time_us=TIME_US + 4, state=2, **two), data_records(b"", time_us=TIME_US + 5, state=1, **one),
        data_records(b"y", time_us=TIME_US + 6, **late), data_records(b"", time_us=TIME_US + 7, state=2, **late),
        data_records(b"", time_us=TIME_US + 8, state=2, **one),
    ]  # fmt: skip
    found = states(listing(b"".join(e for r in records for e in r), options="FORMAT"))
    start, end = "API Data Flow Starts", "API Data Flow Ends"
    assert found == [start, start, end, end, start, end, end]


def test_data_that_a_policy_hides_is_told(listing: Callable[..., str]) -> None:
    data = b"".join(
        [
            *data_records(b"", time_us=TIME_US, flags=0x40),
            *data_records(b"clear", time_us=TIME_US + 1, flags=0x20),
        ]
    )
    lines = [line for line in listing(data, options="FORMAT").splitlines() if line.startswith("  AT-TLS")]
    assert lines == [
        "  AT-TLS           : confidential data, clear text is suppressed by policy",
        "  AT-TLS           : data is shown in clear text",
    ]


def test_a_socket_of_the_unix_domain_has_no_addresses(listing: Callable[..., str]) -> None:
    data = b"".join(data_records(b"x", time_us=TIME_US, domain=1, proto=0, src="::", dst="::", sport=0, dport=0))
    text = listing(data, options="FORMAT")
    assert "  Domain           : AF_Unix          Type: Stream" in text
    assert "  Source           " not in text and "  Destination      " not in text


def formatted(data: bytes, tmp_path: Path, options: str = "FORMAT") -> str:
    (tmp_path / "trace").write_bytes(data)
    run(Request((str(tmp_path / "trace"),), options=parse(options), target=str(tmp_path / "out")), Global(host="files"))
    return (tmp_path / "out").read_text(encoding="ascii")


def test_applications_of_a_data_trace_end_to_end(tmp_path: Path) -> None:
    """An FTP control connection and a DNS query, as the applications read and wrote them."""
    query = struct.pack(">HHHHHH", 40266, 0x0100, 1, 0, 0, 0) + b"\x02w3\x03ibm\x03com\0" + struct.pack(">HH", 28, 1)
    records = [
        data_records(b"", time_us=TIME_US, state=1),
        data_records(b"220 FTPD1 ready\r\n", time_us=TIME_US + 1, sport=21, dport=1025, out=True),
        data_records(b"USER IBM\r\n", time_us=TIME_US + 2),
        data_records(query, time_us=TIME_US + 4, type=2, proto=17, dport=53, cid=0x59, jobname="RESOLVER", out=True),
    ]
    text = formatted(b"".join(e for r in records for e in r), tmp_path)
    assert "  Reply            : 220 (Service Ready)\n  Text             : FTPD1 ready\n" in text
    assert "  Command          : USER\n  Parameters       : IBM\n" in text
    assert ";; w3.ibm.com                          IN      AAAA" in text
    assert " FTP: " in text and " DNS: " in text


def ethernet(kind: int, data: bytes) -> bytes:
    return EYES[0] + EYES[1] + kind.to_bytes(2, "big") + data


PACKET = ip4(17, udp(1, 2, b"abc"))
ARP = bytes.fromhex("0001080006040001") + EYES[1] + b"\xc0\0\2\1" + bytes(6) + b"\xc0\0\2\2"
FRAMES = {
    "ip": (ethernet(0x0800, PACKET), ["Ethernet", "UDP"]),
    "bare": (PACKET, ["UDP"]),
    "vlan": (ethernet(0x8100, struct.pack(">HH", 0x2064, 0x0800) + PACKET), ["Ethernet", "VLAN", "UDP"]),
    "arp": (ethernet(0x0806, ARP), ["Ethernet", "ARP"]),
    "snap": (ethernet(8 + len(PACKET), b"\xaa\xaa\x03\0\0\0\x08\0" + PACKET), ["Ethernet", "LLC", "SNAP", "UDP"]),
    "sna": (
        ethernet(12, bytes.fromhex("0404 03 2E000506 0009 6B8000 31".replace(" ", ""))[:13]),
        ["Ethernet", "LLC", "SNA Transmission Header"],
    ),
    "disc": (ethernet(3, b"\x04\x04\x53" + bytes(43)), ["Ethernet", "LLC"]),
    "rr": (ethernet(4, b"\x04\x05\x01\x0b" + bytes(42)), ["Ethernet", "LLC"]),
}


@pytest.mark.parametrize("name", list(FRAMES))
def test_frames_of_osaenta(name: str, listing: Callable[..., str]) -> None:
    """Frames and bare packets are told apart by their bytes; what is in them is walked."""
    frame, titles = FRAMES[name]
    lines = listing(b"".join(frame_records(frame, time_us=TIME_US)), options="FORMAT").splitlines()
    found = [line.strip() for before, line in itertools.pairwise(lines) if not before and line.startswith(" ")]
    assert [t for t in found if t.split(":")[0] in titles] == titles
    assert not [line for line in lines if " *** " in line]


def test_what_the_header_tells_of_a_frame(tmp_path: Path) -> None:
    """Discard codes by the owner of their range; a device and a queue only where a layout knows their places."""
    data = b"".join(
        [
            *frame_records(FRAMES["ip"][0], time_us=TIME_US, drop_reason=9, vlan=100),
            *frame_records(FRAMES["ip"][0], time_us=TIME_US + 1, drop_reason=0x1006),
            *frame_records(FRAMES["ip"][0], time_us=TIME_US + 2, drop_reason=0x2001),
        ]
    )
    text = formatted(data, tmp_path)
    assert "  VLAN             : 100" in text
    assert "Device Id" not in text and "QID" not in text
    assert [line for line in text.splitlines() if line.startswith("  Discard")] == [
        "  Discard          : 9 (X'0009', OSA)",
        "  Discard          : 4102 (X'1006', IP_BAD_CKSUM)",
        "  Discard          : 8193 (X'2001', TCP layer)",
    ]
    layout = json.loads(pthdr.BUILTIN.read_text(encoding="ascii"))
    for field in layout["fields"]:
        if field["name"] == "count":
            field.update(name="deviceid", conf="documented")
    (tmp_path / "layout.json").write_text(json.dumps(layout), encoding="ascii")
    settings = Global(host="files", layout=tmp_path / "layout.json")
    run(Request((str(tmp_path / "trace"),), options=parse("FORMAT"), target=str(tmp_path / "out")), settings)
    assert "  Device Id        : 00000001" in (tmp_path / "out").read_text(encoding="ascii")


@pytest.mark.parametrize("fmtid", [1, 3])
def test_old_formats_are_told_as_such(fmtid: int, listing: Callable[..., str]) -> None:
    packet = ip4(17, udp(12000, 12000, b"\x04\x04\xf3"))
    text = listing(old_record(packet, time_us=TIME_US, fmtid=fmtid), options="FORMAT")
    assert "  Header           : old format, packet found at offset 64" in text
    assert "Command:TEST" in text


def test_records_of_data_are_read_with_applications_too() -> None:
    data = b"".join(data_records(b"220 ready\r\n", time_us=TIME_US, sport=21, dport=1025))
    trace = trace_of(data)
    trace.applications = Applications
    (found,) = trace.dissections()
    assert [layer.name for layer in found.layers] == ["ftp"]
