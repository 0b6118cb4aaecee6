"""HPRDIAG: Enterprise Extender connections and the HPR transport connections in them.

Reference: the keyword is IBM's (V1R13), the figure is ours.  Numbers: frames and packets in and out; bytes of data;
retransmitted and missing by byte sequence numbers (SNA Formats, RTP transport header); what status and rate segments
say.  A TCID is told by direction, because each end assigns the one that it wants to receive.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import distinct, items
from zjobs.reports.frame import DOUBLE, Frame
from zjobs.trace.dissect import Dissection
from zjobs.trace.ends import Ends, ends_of
from zjobs.trace.table import Direction
from zjobs.weave import Weave
from zjobs.wire import ldlc, llc, nhdr, rtpseg, thdr
from zjobs.wire.values import ipv6_text
from zjobs.wire.walk import Layer

NAME = "HPRDIAG"
LEVEL = "C"
ORDER = 65

Index = NDArray[np.int64]

#: Connections and transport directions that are kept; packets of others are counted only.
_MOST = 20_000

#: TOS byte that each port should have (RFC 2353, section 2.5).
_TOS = {12000: 0xC0, 12001: 0xC0, 12002: 0x80, 12003: 0x40, 12004: 0x20}

_LINK = ("frames", "xid", "test", "disc", "dm", "nlp", "bytes", "priority", "tos")
_FLOW = ("nlps", "bytes", "retrans", "gaps", "missing", "status", "idle", "lost", "slow1", "slow2", "arb")


@dataclass
class _Row:
    """Sums of one connection or transport in one direction, and what was seen last."""

    sums: dict[str, int] = field(default_factory=dict)
    first: int = 0
    last: int = 0
    next: int = -1
    worst: int = -1
    low: int = -1
    high: int = -1

    def add(self, names: tuple[str, ...], values: list[int], first: int, last: int) -> None:
        """Sums of one batch, and its first and last record."""
        for name, value in zip(names, values):
            self.sums[name] = self.sums.get(name, 0) + value
        self.first = self.first or first
        self.last = last


class Report:
    """Counts every packet that passed the selection."""

    def __init__(self, frame: Frame) -> None:
        self.detail = frame.options.detail(NAME) == "DETAIL"
        self.links: dict[bytes, _Row] = {}
        self.flows: dict[bytes, _Row] = {}
        self.beyond = 0

    def add(self, weave: Weave, found: Dissection) -> None:
        """Count a batch; prints nothing in place."""
        frames = [layer for layer in found.layers if layer.name == ldlc.NAME]
        if not frames:
            return
        keys = _keys(found, ends_of(found))
        ports, tos = np.zeros(len(found.table), dtype=np.int64), found.spread(found.network, "tos", -1)
        tos = np.where(tos < 0, found.spread(found.network, "tclass", -1), tos)
        for layer in frames:
            ports[layer.rows] = layer.code
            self._frames(found, keys, layer.rows, llc.unnumbered(layer), ports, tos)
        for layer in found.layers:
            if layer.name == thdr.NAME:
                self._packets(found, keys, layer)

    def _frames(
        self, found: Dissection, keys: NDArray[np.uint8], rows: Index, kind: Index, ports: Index, tos: Index
    ) -> None:
        wanted = np.zeros(len(found.table), dtype=np.int64)
        for port, byte in _TOS.items():
            wanted[ports == port] = byte
        nlp, wrong = np.zeros(len(found.table), dtype=np.bool_), np.zeros(len(found.table), dtype=np.bool_)
        size = np.zeros(len(found.table), dtype=np.int64)
        for layer in found.layers:
            if layer.name == nhdr.NAME:
                nlp[layer.rows] = True
                wrong[layer.rows] = nhdr.mismatched(found.walk, layer)
            elif layer.name == thdr.NAME:
                size[layer.rows] = layer["dlf"]
        columns = (
            np.ones(rows.size, dtype=np.int64), kind == llc.XID, kind == llc.TEST, kind == llc.DISC, kind == llc.DM,
            nlp[rows], size[rows], wrong[rows], (tos[rows] >= 0) & (tos[rows] & 0xFC != wanted[rows]),
        )  # fmt: skip
        numbers = found.table.number[rows]
        for key, here, sums in _grouped(keys[rows, :_LINK_KEY], columns):
            row = self._row(self.links, key)
            if row is not None:
                row.add(_LINK, sums, int(numbers[here[0]]), int(numbers[here[-1]]))

    def _packets(self, found: Dissection, keys: NDArray[np.uint8], layer: Layer) -> None:
        octets = np.concatenate([keys[layer.rows], layer.columns.octets("tcid")], axis=1)
        size, bsn = layer["dlf"].astype(np.int64), layer["bsn"].astype(np.int64)
        code, distinct = _codes(octets)
        numbers = found.table.number[layer.rows]
        rows = [self._row(self.flows, key) for key in distinct]
        carried = np.array([-1 if row is None else row.next for row in rows], dtype=np.int64)
        again, late, ends = sequence(code, bsn, size, carried)
        network = {name: np.zeros(len(found.table), dtype=np.int64) for name in ("slowdn1", "slowdn2")}
        for other in found.layers:
            if other.name == nhdr.NAME:
                for name, column in network.items():
                    column[other.rows] = other[name]
        status, idle, lost, arb = (np.zeros(len(layer), dtype=np.int64) for _ in range(4))
        which, kind, at = thdr.segments(found.walk, layer)
        buf = found.walk.buf
        reports = kind == rtpseg.STATUS
        np.add.at(status, which[reports], 1)
        np.add.at(idle, which[reports], buf[at[reports] + 2] >> 6 & 1)
        np.add.at(lost, which[reports], buf[at[reports] + 2] >> 7)
        rates = kind == rtpseg.ARB
        np.add.at(arb, which[rates], 1)
        columns = (
            np.ones(len(layer), dtype=np.int64), size, again > 0, late > 0, late, status, idle, lost,
            network["slowdn1"][layer.rows], network["slowdn2"][layer.rows], arb,
        )  # fmt: skip
        for number, (row, (here, sums)) in enumerate(zip(rows, _sums(code, len(distinct), columns))):
            if row is None:
                continue
            row.add(_FLOW, sums, int(numbers[here[0]]), int(numbers[here[-1]]))
            row.next = int(ends[number])
        self._rates(rows, code[which[rates]], buf, at[rates])

    def _rates(self, rows: list[_Row | None], code: Index, buf: NDArray[np.uint8], at: Index) -> None:
        """The worst action of each direction, and the range of the first figure of its segments."""
        action = (buf[at + 2] >> 3 & 7).astype(np.int64)
        first = sum(buf[at + 4 + k].astype(np.int64) << 24 - 8 * k for k in range(4))
        for number in distinct(code):
            row = rows[number]
            if row is not None:
                here = code == number
                value, figure = action[here], np.asarray(first)[here]
                row.worst = max(row.worst, int(value.max()))
                row.low = int(figure.min()) if row.low < 0 else min(row.low, int(figure.min()))
                row.high = max(row.high, int(figure.max()))

    def _row(self, table: dict[bytes, _Row], key: bytes) -> _Row | None:
        if key not in table:
            if len(table) >= _MOST:
                self.beyond += 1
                return None
            table[key] = _Row()
        return table[key]

    def end(self) -> Iterator[str]:
        """Connection after connection, with DETAIL the transports of each."""
        yield DOUBLE
        yield "HPR Diagnosis Report"
        names = sorted({key[1:] for key in self.links})
        for name in names:
            yield _title(name)
            yield "  Dir   Frames    XID   TEST   DISC     DM     NLPs        Bytes PrioErr  TosErr    First     Last"
            for direction, word in enumerate(("In", "Out")):
                row = self.links.get(bytes([direction]) + name)
                if row is not None:
                    yield _link_line(word, row)
            if self.detail:
                yield from self._transports(name)
        if self.beyond:
            yield f"{self.beyond:,} more connections are not listed"
        yield f"{len(names):>7,} EE connection(s) found, {len(self.flows):,} transport direction(s)"

    def _transports(self, name: bytes) -> Iterator[str]:
        mine = sorted((key[_LINK_KEY:], key[0]) for key in self.flows if key[1:_LINK_KEY] == name)
        if not mine:
            return
        yield (
            "  TCID             Dir     NLPs        Bytes Retrans   Gaps  Missing Status  Idle GapRep Slow1 Slow2"
            "   ARB Worst     Figure"
        )
        for tcid, direction in mine:
            row = self.flows[bytes([direction]) + name + tcid]
            yield _flow_line(tcid, ("In", "Out")[direction], row)


#: Direction, local and remote address, local and remote service access point.
_LINK_KEY = 35


def _keys(found: Dissection, ends: Ends) -> NDArray[np.uint8]:
    """The key (n, 35) of the connection of every packet; of a sniffer the lower address is the local one."""
    count = len(found.table)
    raw = [
        np.stack([high, low], axis=1).astype(">u8").view(np.uint8).reshape(count, 16)
        for high, low in ((ends.src_high, ends.src_low), (ends.dst_high, ends.dst_low))
    ]
    saps = np.zeros((count, 2), dtype=np.uint8)
    for layer in found.layers:
        if layer.name == ldlc.NAME:
            saps[layer.rows, 0], saps[layer.rows, 1] = layer["ssap"] & 0xFE, layer["dsap"] & 0xFE
    direction = found.table.direction
    lower = (ends.src_high < ends.dst_high) | ((ends.src_high == ends.dst_high) & (ends.src_low <= ends.dst_low))
    sent = np.where(direction == Direction.UNKNOWN, lower, direction == Direction.OUT)
    out = np.zeros((count, _LINK_KEY), dtype=np.uint8)
    out[:, 0] = np.where(sent, Direction.OUT, Direction.IN)
    out[:, 1:17] = np.where(sent[:, None], raw[0], raw[1])
    out[:, 17:33] = np.where(sent[:, None], raw[1], raw[0])
    out[:, 33:] = np.where(sent[:, None], saps, saps[:, ::-1])
    return out


def _codes(keys: NDArray[np.uint8]) -> tuple[Index, list[bytes]]:
    """A number for each distinct row of keys, and the keys by number."""
    distinct, code = np.unique(items(keys), return_inverse=True)
    return code.reshape(-1).astype(np.int64), [d.tobytes() for d in distinct]


def _sums(code: Index, count: int, columns: tuple[NDArray[np.generic], ...]) -> Iterator[tuple[Index, list[int]]]:
    """For each number its rows and the sum of every column."""
    order = np.argsort(code, kind="stable")
    stops = np.cumsum(np.bincount(code, minlength=count))
    totals = [np.concatenate([[0], np.cumsum(c[order], dtype=np.int64)]) for c in columns]
    for number in range(count):
        low, high = int(stops[number - 1]) if number else 0, int(stops[number])
        yield order[low:high], [int(t[high] - t[low]) for t in totals]


def _grouped(
    keys: NDArray[np.uint8], columns: tuple[NDArray[np.generic], ...]
) -> Iterator[tuple[bytes, Index, list[int]]]:
    code, distinct = _codes(keys)
    for key, (here, sums) in zip(distinct, _sums(code, len(distinct), columns)):
        yield key, here, sums


def sequence(code: Index, bsn: Index, size: Index, carried: Index) -> tuple[Index, Index, Index]:
    """Bytes sent again and bytes missing in front of each packet (n,), and for each code what is expected next.

    ``bsn`` are 32-bit byte sequence numbers that wrap; ``carried`` (by code) is what was expected before, -1 if
    nothing was seen.  Packets without data are looked over.
    """
    again, late = np.zeros(bsn.size, dtype=np.int64), np.zeros(bsn.size, dtype=np.int64)
    ends = carried.copy()
    full = np.flatnonzero(size > 0)
    order = full[np.argsort(code[full], kind="stable")]
    if not order.size:
        return again, late, ends
    c = code[order]
    first = np.concatenate([[True], c[1:] != c[:-1]])
    base = np.where(carried[c] >= 0, carried[c], bsn[order[np.flatnonzero(first)]][np.cumsum(first) - 1])
    # Numbers in the order of sending, near what was expected when the batch began.
    at = (bsn[order] - base + (1 << 31) & 0xFFFFFFFF) - (1 << 31)
    stop = at + size[order]
    # A running maximum within each code: codes stand far apart.
    lift = c << 34
    reached = np.maximum.accumulate(stop + lift) - lift
    expected = np.concatenate([[0], reached[:-1]])
    expected[first] = 0
    expected = np.maximum(expected, 0)
    again[order] = np.clip(expected - at, 0, size[order])
    late[order] = np.maximum(at - expected, 0)
    last = np.concatenate([first[1:], [True]])
    ends[c[last]] = np.maximum(reached[last], 0) + base[last] & 0xFFFFFFFF
    return again, late, ends


def _address(raw: bytes) -> str:
    return ".".join(map(str, raw[12:])) if not any(raw[:12]) else ipv6_text(raw)


def _title(name: bytes) -> str:
    local, remote = _address(name[:16]), _address(name[16:32])
    return f"EE connection: {local} - {remote}  Local SAP: {name[32]:02X}  Remote SAP: {name[33]:02X}"


def _link_line(word: str, row: _Row) -> str:
    s = row.sums
    return (
        f"  {word:<3} {s['frames']:>8,} {s['xid']:>6,} {s['test']:>6,} {s['disc']:>6,} {s['dm']:>6,} {s['nlp']:>8,}"
        f" {s['bytes']:>12,} {s['priority']:>7,} {s['tos']:>7,} {row.first:>8} {row.last:>8}"
    )


def _flow_line(tcid: bytes, word: str, row: _Row) -> str:
    s = row.sums
    figure = f"{row.low}" if row.low == row.high else f"{row.low}-{row.high}"
    worst = rtpseg.ARB_ACTIONS.get(row.worst, str(row.worst)) if row.worst >= 0 else "-"
    return (
        f"  {tcid.hex().upper()} {word:<3} {s['nlps']:>8,} {s['bytes']:>12,} {s['retrans']:>7,} {s['gaps']:>6,}"
        f" {s['missing']:>8,} {s['status']:>6,} {s['idle']:>5,} {s['lost']:>6,} {s['slow1']:>5,} {s['slow2']:>5,}"
        f" {s['arb']:>5,} {worst:<9} {figure if row.low >= 0 else '-'}"
    )
