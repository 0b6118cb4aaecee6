"""IP Payload Compression.

Reference: RFC 3173; DEFLATE (transform 2) RFC 2394.
"""

import zlib

import numpy as np

from zjobs.chars import decimal
from zjobs.wire.layout import PADDING, Field, Layout
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.values import hex4, protocol
from zjobs.wire.walk import Layer, Walk

NAME = "ipcomp"
TITLE = "IP Compression"
FOUND = {"ip.proto": (108,)}

LAYOUT = Layout(
    "IP Compression",
    (
        Field("nxt", "u8", 0, "Next Header", protocol, json="ipcomp.next_header"),
        Field("flags", "u8", 1, "Flags", json="ipcomp.flags"),
        Field("cpi", "u16", 2, "CPI", hex4, json="ipcomp.cpi"),
    ),
    4,
    "RFC 3173, section 3",
)

#: The longest IP payload.
_LONGEST = 65535


def reach(walk: Walk, layer: Layer) -> None:
    """What can be unpacked is walked from a copy behind the buffer."""
    arena = bytearray()
    done: list[tuple[int, int, int]] = []
    whole = (layer.end - layer.start > 4) & (layer.end >= layer.limit) & ~layer.quoted & ~layer.fragment
    for k in np.flatnonzero(whole).tolist():
        packed = walk.buf[layer.start[k] + 4 : layer.end[k]].tobytes()
        try:
            data = zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, _LONGEST)
        except zlib.error:
            continue
        done.append((k, len(arena), len(arena) + len(data)))
        arena += data
    if not done:
        return
    base = walk.buf.size - PADDING
    copy = np.frombuffer(bytes(arena), dtype=np.uint8)
    walk.buf = np.concatenate([walk.buf[:base], copy, np.zeros(PADDING, dtype=np.uint8)])
    chosen, start, end = np.array(done, dtype=np.int64).T
    walk.resume(layer, chosen, "ip.proto", layer["nxt"][chosen], base + start, base + end)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of this header is not known."""
    return [
        Title(TITLE),
        line(item("Next Header", protocol(layer["nxt"])), item("CPI", hex4(layer["cpi"]))),
        line(item("Flags", decimal(layer["flags"]))),
    ]
