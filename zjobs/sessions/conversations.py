"""The conversation of every TCP or UDP header: both ends, in one order, as a key.

Reference: Wireshark, epan/conversation.c: a conversation is the pair of addresses with the pair of ports,
whichever end sends.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes, items, set_columns, windows
from zjobs.trace.dissect import NETWORK, Dissection
from zjobs.wire.walk import Layer

Index = NDArray[np.int64]
Mask = NDArray[np.bool_]

#: Version, address, port of one end.
_END = 1 + 16 + 2


@dataclass(eq=False, repr=False)
class Headers:
    """Headers of one protocol in one batch, in the order of packets and, within one, of depth.

    ``layer`` is an index in ``Dissection.layers``, ``item`` the occurrence in it, ``row`` the packet.  In ``buf``
    stand the addresses of the nearest IP header outside, at ``src`` and ``dst``, of version 6 where ``six``, and the
    ports at ``ports``.
    """

    layer: Index
    item: Index
    row: Index
    buf: Bytes
    six: Mask
    src: Index
    dst: Index
    ports: Index

    def __len__(self) -> int:
        return int(self.row.size)

    def of(self, layer: int) -> tuple[Index, Index]:
        """Headers of one layer: their places here, and their occurrences there."""
        here = np.flatnonzero(self.layer == layer)
        return here, self.item[here]

    @cached_property
    def _keyed(self) -> tuple[Bytes, Mask]:
        return self.keys(slice(None))

    @property
    def key(self) -> Bytes:
        """(n, 38): the conversations."""
        return self._keyed[0]

    @property
    def first(self) -> Mask:
        """(n,): whether the end with the higher address (or, with equal addresses, the higher port) sends."""
        return self._keyed[1]

    def keys(self, which: Index | slice) -> tuple[Bytes, Mask]:
        """``key`` and ``first`` of some headers."""
        sender, receiver = self._ends(which)
        first = sender.view(f"S{_END}")[:, 0] >= receiver.view(f"S{_END}")[:, 0]
        key = np.empty((first.size, 2 * _END), dtype=np.uint8)
        set_columns(key, 0, np.where(first[:, None], sender, receiver))
        set_columns(key, _END, np.where(first[:, None], receiver, sender))
        return key, first

    def ends(self, k: int) -> tuple[tuple[bytes, int], tuple[bytes, int]]:
        """Address and port of the sender and of the receiver of one header."""
        size = 16 if self.six[k] else 4
        at = int(self.ports[k])
        places = ((int(self.src[k]), at), (int(self.dst[k]), at + 2))
        one, other = ((self._at(a, size), int.from_bytes(self._at(p, 2), "big")) for a, p in places)
        return one, other

    def _at(self, at: int, size: int) -> bytes:
        return self.buf[at : at + size].tobytes()

    def hashes(self) -> Index:
        """A number for each conversation, whichever end sends; equal conversations have equal numbers."""
        ports = windows(self.buf, self.ports, 4).view(np.uint16).astype(np.uint64)
        total = np.zeros(len(self), dtype=np.uint64)
        six = np.flatnonzero(self.six)
        for at, port in ((self.src, ports[:, 0]), (self.dst, ports[:, 1])):
            end = windows(self.buf, at, 4).view(np.uint32)[:, 0].astype(np.uint64)
            if six.size:
                words = windows(self.buf, at[six], 16).view(np.uint64)
                end[six] = _mixed(words[:, 0]) + words[:, 1]
            total += _mixed(end ^ port << np.uint64(40))
        return total.view(np.int64)

    def _ends(self, which: Index | slice) -> tuple[Bytes, Bytes]:
        """(n, 19) each: version, address and port of the sender and of the receiver."""
        six = self.six[which]
        ports = windows(self.buf, self.ports[which], 4)
        pair = []
        for k, at in enumerate((self.src[which], self.dst[which])):
            out = np.zeros((six.size, _END), dtype=np.uint8)
            out[:, 0] = 4 + 2 * six
            for here, size in ((np.flatnonzero(~six), 4), (np.flatnonzero(six), 16)):
                items(out[:, 1 : 1 + size])[here] = items(windows(self.buf, at[here], size))
            set_columns(out, _END - 2, ports[:, 2 * k : 2 * k + 2])
            pair.append(out)
        return pair[0], pair[1]


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    out = numbers * np.uint64(0x9E3779B97F4A7C15)
    out ^= out >> np.uint64(29)
    return out * np.uint64(0xBF58476D1CE4E5B9)


def headers(found: Dissection, protocol: str, need: int, sensible: Callable[[Layer], Mask] | None = None) -> Headers:
    """All headers of ``protocol`` of which at least ``need`` bytes are there, and that are ``sensible``.

    A header in a first fragment is data as long as the fragment waits for others; in one that cannot be joined
    (abbreviated, damaged) it is a header.
    """
    count = len(found.table)
    six = np.zeros(count, dtype=np.bool_)
    # Of the nearest IP header outside; none yet.
    src = np.full(count, -1, dtype=np.int64)
    dst = np.zeros(count, dtype=np.int64)
    hidden = joined_rows(found)
    parts: list[tuple[NDArray[Any], ...]] = []
    for number, layer in enumerate(found.layers):
        if layer.name in NETWORK:
            version6 = layer.name == "ipv6"
            six[layer.rows] = version6
            src[layer.rows] = layer.start + (8 if version6 else 12)
            dst[layer.rows] = layer.extra.get("dst_at", layer.start + 24)
        elif layer.name == "routing" and "dst_at" in layer.extra:
            # A source route ends elsewhere than the header says.
            routed = layer.extra["dst_at"] >= 0
            dst[layer.rows[routed]] = layer.extra["dst_at"][routed]
        elif layer.name == protocol:
            seen = ~(layer.fragment & hidden[layer.rows])
            if sensible is not None:
                seen &= sensible(layer)
            item = np.flatnonzero(seen & (layer.end - layer.start >= need) & (src[layer.rows] >= 0))
            if item.size:
                rows = layer.rows[item]
                number_ = np.full(item.size, number, dtype=np.int64)
                parts.append((number_, item, rows, six[rows], src[rows], dst[rows], layer.start[item]))
    none = np.zeros(0, dtype=np.int64)
    columns = [np.concatenate(column) for column in zip(*parts)] or [none] * 7
    if len(parts) > 1 or (columns[2][1:] < columns[2][:-1]).any():
        order = np.lexsort((columns[0], columns[2]))
        columns = [column[order] for column in columns]
    layer_, item_, row_, six_, src_, dst_, ports_ = columns
    return Headers(layer_, item_, row_, found.walk.buf, six_.astype(np.bool_), src_, dst_, ports_)


def joined_rows(found: Dissection) -> NDArray[np.bool_]:
    """Packets that hold a fragment which was taken for joining."""
    out = np.zeros(len(found.table), dtype=np.bool_)
    for layer in found.layers:
        if "joined" in layer.extra:
            out[layer.rows[layer.extra["joined"]]] = True
    return out
