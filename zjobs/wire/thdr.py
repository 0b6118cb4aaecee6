"""High-Performance Routing: transport header of the Rapid Transport Protocol.

Reference: SNA Formats (GA27-3136), RTP transport header.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import Chars, by_value, constant, decimal, hex_bytes, joined
from zjobs.wire import nhdr
from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block, Title, Value, item, line, line_if, when
from zjobs.wire.values import hex4, hex8, json_bool, json_hex
from zjobs.wire.walk import Fault, Layer, Walk

NAME = "thdr"
TITLE = "RTP Transport Header"
FOUND = {"sna.nhdr": (0,)}

_JSON = "sna.nlp.thdr."
#: Bits of bytes 8 and 9: name, offset, shift, words.
_BITS = (
    ("setupi", 8, 6, "Setup"), ("somi", 8, 5, "Start of message"), ("eomi", 8, 4, "End of message"),
    ("sri", 8, 3, "Status requested"), ("rasapi", 8, 2, "Reply ASAP"), ("retryi", 8, 1, "No retry"),
    ("lmi", 9, 7, "Last message"), ("cqfi", 9, 3, "Qualifier"), ("osi", 9, 2, "Optional segments"),
)  # fmt: skip

LAYOUT = Layout(
    "THDR",
    (
        Field("tcid", "b8", 0, "TCID"),
        *(
            Field(name, "u8", at, words, bits=(shift, 1), json=_JSON + name, json_show=json_bool)
            for name, at, shift, words in _BITS
        ),
        Field("flags", "u16", 8, "Flags", hex4),
        Field("offset", "u16", 10, "Data Offset", json=_JSON + "offset"),
        Field("dlf", "u32", 12, "Data Length", json=_JSON + "dlf"),
        Field("bsn", "u32", 16, "BSN", hex8, json=_JSON + "bsn"),
    ),
    20,
    "SNA Formats, RTP transport header",
)

_ROUTE_SETUP = 0x12CE
#: Codes for what is between the fixed part and the data: even, for a message decoder takes them as its state.
QUALIFIER, SEGMENTS = 2, 4


def reach(walk: Walk, layer: Layer) -> None:
    """Optional segments stand in front of the data offset; whole or first data is a transmission header."""
    there = layer.end - layer.start
    whole = there >= LAYOUT.size
    head = layer["offset"].astype(np.int64) * 4
    room = layer.limit - layer.start
    bad = whole & ((head < LAYOUT.size) | (head > room))
    walk.fault(layer, bad, Fault.LENGTH, _JSON + "offset", layer.start[bad] + 10, head[bad], room[bad])
    good = whole & ~bad
    size = layer["dlf"].astype(np.int64)
    over = good & (head + size > room)
    walk.fault(layer, over, Fault.LENGTH, _JSON + "dlf", layer.start[over] + 12, (head + size)[over], room[over])
    layer.head = np.where(good, np.minimum(head, there), np.minimum(LAYOUT.size, there))
    extra = layer["cqfi"].astype(np.int64) * QUALIFIER + layer["osi"].astype(np.int64) * SEGMENTS
    stop = layer.start + np.where(good, head, 0)
    walk.next(
        layer, "sna.thdr", extra, which=good & (extra > 0), start=layer.start + LAYOUT.size,
        limit=stop, end=np.minimum(layer.end, stop),
    )  # fmt: skip
    begins = good & (layer["somi"] == 1) & (size > 0) & (layer.payload < layer.end)
    at = np.minimum(layer.payload, walk.native)
    kind = walk.buf[at + 2].astype(np.int64) << 8 | walk.buf[at + 3]
    route = begins & (kind == _ROUTE_SETUP)
    limit = np.minimum(layer.limit, layer.start + head + size)
    bounds = {"limit": limit, "end": np.minimum(layer.end, limit)}
    walk.next(layer, "sna.gds", 0, which=route, **bounds)
    walk.next(layer, "sna.pi", walk.buf[at] >> 4, which=begins & ~route & (walk.buf[at] >> 4 == 5), **bounds)


def segments(walk: Walk, layer: Layer) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """All optional segments as columns (m,): occurrence, type, offset in the buffer.

    The first one that does not fit ends those of its header.
    """
    parts = []
    stop = np.minimum(layer.payload, layer.end)
    at = layer.start + LAYOUT.size
    at = np.where(layer["cqfi"] == 1, at + walk.buf[at] + 2, at)
    active = np.flatnonzero((layer["osi"] == 1) & (at + 4 <= stop))
    at = at[active]
    while active.size:
        size = walk.buf[at].astype(np.int64) * 4
        fits = (size > 0) & (at + size <= stop[active])
        active, at, size = active[fits], at[fits], size[fits]
        parts.append((active, walk.buf[at + 1].astype(np.int64), at))
        going = at + size + 4 <= stop[active]
        active, at = active[going], (at + size)[going]
    if not parts:
        none = np.zeros(0, dtype=np.int64)
        return none, none, none
    which, kind, place = (np.concatenate(column) for column in zip(*parts))
    return which, kind, place


def flag_words(layer: Layer) -> Chars:
    """The bits that are on, in words."""

    def show(value: int) -> str:
        on = [w for _, at, shift, w in _BITS if value >> (shift + (8 if at == 8 else 0)) & 1]
        return ", ".join(on)

    return by_value(layer["flags"], show)


def tcids(layer: Layer) -> Chars:
    """Transport connection identifiers, 16 hex digits each."""
    return hex_bytes(layer.columns.octets("tcid"))


def fragment(layer: Layer) -> NDArray[np.bool_]:
    """Packets with data that does not start a message."""
    return np.asarray((layer["somi"] == 0) & (layer["dlf"] > 0), dtype=np.bool_)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of this header is not known."""
    return [
        Title(TITLE),
        line(item("TCID", tcids(layer)), item("BSN", hex8(layer["bsn"])), item("Data Length", decimal(layer["dlf"]))),
        line(item("Flags", flag_words(layer))),
        line(item("Data Offset", decimal(layer["offset"].astype(np.int64) * 4))),
        line_if(fragment(layer), item("RTP fragment", decimal(layer["dlf"]))),
    ]


def values(walk: Walk, layer: Layer) -> Iterator[Value]:
    """The connection identifier, as Wireshark prints bytes."""
    octets = layer.columns.octets("tcid")
    text = json_hex(octets, np.full(len(layer), 8, dtype=np.int64))
    yield when(_JSON + "tcid", layer.end - layer.start >= 8, text)


def summaries(walk: Walk, layer: Layer) -> Chars:
    """``EE : NLP high TCID=... BSN=... len=...``"""
    count = len(layer)
    priority = np.zeros(walk.origin.size, dtype=np.int64)
    for other in walk.layers:
        if other.name == nhdr.NAME:
            priority[other.rows] = other["tpf"]
    return joined(
        constant("EE : NLP ", count), by_value(priority[layer.rows], lambda v: nhdr.PRIORITIES[v]),
        constant(" TCID=", count), tcids(layer), constant(" BSN=", count), hex8(layer["bsn"]),
        constant(" len=", count), decimal(layer["dlf"]),
    )  # fmt: skip
