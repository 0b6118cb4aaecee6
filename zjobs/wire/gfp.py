"""Generic Framing Procedure: client frames in a network of SDH or OTN.

Reference: ITU-T G.7041, section 6 and table 6-3.
"""

import numpy as np

from zjobs.chars import decimal
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.walk import Layer, Walk

NAME = "gfp"
TITLE = "GFP"
FOUND = {"link": (Link.GFP,)}

LAYOUT = Layout(
    "GFP",
    (
        Field("pli", "u16", 0, "Payload Length", json="gfp.pli"),
        Field("pti", "u8", 4, "Payload Type", bits=(5, 3), json="gfp.pti"),
        Field("pfi", "u8", 4, bits=(4, 1)),
        Field("exi", "u8", 4, bits=(0, 4), json="gfp.exi"),
        Field("upi", "u8", 5, "User Payload", json="gfp.upi"),
    ),
    8,
    "ITU-T G.7041, section 6.1",
)

#: Sizes of a core header, a payload header without and with an extension, and of a check at the end.
_CORE, _LINEAR, _CHECK = 4, 4, 4
_DATA, _NONE, _RING = 0, 0, 1
_ETHERNET, _PPP, _MPLS, _IPV4, _IPV6 = 1, 2, (12, 13), 16, 17
_LABELS = 0x8847


def reach(walk: Walk, layer: Layer) -> None:
    """The length counts the payload header; Ethernet ends with its own check, and all with another if a flag is on."""
    there, length = layer.end - layer.start, layer["pli"].astype(np.int64)
    size = LAYOUT.size + _LINEAR * (layer["exi"] == _RING)
    layer.head = np.minimum(size, there)
    whole = (there >= size) & (layer["pti"] == _DATA) & (layer["exi"] <= _RING)
    upi = layer["upi"]
    checks = (layer["pfi"] == 1).astype(np.int64) + (upi == _ETHERNET)
    limit = np.minimum(layer.limit, layer.start + _CORE + length - _CHECK * checks)
    bounds = {"limit": limit, "end": np.minimum(layer.end, limit)}
    link = np.select([upi == _ETHERNET, upi == _PPP, upi == _IPV4, upi == _IPV6],
                     [Link.ETHERNET, Link.PPP, Link.IPV4, Link.IPV6], Link.UNKNOWN)  # fmt: skip
    walk.next(layer, "link", link, which=whole, **bounds)
    walk.next(layer, "ethertype", _LABELS, which=whole & np.isin(upi, _MPLS), **bounds)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours."""
    return [
        Title(TITLE),
        line(item("Payload Length", decimal(layer["pli"])), item("User Payload", decimal(layer["upi"]))),
    ]
