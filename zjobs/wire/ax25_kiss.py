"""KISS: the byte that a terminal node controller has in front of a frame.

Reference: Chepponis and Karn, The KISS TNC; LINKTYPE_AX25_KISS of tcpdump.org.
"""

from zjobs.chars import decimal
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.walk import Layer, Walk

NAME = "ax25_kiss"
TITLE = "KISS"
FOUND = {"link": (Link.AX25_KISS,)}

LAYOUT = Layout(
    "KISS",
    (
        Field("port", "u8", 0, "Port", bits=(4, 4), json="ax25_kiss.port"),
        Field("command", "u8", 0, "Command", bits=(0, 4), json="ax25_kiss.cmd"),
    ),
    1,
    "The KISS TNC",
)

_DATA = 0


def reach(walk: Walk, layer: Layer) -> None:
    """Other commands are for the controller."""
    walk.next(layer, "link", int(Link.AX25), which=layer["command"] == _DATA)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours."""
    return [Title(TITLE), line(item("Port", decimal(layer["port"])), item("Command", decimal(layer["command"])))]
