"""Columns of characters against literal texts."""

from __future__ import annotations

import numpy as np
import pytest

from zjobs import chars
from zjobs.chars import Chars

pytestmark = pytest.mark.s390x


def column(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.uint64)


@pytest.mark.parametrize("count", [1, 5000])
def test_decimal(count: int) -> None:
    """The same for few values and for many, where a table serves."""
    values = [0, 7, 10, 99, 100, 65535]
    assert chars.decimal(column(*(values * count))).texts() == ["0", "7", "10", "99", "100", "65535"] * count


def test_decimal_of_large_numbers() -> None:
    values = [0, 65536, 4294967295, 10**15, 18446744073709551615]
    assert chars.decimal(column(*values)).texts() == [str(v) for v in values]


def test_decimal_of_nothing() -> None:
    assert chars.decimal(column()).texts() == []


@pytest.mark.parametrize("width", [1, 2, 4, 6, 9])
def test_zero_filled(width: int) -> None:
    top = 10**width - 1
    assert chars.zero_filled(column(0, 5, top), width).texts() == ["0".zfill(width), "5".zfill(width), str(top)]


@pytest.mark.parametrize(
    ("digits", "wanted"),
    [
        (1, ["0", "F", "4"]),
        (2, ["00", "0F", "34"]),
        (3, ["000", "00F", "234"]),
        (8, ["00000000", "0000000F", "00001234"]),
    ],
)
def test_hexadecimal(digits: int, wanted: list[str]) -> None:
    assert chars.hexadecimal(column(0, 15, 0x1234), digits).texts() == wanted


def test_hex_bytes_of_different_lengths() -> None:
    raw = np.array([[0xC1, 0x00, 0xFF], [1, 2, 3]], dtype=np.uint8)
    assert chars.hex_bytes(raw).texts() == ["C100FF", "010203"]
    assert chars.hex_bytes(raw, np.array([1, 0])).texts() == ["C1", ""]


def test_ipv4() -> None:
    values = column(0, 0xFFFFFFFF, 0x0A000001, 0xC0000201, 0x01640A09)
    assert chars.ipv4(values).texts() == ["0.0.0.0", "255.255.255.255", "10.0.0.1", "192.0.2.1", "1.100.10.9"]


def test_joined_closes_up() -> None:
    ports = chars.joined(chars.constant("(", 3), chars.decimal(column(1, 22, 333)), chars.constant(")", 3))
    assert ports.texts() == ["(1)", "(22)", "(333)"]
    between = chars.from_texts(["a", "", "ccc"])
    assert chars.joined(ports, between, ports).texts() == ["(1)a(1)", "(22)(22)", "(333)ccc(333)"]


def test_right_and_left() -> None:
    text = chars.decimal(column(1, 22, 333333))
    assert chars.right(text, 5).texts() == ["     1", "    22", "333333"]
    assert chars.right(chars.decimal(column(1, 22)), 5).texts() == ["    1", "   22"]
    assert chars.left(chars.decimal(column(1, 22)), 5).texts() == ["1    ", "22   "]
    assert chars.right(chars.decimal(column()), 5).texts() == []


def test_either_and_only() -> None:
    mask = np.array([True, False])
    assert chars.either(mask, chars.constant("yes", 2), chars.constant("n", 2)).texts() == ["yes", "n"]
    assert chars.only(mask, chars.constant("yes", 2)).texts() == ["yes", ""]


def test_by_value_asks_once_for_each_value() -> None:
    asked = []
    assert chars.by_value(column(3, 1, 3), lambda v: asked.append(v) or f"<{v}>").texts() == ["<3>", "<1>", "<3>"]
    assert sorted(asked) == [1, 3]


def test_names() -> None:
    assert chars.names(column(6, 99), {6: "TCP"}).texts() == ["TCP", "99"]
    assert chars.names(column(99), {}, lambda v: f"type({v})").texts() == ["type(99)"]


def test_windows_and_views() -> None:
    flat = np.arange(20, dtype=np.uint8)
    assert chars.windows(flat, np.array([0, 5]), 3).tolist() == [[0, 1, 2], [5, 6, 7]]
    assert chars.windows(flat, np.array([], dtype=np.int64), 3).shape == (0, 3)
    assert chars.rows_view(flat[:2], 3).size == 0


def test_texts_drop_what_is_beyond_each_length() -> None:
    rows = np.frombuffer(b"abcd", dtype=np.uint8).reshape(2, 2)
    assert Chars(rows, np.array([1, 2])).texts() == ["a", "cd"]
