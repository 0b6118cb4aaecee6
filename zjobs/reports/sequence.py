"""SEQUENCE: who said what to whom, and how long it took, one pair of hosts at a time.

Ours, after the Sequence of Execution of the analyzer in SHARE session 8138.  The local host of a pair is the traced
system where the trace knows directions, else the one that spoke first.  Lines are kept until the end, so a trace with
very many packets must be narrowed; what is left out is said.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from zjobs.chars import constant, decimal, either, only, right
from zjobs.page.grid import Piece
from zjobs.reports import _packet_row as row
from zjobs.reports.frame import DOUBLE, RULE, Frame
from zjobs.trace.dissect import Dissection
from zjobs.trace.ends import ends_of
from zjobs.trace.table import Direction
from zjobs.weave import Weave
from zjobs.words import counted

NAME = "SEQUENCE"
LEVEL = "ours"
ORDER = 82

#: Lines that are kept for the end of the run: about 60 MB.
MOST = 400_000

_HEADING = (
    "                         Elapse Time    Data-\n"
    "    Id Timestamp         hh:mm:ss:tttt   gram Local Port Dir Rmt. Port   Seq Number Ack Number  Wndw Messages"
)


@dataclass
class _Pair:
    lines: list[bytes] = field(default_factory=list)
    talks: set[tuple[int, int]] = field(default_factory=set)
    last_ns: int = -1


_NOBODY = _Pair()


class Report:
    """The packets of each pair of hosts and protocol, with the time since the one before."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.pairs: dict[tuple[str, str, str], _Pair] = {}
        self.kept = 0
        self.left_out = 0

    def add(self, weave: Weave, found: Dissection) -> None:
        """Keep the lines of a batch; they are printed at the end."""
        table = found.table
        room = MOST - self.kept
        self.left_out += max(len(table) - room, 0)
        if room <= 0:
            return
        if len(table) > room:
            found = found.take(np.arange(room))
            table = found.table
        self.kept += len(table)
        ends = ends_of(found)
        time_ns = self.frame.record_time(found)
        source, destination = (texts.texts() for texts in row.addresses(found))
        protocols = row.protocol_names(found).texts()
        out = (table.direction == Direction.OUT).tolist()
        known = (table.direction != Direction.UNKNOWN).tolist()
        owners: list[_Pair] = []
        local = np.zeros(len(table), dtype=np.bool_)
        since = np.zeros(len(table), dtype=np.int64)
        sport, dport = ends.sport.tolist(), ends.dport.tolist()
        for k, (a, b, name, ns) in enumerate(zip(source, destination, protocols, time_ns.tolist())):
            if a == b and sport[k] != dport[k]:
                # A host that talks to itself: of each talk the end that spoke first is the local one.
                backwards = (dport[k], sport[k]) in self.pairs.get((a, b, name), _NOBODY).talks
            else:
                backwards = not out[k] if known[k] else a != b and (b, a, name) in self.pairs
            key = (b, a, name) if backwards else (a, b, name)
            pair = self.pairs.setdefault(key, _Pair())
            pair.talks.add((dport[k], sport[k]) if backwards else (sport[k], dport[k]))
            local[k] = not backwards
            since[k] = ns - pair.last_ns if pair.last_ns >= 0 else 0
            pair.last_ns = ns
            owners.append(pair)
        lines = self._lines(found, time_ns, since, local)
        for pair, line in zip(owners, lines):
            pair.lines.append(line)

    def _lines(
        self, found: Dissection, time_ns: "np.ndarray[tuple[int], np.dtype[np.int64]]",
        since: "np.ndarray[tuple[int], np.dtype[np.int64]]", local: "np.ndarray[tuple[int], np.dtype[np.bool_]]",
    ) -> list[bytes]:  # fmt: skip
        count = len(found.table)
        ends = ends_of(found)
        tcp = found.outer(("tcp",))
        has = np.zeros(count, dtype=np.bool_)
        for layer, which in tcp:
            has[layer.rows[which]] = True
        ack = np.where(found.spread(tcp, "flags") & 0x10, found.spread(tcp, "ack"), 0)
        near, far = np.where(local, ends.sport, ends.dport), np.where(local, ends.dport, ends.sport)
        zone = "GMT" if self.frame.style.clock == "GMT" else "LCL"
        pieces = [
            Piece(1, right(decimal(found.table.number), 6)),
            Piece(8, row.times(time_ns, zone)),
            Piece(26, row.elapsed(since)),
            Piece(40, right(decimal(row.sizes(found)), 6)),
            Piece(47, row.port_names(near, ends.has_ports)),
            Piece(59, either(local, constant(" >", count), constant(" <", count))),
            Piece(63, row.port_names(far, ends.has_ports)),
            Piece(75, only(has, right(decimal(found.spread(tcp, "seq")), 10))),
            Piece(86, only(has, right(decimal(ack), 10))),
            Piece(97, only(has, right(decimal(found.spread(tcp, "window")), 5))),
        ]
        out = [b""] * count
        for which, text in row.lines(found, pieces, 103):
            for k, raw, size in zip(which.tolist(), text.rows, text.lens.tolist()):
                out[k] = raw[:size].tobytes()
        return out

    def end(self) -> Iterator[str]:
        """The pairs, in the order in which they were first heard."""
        for (local, remote, protocol), pair in self.pairs.items():
            yield DOUBLE
            hosts = f" Local IP: {local}  Remote IP: {remote} " if local or remote else ""
            yield f"{hosts} Protocol: {protocol}  Sessions Count : {len(pair.talks)}"
            yield RULE
            yield from _HEADING.split("\n")
            for line in pair.lines:
                yield line.decode("ascii").rstrip("\n")
        yield DOUBLE
        if self.left_out:
            left_out = counted(self.left_out, "packet is|packets are")
            yield f" {left_out} not listed: the sequence holds {MOST:,}; narrow the selection"
