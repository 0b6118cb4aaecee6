"""AX.25: frames of amateur packet radio.

Reference: AX.25 Link Access Protocol, version 2.2, section 3; LINKTYPE_AX25 of tcpdump.org.
"""

import numpy as np

from zjobs.chars import decimal
from zjobs.columns import windows
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.walk import Layer, Walk

NAME = "ax25"
TITLE = "AX.25"
FOUND = {"link": (Link.AX25,)}

LAYOUT = Layout("AX.25", (Field("control", "u8", 14),), 15, "AX.25, section 3")

#: An address has seven bytes, of which the last one ends the list; eight stations may stand between two.
_ADDRESS, _LAST, _MOST = 7, 1, 10
_TYPES = {0xCC: 0x0800, 0xCD: 0x0806}
_UI = 0x03


def reach(walk: Walk, layer: Layer) -> None:
    """Addresses, a byte of control, and in frames of information the number of the protocol."""
    there = layer.end - layer.start
    ends = windows(walk.buf, layer.start, _ADDRESS * _MOST)[:, _ADDRESS - 1 :: _ADDRESS] & _LAST
    size = _ADDRESS * (np.argmax(ends, axis=1) + 1)
    at = layer.start + size
    control = walk.buf[at]
    carries = (control & 1 == 0) | (control & 0xEF == _UI)
    layer.head = np.minimum(size + 2, there)
    kind = np.zeros(len(layer), dtype=np.int64)
    for number, ethertype in _TYPES.items():
        kind[walk.buf[at + 1] == number] = ethertype
    whole = ends.any(axis=1) & (size >= 2 * _ADDRESS) & (there >= size + 2)
    walk.next(layer, "ethertype", kind, which=whole & carries & (kind > 0))


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours."""
    return [Title(TITLE), line(item("Header Length", decimal(layer.head)))]
