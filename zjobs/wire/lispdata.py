"""Locator/ID Separation Protocol: packets between sites.

Reference: RFC 9300, section 5.3.
"""

from zjobs.chars import decimal
from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.values import hex2, json_bool
from zjobs.wire.walk import Layer, Walk

NAME = "lisp-data"
TITLE = "LISP"
FOUND = {"udp.port": (4341,)}

LAYOUT = Layout(
    "LISP",
    (
        Field("flags", "u8", 0, "Flags", hex2, json="lisp-data.flags"),
        Field("nonced", "u8", 0, bits=(7, 1), json="lisp-data.flags.nonce", json_show=json_bool),
        Field("nonce", "u24", 1, "Nonce"),
        Field("locators", "u32", 4, "Locator Status"),
    ),
    8,
    "RFC 9300, section 5.3",
)


def reach(walk: Walk, layer: Layer) -> None:
    """An IP packet follows."""
    at = layer.start + LAYOUT.size
    walk.next(layer, "ip.version", walk.buf[at] >> 4, which=layer.end > at)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of this header is not known."""
    return [Title(TITLE), line(item("Nonce", decimal(layer["nonce"])), item("Flags", hex2(layer["flags"])))]
