"""IP over Fibre Channel: the header of the network in front of LLC.

Reference: RFC 4338, section 3.2; LINKTYPE_IP_OVER_FC of tcpdump.org.
"""

from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.values import json_mac, mac
from zjobs.wire.walk import Layer, Walk

NAME = "ipfc"
TITLE = "IP over FC"
FOUND = {"link": (Link.FIBRE_CHANNEL_IP,)}

LAYOUT = Layout(
    "IP over FC",
    (
        Field("dst", "b8", 0, "Destination", mac, json="ipfc.nh.da", json_show=json_mac),
        Field("src", "b8", 8, "Source", mac, json="ipfc.nh.sa", json_show=json_mac),
    ),
    16,
    "RFC 4338, section 3.2",
)


def reach(walk: Walk, layer: Layer) -> None:
    """LLC with SNAP follows."""
    walk.next(layer, "llc", 0, which=layer.end - layer.start >= LAYOUT.size)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours."""
    source, target = (mac(layer.columns.octets(name)) for name in ("src", "dst"))
    return [Title(TITLE), line(item("Source", source), item("Destination", target))]
