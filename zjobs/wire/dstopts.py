"""IPv6 Destination Options header.

Reference: RFC 8200, section 4.6; home address RFC 6275, section 6.3.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from zjobs.wire import extension, sums
from zjobs.wire.layout import Layout
from zjobs.wire.listing import Block, Value
from zjobs.wire.walk import Layer, Walk

NAME = "dstopts"
TITLE = "Destination Options"
FOUND = {"ip.proto": (60,)}

LAYOUT = Layout("Destination Options", extension.fields("ipv6.dstopts"), 2, "RFC 8200, section 4.6")

_HOME_ADDRESS, _HOME_SIZE = 201, 18


def reach(walk: Walk, layer: Layer) -> None:
    """The length bounds the options."""
    whole = extension.reach(walk, layer)
    _home(walk, layer, whole)
    walk.next(layer, "ip.proto", layer["nxt"], which=whole & extension.readable(walk, layer))


def _home(walk: Walk, layer: Layer, whole: NDArray[np.bool_]) -> None:
    """Checksums of a mobile node's packets are made with its home address as source (RFC 6275, section 11.3.1)."""
    homes = extension.listed(walk, layer).of(_HOME_ADDRESS)
    homes = homes.where((homes.size == _HOME_SIZE) & (homes.claimed == _HOME_SIZE) & whole[homes.row])
    if homes.row.size:
        at, outer = extension.enclosing(walk, layer, homes.row)
        layer.pseudo = layer.pseudo.copy()
        row, home = homes.row[at], homes.at[at] + 2
        layer.pseudo[row] += sums.of_rows(walk.buf, home, 16) - sums.of_rows(walk.buf, outer + 8, 16)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of this header is not known."""
    return extension.lines(walk, layer, TITLE)


def values(walk: Walk, layer: Layer) -> Iterator[Value]:
    """Length in bytes, and the options."""
    return extension.values(walk, layer)
