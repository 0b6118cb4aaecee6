"""IEEE 802.1Q VLAN tag.

Reference: IEEE 802.1Q.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import decimal
from zjobs.wire import ethernet
from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block, Title, Value, item, line, when
from zjobs.wire.values import hex4, json_bool
from zjobs.wire.walk import Layer, Walk

NAME = "vlan"
TITLE = "VLAN"
FOUND = {"ethertype": (0x8100, 0x88A8, 0x9100)}

LAYOUT = Layout(
    "VLAN",
    (
        Field("priority", "u8", 0, "Priority", bits=(5, 3), json="vlan.priority"),
        Field("dei", "u8", 0, "DEI", bits=(4, 1), json="vlan.dei", json_show=json_bool),
        Field("id", "u16", 0, "VLAN id", bits=(0, 12), json="vlan.id"),
        Field("etype", "u16", 2, "Ethtype", hex4, json="vlan.etype"),
    ),
    4,
    "IEEE 802.1Q",
)


def reach(walk: Walk, layer: Layer) -> None:
    """The tag is followed by what the frame would have held without it."""
    ethernet.follow(walk, layer, layer["etype"], layer.end - layer.start >= 4)


def shown(layer: Layer) -> dict[str, NDArray[np.bool_]]:
    """The service tag of IEEE 802.1ad (88A8) has fields of its own in Wireshark."""
    customer = layer.code != 0x88A8
    # Like the type of an Ethernet frame, it may be a length.
    return {f.name: customer for f in LAYOUT.fields} | {"etype": customer & (layer["etype"] >= ethernet.LOWEST_TYPE)}


def values(walk: Walk, layer: Layer) -> Iterator[Value]:
    """The service tag."""
    service = (layer.code == 0x88A8) & (layer.end - layer.start >= 2)
    yield when("ieee8021ad.priority", service, decimal(layer["priority"]))
    yield when("ieee8021ad.dei", service, json_bool(layer["dei"]))
    yield when("ieee8021ad.id", service, decimal(layer["id"]))


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of a VLAN tag is not known."""
    return [
        Title(TITLE),
        line(item("VLAN id", decimal(layer["id"])), item("Priority", decimal(layer["priority"]))),
        line(item("Ethtype", hex4(layer["etype"]))),
    ]
