"""IP over IEEE 1394, as Apple has it.

Reference: LINKTYPE_APPLE_IP_OVER_IEEE1394 of tcpdump.org.
"""

from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.values import hex4, mac
from zjobs.wire.walk import Layer, Walk

NAME = "ap1394"
TITLE = "IP over IEEE 1394"
FOUND = {"link": (Link.APPLE_1394,)}

LAYOUT = Layout(
    "IP over IEEE 1394",
    (
        Field("dst", "b8", 0, "Destination", mac),
        Field("src", "b8", 8, "Source", mac),
        Field("etype", "u16", 16, "Ethtype", hex4, json="ap1394.type"),
    ),
    18,
    "LINKTYPE_APPLE_IP_OVER_IEEE1394",
)


def reach(walk: Walk, layer: Layer) -> None:
    """An EtherType ends the header."""
    walk.next(layer, "ethertype", layer["etype"], which=layer.end - layer.start >= LAYOUT.size)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours."""
    source, target = (mac(layer.columns.octets(name)) for name in ("src", "dst"))
    return [
        Title(TITLE),
        line(item("Source", source), item("Destination", target)),
        line(item("Ethtype", hex4(layer["etype"]))),
    ]
