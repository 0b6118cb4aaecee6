"""Multicast listener discovery of ICMPv6, versions 1 and 2.

Reference: RFC 2710, section 3; RFC 3810, section 5.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import decimal
from zjobs.columns import among, windows
from zjobs.wire.listing import Block, Value, item, line, line_if
from zjobs.wire.neighbours import spread
from zjobs.wire.options import Index
from zjobs.wire.values import ipv6, json_bool, json_ipv6, lookup
from zjobs.wire.walk import Layer, Walk

QUERY, REPORT, DONE, REPORT_2 = 130, 131, 132, 143
#: A query of version 2 has at least this many bytes (RFC 3810, section 8.1); a record without sources has.
_QUERY_2, _RECORD = 28, 20
RECORDS = {1: "is include", 2: "is exclude", 3: "to include", 4: "to exclude", 5: "allow new", 6: "block old"}


def second(layer: Layer) -> NDArray[np.bool_]:
    """Queries of version 2."""
    return np.asarray((layer["type"] == QUERY) & (layer.limit - layer.start >= _QUERY_2))


def records(walk: Walk, layer: Layer) -> tuple[Index, Index, Index, Index]:
    """Group records of reports: message (n,), place (n,), number of sources (n,), rank in the message (n,).

    The last of a message that was cut may have its first bytes only.
    """
    there = layer.end - layer.start
    active = np.flatnonzero((layer["type"] == REPORT_2) & (there >= 8))
    left = layer["seq"][active].astype(np.int64)
    at = layer.start[active] + 8
    parts = []
    rank = 0
    while active.size:
        going = (left > 0) & (at < layer.end[active])
        active, at, left = active[going], at[going], left[going]
        sources = walk.buf[at + 2].astype(np.int64) << 8 | walk.buf[at + 3]
        parts.append((active, at, sources, np.full(active.size, rank, dtype=np.int64)))
        at = at + _RECORD + 16 * sources + 4 * walk.buf[at + 1].astype(np.int64)
        left = left - 1
        rank += 1
    if not parts:
        none = np.zeros(0, dtype=np.int64)
        return none, none, none, none
    columns = [np.concatenate(c) for c in zip(*parts)]
    order = np.lexsort((columns[3], columns[0]))
    row, at, sources, ranks = (column[order] for column in columns)
    return row, at, sources, ranks


def values(walk: Walk, layer: Layer) -> Iterator[Value]:
    """Fields of queries and reports beside the group, which both versions have."""
    there = layer.end - layer.start
    newer = second(layer)
    old = np.flatnonzero(among(layer["type"], (QUERY, REPORT, DONE)) & ~newer & (there >= 8))
    yield Value("icmpv6.mld.maximum_response_delay", decimal(layer["id"][old]), old)
    query = np.flatnonzero(newer & (there >= _QUERY_2))
    yield Value("icmpv6.mld.maximum_response_code", decimal(layer["id"][query]), query)
    at = layer.start[query]
    flags = walk.buf[at + 24]
    sources = walk.buf[at + 26].astype(np.int64) << 8 | walk.buf[at + 27]
    yield Value("icmpv6.mld.flag", decimal(flags), query)
    yield Value("icmpv6.mld.flag.s", json_bool(flags & 8), query)
    yield Value("icmpv6.mld.flag.qrv", decimal(flags & 7), query)
    yield Value("icmpv6.mld.qqi", decimal(walk.buf[at + 25]), query)
    yield Value("icmpv6.mld.nb_sources", decimal(sources), query)
    yield _sources("icmpv6.mld.source_address", walk, layer, query, at + _QUERY_2, sources)
    report = np.flatnonzero((layer["type"] == REPORT_2) & (there >= 8))
    yield Value("icmpv6.mldr.nb_mcast_records", decimal(layer["seq"][report]), report)
    row, at, sources, _ = records(walk, layer)
    left = layer.end[row] - at
    kind, aux, number, whole = left >= 1, left >= 2, left >= 4, left >= _RECORD
    yield Value("icmpv6.mldr.mar.record_type", decimal(walk.buf[at[kind]]), row[kind])
    yield Value("icmpv6.mldr.mar.aux_data_len", decimal(walk.buf[at[aux] + 1]), row[aux])
    yield Value("icmpv6.mldr.mar.nb_sources", decimal(sources[number]), row[number])
    yield Value("icmpv6.mldr.mar.multicast_address", json_ipv6(windows(walk.buf, at[whole] + 4, 16)), row[whole])
    row, at, sources = row[whole], at[whole], sources[whole]
    yield _sources("icmpv6.mldr.mar.source_address", walk, layer, row, at + _RECORD, sources)


def _sources(name: str, walk: Walk, layer: Layer, row: Index, at: Index, count: Index) -> Value:
    """Source addresses as far as they are there."""
    row, at = spread(row, at, np.minimum(count, (layer.end[row] - at) // 16), 16)
    return Value(name, json_ipv6(windows(walk.buf, at, 16)), row)


def lines(walk: Walk, layer: Layer) -> Iterator[Block]:
    """A query's delay; the groups of a report, with their sources by number."""
    asked = (layer["type"] == QUERY) & (layer.end - layer.start >= 8)
    yield line_if(asked, item("Max Response", decimal(layer["id"])))
    row, at, sources, ranks = records(walk, layer)
    for rank in range(int(ranks.max(initial=-1)) + 1):
        here = np.flatnonzero((ranks == rank) & (at + _RECORD <= layer.end[row]))
        yield line(
            item("Group", ipv6(windows(walk.buf, at[here] + 4, 16))),
            item("Record", lookup(walk.buf[at[here]], tuple(RECORDS.items()), 256)),
            item("Sources", decimal(sources[here])),
            which=row[here],
        )
