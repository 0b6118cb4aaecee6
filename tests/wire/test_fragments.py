"""Fragments in any order: a datagram is told once, at the record that completed it, whichever fragment that is."""

from __future__ import annotations

import shutil
import struct
from itertools import pairwise, permutations
from pathlib import Path

import pytest
from formatted import differences, entries, fields, listing, pcap, subject, witnessed
from packets import ip4, ip6, tcp, udp
from readings import trace_of

pytestmark = pytest.mark.s390x

#: RFC 1035, section 4.1: a question for the address of example.org, with blanks behind it.
QUESTION = bytes.fromhex("1234 0100 0001 0000 0000 0000 07 6578616d706c65 03 6f7267 00 0001 0001")
WHOLE = udp(40000, 53, QUESTION.ljust(64))
EDGES = (0, 24, 48, len(WHOLE))


def four() -> list[bytes]:
    """RFC 791, section 3.2: three fragments."""
    pieces = list(pairwise(EDGES))
    return [ip4(17, WHOLE[a:b], fragment=0x2000 * (b < len(WHOLE)) | a // 8, ident=9) for a, b in pieces]


def six() -> list[bytes]:
    """RFC 8200, section 4.5: the same behind Fragment headers."""
    pieces = list(pairwise(EDGES))
    return [ip6(44, struct.pack(">BBHI", 17, 0, a | (b < len(WHOLE)), 9) + WHOLE[a:b]) for a, b in pieces]


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize("make", [four, six])
def test_a_datagram_is_told_once_in_any_order(make, order: tuple[int, ...]) -> None:
    data = entries([make()[k] for k in order])
    for layer in next(trace_of(data).dissections()).layers:
        assert len(set(layer.rows.tolist())) == len(layer), layer.name
    found = fields(data)
    assert [row.get("dns.qry.name") for row in found] == [None, None, "example.org"]
    assert [row.get("udp.length") for row in found] == [None, None, len(WHOLE)]
    shown = listing(data, "FULL CHECKSUM(DETAIL) SUMMARY STATISTICS(DETAIL)")
    # The first fragment shows its protocol header as well, unless the datagram stands in its place.
    assert sum("Destination Port:" in line for line in shown) == (1 if order[2] == 0 else 2)


@pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")
def test_tshark_tells_the_same_when_the_first_fragment_comes_last(tmp_path: Path) -> None:
    names, ours, theirs = witnessed(tmp_path, four()[::-1], ("dns.", "udp."), [])
    assert "dns.qry.name" in names
    assert not differences([n for n in names if n != "udp.stream"], ours, theirs)


def test_fragments_whose_checksum_an_adapter_makes_are_joined() -> None:
    """A header that is damaged is another matter: its datagram waits for one that is not."""
    without = [piece[:10] + bytes(2) + piece[12:] for piece in four()]
    assert [row.get("dns.qry.name") for row in fields(entries(without))] == [None, None, "example.org"]
    damaged = [without[0], without[1][:10] + b"\x12\x34" + without[1][12:], without[2]]
    assert not any("dns.qry.name" in row for row in fields(entries(damaged)))


def test_a_first_fragment_that_was_cut_is_read(tmp_path: Path) -> None:
    """It is never joined, so that what is there of it is all there will be; by the capture, or by its frame."""
    first = ip4(17, udp(40000, 53, QUESTION.ljust(1400, b"\0")), fragment=0x2000)
    (found,) = fields(entries([first[:100]], original=len(first)))
    assert found["dns.qry.name"] == "example.org"
    (found,) = subject.read(pcap(tmp_path / "cut.pcap", [first[:100]]))
    assert found["dns.qry.name"] == ["example.org"] and found["udp.dstport"] == [53]
    http = b"GET / HTTP/1.1\r\n".ljust(200)
    segment = ip4(6, tcp(40000, 80, data=http), fragment=0x2000)
    (found,) = fields(entries([segment[:100]], original=len(segment)))
    assert found["http.request.method"] == "GET"
