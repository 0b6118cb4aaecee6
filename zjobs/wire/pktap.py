"""PKTAP: frames of macOS with the process that they belong to.

Reference: LINKTYPE_PKTAP of tcpdump.org; Apple, bsd/net/pktap.h.
"""

from zjobs.chars import decimal
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link, follow, headed
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.walk import Layer, Walk

NAME = "pktap"
TITLE = "PKTAP"
FOUND = {"link": (Link.PKTAP,)}

LAYOUT = Layout(
    "PKTAP",
    (
        Field("length", "l32", 0, "Header Length", json="pktap.hdrlen"),
        Field("rectype", "l32", 4, "Record Type", json="pktap.rectype"),
        Field("dlt", "l32", 8, "Link Type", json="pktap.dlt"),
        Field("flags", "l32", 36, json="pktap.flags"),
        Field("pfamily", "l32", 40, json="pktap.pfamily"),
        Field("llhdrlen", "l32", 44, json="pktap.llhdrlen"),
        Field("lltrlrlen", "l32", 48, json="pktap.lltrlrlen"),
        Field("pid", "l32", 52, "Process ID", json="pktap.pid"),
        Field("svc", "l32", 76, json="pktap.svc_class"),
        Field("iftype", "l16", 80, json="pktap.iftype"),
        Field("ifunit", "l16", 82, json="pktap.ifunit"),
        Field("epid", "l32", 84, json="pktap.epid"),
    ),
    108,
    "LINKTYPE_PKTAP",
)

_PACKET = 1


def reach(walk: Walk, layer: Layer) -> None:
    """The header says how long it is; only records of one type hold a packet."""
    follow(walk, layer, headed(walk, layer) & (layer["rectype"] == _PACKET))


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours."""
    return [
        Title(TITLE),
        line(item("Link Type", decimal(layer["dlt"])), item("Process ID", decimal(layer["pid"]))),
    ]
