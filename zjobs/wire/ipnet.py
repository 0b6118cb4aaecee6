"""IP packets that Solaris captured between its zones.

Reference: LINKTYPE_IPNET of tcpdump.org; Solaris, <inet/ipnet.h>.
"""

import numpy as np

from zjobs.chars import decimal
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.walk import Layer, Walk

NAME = "ipnet"
TITLE = "IPNET"
FOUND = {"link": (Link.IPNET,)}

LAYOUT = Layout(
    "IPNET",
    (
        Field("version", "u8", 0, json="ipnet.version"),
        Field("family", "u8", 1, "Family", json="ipnet.family"),
        Field("htype", "u16", 2, "Hook Type", json="ipnet.htype"),
        Field("pktlen", "u32", 4, "Length", json="ipnet.pktlen"),
        Field("ifindex", "u32", 8, "Interface", json="ipnet.ifindex"),
        Field("grifindex", "u32", 12, json="ipnet.grifindex"),
        Field("zsrc", "u32", 16, "Source Zone", json="ipnet.zsrc"),
        Field("zdst", "u32", 20, "Destination Zone", json="ipnet.zdst"),
    ),
    24,
    "LINKTYPE_IPNET",
)

_INET, _INET6 = 2, 26


def reach(walk: Walk, layer: Layer) -> None:
    """The family says which version of IP it is."""
    version = np.select([layer["family"] == _INET, layer["family"] == _INET6], [4, 6], 0)
    walk.next(layer, "ip.version", version, which=(layer.end - layer.start >= LAYOUT.size) & (version > 0))


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours."""
    return [
        Title(TITLE),
        line(item("Source Zone", decimal(layer["zsrc"])), item("Destination Zone", decimal(layer["zdst"]))),
        line(item("Interface", decimal(layer["ifindex"])), item("Length", decimal(layer["pktlen"]))),
    ]
