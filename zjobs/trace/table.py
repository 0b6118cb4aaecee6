"""The table: a packet is a row.

A :class:`Table` is one batch of records as columns over one buffer.  It is the same for every source: a
trace data set, a pcap file, a record stream.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from enum import IntEnum
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes
from zjobs.wire.layout import PADDING, Columns
from zjobs.wire.pthdr import HeaderLayout


class Direction(IntEnum):
    """Seen from the traced system; a sniffer does not know."""

    IN = 0
    OUT = 1
    UNKNOWN = 2


class State(IntEnum):
    """Bits of the ``state`` column."""

    REJOINED = 1
    INCOMPLETE = 2
    INVALID = 4
    OLD_HEADER = 8
    SURPLUS = 16
    #: The first segment of a set, shown alone (NOSEGMENT).
    SEGMENT = 32
    #: The source says no time of it; its times are 0.
    UNTIMED = 64


@dataclass(eq=False, repr=False)
class Names:
    """Interface and job names met so far; a column holds their index."""

    texts: list[str] = field(default_factory=list)
    _index: dict[str, int] = field(default_factory=dict)

    def code(self, text: str) -> int:
        """The index of a name."""
        if text not in self._index:
            self._index[text] = len(self.texts)
            self.texts.append(text)
        return self._index[text]


class Info(NamedTuple):
    """What is known of a source as a whole."""

    name: str
    component: str = ""
    subname: str = ""
    sysname: str = ""


@dataclass(eq=False, repr=False)
class Context:
    """What all tables of one reading share.

    ``buffer`` is about how many bytes a table covers; ``home`` are addresses of the traced system as
    (version, high half, low half), from which packets of a sniffer get their direction.
    """

    header: HeaderLayout
    buffer: int = 8 << 20
    home: tuple[tuple[int, int, int], ...] = ()
    names: Names = field(default_factory=Names)
    infos: list[Info] = field(default_factory=list)


@dataclass(eq=False, repr=False)
class Table:
    """n records over one buffer; every column is an array (n,).

    ``start``/``end`` bound the whole entry, ``data_start``/``data_end`` what was traced of the packet,
    ``header`` is the offset of the packet trace header (-1 if there is none).  ``time_ns`` is when the
    record was put in the trace buffer, ``capture_ns`` when the packet was captured (ns since 1970 UTC).
    ``traced`` and ``original`` are packet lengths after and before abbreviation.
    """

    context: Context
    buf: Bytes
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    header: NDArray[np.int64]
    data_start: NDArray[np.int64]
    data_end: NDArray[np.int64]
    time_ns: NDArray[np.int64]
    capture_ns: NDArray[np.int64]
    fmtid: NDArray[np.uint32]
    link: NDArray[np.uint8]
    direction: NDArray[np.uint8]
    traced: NDArray[np.int64]
    original: NDArray[np.int64]
    interface: NDArray[np.int32]
    source: NDArray[np.int16]
    position: NDArray[np.int64]
    state: NDArray[np.uint8]
    number: NDArray[np.int64]

    def __len__(self) -> int:
        return int(self.start.size)

    @cached_property
    def pthdr(self) -> Columns:
        """The packet trace headers; records without one read as absent."""
        has = self.header >= 0
        start = np.where(has, self.header, 0)
        layout = self.context.header.layout
        raw_len = self.buf[start].astype(np.int64) << 8 | self.buf[start + 1]
        end = np.where(has, start + np.minimum(raw_len, layout.size), 0)
        return layout.gather(self.buf, start, np.maximum(end, start))

    def take(self, which: NDArray[Any]) -> "Table":
        """The rows chosen by an index or mask; the buffer stays."""
        return replace(self, **{name: getattr(self, name)[which] for name in COLUMNS})

    def interface_names(self) -> list[str]:
        """All names that the ``interface`` column can point at."""
        return self.context.names.texts


COLUMNS = tuple(f.name for f in fields(Table) if f.name not in ("context", "buf"))
_OFFSETS = ("start", "end", "header", "data_start", "data_end")


def concat(tables: Sequence[Table]) -> Table:
    """One table over one new buffer, rows in the given order."""
    if len(tables) == 1:
        return tables[0]
    bases = np.cumsum([0, *(t.buf.size - PADDING for t in tables[:-1])])
    buf = np.concatenate([*(t.buf[: t.buf.size - PADDING] for t in tables), np.zeros(PADDING, dtype=np.uint8)])
    columns: dict[str, NDArray[Any]] = {}
    for name in COLUMNS:
        parts = [getattr(t, name) for t in tables]
        if name in _OFFSETS:
            parts = [np.where(p >= 0, p + b, p) for p, b in zip(parts, bases)]
        columns[name] = np.concatenate(parts)
    return Table(tables[0].context, buf, **columns)


def compact(table: Table) -> Table:
    """The same rows over a buffer that holds only their bytes; for the few that are kept a while."""
    sizes = table.end - table.start
    base = np.cumsum(sizes) - sizes
    total = int(sizes.sum())
    buf = np.zeros(total + PADDING, dtype=np.uint8)
    inner = np.arange(total) - np.repeat(base, sizes)
    buf[:total] = table.buf[np.repeat(table.start, sizes) + inner]
    shift = base - table.start
    moved = {n: getattr(table, n) + shift for n in _OFFSETS if n != "header"}
    moved["header"] = np.where(table.header >= 0, table.header + shift, -1)
    return replace(table, buf=buf, **moved)


def with_bytes(table: Table, extra: bytes) -> tuple[Table, int]:
    """The table over a buffer grown by ``extra``; also the offset of the new bytes."""
    at = table.buf.size - PADDING
    new = np.frombuffer(extra, dtype=np.uint8)
    buf = np.concatenate([table.buf[:at], new, np.zeros(PADDING, dtype=np.uint8)])
    return replace(table, buf=buf), at
