"""PACKETS, SEQUENCE and DETAILS: the pages of the seed rebuilt from their printed values, and what ours add."""

from __future__ import annotations

import io
import struct
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from encoder import packet_records
from packets import ip4, ip6, tcp
from readings import own_files, trace_of

from zjobs.chars import Chars
from zjobs.jobs.format import Request, run, write
from zjobs.options import Global
from zjobs.reports import _packet_row
from zjobs.sessions.applications import Applications
from zjobs.trace.grammar import parse

HERE = Path(__file__).parent
PORTS = {"ftp control": 21, "ftp data": 20, "https": 443, "dns": 53, "snmp ctrl": 161}
HERE_IP = "137.72.43.207"
FLAGS = {"URG": 32, "ACK": 16, "PSH": 8, "RST": 4, "SYN": 2, "FIN": 1}
PAGES = [
    line.split("\t") for line in (HERE / "seed_pages.tsv").read_text(encoding="ascii").splitlines() if line[0] != "#"
]


def tls_record(kind: int, body: bytes) -> bytes:
    return struct.pack(">BHH", kind, 0x0301, len(body)) + body


def handshake(kind: int, size: int) -> bytes:
    hello = b"\x03\x01" + bytes(32) + b"\0"
    chain = max(size - 3, 0).to_bytes(3, "big")
    start = {1: hello + b"\0\2\0\x2f\1\0", 2: hello + b"\0\x2f\0", 11: chain}.get(kind, b"")
    return bytes([kind]) + size.to_bytes(3, "big") + start + bytes(max(size - len(start), 0))


def server_flight() -> bytes:
    """Server Hello, Certificate and Server Hello Done as three records, as long as packets 56 to 60 of the seed."""
    room = 1276 * 3 + 693
    hello, done = tls_record(22, handshake(2, 38)), tls_record(22, handshake(14, 0))
    return hello + tls_record(22, handshake(11, room - len(hello) - len(done) - 9)) + done


FLIGHT = server_flight()
BEFORE = {"56": 0, "57": 1276, "59": 2552, "60": 3828}


def payload(row: list[str], size: int) -> bytes:
    """What the packet carried: as told in the last column, filled to the size that the page prints."""
    what = row[-1]
    if row[0] in BEFORE:
        return FLIGHT[BEFORE[row[0]] :][:size]
    if what == "tls:1":
        return tls_record(22, handshake(1, size - 9))
    if what == "tls:ccs":
        return tls_record(20, b"\1") + tls_record(22, bytes(size - 11))
    if what == "tls:data":
        return tls_record(23, bytes(size - 5))
    if what.startswith("dns:"):
        return struct.pack(">HHHHHH", 1, int(what[4:], 16), 0, 0, 0, 0) + bytes(size - 12)
    if what == "snmp":
        # GetRequest of SNMPv1, community public, one name (RFC 1157).
        bindings = bytes.fromhex("300C300A06062B06010201010500")
        pdu = bytes([0xA0, 9 + len(bindings)]) + bytes.fromhex("020101020100020100") + bindings
        body = bytes.fromhex("0201000406") + b"public" + pdu
        return (bytes([0x30, len(body)]) + body).ljust(size, b"\0")
    text = b"" if what == "-" else what.encode()
    return (text + b" ".join([b""] * max(size - len(text) - 1, 0)) + b"\r\n")[:size] if size else b""


def packet(row: list[str]) -> bytes:
    size, local, remote, protocol, message = int(row[2]), row[3], row[4], row[5], row[6]
    ends = ip_address(local).packed + ip_address(remote).packed
    if protocol == "ICMP":
        quoted = packet(["0", "", "71", remote, local, "UDP", "", "14280", "snmp ctrl", "-", "-", "-", "-"])
        body = (struct.pack(">BBHI", 3, 3, 0, 0) + quoted)[: size - 20]
        number = 1
    else:
        sport, dport = (PORTS.get(name) or int(name) for name in row[7:9])
        if protocol == "UDP":
            body, number = struct.pack(">HHHH", sport, dport, size - 20, 0), 17
        else:
            words = message.split(" : ")[0].split() if not message.startswith("TLS") else ["ACK", "PSH"]
            flags = sum(FLAGS[word] for word in words)
            # Sizes of SYN segments come from options.
            options = bytes([1]) * (size - 40) if "SYN" in words else b""
            seq, ack, window = (int(value) for value in row[9:12])
            head = (5 + len(options) // 4) << 12 | flags
            body, number = struct.pack(">HHIIHHHH", sport, dport, seq, ack, head, window, 0, 0) + options, 6
        body += payload(row, size - 20 - len(body))
    assert 20 + len(body) == size, row
    return struct.pack(">BBHHHBBH", 0x45, 0, size, int(row[0]), 0, 64, number, 0) + ends + body


def listing(source: bytes, form: str, options: str = "") -> list[str]:
    sink = io.BytesIO()
    trace = trace_of(source)
    announce = form in ("PACKETS", "SEQUENCE")
    trace.applications = lambda: Applications(announce=announce)
    write(trace, Request(("x",), form, parse(options)), sink)
    return sink.getvalue().decode("ascii").splitlines()


def as_trace(rows: list[list[str]]) -> bytes:
    out = b""
    for row in rows:
        hours, minutes, seconds, ticks = (int(part) for part in row[1].split(":"))
        when = datetime(2009, 2, 28, hours, minutes, seconds, ticks * 100, UTC)
        us = int(when.timestamp()) * 1_000_000 + when.microsecond
        out += b"".join(packet_records(packet(row), time_us=us, put_us=us, out=row[3] == HERE_IP, count=int(row[0])))
    return out


@pytest.mark.parametrize("page", ["137.72.43.137", "161.113.0.6", "10.0.0.138", "137.72.43.45"])
def test_the_pages_of_the_seed_value_for_value(page: str) -> None:
    rows = [row for row in PAGES if page in row[3:5]]
    found = [line for line in listing(as_trace(rows), "PACKETS") if line[:6].strip().isdigit()]
    assert len(found) == len(rows) > 1
    for line, row in zip(found, rows, strict=True):
        columns = (7, 12, 31, 47, 63, 70, 82, 94, 105, 116, 122)
        values = [line[a:b].strip() for a, b in zip(columns, (*columns[1:], 400))]
        time, size, local, remote, protocol, local_port, remote_port, seq, ack, window, message = (
            line[7:20], line[25:30].strip(), *values[2:],
        )  # fmt: skip
        shown = [time, size, local, remote, protocol, message, local_port, remote_port, seq, ack, window]
        assert [value or "-" for value in shown] == row[1:12]


def test_a_sequence_tells_elapsed_times_and_directions() -> None:
    rows = [row for row in PAGES if row[0] in ("13", "14", "15", "16")]
    lines = listing(as_trace(rows), "SEQUENCE")
    head = next(line for line in lines if "Local IP" in line)
    words = "Local IP: 137.72.43.207 Remote IP: 137.72.43.137 Protocol: TCP Sessions Count : 1"
    assert " ".join(head.split()) == words
    body = [line for line in lines if line[:6].strip().isdigit()]
    assert [line[25:38] for line in body] == ["00:00:00:0000", "00:00:00:0006", "00:00:00:0009", "00:00:00:1239"]
    assert [line[58:60].strip() for line in body] == ["<", ">", "<", ">"]
    assert {line[46:57].strip() for line in body} == {"ftp control"}


@pytest.mark.parametrize(("form", "column"), [("PACKETS", 122), ("SEQUENCE", 102)])
def test_a_long_message_does_not_make_all_lines_as_wide(
    form: str, column: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    uris = ["/a", "/" + "b" * 3000, "/c"]
    source = b""
    for k, uri in enumerate(uris):
        request = f"GET {uri} HTTP/1.1\r\n\r\n".encode()
        segment = ip4(6, tcp(1025 + k, 80, 0x18, request))
        source += b"".join(packet_records(segment, time_us=1_000_000 + k, count=k + 1, out=True))
    widths: list[tuple[int, int]] = []
    lay = _packet_row.lay

    def laid(*args: Any) -> Chars:
        out = lay(*args)
        widths.append(out.rows.shape)
        return out

    monkeypatch.setattr(_packet_row, "lay", laid)
    lines = [line for line in listing(source, form) if line[:6].strip().isdigit()]
    assert [line[column:] for line in lines] == [f"ACK PSH : http : GET {uri}" for uri in uris]
    assert [count for count, _ in widths] == [2, 1]
    assert widths[0][1] < 200


@pytest.mark.parametrize("direction", [True, False])
def test_a_host_that_talks_to_itself_has_two_ends(direction: bool) -> None:
    ports = [(4000, 21), (21, 4000), (4000, 21), (4001, 21), (21, 4000)]
    trace = b"".join(
        c
        for k, (sport, dport) in enumerate(ports)
        for c in packet_records(
            ip4(6, tcp(sport, dport), src="127.0.0.1", dst="127.0.0.1"), time_us=1_700_000_000_000_000 + k,
            interface="LOOPBACK", out=direction,
        )
    )  # fmt: skip
    lines = listing(trace, "SEQUENCE")
    body = [line for line in lines if line[:6].strip().isdigit()]
    assert [line[46:74].split() for line in body] == [
        ["4000", ">", "ftp", "control"], ["4000", "<", "ftp", "control"], ["4000", ">", "ftp", "control"],
        ["4001", ">", "ftp", "control"], ["4000", "<", "ftp", "control"],
    ]  # fmt: skip
    assert [line.split()[-1] for line in lines if "Sessions Count" in line] == ["2"]


@pytest.mark.parametrize(
    ("form", "words"), [("SHORT", "Flags: Cwr Ece Syn"), ("SUMMARY", " CWR ECE SYN "), ("PACKETS", " CWR ECE SYN")]
)
def test_every_flag_of_a_segment_is_told(form: str, words: str) -> None:
    """RFC 3168, section 6.1.1: a SYN that offers ECN, which some firewalls drop."""
    trace = b"".join(packet_records(ip4(6, tcp(40000, 21, flags=0xC2)), time_us=1_700_000_000_000_000))
    assert [line for line in listing(trace, form) if words in line]


def test_frames_without_hosts_have_no_empty_labels() -> None:
    frame = bytes.fromhex("020000000001 020000000002 9000") + bytes(46)
    data = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    data += b"".join(struct.pack("<IIII", 1_700_000_000, k, len(frame), len(frame)) + frame for k in range(3))
    lines = listing(data, "SEQUENCE")
    assert " Protocol: Ethernet  Sessions Count : 1" in lines
    assert [line[58:60] for line in lines if line[:6].strip().isdigit()] == [" >"] * 3


def test_details_show_every_byte_of_the_packet() -> None:
    rows = [row for row in PAGES if row[0] == "61"]
    lines = listing(as_trace(rows), "DETAILS")
    assert "  Command          : PORT" in lines
    assert "  Data Connection  : 137.72.43.137    Port: 10436" in lines
    start = next(k for k, line in enumerate(lines) if line.startswith(" Hex Decode"))
    dumped = "".join(line[7:42] for line in lines[start + 1 :]).replace(" ", "")
    assert bytes.fromhex(dumped) == packet(rows[0])


@pytest.mark.parametrize("form", ["PACKETS", "SEQUENCE", "DETAILS"])
def test_every_own_capture_is_listed_whole(form: str, tmp_path: Path) -> None:
    for path in own_files():
        target = tmp_path / "out.txt"
        code, _ = run(Request((str(path),), form, target=str(target)), Global(host="files"))
        assert code in (0, 4)
        text = target.read_text(encoding="ascii").splitlines()
        numbers = [
            int(line[20:30]) if form == "DETAILS" else int(line[:6])
            for line in text
            if (line.startswith("  Packet ID") if form == "DETAILS" else line[:6].strip().isdigit())
        ]
        assert sorted(numbers) == list(range(1, len(numbers) + 1)) and numbers, path.name


#: Types and codes, and the names that IANA gives them, in the manner of the analyzer's "Destination Unreachable :".
ICMP_WORDS = [
    (1, 0, 0, "Echo Reply"), (1, 3, 3, "Destination Unreachable : Port unreachable"),
    (1, 3, 15, "Destination Unreachable : Precedence cutoff"), (1, 3, 99, "Destination Unreachable : Code 99"),
    (1, 5, 1, "Redirect : Host"), (1, 8, 0, "Echo Request"), (1, 9, 0, "Router Advertisement"),
    (1, 10, 0, "Router Solicitation"), (1, 11, 0, "Time Exceeded : In transit"), (1, 12, 0, "Parameter Problem"),
    (1, 15, 0, "Information Request"), (1, 16, 0, "Information Reply"), (1, 17, 0, "Address Mask Request"),
    (1, 18, 0, "Address Mask Reply"), (1, 30, 0, "Traceroute"), (1, 31, 0, "Datagram Conversion Error"),
    (1, 37, 0, "Domain Name Request"), (1, 42, 0, "Extended Echo Request"), (1, 200, 0, "Type 200"),
    (58, 1, 4, "Destination Unreachable : Port unreachable"), (58, 2, 0, "Packet Too Big"),
    (58, 3, 0, "Time Exceeded : Hop limit"), (58, 128, 0, "Echo Request"), (58, 135, 0, "Neighbor Solicitation"),
    (58, 137, 0, "Redirect"), (58, 143, 0, "Multicast Listener Report V2"), (58, 155, 0, "RPL Control"),
    (58, 250, 0, "Type 250"),
]  # fmt: skip


def test_icmp_messages_are_named_in_one_manner() -> None:
    packets = [
        (ip4 if proto == 1 else ip6)(proto, bytes([kind, code, 0, 0]) + bytes(28))
        for proto, kind, code, _ in ICMP_WORDS
    ]
    trace = trace_of([e for k, p in enumerate(packets) for e in packet_records(p, time_us=1_700_000_000_000_000 + k)])
    said = [text for found in trace.dissections() for text in _packet_row._applications(found)]
    assert said == [text for *_, text in ICMP_WORDS]
