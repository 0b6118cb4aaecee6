"""High-Performance Routing: network layer header of an HPR packet.

Reference: SNA Formats (GA27-3136), network layer header; RFC 2353, section 2.3.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import Chars, by_value, hex_bytes
from zjobs.columns import Bytes, among, windows
from zjobs.wire import ldlc
from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block, Title, Value, item, line, line_if, when
from zjobs.wire.values import hex2, json_bool, json_hex
from zjobs.wire.walk import Fault, Layer, Walk

NAME = "nhdr"
TITLE = "HPR Network Layer Header"
FOUND = {"sna.pi": (0xA, 0xB, 0xC, 0xD)}

FUNCTION_ROUTING, AUTOMATIC = 5, 6
_MODES = {FUNCTION_ROUTING: "function routing", AUTOMATIC: "automatic network routing"}
PRIORITIES = {0: "low", 1: "medium", 2: "high", 3: "network"}
_LDLC = 1
_LDLC_COMMANDS = {3: "XID complete request", 4: "XID complete response"}

LAYOUT = Layout(
    "NHDR",
    (
        Field("sm", "u8", 0, "Switching Mode", bits=(5, 3), json="sna.nlp.nhdr.sm"),
        Field("tpf", "u8", 0, "Priority", bits=(1, 2), json="sna.nlp.nhdr.tpf"),
        Field("ft", "u8", 1, "Function Type", bits=(4, 4), json="sna.nlp.nhdr.ft"),
        Field("tspi", "u8", 1, "Time Sensitive", bits=(3, 1), json="sna.nlp.nhdr.tspi", json_show=json_bool),
        Field("slowdn1", "u8", 1, "Slowdown 1", bits=(2, 1), json="sna.nlp.nhdr.slowdn1", json_show=json_bool),
        Field("slowdn2", "u8", 1, "Slowdown 2", bits=(1, 1), json="sna.nlp.nhdr.slowdn2", json_show=json_bool),
    ),
    2,
    "SNA Formats, network layer header",
)

#: Routing bytes that are looked at in one step, and shown.
_STEP = 16
_SHOWN = 64


def _routing(buf: Bytes, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many bytes the routing field has, with the FF that ends it; 0 where it does not end."""
    size = np.zeros(start.size, dtype=np.int64)
    active, at = np.flatnonzero(start < end), start[start < end]
    while active.size:
        ends = windows(buf, at, _STEP) == 0xFF
        ends &= at[:, None] + np.arange(_STEP) < end[active, None]
        found = ends.any(axis=1)
        size[active[found]] = (at - start[active] + ends.argmax(axis=1) + 1)[found]
        going = ~found & (at + _STEP < end[active])
        active, at = active[going], at[going] + _STEP
    return size


def reach(walk: Walk, layer: Layer) -> None:
    """The routing field ends with FF; a reserved byte and the transport header follow."""
    there = layer.end - layer.start
    size = _routing(walk.buf, layer.start + 2, layer.end)
    known = among(layer["sm"], _MODES) & (there >= 2)
    layer.extra["routing"] = np.where(known, size, 0)
    # What ABBREV left out is not damage.
    cut = np.flatnonzero(known & (size == 0) & (layer.end >= layer.limit))
    walk.fault(layer, cut, Fault.SHORT, "sna.nlp.nhdr.anr", layer.start[cut] + 2, there[cut] - 1, there[cut] - 2)
    layer.head = np.where(known & (size > 0), np.minimum(3 + size, there), np.minimum(2, there))
    ready = known & (size > 0) & (there >= 3 + size)
    command = (layer["sm"] == FUNCTION_ROUTING) & (layer["ft"] == _LDLC)
    has = ready & command & (layer.payload < layer.end)
    layer.extra["command"] = np.where(has, walk.buf[np.minimum(layer.payload, walk.native)], 0).astype(np.int64)
    walk.next(layer, "sna.nhdr", 0, which=ready & ~command)


def mismatched(walk: Walk, layer: Layer) -> NDArray[np.bool_]:
    """Packets whose priority is not that of the Enterprise Extender port they came to."""
    port = ldlc.port_of(walk, layer.rows)
    wanted = np.full(len(layer), -1, dtype=np.int64)
    for number, priority in ldlc.TRANSMISSION.items():
        wanted[port == number] = priority
    return np.asarray((wanted >= 0) & (wanted != layer["tpf"]) & (layer["sm"] == AUTOMATIC), dtype=np.bool_)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of this header is not known."""
    routing = windows(walk.buf, layer.start + 2, _SHOWN)
    size = layer.extra["routing"]
    wrong = mismatched(walk, layer)
    slow = by_value(
        layer["slowdn1"].astype(np.int64) | layer["slowdn2"].astype(np.int64) << 1,
        lambda v: ("none", "minor", "major", "minor and major")[v],
    )
    return [
        Title(TITLE),
        line(
            item("Switching Mode", by_value(layer["sm"], lambda v: _MODES.get(v, str(v)))),
            item("Priority", by_value(layer["tpf"], lambda v: PRIORITIES[v])),
        ),
        line(
            item("Congestion", slow),
            item("Time Sensitive", by_value(layer["tspi"], lambda v: "yes" if v else "no")),
        ),
        line_if(layer["sm"] == FUNCTION_ROUTING, item("Function Type", hex2(layer["ft"]))),
        line_if(size > 0, item("Routing", hex_bytes(routing, np.minimum(size, _SHOWN)))),
        line_if(
            layer.extra["command"] > 0,
            item("LDLC Command", by_value(layer.extra["command"], lambda v: _LDLC_COMMANDS.get(v, f"{v:02X}"))),
        ),
        line_if(wrong, item("Mismatch", by_value(ldlc.port_of(walk, layer.rows), _mismatch))),
    ]


def _mismatch(port: int) -> str:
    return f"transmission priority is not the one of port {port} ({ldlc.PRIORITIES.get(port, '')})"


def values(walk: Walk, layer: Layer) -> Iterator[Value]:
    """The routing field under the name of the switching mode, and the command of function routing."""
    size = layer.extra["routing"]
    if not size.size:
        return
    text = json_hex(windows(walk.buf, layer.start + 2, min(int(size.max()), _SHOWN)), np.minimum(size, _SHOWN))
    told = (size > 0) & (size <= _SHOWN)
    yield when("sna.nlp.nhdr.fra", told & (layer["sm"] == FUNCTION_ROUTING), text)
    yield when("sna.nlp.nhdr.anr", told & (layer["sm"] == AUTOMATIC), text)
    command = layer.extra["command"]
    yield when("sna.nlp.frh", command > 0, by_value(command, str))


def summaries(walk: Walk, layer: Layer) -> Chars:
    """Packets of function routing, which have no transport header."""
    key = np.where(layer["sm"] == FUNCTION_ROUTING, layer.extra["command"] + 1, 0)
    return by_value(key, lambda v: f"EE : NLP {_LDLC_COMMANDS.get(v - 1, 'function routing')}" if v else "")
