"""Several traces printed as one: their records in the order of time (MERGE of IPCS).

Reference: MVS Diagnosis: Tools and Service Aids, "Merged traces".
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes, copy_stretches
from zjobs.page import clock
from zjobs.reports.frame import Chunk, Dates, Frame, Report, ends, text, woven

_TITLE = "********** MERGED TRACES ***********"


@dataclass
class _Rows:
    """Records that wait for their turn: times of the trace buffer, times as printed, texts in one buffer."""

    time: NDArray[np.int64]
    shown: NDArray[np.int64]
    start: NDArray[np.int64]
    size: NDArray[np.int64]
    text: Bytes

    def take(self, which: NDArray[np.int64]) -> "_Rows":
        return _Rows(self.time[which], self.shown[which], self.start[which], self.size[which], self.text)


def listing(parts: Sequence[tuple[Frame, list[Report]]], titles: Sequence[str], columns: str) -> Iterator[Chunk]:
    """Titles, the records of all parts by time, the ends of their reports."""
    numbered = "".join(f"{number:02}. {title}\n" for number, title in enumerate(titles, 1))
    yield text(f"{_TITLE}\n{numbered}")
    dates = Dates(columns)
    for rows in _merged([_rows(frame, reports) for frame, reports in parts]):
        if dates.first is None:
            dates.first = int(clock.days(rows.shown[:1])[0])
        rows = rows.take(np.flatnonzero(rows.size))
        if not len(rows.size):
            continue
        days = clock.days(rows.shown)
        new = np.flatnonzero(np.diff(days, prepend=days[0] - 1 if dates.day is None else dates.day))
        edges = [*new.tolist(), len(days)]
        if edges[0] > 0:
            yield _rendered(rows, 0, edges[0])
        for low, high in pairwise(edges):
            yield text(dates.line(int(days[low])))
            yield _rendered(rows, low, high)
    yield text(dates.rest())
    for _, reports in parts:
        yield from ends(reports)


def _rows(frame: Frame, reports: list[Report]) -> Iterator[_Rows]:
    reached = -(1 << 62)
    for found in frame.trace.dissections():
        # A sniffer file that is kept in its own order may go back in time; its records stay where they are.
        time = np.maximum(np.maximum.accumulate(found.table.time_ns), reached)
        reached = int(time[-1])
        weave = woven(frame, reports, found)
        text = weave.render()
        ends = np.cumsum(weave.total)
        yield _Rows(time, frame.record_time(found), ends - weave.total, weave.total, text)


def _merged(streams: list[Iterator[_Rows]]) -> Iterator[_Rows]:
    """Batches of all streams in the order of time; of one time, the stream that was named first comes first."""
    heads = {k: rows for k, stream in enumerate(streams) if (rows := next(stream, None)) is not None}
    while heads:
        horizon = min(int(rows.time[-1]) for rows in heads.values())
        ready: list[_Rows] = []
        for k, rows in list(heads.items()):
            cut = int(np.searchsorted(rows.time, horizon, side="right"))
            if cut:
                ready.append(rows.take(np.arange(cut)))
            following: _Rows | None = rows.take(np.arange(cut, rows.time.size))
            if cut == rows.time.size:
                following = next(streams[k], None)
            if following is None:
                del heads[k]
            else:
                heads[k] = following
        yield _joined(ready)


def _joined(parts: list[_Rows]) -> _Rows:
    bases = np.cumsum([0, *(p.text.size for p in parts[:-1])])
    time = np.concatenate([p.time for p in parts])
    rows = _Rows(
        time,
        np.concatenate([p.shown for p in parts]),
        np.concatenate([p.start + base for p, base in zip(parts, bases)]),
        np.concatenate([p.size for p in parts]),
        np.concatenate([p.text for p in parts]),
    )
    return rows.take(np.argsort(time, kind="stable"))


def _rendered(rows: _Rows, low: int, high: int) -> Chunk:
    size = rows.size[low:high]
    out = np.empty(int(size.sum()), dtype=np.uint8)
    copy_stretches(out, np.cumsum(size) - size, rows.text, rows.start[low:high], size)
    return Chunk(lambda: None, lambda _: out.tobytes())
