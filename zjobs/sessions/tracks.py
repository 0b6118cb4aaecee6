"""The tracker: TCP and UDP conversations across batches, and what is known of every header as columns.

Memory is bounded: at most ``most`` conversations of each protocol are kept.  When there are more, those
that were silent longest are forgotten; should one of them speak again, it is a new conversation with a new
number, and its numbers start again at 1.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import among, distinct, each_row, items, windows
from zjobs.sessions.conversations import Headers, headers
from zjobs.sessions.flows import Connection, Finding, Segment, follow
from zjobs.trace.dissect import Dissection
from zjobs.wire import tcp, udp
from zjobs.wire.protocols import selectors
from zjobs.wire.walk import Layer

Index = NDArray[np.int64]

MOST_CONVERSATIONS = 50_000

#: Bytes of a TCP header without which Wireshark looks for no conversation: up to the window.
_TCP_NEED = 16
_UDP_NEED = 8
_SNMP = (161, 162)

#: Columns of a TCP track that come from analysis.
_FOUND = (
    "completeness", "seq", "ack", "next", "window", "scale", "base_ack", "flags", "dup_num", "dup_frame",
    "acked", "ack_rtt", "rto", "rto_frame", "flight", "pushed", "initial_rtt", "relative", "delta", "shown",
)  # fmt: skip


@dataclass(frozen=True)
class Tracks:
    """All TCP and UDP headers of one batch with what their conversations say of them.

    ``tcp`` and ``udp`` say where each header is (see :class:`Headers`).  Columns (n,) of TCP headers: ``stream``
    number; ``seq``, ``ack``, ``next`` relative to the start of the connection where ``analysed``; ``window`` scaled,
    with the ``scale`` shift (-1 unknown, -2 not used); ``base_ack``, what SACK edges are relative to; ``flags``
    (:class:`zjobs.sessions.flows.Is`); number of the duplicate ACK and frame of the original; frame
    ``acked`` by this one; times in nanoseconds (``ack_rtt``, ``rto``, ``initial_rtt``, since the connection's first
    frame ``relative``, since its last ``delta``); bytes in ``flight`` and ``pushed``.
    """

    tcp: Headers
    columns: dict[str, Index]
    udp: Headers
    udp_stream: Index

    def __getitem__(self, name: str) -> Index:
        return self.columns[name]


@dataclass
class Tracker:
    """Conversations of one reading; ``track`` takes the batches in order."""

    most: int = MOST_CONVERSATIONS
    forgotten: int = 0
    _tcp: dict[bytes, Connection] = field(default_factory=dict)
    _udp: dict[bytes, int] = field(default_factory=dict)
    _settled: set[bytes] = field(default_factory=set)
    _tcp_streams: int = 0
    _udp_streams: int = 0

    def track(self, found: Dissection) -> Tracks:
        """Follow all conversations through the next batch."""
        segments = headers(found, "tcp", _TCP_NEED)
        datagrams = headers(found, "udp", _UDP_NEED, udp.sensible)
        return Tracks(segments, self._follow(found, segments), datagrams, self._number(datagrams))

    def _follow(self, found: Dissection, where: Headers) -> dict[str, Index]:
        keys = each_row(where.key)
        findings: list[Finding] = []
        streams: list[int] = []
        table = self._tcp
        recent: dict[bytes, None] = {}
        for key, s in zip(keys, _segments(found, where)):
            conn = table.get(key)
            reused = conn is not None and conn.reused_by(s)
            if conn is None or reused:
                conn = table[key] = Connection(self._tcp_streams, s.time)
                self._tcp_streams += 1
            recent[key] = None
            findings.append(follow(conn, s, reused))
            streams.append(conn.stream)
        self._forget(table, recent)
        found_columns = zip(*map(attrgetter(*_FOUND), findings)) if findings else ((),) * len(_FOUND)
        columns = {name: np.array(column, dtype=np.int64) for name, column in zip(_FOUND, found_columns)}
        columns["stream"] = np.array(streams, dtype=np.int64)
        columns["analysed"] = (columns["next"] >= 0).astype(np.int64)
        return columns

    def _number(self, where: Headers) -> Index:
        """Stream numbers of UDP conversations, in the order in which they were first seen."""
        if not len(where):
            return np.zeros(0, dtype=np.int64)
        different, inverse = np.unique(items(where.key), return_inverse=True)
        inverse = inverse.reshape(-1)
        table = self._udp
        keys = [k.tobytes() for k in different]
        known = np.array([table.get(key, -1) for key in keys], dtype=np.int64)
        # Which header of its conversation each is, and which ones start a stream: the first, or a second one.
        turn = _turns(inverse)
        twice = self._unsettled(keys, _manager_keys(different, where.key))
        second = (known < 0).astype(np.int64)
        starts = np.flatnonzero((turn == 0) & (known < 0)[inverse] | twice[inverse] & (turn == second[inverse]))
        serial = self._udp_streams + np.arange(starts.size)
        self._udp_streams += starts.size
        key = inverse[starts]
        again = twice[key] & (turn[starts] == second[key])
        later = np.full(known.size, -1, dtype=np.int64)
        known[key[~again]], later[key[again]] = serial[~again], serial[again]
        numbers = np.where((later >= 0)[inverse] & (turn >= second[inverse]), later[inverse], known[inverse])
        self._settled.update(keys[k] for k in key[again].tolist())
        table.update(zip(keys, np.maximum(known, later).tolist()))
        self._forget(table, dict.fromkeys(keys))
        return numbers

    def _unsettled(self, keys: list[bytes], managers: list[int]) -> NDArray[np.bool_]:
        """Conversations with an SNMP agent or manager that have one stream at most so far.

        Wireshark's SNMP dissector makes a conversation of its own at the first packet; what follows belongs to it.
        """
        out = np.zeros(len(keys), dtype=np.bool_)
        out[[k for k in managers if keys[k] not in self._settled]] = True
        return out

    def _forget(self, table: dict[bytes, Any], recent: dict[bytes, None]) -> None:
        """Conversations in the order of their last batch; the oldest go."""
        for key in recent:
            table[key] = table.pop(key)
        surplus = len(table) - self.most
        if surplus > 0:
            for key in list(table)[:surplus]:
                del table[key]
                self._settled.discard(key)
            self.forgotten += surplus


def _turns(groups: Index) -> Index:
    """For each item how many of the same group come before it."""
    order = np.argsort(groups, kind="stable")
    size = np.bincount(groups)
    out = np.empty(groups.size, dtype=np.int64)
    out[order] = np.arange(groups.size) - np.repeat(np.cumsum(size) - size, size)
    return out


def _manager_keys(different: NDArray[Any], key: NDArray[np.uint8]) -> list[int]:
    """Keys of which one end has an SNMP port, unless the other one has a lower port that is known: that one decides."""
    width = key.shape[1]
    raw = np.frombuffer(different.tobytes(), dtype=np.uint8).reshape(-1, width)
    ends = [raw[:, half - 2].astype(np.int64) << 8 | raw[:, half - 1] for half in (width // 2, width)]
    asked = np.zeros(ends[0].size, dtype=np.bool_)
    for here, other in (ends, ends[::-1]):
        asked |= among(here, _SNMP) & ((other >= here) | ~among(other, tuple(selectors().get("udp.app", {}))))
    return [int(k) for k in np.flatnonzero(asked)]


def _segments(found: Dissection, where: Headers) -> Iterator[Segment]:
    """What analysis needs of each TCP header, gathered by columns."""
    count = len(where)
    names = ("seq", "ack", "length", "flags", "window", "scale", "sacked", "headed", "whole")
    columns = {name: np.zeros(count, dtype=np.int64) for name in names}
    for number in distinct(where.layer):
        here, item = where.of(number)
        for name, values in _of_layer(found, found.layers[number]).items():
            columns[name][here] = values[item]
    table = found.table
    lists = [table.number[where.row].tolist(), table.capture_ns[where.row].tolist(), where.first.tolist()]
    lists += [columns[name].tolist() for name in names]
    return map(Segment._make, zip(*lists))


def _of_layer(found: Dissection, layer: Layer) -> dict[str, NDArray[Any]]:
    there = layer.end - layer.start
    head = layer["hlen"].astype(np.int64) * 4
    claimed = layer.limit - layer.start
    known = (claimed >= head) & ~layer.quoted & ~layer.fragment
    good = tcp.good_options(found.walk, layer)
    scale = np.full(len(layer), -1, dtype=np.int64)
    shift = good.of(3)
    shift = shift.where(shift.size == 3)
    scale[shift.row] = found.walk.buf[shift.at + 2]
    # Wireshark breaks off at a SACK option without a whole block.
    empty = good.of(5)
    empty = empty.where(empty.claimed < 10)
    whole = ((there >= 20) & (there >= head)).astype(np.int64)
    whole[empty.row] *= 2
    return {
        "seq": layer["seq"],
        "ack": layer["ack"],
        "length": np.where(known, claimed - head, -1),
        "flags": layer["flags"],
        "window": layer["window"],
        "scale": scale,
        "sacked": _sacked(found, layer),
        "headed": head >= 20,
        "whole": whole,
    }


def _sacked(found: Dissection, layer: Layer) -> Index:
    """Bytes in the first three SACK blocks, as many as Wireshark subtracts from the bytes in flight."""
    out = np.zeros(len(layer), dtype=np.int64)
    sack = tcp.good_options(found.walk, layer).of(5)
    for k in range(3):
        block = sack.where(sack.size >= 10 + 8 * k)
        edges = windows(found.walk.buf, block.at + 2 + 8 * k, 8).copy().view(">u4").astype(np.int64).reshape(-1, 2)
        np.add.at(out, block.row, (edges[:, 1] - edges[:, 0]) & 0xFFFFFFFF)
    return out
