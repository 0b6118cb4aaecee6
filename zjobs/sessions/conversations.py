"""The conversation of every TCP or UDP header: both ends, in one order, as a key.

Reference: Wireshark, epan/conversation.c: a conversation is the pair of addresses with the pair of ports,
whichever end sends.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import distinct, windows
from zjobs.trace.dissect import NETWORK, Dissection
from zjobs.wire.walk import Layer

Index = NDArray[np.int64]

#: Version, address, port of one end.
_END = 1 + 16 + 2


class Headers(NamedTuple):
    """Headers of one protocol in one batch, in the order of packets and, within one, of depth.

    ``layer`` is an index in ``Dissection.layers``, ``item`` the occurrence in it, ``row`` the packet.
    ``key`` (n, 38) is the conversation; ``first`` says that the end with the higher address (or, with
    equal addresses, the higher port) sends.
    """

    layer: Index
    item: Index
    row: Index
    key: NDArray[np.uint8]
    first: NDArray[np.bool_]

    def __len__(self) -> int:
        return int(self.row.size)

    def of(self, layer: int) -> tuple[Index, Index]:
        """Headers of one layer: their places here, and their occurrences there."""
        here = np.flatnonzero(self.layer == layer)
        return here, self.item[here]


def headers(
    found: Dissection, protocol: str, need: int, sensible: Callable[[Layer], NDArray[np.bool_]] | None = None
) -> Headers:
    """All headers of ``protocol`` of which at least ``need`` bytes are there, and that are ``sensible``.

    A header in a first fragment is data as long as the fragment waits for others; in one that cannot be joined
    (abbreviated, damaged) it is a header.
    """
    outer_layer = np.full(len(found.table), -1, dtype=np.int64)
    outer_item = np.zeros(len(found.table), dtype=np.int64)
    outer_dst = np.zeros(len(found.table), dtype=np.int64)
    hidden = joined_rows(found)
    parts: list[tuple[NDArray[np.int64], ...]] = []
    ends: list[NDArray[np.uint8]] = []
    for number, layer in enumerate(found.layers):
        if layer.name in NETWORK:
            outer_layer[layer.rows] = number
            outer_item[layer.rows] = np.arange(len(layer))
            outer_dst[layer.rows] = layer.extra.get("dst_at", layer.start + 24)
        elif layer.name == "routing" and "dst_at" in layer.extra:
            # A source route ends elsewhere than the header says.
            routed = layer.extra["dst_at"] >= 0
            outer_dst[layer.rows[routed]] = layer.extra["dst_at"][routed]
        elif layer.name == protocol:
            seen = ~(layer.fragment & hidden[layer.rows])
            if sensible is not None:
                seen &= sensible(layer)
            item = np.flatnonzero(seen & (layer.end - layer.start >= need) & (outer_layer[layer.rows] >= 0))
            if item.size:
                rows = layer.rows[item]
                parts.append((np.full(item.size, number, dtype=np.int64), item, rows))
                ports = windows(found.walk.buf, layer.start[item], 4)
                ends.append(_ends(found, outer_layer[rows], outer_item[rows], outer_dst[rows], ports))
    if not parts:
        none = np.zeros(0, dtype=np.int64)
        return Headers(none, none, none, np.zeros((0, 2 * _END), dtype=np.uint8), none.astype(np.bool_))
    number_, item_, row_ = (np.concatenate(c) for c in zip(*parts))
    order = np.lexsort((number_, row_))
    pair = np.concatenate(ends)[order]
    sender, receiver = pair[:, :_END], pair[:, _END:]
    first = ~_less(sender, receiver)
    key = np.where(first[:, None], pair, np.concatenate([receiver, sender], axis=1))
    return Headers(number_[order], item_[order], row_[order], key, first)


def joined_rows(found: Dissection) -> NDArray[np.bool_]:
    """Packets that hold a fragment which was taken for joining."""
    out = np.zeros(len(found.table), dtype=np.bool_)
    for layer in found.layers:
        if "joined" in layer.extra:
            out[layer.rows[layer.extra["joined"]]] = True
    return out


def _ends(found: Dissection, layer: Index, item: Index, dst: Index, ports: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Both ends as bytes, the sender's first; addresses are those of the nearest IP header outside."""
    out = np.zeros((item.size, 2 * _END), dtype=np.uint8)
    for number in distinct(layer):
        here = np.flatnonzero(layer == number)
        source = found.layers[number]
        six = source.name == "ipv6"
        size, at = (16, 8) if six else (4, 12)
        out[here, 0] = out[here, _END] = 6 if six else 4
        addresses = windows(found.walk.buf, source.start[item[here]] + at, size)
        out[here[:, None], np.arange(1, 1 + size)] = addresses
        addresses = windows(found.walk.buf, dst[here], size)
        out[here[:, None], np.arange(_END + 1, _END + 1 + size)] = addresses
    out[:, _END - 2 : _END] = ports[:, :2]
    out[:, 2 * _END - 2 :] = ports[:, 2:]
    return out


def _less(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Row by row, whether the bytes of ``a`` come before those of ``b``."""
    differs = a != b
    where = np.argmax(differs, axis=1)
    rows = np.arange(a.shape[0])
    return np.asarray(differs.any(axis=1) & (a[rows, where] < b[rows, where]))
