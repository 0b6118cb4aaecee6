"""Two threads that carry the chunks of a listing to its target, each chunk by one thread from end to end.

A chunk is taken from the trace (records), its packets are found in it (layers), what there is to say of them is
woven, and that is rendered and written.  Each of these steps is done for one chunk after the other, in their order,
while the other thread is at another step of another chunk.  So whatever step takes longest, both processors have work:
column operations leave the interpreter lock.

Dumps take as long to render and to write as everything before: there one thread does the one while the other does the
other, and the lock changes hands less often.
"""

import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import chain
from typing import Any, BinaryIO

from zjobs.reports.frame import DOUBLE, Chunk, Ending
from zjobs.sink import pour
from zjobs.weave import Weave

_THREADS = 2

_RULE = f"{DOUBLE}\n".encode("ascii")

#: Seconds between the interpreter's offers to change threads.  Both threads spend their time in column operations
#: without the lock; the usual five milliseconds of waiting to get it back would be most of what they do.
_INTERVAL = 0.0005


def put(chunks: Iterable[Chunk], sink: BinaryIO, *, dumps: bool = False) -> None:
    """Write the chunks of a listing, which may be dumps; raises what their making or their writing raised."""
    pipeline = _Pipeline(iter(chunks), sink, dumps)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(_INTERVAL)
    helpers = [threading.Thread(target=pipeline.carry, daemon=True) for _ in range(_THREADS - 1)]
    for helper in helpers:
        helper.start()
    try:
        pipeline.carry()
        for helper in helpers:
            helper.join()
    except BaseException as error:
        # The user's interruption reaches the main thread alone, while it waits for the others too.
        pipeline.stop(error)
    finally:
        for helper in helpers:
            helper.join()
        sys.setswitchinterval(interval)
    if pipeline.error is not None:
        raise pipeline.error


class _Stopped(Exception):
    """Another thread failed: its error is the one to tell."""


class _Pipeline:
    """What the threads share: the source, whose turn it is at each step, and the first error."""

    def __init__(self, chunks: Iterator[Chunk], sink: BinaryIO, dumps: bool) -> None:
        self.chunks, self.sink = chunks, sink
        self.error: BaseException | None = None
        self.taken = 0
        self.taking = threading.Lock()
        #: Held from the taking of a chunk until all is said, where one thread at a time is to do that.
        self.making: AbstractContextManager[Any] = threading.Lock() if dumps else nullcontext()
        self.changed = threading.Condition()
        #: Whether the last line that a report wrote at the end of the run is a rule.
        self.ruled = False
        #: The number of the chunk whose turn it is.
        self.turn = {"find": 0, "say": 0, "write": 0}

    def carry(self) -> None:
        """Carry chunks until there are no more, or something fails."""
        try:
            while (taken := self._make()) is not None:
                number, chunk, made = taken
                self._write(number, made)
                # What a chunk took is free again before the next is taken, and not sooner: the other thread's chunk
                # would spread over it, and lists of a million packets took 40 MB more.
                del taken, chunk, made
        except _Stopped:
            pass
        except BaseException as error:
            self.stop(error)

    def stop(self, error: BaseException) -> None:
        """Have all threads end; the first error is kept."""
        with self.changed:
            self.error = self.error or error
            self.changed.notify_all()

    def _make(self) -> tuple[int, Chunk, bytes | Weave | Ending] | None:
        with self.making:
            if (taken := self._take()) is None:
                return None
            number, chunk = taken
            with self._turn("find", number):
                found = chunk.find()
            with self._turn("say", number):
                return number, chunk, chunk.say(found)

    def _take(self) -> tuple[int, Chunk] | None:
        with self.taking:
            if self.error is not None or (chunk := next(self.chunks, None)) is None:
                return None
            number = self.taken
            self.taken += 1
            return number, chunk

    def _write(self, number: int, made: bytes | Weave | Ending) -> None:
        parts = iter((memoryview(made),)) if isinstance(made, bytes) else made.parts()
        first = next(parts, memoryview(b""))
        with self._turn("write", number):
            ending = isinstance(made, Ending)
            if ending and self.ruled and first[: len(_RULE)] == _RULE:
                # The rule that closes one report opens the next: made side by side, they know nothing of each other.
                first = first[len(_RULE) :]
            for part in chain((first,), parts):
                pour(self.sink, part)
                if len(part):
                    self.ruled = ending and part[-len(_RULE) :] == _RULE

    @contextmanager
    def _turn(self, step: str, number: int) -> Iterator[None]:
        with self.changed:
            self.changed.wait_for(lambda: self.error is not None or self.turn[step] == number)
            if self.error is not None:
                raise _Stopped
        yield
        with self.changed:
            self.turn[step] += 1
            self.changed.notify_all()
