"""Protocols of text lines: FTP, SMTP, POP3, HTTP; what they tell, what they hide, how far a message goes."""

from __future__ import annotations

import numpy as np
import pytest
from telling import cut_everywhere, told

from zjobs.wire import ftp, http, text
from zjobs.wire.talk import NOT_MINE, OWN, SERVER, STREAM, TO_THE_END, Flow, Talk

pytestmark = pytest.mark.s390x

CLIENT, SERVES = STREAM, STREAM | SERVER


def flow(app: str, state: int = CLIENT) -> Flow:
    talk = Talk(app)
    talk.flows = (Flow(talk, b"\n\0\0\1", 1025, state=state), Flow(talk, b"\n\0\0\2", 21, state=state ^ SERVER))
    return talk.flows[0]


def test_the_port_command_of_the_seed() -> None:
    # seed: Packet Details of packet 61; 40 * 256 + 196 = 10436.
    found = told("ftp", b"PORT 137,72,43,137,40,196\r\n", CLIENT)
    assert found.summary == "ftp command PORT"
    assert found.lines[:2] == ["  Command          : PORT", "  Parameters       : 137,72,43,137,40,196"]
    assert (found.fields["ftp.active.cip"], found.fields["ftp.active.port"]) == (["137.72.43.137"], [10436])


def test_the_passive_reply_of_the_seed() -> None:
    # seed: "Analyze the PASV Reply"; 14 * 256 + 95 = 3679.
    found = told("ftp", b"227 Entering Passive Mode (137,72,43,207,14,95)\r\n", SERVES)
    assert found.summary == "ftp reply code 227"
    assert found.lines[0] == "  Reply            : 227 (Entering Passive Mode)"
    assert (found.fields["ftp.passive.ip"], found.fields["ftp.passive.port"]) == (["137.72.43.207"], [3679])


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        (b"EPRT |1|192.0.2.1|5282|\r\n", "ftp.eprt.port", 5282),
        (b"EPRT !2!2001:db8::1!5282!\r\n", "ftp.eprt.ipv6", "2001:db8::1"),
    ],
)
def test_extended_ports_have_any_delimiter(line: bytes, field: str, value: object) -> None:
    assert told("ftp", line, CLIENT).fields[field] == [value]


@pytest.mark.parametrize("line", [b"PORT 1,2,3,4,256,1\r\n", b"EPRT |1|x|99|\r\n", b"EPRT |1|1.2.3.4|99999|\r\n"])
def test_impossible_ends_are_not_shown_as_ends(line: bytes) -> None:
    names = told("ftp", line, CLIENT).fields
    assert not {"ftp.active.port", "ftp.eprt.port"} & set(names)


@pytest.mark.parametrize(
    ("protocol", "data", "state"),
    [
        ("ftp", b"PASS sesame\r\n", CLIENT),
        ("pop", b"PASS sesame\r\n", CLIENT),
        ("pop", b"AUTH PLAIN c2VzYW1l\r\n", CLIENT),
        ("smtp", b"AUTH PLAIN c2VzYW1l\r\n", CLIENT),
        ("smtp", b"c2VzYW1l\r\n", CLIENT | OWN * 2),
        ("http", b"GET / HTTP/1.1\r\nAuthorization: Basic c2VzYW1l\r\nCookie: sesame\r\n\r\n", CLIENT),
    ],
)
def test_secrets_are_never_printed(protocol: str, data: bytes, state: int) -> None:
    found = told(protocol, data, state)
    printed = "\n".join([*found.lines, found.summary])
    assert "sesame" not in printed and "c2VzYW1l" not in printed
    assert "********" in printed


def test_a_mail_ends_with_a_lone_period() -> None:
    found = told("smtp", b"Subject: x\r\n\r\nhi\r\n.\r\nQUIT\r\n", CLIENT | OWN)
    assert found.summary == "smtp : 21 bytes of mail, smtp command QUIT"


def test_the_data_connection_that_ftp_announces() -> None:
    one = flow("ftp")
    assert ftp.measure(b"PORT 10,0,0,1,4,1\r\n", one) == 19
    assert one.talk.expected == [(bytes([10, 0, 0, 1]), 1025, "ftp-data")]
    server = flow("ftp", SERVES)
    ftp.measure(b"229 Extended (|||4000|)\r\n", server)
    assert server.talk.expected == [(b"\n\0\0\1", 4000, "ftp-data")]


def test_tls_takes_over_when_the_server_agrees() -> None:
    client = flow("ftp")
    ftp.measure(b"AUTH TLS\r\n", client)
    ftp.measure(b"234 go ahead\r\n", client.other)
    assert (client.talk.app, client.talk.before) == ("tls", "ftp")


@pytest.mark.parametrize(
    ("data", "state", "length"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", CLIENT, 18),
        (b"POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\nab", CLIENT, 40 + 100),
        (b"GET / HT", CLIENT, -9),
        (b"GET / HTTP/1.1\r\nHo", CLIENT, -19),
        (b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\n\r\n", SERVES, TO_THE_END),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", SERVES, 48),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", SERVES, 47 + 13),
        (b"OPTIONS rtsp://x/ RTSP/1.0\r\n\r\n", CLIENT, NOT_MINE),
        (b"\x16\x03\x01" + bytes(20), CLIENT, NOT_MINE),
    ],
)
def test_how_far_a_message_of_http_goes(data: bytes, state: int, length: int) -> None:
    assert http.measure(data, flow("http", state)) == length


def test_an_answer_to_head_has_no_body() -> None:
    one = flow("http")
    http.measure(b"HEAD / HTTP/1.1\r\n\r\n", one)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"
    assert http.measure(head, one.other) == len(head)


def test_binary_data_is_no_text() -> None:
    data = np.frombuffer(b"USER x\r\n".ljust(20, b"\0") + bytes(range(128, 148)) + bytes(64), dtype=np.uint8)
    start, end = np.array([0, 20]), np.array([8, 40])
    assert text.begins(data, start, end).tolist() == [True, False]


def test_cut_at_every_byte() -> None:
    cut_everywhere("ftp", b"227 Entering Passive Mode (137,72,43,207,14,95)\r\n", SERVES)
    cut_everywhere("http", b"HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 3\r\n\r\n", SERVES)
    cut_everywhere("smtp", b"250-a\r\n250 b\r\n", SERVES)
    cut_everywhere("pop", b"+OK ready\r\n", SERVES)
