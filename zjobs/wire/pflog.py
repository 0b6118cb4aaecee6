"""PFLOG: packets that a rule of the packet filter of OpenBSD logged.

Reference: LINKTYPE_PFLOG of tcpdump.org; OpenBSD, sys/net/if_pflog.h (macOS and FreeBSD have other families).
"""

import numpy as np

from zjobs.chars import decimal
from zjobs.columns import among
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.walk import Fault, Layer, Walk

NAME = "pflog"
TITLE = "PFLOG"
FOUND = {"link": (Link.PFLOG,)}

#: Up to the numbers of the rule; what follows depends on the release.
LAYOUT = Layout(
    "PFLOG",
    (
        Field("length", "u8", 0, "Header Length", json="pflog.length"),
        Field("af", "u8", 1, "Family", json="pflog.af"),
        Field("action", "u8", 2, "Action", json="pflog.action"),
        Field("reason", "u8", 3, "Reason", json="pflog.reason"),
        Field("rule", "u32", 36, "Rule"),
    ),
    44,
    "LINKTYPE_PFLOG",
)

_INET, _INET6 = 2, (24, 28, 30)


def reach(walk: Walk, layer: Layer) -> None:
    """The length does not count what fills the header up to a whole word."""
    length, there = layer["length"].astype(np.int64), layer.end - layer.start
    low = (there >= LAYOUT.size) & (length < LAYOUT.size)
    walk.fault(layer, low, Fault.LENGTH, "pflog.length", layer.start[low], LAYOUT.size, length[low])
    size = length + 3 & ~3
    layer.head = np.where(low, layer.head, np.minimum(size, there))
    version = np.select([layer["af"] == _INET, among(layer["af"], _INET6)], [4, 6], 0)
    walk.next(layer, "ip.version", version, which=(there >= size) & ~low & (version > 0))


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours."""
    return [
        Title(TITLE),
        line(item("Action", decimal(layer["action"])), item("Reason", decimal(layer["reason"]))),
        line(item("Rule", decimal(layer["rule"])), item("Family", decimal(layer["af"]))),
    ]
