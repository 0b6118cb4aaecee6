"""Linux cooked capture header, version 2.

Reference: LINKTYPE_LINUX_SLL2 of tcpdump.org.
"""

from zjobs.chars import decimal
from zjobs.wire import sll
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.values import hex4
from zjobs.wire.walk import Layer, Walk

NAME = "sll2"
TITLE = "Linux cooked v2"
FOUND = {"link": (Link.LINUX_SLL2,)}

LAYOUT = Layout(
    "Linux cooked v2",
    (
        Field("etype", "u16", 0, "Ethtype", hex4, json="sll.etype"),
        Field("ltype", "u16", 0, json="sll.ltype"),
        Field("ifindex", "u32", 4, "Interface", json="sll.ifindex"),
        Field("hatype", "u16", 8, "Hardware Type", json="sll.hatype"),
        Field("pkttype", "u8", 10, "Packet Type", json="sll.pkttype"),
    ),
    20,
    "LINKTYPE_LINUX_SLL2",
)


def reach(walk: Walk, layer: Layer) -> None:
    """An EtherType starts the header."""
    sll.follow(walk, layer)


shown = sll.shown


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours."""
    return [Title(TITLE), line(item("Packet Type", decimal(layer["pkttype"])), item("Ethtype", hex4(layer["etype"])))]
