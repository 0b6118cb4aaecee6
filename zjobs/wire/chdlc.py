"""Cisco HDLC: frames of a serial line.

Reference: LINKTYPE_C_HDLC of tcpdump.org.
"""

from zjobs.chars import decimal
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.values import hex4
from zjobs.wire.walk import Layer, Walk

NAME = "chdlc"
TITLE = "Cisco HDLC"
FOUND = {"link": (Link.CISCO_HDLC,), "juniper": (208,)}

LAYOUT = Layout(
    "Cisco HDLC",
    (
        Field("address", "u8", 0, "Address", json="chdlc.address"),
        Field("etype", "u16", 2, "Ethtype", hex4, json="chdlc.protocol"),
    ),
    4,
    "LINKTYPE_C_HDLC",
)

_SLARP = 0x8035


def reach(walk: Walk, layer: Layer) -> None:
    """An EtherType ends the header; that of RARP means keep-alives here (SLARP)."""
    whole = (layer.end - layer.start >= LAYOUT.size) & (layer["etype"] != _SLARP)
    walk.next(layer, "ethertype", layer["etype"], which=whole)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours."""
    return [Title(TITLE), line(item("Address", decimal(layer["address"])), item("Ethtype", hex4(layer["etype"])))]
