"""ARCNET frames, as BSD and as Linux capture them.

Reference: RFC 1201, RFC 1051; LINKTYPE_ARCNET_BSD and LINKTYPE_ARCNET_LINUX of tcpdump.org.
"""

import numpy as np

from zjobs.columns import among
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.values import hex2
from zjobs.wire.walk import Layer, Walk

NAME = "arcnet"
TITLE = "ARCNET"
FOUND = {"link": (Link.ARCNET, Link.ARCNET_LINUX)}

LAYOUT = Layout(
    "ARCNET",
    (
        Field("src", "u8", 0, "Source", hex2, json="arcnet.src"),
        Field("dst", "u8", 1, "Destination", hex2, json="arcnet.dst"),
    ),
    2,
    "RFC 1201",
)

#: Numbers of protocols (RFC 1051 in the second place), and those behind which nothing about fragments stands.
_IPV4, _IPV6, _ARP = (212, 240), (196,), (213, 214, 241)
_BACNET = 205
_BARE = (240, 241, 128, _BACNET)
#: A frame whose length ARCNET cannot send: three more bytes, and the protocol once more.
_EXCEPTION = 0xFF
_ETHERTYPES = {_IPV4: 0x0800, _IPV6: 0x86DD, _ARP: 0x0806}


def reach(walk: Walk, layer: Layer) -> None:
    """Linux has an offset of two bytes in front of the protocol; flags and a number of fragments may follow it."""
    linux = layer.code == Link.ARCNET_LINUX
    at = layer.start + LAYOUT.size + 2 * linux
    protocol = walk.buf[at].astype(np.int64)
    split = ~among(protocol, _BARE)
    exception = ~linux & split & (walk.buf[at + 1] == _EXCEPTION)
    size = at + 1 + 3 * split + 4 * exception - layer.start
    there = layer.end - layer.start
    layer.head = np.minimum(size, there)
    kind = np.zeros(len(layer), dtype=np.int64)
    for numbers, ethertype in _ETHERTYPES.items():
        kind[among(protocol, numbers)] = ethertype
    walk.next(layer, "ethertype", kind, which=(there >= size) & (kind > 0))
    walk.next(layer, "llc", 0, which=(there >= size) & (protocol == _BACNET))


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours."""
    return [Title(TITLE), line(item("Source", hex2(layer["src"])), item("Destination", hex2(layer["dst"])))]
