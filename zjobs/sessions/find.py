"""``--find``: text or bytes in what packets carry, in ASCII and EBCDIC at once, across segments.

The text is looked for in every code page that writes it differently; X'hex' is looked for as it is.  In a stream of
TCP what one segment ends with and the next begins with is one text.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import distinct
from zjobs.errors import RequestError
from zjobs.sessions.conversations import headers
from zjobs.trace.dissect import Dissection

Mask = NDArray[np.bool_]

#: How z/OS and its partners write text: the code pages differ in a few characters only.
CODE_PAGES = ("utf-8", "latin-1", "cp037", "cp1047", "cp500", "cp273", "cp1140", "utf-16-be", "utf-16-le")

#: Connections whose last bytes are remembered.
_MOST = 50_000


def patterns(text: str) -> tuple[bytes, ...]:
    """What to look for: the bytes of X'hex', or the text in every code page.  Raises RequestError."""
    if text[:2].upper() == "X'" and text.endswith("'"):
        try:
            raw = bytes.fromhex(text[2:-1])
        except ValueError:
            raw = b""
        if not raw:
            raise RequestError("ZJB0241E", value=text)
        return (raw,)
    if not text:
        raise RequestError("ZJB0241E", value="''")
    found: dict[bytes, None] = {}
    for page in CODE_PAGES:
        try:
            found[text.encode(page)] = None
        except UnicodeEncodeError:
            continue
        except LookupError:
            # cp1047 comes with the ebcdic package; without it the others still find letters and digits.
            continue
    return tuple(found)


@dataclass
class Find:
    """A search over one reading; called with the batches in order, it gives a mask of packets (n,)."""

    patterns: tuple[bytes, ...]
    _tails: dict[tuple[bytes, bool], tuple[int, bytes]] = field(default_factory=dict)

    def __call__(self, found: Dissection) -> Mask:
        mask = np.zeros(len(found.table), dtype=np.bool_)
        start, end = _payloads(found)
        data = found.walk.buf.tobytes()
        order = np.argsort(start, kind="stable")
        begins, stops = start[order], end[order]
        for pattern in self.patterns:
            at = data.find(pattern)
            while at >= 0:
                k = int(np.searchsorted(begins, at, side="right")) - 1
                if k >= 0 and at + len(pattern) <= stops[k]:
                    mask[order[k]] = True
                    # One hit a packet is enough.
                    at = data.find(pattern, int(stops[k]))
                else:
                    at = data.find(pattern, at + 1)
        self._across(found, data, mask)
        return mask

    def _across(self, found: Dissection, data: bytes, mask: Mask) -> None:
        """Texts that one segment begins and the next ends: the packet in which they end is marked."""
        longest = max(map(len, self.patterns)) - 1
        if not longest:
            return
        where = headers(found, "tcp", 20)
        for number in distinct(where.layer):
            here, item = where.of(number)
            layer = found.layers[number]
            begins, stops = layer.payload[item], layer.end[item]
            seqs = layer["seq"][item].astype(np.int64)
            filled = np.flatnonzero((stops > begins) & ~layer.quoted[item])
            for k in filled.tolist():
                place = here[k]
                key = (where.key[place].tobytes(), bool(where.first[place]))
                low, high, seq = int(begins[k]), int(stops[k]), int(seqs[k])
                expected, tail = self._tails.pop(key, (-1, b""))
                if expected != seq:
                    tail = b""
                head = data[low : min(high, low + longest)]
                joint = tail + head
                if tail and any(_crosses(joint, len(tail), p) for p in self.patterns):
                    mask[where.row[place]] = True
                self._tails[key] = (seq + high - low & 0xFFFFFFFF, (tail + data[low:high])[-longest:])
                if len(self._tails) > _MOST:
                    del self._tails[next(iter(self._tails))]


def _crosses(joint: bytes, border: int, pattern: bytes) -> bool:
    """Whether a pattern begins before the border and ends behind it."""
    return any(joint.startswith(pattern, at) for at in range(max(border - len(pattern) + 1, 0), border))


def _payloads(found: Dissection) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """What each packet carries behind its headers, as offsets in the buffer; the whole record where it has none."""
    start, end = found.table.data_start.copy(), found.table.data_end.copy()
    for layer, which in found.network:
        start[layer.rows[which]], end[layer.rows[which]] = layer.payload[which], layer.end[which]
    for layer, which in found.transport:
        start[layer.rows[which]], end[layer.rows[which]] = layer.payload[which], layer.end[which]
    return start, np.maximum(end, start)
