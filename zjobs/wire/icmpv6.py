"""Internet Control Message Protocol for IPv6, with neighbour discovery.

Reference: RFC 4443, RFC 4861, RFC 2710 and 3810 (multicast listeners).
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import Chars, decimal, hexadecimal
from zjobs.columns import among, windows
from zjobs.wire import control, listeners, neighbours
from zjobs.wire.ipv4 import checksum_pair
from zjobs.wire.layout import Layout
from zjobs.wire.listing import Block, Title, Value, item, line, line_if, when
from zjobs.wire.tcp import status, transport_sum
from zjobs.wire.values import ipv6, json_bool, json_ipv6
from zjobs.wire.walk import Layer, Walk

NAME = "icmpv6"
TITLE = "ICMPv6"
FOUND = {"ip.proto": (58,)}

ECHO = (128, 129)
#: RFC 8335; behind the identifier stand eight bits of sequence number, then flags.
EXTENDED_ECHO = (160, 161)
ERRORS = (1, 2, 3, 4)
#: Messages that carry a target or group address, and where.
TARGET = {135: 8, 136: 8, 137: 8, 130: 8, 131: 8, 132: 8}

#: Addresses by Wireshark's names: message types, and where in the message.
ADDRESSES = (
    ("icmpv6.nd.ns.target_address", (135,), 8),
    ("icmpv6.nd.na.target_address", (136,), 8),
    ("icmpv6.nd.rd.target_address", (137,), 8),
    ("icmpv6.rd.na.destination_address", (137,), 24),
    ("icmpv6.mld.multicast_address", (130, 131, 132), 8),
)

#: IANA, "ICMPv6 type Numbers".
NAMES = {
    1: "Destination Unreachable", 2: "Packet Too Big", 3: "Time Exceeded", 4: "Parameter Problem",
    128: "Echo Request", 129: "Echo Reply", 130: "Multicast Listener Query", 131: "Multicast Listener Report",
    132: "Multicast Listener Done", 133: "Router Solicitation", 134: "Router Advertisement",
    135: "Neighbor Solicitation", 136: "Neighbor Advertisement", 137: "Redirect", 138: "Router Renumbering",
    139: "Node Information Query", 140: "Node Information Response", 141: "Inverse Neighbor Solicitation",
    142: "Inverse Neighbor Advertisement", 143: "Multicast Listener Report V2",
    144: "Home Agent Address Discovery Request", 145: "Home Agent Address Discovery Reply",
    146: "Mobile Prefix Solicitation", 147: "Mobile Prefix Advertisement", 148: "Certification Path Solicitation",
    149: "Certification Path Advertisement", 151: "Multicast Router Advertisement",
    152: "Multicast Router Solicitation", 153: "Multicast Router Termination", 154: "FMIPv6", 155: "RPL Control",
    156: "ILNPv6 Locator Update", 157: "Duplicate Address Request", 158: "Duplicate Address Confirmation",
    159: "MPL Control", 160: "Extended Echo Request", 161: "Extended Echo Reply",
}  # fmt: skip

#: In the words of the formatter, as far as they are known.
TYPES = {kind: name.upper() for kind, name in NAMES.items()} | {
    1: "UNREACH",
    4: "PARAM PROBLEM",
    128: "ECHO Request",
    129: "ECHO Reply",
    130: "MLD Query",
    131: "MLD Report",
    132: "MLD Done",
    143: "MLD Report V2",
}
CODES = {
    (1, 0): "No route",
    (1, 1): "Prohibited",
    (1, 2): "Beyond scope",
    (1, 3): "Address",
    (1, 4): "Port",
    (1, 5): "Source policy",
    (1, 6): "Reject route",
    (3, 0): "Hop limit",
    (3, 1): "Reassembly",
    (4, 0): "Header field",
    (4, 1): "Next header",
    (4, 2): "Option",
}

LAYOUT = Layout("ICMPv6", control.fields("icmpv6"), 8, "RFC 4443, section 2.1")


def reach(walk: Walk, layer: Layer) -> None:
    """Error messages quote an IPv6 packet, and a redirect has one in an option."""
    version = control.quoted_version(walk, layer)
    control.quote(walk, layer, ERRORS, np.where(version == 6, 6, 0).astype(np.uint8))
    start, end = neighbours.redirected(walk, layer)
    yes = np.ones(len(layer), dtype=np.bool_)
    six = (start > 0) & (walk.buf[start] >> 4 == 6) & ~layer.quoted & ~layer.fragment
    walk.next(layer, "ip.version", 6, which=six, start=start, end=end, quoted=yes)


def message_sum(walk: Walk, layer: Layer) -> NDArray[np.int64]:
    """Folded sum over pseudo header and message, FFFF if right; -1 where it cannot be made."""
    return np.where(layer.quoted, -1, transport_sum(walk, layer, 58))


def names(layer: Layer) -> Chars:
    """Type and code in words."""
    return control.message_names(layer, TYPES, CODES)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """The formatter's ICMPv6 block."""
    echo = among(layer["type"], ECHO)
    target = among(layer["type"], TARGET) & (layer.end - layer.start >= 24)
    raw = windows(walk.buf, np.where(target, layer.start + 8, 0), 16)
    big = layer["type"] == 2
    return [
        Title(TITLE),
        line(
            item("Type/Code", names(layer)),
            item("CheckSum", checksum_pair(layer["checksum"], message_sum(walk, layer))),
        ),
        *control.echo_lines(walk, layer, echo),
        line_if(big, item("MTU", decimal(layer["word"]))),
        line_if(target, item("Target", ipv6(raw)), item("Flags", hexadecimal(layer["word"], 8))),
        *neighbours.lines(walk, layer),
        *listeners.lines(walk, layer),
    ]


def shown(layer: Layer) -> dict[str, NDArray[np.bool_]]:
    """Of a fragment that was cut before the checksum Wireshark shows nothing."""
    read = ~layer.fragment | (layer.end - layer.start >= 4)
    return {f.name: read for f in LAYOUT.fields}


def values(walk: Walk, layer: Layer) -> Iterator[Value]:
    """Fields that depend on the type."""
    there = layer.end - layer.start
    yield from status("icmpv6.checksum.status", there >= 4, message_sum(walk, layer))
    kind = layer["type"]
    echo = among(kind, ECHO) & (there >= 8)
    extended = among(kind, EXTENDED_ECHO) & (there >= 6)
    yield when("icmpv6.echo.identifier", echo | extended, decimal(layer["id"]))
    yield when("icmpv6.echo.sequence_number", echo, decimal(layer["seq"]))
    yield when("icmpv6.mtu", (kind == 2) & (there >= 8), decimal(layer["word"]))
    yield from _neighbours(walk, layer, there)
    yield from neighbours.values(walk, layer)
    yield from listeners.values(walk, layer)


def _neighbours(walk: Walk, layer: Layer, there: NDArray[np.int64]) -> Iterator[Value]:
    """Targets and groups, and the flags of a neighbour advertisement."""
    kind = layer["type"]
    for name, numbers, at in ADDRESSES:
        found = among(kind, numbers) & (there >= at + 16)
        yield when(name, found, json_ipv6(windows(walk.buf, np.where(found, layer.start + at, 0), 16)))
    answer = (kind == 136) & (there >= 8)
    for name, bit in (("r", 31), ("s", 30), ("o", 29)):
        yield when(f"icmpv6.nd.na.flag.{name}", answer, json_bool(layer["word"] >> bit & 1))
