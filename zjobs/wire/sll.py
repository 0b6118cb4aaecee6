"""Linux cooked capture header.

Reference: LINKTYPE_LINUX_SLL of tcpdump.org.
"""

from zjobs.chars import decimal
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.values import hex4
from zjobs.wire.walk import Layer, Walk

NAME = "sll"
TITLE = "Linux cooked"
FOUND = {"link": (Link.LINUX_SLL,)}

#: ETH_P_ETHERNET and ETH_P_802_2 of Linux.
_ETHERNET, _LLC = 3, 4

LAYOUT = Layout(
    "Linux cooked",
    (
        Field("pkttype", "u16", 0, "Packet Type", json="sll.pkttype"),
        Field("hatype", "u16", 2, "Hardware Type", json="sll.hatype"),
        Field("etype", "u16", 14, "Ethtype", hex4, json="sll.etype"),
    ),
    16,
    "LINKTYPE_LINUX_SLL",
)


def reach(walk: Walk, layer: Layer) -> None:
    """An EtherType ends the header."""
    follow(walk, layer)


def follow(walk: Walk, layer: Layer) -> None:
    """Hand on by the EtherType; small numbers are Linux's own for frames that have none."""
    kind, whole = layer["etype"], layer.end - layer.start >= layer.columns.layout.size
    walk.next(layer, "link", Link.ETHERNET, which=whole & (kind == _ETHERNET))
    walk.next(layer, "llc", 0, which=whole & (kind == _LLC))
    walk.next(layer, "ethertype", kind, which=whole & (kind != _ETHERNET) & (kind != _LLC))


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours."""
    return [Title(TITLE), line(item("Packet Type", decimal(layer["pkttype"])), item("Ethtype", hex4(layer["etype"])))]
