"""IPv6 Routing header.

Reference: RFC 8200, section 4.4; type 0 RFC 2460 (deprecated by RFC 5095), type 2 RFC 6275, type 4 RFC 8754.
"""

from collections.abc import Iterator

import numpy as np

from zjobs.chars import decimal
from zjobs.columns import among, windows
from zjobs.wire import extension, sums
from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block, Title, Value, item, line, line_if
from zjobs.wire.values import ipv6, json_ipv6, protocol
from zjobs.wire.walk import Fault, Layer, Walk

NAME = "routing"
TITLE = "Routing Header"
FOUND = {"ip.proto": (43,)}

#: Segment routing, whose list is written from its end.
_SEGMENTS = 4

LAYOUT = Layout(
    "Routing Header",
    (
        *extension.fields("ipv6.routing"),
        Field("type", "u8", 2, "Type", json="ipv6.routing.type"),
        Field("segleft", "u8", 3, "Segments Left", json="ipv6.routing.segleft"),
    ),
    4,
    "RFC 8200, section 4.4",
)


def reach(walk: Walk, layer: Layer) -> None:
    """While segments are left, checksums are made with the last address as destination, which segments have first."""
    whole = extension.reach(walk, layer)
    count = (layer.head - 8) // 16
    segments = layer["type"] == _SEGMENTS
    final = whole & (segments | among(layer["type"], (0, 2))) & (layer["segleft"] > 0) & (count > 0)
    rows = np.flatnonzero(final)
    if rows.size:
        which, outer = extension.enclosing(walk, layer, rows)
        rows = rows[which]
        last = layer.start[rows] + 8 + np.where(segments[rows], 0, 16 * (count[rows] - 1))
        layer.pseudo = layer.pseudo.copy()
        layer.extra["dst_at"] = np.full(len(layer), -1, dtype=np.int64)
        layer.extra["dst_at"][rows] = last
        layer.pseudo[rows] = sums.of_rows(walk.buf, outer + 8, 16) + sums.of_rows(walk.buf, last, 16)
    # The index of the last segment must be one (RFC 8754, section 4.3.1.1).
    entry = walk.buf[layer.start + 4].astype(np.int64)
    over = whole & segments & (entry >= count)
    walk.fault(
        layer, over, Fault.LENGTH, "ipv6.routing.srh.last_segment", layer.start[over] + 4, entry[over], count[over]
    )
    # A type 2 header holds one address (RFC 6275, section 6.4); shorter ones are not read on.
    walk.next(layer, "ip.proto", layer["nxt"], which=whole & ~over & ((layer["type"] != 2) | (layer.head >= 24)))


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of this header is not known."""
    result: list[Block] = [
        Title(TITLE),
        line(item("Next Header", protocol(layer["nxt"])), item("Length", decimal(layer.head))),
        line(item("Type", decimal(layer["type"])), item("Segments Left", decimal(layer["segleft"]))),
    ]
    count = np.where(among(layer["type"], (0, 2, 4)), (layer.head - 8) // 16, 0)
    for k in range(int(np.minimum(count, 8).max(initial=0))):
        at = np.where(count > k, layer.start + 8 + 16 * k, 0)
        raw = walk.buf[at[:, None] + np.arange(16)]
        result.append(line_if(count > k, item("Address", ipv6(raw))))
    return result


def values(walk: Walk, layer: Layer) -> Iterator[Value]:
    """Length in bytes, and the addresses of a source route."""
    yield from extension.values(walk, layer, options=False)
    count = np.where((layer["type"] == 0) & (layer.end - layer.start >= 8), (layer.head - 8) // 16, 0)
    which = np.repeat(np.arange(count.size), count)
    step = np.arange(which.size) - np.repeat(np.cumsum(count) - count, count)
    raw = windows(walk.buf, layer.start[which] + 8 + 16 * step, 16)
    yield Value("ipv6.routing.src.addr", json_ipv6(raw), which, True)
