"""Internet Protocol version 4.

Reference: RFC 791; differentiated services field RFC 2474, ECN RFC 3168.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import Chars, decimal, hex_bytes, hexadecimal, ipv4, only
from zjobs.columns import among, windows
from zjobs.wire import options, sums
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Value, item, line, pair, when
from zjobs.wire.options import Options
from zjobs.wire.values import hex2, hex4, json_bool, json_ipv4, lookup, protocol
from zjobs.wire.walk import Fault, Layer, Walk

NAME = "ip"
TITLE = "IPv4"
FOUND = {
    "ethertype": (0x0800,),
    "ip.version": (4,),
    "ip.proto": (4,),
    "null": (2,),
    "ppp": (0x21,),
    "link": (Link.IPV4,),
    "juniper": (2, 3),
}

PRECEDENCE = (
    (0, "Routine"),
    (1, "Priority"),
    (2, "Immediate"),
    (3, "Flash"),
    (4, "FlashOverride"),
    (5, "CRITIC/ECP"),
    (6, "InternetControl"),
    (7, "NetworkControl"),
)
SERVICE = ((8, "MinDelay"), (4, "MaxThroughput"), (2, "MaxReliability"), (1, "MinCost"))
OPTION_NAMES = {
    0: "EOL",
    1: "NOP",
    7: "Record Route",
    68: "Timestamp",
    130: "Security",
    131: "Loose Source Route",
    136: "Stream Id",
    137: "Strict Source Rte",
    148: "Router Alert",
}

#: Options that Wireshark shows; it names no field of the others.
SHOWN_OPTIONS = (7, 11, 12, 25, 68, 82, 130, 131, 133, 134, 136, 137, 148)

LAYOUT = Layout(
    "IpHeader",
    (
        Field("version", "u8", 0, "Version", bits=(4, 4), json="ip.version"),
        Field("ihl", "u8", 0, "Header Length", bits=(0, 4)),
        Field("tos", "u8", 1, "Tos", hex2, json="ip.dsfield"),
        Field("dscp", "u8", 1, "DSCP", bits=(2, 6), json="ip.dsfield.dscp"),
        Field("ecn", "u8", 1, "ECN", bits=(0, 2), json="ip.dsfield.ecn"),
        Field("precedence", "u8", 1, "Precedence", bits=(5, 3)),
        Field("service", "u8", 1, "Service", bits=(1, 4)),
        Field("len", "u16", 2, "Packet Length"),
        Field("id", "u16", 4, "ID Number", hex4, json="ip.id"),
        Field("rb", "u8", 6, "Reserved bit", bits=(7, 1), json="ip.flags.rb", json_show=json_bool),
        Field("df", "u8", 6, "DontFragment", bits=(6, 1), json="ip.flags.df", json_show=json_bool),
        Field("mf", "u8", 6, "MoreFragments", bits=(5, 1), json="ip.flags.mf", json_show=json_bool),
        Field("fragment", "u16", 6, "Offset", bits=(0, 13), json="ip.frag_offset"),
        Field("ttl", "u8", 8, "TTL", json="ip.ttl"),
        Field("proto", "u8", 9, "Protocol", protocol, json="ip.proto"),
        Field("checksum", "u16", 10, "CheckSum", hex4, json="ip.checksum"),
        Field("src", "u32", 12, "Source", ipv4, json="ip.src", json_show=json_ipv4),
        Field("dst", "u32", 16, "Destination", ipv4),
    ),
    20,
    "RFC 791, section 3.1",
)


def reach(walk: Walk, layer: Layer) -> None:
    """Header and total length bound the payload; fragments are joined or left as data."""
    there = layer.end - layer.start
    head = layer["ihl"].astype(np.int64) * 4
    bad_version = (there >= 1) & (layer["version"] != 4)
    wrong = bad_version & ~layer.quoted
    walk.fault(layer, wrong, Fault.VALUE, "ip.version", layer.start[wrong], 4, layer["version"][wrong])
    bad_head = (there >= 1) & ~bad_version & (head < 20)
    walk.fault(layer, bad_head, Fault.VALUE, "ip.hdr_len", layer.start[bad_head], 20, head[bad_head])
    layer.extra["offered"] = layer.limit - layer.start
    total = layer["len"].astype(np.int64)
    # A total length of zero is what segmentation offload leaves: the packet is as long as the frame.
    total = np.where((total == 0) & (there >= 20), layer.limit - layer.start, total)
    whole = (there >= 20) & ~bad_head & ~bad_version
    bad_total = whole & (total < head)
    walk.fault(layer, bad_total, Fault.LENGTH, "ip.len", layer.start[bad_total] + 2, head[bad_total], total[bad_total])
    over = whole & ~bad_total & ~layer.quoted & (layer.start + total > layer.limit)
    walk.fault(
        layer, over, Fault.LENGTH, "ip.len", layer.start[over] + 2, total[over], (layer.limit - layer.start)[over]
    )
    layer.head = np.where(bad_head | (there < 20), np.minimum(there, 20), np.minimum(head, there))
    walk.fault(
        layer,
        whole & (head > there),
        Fault.SHORT,
        "ip.hdr_len",
        layer.start[whole & (head > there)],
        head[whole & (head > there)],
        there[whole & (head > there)],
    )
    # What the enclosing header bounds stays bounded, whatever this one claims.
    layer.limit = np.where(whole & ~bad_total, np.minimum(layer.start + total, layer.limit), layer.limit)
    layer.end = np.minimum(layer.end, layer.limit)
    layer.extra["dst_at"] = final_destination(walk, layer)
    layer.pseudo = _addresses_sum(walk, layer)
    layer.version = np.full(len(layer), 4, dtype=np.uint8)
    good = whole & ~bad_total & (head <= there)
    offset = layer["fragment"].astype(np.int64) * 8
    more = layer["mf"] == 1
    pieces = good & (more | (offset > 0)) & ~layer.quoted
    layer.extra["in_fragments"] = pieces
    layer.extra["joined"] = pieces
    if pieces.any():
        layer.extra["joined"] = pieces & ~over & (layer.end >= layer.limit) & _unspoilt(walk, layer)
    walk.next(layer, "ip.proto", layer["proto"], which=good & ~pieces & (offset == 0))
    six = layer["version"] == 6
    if six.any():
        # IPv6 under the number of IPv4 is read as what it is.
        walk.next(layer, "ip.version", layer["version"], which=six, start=layer.start)
    if pieces.any():
        _fragments(walk, layer, np.flatnonzero(pieces), offset, more, over)


def _addresses_sum(walk: Walk, layer: Layer) -> NDArray[np.int64]:
    """Sum of the words of source and final destination; of most headers both are columns already."""
    source, target = layer["src"].astype(np.int64), layer["dst"].astype(np.int64)
    total: NDArray[np.int64] = (source >> 16) + (source & 0xFFFF) + (target >> 16) + (target & 0xFFFF)
    at = layer.extra["dst_at"]
    routed = np.flatnonzero(at != layer.start + 16)
    if routed.size:
        ends = (layer.start[routed] + 12, at[routed])
        total[routed] = sum(sums.of_rows(walk.buf, end, 4) for end in ends)
    return total


def _unspoilt(walk: Walk, layer: Layer) -> NDArray[np.bool_]:
    """Headers whose checksum is right, or still to be filled in by an adapter."""
    return np.asarray((header_sum(walk, layer) == 0xFFFF) | (layer["checksum"] == 0))


def _fragments(
    walk: Walk, layer: Layer, which: NDArray[np.int64], offset: NDArray[np.int64], more: NDArray[np.bool_],
    over: NDArray[np.bool_],
) -> None:  # fmt: skip
    raw = walk.buf
    first = np.zeros(len(layer), dtype=np.bool_)
    first[which] = offset[which] == 0
    if walk.reassembler is not None:
        keys = [raw[s + 12 : s + 20].tobytes() + raw[s + 4 : s + 6].tobytes() + raw[s + 9 : s + 10].tobytes()
                for s in layer.start[which].tolist()]  # fmt: skip
        intact = _unspoilt(walk, layer)[which] & ~over[which]
        whole = walk.reassembler.add(
            walk, layer, which, keys, offset[which], more[which], layer["proto"][which], layer.payload[which], intact
        )
        # Where the first fragment came last, the datagram stands in its place: a packet has a header once.
        first[whole] = False
    # One that is longer than its frame was cut, whoever cut it.
    limit = layer.limit + over
    walk.next(layer, "ip.proto", layer["proto"], which=first, limit=limit, fragment=np.ones(len(layer), dtype=np.bool_))


def final_destination(walk: Walk, layer: Layer) -> NDArray[np.int64]:
    """Offset of the address where the packet ends: the last of a source route (RFC 791), else the header's own."""
    at = layer.start + 16
    if (layer.head > 20).any():
        routes = variable(walk, layer).of(131, 137)
        routes = routes.where((routes.size >= 7) & (routes.size == routes.claimed))
        at[routes.row] = routes.at + routes.size - 4
    return at


def header_sum(walk: Walk, layer: Layer) -> NDArray[np.int64]:
    """Folded one's-complement sum over each header, FFFF if right; -1 where the header is not whole."""
    head = layer["ihl"].astype(np.int64) * 4
    there = (head >= 20) & (layer.start + head <= layer.end)
    # Most headers are twenty bytes; only options are summed as stretches.
    total = sums.of_rows(walk.buf, np.where(there, layer.start, 0), 20)
    longer = np.flatnonzero(there & (head > 20))
    if longer.size:
        begin = layer.start[longer]
        total[longer] += sums.words(walk.buf, begin + 20, begin + head[longer])
    return np.where(there, sums.folded(total), -1)


def shown(layer: Layer) -> dict[str, NDArray[np.bool_]]:
    """Where Wireshark shows the fields: it stops at a version, a header length or a total length that cannot be."""
    head = layer["ihl"].astype(np.int64) * 4
    version = layer["version"] == 4
    headed = version & (head >= 20)
    full = headed & ((layer["len"] >= head) | (layer["len"] == 0))
    found = {f.name: full for f in LAYOUT.fields}
    everywhere = np.ones(len(layer), dtype=np.bool_)
    # The flags are read with the fragment offset behind them.
    flags = full & (layer.end - layer.start >= 8)
    found |= {"rb": flags, "df": flags, "mf": flags}
    return found | {"version": everywhere, "tos": headed, "dscp": headed, "ecn": headed, "len": headed}


def values(walk: Walk, layer: Layer) -> Iterator[Value]:
    """The derived fields; checksum status is 1 good, 0 bad, 2 unverified."""
    there = layer.end - layer.start
    head = layer["ihl"].astype(np.int64) * 4
    where = shown(layer)
    full = where["id"]
    yield when("ip.hdr_len", (there >= 1) & (layer["version"] == 4), decimal(head))
    # A total length of zero is what segmentation offload leaves: the packet is as long as the frame lets it be.
    offered = layer.extra.get("offered", layer.limit - layer.start)
    yield when("ip.len", where["len"] & (there >= 4), decimal(np.where(layer["len"] == 0, offered, layer["len"])))
    yield when("ip.flags", where["df"], decimal(layer["df"] << 1 | layer["mf"] | layer["rb"] << 2))
    total = header_sum(walk, layer)
    verdict = np.where(total < 0, 2, (total == 0xFFFF).astype(np.int64))
    yield when("ip.checksum.status", full & (there >= 12), decimal(verdict))
    end = np.ascontiguousarray(windows(walk.buf, layer.extra["dst_at"], 4)).view(">u4").reshape(-1)
    yield when("ip.dst", full & (there >= 20), json_ipv4(end))
    found = variable(walk, layer)
    known = (found.kind <= 1) | among(found.kind, SHOWN_OPTIONS)
    good = full[found.row] & known & ((found.kind <= 1) | ((found.claimed >= 2) & (found.claimed == found.size)))
    found = found.where(good)
    yield Value("ip.opt.type", decimal(found.kind), found.row, True)
    sized = found.where(found.kind > 1)
    yield Value("ip.opt.len", decimal(sized.size), sized.row, True)


def variable(walk: Walk, layer: Layer) -> Options:
    """The IP options."""
    return options.walk(walk.buf, layer.start + 20, layer.start + np.maximum(layer.head, 20), plain=(0, 1))


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """The formatter's IpHeader block."""
    # That there are more fragments says more than that there may be none.
    flags = lookup(layer["mf"] * 2 | layer["df"], _FRAGMENT, 4)
    result: list[Block] = [
        line(
            item("IpHeader: Version", decimal(layer["version"])),
            item("Header Length", decimal(layer["ihl"].astype(np.int64) * 4)),
            level=0,
        ),
        line(item("Tos", hex2(layer["tos"])), item("QOS", qos(layer))),
        line(item("Packet Length", decimal(layer["len"])), item("ID Number", hex4(layer["id"]))),
        line(item("Fragment", flags), item("Offset", decimal(layer["fragment"].astype(np.int64) * 8))),
        line(
            item("TTL", decimal(layer["ttl"])),
            item("Protocol", protocol(layer["proto"])),
            item("CheckSum", checksum_pair(layer["checksum"], header_sum(walk, layer))),
        ),
        line(item("Source", ipv4(layer["src"]))),
        line(item("Destination", ipv4(layer["dst"]))),
    ]
    for found in variable(walk, layer).columns():
        name = lookup(found.kind, tuple(OPTION_NAMES.items()), 256)
        size = only(found.size > 1, decimal(found.size))
        value = only(found.size > 2, hex_bytes(found.bytes(walk.buf, 38), np.clip(found.size - 2, 0, 38)))
        result.append(line(item("Option", name), item("Len", size), item("Data", value), which=found.rows))
    return result


_FRAGMENT = ((0, ""), (1, "DontFragment"), (2, "MoreFragments"), (3, "MoreFragments"))


def qos(layer: Layer) -> Chars:
    """Precedence and service words of the type-of-service byte."""
    return lookup(layer["tos"], _QOS, 256)


def _qos_text(tos: int) -> str:
    service = [name for bit, name in SERVICE if tos >> 1 & bit] or ["Normal Service"]
    return f"{dict(PRECEDENCE)[tos >> 5]} {' '.join(service)}"


_QOS = tuple((tos, _qos_text(tos)) for tos in range(256))


def checksum_pair(packet: NDArray[np.uint16], total: NDArray[np.int64]) -> Chars:
    """``hhhh HHHH``; 0000 as second value where the sum cannot be made (-1)."""
    return pair(hex4(packet), hexadecimal(np.maximum(total, 0), 4))
