"""PPP over Ethernet, session stage.

Reference: RFC 2516.
"""

import numpy as np

from zjobs.chars import decimal
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.values import hex4
from zjobs.wire.walk import Fault, Layer, Walk

NAME = "pppoes"
TITLE = "PPPoE"
FOUND = {"ethertype": (0x8864,), "link": (Link.PPPOE,)}

LAYOUT = Layout(
    "PPPoE",
    (
        Field("code", "u8", 1, "Code", json="pppoe.code"),
        Field("session", "u16", 2, "Session Id", hex4, json="pppoe.session_id"),
        Field("len", "u16", 4, "Payload Length", json="pppoe.payload_length"),
    ),
    6,
    "RFC 2516, section 4",
)


def reach(walk: Walk, layer: Layer) -> None:
    """The length bounds a PPP packet; a code that is not zero is wrong, and no other packet has this EtherType."""
    limit = np.minimum(layer.limit, layer.payload + layer["len"].astype(np.int64))
    end = np.minimum(layer.end, limit)
    whole = layer.end - layer.start >= 6
    wrong = whole & (layer["code"] != 0)
    walk.fault(layer, wrong, Fault.VALUE, "pppoe.code", layer.start[wrong] + 1, 0, layer["code"][wrong])
    walk.next(layer, "pppoe", 0, which=whole, limit=limit, end=end)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of this header is not known."""
    return [Title(TITLE), line(item("Session Id", hex4(layer["session"])), item("Length", decimal(layer["len"])))]
