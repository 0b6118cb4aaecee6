"""Enterprise Extender: IEEE 802.2 frames in UDP datagrams (logical data link control).

Reference: RFC 2353, sections 2.2 and 2.6.  The port tells the transmission priority; other ports than the usual ones
are given by OPTIONS((EE(low:high))), and stand here as 12000 to 12004 too.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import Chars, by_value, constant, decimal, joined
from zjobs.columns import Bytes, among
from zjobs.wire import llc
from zjobs.wire.layout import Layout
from zjobs.wire.listing import Block, Title, Value, item, line, when
from zjobs.wire.values import hex2
from zjobs.wire.walk import Layer, Walk

NAME = "ldlc"
TITLE = "Enterprise Extender"
PORTS = (12000, 12001, 12002, 12003, 12004)
FOUND = {"udp.port": PORTS}

#: What each port carries, and its transmission priority (2 bits; signalling has none).
PRIORITIES = {12000: "signalling", 12001: "network", 12002: "high", 12003: "medium", 12004: "low"}
TRANSMISSION = {12001: 3, 12002: 2, 12003: 1, 12004: 0}

LAYOUT = Layout("LDLC", llc.LAYOUT.fields, 3, "RFC 2353, section 2.6")


#: The only frames of LDLC (RFC 2353, section 2.6), without the poll or final bit.
_FRAMES = (llc.UI, llc.XID, llc.TEST, llc.DISC, llc.DM)


def begins(buf: Bytes, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which payloads can be a frame; ephemeral ports are used by others too."""
    return (end - start < LAYOUT.size) | among(buf[start + 2] & 0xEF, _FRAMES)


def reach(walk: Walk, layer: Layer) -> None:
    """XIDs and information are those of SNA whatever the service access points: the XID exchange agrees on them."""
    sna = layer.end - layer.start >= 3
    llc.carried(walk, layer, sna, llc.unnumbered(layer) == llc.UI, llc.EXTENDER)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours, with the words of the analyzer; local is the sender."""
    count = len(layer)
    told = joined(
        constant("Local SAP:", count), hex2(layer["ssap"]), constant(" Remote SAP:", count), hex2(layer["dsap"]),
        constant(" ", count), llc.words(layer),
    )  # fmt: skip
    port = by_value(layer.code, lambda v: f"{v - PORTS[0]} ({PRIORITIES.get(v, '')})")
    return [Title("Enterprise Extender Headers"), line(item("LDLC", told)), line(item("Priority", port))]


def values(walk: Walk, layer: Layer) -> Iterator[Value]:
    """The control field, as Wireshark names it."""
    yield when("llc.control", layer.end - layer.start >= 3, decimal(layer["control"]))


def summaries(walk: Walk, layer: Layer) -> Chars:
    """What frames without anything behind them say; XIDs and HPR packets say it themselves."""
    empty = layer.payload >= layer.end
    kind = llc.unnumbered(layer)
    own = (kind != llc.UI) & ((kind != llc.XID) | empty)
    key = layer["control"].astype(np.int64) << 2 | (layer["ssap"] & 1).astype(np.int64) << 1 | empty
    return by_value(np.where(own, key, -1), _summary)


def _summary(key: int) -> str:
    if key < 0:
        return ""
    kind = llc.name(key >> 2)
    null = "null " if key & 1 and kind in ("XID", "TEST") else ""
    return f"EE : LDLC {null}{kind} {'Response' if key & 2 else 'Command'}"


def port_of(walk: Walk, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """The Enterprise Extender port of packets; 0 where there is none."""
    ports = np.zeros(walk.origin.size, dtype=np.int64)
    for layer in walk.layers:
        if layer.name == NAME:
            ports[layer.rows] = layer.code
    return ports[rows]
