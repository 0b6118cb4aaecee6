"""Applications: which protocol each payload of TCP, UDP and the data trace speaks, and where its messages are.

A protocol says in FOUND with ``udp.app`` and ``tcp.app`` at which ports it is found; of two ports that are known
the one that a SYN was sent to decides, else the lower one, as in Wireshark.  ``begins(buf, start, end) -> mask``
looks at the first bytes of all candidates at once and refuses what cannot be its message; with ``ANYWHERE`` a
protocol is recognised by that on every port (by ``anywhere`` where there is one), and with ``ALWAYS`` whatever the
port says; with a ``Memory`` it also knows the datagrams of conversations that it met before.
TCP messages are put together from their segments (see ``streams``) and appear at the packet that
completes them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, partial
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes, distinct, each_row
from zjobs.sessions.conversations import Headers, headers
from zjobs.sessions.streams import Heard, Piece, hear, passed
from zjobs.trace.dissect import Dissection
from zjobs.trace.ends import Ends, ends_of
from zjobs.wire import message, udp
from zjobs.wire.cte import DATA_TRACE
from zjobs.wire.layout import PADDING
from zjobs.wire.protocols import anywhere, protocols, selectors
from zjobs.wire.talk import SERVER, STREAM, Datagrams, Flow, Measure, Talk, Waiting
from zjobs.wire.walk import Layer, Walk

Index = NDArray[np.int64]
Mask = NDArray[np.bool_]

#: Connections that are remembered; the one that was silent longest is forgotten first.
MOST_TALKS = 20_000
MOST_EXPECTED = 4_096

#: Bytes that every protocol is known by that is known by its first bytes.
_ENOUGH = 5

_FIN, _SYN, _ACK = 1, 2, 16
_STREAM, _DATAGRAM = 6, 17


@cache
def _measure(app: str) -> Measure | None:
    found: Measure | None = getattr(protocols()[app], "measure", None)
    return found


@dataclass(eq=False, repr=False)
class _Found:
    """Where messages of one protocol are, packet by packet; ``places`` says where each packet stands here."""

    rows: list[int] = field(default_factory=list)
    start: list[int] = field(default_factory=list)
    end: list[int] = field(default_factory=list)
    limit: list[int] = field(default_factory=list)
    state: list[int] = field(default_factory=list)
    places: dict[int, int] = field(default_factory=dict)


class Applications:
    """The applications of one reading; given the batches in order, it adds their layers.

    ``ports`` are ports of the user's own by protocol name: ``{"ftp": (2121,)}``.  With ``announce`` a message that
    takes several segments is told of where it begins (``Walk.openings``) and not again where it is complete.
    """

    def __init__(self, ports: Mapping[str, tuple[int, ...]] | None = None, announce: bool = False) -> None:
        self._announce = message.opening if announce else None
        self._talks: dict[bytes, Talk] = {}
        #: A number for each of them, by which its segments are found.
        self._hashes: dict[bytes, int] = {}
        self._expected: dict[tuple[bytes, int], str] = {}
        #: The port that a SYN was sent to, by the number of the connection, where both ports are known.
        self._served: dict[int, int] = {}
        #: What protocols of datagrams remember, those that do and were met.
        self._memories: dict[str, Any] = {}
        self._names = [""]
        self._tables = {kind: self._table(kind, ports or {}) for kind in ("tcp", "udp")}

    def _table(self, kind: str, ports: Mapping[str, tuple[int, ...]]) -> NDArray[np.int16]:
        """The protocol of each port, as an index in ``_names``; 0 is none."""
        table = np.zeros(65536, dtype=np.int16)
        known = dict(selectors().get(f"{kind}.app", {}))
        for name, numbers in ports.items():
            if f"{kind}.app" in protocols()[name].FOUND:
                known.update(dict.fromkeys(numbers, name))
        for port, name in known.items():
            table[port] = self._code(name)
        return table

    def _code(self, name: str) -> int:
        if name not in self._names:
            self._names.append(name)
        return self._names.index(name)

    def __call__(self, found: Dissection) -> Dissection:
        """The dissection with the layers of its applications."""
        walk = found.walk
        self._datagrams(walk, found)
        self._segments(walk, found)
        self._socket_data(walk, found)
        walk.run()
        if walk.buf is not found.table.buf:
            return replace(found, table=replace(found.table, buf=walk.buf))
        return found

    # Which protocol

    def _chosen(
        self, kind: str, buf: Bytes, sport: Index, dport: Index, start: Index, end: Index, server: Index | None = None
    ) -> NDArray[np.int16]:
        """For each payload the protocol that its lower port names, its other port, or its first bytes.

        ``server`` is the port to ask before the lower one; 0 is none.
        """
        table = self._tables[kind]
        low, high = np.minimum(sport, dport), np.maximum(sport, dport)
        if server is not None:
            low, high = np.where(high == server, high, low), np.where(high == server, low, high)
        app = table[low]
        app[low == 0] = 0
        self._refuse(buf, app, start, end)
        second = np.where(app == 0, table[high], 0).astype(np.int16)
        self._refuse(buf, second, start, end)
        app = np.where(app == 0, second, app)
        for name in anywhere(kind):
            # What its first bytes tell for certain comes before what a port says.
            module = protocols()[name]
            always = hasattr(module, "ALWAYS")
            known = getattr(module, "anywhere", None) or module.begins
            rest = np.arange(app.size) if always else np.flatnonzero(app == 0)
            if rest.size:
                app[rest[known(buf, start[rest], end[rest])]] = self._code(name)
        return app

    def _port(self, app: NDArray[np.int16], sport: Index, dport: Index) -> Index:
        """The port that named the protocol; 0 where it was known otherwise."""
        low, high = np.minimum(sport, dport), np.maximum(sport, dport)
        table = self._tables["udp"]
        return np.where(table[low] == app, low, np.where(table[high] == app, high, 0))

    def _refuse(self, buf: Bytes, app: NDArray[np.int16], start: Index, end: Index) -> None:
        """No protocol for payloads that cannot be a message of it."""
        for code in distinct(app[app > 0]):
            begins = getattr(protocols()[self._names[code]], "begins", None)
            if begins is not None:
                here = np.flatnonzero(app == code)
                app[here[~begins(buf, start[here], end[here])]] = 0

    # Datagrams

    def _datagrams(self, walk: Walk, found: Dissection) -> None:
        where = None
        payloads = []
        for number, layer in enumerate(list(walk.layers)):
            if layer.name != "udp":
                continue
            ready = udp.sensible(layer) & ~layer.waiting & (layer.payload < layer.end)
            sport, dport = layer["srcport"].astype(np.int64), layer["dstport"].astype(np.int64)
            # Tunnels were walked already.
            item = np.flatnonzero(ready & ~layer.extra["tunnel"])
            if not item.size:
                continue
            start, end, limit = layer.payload[item], layer.end[item], layer.limit[item]
            app = self._chosen("udp", walk.buf, sport[item], dport[item], start, end)
            states = self._port(app, sport[item], dport[item]) * 2
            follows = [c for c in distinct(app[app > 0]) if hasattr(protocols()[self._names[c]], "FOLLOWS")]
            if follows or self._expected:
                where = where or headers(found, "udp", 8, udp.sensible)
                self._follow(where, number, item, app, follows)
            payloads.append(_Payloads(number, layer, item, start, end, limit, app, states))
        for name in self._remembering(payloads):
            where = where or headers(found, "udp", 8, udp.sensible)
            self._remember(name, walk, where, payloads)
        for one in payloads:
            for code in distinct(one.app[one.app > 0]):
                here = np.flatnonzero(one.app == code)
                at = one.item[here]
                walk.begin(
                    self._names[code], one.layer.rows[at], one.start[here], one.end[here], one.limit[here],
                    one.states[here], one.layer.quoted[at],
                )  # fmt: skip

    def _remembering(self, payloads: "list[_Payloads]") -> list[str]:
        """Protocols that remember conversations: those that were met, now or before."""
        for one in payloads:
            for code in distinct(one.app[one.app > 0]):
                name = self._names[code]
                if name not in self._memories and hasattr(protocols()[name], "Memory"):
                    self._memories[name] = protocols()[name].Memory()
        return list(self._memories) if payloads else []

    def _remember(self, name: str, walk: Walk, where: Headers, payloads: "list[_Payloads]") -> None:
        """Name the datagrams that a protocol knows by their conversation; it hears those of all layers, for instance
        with and without a VLAN tag, in the order of their packets."""
        code = self._code(name)
        kept, parts = [], []
        for one in payloads:
            here, occurrence = where.of(one.number)
            which = np.flatnonzero(np.isin(one.item, occurrence))
            place = here[np.searchsorted(occurrence, one.item[which])]
            at = one.item[which]
            one.states[one.app == code] = 0
            kept.append(which)
            parts.append((
                one.layer.rows[at], place, one.app[which], one.states[which], one.start[which], one.end[which],
                one.limit[which], one.layer.quoted[at],
            ))  # fmt: skip
        rows, *columns = (np.concatenate(column) for column in zip(*parts))
        order = np.argsort(rows, kind="stable")
        place, app, states, start, end, limit, quoted = (column[order] for column in columns)
        heard = Datagrams(app == code, where.hashes()[place], partial(_first, where, place), start, end, limit, quoted)
        told = walk.known.setdefault(name, [None])
        for mine, at, state in self._memories[name].hear(walk.buf, heard, told):
            app[at] = self._code(mine)
            states[at] = state
        # Back to where each stands.
        back = np.argsort(order)
        cuts = np.cumsum([which.size for which in kept])[:-1]
        for one, which, named, said in zip(payloads, kept, np.split(app[back], cuts), np.split(states[back], cuts)):
            one.app[which] = named
            one.states[which] = said

    def _follow(self, where: Headers, number: int, item: Index, app: NDArray[np.int16], follows: list[int]) -> None:
        """A protocol whose answers come from a new port: they go to the port that asked."""
        here, occurrence = where.of(number)
        place = dict(zip(occurrence.tolist(), here.tolist()))
        for k, index in enumerate(item.tolist()):
            if index not in place:
                continue
            sender, receiver = where.ends(place[index])
            if app[k] in follows:
                self._expect(*sender, self._names[app[k]])
            elif not app[k]:
                name = self._expected.get(receiver) or self._expected.get(sender) or ""
                app[k] = self._code(name) if "udp.app" in getattr(protocols().get(name), "FOUND", ()) else 0

    def _expect(self, address: bytes, port: int, name: str) -> None:
        self._expected.pop((address, port), None)
        self._expected[address, port] = name
        if len(self._expected) > MOST_EXPECTED:
            del self._expected[next(iter(self._expected))]

    # Segments

    def _segments(self, walk: Walk, found: Dissection) -> None:
        where = headers(found, "tcp", 20)
        if not len(where):
            return
        seg = _Segments.of(found, where)
        filled = np.flatnonzero(seg.start < seg.end)
        app = np.zeros(len(where), dtype=np.int16)
        hashes = where.hashes()
        server = self._servers(seg, hashes)
        app[filled] = self._chosen(
            "tcp", walk.buf, seg.sport[filled], seg.dport[filled], seg.start[filled], seg.end[filled],
            None if server is None else server[filled],
        )  # fmt: skip
        self._announced(where, seg, app)
        said: dict[str, _Found] = {}
        pool = bytearray()
        base = walk.buf.size - PADDING
        view = walk.buf.data
        done = np.zeros(len(where), dtype=np.bool_)
        while True:
            known = len(self._expected)
            new = np.concatenate([hashes[app > 0], np.fromiter(self._hashes.values(), np.int64, len(self._hashes))])
            which = np.flatnonzero(np.isin(hashes, new) & ~done)
            done[which] = True
            for one in seg.each(where, which, app, hashes):
                for heard, at in self._segment(view, where, one):
                    if heard.opening:
                        walk.openings.append((one.row, heard.opening))
                    into = said.setdefault(heard.app, _Found())
                    _place(into, heard, view, one.row, at, one.end, one.limit, base, pool)
            if len(self._expected) == known or not self._announced(where, seg, app):
                break
        self._forget()
        _begin(walk, said, pool)

    def _servers(self, seg: "_Segments", hashes: Index) -> Index | None:
        """The port that each connection was opened to, of those between two known ports; None if there are none."""
        table = self._tables["tcp"]
        one, other = table[seg.sport], table[seg.dport]
        both = np.flatnonzero((one > 0) & (other > 0) & (one != other))
        if not both.size:
            return None
        # Connection by connection, each in the order of its segments.
        both = both[np.argsort(hashes[both], kind="stable")]
        talk, flags = hashes[both], seg.flags[both]
        begin = np.flatnonzero(np.diff(talk, prepend=talk[0] - 1))
        size = np.diff(begin, append=talk.size)
        known = np.array([self._served.get(one, 0) for one in talk[begin].tolist()], dtype=np.int64)
        syn = np.maximum.accumulate(np.where(flags & _SYN > 0, np.arange(talk.size), -1))
        opened = np.where(flags & _ACK > 0, seg.sport[both], seg.dport[both])[syn]
        port = np.where(syn >= np.repeat(begin, size), opened, np.repeat(known, size))
        last = begin + size - 1
        changed = syn[last] >= begin
        self._served.update(zip(talk[last][changed].tolist(), port[last][changed].tolist()))
        server = np.zeros(hashes.size, dtype=np.int64)
        server[both] = port
        while len(self._served) > MOST_TALKS:
            del self._served[next(iter(self._served))]
        return server

    def _announced(self, where: Headers, seg: "_Segments", app: NDArray[np.int16]) -> bool:
        """Name the protocol of segments whose connection another one announced; whether there are any new ones."""
        if not self._expected:
            return False
        ports = np.fromiter({port for _, port in self._expected}, np.int64)
        open_ = (app == 0) & (seg.start < seg.end) & (np.isin(seg.sport, ports) | np.isin(seg.dport, ports))
        found = False
        for k in np.flatnonzero(open_).tolist():
            sender, receiver = where.ends(k)
            name = self._expected.get(sender) or self._expected.get(receiver)
            if name and "tcp.app" in protocols()[name].FOUND:
                app[k] = self._code(name)
                found = True
        return found

    def _segment(self, view: memoryview, where: Headers, one: "_Segment") -> Iterator[tuple[Heard, int]]:
        """Let the talk that a segment belongs to hear it: what it completes, and where its bytes begin."""
        talk = self._talks.pop(one.key, None)
        start, end, seq, flags = one.start, one.end, one.seq, one.flags
        if flags & _SYN:
            # It may bring data with it (RFC 7413).
            seq = seq + 1 & 0xFFFFFFFF
            if talk is not None and not _goes_on(talk, one, seq):
                self._hashes.pop(one.key, None)
                talk = None
        name = self._names[one.app]
        if talk is None:
            if not name:
                return
            talk = self._talk(where, one, name)
        self._talks[one.key] = talk
        self._hashes[one.key] = one.hash
        flow = talk.flows[0 if one.first else 1]
        if flow.next < 0:
            flow.first = seq
        if not flags & _FIN and end >= one.limit and passed(flow, seq, view[start:end]):
            return
        while True:
            data = view[start:end].tobytes() if end > start else b""
            # It spoke something that nobody knew; perhaps it does now.
            talk.app = talk.app or name or self._behind(flow, seq, data)
            if not talk.app:
                return
            size = max(one.limit - start, len(data))
            heard = hear(flow, seq, data, size, bool(flags & _FIN), _measure, self._announce, name == talk.app)
            for address, port, announced in talk.expected:
                self._expect(address, port, announced)
            talk.expected.clear()
            if heard is None:
                return
            yield heard, start
            if not heard.rest:
                return
            name = ""
            start += heard.rest
            seq = seq + heard.rest & 0xFFFFFFFF

    def _behind(self, flow: Flow, seq: int, data: bytes) -> str:
        """The protocol of data that a proxy hands on, as if the port behind it had been called.

        Bytes that are too few to tell are kept until more are here; ends of lines alone begin nothing.
        """
        talk = flow.talk
        if not talk.behind or not data.strip(b"\r\n"):
            return ""
        held = flow.open.bytes() if flow.open is not None and flow.next == seq else b""
        rest = held + data
        if len(rest) < _ENOUGH:
            flow.open = Waiting(seq - len(held) & 0xFFFFFFFF, 0, parts={0: rest})
            flow.next = seq + len(data) & 0xFFFFFFFF
            return ""
        buf = np.frombuffer(rest + bytes(PADDING), dtype=np.uint8)
        port, called, start, end = np.array([[flow.port], [talk.behind], [0], [len(rest)]])
        talk.behind = 0
        if flow.serves:
            port = np.array([flow.other.port])
        return self._names[int(self._chosen("tcp", buf, port, called, start, end)[0])]

    def _talk(self, where: Headers, one: "_Segment", app: str) -> Talk:
        sender, receiver = where.ends(one.number)
        if not one.first:
            sender, receiver = receiver, sender
        talk = Talk(app)
        code = self._code(app)
        table = self._tables["tcp"]
        server = [table[port] == code for _, port in (sender, receiver)]
        if server[0] == server[1]:
            server = [sender[1] < receiver[1], sender[1] >= receiver[1]]
        talk.flows = tuple(_flow(talk, *end, serves) for end, serves in zip((sender, receiver), server))
        return talk

    def _forget(self) -> None:
        while len(self._talks) > MOST_TALKS:
            key = next(iter(self._talks))
            del self._talks[key]
            self._hashes.pop(key, None)

    # Socket data

    def _socket_data(self, walk: Walk, found: Dissection) -> None:
        """Data-trace records: what an application read or wrote, in order, without headers."""
        table = found.table
        rows = np.flatnonzero((table.fmtid == DATA_TRACE) & (table.data_end > table.data_start))
        if not rows.size:
            return
        ends = ends_of(found)
        start, end = table.data_start[rows], table.data_end[rows]
        limit = start + np.maximum(table.original[rows], end - start)
        for kind, proto in (("tcp", _STREAM), ("udp", _DATAGRAM)):
            here = np.flatnonzero(ends.proto[rows] == proto)
            if not here.size:
                continue
            at = rows[here]
            app = self._chosen(kind, walk.buf, ends.sport[at], ends.dport[at], start[here], end[here])
            said: dict[str, _Found] = {}
            pool = bytearray()
            base = walk.buf.size - PADDING
            for k in range(here.size):
                row, first, last, most = int(at[k]), int(start[here[k]]), int(end[here[k]]), int(limit[here[k]])
                name = self._names[app[k]]
                heard: Heard | None = None
                if kind == "tcp":
                    heard = self._socket(ends, row, name, walk.buf[first:last].tobytes(), most - first)
                elif name:
                    heard = Heard(name, 0, [Piece(0, last - first)])
                if heard is not None:
                    into = said.setdefault(heard.app, _Found())
                    _place(into, heard, walk.buf.data, row, first, last, most, base, pool)
            _begin(walk, said, pool)

    def _socket(self, ends: Ends, row: int, app: str, data: bytes, size: int) -> Heard | None:
        """A record of a connection: it continues the last one of its direction."""
        pair = [
            (int(high[row]).to_bytes(8, "big") + int(low[row]).to_bytes(8, "big"), int(port[row]))
            for high, low, port in (
                (ends.src_high, ends.src_low, ends.sport),
                (ends.dst_high, ends.dst_low, ends.dport),
            )
        ]
        ordered = sorted(pair)
        key = b"socket" + b"".join(address + port.to_bytes(2, "big") for address, port in ordered)
        talk = self._talks.pop(key, None)
        if talk is None:
            if not app:
                return None
            talk = Talk(app)
            lower = min(ordered, key=lambda end: end[1])
            talk.flows = tuple(_flow(talk, *end, end == lower) for end in ordered)
        self._talks[key] = talk
        if not talk.app:
            if not app:
                return None
            talk.app = app
        flow = talk.flows[0 if pair[0] == ordered[0] else 1]
        # Records have no sequence numbers; they follow each other.
        return hear(flow, max(flow.next, 0), data, size, False, _measure)


class _Segment(NamedTuple):
    """A segment: its number among the headers, its conversation and which end of it sends, and its own figures."""

    number: int
    row: int
    key: bytes
    hash: int
    first: bool
    app: int
    flags: int
    seq: int
    start: int
    end: int
    limit: int


class _Payloads(NamedTuple):
    """Datagrams of one layer, columns (n,): their occurrences there, where the payload is, which protocol it speaks."""

    number: int
    layer: Layer
    item: Index
    start: Index
    end: Index
    limit: Index
    app: NDArray[np.int16]
    states: Index


@dataclass(eq=False, repr=False)
class _Segments:
    """Columns (n,) of the segments of one batch, in the order of their headers."""

    sport: Index
    dport: Index
    seq: Index
    flags: Index
    start: Index
    end: Index
    limit: Index

    @classmethod
    def of(cls, found: Dissection, where: Headers) -> "_Segments":
        names = ("sport", "dport", "seq", "flags", "start", "end", "limit")
        out = {name: np.zeros(len(where), dtype=np.int64) for name in names}
        for number in distinct(where.layer):
            here, item = where.of(number)
            layer = found.layers[number]
            usable = ~layer.quoted & ~layer.waiting & (layer["hlen"] >= 5)
            for name, column in (("sport", "srcport"), ("dport", "dstport"), ("seq", "seq"), ("flags", "flags")):
                out[name][here] = layer[column][item]
            out["start"][here] = layer.payload[item]
            out["end"][here] = np.where(usable, layer.end, layer.payload)[item]
            out["limit"][here] = np.where(usable, layer.limit, layer.payload)[item]
        return cls(**out)

    def each(self, where: Headers, which: Index, app: NDArray[np.int16], hashes: Index) -> Iterator[_Segment]:
        """Some of them one by one, as Python's numbers: to take each from its column costs half of what it is for."""
        keys, first = where.keys(which)
        columns = (app, self.flags, self.seq, self.start, self.end, self.limit)
        row, hash_, *others = (column[which].tolist() for column in (where.row, hashes, *columns))
        return map(_Segment, which.tolist(), row, each_row(keys), hash_, first.tolist(), *others)


def _goes_on(talk: Talk, one: _Segment, seq: int) -> bool:
    """Whether a connection opens that is known: a SYN that is repeated, as where packets were captured twice.

    Another one is a new connection between the same ports.  Not so an answer to a SYN, which can only be a stray or
    from another server: its side begins anew.
    """
    here = 0 if one.first else 1
    flow = talk.flows[here]
    if seq == flow.first:
        return True
    if not one.flags & _ACK:
        return False
    if flow.next >= 0:
        fresh = _flow(talk, flow.address, flow.port, flow.serves)
        talk.flows = tuple(fresh if k == here else other for k, other in enumerate(talk.flows))
    return True


def _first(where: Headers, place: Index, which: Index) -> Mask:
    """Of some headers, whether the end sends that stands first in their conversation."""
    return where.keys(place[which])[1]


def _flow(talk: Talk, address: bytes, port: int, serves: bool) -> Flow:
    return Flow(talk, address, port, state=STREAM | SERVER * bool(serves))


def _place(
    found: _Found,
    heard: Heard,
    view: memoryview,
    row: int,
    start: int,
    end: int,
    limit: int,
    base: int,
    pool: bytearray,
) -> None:
    """Say where the bytes of a segment's messages are: in the packet, or put together behind the buffer."""
    pieces = [p for p in heard.pieces if p.kept or p.end > p.start]
    if not pieces:
        return
    together = all(p.kept is None for p in pieces) and all(a.end == b.start for a, b in pairwise(pieces))
    cut = pieces[-1].kept is None and start + pieces[-1].end == end < limit
    if together:
        first, last = start + pieces[0].start, start + pieces[-1].end
    else:
        first = base + len(pool)
        for p in pieces:
            pool += p.kept if p.kept is not None else view[start + p.start : start + p.end]
        last = base + len(pool)
    place = found.places.setdefault(row, len(found.rows))
    if place < len(found.rows):
        # A packet stands in a layer once: what it says after another protocol had its turn is put behind.
        first, last = _joined(view, base, pool, (found.start[place], found.end[place]), (first, last))
        found.start[place], found.end[place] = first, last
        found.limit[place] = last + (limit - end if cut else 0)
        return
    found.rows.append(row)
    found.start.append(first)
    found.end.append(last)
    found.limit.append(last + (limit - end if cut else 0))
    found.state.append(heard.state)


def _joined(
    view: memoryview, base: int, pool: bytearray, one: tuple[int, int], other: tuple[int, int]
) -> tuple[int, int]:
    """Two stretches of the buffer or of the pool behind it as one."""
    if one[1] == other[0]:
        return one[0], other[1]
    start = base + len(pool)
    for low, high in (one, other):
        pool += pool[low - base : high - base] if low >= base else view[low:high]
    return start, base + len(pool)


def _begin(walk: Walk, said: dict[str, _Found], pool: bytearray) -> None:
    if pool:
        walk.append(bytes(pool))
    for name, where in said.items():
        columns = (where.rows, where.start, where.end, where.limit, where.state)
        rows, start, end, limit, state = (np.array(c, dtype=np.int64) for c in columns)
        order = np.argsort(rows, kind="stable")
        walk.begin(name, rows[order], start[order], end[order], limit[order], state[order])
