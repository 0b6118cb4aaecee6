"""Anything in Anything: IPv6 of tunnel brokers in UDP.

Reference: draft-massar-v6ops-ayiya-02.
"""

import numpy as np

from zjobs.chars import decimal
from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.values import protocol
from zjobs.wire.walk import Layer, Walk

NAME = "ayiya"
TITLE = "AYIYA"
FOUND = {"udp.port": (5072,)}

LAYOUT = Layout(
    "AYIYA",
    (
        Field("identity", "u8", 0, "Identity Length", bits=(4, 4)),
        Field("signature", "u8", 1, "Signature Length", bits=(4, 4)),
        Field("nxt", "u8", 3, "Next Header", protocol, json="ayiya.nextheader"),
    ),
    8,
    "draft-massar-v6ops-ayiya, section 4",
)


def reach(walk: Walk, layer: Layer) -> None:
    """The identity has two to the power of its length, the signature counts words."""
    there = layer.end - layer.start
    size = 8 + (1 << layer["identity"].astype(np.int64)) + layer["signature"].astype(np.int64) * 4
    layer.head = np.minimum(size, there)
    walk.next(layer, "ip.proto", layer["nxt"], which=there >= size)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of this header is not known."""
    return [
        Title(TITLE),
        line(item("Next Header", protocol(layer["nxt"])), item("Header Length", decimal(layer.head))),
    ]
