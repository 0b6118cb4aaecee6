"""Provider backbone bridges: a customer's frame behind the addresses of the provider (MAC-in-MAC).

Reference: IEEE 802.1ah (IEEE 802.1Q, section 9.7).
"""

from zjobs.chars import decimal
from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.values import hex4, json_mac, mac
from zjobs.wire.walk import Layer, Walk

NAME = "pbb"
TITLE = "Provider Backbone Bridge"
FOUND = {"ethertype": (0x88E7,)}

LAYOUT = Layout(
    "Provider Backbone Bridge",
    (
        Field("service", "u24", 1, "Service Id", json="ieee8021ah.isid"),
        Field("dst", "b6", 4, "Destination MAC", mac, json="ieee8021ah.cdst", json_show=json_mac),
        Field("src", "b6", 10, "Source MAC", mac, json="ieee8021ah.csrc", json_show=json_mac),
        Field("etype", "u16", 16, "Ethtype", hex4),
    ),
    18,
    "IEEE 802.1ah",
)


def reach(walk: Walk, layer: Layer) -> None:
    """The customer's frame goes on as it would have without the tag."""
    walk.next(layer, "ethertype", layer["etype"], which=layer.end - layer.start >= LAYOUT.size)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of this header is not known."""
    return [
        Title(TITLE),
        line(item("Service Id", decimal(layer["service"])), item("Ethtype", hex4(layer["etype"]))),
        line(
            item("Source MAC", mac(layer.columns.octets("src"))),
            item("Destination MAC", mac(layer.columns.octets("dst"))),
        ),
    ]
