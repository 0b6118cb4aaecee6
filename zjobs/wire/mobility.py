"""IPv6 Mobility Header.

Reference: RFC 6275, section 6.1.
"""

from zjobs.chars import decimal
from zjobs.wire import extension
from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.values import hex4, protocol
from zjobs.wire.walk import Layer, Walk

NAME = "mobility"
TITLE = "Mobility Header"
FOUND = {"ip.proto": (135,)}

LAYOUT = Layout(
    "Mobility Header",
    (
        *extension.fields("mip6"),
        Field("type", "u8", 2, "Type", json="mip6.mhtype"),
        Field("checksum", "u16", 4, "CheckSum", hex4),
    ),
    6,
    "RFC 6275, section 6.1",
)


def reach(walk: Walk, layer: Layer) -> None:
    """Nothing follows a mobility header but, rarely, the packet it signals for."""
    walk.next(layer, "ip.proto", layer["nxt"], which=extension.reach(walk, layer))


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of this header is not known."""
    return [
        Title(TITLE),
        line(item("Next Header", protocol(layer["nxt"])), item("Length", decimal(layer.head))),
        line(item("Type", decimal(layer["type"])), item("CheckSum", hex4(layer["checksum"]))),
    ]
