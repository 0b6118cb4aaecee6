"""IEEE 802.2 Logical Link Control with SNAP.

Reference: IEEE 802.2; RFC 1042 (SNAP).
"""

import numpy as np

from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block, Title, item, line, line_if
from zjobs.wire.values import hex2, hex4
from zjobs.wire.walk import Layer, Walk

NAME = "llc"
TITLE = "LLC"
FOUND = {"llc": (0,)}

SNAP = 0xAA

LAYOUT = Layout(
    "LLC",
    (
        Field("dsap", "u8", 0, "DSAP", hex2, json="llc.dsap"),
        Field("ssap", "u8", 1, "SSAP", hex2, json="llc.ssap"),
        Field("control", "u8", 2, "Control", hex2),
        Field("oui", "u24", 3, "OUI"),
        Field("type", "u16", 6, "Ethtype", hex4),
    ),
    8,
    "IEEE 802.2",
)


def reach(walk: Walk, layer: Layer) -> None:
    """A SNAP header carries an EtherType; other service access points are left as data."""
    there = layer.end - layer.start
    snap = (there >= 8) & (layer["dsap"] == SNAP) & (layer["ssap"] == SNAP) & (layer["control"] == 3)
    layer.head = np.where(snap, 8, np.minimum(3, there))
    walk.next(layer, "ethertype", layer["type"], which=snap & (layer["oui"] == 0))


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of an LLC header is not known."""
    return [
        Title(TITLE),
        line(item("DSAP", hex2(layer["dsap"])), item("SSAP", hex2(layer["ssap"]))),
        line(item("Control", hex2(layer["control"]))),
        line_if(layer.head == 8, item("Ethtype", hex4(layer["type"]))),
    ]
