"""Layouts, option walks, checksums and clocks against literal values."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import numpy as np
import pytest

from zjobs.wire import cte, options, pthdr, sums
from zjobs.wire.layout import PADDING, Field, Layout

pytestmark = pytest.mark.s390x

LAYOUT = Layout(
    "sample",
    (
        Field("version", "u8", 0, bits=(4, 4)),
        Field("words", "u8", 0, bits=(0, 4)),
        Field("size", "u16", 1),
        Field("wide", "u24", 3),
        Field("number", "u32", 6),
        Field("clock", "u64", 10),
        Field("name", "e8", 18),
    ),
    26,
)
RAW = bytes.fromhex("45 0102 030405 0607F809 8000000000000001") + "ETH1    ".encode("cp037")


def buffer(*parts: bytes) -> np.ndarray:
    return np.frombuffer(b"".join(parts) + bytes(PADDING), dtype=np.uint8)


def test_fields_are_read_where_they_are_declared() -> None:
    columns = LAYOUT.gather(buffer(b"\xff", RAW, RAW), np.array([1, 27]), np.array([27, 53]))
    assert len(columns) == 2
    assert columns["version"].tolist() == [4, 4]
    assert columns["words"].tolist() == [5, 5]
    assert columns["size"].tolist() == [0x0102] * 2
    assert columns["wide"].tolist() == [0x030405] * 2
    assert columns["number"].tolist() == [0x0607F809] * 2
    assert columns["clock"].tolist() == [0x8000000000000001] * 2
    assert columns.octets("name").tobytes() == RAW[18:26] * 2
    assert columns.present("name") is None
    assert columns["number"].dtype.isnative


def test_bytes_behind_the_end_are_zero_and_absent() -> None:
    columns = LAYOUT.gather(buffer(RAW, RAW), np.array([0, 26]), np.array([26, 34]))
    assert columns["number"].tolist() == [0x0607F809, 0x06070000]
    assert columns["clock"].tolist() == [0x8000000000000001, 0]
    assert columns.present("wide").tolist() == [True, True]
    assert columns.present("number").tolist() == [True, False]
    assert columns.octets("name")[1].tolist() == [0] * 8


def test_the_worked_example_of_the_trace_header() -> None:
    raw = bytes.fromhex(
        "005C000127000024 E3C1D7F0404040404040404040404040 DEAF3D6AC0611000 00000000000000000000FFFF0A010102"
        "00000000000000000000FFFF0A010002 0000000000000001 00010000007F62C0001E002400000002 00000000"
    )
    assert len(raw) == 92
    columns = pthdr.load().layout.gather(buffer(raw), np.array([0]), np.array([92]))
    wanted = {
        "len": 92, "seqnum": 0, "flag": 1, "devty": 39, "tlen": 36, "sport": 0, "dport": 0, "count": 1, "qid": 0,
        "protocol": 1, "vlan": 0, "tcb": 0x7F62C0, "asid": 0x1E, "plen": 36, "infix": 2, "droprsn": 0, "offseglen": 0,
    }  # fmt: skip
    assert {name: int(columns[name][0]) for name in wanted} == wanted
    assert columns.octets("infname").tobytes().decode("cp037") == "TAP0".ljust(16)
    assert cte.unix_ns(columns["time"]).tolist() == [1_708_518_896_789_009_000]
    assert pthdr.is_ipv4(columns.octets("src")).tolist() == [True]


@pytest.mark.parametrize(
    ("tail", "four"), [("0000FFFF", True), ("0000FFFE", True), ("00000000", False), ("0000FFFD", False)]
)
def test_which_address_fields_hold_ipv4(tail: str, four: bool) -> None:
    raw = bytes(8) + bytes.fromhex(tail) + bytes([10, 1, 1, 2])
    assert pthdr.is_ipv4(np.frombuffer(raw, dtype=np.uint8).reshape(1, 16)).tolist() == [four]
    other = b"\x20" + raw[1:]
    assert pthdr.is_ipv4(np.frombuffer(other, dtype=np.uint8).reshape(1, 16)).tolist() == [False]


def ns(tod: int, leap: int = 0) -> int:
    return int(cte.unix_ns(np.array([tod], dtype=np.uint64), leap)[0])


def at(*when: int) -> int:
    return int(datetime(*when, tzinfo=UTC).timestamp()) * 1_000_000_000


@pytest.mark.parametrize(
    ("tod", "unix"),
    [
        (0x7D91048BCA000000 | 0, None),
        (0xB361183F48000000, at(2000, 1, 1)),
        (0xDEAF3D6AC0614000, 1_708_518_896_789_012_000),
        (0xFFFFFFFFFFFFF000, at(2042, 9, 17, 23, 53, 47) + 370_495_000),
        (0x0000000000000000, at(2042, 9, 17, 23, 53, 47) + 370_496_000),
        (0x0000000000001000, at(2042, 9, 17, 23, 53, 47) + 370_497_000),
        (0xB361183F48000800, at(2000, 1, 1) + 500),
    ],
)
def test_clock_values(tod: int, unix: int | None) -> None:
    """A value with bit 0 off belongs to the epoch after 2042; X'7D91...' is 1970 only in the epoch before it."""
    if unix is None:
        assert ns(tod) == (1 << 52) * 1000
    else:
        assert ns(tod) == unix


def test_leap_seconds_are_taken_off() -> None:
    assert ns(0xDEAF3D6AC0614000, 27) == ns(0xDEAF3D6AC0614000) - 27_000_000_000


def slow_sum(data: bytes) -> int:
    """RFC 1071 as it is written: add 16-bit words, pad an odd byte, fold the carries."""
    total = 0
    for k in range(0, len(data), 2):
        total += int.from_bytes(data[k : k + 2].ljust(2, b"\0"), "big")
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def test_the_example_of_rfc_1071() -> None:
    data = bytes.fromhex("0001f203f4f5f6f7")
    buf = buffer(data)
    assert sums.folded(sums.words(buf, np.array([0]), np.array([8]))).tolist() == [0xDDF2]
    assert sums.folded(sums.of_rows(buf, np.array([0]), 8)).tolist() == [0xDDF2]


def test_the_header_of_the_worked_example_sums_to_all_ones() -> None:
    buf = buffer(bytes.fromhex("450000240001400040 0125D3 0A0101020A010002"))
    assert sums.folded(sums.words(buf, np.array([0]), np.array([20]))).tolist() == [0xFFFF]


@pytest.mark.parametrize("seed", range(6))
def test_ragged_stretches_against_the_slow_sum(seed: int) -> None:
    dice = random.Random(seed)
    data = dice.randbytes(6000) if seed else b"\xff" * 6000
    start = np.array([dice.randrange(0, 3000) for _ in range(200)], dtype=np.int64)
    end = start + np.array([dice.choice([0, 1, 2, 3, 20, 21, 1500, dice.randrange(3000)]) for _ in range(200)])
    got = sums.folded(sums.words(buffer(data), start, end)).tolist()
    wanted = [slow_sum(data[s:e]) for s, e in zip(start.tolist(), end.tolist(), strict=True)]
    # One's complement has two zeros; both say the same.
    assert [g % 0xFFFF for g in got] == [w % 0xFFFF for w in wanted]


@pytest.mark.parametrize("skew", range(8))
def test_stretches_of_a_buffer_at_any_place_in_memory(skew: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole words have their natural places; few are added at a time, and the buffer ends where the data does."""
    monkeypatch.setattr(sums, "_AT_ONCE", 50)
    data = random.Random(skew).randbytes(2000 + skew)
    edges = sorted(random.Random(skew).choices(range(len(data) - skew + 1), k=100))
    start, end = np.array(edges[0::2]), np.array(edges[1::2])
    got = sums.words(np.frombuffer(data, dtype=np.uint8)[skew:], start, end).tolist()
    assert got == [slow_sum(data[skew:][s:e]) for s, e in zip(edges[0::2], edges[1::2], strict=True)]


@pytest.mark.parametrize("seed", range(3))
def test_stretches_in_order_against_the_slow_sum(seed: int) -> None:
    dice = random.Random(seed)
    data, start, end, position = dice.randbytes(9000), [], [], 0
    while position < 8000:
        start.append(position)
        end.append(position + dice.randrange(0, 200))
        position = end[-1] + dice.randrange(0, 5)
    got = sums.folded(sums.words(buffer(data), np.array(start), np.array(end))).tolist()
    assert [g % 0xFFFF for g in got] == [slow_sum(data[s:e]) % 0xFFFF for s, e in zip(start, end, strict=True)]


def walked(*areas: str, excluding: bool = False) -> list[tuple[int, int, int, int, int]]:
    raw = [bytes.fromhex(a) for a in areas]
    ends = np.cumsum([len(r) for r in raw])
    starts = ends - np.array([len(r) for r in raw])
    plain = (0,) if excluding else (0, 1)
    found = options.walk(buffer(*raw), starts, ends, plain, excluding=excluding)
    columns = (found.row, found.rank, found.kind, found.size, found.claimed)
    return list(zip(*(c.tolist() for c in columns), strict=True))


def test_options_of_a_tcp_header() -> None:
    assert walked("020405B4 0402 080A0000000100000000 01 030307") == [
        (0, 0, 2, 4, 4),
        (0, 1, 4, 2, 2),
        (0, 2, 8, 10, 10),
        (0, 3, 1, 1, 1),
        (0, 4, 3, 3, 3),
    ]


def test_options_of_several_headers_are_told_apart() -> None:
    assert walked("01010402", "", "020405B4") == [(0, 0, 1, 1, 1), (0, 1, 1, 1, 1), (0, 2, 4, 2, 2), (2, 0, 2, 4, 4)]


def test_the_end_of_options_ends_them() -> None:
    assert walked("01000402") == [(0, 0, 1, 1, 1), (0, 1, 0, 1, 1)]


def test_an_option_of_no_length_cannot_be_stepped_over() -> None:
    assert walked("0500 0402") == [(0, 0, 5, 2, 0)]
    assert walked("0501 0402") == [(0, 0, 5, 2, 1)]


def test_an_option_that_runs_over_the_header_is_cut() -> None:
    assert walked("01 0828 0000") == [(0, 0, 1, 1, 1), (0, 1, 8, 4, 0x28)]


def test_an_option_without_room_for_its_length() -> None:
    assert walked("01 08") == [(0, 0, 1, 1, 1), (0, 1, 8, 1, 0)]


def test_ipv6_options_count_only_their_value() -> None:
    assert walked("050200000100", excluding=True) == [(0, 0, 5, 4, 4), (0, 1, 1, 2, 2)]
    assert walked("00 00 050200 00", excluding=True) == [(0, 0, 0, 1, 1), (0, 1, 0, 1, 1), (0, 2, 5, 4, 4)]
