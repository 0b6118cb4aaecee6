"""Per-Packet Information: fields about a frame in front of it.

Reference: PPI packet header format, version 1.0.7; LINKTYPE_PPI of tcpdump.org.
"""

import numpy as np

from zjobs.chars import decimal
from zjobs.columns import windows
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link, checked, follow, headed
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.values import hex2
from zjobs.wire.walk import Index, Layer, Mask, Walk

NAME = "ppi"
TITLE = "PPI"
FOUND = {"link": (Link.PPI,)}

LAYOUT = Layout(
    "PPI",
    (
        Field("version", "u8", 0, "Version", json="ppi.version"),
        Field("flags", "u8", 1, "Flags", hex2, json="ppi.flags"),
        Field("length", "l16", 2, "Header Length", json="ppi.length"),
        Field("dlt", "l32", 4, "Link Type", json="ppi.dlt"),
    ),
    8,
    "PPI packet header format, section 3",
)

#: The field that is called 802.11-Common (section 4.1.2), and its flag of frames that end with a check sequence.
_COMMON, _CHECKED = 2, 1
#: More fields than any program writes.
_MOST = 32


def reach(walk: Walk, layer: Layer) -> None:
    """The length covers the fields; the frame stands behind them, and a wireless one may end with a check."""
    whole = headed(walk, layer)
    checked(layer, _wireless(walk, layer, whole) & _CHECKED > 0)
    follow(walk, layer, whole)


def _wireless(walk: Walk, layer: Layer, which: Mask) -> Index:
    """Flags of the field for wireless frames, 0 without: each field has a type, a length and its data."""
    flags = np.zeros(len(layer), dtype=np.int64)
    at = layer.start + LAYOUT.size
    for _ in range(_MOST):
        which = which & (at + 4 <= layer.payload)
        if not which.any():
            break
        head = windows(walk.buf, np.where(which, at, layer.start), 14).view("<u2").astype(np.int64)
        found = which & (head[:, 0] == _COMMON) & (head[:, 1] >= 10) & (at + 14 <= layer.payload)
        flags = np.where(found, head[:, 6], flags)
        at = at + 4 + head[:, 1]
    return flags


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours."""
    return [
        Title(TITLE),
        line(item("Header Length", decimal(layer["length"])), item("Link Type", decimal(layer["dlt"]))),
    ]
