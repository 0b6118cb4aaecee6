"""VXLAN with a protocol number: Generic Protocol Extension.

Reference: draft-ietf-nvo3-vxlan-gpe-13.
"""

from zjobs.chars import decimal
from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.nsh import ethertypes
from zjobs.wire.values import hex2
from zjobs.wire.walk import Layer, Walk

NAME = "vxlangpe"
TITLE = "VXLAN-GPE"
FOUND = {"udp.port": (4790,)}

LAYOUT = Layout(
    "VXLAN-GPE",
    (
        Field("flags", "u8", 0, "Flags", hex2),
        Field("next", "u8", 3, "Next Protocol", json="vxlan.next_proto"),
        Field("vni", "u24", 4, "Network Id", json="vxlan.vni"),
    ),
    8,
    "draft-ietf-nvo3-vxlan-gpe, section 3",
)


def reach(walk: Walk, layer: Layer) -> None:
    """The next protocol names what follows."""
    walk.next(layer, "ethertype", ethertypes(layer["next"]), which=layer.end - layer.start >= LAYOUT.size)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of this header is not known."""
    return [
        Title(TITLE),
        line(item("Network Id", decimal(layer["vni"])), item("Flags", hex2(layer["flags"]))),
        line(item("Next Protocol", decimal(layer["next"]))),
    ]
