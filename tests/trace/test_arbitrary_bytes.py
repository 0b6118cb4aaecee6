"""Whatever the bytes are, only the two errors of a request or of its data are raised."""

from __future__ import annotations

import contextlib
import io

import pytest
from encoder import CONTAINERS, packet_records, wrap_pcap
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from readings import own_files, rows, trace_of

from zjobs.errors import DataError, RequestError
from zjobs.jobs.format import Request, write
from zjobs.trace.grammar import parse

pytestmark = pytest.mark.s390x

CTES = wrap_pcap(next(p for p in own_files() if p.stem == "dns"), limit=4).ctes
FULL = parse("FULL CHECKSUM(DETAIL) SUMMARY STATISTICS(DETAIL) OPTION")
ordinary = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def listing(data: bytes) -> None:
    try:
        trace = trace_of(data, buffer=1 << 14)
        write(trace, Request(("x",), "FULL", FULL), io.BytesIO())
    except DataError:
        pass


@ordinary
@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    listing(data)


@ordinary
@given(st.binary(max_size=80), st.binary(max_size=80), st.sampled_from(sorted(CONTAINERS)))
def test_any_bytes_around_a_trace(before: bytes, after: bytes, name: str) -> None:
    listing(before + CONTAINERS[name](CTES[:2]).rstrip(b"\0")[:2000] + after)


@ordinary
@given(st.lists(st.binary(min_size=1, max_size=120), min_size=1, max_size=8), st.sampled_from([4, 5, 6, 7, 8]))
def test_any_bytes_as_packets(packets: list[bytes], fmtid: int) -> None:
    """Around the packet everything is right: the walk and the listing meet every value."""
    data = b"".join(
        entry
        for n, packet in enumerate(packets)
        for entry in packet_records(packet, time_us=1_700_000_000_000_000 + n, fmtid=fmtid)
    )
    trace = trace_of(data)
    write(trace, Request(("x",), "FULL", FULL), io.BytesIO())
    assert trace.counts.passed == len(packets)


@ordinary
@given(
    st.sampled_from([bytes.fromhex("450000500001000040"), bytes.fromhex("4f0000600001200040"), b"\x60\0\0\0\0\x40"]),
    st.sampled_from([0, 1, 2, 4, 6, 17, 41, 43, 44, 47, 50, 51, 58, 60, 89, 135]),
    st.binary(min_size=20, max_size=140),
)
def test_any_bytes_behind_an_ip_header(head: bytes, proto: int, rest: bytes) -> None:
    data = b"".join(packet_records(head + bytes([proto]) + rest, time_us=1_700_000_000_000_000))
    trace = trace_of(data)
    write(trace, Request(("x",), "FULL", FULL), io.BytesIO())
    assert trace.counts.passed == 1


@ordinary
@given(st.binary(max_size=300))
def test_any_bytes_as_pcap_and_pcapng(data: bytes) -> None:
    head = b"\xd4\xc3\xb2\xa1\x02\0\x04\0" + bytes(8) + b"\xff\xff\0\0\x01\0\0\0"
    section = b"\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a\x01\0\0\0" + b"\xff" * 8 + b"\x1c\0\0\0"
    interface = b"\x01\0\0\0\x14\0\0\0\x01\0\0\0\0\0\0\0\x14\0\0\0"
    for start in (head, section, section + interface):
        listing(start + data)


@ordinary
@given(st.text(max_size=60))
def test_any_option_text(text: str) -> None:
    try:
        parse(text)
    except RequestError as error:
        assert error.return_code == 8


@ordinary
@given(st.lists(st.sampled_from(["TCP", "PORT(", ")", "(", ",", "1:2", "NOT", "FLAGS(ANY SYN)", "X"]), max_size=9))
def test_any_order_of_option_words(words: list[str]) -> None:
    try:
        parse(" ".join(words))
    except RequestError as error:
        assert str(error).startswith("ZJB02")


def test_an_endless_chain_ends() -> None:
    """Entries of length zero, of their own length, and pointing back."""
    for data in (b"\0\x12" * 40_000, b"\0\0\0\x04" * 20_000, b"\0\x04\0\0" * 20_000, b"\x80\0\0\x04" * 20_000):
        with contextlib.suppress(DataError):
            rows(trace_of(data))


def test_a_fragment_header_outside_ipv6() -> None:
    packet = bytes.fromhex("45000050000100004044") + bytes(18) + bytes.fromhex("0001000000000000") + bytes(12)
    packet = packet[:9] + b"\x2c" + packet[10:]
    trace = trace_of(b"".join(packet_records(packet, time_us=1_700_000_000_000_000)))
    write(trace, Request(("x",), "FULL", FULL), io.BytesIO())
    assert trace.counts.passed == 1
