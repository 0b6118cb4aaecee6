"""Chunks carried by several threads: their order, and what becomes of them when something fails."""

from __future__ import annotations

import io
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import pytest

from zjobs.chars import from_texts
from zjobs.jobs.pipeline import put
from zjobs.weave import Weave


def rows(*texts: str) -> Weave:
    weave = Weave(len(texts))
    weave.add(from_texts(texts))
    return weave


def slowly(number: int, seen: list[int]) -> bytes | Weave:
    """A chunk that takes longer the earlier it is."""
    seen.append(number)
    time.sleep(0.002 * (5 - number % 5))
    return rows(f"{number},", ";") if number % 2 else b"%d." % number


def test_chunks_keep_their_order() -> None:
    sink, seen = io.BytesIO(), []
    put((partial(slowly, n, seen) for n in range(40)), sink)
    assert sink.getvalue().decode() == "".join(f"{n},;" if n % 2 else f"{n}." for n in range(40))
    assert seen == list(range(40))


def test_more_than_one_thread_works() -> None:
    """While one thread weaves a chunk, another takes the next."""
    met = threading.Barrier(2, timeout=10)

    def chunks() -> Iterator[Callable[[], bytes]]:
        yield lambda: b"a" if met.wait() >= 0 else b""
        met.wait()
        yield lambda: b"b"

    sink = io.BytesIO()
    put(chunks(), sink)
    assert sink.getvalue() == b"ab"


def test_nothing_is_written_out_of_nothing() -> None:
    sink = io.BytesIO()
    put(iter(()), sink)
    assert sink.getvalue() == b""


class Full(io.RawIOBase):
    """Takes three bytes at a time, and ten in all."""

    def __init__(self, room: int) -> None:
        self.got, self.room = bytearray(), room

    def write(self, data: bytes) -> int:
        if len(self.got) >= self.room:
            raise OSError(28, "No space left on device")
        self.got += data[:3]
        return len(data[:3])


def test_a_target_that_takes_little_gets_everything() -> None:
    sink = Full(1000)
    put([b"heading\n", lambda: rows("one\n", "two\n")], sink)
    assert bytes(sink.got) == b"heading\none\ntwo\n"


def test_a_full_target() -> None:
    sink = Full(10)
    with pytest.raises(OSError, match="No space"):
        put((partial(slowly, n, []) for n in range(1000)), sink)
    assert bytes(sink.got) == b"0.1,;2.3,;"


@pytest.mark.parametrize("where", ["source", "weave"])
@pytest.mark.parametrize("number", [0, 1, 6, 7])
def test_an_error_ends_all_threads(where: str, number: int) -> None:
    class Broken(Exception):
        pass

    def failing() -> bytes:
        raise Broken

    def chunks() -> Iterator[Callable[[], bytes | Weave]]:
        for n in range(1000):
            if n == number and where == "source":
                raise Broken
            yield failing if n == number else partial(slowly, n, [])

    sink, before, interval = io.BytesIO(), threading.active_count(), sys.getswitchinterval()
    with pytest.raises(Broken):
        put(chunks(), sink)
    assert threading.active_count() == before
    assert sys.getswitchinterval() == interval
    whole = "".join(f"{n},;" if n % 2 else f"{n}." for n in range(number)).encode()
    # What was on its way may be lost with the error, but nothing is written past it or out of order.
    assert whole.startswith(sink.getvalue())


def test_large_texts_go_out_in_parts() -> None:
    texts = ["x" * 1_000_000 + "\n"] * 40
    sink = io.BytesIO()
    put([lambda: rows(*texts)], sink)
    assert np.frombuffer(sink.getvalue(), dtype=np.uint8).size == sum(map(len, texts))
    assert sink.getvalue() == "".join(texts).encode()
