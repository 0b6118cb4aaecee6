"""DNS messages: literal bytes of the manual's sample and of RFC 1035, and messages that are made to do harm."""

from __future__ import annotations

import struct
import time

import numpy as np
import pytest
from telling import cut_everywhere, told

from zjobs.wire import dns
from zjobs.wire.layout import PADDING
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


def test_a_header_that_is_not_whole_is_told_as_far_as_it_goes() -> None:
    found = told("dns", QUERY[:7])
    assert (found.fields["dns.id"], found.fields["dns.flags.recdesired"]) == ([40266], [True])
    assert found.fields["dns.count.queries"] == [1] and "dns.count.answers" not in found.fields
    assert len(found.problems) == 1
    assert not told("dns", QUERY[:3]).fields


def test_a_record_longer_than_its_message_is_none() -> None:
    lies = ANSWER[:-6] + struct.pack(">H", 99) + ANSWER[-4:]
    found = told("dns", lies)
    assert (found.fields["dns.resp.type"], "dns.a" in found.fields) == ([5], False)
    assert len(found.problems) == 1
    # Of one that was only cut Wireshark shows nothing either; it is no problem.
    cut = told("dns", ANSWER[:-4], original=len(ANSWER))
    assert (cut.fields["dns.resp.type"], cut.problems) == ([5], [])


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


def test_an_update_calls_its_sections_otherwise() -> None:
    # RFC 2136: zone example, prerequisite that a name has no CNAME, its addresses deleted.
    update = (
        struct.pack(">HHHHHH", 9, 0x2800, 1, 1, 1, 0) + b"\x07example\0" + struct.pack(">HH", 6, 1)
        + b"\x01a\xc0\x0c" + struct.pack(">HHIH", 5, 254, 0, 0) + b"\xc0\x19" + struct.pack(">HHIH", 1, 255, 0, 0)
    )  # fmt: skip
    found = told("dns", update)
    assert "dns.count.queries" not in found.fields
    assert (found.fields["dns.count.zones"], found.fields["dns.count.updates"]) == ([1], [1])
    assert found.fields["dns.resp.name"] == ["a.example"] * 2
    assert not found.problems


def test_types_behind_a_hashed_name() -> None:
    # RFC 5155, appendix B: 1 1 12 aabbccdd, the next hash, then MX DNSKEY NS SOA NSEC3PARAM RRSIG.
    record = bytes.fromhex("0101000c04aabbccdd14") + bytes(range(20)) + bytes.fromhex("00072201000000029000")[:9]
    answer = (
        struct.pack(">HHHHHH", 7, 0x8180, 0, 1, 0, 0) + b"\0" + struct.pack(">HHIH", 50, 1, 60, len(record)) + record
    )
    found = told("dns", answer)
    assert found.fields["dns.resp.type"] == [50, 2, 6, 15, 46, 48, 51]
    assert " 1 1 12 AABBCCDD 000G40O40K30E209185GO38E1S8124GJ NS SOA MX RRSIG DNSKEY NSEC3PARAM" in found.lines[-1]
    cut_everywhere("dns", answer)


def test_the_root_and_what_no_name_has() -> None:
    head = struct.pack(">HHHHHH", 1, 0x0100, 1, 0, 0, 0)
    root = told("dns", head + b"\0" + struct.pack(">HH", 2, 1)).fields
    assert (root["dns.qry.name.len"], root["dns.count.labels"]) == ([6], [1])
    odd = told("dns", head + b"\x03a\x04b\x02\xc3\xa4\0" + struct.pack(">HH", 2, 1)).fields
    assert (odd["dns.qry.name"], odd["dns.qry.name.len"]) == (["a\\004b.\xe4"], [6])


def test_multicast_records_of_options_have_a_flush_bit() -> None:
    options = struct.pack(">HHHHHH", 0, 0, 0, 0, 0, 1) + b"\0" + struct.pack(">HHIH", 41, 0x85A0, 0, 0)
    found = told("dns", options, 5353 * 2).fields
    assert (found["dns.resp.cache_flush"], found["dns.rr.udp_payload_size"]) == ([True], [0x05A0])


def test_empty_texts_among_others_are_told() -> None:
    texts = b"\x01a\0\x01b"
    record = struct.pack(">HHHHHH", 7, 0x8180, 0, 1, 0, 0) + b"\0" + struct.pack(">HHIH", 16, 1, 60, len(texts)) + texts
    assert told("dns", record).fields["dns.txt"] == ["a", "", "b"]


def test_other_ports() -> None:
    payloads = [QUERY, ANSWER, QUERY[:2] + b"\x09" + QUERY[3:], QUERY[:7] + b"\1" + QUERY[8:], QUERY[:12], bytes(40)]
    buf = np.frombuffer(b"".join(payloads) + bytes(PADDING), dtype=np.uint8)
    end = np.cumsum([len(p) for p in payloads])
    start = end - np.array([len(p) for p in payloads])
    assert dns.anywhere(buf, start, end).tolist() == [True, True, False, False, False, False]


def test_a_name_that_is_too_long_ends_nothing() -> None:
    # RFC 1035, section 2.3.4: 255 bytes with lengths and end; the record behind it is read.
    label = b"\x3f" + b"a" * 63
    answer = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 0, 4) + b"\1\2\3\4"
    for rest, is_it in ((b"\x3d" + b"a" * 61 + b"\0", False), (b"\x3e" + b"a" * 62 + b"\0", True)):
        name = label * 3 + rest
        found = told("dns", struct.pack(">6H", 1, 0x8180, 1, 1, 0, 0) + name + struct.pack(">HH", 1, 1) + answer)
        assert (found.fields["dns.qry.name"] == ["<Name too long>"]) == is_it
        assert (found.fields["dns.resp.name"] == ["<Name too long>"]) == is_it
        assert found.fields["dns.a"] == ["1.2.3.4"]
        assert [p for p, _ in found.problems] == ["dns.qry.name", "dns.resp.name"] * is_it


def test_many_pointers_to_one_long_name_take_no_time() -> None:
    labels = b"\1a" * 8000 + b"\0"
    record = b"\xc0\x0c" + struct.pack(">HHIH", 16, 1, 0, 0)
    message = struct.pack(">6H", 1, 0x8180, 1, 3000, 0, 0) + labels + struct.pack(">HH", 1, 1) + record * 3000
    start = time.process_time()
    assert told("dns", message).fields["dns.resp.name"] == ["<Name too long>"] * 3000
    assert time.process_time() - start < 5


def test_a_name_of_one_character_counts_as_none() -> None:
    found = told("dns", struct.pack(">6H", 1, 0x100, 1, 0, 0, 0) + b"\1a\0" + struct.pack(">HH", 1, 1))
    assert (found.fields["dns.qry.name"], found.fields["dns.qry.name.len"]) == (["a"], [0])
    assert found.fields["dns.count.labels"] == [0]


def test_long_names_and_classes_stand_apart_from_what_follows() -> None:
    name = b"\x3e" + b"n" * 62 + b"\0"
    question = name + struct.pack(">HH", 12, 1)
    records = (
        name + struct.pack(">HHIH", 51, 1, 1234567, 5) + b"\1\0\0\1\0" + b"\0" + struct.pack(">HHIH", 5, 254, 0, 0)
    )
    found = told("dns", struct.pack(">HHHHHH", 1, 0x2800, 1, 2, 0, 0) + question + records)
    words = [line.split() for line in found.lines]
    assert [";;", "n" * 62, "IN", "PTR"] in words
    assert ["n" * 62, "1234567", "IN", "NSEC3PARAM", "1", "0", "1", "-"] in words
    assert ["<Root>", "0", "NONE", "CNAME"] in words
    assert not [line for line in found.lines if line.endswith(" ")]
