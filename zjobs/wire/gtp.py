"""GPRS Tunnelling Protocol: packets of mobile users.

Reference: 3GPP TS 29.281, section 5; version 0: 3GPP TS 09.60, section 6.
"""

from itertools import count

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import decimal
from zjobs.columns import Bytes
from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.values import hex2, hex8
from zjobs.wire.walk import Layer, Walk

NAME = "gtp"
TITLE = "GTP"
FOUND = {"udp.port": (2152, 3386)}

LAYOUT = Layout(
    "GTP",
    (
        Field("version", "u8", 0, "Version", bits=(5, 3), json="gtp.flags.version"),
        Field("protocol", "u8", 0, "Protocol Type", bits=(4, 1), json="gtp.flags.payload"),
        Field("parts", "u8", 0, "Flags", hex2, bits=(0, 3)),
        Field("type", "u8", 1, "Message Type", json="gtp.message"),
        Field("len", "u16", 2, "Length", json="gtp.length"),
        Field("teid", "u32", 4, "Tunnel Id", hex8),
    ),
    8,
    "3GPP TS 29.281, section 5.1",
)

_USER, _EXTENSIONS, _OLD = 255, 4, 20
#: More extension headers than any packet has.
_MOST = 16


def begins(buf: Bytes, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Versions 0 and 1; clients of other services have these ports too."""
    return buf[start] >> 5 <= 1


def reach(walk: Walk, layer: Layer) -> None:
    """A user's packet has no protocol number: its first byte tells IPv4 and IPv6 from PPP, as in Wireshark."""
    at, known = _payload(walk.buf, layer)
    there = layer.end - layer.start
    layer.head = np.where(known, np.minimum(at - layer.start, there), np.minimum(LAYOUT.size, there))
    # GTP' (3GPP TS 32.295) gives the same numbers to messages about charging.
    user = known & (layer["protocol"] == 1) & (layer["type"] == _USER) & (at < layer.end)
    first = walk.buf[np.minimum(at, layer.end)]
    # A header of 60 bytes is rarer than PPP with a short protocol number that starts with 4F.
    four, six = (first >= 0x45) & (first <= 0x4E), first >> 4 == 6
    walk.next(layer, "ip.version", first >> 4, which=user & (four | six))
    walk.next(layer, "gtp", 0, which=user & ~four & ~six)


def _payload(buf: Bytes, layer: Layer) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Where the payload begins, and whether all of the header is there."""
    parts = layer["parts"]
    newer = layer["version"] == 1
    at = layer.start + np.where(newer, np.where(parts > 0, 12, 8), _OLD)
    more = newer & (parts & _EXTENSIONS > 0) & (at <= layer.end)
    known = at <= layer.end
    kind = np.where(more, buf[np.where(more, at - 1, 0)], 0)
    for n in count():
        open_ = np.flatnonzero(known & (kind > 0) & (at < layer.end))
        if not open_.size:
            break
        size = buf[at[open_]].astype(np.int64) * 4
        at[open_] += size
        # An extension of no length, or one too many, is the end of what can be read.
        good = (size > 0) & (at[open_] <= layer.end[open_]) & (n < _MOST)
        known[open_] = good
        kind[open_] = np.where(good, buf[np.where(good, at[open_] - 1, 0)], 0)
    return at, known & (kind == 0)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of this header is not known."""
    return [
        Title(TITLE),
        line(item("Tunnel Id", hex8(layer["teid"])), item("Message Type", decimal(layer["type"]))),
        line(item("Version", decimal(layer["version"])), item("Header Length", decimal(layer.head))),
    ]
