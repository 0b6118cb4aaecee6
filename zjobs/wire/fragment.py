"""IPv6 Fragment header.

Reference: RFC 8200, section 4.5; atomic fragments RFC 6946.
"""

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import decimal
from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.values import hex8, json_bool, protocol
from zjobs.wire.walk import Layer, Walk

NAME = "fragment"
TITLE = "Fragment Header"
FOUND = {"ip.proto": (44,)}

LAYOUT = Layout(
    "Fragment Header",
    (
        Field("nxt", "u8", 0, "Next Header", protocol, json="ipv6.fraghdr.nxt"),
        Field("reserved", "u8", 1, "Reserved", json="ipv6.fraghdr.reserved_octet"),
        Field("offset", "u16", 2, "Offset", bits=(3, 13), json="ipv6.fraghdr.offset"),
        Field("bits", "u8", 3, "Reserved bits", bits=(1, 2), json="ipv6.fraghdr.reserved_bits"),
        Field("more", "u8", 3, "More", bits=(0, 1), json="ipv6.fraghdr.more", json_show=json_bool),
        Field("ident", "u32", 4, "Identification", hex8, json="ipv6.fraghdr.ident"),
    ),
    8,
    "RFC 8200, section 4.5",
)


def reach(walk: Walk, layer: Layer) -> None:
    """An atomic fragment is a whole packet; others are joined, or left as data."""
    whole = layer.end - layer.start >= 8
    offset = layer["offset"].astype(np.int64) * 8
    more = layer["more"] == 1
    pieces = whole & (more | (offset > 0)) & ~layer.quoted
    layer.extra["in_fragments"] = pieces
    layer.extra["joined"] = pieces & (layer.end >= layer.limit)
    walk.next(layer, "ip.proto", layer["nxt"], which=whole & ~pieces & (offset == 0))
    which = np.flatnonzero(pieces)
    if not which.size:
        return
    first = np.zeros(len(layer), dtype=np.bool_)
    first[which] = offset[which] == 0
    if walk.reassembler is not None:
        outer = [found for found in walk.layers if found.name == "ipv6"]
        keys = []
        for row, start in zip(layer.rows[which].tolist(), layer.start[which].tolist()):
            starts = (
                int(found.start[k])
                for found in outer
                if (k := int(np.searchsorted(found.rows, row))) < len(found) and found.rows[k] == row
            )
            # Outside IPv6 there is no address to tell senders apart by: the packet stands for itself.
            at = max(starts, default=int(walk.origin[row]))
            keys.append(walk.buf[at + 8 : at + 40].tobytes() + walk.buf[start + 4 : start + 8].tobytes())
        done = walk.reassembler.add(
            walk, layer, which, keys, offset[which], more[which], layer["nxt"][which], layer.payload[which],
            np.ones(which.size, dtype=np.bool_),
        )  # fmt: skip
        # One that came last shows the whole datagram, not its own part of it as well.
        first[done] = False
    walk.next(layer, "ip.proto", layer["nxt"], which=first, fragment=np.ones(len(layer), dtype=np.bool_))


def shown(layer: Layer) -> dict[str, NDArray[np.bool_]]:
    """Wireshark shows nothing of a header that is not whole."""
    whole = layer.end - layer.start >= 8
    return {f.name: whole for f in LAYOUT.fields}


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of this header is not known."""
    return [
        Title(TITLE),
        line(item("Next Header", protocol(layer["nxt"])), item("Length", decimal(layer.head))),
        line(item("Offset", decimal(layer["offset"].astype(np.int64) * 8)), item("More", decimal(layer["more"]))),
        line(item("Identification", hex8(layer["ident"]))),
    ]
