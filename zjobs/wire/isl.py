"""Inter-Switch Link of Cisco: a whole frame behind a header of its own, on trunks between switches.

Reference: Cisco, Inter-Switch Link and IEEE 802.1Q Frame Format (document 17056).  A frame is known by the first five
bytes of its destination address.
"""

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import decimal
from zjobs.columns import Bytes
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.values import json_bool, json_mac, mac
from zjobs.wire.walk import Layer, Walk

NAME = "isl"
TITLE = "ISL"
FOUND = {"isl": (0,)}

#: First bytes of the address that such frames are sent to, and the kind of those that hold an Ethernet frame.
_ADDRESS, _ETHERNET = bytes.fromhex("01000c0000"), 0

LAYOUT = Layout(
    "ISL",
    (
        Field("dst", "b6", 0, "Destination MAC", mac, json="isl.dst", json_show=json_mac),
        Field("kind", "u8", 5, "Type", bits=(4, 4), json="isl.type"),
        Field("src", "b6", 6, "Source MAC", mac, json="isl.src", json_show=json_mac),
        Field("length", "u16", 12, "Length", json="isl.len"),
        Field("vlan", "u16", 20, "VLAN", bits=(1, 15), json="isl.vlan_id"),
        Field("bpdu", "u16", 20, "BPDU", bits=(0, 1), json="isl.bpdu", json_show=json_bool),
        Field("index", "u16", 22, "Index", json="isl.index"),
    ),
    26,
    "Cisco document 17056",
)


def found(buf: Bytes, start: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Frames that are sent to an address of trunks."""
    is_it = np.ones(start.shape, dtype=np.bool_)
    for k, octet in enumerate(_ADDRESS):
        is_it &= buf[start + k] == octet
    return is_it


def reach(walk: Walk, layer: Layer) -> None:
    """The length counts what stands behind it, zero is no length; the frame inside has a checksum of its own."""
    ready = (layer.end - layer.start >= LAYOUT.size) & (layer["kind"] == _ETHERNET)
    length = layer["length"].astype(np.int64)
    limit = np.where(length > 0, np.minimum(layer.limit, layer.start + 14 + length), layer.limit)
    walk.next(
        layer, "link", int(Link.ETHERNET), which=ready & (limit > layer.payload), limit=limit,
        end=np.minimum(layer.end, limit),
    )  # fmt: skip


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of this header is not known."""
    return [
        Title(TITLE),
        line(
            item("Source MAC", mac(layer.columns.octets("src"))),
            item("Destination MAC", mac(layer.columns.octets("dst"))),
        ),
        line(item("VLAN", decimal(layer["vlan"])), item("Length", decimal(layer["length"]))),
    ]
