"""User Datagram Protocol, and its lightweight sister whose checksum covers a part of each datagram.

Reference: RFC 768; jumbograms RFC 2675; UDP-Lite RFC 3828, which has the number of covered bytes in the place of the
length.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import decimal
from zjobs.columns import among
from zjobs.wire.ipv4 import checksum_pair
from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block, Title, Value, item, line, line_if, when
from zjobs.wire.protocols import selectors
from zjobs.wire.tcp import transport_sum
from zjobs.wire.values import hex4, service
from zjobs.wire.walk import Fault, Layer, Mask, Walk

NAME = "udp"
TITLE = "UDP"
LITE = 136
FOUND = {"ip.proto": (17, LITE)}

LAYOUT = Layout(
    "UDP",
    (
        Field("srcport", "u16", 0, "Source Port", json="udp.srcport"),
        Field("dstport", "u16", 2, "Destination Port", json="udp.dstport"),
        Field("length", "u16", 4, "Datagram Length", json="udp.length"),
        Field("checksum", "u16", 6, "CheckSum", hex4, json="udp.checksum"),
    ),
    8,
    "RFC 768",
)


def reach(walk: Walk, layer: Layer) -> None:
    """The datagram length bounds the data."""
    there = layer.end - layer.start
    whole = there >= 8
    length = datagram_length(layer)
    short = whole & (length < 8)
    walk.fault(layer, short, Fault.LENGTH, "udp.length", layer.start[short] + 4, 8, length[short])
    room = layer.limit - layer.start
    over = whole & (length > room) & ~layer.quoted & ~layer.fragment
    walk.fault(layer, over, Fault.LENGTH, "udp.length", layer.start[over] + 4, length[over], room[over])
    good = whole & (length >= 8)
    layer.extra["room"] = room
    layer.limit = np.where(good & (length < room), layer.start + length, layer.limit)
    layer.end = np.minimum(layer.end, layer.limit)
    ready = good & ~layer.quoted & ~layer.waiting
    known = tuple(selectors().get("udp.port", {}))
    source, target = walk.usual(layer["srcport"]), walk.usual(layer["dstport"])
    to = among(target, known)
    port = np.where(to, target, source)
    tunnel = ready & (to | among(source, known))
    if tunnel.any():
        # Between two known ports the lower one decides, as for applications.
        other = np.where(to, source, target)
        tunnel &= (other > port) | ~np.isin(other, tuple(selectors().get("udp.app", {})))
    layer.extra["tunnel"] = walk.next(layer, "udp.port", port, which=tunnel)


def datagram_length(layer: Layer) -> NDArray[np.int64]:
    """The length field; a jumbogram has zero there (RFC 2675, section 4), and UDP-Lite none: they fill the packet."""
    said = layer["length"].astype(np.int64)
    room = layer.limit - layer.start
    return np.where(lite(layer) | (said == 0) & (room > 65535), room, said)


def lite(layer: Layer) -> Mask:
    """Datagrams of UDP-Lite."""
    return np.asarray(layer.code == LITE)


def datagram_sum(walk: Walk, layer: Layer) -> NDArray[np.int64]:
    """Folded sum over pseudo header and datagram, FFFF if right; -1 where it cannot be made, 0 sent without."""
    # The datagram must fill what IP carries, or its length is not the one that was summed.
    length, room = layer["length"].astype(np.int64), layer.limit - layer.start
    wrong = (layer["checksum"] == 0) | (length > room)
    light = lite(layer)
    if not light.any():
        return np.where(wrong, -1, transport_sum(walk, layer, 17))
    # A coverage of zero is all of a datagram, and less than the header is none.
    wrong |= light & (length > 0) & (length < LAYOUT.size)
    covered = np.where(light & (length > 0) & ~wrong, length, room)
    return np.where(wrong, -1, transport_sum(walk, layer, np.where(light, LITE, 17), covered))


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """The formatter's UDP block; UDP-Lite in the same manner."""
    light = lite(layer)
    titles = [Title(TITLE)]
    if light.any():
        titles = [Title(TITLE, np.flatnonzero(~light)), Title("UDP-Lite", np.flatnonzero(light))]
    return [
        *titles,
        line(
            item("Source Port", decimal(layer["srcport"]), service(layer["srcport"])),
            item("Destination Port", decimal(layer["dstport"]), service(layer["dstport"])),
        ),
        line(
            item("Datagram Length", decimal(told_length(layer))),
            item("CheckSum", checksum_pair(layer["checksum"], datagram_sum(walk, layer))),
        ),
        *([line_if(light, item("Checksum Coverage", decimal(layer["length"])))] if light.any() else []),
    ]


def told_length(layer: Layer) -> NDArray[np.int64]:
    """What a datagram says of its length; UDP-Lite leaves that to IP."""
    return np.where(lite(layer), layer.limit - layer.start, layer["length"])


def shown(layer: Layer) -> dict[str, Mask]:
    """Wireshark reads both ports before it shows one."""
    ports = layer.end - layer.start >= 4
    return {"srcport": ports, "dstport": ports, "length": ~lite(layer), "checksum": sensible(layer)}


def sensible(layer: Layer) -> Mask:
    """Lengths with which Wireshark reads on: a whole header, or the zero of a jumbogram."""
    jumbo = (layer["length"] == 0) & (layer.version == 6)
    return np.asarray((layer["length"] >= 8) | jumbo | lite(layer), dtype=np.bool_)


def values(walk: Walk, layer: Layer) -> Iterator[Value]:
    """The checksum verdict: 1 good, 0 bad, 2 unverified, 3 not present; and what UDP-Lite has in its own way."""
    there = (layer.end - layer.start >= 8) & sensible(layer)
    total = datagram_sum(walk, layer)
    verdict = np.where(total < 0, 2, (total == 0xFFFF).astype(np.int64))
    # Without a checksum: 3 is not present; over IPv6 (RFC 8200, section 8.1) and in UDP-Lite it must be, 4 says so.
    none, light = layer["checksum"] == 0, lite(layer)
    verdict[none] = np.where((layer.version[none] == 6) | light[none], 4, 3)
    yield when("udp.checksum.status", there, decimal(verdict))
    if light.any():
        light &= layer.end - layer.start >= 6
        yield when("udp.length", light, decimal(told_length(layer)))
        yield when("udp.checksum_coverage", light, decimal(layer["length"]))
