"""Linux cooked capture header.

Reference: LINKTYPE_LINUX_SLL of tcpdump.org.
"""

from zjobs.chars import decimal
from zjobs.wire.ethernet import LOWEST_TYPE
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.values import hex4
from zjobs.wire.walk import Layer, Mask, Walk

NAME = "sll"
TITLE = "Linux cooked"
FOUND = {"link": (Link.LINUX_SLL,)}

#: ETH_P_ETHERNET and ETH_P_802_2 of Linux.
_ETHERNET, _LLC, _PPP = 3, 4, 7
#: ARPHRD_FRAD of Linux: the type says nothing.
_FRAD = 770

LAYOUT = Layout(
    "Linux cooked",
    (
        Field("pkttype", "u16", 0, "Packet Type", json="sll.pkttype"),
        Field("hatype", "u16", 2, "Hardware Type", json="sll.hatype"),
        Field("etype", "u16", 14, "Ethtype", hex4, json="sll.etype"),
        Field("ltype", "u16", 14, json="sll.ltype"),
    ),
    16,
    "LINKTYPE_LINUX_SLL",
)


def reach(walk: Walk, layer: Layer) -> None:
    """An EtherType ends the header."""
    follow(walk, layer)


def follow(walk: Walk, layer: Layer) -> None:
    """Hand on by the EtherType; small numbers are Linux's own for frames without one, and frame relay has none."""
    kind, whole = layer["etype"], layer.end - layer.start >= layer.columns.layout.size
    relayed = layer["hatype"] == _FRAD
    walk.next(layer, "link", Link.FRAME_RELAY, which=whole & relayed)
    typed = whole & ~relayed
    walk.next(layer, "link", Link.ETHERNET, which=typed & (kind == _ETHERNET))
    walk.next(layer, "link", Link.PPP, which=typed & (kind == _PPP))
    walk.next(layer, "llc", 0, which=typed & (kind == _LLC))
    walk.next(layer, "ethertype", kind, which=typed & (kind >= LOWEST_TYPE))


def shown(layer: Layer) -> dict[str, Mask]:
    """A type, or one of Linux's own numbers."""
    typed = layer["etype"] >= LOWEST_TYPE
    return {"etype": typed, "ltype": ~typed}


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours."""
    return [Title(TITLE), line(item("Packet Type", decimal(layer["pkttype"])), item("Ethtype", hex4(layer["etype"])))]
