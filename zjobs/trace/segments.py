"""Segmented trace records: a packet that did not fit in one entry, put together again.

Reference: IP Programmer's Guide and Reference, "Segmented records".  All segments of a set carry the same
time and total length; they are numbered 0, 1, ... 255, 1, ...  The joined packet stands where its last
segment stood, with the header of the first.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from zjobs.trace.table import State, Table, compact, concat, with_bytes

_MOST_OPEN = 64
_OLDEST_NS = 5_000_000_000


@dataclass(eq=False, repr=False)
class _Set:
    first: Table
    need: int
    parts: list[bytes] = field(default_factory=list)
    have: int = 0
    expected: int = 1
    waiting: dict[int, bytes] = field(default_factory=dict)


@dataclass(eq=False, repr=False)
class Rejoiner:
    """Joins the segments of one reading; counts what was read and what was lost."""

    read: int = 0
    lost: int = 0
    open: dict[bytes, _Set] = field(default_factory=dict)
    #: False shows the first segment of each set as it is, and no other (NOSEGMENT).
    join: bool = True

    def tables(self, tables: Iterable[Table]) -> Iterator[Table]:
        """Tables with every set that is whole as one row; a set that is not is listed with what is there."""
        for table in tables:
            rows = self._segments(table)
            if not self.join:
                yield self._firsts(table, rows)
                continue
            yield self._join(table, rows) if rows.size else table
            if self.open:
                yield from self._given_up(int(table.time_ns[-1]) - _OLDEST_NS)
        self.lost += sum(len(g.waiting) + 1 for g in self.open.values())
        if self.open:
            yield self._left_over(list(self.open))

    def _given_up(self, horizon: int) -> Iterator[Table]:
        """Sets whose missing segment will not come any more."""
        old = [k for k, g in self.open.items() if g.first.time_ns[0] < horizon]
        old += [k for k in list(self.open)[: max(0, len(self.open) - _MOST_OPEN)] if k not in old]
        if old:
            self.lost += sum(len(self.open[k].waiting) + 1 for k in old)
            yield self._left_over(old)

    def _segments(self, table: Table) -> NDArray[np.int64]:
        has = (table.header >= 0) & (table.state & State.INVALID == 0)
        if not has.any():
            return np.zeros(0, dtype=np.int64)
        short = table.data_end - table.data_start < table.traced
        return np.flatnonzero(has & ((table.pthdr["seqnum"] > 0) | short))

    def _firsts(self, table: Table, rows: NDArray[np.int64]) -> Table:
        """The table without later segments; what is left of a set is marked as a segment."""
        self.read += rows.size
        if not rows.size:
            return table
        later = table.pthdr["seqnum"][rows] > 0
        table.state[rows[~later]] |= np.uint8(State.SEGMENT)
        keep = np.ones(len(table), dtype=np.bool_)
        keep[rows[later]] = False
        return table if keep.all() else table.take(np.flatnonzero(keep))

    def _join(self, table: Table, rows: NDArray[np.int64]) -> Table:
        seq = table.pthdr["seqnum"]
        keep = np.ones(len(table), dtype=np.bool_)
        arena = bytearray()
        whole: list[tuple[int, int, int, int]] = []
        buf = table.buf
        for row in rows.tolist():
            self.read += 1
            key = self._key(table, row)
            number = int(seq[row])
            data = buf[table.data_start[row] : table.data_end[row]].tobytes()
            if number == 0:
                first = compact(table.take(np.array([row])))
                self.open[key] = _Set(first, int(table.traced[row]), [data], len(data))
            elif key in self.open:
                self.open[key].waiting[number] = data
            else:
                self.lost += 1
                table.state[row] |= State.INCOMPLETE
                continue
            keep[row] = False
            joined = self._advance(key)
            if joined is not None:
                keep[row] = True
                first, body = joined
                head = _head(first)
                at = len(arena)
                arena += head + body
                whole.append((row, at, at + len(head), at + len(head) + len(body)))
                table.link[row], table.original[row] = first.link[0], first.original[0]
        out, base = with_bytes(table, bytes(arena))
        for row, header, start, end in whole:
            out.header[row], out.data_start[row], out.data_end[row] = base + header, base + start, base + end
            out.start[row], out.end[row] = base + header, base + end
            out.state[row] |= State.REJOINED
        return replace(out).take(np.flatnonzero(keep)) if not keep.all() else replace(out)

    def _advance(self, key: bytes) -> tuple[Table, bytes] | None:
        group = self.open[key]
        while group.expected in group.waiting:
            part = group.waiting.pop(group.expected)[: group.need - group.have]
            group.parts.append(part)
            group.have += len(part)
            group.expected = 1 if group.expected == 255 else group.expected + 1
        if group.have < group.need:
            return None
        del self.open[key]
        return group.first, b"".join(group.parts)

    def _key(self, table: Table, row: int) -> bytes:
        layout = table.pthdr.layout.by_name
        head: bytes = table.pthdr.raw[row].tobytes()
        fields = (layout[name] for name in ("time", "tlen", "infname", "src", "dst"))
        return bytes(table.fmtid[row].tobytes()) + b"".join(head[f.offset : f.offset + f.size] for f in fields)

    def _left_over(self, keys: list[bytes]) -> Table:
        """One row for each set that never became whole."""
        groups = [self.open.pop(k) for k in keys]
        arena = bytearray()
        places = []
        for g in groups:
            head, body = _head(g.first), b"".join(g.parts)
            places.append((len(arena), len(head), len(body)))
            arena += head + body
        table, base = with_bytes(concat([g.first for g in groups]), bytes(arena))
        at, head_size, body_size = np.array(places, dtype=np.int64).T
        table.header[:] = table.start[:] = base + at
        table.data_start[:] = base + at + head_size
        table.data_end[:] = table.end[:] = base + at + head_size + body_size
        # An enumeration member is a 64-bit number to NumPy, which refuses to store it in place.
        table.state |= np.uint8(State.INCOMPLETE)
        return table


def _head(first: Table) -> bytes:
    return first.buf[first.header[0] : first.data_start[0]].tobytes()
