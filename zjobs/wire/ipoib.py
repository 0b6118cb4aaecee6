"""IP over InfiniBand.

Reference: RFC 4391, section 6; LINKTYPE_IPOIB of tcpdump.org, whose frames have forty bytes in front: the last
twenty are the receiver's address.
"""

import numpy as np
from numpy.typing import NDArray

from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.values import hex4
from zjobs.wire.walk import Layer, Walk

NAME = "ipoib"
TITLE = "IP over InfiniBand"
FOUND = {"link": (Link.IPOIB,)}

LAYOUT = Layout(
    "IP over InfiniBand",
    (
        Field("qpn", "u24", 21, "Destination QPN", json="ipoib.daddr.qpn"),
        Field("etype", "u16", 40, "Ethtype", hex4, json="ipoib.type"),
        Field("reserved", "u16", 42, "Reserved", hex4, json="ipoib.reserved"),
    ),
    44,
    "RFC 4391, section 6",
)

_MULTICAST = 0xFFFFFF


def reach(walk: Walk, layer: Layer) -> None:
    """An EtherType ends the header."""
    walk.next(layer, "ethertype", layer["etype"], which=layer.end - layer.start >= LAYOUT.size)


def shown(layer: Layer) -> dict[str, NDArray[np.bool_]]:
    """Wireshark shows no queue pair of a multicast."""
    return {"qpn": layer["qpn"] != _MULTICAST}


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours."""
    return [Title(TITLE), line(item("Ethtype", hex4(layer["etype"])))]
