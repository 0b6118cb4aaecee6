"""ATM with the header that Sun's drivers write: LLC, or emulated Ethernet.

Reference: LINKTYPE_SUNATM of tcpdump.org; ATM Forum, LAN Emulation 1.0 (af-lane-0021.000), section 2.
"""

import numpy as np

from zjobs.chars import decimal
from zjobs.columns import Bytes, windows
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.walk import Index, Layer, Walk

NAME = "atm"
TITLE = "ATM"
FOUND = {"link": (Link.SUNATM,)}

LAYOUT = Layout(
    "ATM",
    (
        Field("kind", "u8", 0, "Traffic", bits=(0, 4)),
        Field("vpi", "u8", 1, "VPI", json="atm.vpi"),
        Field("vci", "u16", 2, "VCI", json="atm.vci"),
    ),
    4,
    "LINKTYPE_SUNATM",
)

_UNKNOWN, _LANE, _LLC = 0, 1, 2
_SNAP, _CONTROL = b"\xaa\xaa\x03", b"\xff\x00"


def reach(walk: Walk, layer: Layer) -> None:
    """Frames of emulated Ethernet stand behind the number of a client; where nothing is said, SNAP tells LLC."""
    kind, whole = layer["kind"], layer.end - layer.start > LAYOUT.size
    first = windows(walk.buf, np.where(whole, layer.payload, layer.start), 3)
    snap = (first == np.frombuffer(_SNAP, dtype=np.uint8)).all(axis=1)
    control = (first[:, :2] == np.frombuffer(_CONTROL, dtype=np.uint8)).all(axis=1)
    walk.next(layer, "llc", 0, which=whole & ((kind == _LLC) | (kind == _UNKNOWN) & snap))
    walk.next(layer, "link", int(Link.ETHERNET), which=whole & (kind == _LANE) & ~control, start=layer.payload + 2)


def counted(buf: Bytes, start: Index, length: Index, captured: Index) -> tuple[Index, Index]:
    """How long frames were and how much of them is there, without the header."""
    return np.maximum(length - LAYOUT.size, 0), np.maximum(captured - LAYOUT.size, 0)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours."""
    return [Title(TITLE), line(item("VPI", decimal(layer["vpi"])), item("VCI", decimal(layer["vci"])))]
