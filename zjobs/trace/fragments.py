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


@dataclass
class _Datagram:
    parts: dict[int, bytes] = field(default_factory=dict)
    total: int = -1
    size: int = 0


@dataclass
class Reassembler:
    """Open datagrams of one reading, and what became of them."""

    fragments: int = 0
    datagrams: int = 0
    open: dict[bytes, _Datagram] = field(default_factory=dict)
    held: int = 0

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
    ) -> None:
        """Take the fragments ``which`` of a layer; completed datagrams go on walking from a copy behind the buffer."""
        arena = bytearray()
        done: list[tuple[int, int, int]] = []
        for k, index in enumerate(which.tolist()):
            start, end, limit = int(payload[k]), int(layer.end[index]), int(layer.limit[index])
            if end < limit or not intact[k] or end <= start:
                continue
            whole = self._accept(keys[k], int(offset[k]), bool(more[k]), walk.buf[start:end].tobytes())
            if whole is not None:
                done.append((k, len(arena), len(arena) + len(whole)))
                arena += whole
        if not done:
            return
        base = walk.append(bytes(arena))
        chosen, starts, ends = np.array(done, dtype=np.int64).T
        walk.resume(layer, which[chosen], "ip.proto", proto[chosen], base + starts, base + ends)

    def _accept(self, key: bytes, offset: int, more: bool, data: bytes) -> bytes | None:
        self.fragments += 1
        if offset + len(data) > _LONGEST:
            return None
        datagram = self.open.setdefault(key, _Datagram())
        if offset not in datagram.parts:
            datagram.parts[offset] = data
            datagram.size += len(data)
            self.held += len(data)
        if not more:
            datagram.total = offset + len(data)
        while len(self.open) > _MOST_OPEN or self.held > _MOST_BYTES:
            self.held -= self.open.pop(next(iter(self.open))).size
        if datagram.total < 0 or datagram.size < datagram.total:
            return None
        joined = bytearray()
        for at in sorted(datagram.parts):
            part = datagram.parts[at]
            if at > len(joined):
                return None
            joined += part[len(joined) - at :]
        if len(joined) < datagram.total:
            return None
        if key in self.open:
            self.held -= self.open.pop(key).size
        self.datagrams += 1
        return bytes(joined[: datagram.total])
