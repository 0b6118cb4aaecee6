"""Subnetwork Access Protocol: an EtherType behind an LLC header.

Reference: IEEE 802; RFC 1042.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import decimal
from zjobs.columns import among
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
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

#: Organizations that use EtherTypes, and those whose protocol numbers have a name of their own in Wireshark.
_ETHERTYPES = (0x000000, 0x0000F8)
#: Bridged frames of RFC 2684 (section 5.2): Ethernet with or without its check, behind two bytes of padding.
_BRIDGED, _FRAMES, _PADDING = 0x0080C2, (0x0001, 0x0007), 2
_NAMED = {
    0x00000C: "cisco", 0x00005E: "iana", 0x000081: "nortel", 0x0001E8: "force10", 0x001090: "cimetrics",
    0x0017F2: "apple_awdl", 0x001958: "bluetooth", 0x004096: "wlccp", 0x00805F: "hpteam", 0x00E02B: "extreme",
    0x00E052: "foundry", 0x080007: "apple_atalk", 0x506F9A: "wfa",
}  # fmt: skip


def reach(walk: Walk, layer: Layer) -> None:
    """Organization code zero means an EtherType; others number protocols of their own."""
    typed, whole = among(layer["oui"], _ETHERTYPES), layer.end - layer.start >= LAYOUT.size
    walk.next(layer, "ethertype", layer["type"], which=typed & whole)
    bridged = whole & (layer["oui"] == _BRIDGED) & among(layer["type"], _FRAMES)
    walk.next(layer, "link", int(Link.ETHERNET), which=bridged, start=layer.payload + _PADDING)


def shown(layer: Layer) -> dict[str, NDArray[np.bool_]]:
    """Wireshark reads the whole header before it shows a part."""
    whole = layer.end - layer.start >= LAYOUT.size
    return {f.name: whole for f in LAYOUT.fields}


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours."""
    return [Title(TITLE), line(item("OUI", decimal(layer["oui"])), item("Ethtype", hex4(layer["type"])))]


def values(walk: Walk, layer: Layer) -> Iterator[Value]:
    """The type, under the name that Wireshark gives it for this organization."""
    whole = layer.end - layer.start >= LAYOUT.size
    typed = among(layer["oui"], _ETHERTYPES)
    yield when("llc.type", whole & typed, decimal(layer["type"]))
    yield when("llc.pid", whole & ~typed & ~among(layer["oui"], _NAMED), decimal(layer["type"]))
    for oui, name in _NAMED.items():
        yield when(f"llc.{name}_pid", whole & (layer["oui"] == oui), decimal(layer["type"]))
