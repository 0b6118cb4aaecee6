"""Packets of a whole trace as columns, sorted into sessions.

A session is a protocol and an unordered pair of ends (address, port); protocols without ports use port 0.  A SYN with
another initial sequence number, after the session was closed or reset, starts a new one.  What sockets took and gave
(data trace) is a session of its own beside that of the packets: it has no headers, and its order is that of the trace.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import items
from zjobs.trace.dissect import Dissection
from zjobs.trace.ends import Ends, ends_of
from zjobs.trace.table import Direction

Index = NDArray[np.int64]

#: Packets that are kept for the end of a run, about 65 bytes each; what is beyond is counted and told.
MOST = 3_000_000

#: Beside the protocol number of a session of socket data.
SOCKET = 1 << 16

#: Entry id of the records of the data trace.
_DATA = 5

FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32

_COLUMNS: dict[str, str] = {
    "number": "i8", "time_ns": "i8", "session": "i4", "back": "?", "out": "i1", "seq": "u4", "ack": "u4", "flags": "u1",
    "window": "u2", "scale": "i1", "mss": "u2", "size": "i4", "length": "i4",
}  # fmt: skip


#: Version, high and low half of the address, port.
End = tuple[int, int, int, int]


@dataclass(frozen=True)
class Key:
    """Who talks: protocol number (with ``SOCKET`` for socket data), both ends."""

    proto: int
    ends: tuple[End, End]


@dataclass
class Packets:
    """All packets of a run that belong to a session, in the order of the trace.

    Columns (n,): record ``number``, capture ``time_ns``, ``session`` index in ``keys``, ``back`` (the second end
    of the key sends), ``out`` (1 sent, 0 received, -1 not known), TCP ``seq``, ``ack``, ``flags`` (0 for others),
    ``window`` as sent, ``scale`` shift of a SYN (-1 none), ``mss`` of a SYN, ``size`` of the datagram, ``length``
    of its data.
    """

    keys: list[Key] = field(default_factory=list)
    left_out: int = 0
    kept: int = 0
    _index: dict[bytes, int] = field(default_factory=dict)
    _parts: list[dict[str, NDArray[Any]]] = field(default_factory=list)

    def add(self, found: Dissection) -> tuple[Index, Index]:
        """Take the packets of a batch; which rows were kept, and the index in ``keys`` of each."""
        ends = ends_of(found)
        rows = np.flatnonzero(ends.version > 0)
        room = MOST - self.kept
        self.left_out += max(rows.size - room, 0)
        rows = rows[: max(room, 0)]
        if not rows.size:
            return rows, rows
        self.kept += rows.size
        table = found.table
        session, back = self._sessions(ends, rows, table.fmtid == _DATA)
        columns: dict[str, NDArray[Any]] = {
            "number": table.number, "time_ns": table.capture_ns, "out": _directions(table.direction),
            **_tcp(found), **_sizes(found),
        }  # fmt: skip
        part = {name: np.asarray(column)[rows].astype(_COLUMNS[name]) for name, column in columns.items()}
        part["session"], part["back"] = session.astype("i4"), back
        self._parts.append(part)
        return rows, session

    def last_back(self) -> NDArray[np.bool_]:
        """Who sent each packet of the last batch: whether it is the second end of the key."""
        return np.asarray(self._parts[-1]["back"])

    def _sessions(self, ends: Ends, rows: Index, data: NDArray[np.bool_]) -> tuple[Index, NDArray[np.bool_]]:
        """The session of each packet, new ones in the order in which they are met, and who sends."""
        port = ends.has_ports[rows]
        one = [ends.src_high[rows], ends.src_low[rows], np.where(port, ends.sport[rows], 0).astype(np.uint64)]
        two = [ends.dst_high[rows], ends.dst_low[rows], np.where(port, ends.dport[rows], 0).astype(np.uint64)]
        back = np.zeros(rows.size, dtype=np.bool_)
        same = np.ones(rows.size, dtype=np.bool_)
        for a, b in zip(one, two):
            back |= same & (a > b)
            same &= a == b
        proto = ends.proto[rows] & 0xFFFF | np.where(data[rows] & (ends.proto[rows] >= 0), SOCKET, 0)
        head = proto.astype(np.uint64) << np.uint64(8) | ends.version[rows]
        low = [np.where(back, b, a) for a, b in zip(one, two)]
        high = [np.where(back, a, b) for a, b in zip(one, two)]
        keys = items(np.stack([head, *low, *high], axis=1).astype("<u8"))
        distinct, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
        codes = np.empty(distinct.size, dtype=np.int64)
        for k in np.argsort(first, kind="stable").tolist():
            key = distinct[k].tobytes()
            if key not in self._index:
                self._index[key] = len(self.keys)
                self.keys.append(_key(key))
            codes[k] = self._index[key]
        return codes[inverse.reshape(-1)], back

    def columns(self) -> dict[str, NDArray[Any]]:
        """All columns, of the whole run; they are not kept here any longer, or they would be there twice."""
        parts, self._parts = self._parts, []
        none = [{name: np.zeros(0, dtype=kind) for name, kind in _COLUMNS.items()}]
        return {name: np.concatenate([part.pop(name) for part in parts or none]) for name in _COLUMNS}


def _key(raw: bytes) -> Key:
    head, *words = np.frombuffer(raw, dtype="<u8").tolist()
    version = head & 0xFF
    proto = head >> 8
    a, b = words[:3], words[3:]
    return Key(proto - 0x10000 if proto == 0xFFFF else proto, ((version, *a), (version, *b)))


def _directions(direction: NDArray[np.uint8]) -> NDArray[np.int8]:
    return np.where(direction == Direction.OUT, 1, np.where(direction == Direction.IN, 0, -1)).astype(np.int8)


def _tcp(found: Dissection) -> dict[str, NDArray[Any]]:
    from zjobs.wire import tcp

    count = len(found.table)
    out = {name: np.zeros(count, dtype=np.int64) for name in ("seq", "ack", "flags", "window", "mss")}
    scale = np.full(count, -1, dtype=np.int64)
    for layer, which in found.outer(("tcp",)):
        rows = layer.rows[which]
        for name in ("seq", "ack", "window"):
            out[name][rows] = layer[name][which]
        out["flags"][rows] = layer["flags"][which] & 0x3F
        options = tcp.good_options(found.walk, layer)
        for kind, size, width, target in ((3, 3, 1, scale), (2, 4, 2, out["mss"])):
            one = options.of(kind)
            one = one.where(one.size == size)
            raw = found.walk.buf[one.at[:, None] + np.arange(2, 2 + width)].astype(np.int64)
            target[layer.rows[one.row]] = raw[:, 0] if width == 1 else raw[:, 0] << 8 | raw[:, 1]
    return {**out, "scale": np.minimum(scale, 14)}


def _sizes(found: Dissection) -> dict[str, NDArray[Any]]:
    size = found.table.original.copy()
    length = found.table.original.copy()
    for layer, which in found.network:
        size[layer.rows[which]] = (layer.limit - layer.start)[which]
        length[layer.rows[which]] = np.maximum(layer.limit - layer.payload, 0)[which]
    for layer, which in found.transport:
        length[layer.rows[which]] = np.maximum(layer.limit - layer.payload, 0)[which]
    return {"size": size, "length": length}
