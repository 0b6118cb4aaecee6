"""Ethernet frames that a netANALYZER card of Hilscher captured.

Reference: LINKTYPE_NETANALYZER of tcpdump.org; frames of its transparent mode are left as data, as in Wireshark.
"""

from zjobs.chars import decimal
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link, checked
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.walk import Layer, Mask, Walk

NAME = "netanalyzer"
TITLE = "netANALYZER"
FOUND = {"link": (Link.NETANALYZER,)}

LAYOUT = Layout(
    "netANALYZER",
    (
        Field("status", "u8", 0, "Status", json="netanalyzer.packetstatus"),
        Field("event", "u8", 1, bits=(0, 1)),
        Field("version", "u8", 1, bits=(2, 4)),
        Field("port", "u8", 1, "Port", bits=(6, 2), json="netanalyzer.port"),
        Field("length", "l16", 2, "Length", bits=(0, 12), json="netanalyzer.framelen"),
    ),
    4,
    "LINKTYPE_NETANALYZER",
)

_VERSION = 1


def reach(walk: Walk, layer: Layer) -> None:
    """A frame with its check; events at a port of the card are none."""
    whole = (layer.end - layer.start >= LAYOUT.size) & (layer["event"] == 0) & (layer["version"] == _VERSION)
    checked(layer, whole)
    walk.next(layer, "link", int(Link.ETHERNET), which=whole)


def shown(layer: Layer) -> dict[str, Mask]:
    """Of events nothing is known."""
    own = (layer["event"] == 0) & (layer["version"] == _VERSION)
    return {f.name: own for f in LAYOUT.fields}


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours."""
    return [Title(TITLE), line(item("Port", decimal(layer["port"])), item("Status", decimal(layer["status"])))]
