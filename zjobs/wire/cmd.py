"""Cisco MetaData: the security group of a frame, in front of what it holds.

Reference: draft-smith-kandula-sxp-06, section 1 (group tags); the order of its parts as Wireshark reads them.
"""

import numpy as np

from zjobs.chars import decimal
from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.values import hex4
from zjobs.wire.walk import Layer, Walk

NAME = "cmd"
TITLE = "Cisco MetaData"
FOUND = {"ethertype": (0x8909,)}

LAYOUT = Layout(
    "Cisco MetaData",
    (Field("first", "u16", 0), Field("third", "u16", 4), Field("last", "u16", 6)),
    8,
    "Cisco TrustSec",
)

#: Version 1, one option.
_VERSION = 0x0101


def reach(walk: Walk, layer: Layer) -> None:
    """In a frame the EtherType stands at the end, behind GRE at the beginning."""
    at_end = layer["first"] == _VERSION
    layer.extra["type"] = np.where(at_end, layer["last"], layer["first"])
    layer.extra["group"] = np.where(at_end, layer["third"], layer["last"])
    walk.next(layer, "ethertype", layer.extra["type"], which=layer.end - layer.start >= LAYOUT.size)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of this header is not known."""
    return [
        Title(TITLE),
        line(item("Security Group", decimal(layer.extra["group"])), item("Ethtype", hex4(layer.extra["type"]))),
    ]
