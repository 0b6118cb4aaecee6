"""Protocols of text lines: FTP, SMTP, POP3, HTTP; what they tell, what they hide, how far a message goes."""

from __future__ import annotations

import numpy as np
import pytest
from telling import cut_everywhere, told

from zjobs.wire import ftp, http, http2, smtp, text
from zjobs.wire.talk import NOT_MINE, NOTHING, OWN, SERVER, STREAM, TO_THE_END, Flow, Talk

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
    assert not found.fields


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


@pytest.mark.parametrize(
    ("data", "state", "length"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\nto the end", SERVES, TO_THE_END),
        (b"\r\nPOST / HTTP/1.1\r\nContent-Length: 3 \r\n\r\nabc", CLIENT, 44),
        (b"GET / HTTP/1.1\rHost: x\r\r\nmore", CLIENT, 25),
        (b"POST / HTTP/1.1\r\nContent-Length : 3\r\n\r\nabc", CLIENT, 39),
        (b"POST / HTTP/1.1\r\nContent-Length: 2147483648\r\n\r\nabc", CLIENT, 47),
        (b"POST / HTTP/1.1\r\nContent-Length: " + b"0" * 5000 + b"3\r\n\r\n", CLIENT, 5041),
        (b"POST / HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n", CLIENT, 5037),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\n\n", SERVES, 60),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFF\r\nabc", SERVES, 47),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nabc", SERVES, 47),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nno field\r\n", SERVES, 60),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\na: b\r\n\r\n", SERVES, 58),
        (b"RPC_IN_DATA / HTTP/1.1\r\nContent-Length: 1073741824\r\n\r\n", CLIENT, 54),
        (b"BASELINE-CONTROL / HTTP/1.1\r\n\r\n", CLIENT, 31),
    ],
)
def test_messages_of_http_that_keep_no_rules(data: bytes, state: int, length: int) -> None:
    assert http.measure(data, flow("http", state)) == length


def test_what_a_proxy_hands_on_is_not_http() -> None:
    one = flow("http")
    assert http.measure(b"CONNECT a:443 HTTP/1.1\r\n\r\n", one) == 26
    assert http.measure(b"HTTP/1.1 200 OK\r\n\r\n", one.other) == 19
    assert (one.talk.app, one.talk.behind) == ("", 443)
    assert (one.serves, one.other.serves) == (False, True)


def test_http_goes_over_to_its_next_version() -> None:
    one = flow("http")
    assert http.measure(b"HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\n\r\n", one.other) == 40
    assert one.talk.app == "http2"
    assert http2.measure(b"\0\0\0\4\0\0\0\0\0", one) == 9


def test_values_of_http_as_they_are_written() -> None:
    request = (
        b"NOTIFY /a\0b  HTTP/1.1\r\nHost : a\r\nAccept:\tb \r\nContent-Length: +3 x\r\nno field\r\nServer: c\r\n\r\n"
    )
    assert told("http", request, CLIENT).fields == {
        "http.request.method": ["NOTIFY"], "http.request.uri": ["/a"], "http.request.version": ["HTTP/1.1"],
        "http.accept": ["b "], "http.content_length_header": ["+3 x"], "http.content_length": [3],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("line", "code", "phrase"),
    [
        (b"HTTP/1.1   200  OK then\r\n\r\n", [200], ["OK then"]),
        (b"HTTP/1.1 2xx OK\r\n\r\n", [2], ["OK"]),
        (b"HTTP/1.1 \t200 OK\r\n\r\n", [20], ["OK"]),
        (b"HTTP/1.1 2000 OK\r\n\r\n", [200], ["OK"]),
        (b"HTTP/1.1 20 OK\r\n\r\n", None, None),
        (b"ICY 200 OK\r\n\r\n", [200], ["OK"]),
    ],
)
def test_status_lines(line: bytes, code: object, phrase: object) -> None:
    fields = told("http", line, SERVES).fields
    assert (fields.get("http.response.code"), fields.get("http.response.phrase")) == (code, phrase)


def test_a_version_ends_where_a_text_of_c_does() -> None:
    assert told("http", b"HTTP/1.1\0 200 OK\r\n\r\n", SERVES).fields["http.response.version"] == ["HTTP/1.1"]


def test_names_of_header_fields_are_printed_like_values() -> None:
    """The name of a field is a label of the listing, but the packet's own text all the same."""
    found = told("http", b"GET / HTTP/1.1\r\nA\0\x1b[2J\x85\xc3\xa9: \x07v\r\n\r\n", CLIENT)
    assert found.lines[-1] == "  A..[2J...        : .v"


def test_ssdp_is_http_in_a_datagram() -> None:
    fields = told("http", b"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n\r\n", 3800).fields
    assert (fields["http.request.method"], fields["http.host"]) == (["M-SEARCH"], ["239.255.255.250:1900"])


def test_each_reply_of_smtp_has_its_code() -> None:
    fields = told("smtp", b"250-a\r\n250 b\r\n250 c\r\nodd line\r\n251-d\r\n250 e\r\n", SERVES).fields
    assert fields == {"smtp.response.code": [250, 250, 251], "smtp.rsp.parameter": ["a", "b", "c", "d", "e"]}


def test_commands_of_smtp_have_four_letters() -> None:
    fields = told("smtp", b"STARTTLS\r\nXFOO bar\r\nHI\r\n", CLIENT).fields
    assert fields == {"smtp.req.command": ["STAR", "XFOO"], "smtp.req.parameter": ["TLS", "bar"]}
    piped = told("smtp", b"XFOO\r\nDATA\r\nThis is it\r\n", CLIENT).fields
    assert piped == {"smtp.req.command": ["XFOO", "DATA"]}
    assert told("smtp", b"the rest\r\n", CLIENT | OWN * 4).fields == {}


def test_a_chunk_of_mail_is_as_long_as_its_command_says() -> None:
    one = flow("smtp")
    assert smtp.measure(b"BDAT 6 LAST\r\nab\r\n.\r\nQUIT", one) == 13
    assert (smtp.measure(b"ab\r\n", one), one.keep) == (4, NOTHING)
    assert (smtp.measure(b".\r\nQUIT\r\n", one), one.keep) == (2, NOTHING)
    one.keep = 0
    assert (smtp.measure(b"QUIT\r\n", one), one.keep) == (6, 0)
    assert smtp.measure(b"BDAT " + b"9" * 5000 + b"\r\n", flow("smtp")) == 5007


def test_binary_data_is_no_text() -> None:
    data = np.frombuffer(b"USER x\r\n".ljust(20, b"\0") + bytes(range(128, 148)) + bytes(64), dtype=np.uint8)
    start, end = np.array([0, 20]), np.array([8, 40])
    assert text.begins(data, start, end).tolist() == [True, False]


@pytest.mark.parametrize(
    ("data", "is_it"),
    [
        (b"+OK \xd3\xca\xbc\xfe Ready\r\n", True),
        (b"-ERR \xb4\xed\xce\xf3\r\n", True),
        (b"220-\xc4\xe3\xba\xc3\r\n", True),
        (b"2201\xc4\xe3\xba\xc3\r\n", False),
        (b"USER \xc4\xe3\r\n", True),
        (b"CWD \xc4rger\r\n", True),
        (b"mail from: tau\b\bno\x7f\r\n", True),
        (b"US\xc4 x\r\n", False),
        (b"CWD\0\xbd\xc5", False),
    ],
)
def test_what_follows_a_word_may_be_in_any_code_page(data: bytes, is_it: bool) -> None:
    buf = np.frombuffer(data + bytes(64), dtype=np.uint8)
    assert text.begins(buf, np.array([0]), np.array([len(data)])).tolist() == [is_it]
    assert text.looks(data) is is_it


def test_noise_that_starts_like_text_is_no_text() -> None:
    # The first bytes of a file's data are printable often enough; sixteen of them are not.
    assert text.looks(b"220 ready to serve") and not text.looks(b":-KW\x99T\xe2(\xb0\x81'EC4\xd0\xa6")
    assert not text.looks(b"220 \0\1\2")


def test_cut_at_every_byte() -> None:
    cut_everywhere("ftp", b"227 Entering Passive Mode (137,72,43,207,14,95)\r\n", SERVES)
    cut_everywhere("http", b"HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 3\r\n\r\n", SERVES)
    cut_everywhere("smtp", b"250-a\r\n250 b\r\n", SERVES)
    cut_everywhere("pop", b"+OK ready\r\n", SERVES)


def test_a_header_that_was_cut() -> None:
    """Where it was cut in the name of a field, Wireshark does not say which kind it is; half an end of line is one."""
    whole = b"GET / HTTP/1.1\r\nUser-Agent: demo\r\nHost: a\r\n\r\n"
    ends = {9: (None, True), 20: (None, False), 30: ("de", True), 33: ("demo", True), 34: ("demo", True)}
    for end, (agent, said) in {**ends, 37: ("demo", False), 39: ("demo", True)}.items():
        found = told("http", whole[:end], original=len(whole)).fields
        assert found.get("http.user_agent") == (agent and [agent]), end
        assert found.get("http.request") == ([True] if said else None), end
    assert "http.response" not in told("http", b"HTTP/1.1 200 OK\r\nSer", original=99).fields


def test_texts_are_ascii() -> None:
    # As in Wireshark; each other byte is replaced, whatever it could mean.
    found = told("ftp", b"CWD \xc3\x84\xbd\r\n", CLIENT)
    assert found.fields["ftp.request.arg"] == ["\ufffd\ufffd\ufffd"]
