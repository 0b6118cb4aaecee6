"""Ethernet II and IEEE 802.3 frames, as OSAENTA and sniffers record them.

Reference: IEEE 802.3; EtherType numbers of the IEEE registry; in GRE (RFC 1701, section 8), also as EoIP of MikroTik,
whose key is a length and the number of the tunnel.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import Chars, by_value, decimal
from zjobs.wire import isl
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, Value, item, line_if, when
from zjobs.wire.values import hex4, json_mac, mac
from zjobs.wire.walk import Layer, Walk

NAME = "eth"
TITLE = "Ethernet"
FOUND = {
    "link": (Link.ETHERNET,),
    "ethertype": (0x6558,),
    "gre.proto": (0x6400,),
    "ip.proto": (143,),
    "juniper": (204,),
}

#: Smaller numbers are no EtherTypes.
LOWEST_TYPE = 1536
_IPX = 0xFFFF
TYPES = {
    0x0800: "IPv4",
    0x0806: "ARP",
    0x8035: "RARP",
    0x80D5: "SNA",
    0x8100: "VLAN",
    0x86DD: "IPv6",
    0x8847: "MPLS",
    0x8863: "PPPoE Discovery",
    0x8864: "PPPoE",
    0x888E: "EAPOL",
    0x88A8: "VLAN",
    0x88CC: "LLDP",
}

LAYOUT = Layout(
    "Ethernet",
    (
        Field("dst", "b6", 0, "Destination MAC", mac, json="eth.dst", json_show=json_mac),
        Field("src", "b6", 6, "Source MAC", mac, json="eth.src", json_show=json_mac),
        Field("type", "u16", 12, "Ethtype", hex4),
    ),
    14,
    "IEEE 802.3",
)


def reach(walk: Walk, layer: Layer) -> None:
    """An EtherType names what follows; a length up to 1500 means IEEE 802.2 LLC; a frame of a trunk is another."""
    trunk = layer.extra["trunk"] = isl.found(walk.buf, layer.start) & (layer.end - layer.start >= 14)
    walk.next(layer, isl.NAME, 0, which=trunk, start=layer.start)
    follow(walk, layer, layer["type"], _whole(layer))


def _whole(layer: Layer) -> NDArray[np.bool_]:
    """Headers that are there, and are this one."""
    return np.asarray((layer.end - layer.start >= 14) & ~layer.extra["trunk"])


def follow(walk: Walk, layer: Layer, kind: NDArray[Any], whole: NDArray[np.bool_]) -> None:
    """Hand on by a type or a length; a tag in front of it changes nothing."""
    kind = kind.astype(np.int64)
    walk.next(layer, "ethertype", kind, which=whole & (kind >= LOWEST_TYPE))
    short = np.where(kind <= 1500, np.minimum(layer.limit, layer.payload + kind), layer.limit)
    # IPX of Novell may stand behind a length without LLC; it begins with a checksum that is not used.
    first = walk.buf[layer.payload].astype(np.int64) << 8 | walk.buf[layer.payload + 1]
    raw = (first == _IPX) & (layer.end - layer.payload >= 2)
    llc = whole & (kind <= 1500) & (kind > 0) & ~raw
    walk.next(layer, "llc", 0, which=llc, limit=short, end=np.minimum(layer.end, short))


def type_names(layer: Layer) -> Chars:
    """``0800 IPv4``: the type in hex with its name."""
    return by_value(layer["type"], lambda v: f"{v:04X} {TYPES.get(v, '')}".rstrip())


def shown(layer: Layer) -> dict[str, NDArray[np.bool_]]:
    """Wireshark shows nothing of a header that is not whole."""
    whole = _whole(layer)
    return {f.name: whole for f in LAYOUT.fields}


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of a link frame is not known."""
    kind = layer["type"].astype(np.int64)
    own = ~layer.extra["trunk"]
    return [
        Title(TITLE, np.flatnonzero(own)),
        line_if(
            own,
            item("Source MAC", mac(layer.columns.octets("src"))),
            item("Destination MAC", mac(layer.columns.octets("dst"))),
        ),
        line_if(own & (kind > 1500), item("Ethtype", type_names(layer))),
        line_if(own & (kind <= 1500), item("Length", decimal(kind))),
    ]


def values(walk: Walk, layer: Layer) -> Iterator[Value]:
    """The type field is a length in 802.3 frames."""
    whole = _whole(layer)
    kind = layer["type"].astype(np.int64)
    # 1501 to 1535 are neither; zero is a type to Wireshark.
    yield when("eth.type", whole & ((kind >= LOWEST_TYPE) | (kind == 0)), decimal(kind))
    yield when("eth.len", whole & (kind <= 1500) & (kind > 0), decimal(kind))
