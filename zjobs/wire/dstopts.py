"""IPv6 Destination Options header.

Reference: RFC 8200, section 4.6.
"""

from collections.abc import Iterator

from zjobs.wire import extension
from zjobs.wire.layout import Layout
from zjobs.wire.listing import Block, Value
from zjobs.wire.walk import Layer, Walk

NAME = "dstopts"
TITLE = "Destination Options"
FOUND = {"ip.proto": (60,)}

LAYOUT = Layout("Destination Options", extension.fields("ipv6.dstopts"), 2, "RFC 8200, section 4.6")


def reach(walk: Walk, layer: Layer) -> None:
    """The length bounds the options."""
    whole = extension.reach(walk, layer)
    walk.next(layer, "ip.proto", layer["nxt"], which=whole & extension.readable(walk, layer))


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of this header is not known."""
    return extension.lines(walk, layer, TITLE)


def values(walk: Walk, layer: Layer) -> Iterator[Value]:
    """Length in bytes, and the options."""
    return extension.values(walk, layer)
