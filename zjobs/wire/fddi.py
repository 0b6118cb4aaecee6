"""Fiber Distributed Data Interface frames.

Reference: ISO 9314-2 (ANSI X3.139), section 7.  Capture files have the bits of each address octet in the order in which
the ring sends them; addresses are shown as those of Ethernet.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import Chars
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.values import hex2, mac
from zjobs.wire.walk import Layer, Walk

NAME = "fddi"
TITLE = "FDDI"
FOUND = {"link": (Link.FDDI,)}

_TURNED = np.packbits(np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1), axis=1, bitorder="little")[:, 0]
#: First half of the frame control of frames with LLC, whatever their priority.
_LLC = 5


def _turned_mac(octets: NDArray[Any]) -> Chars:
    return mac(_TURNED[octets])


LAYOUT = Layout(
    "FDDI",
    (
        Field("fc", "u8", 0, "Frame Control", hex2, json="fddi.fc"),
        Field("dst", "b6", 1, "Destination MAC", _turned_mac),
        Field("src", "b6", 7, "Source MAC", _turned_mac),
    ),
    13,
    "ISO 9314-2",
)


def reach(walk: Walk, layer: Layer) -> None:
    """A data frame carries LLC behind the addresses."""
    walk.next(layer, "llc", 0, which=(layer.end - layer.start >= LAYOUT.size) & (layer["fc"] >> 4 == _LLC))


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of an FDDI frame is not known."""
    return [
        Title(TITLE),
        line(
            item("Source MAC", _turned_mac(layer.columns.octets("src"))),
            item("Destination MAC", _turned_mac(layer.columns.octets("dst"))),
        ),
    ]
