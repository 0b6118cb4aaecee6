"""Internet Control Message Protocol.

Reference: RFC 792, RFC 1191 (next-hop MTU), RFC 950 (address mask), RFC 1256 (router discovery),
RFC 6918 (types that are obsolete).
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import Chars, by_value, decimal, ipv4
from zjobs.columns import among, windows
from zjobs.wire import control, sums
from zjobs.wire.ipv4 import checksum_pair
from zjobs.wire.layout import Layout
from zjobs.wire.listing import Block, Title, Value, item, line, line_if, when
from zjobs.wire.neighbours import spread
from zjobs.wire.tcp import status
from zjobs.wire.values import hex4, json_ipv4
from zjobs.wire.walk import Layer, Walk

NAME = "icmp"
TITLE = "ICMP"
FOUND = {"ip.proto": (1,)}

ECHO = (0, 8)
EXTENDED_ECHO = (42, 43)
#: Messages that quote the packet they are about.
ERRORS = (3, 4, 5, 11, 12)
#: Times since midnight, in milliseconds; masks; routers.
TIMED, MASKED, ROUTERS = (13, 14), (17, 18), 9
STAMPS = (("originate", "Originate"), ("receive", "Receive"), ("transmit", "Transmit"))

#: IANA, "ICMP Type Numbers", the obsolete ones too.
NAMES = {
    0: "Echo Reply", 3: "Destination Unreachable", 4: "Source Quench", 5: "Redirect", 6: "Alternate Host Address",
    8: "Echo", 9: "Router Advertisement", 10: "Router Solicitation", 11: "Time Exceeded", 12: "Parameter Problem",
    13: "Timestamp", 14: "Timestamp Reply", 15: "Information Request", 16: "Information Reply",
    17: "Address Mask Request", 18: "Address Mask Reply", 30: "Traceroute", 31: "Datagram Conversion Error",
    32: "Mobile Host Redirect", 33: "IPv6 Where-Are-You", 34: "IPv6 I-Am-Here", 35: "Mobile Registration Request",
    36: "Mobile Registration Reply", 37: "Domain Name Request", 38: "Domain Name Reply", 39: "SKIP", 40: "Photuris",
    42: "Extended Echo Request", 43: "Extended Echo Reply",
}  # fmt: skip

#: In the words of the formatter, as far as they are known.
TYPES = {kind: name.upper() for kind, name in NAMES.items()} | {
    0: "ECHO Reply",
    3: "UNREACH",
    12: "PARAM PROBLEM",
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
    echo = among(layer["type"], ECHO)
    other = ~echo & ~_paired(layer) & (layer["word"] != 0)
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
        line_if(
            other & ~mtu & ~redirect & ~_paired(layer), item("Rest of header", hex4(layer["id"]), hex4(layer["seq"]))
        ),
        *_more_lines(walk, layer),
    ]


def _paired(layer: Layer) -> NDArray[np.bool_]:
    """Requests and replies that have an identifier and a sequence number, beside echoes."""
    return np.asarray(among(layer["type"], (*TIMED, *MASKED)))


def _more_lines(walk: Walk, layer: Layer) -> Iterator[Block]:
    """Times of day, a mask, the routers of an advertisement."""
    there = layer.end - layer.start
    yield line_if(_paired(layer), item("Id", hex4(layer["id"])), item("Seq", decimal(layer["seq"])))
    timed = among(layer["type"], TIMED) & (there >= 20)
    words = _words(walk, layer, timed)
    yield line_if(timed, *(item(label, decimal(words[:, k])) for k, (_, label) in enumerate(STAMPS)))
    masked = among(layer["type"], MASKED) & (there >= 12)
    yield line_if(masked, item("Address Mask", ipv4(_words(walk, layer, masked)[:, 0])))
    row, at = _routers(walk, layer)
    if row.size:
        address, level = windows(walk.buf, at, 8).copy().view(">u4").astype(np.int64).reshape(-1, 2).T
        rank = np.arange(row.size) - np.searchsorted(row, row)
        for k in range(int(rank.max()) + 1):
            here = np.flatnonzero(rank == k)
            yield line(
                item("Router", ipv4(address[here])), item("Preference", by_value(level[here], _signed)),
                which=row[here],
            )  # fmt: skip


def _words(walk: Walk, layer: Layer, which: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Three words behind the header (n, 3), of those that have them."""
    raw = windows(walk.buf, np.where(which, layer.start + 8, 0), 12)
    return np.asarray(raw.copy().view(">u4").astype(np.int64).reshape(-1, 3))


def _routers(walk: Walk, layer: Layer) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Message and place of every router of an advertisement whose entries have two words (RFC 1256, section 3)."""
    usual = (layer["type"] == ROUTERS) & (layer["id"] & 0xFF == 2)
    rows = np.flatnonzero(usual)
    count = np.minimum(layer["id"][rows].astype(np.int64) >> 8, (layer.end[rows] - layer.start[rows] - 8) // 8)
    return spread(rows, layer.start[rows] + 8, count, 8)


def _signed(value: int) -> str:
    return str(value - (1 << 32) if value >> 31 else value)


def shown(layer: Layer) -> dict[str, NDArray[np.bool_]]:
    """Wireshark reads six bytes (up to the length field of RFC 4884) before it shows one."""
    whole = layer.end - layer.start >= 6
    return {f.name: whole for f in LAYOUT.fields}


def values(walk: Walk, layer: Layer) -> Iterator[Value]:
    """Fields that depend on the type."""
    there = layer.end - layer.start
    yield from status("icmp.checksum.status", there >= 6, message_sum(walk, layer))
    kind = layer["type"]
    pairs = among(kind, (0, 8, 13, 14, 15, 16, 17, 18))
    # Extended echoes (RFC 8335) have an identifier, and their sequence number in one byte.
    yield when("icmp.ident", (pairs | among(kind, EXTENDED_ECHO)) & (there >= 6), decimal(layer["id"]))
    yield when("icmp.seq", pairs & (there >= 8), decimal(layer["seq"]))
    yield when("icmp.mtu", (kind == 3) & (layer["code"] == 4) & (there >= 8), decimal(layer["seq"]))
    yield when("icmp.redir_gw", (kind == 5) & (there >= 8), json_ipv4(layer["word"]))
    yield when("icmp.pointer", (kind == 12) & (there >= 8), decimal(layer["id"] >> 8))
    timed = among(kind, TIMED) & (there >= 20)
    words = _words(walk, layer, timed)
    for k, (name, _) in enumerate(STAMPS):
        yield when(f"icmp.{name}_timestamp", timed, decimal(words[:, k]))
    masked = among(kind, MASKED) & (there >= 12)
    yield when("icmp.address_mask", masked, json_ipv4(_words(walk, layer, masked)[:, 0]))
    routers = (kind == ROUTERS) & (there >= 8)
    for name, value in (
        ("num_addrs", layer["id"] >> 8), ("addr_entry_size", layer["id"] & 0xFF), ("lifetime", layer["seq"]),
    ):  # fmt: skip
        yield when(f"icmp.{name}", routers, decimal(value))
    row, at = _routers(walk, layer)
    address, level = windows(walk.buf, at, 8).copy().view(">u4").astype(np.int64).reshape(-1, 2).T
    yield Value("icmp.router_address", json_ipv4(address), row)
    yield Value("icmp.pref_level", by_value(level, _signed), row)
