"""Which protocol a payload speaks: by port, by the user's word, by what was announced, by its first bytes."""

from __future__ import annotations

import io
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from encoder import packet_records
from encoder.records import data_records
from readings import TESTS, own_files, trace_of
from test_tracks import ACK, PUSH, SYN, capture, segment

from zjobs.cli import run
from zjobs.exports import jsonl
from zjobs.jobs.format import Request, application_ports, write
from zjobs.jobs.reading import open_trace
from zjobs.options import Global
from zjobs.sessions.applications import Applications
from zjobs.trace.grammar import parse
from zjobs.trace.trace import Trace

TIME_US = 1_700_000_000_000_000


def objects(trace: Trace) -> list[dict[str, object]]:
    sink = io.BytesIO()
    jsonl.write(trace, sink)
    return [json.loads(line) for line in sink.getvalue().splitlines()]


def listing(trace: Trace, options: str) -> str:
    sink = io.BytesIO()
    request = Request(("x",), options=parse(options))
    trace.applications = lambda: Applications(application_ports(request.options.ports))
    write(trace, request, sink)
    return sink.getvalue().decode("ascii")


@pytest.mark.parametrize("path", own_files(), ids=lambda p: p.name)
def test_batches_of_any_size_say_the_same(path: Path) -> None:
    def read(buffer: int) -> list[dict[str, object]]:
        trace = open_trace([str(path)], Global(host="files"))
        trace.context.buffer = buffer
        return objects(trace)

    assert read(512) == read(4 << 20)


def test_a_port_of_the_users_own_is_decoded(tmp_path: Path) -> None:
    packets = [segment(True, 1000, 1, ACK | PUSH, port=2121)[:40] + b"USER demo\r\n"]
    fixed = packets[0][:2] + (51).to_bytes(2, "big") + packets[0][4:]
    path = capture(tmp_path / "a", [fixed])
    assert "ftp" not in json.dumps(objects(open_trace([str(path)], Global(host="files"))))
    assert " FTP: 11" in listing(open_trace([str(path)], Global(host="files")), "FORMAT FTP(2020,2121)")


def test_the_data_connection_is_known_from_the_control_connection() -> None:
    found = listing(open_trace([str(TESTS / "captures" / "ftp-passive.pcap")], Global(host="files")), "FORMAT")
    assert " FTP Data" in found


def test_connections_that_are_forgotten_do_not_take_memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from zjobs.sessions import applications

    monkeypatch.setattr(applications, "MOST_TALKS", 5)
    packets = []
    for port in range(40000, 40040):
        head = segment(True, 1000, 1, ACK | PUSH, port=port)[:40]
        packets.append(head[:2] + (58).to_bytes(2, "big") + head[4:] + b"GET / HTTP/1.1\r\n\r\n")
    stage = Applications()
    trace = open_trace([str(capture(tmp_path / "a", packets))], Global(host="files"))
    trace.applications = lambda: stage
    methods = sum(len(layer) for found in trace.dissections() for layer in found.layers if layer.name == "http")
    assert methods == 40
    assert len(stage._talks) == 5 and len(stage._hashes) == 5


def test_socket_data_is_decoded_like_segments() -> None:
    """A data trace: the request of one record, an answer in two; the application decides, not the header."""
    parts = [(b"PASV\r\n", False), (b"227 Entering Passive Mode ", True), (b"(10,0,0,1,4,1)\r\n", True)]
    source = b"".join(
        entry
        for k, (data, out) in enumerate(parts)
        for entry in data_records(data, time_us=TIME_US + k, out=out, count=k + 1,
                                  **({"sport": 21, "dport": 1025} if out else {"sport": 1025, "dport": 21}))
    )  # fmt: skip
    found = objects(trace_of(source))
    assert found[0]["ftp.request.command"] == "PASV"
    assert found[1]["ftp.response.code"] == 227


def test_a_message_of_a_data_trace_is_put_together() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\n"
    ports = {"sport": 80, "dport": 1025}
    source = b"".join(
        entry
        for k, data in enumerate((head[:30], head[30:] + b"01234", b"56789"))
        for entry in data_records(data, time_us=TIME_US + k, out=True, count=k + 1, **ports)
    )
    assert ["http.response.code" in one for one in objects(trace_of(source))] == [False, False, True]


def test_problems_of_messages_are_rows_like_all_others() -> None:
    short = bytes.fromhex("4500002800010000401100000a0000010a0000020400003500140000123401000001000000000000")
    (found,) = objects(trace_of(b"".join(packet_records(short, time_us=TIME_US))))
    assert any("dns" in text for text in found["zos.problem"])  # type: ignore[attr-defined]
    assert " *** dns:" in listing(trace_of(b"".join(packet_records(short, time_us=TIME_US))), "FORMAT")


def test_what_was_abbreviated_is_no_damage() -> None:
    head = "4500020000010000401100000a0000010a0000020400003501ec0000"
    cut = bytes.fromhex(head + "12340100000100000000000003777777")
    (found,) = objects(trace_of(b"".join(packet_records(cut, time_us=TIME_US, orig_len=512))))
    assert found["dns.id"] == 0x1234
    assert "zos.problem" not in found


def test_random_bytes_on_known_ports_cost_nothing_and_hurt_nothing(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    packets = []
    for k in range(400):
        ports = (40000 + k % 7, [21, 23, 25, 53, 80, 110, 443, 8080][k % 8])
        body = rng.integers(0, 256, 200, dtype=np.uint8).tobytes()
        head = segment(True, 1000 + 200 * k, 1, ACK | PUSH, port=ports[0])
        head = head[:2] + (240).to_bytes(2, "big") + head[4:22] + ports[1].to_bytes(2, "big") + head[24:40]
        packets.append(head + body)
    path = capture(tmp_path / "a", packets)
    trace = open_trace([str(path)], Global(host="files"))
    trace.applications = Applications
    names: Counter[str] = Counter()
    for found in trace.dissections():
        names.update(layer.name for layer in found.layers for _ in range(len(layer)))
    assert sum(names[app] for app in ("ftp", "smtp", "http", "pop", "tls")) <= 2


def with_data(out: bool, seq: int, flags: int, data: bytes, port: int = 40000) -> bytes:
    """A segment with data in it; one end has port 80, the other ``port``."""
    packet = segment(out, seq, 1, flags, port=port) + data
    return packet[:2] + len(packet).to_bytes(2, "big") + packet[4:]


def told(path: Path, name: str) -> list[object]:
    return [one.get(name) for one in objects(open_trace([str(path)], Global(host="files")))]


def test_data_that_a_connection_brings_with_its_first_segment(tmp_path: Path) -> None:
    # RFC 7413: data of a SYN has the sequence number behind it.
    packets = [
        with_data(True, 1000, SYN, b"GET / HTTP/1.1\r\n"),
        with_data(True, 1017, ACK | PUSH, b"Host: a\r\n\r\n"),
    ]
    assert told(capture(tmp_path / "a", packets), "http.host") == [None, "a"]


def test_behind_the_answer_of_a_proxy_another_protocol_is_found(tmp_path: Path) -> None:
    packets = [
        with_data(True, 1000, ACK | PUSH, b"CONNECT a:443 HTTP/1.1\r\n\r\n"),
        with_data(False, 5000, ACK | PUSH, b"HTTP/1.1 200 OK\r\n\r\n"),
        with_data(True, 1026, ACK | PUSH, bytes.fromhex("15030100020100")),
    ]
    path = capture(tmp_path / "a", packets)
    assert told(path, "http.response.code") == [None, 200, None]
    assert told(path, "tls.record.content_type") == [None, None, [21]]


def test_the_port_behind_a_proxy_names_the_protocol(tmp_path: Path) -> None:
    packets = [
        with_data(True, 1000, ACK | PUSH, b"CONNECT a:25 HTTP/1.1\r\n\r\n"),
        with_data(False, 5000, ACK | PUSH, b"HTTP/1.1 200 OK\r\n\r\n"),
        with_data(False, 5019, ACK | PUSH, b"220 mail.example ESMTP\r\n"),
        with_data(True, 1025, ACK | PUSH, b"EHLO a\r\n"),
    ]
    path = capture(tmp_path / "a", packets)
    assert told(path, "smtp.response.code") == [None, None, 220, None]
    assert told(path, "smtp.req.command") == [None, None, None, "EHLO"]


def test_first_bytes_behind_a_proxy_come_in_pieces(tmp_path: Path) -> None:
    packets = [
        with_data(True, 1000, ACK | PUSH, b"CONNECT a:443 HTTP/1.1\r\n\r\n"),
        with_data(False, 5000, ACK | PUSH, b"HTTP/1.1 200 OK\r\n\r\n"),
        with_data(True, 1026, ACK | PUSH, b"GE"),
        with_data(True, 1028, ACK | PUSH, b"T"),
        with_data(True, 1029, ACK | PUSH, b" / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ]
    path = capture(tmp_path / "a", packets)
    assert told(path, "http.request.method") == ["CONNECT", None, None, None, "GET"]


def test_an_end_of_line_behind_the_answer_of_a_proxy_begins_nothing(tmp_path: Path) -> None:
    packets = [
        with_data(True, 1000, ACK | PUSH, b"CONNECT a:443 HTTP/1.1\r\n\r\n"),
        with_data(False, 5000, ACK | PUSH, b"HTTP/1.1 200 OK\r\n\r\n\n"),
        with_data(True, 1026, ACK | PUSH, b"GET / HTTP/1.1\r\n\r\n"),
        with_data(False, 5020, ACK | PUSH, b"HTTP/1.1 204 None\r\n\r\n"),
    ]
    assert told(capture(tmp_path / "a", packets), "http.response.code") == [None, 200, None, 204]


def test_the_next_protocol_starts_in_the_segment_that_hands_over(tmp_path: Path) -> None:
    frame = bytes.fromhex("000000040000000000")
    upgrade = b"HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\n\r\n"
    path = capture(tmp_path / "a", [with_data(False, 5000, ACK | PUSH, upgrade + frame)])
    assert (told(path, "http.response.code"), told(path, "http2.type")) == ([101], [[4]])
    packets = [
        with_data(True, 1000, ACK | PUSH, b"CONNECT a:80 HTTP/1.1\r\n\r\n"),
        with_data(False, 5000, ACK | PUSH, b"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 204 None\r\n\r\n"),
    ]
    assert told(capture(tmp_path / "b", packets), "http.response.code") == [None, [200, 204]]


def test_a_packet_that_hands_over_to_the_same_protocol_is_listed_once(tmp_path: Path) -> None:
    body = b"x" * 700
    answers = b"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 404 None\r\nContent-Length: 700\r\n\r\n"
    packets = [
        with_data(True, 1000, ACK | PUSH, b"CONNECT a:80 HTTP/1.1\r\n\r\n"),
        with_data(False, 5000, ACK | PUSH, answers + body),
    ]
    out = tmp_path / "listing"
    assert run(["format", "--full", "--out", str(out), str(capture(tmp_path / "a", packets))]) == 0
    lines = out.read_text(encoding="ascii").splitlines()
    replies = [row.split(": ")[1] for row in lines if row.startswith("  Reply")]
    assert replies == ["HTTP/1.1 200 OK", "HTTP/1.1 404 None"]


def test_mail_is_read_on_where_tls_was_taken_off(tmp_path: Path) -> None:
    packets = [
        with_data(False, 1000, ACK | PUSH, b"STARTTLS\r\n", 25),
        with_data(True, 5000, ACK | PUSH, b"220 ready\r\n", 25),
        with_data(False, 1010, ACK | PUSH, b"EHLO a\r\n", 25),
        with_data(True, 5011, ACK | PUSH, b"250 a\r\n", 25),
    ]
    path = capture(tmp_path / "a", packets)
    assert told(path, "smtp.req.command") == ["STAR", None, "EHLO", None]
    assert told(path, "smtp.response.code") == [None, 220, None, 250]


def test_a_connection_that_is_seen_twice_is_told_once(tmp_path: Path) -> None:
    once = [
        segment(True, 1000, 0, SYN),
        segment(False, 5000, 1001, SYN | ACK),
        with_data(True, 1001, ACK | PUSH, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        with_data(False, 5001, ACK | PUSH, b"HTTP/1.1 204 None\r\n\r\n"),
    ]
    assert told(capture(tmp_path / "a", once * 2), "http.response.code") == [None, None, None, 204, *[None] * 4]
    # Another SYN is another connection, a second answer to the first one is not.
    another = [
        segment(True, 8000, 0, SYN),
        with_data(True, 8001, ACK | PUSH, b"GET / HTTP/1.1\r\nHost: b\r\n\r\n"),
        segment(False, 9000, 8001, SYN | ACK),
        with_data(True, 8001, ACK | PUSH, b"GET / HTTP/1.1\r\nHost: b\r\n\r\n"),
        with_data(False, 9001, ACK | PUSH, b"HTTP/1.1 304 Same\r\n\r\n"),
    ]
    path = capture(tmp_path / "b", once + another)
    assert told(path, "http.host") == [None, None, "a", None, None, "b", None, None, None]
    assert told(path, "http.response.code") == [None, None, None, 204, None, None, None, None, 304]


def test_the_port_that_a_connection_was_opened_to_comes_before_a_lower_one(tmp_path: Path) -> None:
    # RFC 959, section 3.2: port 20 is that of FTP's data, but any client may send from there.
    request = with_data(True, 1001, ACK | PUSH, b"GET / HTTP/1.1\r\n\r\n", port=20)
    assert told(capture(tmp_path / "a", [request]), "http.request.method") == [None]
    for first in (segment(True, 1000, 0, SYN, port=20), segment(False, 5000, 1001, SYN | ACK, port=20)):
        assert told(capture(tmp_path / "b", [first, request]), "http.request.method") == [None, "GET"]


def test_behind_a_hole_encryption_goes_on(tmp_path: Path) -> None:
    # RFC 3207: what stands in the middle of a lost record is not SMTP, though SMTP would take it.
    record = bytes.fromhex("1703030004 0d0a0d0a")
    packets = [
        with_data(True, 1000, ACK | PUSH, b"CONNECT a:25 HTTP/1.1\r\n\r\n"),
        with_data(False, 5000, ACK | PUSH, b"HTTP/1.1 200 OK\r\n\r\n220 a ESMTP\r\n"),
        with_data(True, 1025, ACK | PUSH, b"STARTTLS\r\n"),
        with_data(False, 5032, ACK | PUSH, b"220 go\r\n"),
        with_data(True, 1035, ACK | PUSH, record),
        with_data(True, 1144, ACK | PUSH, b"\0\1\r\n"),
        with_data(True, 1148, ACK | PUSH, b"\0\2\r\n"),
        with_data(True, 1152, ACK | PUSH, record),
    ]
    path = capture(tmp_path / "a", packets)
    assert told(path, "tls.record.length") == [None, None, None, None, [4], None, None, [4]]
    assert told(path, "smtp.req.command") == [None, None, "STAR", *[None] * 5]
