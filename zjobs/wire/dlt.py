"""Frames behind a header that tells their link type by number.

Reference: link-layer header types of tcpdump.org.
"""

import numpy as np

from zjobs.columns import among, distinct
from zjobs.wire.walk import Layer, Mask, Walk

#: Link type numbers and what ``link`` calls them (see ``trace.table.Link``).
_LINKS = {0: 5, 1: 1, 6: 6, 9: 8, 50: 8, 104: 11, 107: 12, 108: 5, 113: 4, 228: 9, 229: 10, 276: 7}
#: Bare IP packets of either version.
_RAW = (12, 14, 101)


def follow(walk: Walk, layer: Layer, which: Mask) -> None:
    """Hand on by the column ``dlt``; other link types end the walk."""
    number = layer["dlt"].astype(np.int64)
    link = np.zeros(len(layer), dtype=np.int64)
    for one in distinct(number[which]):
        link[number == one] = _LINKS.get(one, 0)
    walk.next(layer, "link", link, which=which & (link > 0))
    walk.next(layer, "ip.version", walk.buf[layer.payload] >> 4, which=which & among(number, _RAW))
