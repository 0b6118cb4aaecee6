"""Subnetwork Access Protocol: an EtherType behind an LLC header.

Reference: IEEE 802; RFC 1042.
"""

from collections.abc import Iterator

from zjobs.chars import decimal
from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block, Title, Value, item, line, when
from zjobs.wire.values import hex4
from zjobs.wire.walk import Layer, Walk

NAME = "snap"
TITLE = "SNAP"
FOUND = {"llc.snap": (0,)}

LAYOUT = Layout(
    "SNAP",
    (Field("oui", "u24", 0, "OUI", json="llc.oui"), Field("type", "u16", 3, "Ethtype", hex4)),
    5,
    "RFC 1042",
)


def reach(walk: Walk, layer: Layer) -> None:
    """Organization code zero means an EtherType; others number protocols of their own."""
    walk.next(layer, "ethertype", layer["type"], which=(layer["oui"] == 0) & (layer.end - layer.start >= 5))


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours."""
    return [Title(TITLE), line(item("OUI", decimal(layer["oui"])), item("Ethtype", hex4(layer["type"])))]


def values(walk: Walk, layer: Layer) -> Iterator[Value]:
    """The type, under the name that Wireshark gives it for this organization."""
    whole = layer.end - layer.start >= 5
    yield when("llc.type", whole & (layer["oui"] == 0), decimal(layer["type"]))
    yield when("llc.pid", whole & (layer["oui"] != 0), decimal(layer["type"]))
