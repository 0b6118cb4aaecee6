"""Locator/ID Separation Protocol: control messages.

Reference: RFC 9301, sections 5.1 and 5.8 (encapsulated control messages).
"""

from zjobs.chars import by_value
from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.walk import Layer, Walk

NAME = "lisp"
TITLE = "LISP Control"
FOUND = {"udp.port": (4342,)}

LAYOUT = Layout("LISP Control", (Field("kind", "u8", 0, "Message", bits=(4, 4)),), 4, "RFC 9301, section 5.1")

MESSAGES = {
    0: "Reserved", 1: "Map-Request", 2: "Map-Reply", 3: "Map-Register", 4: "Map-Notify", 5: "Map-Notify-Ack",
    6: "Map-Referral", 7: "Info", 8: "Encapsulated Control Message", 15: "Extension",
}  # fmt: skip
_ENCAPSULATED = 8


def reach(walk: Walk, layer: Layer) -> None:
    """An encapsulated message is an IP packet; others are data."""
    at = layer.start + LAYOUT.size
    walk.next(layer, "ip.version", walk.buf[at] >> 4, which=(layer.end > at) & (layer["kind"] == _ENCAPSULATED))


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of this header is not known."""
    kind = by_value(layer["kind"], lambda n: f"{n} {MESSAGES.get(n, '')}".rstrip())
    return [Title(TITLE), line(item("Message", kind))]
