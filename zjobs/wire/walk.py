"""The walk: from the first byte of every packet to its last known header, all packets at once.

Packets that have the same protocol at the same depth form one :class:`Layer`.  A protocol module says
with ``FOUND`` where it is found and with ``reach`` how far it goes and what comes next; the walk asks
each module once a depth, never once a packet.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from enum import IntEnum, IntFlag
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes, distinct
from zjobs.wire.layout import PADDING, Columns
from zjobs.wire.protocols import protocols, selectors

Index = NDArray[np.int64]
Mask = NDArray[np.bool_]

#: Headers inside headers beyond this are left as data: a loop of tunnels is an attack, not a packet.
DEEPEST = 24


class Fault(IntEnum):
    """Kinds of packet problems."""

    SHORT = 1
    LENGTH = 2
    VALUE = 3
    DEEP = 4


FAULT_TEXT = {
    Fault.SHORT: "header or data cut short",
    Fault.LENGTH: "a length that contradicts the packet",
    Fault.VALUE: "a value that is not allowed",
    Fault.DEEP: "too many headers",
}


@dataclass(eq=False, repr=False)
class Problems:
    """Problem rows of one batch: which packet, which layer, what is wrong, where, how much was needed and is there.

    ``offset`` counts from the start of the traced packet; ``claimed`` names the field that set the need.
    """

    row: list[Index] = field(default_factory=list)
    offset: list[Index] = field(default_factory=list)
    needed: list[Index] = field(default_factory=list)
    available: list[Index] = field(default_factory=list)
    what: list[tuple[str, Fault, str, int]] = field(default_factory=list)

    def add(
        self, layer: str, kind: Fault, claimed: str, row: Index, offset: Index, needed: Index, available: Index
    ) -> None:
        """Rows of one kind; nothing when there are none."""
        if row.size:
            self.what.append((layer, kind, claimed, row.size))
            self.row.append(row)
            self.offset.append(offset)
            self.needed.append(np.broadcast_to(needed, row.shape))
            self.available.append(np.broadcast_to(available, row.shape))

    def __len__(self) -> int:
        return sum(n for *_, n in self.what)

    def take(self, place: Index) -> "Problems":
        """Only the problems of packets that have a new ``place`` (-1 is none)."""
        out = Problems()
        for k, (layer, kind, claimed, _) in enumerate(self.what):
            keep = place[self.row[k]] >= 0
            out.add(
                layer, kind, claimed, place[self.row[k][keep]], self.offset[k][keep], self.needed[k][keep],
                self.available[k][keep],
            )  # fmt: skip
        return out


@dataclass(eq=False, repr=False)
class Occurrences:
    """Where a protocol was found: n places, arrays (n,).

    ``rows`` are packet indices, ascending; ``start`` is the header's offset in the buffer, ``end`` the end
    of the bytes that are there, ``limit`` the end that the lengths of the headers claim (``limit >= end``
    when the packet was cut).  ``pseudo`` is the sum of the 16-bit words of both addresses of the enclosing
    IP header, ``version`` its version (0 outside IP).  ``quoted`` marks headers inside an ICMP error,
    ``fragment`` those behind a first fragment; ``code`` is the number that led here.
    """

    rows: Index
    start: Index
    end: Index
    limit: Index
    pseudo: Index
    version: NDArray[np.uint8]
    quoted: Mask
    fragment: Mask
    code: Index


_PLACES = tuple(f.name for f in fields(Occurrences))


@dataclass(eq=False, repr=False)
class Layer(Occurrences):
    """One protocol at one depth, with its fixed part as columns; ``head`` is the length of each header."""

    name: str
    depth: int
    columns: Columns
    head: Index
    extra: dict[str, NDArray[Any]] = field(default_factory=dict)

    def __len__(self) -> int:
        return int(self.rows.size)

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.columns[name]

    @property
    def waiting(self) -> Mask:
        """Those in a first fragment that waits for others.  One that was cut is never joined: what is there is read."""
        return self.fragment & (self.end >= self.limit)

    @property
    def payload(self) -> Index:
        """Offset of what follows the header."""
        return self.start + self.head

    def take(self, which: Index | Mask) -> "Layer":
        """The occurrences chosen by an index or mask."""
        avail = self.columns.avail
        columns = Columns(self.columns.layout, self.columns.raw[which], None if avail is None else avail[which])
        changed = {name: getattr(self, name)[which] for name in (*_PLACES, "head")}
        extra = {name: column[which] for name, column in self.extra.items()}
        return replace(self, columns=columns, extra=extra, **changed)


class Telling(IntFlag):
    """What is told of messages of applications: lines for a listing, fields under Wireshark's names."""

    LINES = 1
    FIELDS = 2


class Manner(NamedTuple):
    """How packets are read: ``stand_ins`` are UDP ports that stand for others (a base of its own for Enterprise
    Extender), ``asked`` is what the user asked of protocols by their NAME, the operands of a keyword behind its port,
    and ``telling`` what of messages is wanted beside what they are called.
    """

    stand_ins: Mapping[int, int] = MappingProxyType({})
    asked: Mapping[str, tuple[Any, ...]] = MappingProxyType({})
    telling: Telling = Telling.LINES | Telling.FIELDS


class Walk:
    """The layers and problems of one batch of packets.

    ``origin`` is where each packet starts in the buffer; problem offsets count from there.  ``seconds`` is
    when each was captured (since 1970), for values that only make sense near that time.
    ``reassemble`` joins IP fragments, when the caller gives one (see ``trace.fragments``).
    """

    def __init__(self, buf: Bytes, origin: Index, reassembler: Any = None) -> None:
        self.buf = buf
        self.origin = origin
        self.native = buf.size - PADDING
        self.seconds: Index = np.zeros(origin.size, dtype=np.int64)
        self.layers: list[Layer] = []
        self.problems = Problems()
        self.openings: list[tuple[int, str]] = []
        self.reassembler = reassembler
        self.manner = Manner()
        #: What decoders are to know of messages, by protocol; see ``talk.Datagrams``.  The first is nothing.
        self.known: dict[str, list[Any]] = {}
        self._pending: dict[str, list[Occurrences]] = defaultdict(list)
        self._depth = 0

    def begin(
        self, name: str, rows: Index, start: Index, end: Index, limit: Index, code: Index | None = None,
        quoted: Mask | None = None,
    ) -> None:  # fmt: skip
        """Packets that have protocol ``name`` at a place that no header before names."""
        if not rows.size:
            return
        no = np.zeros(rows.size, dtype=np.bool_)
        zero = np.zeros(rows.size, dtype=np.int64)
        code = zero if code is None else code
        quoted = no if quoted is None else quoted
        self._pending[name].append(Occurrences(rows, start, end, limit, zero, zero.astype(np.uint8), quoted, no, code))

    def append(self, data: bytes) -> int:
        """Bytes that no packet holds in one piece, put behind the buffer; where they start."""
        base = self.buf.size - PADDING
        new = np.frombuffer(data, dtype=np.uint8)
        self.buf = np.concatenate([self.buf[:base], new, np.zeros(PADDING, dtype=np.uint8)])
        return base

    def usual(self, ports: NDArray[Any]) -> NDArray[Any]:
        """UDP ports, each stand-in as the port that it stands for."""
        out = ports
        for port, known in self.manner.stand_ins.items():
            out = np.where(ports == port, ports.dtype.type(known), out)
        return out

    def run(self) -> None:
        """Walk until no header hands on."""
        while self._pending:
            if self._depth >= DEEPEST:
                self._too_deep()
                return
            now, self._pending = self._pending, defaultdict(list)
            for name in sorted(now):
                layer = self._layer(name, now[name])
                self.layers.append(layer)
                module = protocols()[name]
                if not hasattr(module, "decode"):
                    # A decoder says itself what it cannot read.
                    self._short(layer, module.LAYOUT.size)
                if hasattr(module, "reach"):
                    module.reach(self, layer)
            self._depth += 1

    def _layer(self, name: str, parts: list[Occurrences]) -> Layer:
        places: dict[str, Any] = {n: getattr(parts[0], n) for n in _PLACES}
        if len(parts) > 1:
            places = {n: np.concatenate([getattr(p, n) for p in parts]) for n in _PLACES}
            order = np.argsort(places["rows"], kind="stable")
            places = {n: column[order] for n, column in places.items()}
        start, end = places["start"], places["end"]
        layout = protocols()[name].LAYOUT
        head = np.minimum(layout.size, end - start)
        return Layer(**places, name=name, depth=self._depth, columns=layout.gather(self.buf, start, end), head=head)

    def _short(self, layer: Layer, size: int) -> None:
        """Headers of which not all bytes are there: a problem where the headers before claim that they are."""
        cut = layer.end - layer.start < size
        if cut.any():
            which = np.flatnonzero(cut)
            self.fault(
                layer, which, Fault.SHORT, "header", layer.start[which], size, layer.end[which] - layer.start[which]
            )

    def fault(
        self, layer: Layer, which: Index | Mask, kind: Fault, claimed: str, at: Index, needed: Any, available: Any
    ) -> None:
        """A problem row for each occurrence ``which`` of a layer; ``at`` is an offset in the buffer."""
        if which.dtype == np.bool_:
            which = np.flatnonzero(which)
        rows = layer.rows[which]
        self.problems.add(
            layer.name, kind, claimed, rows, at - self.origin[rows], np.asarray(needed), np.asarray(available)
        )

    def next(
        self,
        layer: Layer,
        selector: str,
        codes: NDArray[Any] | int,
        *,
        which: Mask | None = None,
        start: Index | None = None,
        **changes: NDArray[Any],
    ) -> Mask:
        """Hand the payload on to the protocol that ``selector`` names for each code; unknown codes end the walk,
        and so do bytes that the protocol's ``begins`` refuses.

        A number is the code of all.  ``changes`` replaces carried columns (limit, end, pseudo, version, quoted,
        fragment).  Which were handed on is returned.
        """
        taken = np.zeros(len(layer), dtype=np.bool_)
        table = selectors().get(selector)
        if not table:
            return taken
        begin = layer.payload if start is None else start
        end = changes.get("end", layer.end)
        limit = changes.get("limit", layer.limit)
        ready = (begin <= end) & (begin < limit)
        if which is not None:
            ready &= which
        if isinstance(codes, int):
            codes = np.full(len(layer), codes, dtype=np.int64)
        for code in distinct(codes[ready]):
            name = table.get(code)
            if name is None:
                continue
            chosen = np.flatnonzero(ready & (codes == code))
            begins = getattr(protocols()[name], "begins", None)
            if begins is not None:
                chosen = chosen[begins(self.buf, begin[chosen], end[chosen])]
            self._pending[name].append(
                Occurrences(
                    layer.rows[chosen],
                    begin[chosen],
                    end[chosen],
                    limit[chosen],
                    changes.get("pseudo", layer.pseudo)[chosen],
                    changes.get("version", layer.version)[chosen],
                    changes.get("quoted", layer.quoted)[chosen],
                    changes.get("fragment", layer.fragment)[chosen],
                    np.full(chosen.size, code, dtype=np.int64),
                )
            )
            taken[chosen] = True
        return taken

    def resume(self, layer: Layer, which: Index, selector: str, codes: NDArray[Any], start: Index, end: Index) -> None:
        """Hand on payloads that were put together elsewhere in the buffer (joined fragments)."""
        table = selectors()[selector]
        no = np.zeros(which.size, dtype=np.bool_)
        for code in distinct(codes):
            if code in table:
                c = np.flatnonzero(codes == code)
                w = which[c]
                self._pending[table[code]].append(
                    Occurrences(
                        layer.rows[w], start[c], end[c], end[c], layer.pseudo[w], layer.version[w],
                        layer.quoted[w], no[c], np.full(c.size, code, dtype=np.int64),
                    )
                )  # fmt: skip

    def _too_deep(self) -> None:
        for name, parts in self._pending.items():
            for p in parts:
                self.problems.add(
                    name, Fault.DEEP, "header", p.rows, p.start - self.origin[p.rows], p.rows * 0, p.end - p.start
                )
        self._pending.clear()
