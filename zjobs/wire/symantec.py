"""Packets that an Enterprise Firewall of Symantec captured.

Reference: LINKTYPE_SYMANTEC_FIREWALL of tcpdump.org; packet-symantec.c of Wireshark.
"""

import numpy as np

from zjobs.chars import ipv4
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.values import hex4, json_ipv4
from zjobs.wire.walk import Layer, Mask, Walk

NAME = "symantec"
TITLE = "Symantec"
FOUND = {"link": (Link.SYMANTEC,)}

LAYOUT = Layout(
    "Symantec",
    (
        Field("interface", "u32", 0, "Interface", ipv4, json="symantec.if", json_show=json_ipv4),
        Field("old", "u16", 6, "Ethtype", hex4, json="symantec.type"),
        Field("new", "u16", 10, "Ethtype", hex4, json="symantec.type"),
    ),
    12,
    "LINKTYPE_SYMANTEC_FIREWALL",
)

#: The header of release 2 has 44 bytes, that of release 3 has 56; the place of the EtherType tells which it is.
_OLD, _NEW = 44, 56


def reach(walk: Walk, layer: Layer) -> None:
    """An EtherType stands at one of two places, the other one is zero."""
    there = layer.end - layer.start
    old, new = _releases(layer)
    size = np.where(old, _OLD, _NEW)
    layer.head = np.minimum(np.where(old | new, size, LAYOUT.size), there)
    kind = np.where(old, layer["old"], layer["new"])
    walk.next(layer, "ethertype", kind, which=(old | new) & (there >= size))


def _releases(layer: Layer) -> tuple[Mask, Mask]:
    old, new = layer["old"] > 0, layer["new"] > 0
    return old & ~new, new & ~old


def shown(layer: Layer) -> dict[str, Mask]:
    """The type at its place."""
    old, new = _releases(layer)
    return {"interface": old | new, "old": old, "new": new}


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours."""
    kind = np.where(layer["old"] > 0, layer["old"], layer["new"])
    return [Title(TITLE), line(item("Interface", ipv4(layer["interface"])), item("Ethtype", hex4(kind)))]
