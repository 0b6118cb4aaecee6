"""Internet Protocol version 6.

Reference: RFC 8200; jumbograms RFC 2675.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import decimal, hexadecimal
from zjobs.wire import sums
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Value, item, line, when
from zjobs.wire.values import hex2, ipv6, json_ipv6, protocol
from zjobs.wire.walk import Fault, Layer, Walk

NAME = "ipv6"
TITLE = "IPv6"
FOUND = {
    "ethertype": (0x86DD,),
    "ip.version": (6,),
    "ip.proto": (41,),
    "null": (10, 24, 28, 30),
    "ppp": (0x57,),
    "link": (Link.IPV6,),
    "juniper": (6, 7),
}

HOP_BY_HOP = 0

LAYOUT = Layout(
    "IpHeader",
    (
        Field("version", "u8", 0, "Version", bits=(4, 4), json="ipv6.version"),
        Field("tclass", "u16", 0, "Class", bits=(4, 8), json="ipv6.tclass"),
        Field("flow", "u32", 0, "Flow", bits=(0, 20), json="ipv6.flow"),
        Field("plen", "u16", 4, "Payload Length", json="ipv6.plen"),
        Field("nxt", "u8", 6, "Protocol", protocol, json="ipv6.nxt"),
        Field("hlim", "u8", 7, "Hops", json="ipv6.hlim"),
        Field("src", "b16", 8, "Source", ipv6, json="ipv6.src", json_show=json_ipv6),
        Field("dst", "b16", 24, "Destination", ipv6, json="ipv6.dst", json_show=json_ipv6),
    ),
    40,
    "RFC 8200, section 3",
)


def reach(walk: Walk, layer: Layer) -> None:
    """The payload length bounds the packet; a jumbogram says zero there and its length in an option."""
    there = layer.end - layer.start
    bad = (there >= 1) & (layer["version"] != 6)
    walk.fault(layer, bad, Fault.VALUE, "ipv6.version", layer.start[bad], 6, layer["version"][bad])
    whole = (there >= 40) & ~bad
    plen = layer["plen"].astype(np.int64)
    jumbo = whole & (plen == 0) & (layer["nxt"] == HOP_BY_HOP) & (layer.limit - layer.start > 40)
    total = np.where(jumbo, layer.limit - layer.start, plen + 40)
    over = whole & ~layer.quoted & (layer.start + total > layer.limit)
    walk.fault(
        layer, over, Fault.LENGTH, "ipv6.plen", layer.start[over] + 4, total[over], (layer.limit - layer.start)[over]
    )
    # What the enclosing header bounds stays bounded, whatever this one claims.
    layer.limit = np.where(whole, np.minimum(layer.start + total, layer.limit), layer.limit)
    layer.end = np.minimum(layer.end, layer.limit)
    layer.pseudo = sums.of_rows(walk.buf, layer.start + 8, 32)
    layer.version = np.full(len(layer), 6, dtype=np.uint8)
    walk.next(layer, "ip.proto", layer["nxt"], which=whole)


def shown(layer: Layer) -> dict[str, NDArray[np.bool_]]:
    """Where Wireshark shows the fields: it stops at a version that is not 6."""
    # Version, class and flow label are read as one word.
    six = (layer["version"] == 6) & (layer.end - layer.start >= 4)
    found = {f.name: six for f in LAYOUT.fields if f.name != "version"}
    return found | {"plen": six & (layer.end - layer.start >= 7)}


def values(walk: Walk, layer: Layer) -> Iterator[Value]:
    """Parts of the traffic class; Wireshark lets ``ip.version`` find IPv6 as well."""
    there = layer.end - layer.start
    yield when("ip.version", there >= 1, decimal(layer["version"]))
    six = (there >= 4) & (layer["version"] == 6)
    yield when("ipv6.tclass.dscp", six, decimal(layer["tclass"] >> 2))
    yield when("ipv6.tclass.ecn", six, decimal(layer["tclass"] & 3))


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """The formatter's IpHeader block; ``Class:`` really carries a second colon there."""
    return [
        line(
            item("IpHeader: Version", decimal(layer["version"])),
            item("Header Length", decimal(layer.head)),
            level=0,
        ),
        line(item("Class:", hex2(layer["tclass"])), item("Flow", hexadecimal(layer["flow"], 6))),
        line(item("Payload Length", decimal(layer["plen"]))),
        line(item("Hops", decimal(layer["hlim"])), item("Protocol", protocol(layer["nxt"]))),
        line(item("Source", ipv6(layer.columns.octets("src")))),
        line(item("Destination", ipv6(layer.columns.octets("dst")))),
    ]
