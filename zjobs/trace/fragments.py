"""IP fragments put together, across batches, in bounded memory.

Reference: RFC 791, section 3.2; RFC 8200, section 4.5.  The datagram is shown at the record that
completed it.  A fragment that was abbreviated, or whose header checksum is wrong, is left as data.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zjobs.wire.walk import Layer, Walk

_MOST_OPEN = 512
_MOST_BYTES = 32 << 20
_LONGEST = 65535
#: Datagrams that are remembered by name for the report of the run; beyond that they are only counted.
_MOST_NAMED = 10_000
_MOST_RECORDS = 64


@dataclass(eq=False, repr=False)
class Datagram:
    """The fragments of one datagram: ``key`` is source, destination and identification as they stand in the header.

    ``extents`` are (offset, bytes) of the fragments met, ``records`` the numbers of their records, ``total`` the
    length of the payload (-1 until the last fragment is met).
    """

    key: bytes
    proto: int
    extents: list[tuple[int, int]] = field(default_factory=list)
    records: list[int] = field(default_factory=list)
    total: int = -1

    def missing(self) -> list[tuple[int, int]]:
        """Stretches (first, behind) that no fragment holds; the last one is (offset, -1) without a last fragment."""
        holes = []
        reached = 0
        for at, size in sorted(self.extents):
            if at > reached:
                holes.append((reached, at))
            reached = max(reached, at + size)
        if self.total < 0:
            holes.append((reached, -1))
        elif reached < self.total:
            holes.append((reached, self.total))
        return holes


@dataclass(eq=False, repr=False)
class _Open:
    about: Datagram
    parts: dict[int, bytes] = field(default_factory=dict)
    size: int = 0


@dataclass(eq=False, repr=False)
class Reassembler:
    """Open datagrams of one reading, and what became of them.

    ``longest`` is the longest datagram that is joined; ``numbers`` are the record numbers of the packets that are
    walked next.  ``joined`` is filled when ``keep_joined`` asks for it.
    """

    longest: int = _LONGEST
    keep_joined: bool = False
    fragments: int = 0
    datagrams: int = 0
    #: Fragments that became part of a datagram.
    used: int = 0
    #: Fragments that were left as data: abbreviated, or with a header checksum that is wrong.
    unusable: int = 0
    #: Datagrams that were given up, those among them that are named, and those that were joined.
    given_up: int = 0
    lost: list[Datagram] = field(default_factory=list)
    joined: list[Datagram] = field(default_factory=list)
    open: dict[bytes, _Open] = field(default_factory=dict)
    held: int = 0
    numbers: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def incomplete(self) -> list[Datagram]:
        """Datagrams that are not whole, as far as they are named."""
        return [*self.lost, *(o.about for o in self.open.values())]

    def add(
        self,
        walk: Walk,
        layer: Layer,
        which: NDArray[np.int64],
        keys: list[bytes],
        offset: NDArray[np.int64],
        more: NDArray[np.bool_],
        proto: NDArray[Any],
        payload: NDArray[np.int64],
        intact: NDArray[np.bool_],
    ) -> NDArray[np.int64]:
        """Take the fragments ``which`` of a layer; completed datagrams go on walking from a copy behind the buffer.

        Returned are the fragments that completed one.
        """
        arena = bytearray()
        done: list[tuple[int, int, int]] = []
        for k, index in enumerate(which.tolist()):
            start, end, limit = int(payload[k]), int(layer.end[index]), int(layer.limit[index])
            if end < limit or not intact[k] or end <= start:
                self.unusable += 1
                continue
            number = int(self.numbers[layer.rows[index]]) if self.numbers.size else 0
            data = walk.buf[start:end].tobytes()
            whole = self._accept(keys[k], int(proto[k]), number, int(offset[k]), bool(more[k]), data)
            if whole is not None:
                done.append((k, len(arena), len(arena) + len(whole)))
                arena += whole
        if not done:
            return which[:0]
        base = walk.append(bytes(arena))
        chosen, starts, ends = np.array(done, dtype=np.int64).T
        completed: NDArray[np.int64] = which[chosen]
        walk.resume(layer, completed, "ip.proto", proto[chosen], base + starts, base + ends)
        return completed

    def _accept(self, key: bytes, proto: int, number: int, offset: int, more: bool, data: bytes) -> bytes | None:
        self.fragments += 1
        if offset + len(data) > _LONGEST:
            return None
        datagram = self.open.setdefault(key, _Open(Datagram(key, proto)))
        about = datagram.about
        if len(about.records) < _MOST_RECORDS:
            about.records.append(number)
        if offset not in datagram.parts:
            datagram.parts[offset] = data
            about.extents.append((offset, len(data)))
            datagram.size += len(data)
            self.held += len(data)
        if not more:
            about.total = offset + len(data)
        while len(self.open) > _MOST_OPEN or self.held > _MOST_BYTES:
            self._give_up(next(iter(self.open)))
        if about.total < 0 or datagram.size < about.total or about.total > self.longest:
            return None
        joined = bytearray()
        for at in sorted(datagram.parts):
            part = datagram.parts[at]
            if at > len(joined):
                return None
            joined += part[len(joined) - at :]
        if len(joined) < about.total:
            return None
        if key in self.open:
            self.held -= self.open.pop(key).size
        self.datagrams += 1
        self.used += len(about.extents)
        if self.keep_joined and len(self.joined) < _MOST_NAMED:
            self.joined.append(about)
        return bytes(joined[: about.total])

    def _give_up(self, key: bytes) -> None:
        datagram = self.open.pop(key)
        self.held -= datagram.size
        self.given_up += 1
        if len(self.lost) < _MOST_NAMED:
            self.lost.append(datagram.about)
