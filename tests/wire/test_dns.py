"""DNS messages: literal bytes of the manual's sample and of RFC 1035, and messages that are made to do harm."""

from __future__ import annotations

import struct

import pytest
from telling import cut_everywhere, told

from zjobs.wire.talk import STREAM

pytestmark = pytest.mark.s390x

# spec: ipcs-reports 5.6, the manual's UDP record: id 40266, rd, one question w3.ibm.com AAAA IN.
QUERY = struct.pack(">HHHHHH", 40266, 0x0100, 1, 0, 0, 0) + b"\x02w3\x03ibm\x03com\0" + struct.pack(">HH", 28, 1)

ANSWER = (
    struct.pack(">HHHHHH", 7, 0x8580, 1, 2, 0, 0)
    + b"\x01a\x07example\0" + struct.pack(">HH", 1, 1)
    + struct.pack(">HHHIH", 0xC00C, 5, 1, 60, 4) + b"\x01b\xc0\x0e"
    + struct.pack(">HHHIH", 0xC027, 1, 1, 60, 4) + bytes([192, 0, 2, 7])
)  # fmt: skip


def test_the_sample_of_the_manual_line_for_line() -> None:
    found = told("dns", QUERY)
    assert found.lines == [
        "",
        "=" * 79,
        ";; ->>DNS HEADER<<- opcode: QUERY,  status: NOERROR, id: 40266",
        ";; flags: rd; Ques: 1, Ans: 0, Auth: 0, Addit: 0",
        "",
        ";; QUESTIONS: 1",
        ";; w3.ibm.com                          IN      AAAA",
    ]
    assert found.summary == "dns : client query (Standard)"


def test_answers_follow_pointers() -> None:
    found = told("dns", ANSWER)
    assert found.fields["dns.resp.name"] == ["a.example", "b.example"]
    assert (found.fields["dns.cname"], found.fields["dns.a"]) == (["b.example"], ["192.0.2.7"])
    assert found.summary == "dns : server response (No Error)"
    assert not found.problems


def test_name_errors_are_worded_as_the_analyzer_does() -> None:
    failed = struct.pack(">HHHHHH", 7, 0x8183, 0, 0, 0, 0)
    assert told("dns", failed).summary == "dns : server response (Name Error)"


def test_over_tcp_every_message_has_its_length() -> None:
    both = b"".join(struct.pack(">H", len(m)) + m for m in (QUERY, ANSWER))
    found = told("dns", both, STREAM)
    assert found.fields["dns.id"] == [40266, 7]
    assert found.fields["dns.length"] == [len(QUERY), len(ANSWER)]


def test_pointers_that_go_round_in_circles_are_a_problem() -> None:
    looped = struct.pack(">HHHHHH", 1, 0, 1, 0, 0, 0) + b"\xc0\x0c" + struct.pack(">HH", 1, 1)
    assert [claimed for claimed, _ in told("dns", looped).problems] == ["dns.qry.name"]


def test_counts_that_lie_end_where_the_bytes_end() -> None:
    lying = struct.pack(">HHHHHH", 1, 0, 65535, 65535, 65535, 65535) + QUERY[12:]
    found = told("dns", lying)
    assert found.fields["dns.qry.name"] == ["w3.ibm.com"]
    assert len(found.problems) == 1


def test_cut_at_every_byte() -> None:
    cut_everywhere("dns", QUERY)
    cut_everywhere("dns", ANSWER)
    cut_everywhere("dns", struct.pack(">H", len(ANSWER)) + ANSWER, STREAM)


def test_rare_records_are_told_by_the_library() -> None:
    # RFC 6844, section 5: CAA 0 issue "ca.example.net"; then one whose data cannot be that.
    caa = b"\0\x05issueca.example.net"
    for data, text in ((caa, '0 issue "ca.example.net"'), (b"\0\xff", "00FF")):
        record = b"\x01a\0" + struct.pack(">HHIH", 257, 1, 60, len(data)) + data
        assert told("dns", struct.pack(">HHHHHH", 1, 0x8400, 0, 1, 0, 0) + record).lines[-1].endswith(text)
