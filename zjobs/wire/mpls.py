"""Multiprotocol Label Switching: one label.

Reference: RFC 3032; in IP RFC 4023, in UDP RFC 7510.
"""

from zjobs.chars import decimal
from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.walk import Layer, Walk

NAME = "mpls"
TITLE = "MPLS"
FOUND = {"ethertype": (0x8847, 0x8848), "udp.port": (6635,), "ip.proto": (137,), "ppp": (0x0281, 0x0283)}

LAYOUT = Layout(
    "MPLS",
    (
        Field("label", "u32", 0, "Label", bits=(12, 20), json="mpls.label"),
        Field("exp", "u8", 2, "Class", bits=(1, 3), json="mpls.exp"),
        Field("bottom", "u8", 2, "Bottom", bits=(0, 1), json="mpls.bottom"),
        Field("ttl", "u8", 3, "TTL", json="mpls.ttl"),
    ),
    4,
    "RFC 3032, section 2.1",
)


def reach(walk: Walk, layer: Layer) -> None:
    """Behind the last label stands, by custom, what its first four bits say."""
    whole = layer.end - layer.start >= 4
    last = layer["bottom"] == 1
    walk.next(layer, "ethertype", 0x8847, which=whole & ~last)
    walk.next(layer, "ip.version", walk.buf[layer.start + 4] >> 4, which=whole & last & (layer.start + 4 < layer.end))


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of this header is not known."""
    return [Title(TITLE), line(item("Label", decimal(layer["label"])), item("TTL", decimal(layer["ttl"])))]
