"""Which packets: the filters of OPTIONS((...)) as column operations.

Values of one list are ORed, different kinds of filter are ANDed; an address, port or interface matches at
either end (IP Diagnosis Guide, OPTIONS keywords).
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import among
from zjobs.errors import RequestError
from zjobs.trace.dissect import LINK, Dissection
from zjobs.trace.ends import Ends, ends_of
from zjobs.trace.table import Direction, State, Table
from zjobs.wire.layout import Columns
from zjobs.wire.pthdr import HeaderLayout

Mask = NDArray[np.bool_]

#: Filters on a field of the packet trace header, which a layout may or may not have.
HEADER_FIELDS = {"cid": "cid", "discard": "droprsn", "asid": "asid", "qid": "qid", "deviceid": "deviceid"}


class Range(NamedTuple):
    """Numbers from ``low`` to ``high``, both included."""

    low: int
    high: int


class Address(NamedTuple):
    """A network of one IP version, optionally tied to a port; halves are 64 bits, an IPv4 address is in the low one."""

    version: int
    high: int
    low: int
    mask_high: int
    mask_low: int
    port: int | None = None
    host_only: bool = False


@dataclass(frozen=True)
class Selection:
    """All filters of one run.  Times are nanoseconds since 1970 UTC of the trace buffer, as START and STOP compare."""

    addresses: tuple[Address, ...] = ()
    ports: tuple[Range, ...] = ()
    numbers: dict[str, tuple[Range, ...]] = field(default_factory=dict)
    interfaces: tuple[str, ...] = ()
    jobnames: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    all_flags: bool = True
    datasize: int = 0
    invert: bool = False
    start_ns: int | None = None
    stop_ns: int | None = None
    limit: int = 999999999
    entry_ids: tuple[int, ...] = ()
    reassemble: bool = True
    #: The longest datagram that is joined, and whether those that were joined are listed.
    longest: int = 65535
    list_joined: bool = False
    segments: bool = True
    devtypes: tuple[str, ...] = ()
    #: JOBLIST of the CTRACE subcommand: first eight characters of an interface name, or a job name.
    joblist: tuple[str, ...] = ()
    #: User exits, called before and after all filters; they are loaded only when that is allowed.
    exit_before: str = ""
    exit_after: str = ""
    allow_exit: bool = False

    def check(self, header: HeaderLayout) -> None:
        """Raises RequestError for a filter on a field that this trace header does not have."""
        for name, field_name in HEADER_FIELDS.items():
            if name in self.numbers and not header.has(field_name):
                raise RequestError(
                    "ZJB0210E", keyword=name.upper(), field=field_name, layout=header.layout.name
                )  # fmt: skip
        for device in self.devtypes:
            if not device.isdigit() and device not in header.device_types.values():
                known = ", ".join(sorted(set(header.device_types.values()))) or "none"
                raise RequestError("ZJB0211E", device=device, layout=header.layout.name, known=known)

    def by_time(self, table: Table) -> Table:
        """START, STOP and ENTIDLIST: what never gets a record number."""
        keep = np.ones(len(table), dtype=np.bool_)
        if self.start_ns is not None:
            keep &= table.time_ns >= self.start_ns
        if self.stop_ns is not None:
            keep &= table.time_ns <= self.stop_ns
        if self.entry_ids:
            keep &= among(table.fmtid, self.entry_ids)
        return table if keep.all() else table.take(np.flatnonzero(keep))

    def packets(self, found: Dissection) -> Mask | None:
        """Which packets of a dissection pass; None when there is no filter at all."""
        kinds: list[Mask] = []
        ends = ends_of(found)
        if self.addresses:
            kinds.append(_any([_address(ends, a) for a in self.addresses]))
        if self.ports:
            kinds.append(_in(ends.sport, self.ports, ends.has_ports) | _in(ends.dport, self.ports, ends.has_ports))
        if self.interfaces:
            kinds.append(_named(found.table, self.interfaces, found.table.fmtid != 5))
        if self.jobnames:
            kinds.append(_named(found.table, self.jobnames, found.table.fmtid == 5))
        if self.devtypes:
            kinds.append(_devices(found.table, self.devtypes))
        if self.layers:
            kinds.append(_any([_layer(found, name) for name in self.layers]))
        if self.datasize:
            kinds.append(_datasize(found) >= self.datasize)
        kinds += [_number(found, ends, n, ranges) for n, ranges in self.numbers.items() if n != "asid"]
        if self.flags:
            masks = [_flag(found, ends, name) for name in self.flags]
            kinds.append(np.logical_and.reduce(masks) if self.all_flags else _any(masks))
        if kinds and self.invert:
            kinds = [np.asarray(~np.logical_and.reduce(kinds))]
        # ASIDLIST and JOBLIST are of the subcommand: NOT, a word of OPTIONS, does not turn them round.
        if "asid" in self.numbers:
            kinds.append(_number(found, ends, "asid", self.numbers["asid"]))
        if self.joblist:
            kinds.append(_jobs(found.table, self.joblist))
        return np.asarray(np.logical_and.reduce(kinds)) if kinds else None


def _any(masks: list[Mask]) -> Mask:
    return np.asarray(np.logical_or.reduce(masks))


def _in(values: NDArray[np.int64], ranges: tuple[Range, ...], valid: Mask | None = None) -> Mask:
    hit = _any([(values >= r.low) & (values <= r.high) for r in ranges])
    return hit if valid is None else hit & valid


def _address(ends: Ends, want: Address) -> Mask:
    hit = np.zeros(ends.version.size, dtype=np.bool_)
    for high, low, port in ((ends.src_high, ends.src_low, ends.sport), (ends.dst_high, ends.dst_low, ends.dport)):
        here = ends.version == want.version
        if want.host_only:
            # The network part of the class is zero: only the host part names something.
            here &= (low > 0) & (low < np.uint64(1 << 24))
        else:
            here &= (high & np.uint64(want.mask_high)) == np.uint64(want.high)
            here &= (low & np.uint64(want.mask_low)) == np.uint64(want.low)
        if want.port is not None:
            here &= ends.has_ports & (port == want.port)
        hit |= here
    return hit


def _named(table: Table, patterns: tuple[str, ...], valid: Mask) -> Mask:
    names = table.interface_names()
    wanted = np.array([any(_like(n.upper(), p) for p in patterns) for n in names], dtype=np.bool_)
    return np.asarray(wanted[table.interface] & valid)


def _jobs(table: Table, jobs: tuple[str, ...]) -> Mask:
    wanted = np.array([name.upper()[:8] in jobs for name in table.interface_names()], dtype=np.bool_)
    return np.asarray(wanted[table.interface])


def _devices(table: Table, types: tuple[str, ...]) -> Mask:
    known = table.context.header.device_types
    codes = [int(t) for t in types if t.isdigit()] + [code for code, name in known.items() if name in types]
    # The header of a data-trace record has no device.
    return np.asarray(among(table.pthdr["devty"], codes) & (table.header >= 0) & (table.fmtid != 5))


def _like(name: str, pattern: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern


def _layer(found: Dissection, name: str) -> Mask:
    mask = np.zeros(len(found.table), dtype=np.bool_)
    for layer in found.layers:
        if layer.name == name:
            mask[layer.rows] = True
    return mask


def _datasize(found: Dissection) -> NDArray[np.int64]:
    size = found.table.traced.copy()
    for layer, which in found.transport:
        size[layer.rows[which]] = (layer.limit - layer.payload)[which]
    return size


def _number(found: Dissection, ends: Ends, name: str, ranges: tuple[Range, ...]) -> Mask:
    """Lists of numbers by what they are compared with."""
    table = found.table
    missing = -1
    match name:
        case "protocol":
            return _in(ends.proto, ranges) | _any_protocol(found, ranges)
        case "version":
            return _in(ends.version.astype(np.int64), ranges)
        case "type":
            return _in(table.fmtid.astype(np.int64), ranges)
        case "record":
            return _in(table.number, ranges)
        case "ipid":
            return _in(found.spread(found.network, "id", missing), ranges)
        case "qos":
            return _in(found.spread(found.network, "precedence", missing), ranges)
        case "tclass":
            return _in(found.spread(found.network, "tclass", missing), ranges)
        case "vlan" | "ethtype":
            layers = found.outer(("vlan",)) if name == "vlan" else found.outer(("eth",))
            return _in(found.spread(layers, "id" if name == "vlan" else "type", missing), ranges)
        case "mac":
            return _mac(found, ranges)
        case "element":
            return _element(found, ranges)
    value = np.full(len(table), missing, dtype=np.int64)
    field_name = HEADER_FIELDS[name]
    has = (table.header >= 0) & ((name != "cid") | (table.fmtid == 5))
    if table.context.header.has(field_name):
        there = table.pthdr.present(field_name)
        has = has & there if there is not None else has
        value[has] = table.pthdr[field_name][has]
    return _in(value, ranges)


def macs(columns: Columns, name: str) -> NDArray[np.int64]:
    """Six-byte addresses as numbers."""
    wide = np.zeros((len(columns), 8), dtype=np.uint8)
    wide[:, 2:] = columns.octets(name)
    return wide.view(">u8").reshape(-1).astype(np.int64)


def _mac(found: Dissection, ranges: tuple[Range, ...]) -> Mask:
    """Either address of the outermost link header; the first bit of a token-ring source is no part of it."""
    mask = np.zeros(len(found.table), dtype=np.bool_)
    for layer, which in found.outer(LINK):
        for name, kept in (("dst", -1), ("src", -1), ("srcmac", ~(1 << 47))):
            field_ = layer.columns.layout.by_name.get(name)
            if field_ is not None and field_.kind == "b6":
                mask[layer.rows[which]] |= _in(macs(layer.columns, name)[which] & kept, ranges)
    return mask


def _element(found: Dissection, ranges: tuple[Range, ...]) -> Mask:
    """Origin or destination element of an SNA transmission header, wherever it is in the packet."""
    mask = np.zeros(len(found.table), dtype=np.bool_)
    for layer in found.layers:
        for name in ("oef", "def"):
            if name in layer.columns.layout.by_name:
                mask[layer.rows[_in(layer[name].astype(np.int64), ranges)]] = True
    return mask


def _any_protocol(found: Dissection, ranges: tuple[Range, ...]) -> Mask:
    """Packets with such a header anywhere: AH, ESP and extension headers are protocols too."""
    mask = np.zeros(len(found.table), dtype=np.bool_)
    for layer in found.layers:
        for name in ("proto", "nxt"):
            if name in layer.columns.layout.by_name:
                mask[layer.rows[_in(layer[name].astype(np.int64), ranges)]] = True
    return mask


_TCP_FLAGS = {"URG": 0x20, "ACK": 0x10, "PSH": 0x08, "RST": 0x04, "SYN": 0x02, "FIN": 0x01}


def _flag(found: Dissection, ends: Ends, name: str) -> Mask:
    """One packet characteristic of FLAGS(...)."""
    table = found.table
    tcp = found.outer(("tcp",))
    if name in _TCP_FLAGS:
        return found.spread(tcp, "flags") & _TCP_FLAGS[name] > 0
    more, offset = fragmentation(found)
    match name:
        case "ABBREV":
            return np.asarray(table.traced < table.original)
        case "FULL":
            return np.asarray(table.traced >= table.original)
        case "IN":
            return np.asarray(table.direction == Direction.IN)
        case "OUT":
            return np.asarray(table.direction == Direction.OUT)
        case "IPV4":
            return np.asarray(ends.version == 4)
        case "IPV6":
            return np.asarray(ends.version == 6)
        case "DF":
            return np.asarray(found.spread(found.network, "df") > 0)
        case "FIC":
            return np.asarray(more & (offset == 0))
        case "MIC":
            return np.asarray(more & (offset > 0))
        case "LIC":
            return np.asarray(~more & (offset > 0))
        case "OIC":
            return np.asarray(~more & (offset == 0) & (ends.version > 0))
        case "IC":
            return more | (offset > 0)
        case "HOME":
            same = (ends.src_high == ends.dst_high) & (ends.src_low == ends.dst_low)
            return np.asarray((ends.version > 0) & same)
        case "IPO":
            return np.asarray(found.spread(found.network, "ihl") > 5)
        case "IPEXT":
            return _any([_layer(found, n) for n in ("hopopts", "dstopts", "routing", "fragment", "ah", "mobility")])
        case "TCPO":
            return found.spread(tcp, "hlen") > 5
        case "PING":
            return among(found.spread(found.outer(("icmp",)), "type", -1), (0, 8)) | among(
                found.spread(found.outer(("icmpv6",)), "type", -1), (128, 129)
            )
        case "RSM":
            return _reassembled(found)
        case "SEG":
            return np.asarray(table.state & (State.REJOINED | State.INCOMPLETE | State.SEGMENT) > 0)
        case "OFFLOAD":
            return _offloaded(table)
        case "TUNNEL":
            return _any_protocol(found, (Range(4, 4), Range(41, 41), Range(47, 47)))
        case _:
            has = found.spread(tcp, "hlen") > 0
            return np.asarray(has & (found.spread(tcp, "window", 1) == 0))


def _offloaded(table: Table) -> Mask:
    """Packets that the adapter was to cut into segments: their header tells the segment length."""
    if not table.context.header.has("offseglen"):
        return np.zeros(len(table), dtype=np.bool_)
    size = np.where(table.header >= 0, table.pthdr["offseglen"], 0)
    return np.asarray((size > 0) & (table.fmtid != 5))


def fragmentation(found: Dissection) -> tuple[Mask, NDArray[np.int64]]:
    """Whether more fragments follow each packet, and its offset in the datagram (not zero behind the first)."""
    more = (found.spread(found.network, "mf") > 0) | (found.spread(found.outer(("fragment",)), "more") > 0)
    offset = found.spread(found.network, "fragment") + found.spread(found.outer(("fragment",)), "offset")
    return more, offset


def _reassembled(found: Dissection) -> Mask:
    mask = np.zeros(len(found.table), dtype=np.bool_)
    for layer, which in found.transport:
        rows = layer.rows[which]
        outside = layer.start[which] >= found.table.end[rows]
        mask[rows[outside]] = True
    return mask
