"""Dissection: the layers of every packet of a table."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import among, distinct
from zjobs.trace.fragments import Reassembler
from zjobs.trace.table import Table
from zjobs.wire.link import Link
from zjobs.wire.protocols import selectors
from zjobs.wire.walk import Fault, Layer, Manner, Walk

#: Layers that can be the link, the network and the transport header of a packet.
LINK = ("eth", "tr", "sll", "sll2", "null")
NETWORK = ("ip", "ipv6")
TRANSPORT = ("tcp", "udp", "icmp", "icmpv6")


@dataclass(eq=False, repr=False)
class Dissection:
    """A table with its layers in order of depth, and its problems."""

    table: Table
    walk: Walk

    @property
    def layers(self) -> list[Layer]:
        """All layers, outermost first."""
        return self.walk.layers

    def outer(self, names: tuple[str, ...]) -> list[tuple[Layer, NDArray[np.int64]]]:
        """For each packet the first layer with one of these names, outside quotes: (layer, occurrences)."""
        taken = np.zeros(len(self.table), dtype=np.bool_)
        found = []
        for layer in self.layers:
            if layer.name in names:
                fresh = np.flatnonzero(~taken[layer.rows] & ~layer.quoted)
                if fresh.size:
                    taken[layer.rows[fresh]] = True
                    found.append((layer, fresh))
        return found

    @cached_property
    def network(self) -> list[tuple[Layer, NDArray[np.int64]]]:
        """The outermost IP header of each packet."""
        return self.outer(NETWORK)

    @cached_property
    def transport(self) -> list[tuple[Layer, NDArray[np.int64]]]:
        """The outermost transport header of each packet."""
        return self.outer(TRANSPORT)

    def spread(self, found: list[tuple[Layer, NDArray[np.int64]]], name: str, missing: int = 0) -> NDArray[np.int64]:
        """One value a packet from the layers that have the field, ``missing`` elsewhere."""
        out = np.full(len(self.table), missing, dtype=np.int64)
        for layer, which in found:
            if name in layer.columns.layout.by_name:
                out[layer.rows[which]] = layer[name][which]
        return out

    def take(self, chosen: NDArray[np.int64]) -> "Dissection":
        """The same layers for some packets only (ascending indices)."""
        place = np.full(len(self.table), -1, dtype=np.int64)
        place[chosen] = np.arange(chosen.size)
        walk = Walk(self.walk.buf, self.walk.origin[chosen])
        walk.native = self.walk.native
        walk.manner = self.walk.manner
        walk.known = self.walk.known
        walk.openings = [(int(place[row]), text) for row, text in self.walk.openings if place[row] >= 0]
        walk.problems = self.walk.problems.take(place)
        walk.seconds = self.walk.seconds[chosen]
        for layer in self.walk.layers:
            which = np.flatnonzero(place[layer.rows] >= 0)
            if which.size:
                kept = layer.take(which)
                walk.layers.append(replace(kept, rows=place[kept.rows]))
        return Dissection(self.table.take(chosen), walk)

    @cached_property
    def damaged(self) -> NDArray[np.int64]:
        """Packets that have at least one problem, ascending."""
        rows = self.walk.problems.row
        return np.unique(np.concatenate(rows)) if rows else np.zeros(0, dtype=np.int64)


def dissect(table: Table, reassembler: Reassembler | None = None, manner: Manner | None = None) -> Dissection:
    """Walk all packets of a table."""
    if reassembler is not None:
        reassembler.numbers = table.number
    walk = Walk(table.buf, table.data_start, reassembler)
    walk.manner = manner or Manner()
    walk.seconds = table.capture_ns // 1_000_000_000
    link = table.link
    limit = table.data_start + table.original
    rows = np.flatnonzero(link == Link.IP)
    if rows.size:
        start, end = table.data_start[rows], table.data_end[rows]
        version = np.where(end > start, table.buf[start] >> 4, 0)
        for number, name in selectors()["ip.version"].items():
            chosen = version == number
            walk.begin(name, rows[chosen], start[chosen], end[chosen], limit[rows[chosen]])
        other = ~among(version, selectors()["ip.version"]) & (end > start)
        walk.problems.add(
            "ip", Fault.VALUE, "ip.version", rows[other], rows[other] * 0, np.full(int(other.sum()), 4), version[other]
        )
    rows = np.flatnonzero(link == Link.IPV4)
    if rows.size:
        # In a file of IPv4 there may be IPv6, as Wireshark knows; under an Ethernet type it is IPv4 of a wrong version.
        link = link.copy()
        link[rows[table.buf[table.data_start[rows]] >> 4 == 6]] = Link.IPV6
    links = selectors()["link"]
    for number in distinct(link):
        if number not in links:
            continue
        name, chosen = links[number], np.flatnonzero(link == number)
        code = np.full(chosen.size, number, dtype=np.int64)
        walk.begin(name, chosen, table.data_start[chosen], table.data_end[chosen], limit[chosen], code)
    walk.run()
    if walk.buf is not table.buf:
        table = replace(table, buf=walk.buf)
    return Dissection(table, walk)


def dissected(tables: Iterable[Table], reassembler: Reassembler | None = None) -> Iterator[Dissection]:
    """Every table, walked; fragments are joined across tables when a reassembler is given."""
    for table in tables:
        yield dissect(table, reassembler)
