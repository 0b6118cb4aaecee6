"""Rows of different lengths, put one behind the other."""

from __future__ import annotations

import numpy as np
import pytest

from zjobs import chars
from zjobs.weave import Lines, Weave

pytestmark = pytest.mark.s390x


def render(weave: Weave) -> str:
    return weave.render().tobytes().decode("ascii")


def test_weave_puts_pieces_row_by_row() -> None:
    weave = Weave(3)
    weave.add(chars.from_texts(["a", "bb", ""]))
    weave.add(chars.constant("-", 2), np.array([0, 2]))
    weave.add(chars.from_texts(["1\n", "22\n", "333\n"]))
    assert render(weave) == "a-1\nbb22\n-333\n"
    assert weave.total.tolist() == [4, 5, 5]


def test_rows_are_taken_in_any_order() -> None:
    weave = Weave(3)
    weave.add(chars.from_texts(["a", "b"]), np.array([2, 0]))
    weave.add(chars.constant(";", 3))
    assert render(weave) == "b;;a;"


def test_nothing_woven_is_no_text() -> None:
    assert render(Weave(0)) == render(Weave(2)) == ""
    assert list(Weave(0).parts()) == []


@pytest.mark.parametrize("most", [1, 4, 7, 20, 1000])
def test_parts_are_the_whole_in_whole_rows(most: int) -> None:
    def make(low: int, high: int) -> np.ndarray:
        return np.array([list(b"%03d\n" % n) for n in range(low, high)], dtype=np.uint8)

    weave = Weave(5)
    weave.add(chars.from_texts(["one ", "three ", "four "]), np.array([0, 2, 3]))
    weave.add_lines(Lines(make, 4, np.array([2, 3])), np.array([1, 3]))
    weave.add_texts([b"", b"told as it is\n"], np.array([0, 3]))
    weave.add(chars.constant("!\n", 5))
    whole = render(weave)
    parts = [bytes(part).decode() for part in weave.parts(most)]
    assert "".join(parts) == whole == "one !\n000\n001\n!\nthree !\nfour 002\n003\n004\ntold as it is\n!\n!\n"
    assert all(part.endswith("!\n") for part in parts)
    assert all(len(part) <= most or part.count("!") == 1 for part in parts)


def test_lines_are_made_while_the_text_is_put_together() -> None:
    asked: list[tuple[int, int]] = []

    def make(low: int, high: int) -> np.ndarray:
        asked.append((low, high))
        return np.array([list(b"%03d\n" % n) for n in range(low, high)], dtype=np.uint8)

    weave = Weave(4)
    weave.add(chars.from_texts(["A\n", "B\n", "C\n", "D\n"]))
    weave.add_lines(Lines(make, 4, np.array([2, 0, 3])), np.array([0, 2, 3]))
    weave.add(chars.constant(".\n", 4))
    assert render(weave) == "A\n000\n001\n.\nB\n.\nC\n.\nD\n002\n003\n004\n.\n"


def test_lines_beyond_one_block() -> None:
    """Blocks end in the middle of a row's lines."""

    def make(low: int, high: int) -> np.ndarray:
        return np.frombuffer(b"".join(b"%06d\n" % n for n in range(low, high)), dtype=np.uint8).reshape(-1, 7)

    weave = Weave(3)
    weave.add_lines(Lines(make, 7, np.array([9000, 1, 12000])), np.arange(3))
    assert render(weave) == "".join(f"{n:06d}\n" for n in range(21001))
