"""Chunks carried by several threads: their order, and what becomes of them when something fails."""

from __future__ import annotations

import io
import sys
import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from zjobs.chars import from_texts
from zjobs.jobs.pipeline import put
from zjobs.reports.frame import Chunk, text
from zjobs.weave import Weave


@pytest.fixture(params=[False, True], ids=["", "dumps"])
def dumps(request: pytest.FixtureRequest) -> bool:
    """Lists, which all threads make, and dumps, which one makes while another writes."""
    return bool(request.param)


def rows(*texts: str) -> Weave:
    weave = Weave(len(texts))
    weave.add(from_texts(texts))
    return weave


def chunk(make: Callable[[], bytes | Weave]) -> Chunk:
    return Chunk(lambda: None, lambda _: make())


def slowly(number: int, seen: list[int]) -> Chunk:
    """A chunk that takes longer the earlier it is."""

    def find() -> int:
        time.sleep(0.001 * (5 - number % 5))
        return number

    def say(found: int) -> bytes | Weave:
        seen.append(found)
        time.sleep(0.001 * (5 - number % 5))
        return rows(f"{found},", ";") if found % 2 else b"%d." % found

    return Chunk(find, say)


def test_chunks_keep_their_order(dumps: bool) -> None:
    sink, seen = io.BytesIO(), []
    put((slowly(n, seen) for n in range(40)), sink, dumps=dumps)
    assert sink.getvalue().decode() == "".join(f"{n},;" if n % 2 else f"{n}." for n in range(40))
    assert seen == list(range(40))


def test_more_than_one_thread_works() -> None:
    """While one thread weaves a chunk, another takes the next."""
    met = threading.Barrier(2, timeout=10)

    def chunks() -> Iterator[Chunk]:
        yield chunk(lambda: b"a" if met.wait() >= 0 else b"")
        met.wait()
        yield text("b")

    sink = io.BytesIO()
    put(chunks(), sink)
    assert sink.getvalue() == b"ab"


def test_a_dump_is_written_while_the_next_is_made(dumps: bool) -> None:
    """One thread at a time makes dumps; another writes in the meantime."""
    making, most = [0], [0]

    class Written(Weave):
        def __init__(self, written: threading.Event) -> None:
            super().__init__(0)
            self.written = written

        def parts(self, most: int = 0) -> Iterator[memoryview]:
            assert self.written.wait(10)
            yield memoryview(b"x")

    def step() -> None:
        making[0] += 1
        most[0] = max(most[0], making[0])
        time.sleep(0.002)
        making[0] -= 1

    events = [threading.Event() for _ in range(9)]

    def say(number: int) -> Weave:
        step()
        if number:
            # Only now can the one before be written: it would wait for ever if nothing were made beside it.
            events[number - 1].set()
        if number == len(events) - 1:
            events[number].set()
        return Written(events[number])

    sink = io.BytesIO()
    put((Chunk(step, lambda _, n=n: say(n)) for n in range(len(events))), sink, dumps=dumps)
    assert sink.getvalue() == b"x" * len(events)
    if dumps:
        assert most[0] == 1


def test_nothing_is_written_out_of_nothing(dumps: bool) -> None:
    sink = io.BytesIO()
    put(iter(()), sink, dumps=dumps)
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


def test_a_target_that_takes_little_gets_everything(dumps: bool) -> None:
    sink = Full(1000)
    put([text("heading\n"), chunk(lambda: rows("one\n", "two\n"))], sink, dumps=dumps)
    assert bytes(sink.got) == b"heading\none\ntwo\n"


def test_a_full_target(dumps: bool) -> None:
    sink = Full(10)
    with pytest.raises(OSError, match="No space"):
        put((slowly(n, []) for n in range(1000)), sink, dumps=dumps)
    assert bytes(sink.got) == b"0.1,;2.3,;"


@pytest.mark.parametrize("where", ["source", "find", "say"])
@pytest.mark.parametrize("number", [0, 1, 6, 7])
def test_an_error_ends_all_threads(where: str, number: int, dumps: bool) -> None:
    class Broken(Exception):
        pass

    def failing() -> bytes:
        raise Broken

    def chunks() -> Iterator[Chunk]:
        for n in range(1000):
            if n == number and where == "source":
                raise Broken
            if n == number:
                yield Chunk(failing, lambda _: b"") if where == "find" else chunk(failing)
            else:
                yield slowly(n, [])

    sink, before, interval = io.BytesIO(), threading.active_count(), sys.getswitchinterval()
    with pytest.raises(Broken):
        put(chunks(), sink, dumps=dumps)
    assert threading.active_count() == before
    assert sys.getswitchinterval() == interval
    whole = "".join(f"{n},;" if n % 2 else f"{n}." for n in range(number)).encode()
    # What was on its way may be lost with the error, but nothing is written past it or out of order.
    assert whole.startswith(sink.getvalue())


def test_large_texts_go_out_in_parts(dumps: bool) -> None:
    texts = ["x" * 1_000_000 + "\n"] * 40
    sink = io.BytesIO()
    put([chunk(lambda: rows(*texts))], sink, dumps=dumps)
    assert np.frombuffer(sink.getvalue(), dtype=np.uint8).size == sum(map(len, texts))
    assert sink.getvalue() == "".join(texts).encode()


def test_an_interruption_while_the_other_thread_writes(monkeypatch: pytest.MonkeyPatch, dumps: bool) -> None:
    """The main thread has nothing left to do and waits: what interrupts it there ends the other one too."""
    begun, interrupted = threading.Event(), threading.Event()
    main = threading.current_thread()
    join = threading.Thread.join

    def waiting(self: threading.Thread, timeout: float | None = None) -> None:
        if threading.current_thread() is main and not interrupted.is_set():
            assert begun.wait(10)
            interrupted.set()
            raise KeyboardInterrupt
        join(self, timeout)

    class Slow(io.RawIOBase):
        def write(self, data: bytes) -> int:
            begun.set()
            assert interrupted.wait(10)
            return len(data)

    def chunks() -> Iterator[Chunk]:
        while threading.current_thread() is main:
            # The other thread shall have the only chunk.
            time.sleep(0.01)
            if begun.is_set():
                return
            yield text("")
        yield text("all there is")

    monkeypatch.setattr(threading.Thread, "join", waiting)
    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        put(chunks(), Slow(), dumps=dumps)
    assert threading.active_count() == before
