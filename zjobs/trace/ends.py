"""Who talks to whom: addresses, ports and protocol of every packet, whatever its headers."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from zjobs.trace.dissect import Dissection
from zjobs.trace.table import Direction
from zjobs.wire.pthdr import is_ipv4


class Ends(NamedTuple):
    """Columns (n,): IP ``version`` (0 is none), protocol (-1 is none), ports, addresses as two 64-bit halves.

    An IPv4 address is in the low half.  They come from the headers of the packet; a data-trace record,
    which has none, takes them from its packet trace header.
    """

    version: NDArray[np.uint8]
    proto: NDArray[np.int64]
    src_high: NDArray[np.uint64]
    src_low: NDArray[np.uint64]
    dst_high: NDArray[np.uint64]
    dst_low: NDArray[np.uint64]
    sport: NDArray[np.int64]
    dport: NDArray[np.int64]
    has_ports: NDArray[np.bool_]


def ends_of(found: Dissection) -> Ends:
    """The ends of every packet of a dissection."""
    count = len(found.table)
    halves = [np.zeros(count, dtype=np.uint64) for _ in range(4)]
    version = np.zeros(count, dtype=np.uint8)
    proto = np.full(count, -1, dtype=np.int64)
    sport, dport = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    has_ports = np.zeros(count, dtype=np.bool_)
    for layer, which in found.network:
        rows = layer.rows[which]
        if layer.name == "ip":
            version[rows] = 4
            halves[1][rows] = layer["src"][which]
            halves[3][rows] = layer["dst"][which]
            proto[rows] = layer["proto"][which]
        else:
            version[rows] = 6
            proto[rows] = layer["nxt"][which]
            for k, name in ((0, "src"), (2, "dst")):
                words = np.ascontiguousarray(layer.columns.octets(name)[which]).view(">u8").astype(np.uint64)
                halves[k][rows], halves[k + 1][rows] = words[:, 0], words[:, 1]
    for layer, which in found.transport:
        rows = layer.rows[which]
        proto[rows] = layer.code[which]
        if layer.name in ("tcp", "udp"):
            sport[rows], dport[rows] = layer["srcport"][which], layer["dstport"][which]
            has_ports[rows] = True
    _from_headers(found, version, proto, halves, sport, dport, has_ports)
    src_high, src_low, dst_high, dst_low = halves
    return Ends(version, proto, src_high, src_low, dst_high, dst_low, sport, dport, has_ports)


def give_directions(found: Dissection) -> None:
    """Packets whose direction nobody recorded go out from a home address, or come in to one."""
    table = found.table
    home = table.context.home
    open_ = table.direction == Direction.UNKNOWN
    if not home or not open_.any():
        return
    ends = ends_of(found)
    source, target = np.zeros(len(table), dtype=np.bool_), np.zeros(len(table), dtype=np.bool_)
    for version, high, low in home:
        same = ends.version == version
        source |= same & (ends.src_high == np.uint64(high)) & (ends.src_low == np.uint64(low))
        target |= same & (ends.dst_high == np.uint64(high)) & (ends.dst_low == np.uint64(low))
    table.direction[open_ & target] = Direction.IN
    table.direction[open_ & source] = Direction.OUT


def _from_headers(
    found: Dissection,
    version: NDArray[np.uint8],
    proto: NDArray[np.int64],
    halves: list[NDArray[np.uint64]],
    sport: NDArray[np.int64],
    dport: NDArray[np.int64],
    has_ports: NDArray[np.bool_],
) -> None:
    table = found.table
    rows = np.flatnonzero((version == 0) & (table.header >= 0) & ((table.fmtid == 5) | (table.fmtid == 8)))
    if not rows.size:
        return
    pthdr = table.pthdr
    fields = [pthdr.octets(name)[rows] for name in ("src", "dst")]
    fours = [is_ipv4(raw) for raw in fields]
    # One end alone cannot have an address of version 4: such a pair is read as it stands.
    six = np.zeros(rows.size, dtype=np.bool_)
    for raw, four in zip(fields, fours):
        six |= ~four & raw.any(axis=1)
    for k, (raw, four) in enumerate(zip(fields, fours)):
        words = np.ascontiguousarray(raw).view(">u8").astype(np.uint64)
        short = four & ~six
        halves[2 * k][rows] = np.where(short, np.uint64(0), words[:, 0])
        halves[2 * k + 1][rows] = np.where(short, words[:, 1] & np.uint64(0xFFFFFFFF), words[:, 1])
    version[rows] = np.where(six, 6, np.where(fours[0] | fours[1], 4, 0))
    sport[rows], dport[rows] = pthdr["sport"][rows], pthdr["dport"][rows]
    has_ports[rows] = True
    if table.context.header.has("proto"):
        proto[rows] = np.where(table.fmtid[rows] == 5, pthdr["proto"][rows], -1)
