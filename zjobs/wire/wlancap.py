"""AVS: what drivers of wireless adapters say of a frame, in front of it.

Reference: AVS capture frame format 2.1.1; LINKTYPE_IEEE802_11_AVS of tcpdump.org.
"""

import numpy as np

from zjobs.chars import decimal
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link, headed
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.walk import Layer, Walk

NAME = "wlancap"
TITLE = "AVS"
FOUND = {"link": (Link.AVS,)}

LAYOUT = Layout(
    "AVS",
    (
        Field("magic", "u32", 0, bits=(4, 28), json="wlancap.magic"),
        Field("version", "u32", 0, bits=(0, 4), json="wlancap.version"),
        Field("length", "u32", 4, "Header Length", json="wlancap.length"),
        Field("phytype", "u32", 24, "PHY Type", json="wlancap.phytype"),
    ),
    64,
    "AVS capture frame format, section 4",
)

#: The two versions of the header.
MAGIC = (0x80211001, 0x80211002)


def reach(walk: Walk, layer: Layer) -> None:
    """The header says how long it is."""
    whole = headed(walk, layer) & (layer.end - layer.start >= layer["length"].astype(np.int64))
    walk.next(layer, "link", int(Link.WLAN), which=whole)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours."""
    return [
        Title(TITLE),
        line(item("Header Length", decimal(layer["length"])), item("PHY Type", decimal(layer["phytype"]))),
    ]
