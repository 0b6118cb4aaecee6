"""Options inside headers: kind, length, value, one behind the other.

Reference: the common form of RFC 791 and RFC 9293 options.  The walk takes one step for all packets at a
time; a header has at most 40 option bytes, so at most 40 steps.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes, among, windows

Index = NDArray[np.int64]


class Column(NamedTuple):
    """The k-th options: ``rows`` are the occurrences that have one, the other arrays go with them."""

    rows: Index
    kind: Index
    at: Index
    size: Index

    def bytes(self, buf: Bytes, width: int) -> Bytes:
        """What stands behind kind and length, ``width`` bytes of it: (n, width)."""
        return windows(buf, self.at + 2, width)


class Options(NamedTuple):
    """All options of a layer, in order: ``row`` is the occurrence, ``rank`` counts within it.

    ``size`` includes kind and length and never runs past the header; ``claimed`` is the length as written.
    """

    row: Index
    rank: Index
    kind: Index
    at: Index
    size: Index
    claimed: Index

    def of(self, *kinds: int) -> "Options":
        """Only options of these kinds."""
        return self.where(among(self.kind, kinds))

    def where(self, mask: NDArray[np.bool_]) -> "Options":
        """Only options chosen by a mask."""
        return Options(*(getattr(self, n)[mask] for n in ("row", "rank", "kind", "at", "size", "claimed")))

    def columns(self) -> Iterator[Column]:
        """The first, second, ... options of all occurrences."""
        for here in self.ranks():
            yield Column(self.row[here], self.kind[here], self.at[here], self.size[here])

    def ranks(self) -> Iterator[Index]:
        """Where the first, second, ... options of all occurrences are."""
        for rank in range(int(self.rank.max(initial=-1)) + 1):
            yield np.flatnonzero(self.rank == rank)


def walk(
    buf: Bytes, start: Index, end: Index, plain: tuple[int, ...], *, excluding: bool = False, last: int = 0
) -> Options:
    """The options between ``start`` and ``end``, up to the first of kind ``last``.

    ``plain`` kinds have no length byte.  In IPv4 and TCP kind 0 ends the list and a length counts kind and
    length; in IPv6 (``excluding``) kind 0 is padding and a length counts the value only.
    """
    parts: list[tuple[NDArray[Any], ...]] = []
    active = np.flatnonzero(start < end)
    at = start[active].copy()
    rank = 0
    while active.size:
        stop = end[active]
        kind = buf[at].astype(np.int64)
        single = among(kind, plain)
        written = np.where(single, 1, np.where(at + 1 < stop, buf[at + 1].astype(np.int64) + 2 * excluding, 0))
        size = np.where(single, 1, np.clip(written, np.minimum(2, stop - at), stop - at))
        parts.append((active, np.full(active.size, rank, dtype=np.int64), kind, at, size, written))
        # A length below two cannot be stepped over: what follows is not known to be options.
        going = (at + size < stop) & (excluding | (kind != last)) & (single | (written >= 2))
        active, at = active[going], (at + size)[going]
        rank += 1
    if not parts:
        none = np.zeros(0, dtype=np.int64)
        return Options(none, none, none, none, none, none)
    row, ranks, kinds, ats, sizes, claimed = (np.concatenate(c) for c in zip(*parts))
    order = np.lexsort((ranks, row))
    return Options(row[order], ranks[order], kinds[order], ats[order], sizes[order], claimed[order])
