"""Neighbour discovery of ICMPv6: routers, and the options of all its messages.

Reference: RFC 4861, section 4; RFC 4191 (preference, routes), RFC 6275, section 7 (home agents), RFC 8106 (DNS).
"""

import json
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import by_value, decimal, either, from_texts, printable
from zjobs.columns import windows
from zjobs.wire.dns import name_text
from zjobs.wire.listing import Block, Value, item, line
from zjobs.wire.options import Options
from zjobs.wire.values import ipv6_text, json_bool, json_hex, json_ipv6, json_mac
from zjobs.wire.walk import Layer, Walk

Index = NDArray[np.int64]

ADVERTISEMENT, REDIRECT = 134, 137
#: Messages of neighbour discovery: where their options start (RFC 4861, section 4); of inverse discovery (RFC 3122,
#: section 2), prefixes of mobile nodes (RFC 6275, section 6.8), certificates (RFC 3971, section 6.4), and handovers
#: (RFC 5568, section 6.1).
OPTIONS_AT = {133: 8, ADVERTISEMENT: 16, 135: 24, 136: 24, REDIRECT: 40, 141: 8, 142: 8, 147: 8, 148: 8, 154: 8}
_BEGIN = np.array([OPTIONS_AT.get(k, 0) for k in range(256)])

_SOURCE, _TARGET, _PREFIX, _REDIRECTED, _MTU, _INTERVAL, _AGENT, _ROUTE, _SERVERS, _DOMAINS = (
    1, 2, 3, 4, 5, 7, 8, 24, 25, 31,
)  # fmt: skip
OPTIONS = {
    _SOURCE: "Source Link", _TARGET: "Target Link", _PREFIX: "Prefix", _REDIRECTED: "Redirected", _MTU: "MTU",
    _INTERVAL: "Interval", _AGENT: "Home Agent", 14: "Nonce", _ROUTE: "Route", _SERVERS: "DNS Server",
    _DOMAINS: "Domain Search",
}  # fmt: skip

#: Numbers in options by Wireshark's names: kinds, offset in the option, bytes.
_NUMBERS = (
    ("opt.prefix.length", (_PREFIX, _ROUTE), 2, 1),
    ("opt.prefix.flag", (_PREFIX,), 3, 1),
    ("opt.prefix.valid_lifetime", (_PREFIX,), 4, 4),
    ("opt.prefix.preferred_lifetime", (_PREFIX,), 8, 4),
    ("opt.mtu", (_MTU,), 4, 4),
    ("opt.advertisement_interval", (_INTERVAL,), 4, 4),
    ("opt.home_agent_preference", (_AGENT,), 4, 2),
    ("opt.home_agent_lifetime", (_AGENT,), 6, 2),
    ("opt.rdnss.lifetime", (_SERVERS,), 4, 4),
    ("opt.dnssl.lifetime", (_DOMAINS,), 4, 4),
)
_PREFIX_BITS = (("l", 7), ("a", 6), ("r", 5))
#: Flags of a router: home agent, proxy; between them a preference of two bits (RFC 4191, section 2.2).
_ROUTER_BITS = (("m", 23), ("o", 22), ("h", 21), ("p", 18))


_LONGEST_LINK = 30


def found(walk: Walk, layer: Layer) -> Options:
    """The options of all messages, also those that run past their packet; lengths are units of 8 bytes."""
    start = layer.start + _BEGIN[layer["type"]]
    active = np.flatnonzero((start > layer.start) & (start + 2 <= layer.end))
    at = start[active]
    parts = []
    rank = 0
    while active.size:
        claimed = walk.buf[at + 1].astype(np.int64) * 8
        there = layer.end[active] - at
        ranks = np.full(active.size, rank, dtype=np.int64)
        parts.append((active, ranks, walk.buf[at].astype(np.int64), at, np.minimum(claimed, there), claimed))
        going = (claimed > 0) & (claimed + 2 <= there)
        active, at = active[going], (at + claimed)[going]
        rank += 1
    if not parts:
        none = np.zeros(0, dtype=np.int64)
        return Options(none, none, none, none, none, none)
    columns = [np.concatenate(c) for c in zip(*parts)]
    order = np.lexsort((columns[1], columns[0]))
    return Options(*(column[order] for column in columns))


def redirected(walk: Walk, layer: Layer) -> tuple[Index, Index]:
    """Where the packet that a redirect quotes starts and ends; 0 where there is none."""
    start, end = layer.start * 0, layer.end.copy()
    redirects = np.flatnonzero(layer["type"] == REDIRECT)
    if redirects.size:
        quotes = found(walk, layer).of(_REDIRECTED)
        # Taken from the last on, so that of several the first stays.
        quotes = quotes.where((layer["type"][quotes.row] == REDIRECT) & (quotes.size > 8))
        start[quotes.row[::-1]] = quotes.at[::-1] + 8
        end[quotes.row[::-1]] = (quotes.at + quotes.size)[::-1]
    return start, end


def values(walk: Walk, layer: Layer) -> Iterator[Value]:
    """What a router says of itself, then options: type, length in units of 8 bytes, and what they hold."""
    yield from _router(walk, layer)
    every = found(walk, layer)
    yield Value("icmpv6.opt.type", decimal(every.kind), every.row, True)
    yield Value("icmpv6.opt.length", decimal(every.claimed // 8), every.row, True)
    whole = every.where((every.claimed > 0) & (every.size == every.claimed))
    for name, kinds, offset, size in _NUMBERS:
        one = every.of(*kinds)
        one = one.where(one.size >= offset + size)
        yield Value(f"icmpv6.{name}", decimal(_number(walk, one.at + offset, size)), one.row)
    yield from _links(walk, whole)
    prefixes = every.of(_PREFIX).where(every.of(_PREFIX).size >= 4)
    flags = walk.buf[prefixes.at + 3]
    for name, bit in _PREFIX_BITS:
        yield Value(f"icmpv6.opt.prefix.flag.{name}", json_bool(flags >> bit & 1), prefixes.row)
    prefixes = prefixes.where(prefixes.size >= 32)
    routes = every.of(_ROUTE).where(every.of(_ROUTE).size >= 8)
    yield _prefix_values(walk, prefixes, routes)
    # Of a list that was cut those that are there.
    servers = every.of(_SERVERS)
    servers = servers.where(servers.size >= 8)
    row, at = spread(servers.row, servers.at + 8, (servers.size - 8) // 16, 16)
    yield Value("icmpv6.opt.rdnss", json_ipv6(windows(walk.buf, at, 16)), row)
    domains = whole.of(_DOMAINS)
    names = [_names(_bytes(walk, at, size)[8:]) for at, size in zip(domains.at.tolist(), domains.size.tolist())]
    count = np.array([len(n) for n in names], dtype=np.int64)
    texts = [json.dumps(name) for several in names for name in several]
    yield Value("icmpv6.opt.dnssl", from_texts(texts), np.repeat(domains.row, count))


def _prefix_values(walk: Walk, prefixes: Options, routes: Options) -> Value:
    """The prefixes of both kinds of option; a route has only as many bytes as it needs."""
    row = np.concatenate([prefixes.row, routes.row])
    order = np.lexsort((np.concatenate([prefixes.rank, routes.rank]), row))
    raw = windows(walk.buf, routes.at + 8, 16)
    raw[np.arange(16) >= (routes.size - 8)[:, None]] = 0
    every = np.concatenate([windows(walk.buf, prefixes.at + 16, 16), raw])
    return Value("icmpv6.opt.prefix", json_ipv6(every[order]), row[order])


def spread(row: Index, at: Index, count: Index, size: int) -> tuple[Index, Index]:
    """Rows and places of items of ``size`` bytes that stand behind one another, ``count`` from each place on."""
    count = np.maximum(count, 0)
    rank = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    return np.repeat(row, count), np.repeat(at, count) + rank * size


def _number(walk: Walk, at: Index, size: int) -> Index:
    raw = windows(walk.buf, at, size).astype(np.int64)
    return np.asarray((raw << 8 * np.arange(size - 1, -1, -1)).sum(axis=1))


def _links(walk: Walk, whole: Options) -> Iterator[Value]:
    """Link-layer addresses: all of them under one name, and under that of their side."""
    for name, kinds in (
        ("linkaddr", (_SOURCE, _TARGET)), ("src_linkaddr", (_SOURCE,)), ("target_linkaddr", (_TARGET,)),
    ):  # fmt: skip
        one = whole.of(*kinds)
        raw = windows(walk.buf, one.at + 2, _LONGEST_LINK)
        others = json_hex(raw, np.minimum(one.size - 2, _LONGEST_LINK))
        yield Value(f"icmpv6.opt.{name}", either(one.size == 8, json_mac(raw[:, :6]), others), one.row)


def _router(walk: Walk, layer: Layer) -> Iterator[Value]:
    """What a router says of itself (RFC 4861, section 4.2)."""
    there = layer.end - layer.start
    rows = np.flatnonzero((layer["type"] == ADVERTISEMENT) & (there >= 8))
    if not rows.size:
        return
    word = layer["word"][rows].astype(np.int64)
    yield Value("icmpv6.nd.ra.cur_hop_limit", decimal(word >> 24), rows)
    yield Value("icmpv6.nd.ra.flag", decimal(word >> 16 & 0xFF), rows)
    for name, bit in _ROUTER_BITS:
        yield Value(f"icmpv6.nd.ra.flag.{name}", json_bool(word >> bit & 1), rows)
    yield Value("icmpv6.nd.ra.flag.prf", decimal(word >> 19 & 3), rows)
    yield Value("icmpv6.nd.ra.router_lifetime", decimal(word & 0xFFFF), rows)
    for name, at in (("reachable_time", 8), ("retrans_timer", 12)):
        timed = rows[there[rows] >= at + 4]
        yield Value(f"icmpv6.nd.ra.{name}", decimal(_number(walk, layer.start[timed] + at, 4)), timed)


def _bytes(walk: Walk, at: int, size: int) -> bytes:
    return walk.buf[at : at + size].tobytes()


def _names(raw: bytes) -> list[str]:
    """Domain names without compression, up to the padding (RFC 8106, section 5.2)."""
    names: list[str] = []
    labels: list[str] = []
    at = 0
    while at < len(raw):
        size = raw[at]
        if not size and not labels:
            break
        if size:
            labels.append(name_text(raw[at + 1 : at + 1 + size]))
        else:
            names.append(".".join(labels))
            labels = []
        at += 1 + size
    return names


def lines(walk: Walk, layer: Layer) -> Iterator[Block]:
    """A router's own values, and a line for every option."""
    rows = np.flatnonzero((layer["type"] == ADVERTISEMENT) & (layer.end - layer.start >= 16))
    if rows.size:
        word = layer["word"][rows].astype(np.int64)
        flags = by_value(word >> 16 & 0xFF, _router_flags)
        yield line(
            item("Hop Limit", decimal(word >> 24)), item("Lifetime", decimal(word & 0xFFFF)), item("Flags", flags),
            which=rows,
        )  # fmt: skip
    for column in found(walk, layer).columns():
        texts = [
            _shown(kind, _bytes(walk, at, size))
            for kind, at, size in zip(column.kind.tolist(), column.at.tolist(), column.size.tolist())
        ]
        name = by_value(column.kind, lambda kind: OPTIONS.get(kind, f"Option {kind}"))
        yield line(item("Option", name), item("", from_texts(texts)), which=column.rows)


def _router_flags(flags: int) -> str:
    words = [word for word, bit in (("Managed", 0x80), ("Other", 0x40), ("Home Agent", 0x20)) if flags & bit]
    return " ".join([*words, {1: "High", 3: "Low"}.get(flags >> 3 & 3, "")]).rstrip()


@lru_cache(4096)
def _shown(kind: int, raw: bytes) -> str:
    """One option in words; one that is not whole, or not known, in hex."""
    size = raw[1] * 8 if len(raw) > 1 else 0
    if len(raw) == size and size >= 8:
        first = int.from_bytes(raw[4:8], "big")
        if kind == _PREFIX and size >= 32:
            flags = "".join(letter for letter, bit in (("L", 0x80), ("A", 0x40), ("R", 0x20)) if raw[3] & bit)
            return f"{ipv6_text(raw[16:32])}/{raw[2]} {flags} valid {first}"
        if kind in (_MTU, _INTERVAL):
            return str(first)
        if kind == _AGENT:
            return f"preference {first >> 16}, lifetime {first & 0xFFFF}"
        if kind == _SERVERS:
            return " ".join(ipv6_text(raw[k : k + 16]) for k in range(8, size - 15, 16)) + f" lifetime {first}"
        if kind == _DOMAINS:
            return printable(" ".join(_names(raw[8:]))) + f" lifetime {first}"
        if kind == _REDIRECTED:
            return f"{size - 8} bytes"
    return raw[2:].hex().upper()
