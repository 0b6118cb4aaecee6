"""Internet Control Message Protocol.

Reference: RFC 792, RFC 1191 (next-hop MTU), RFC 950 (address mask), RFC 1256 (router discovery).
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import Chars, decimal, ipv4
from zjobs.wire import control, sums
from zjobs.wire.ipv4 import checksum_pair
from zjobs.wire.layout import Layout
from zjobs.wire.listing import Block, Title, Value, item, line, line_if, when
from zjobs.wire.tcp import status
from zjobs.wire.values import hex4, json_ipv4
from zjobs.wire.walk import Layer, Walk

NAME = "icmp"
TITLE = "ICMP"
FOUND = {"ip.proto": (1,)}

ECHO = (0, 8)
#: Messages that quote the packet they are about.
ERRORS = (3, 4, 5, 11, 12)

TYPES = {
    0: "ECHO Reply",
    3: "UNREACH",
    4: "SOURCE QUENCH",
    5: "REDIRECT",
    8: "ECHO",
    9: "ROUTER ADVERTISEMENT",
    10: "ROUTER SOLICITATION",
    11: "TIME EXCEEDED",
    12: "PARAM PROBLEM",
    13: "TIMESTAMP",
    14: "TIMESTAMP Reply",
    17: "MASK Request",
    18: "MASK Reply",
}
CODES = {
    (3, 0): "Net",
    (3, 1): "Host",
    (3, 2): "Protocol",
    (3, 3): "Port",
    (3, 4): "Frag needed",
    (3, 5): "Source route failed",
    (3, 6): "Net unknown",
    (3, 7): "Host unknown",
    (3, 9): "Net prohibited",
    (3, 10): "Host prohibited",
    (3, 13): "Filtered",
    (5, 0): "Net",
    (5, 1): "Host",
    (5, 2): "Net TOS",
    (5, 3): "Host TOS",
    (11, 0): "In transit",
    (11, 1): "Reassembly",
}

LAYOUT = Layout("ICMP", control.fields("icmp"), 8, "RFC 792")


def reach(walk: Walk, layer: Layer) -> None:
    """Error messages quote a packet; what is not IPv6 is read as IPv4 as far as it goes."""
    version = control.quoted_version(walk, layer)
    control.quote(walk, layer, ERRORS, np.where(version == 6, 6, 4).astype(np.uint8))


def message_sum(walk: Walk, layer: Layer) -> NDArray[np.int64]:
    """Folded sum over the message, FFFF if right; -1 where not all bytes are there."""
    whole = (layer.end >= layer.limit) & ~layer.quoted & ~layer.fragment
    total = sums.words(walk.buf, layer.start, np.where(whole, layer.end, layer.start))
    return np.where(whole, sums.folded(total), -1)


def names(layer: Layer) -> Chars:
    """Type and code in words."""
    return control.message_names(layer, TYPES, CODES)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """The formatter's ICMP block."""
    echo = np.isin(layer["type"], ECHO)
    other = ~echo & (layer["word"] != 0)
    mtu = (layer["type"] == 3) & (layer["code"] == 4)
    redirect = layer["type"] == 5
    return [
        Title(TITLE),
        line(
            item("Type/Code", names(layer)),
            item("CheckSum", checksum_pair(layer["checksum"], message_sum(walk, layer))),
        ),
        *control.echo_lines(walk, layer, echo),
        line_if(mtu, item("Next Hop MTU", decimal(layer["seq"]))),
        line_if(redirect, item("Gateway", ipv4(layer["word"]))),
        line_if(other & ~mtu & ~redirect, item("Rest of header", hex4(layer["id"]), hex4(layer["seq"]))),
    ]


def shown(layer: Layer) -> dict[str, NDArray[np.bool_]]:
    """Wireshark reads six bytes (up to the length field of RFC 4884) before it shows one."""
    whole = layer.end - layer.start >= 6
    return {f.name: whole for f in LAYOUT.fields}


def values(walk: Walk, layer: Layer) -> Iterator[Value]:
    """Fields that depend on the type."""
    there = layer.end - layer.start
    yield from status("icmp.checksum.status", there >= 6, message_sum(walk, layer))
    kind = layer["type"]
    pairs = np.isin(kind, (0, 8, 13, 14, 15, 16, 17, 18))
    yield when("icmp.ident", pairs & (there >= 6), decimal(layer["id"]))
    yield when("icmp.seq", pairs & (there >= 8), decimal(layer["seq"]))
    yield when("icmp.mtu", (kind == 3) & (layer["code"] == 4) & (there >= 8), decimal(layer["seq"]))
    yield when("icmp.redir_gw", (kind == 5) & (there >= 8), json_ipv4(layer["word"]))
