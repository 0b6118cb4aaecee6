"""Records in the order of time.

With several TRCOUT data sets the records of one trace are spread over all of them; with WRAP the newest
precede the oldest.  Each source is looked at once for its *runs*, stretches in which time does not jump
back, and the runs of all sources are merged, one bounded batch of each in memory.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from zjobs.trace.table import Table, compact, concat

#: A jump back of more than this is a wrap point or a seam; less is the ordinary disorder of one writer.
JUMP_NS = 1_000_000_000

#: More runs than this are not merged but sorted by an index of times, window by window.
MOST_RUNS = 32
_WINDOW = 50_000


class Disorder(Exception):
    """A source that was taken for one run jumps back in time; it must be surveyed and read again."""


class Readable(Protocol):
    """Anything that yields tables, more than once."""

    def tables(self) -> Iterator[Table]:
        """All records, in the order of the source."""
        ...


@dataclass(eq=False, repr=False)
class Runs:
    """Where time jumps back in a source: ordinals of the first record of each run, and the jumps' offsets.

    A packet without a time sorts as of 1970.
    """

    firsts: list[int] = field(default_factory=lambda: [0])
    jumps: list[int] = field(default_factory=list)
    count: int = 0


def survey(readable: Readable) -> Runs:
    """One cheap pass: the runs of a source."""
    runs = Runs()
    high = np.int64(-(1 << 62))
    for table in readable.tables():
        time = table.time_ns
        base = 0
        while base < time.size:
            rest = time[base:]
            top = np.maximum(np.maximum.accumulate(rest), high)
            back = rest < top - JUMP_NS
            if not back.any():
                high = top[-1]
                break
            at = int(np.argmax(back))
            base += at
            runs.firsts.append(runs.count + base)
            if time[base]:
                # What has no time begins a run like any other, but is no place where time goes back.
                runs.jumps.append(int(table.position[base]))
            high = time[base]
        runs.count += time.size
    return runs


def hoped(readable: Readable) -> Iterator[Table]:
    """The records of one source, taken for one run; raises Disorder where time jumps back."""
    high = np.int64(-(1 << 62))
    for table in _settled(readable.tables()):
        if table.time_ns[0] < high - JUMP_NS:
            raise Disorder
        high = max(high, table.time_ns[-1])
        yield table


def in_order(readables: Sequence[Readable], runs: Sequence[Runs]) -> Iterator[Table]:
    """All records of all sources by (buffer time, source, position)."""
    if sum(len(r.firsts) for r in runs) > MOST_RUNS:
        yield from _by_windows(readables)
        return
    streams = []
    for readable, found in zip(readables, runs):
        edges = [*found.firsts, found.count]
        for low, high in pairwise(edges):
            whole = low == 0 and high == found.count
            tables = readable.tables()
            streams.append(_settled(tables if whole else _between(tables, low, high)))
    yield from streams[0] if len(streams) == 1 else _merged(streams)


def _between(tables: Iterable[Table], low: int, high: int) -> Iterator[Table]:
    ordinal = 0
    for table in tables:
        first, last = max(low - ordinal, 0), min(high - ordinal, len(table))
        if first < last:
            yield table if last - first == len(table) else table.take(np.arange(first, last))
        ordinal += len(table)
        if ordinal >= high:
            return


def _sorted(table: Table) -> Table:
    time = table.time_ns
    if time.size < 2 or bool((time[1:] >= time[:-1]).all()):
        return table
    return table.take(np.lexsort((table.position, table.source, time)))


def _settled(tables: Iterator[Table]) -> Iterator[Table]:
    """Sorted tables that do not overlap: one batch of lookahead mends the disorder inside a run."""
    held: Table | None = None
    for table in tables:
        if not len(table):
            continue
        if held is None:
            held = _sorted(table)
            continue
        earliest = table.time_ns.min()
        if held.time_ns[-1] <= earliest:
            yield held
            held = _sorted(table)
            continue
        ready = int(np.searchsorted(held.time_ns, earliest, side="right"))
        if ready:
            yield held.take(np.arange(ready))
        rest = compact(held.take(np.arange(ready, len(held))))
        held = _sorted(concat([rest, table]))
    if held is not None:
        yield held


def _merged(streams: Sequence[Iterator[Table]]) -> Iterator[Table]:
    heads: list[Table] = []
    live: list[Iterator[Table]] = []
    for stream in streams:
        first = next(stream, None)
        if first is not None:
            heads.append(first)
            live.append(stream)
    while heads:
        horizon = min(int(h.time_ns[-1]) for h in heads)
        ready: list[Table] = []
        for k in range(len(heads) - 1, -1, -1):
            head = heads[k]
            cut = int(np.searchsorted(head.time_ns, horizon, side="right"))
            if cut:
                ready.append(head if cut == len(head) else compact(head.take(np.arange(cut))))
            if cut < len(head):
                heads[k] = head.take(np.arange(cut, len(head)))
                continue
            following = next(live[k], None)
            if following is None:
                del heads[k], live[k]
            else:
                heads[k] = following
        table = concat(ready)
        yield table.take(np.lexsort((table.position, table.source, table.time_ns)))


def _by_windows(readables: Sequence[Readable]) -> Iterator[Table]:
    """Records in time order when the sources are in no order at all: an index of times, then one pass a window."""
    times = np.concatenate([t.time_ns for r in readables for t in r.tables()] or [np.zeros(0, dtype=np.int64)])
    order = np.argsort(times, kind="stable")
    rank = np.empty(times.size, dtype=np.int64)
    rank[order] = np.arange(times.size)
    for low in range(0, times.size, _WINDOW):
        parts, ranks, base = [], [], 0
        for table in (t for r in readables for t in r.tables()):
            here = rank[base : base + len(table)]
            base += len(table)
            chosen = np.flatnonzero((here >= low) & (here < low + _WINDOW))
            if chosen.size:
                parts.append(compact(table.take(chosen)))
                ranks.append(here[chosen])
        window = concat(parts)
        yield window.take(np.argsort(np.concatenate(ranks)))


def without_duplicates(tables: Iterable[Table]) -> Iterator[tuple[Table, int]]:
    """Drop entries whose bytes were already met in another source; yields the number dropped with each table.

    Identical entries have identical buffer times, so they are neighbours in a table in time order.
    """
    for table in tables:
        again = _repeated(table)
        if again.any():
            yield table.take(~again), int(again.sum())
        else:
            yield table, 0


def _repeated(table: Table) -> NDArray[np.bool_]:
    time, size = table.time_ns, table.end - table.start
    again = np.zeros(len(table), dtype=np.bool_)
    lag = 1
    while lag < len(table):
        near = (time[lag:] == time[:-lag]) & (size[lag:] == size[:-lag]) & (table.source[lag:] != table.source[:-lag])
        same = np.flatnonzero(time[lag:] == time[:-lag])
        for row in np.flatnonzero(near).tolist():
            a = table.buf[table.start[row] : table.end[row]]
            b = table.buf[table.start[row + lag] : table.end[row + lag]]
            if not again[row] and np.array_equal(a, b):
                again[row + lag] = True
        if not same.size or lag >= 64:
            break
        lag += 1
    return again
