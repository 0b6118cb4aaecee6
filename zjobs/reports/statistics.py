"""STATISTICS and TALLY: counters of the run, and tables by record type, address, port and the like.

Reference: IP Diagnosis Guide, STATISTICS report.  Words are those of its samples; the columns of the tables
are proposed.  Data is the sum of IP packet lengths, header included.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import items
from zjobs.page import clock
from zjobs.reports import reassembly, record_line
from zjobs.reports.frame import DOUBLE, Frame
from zjobs.reports.tally import Batch, Counter, Row
from zjobs.trace.dissect import LINK, Dissection
from zjobs.trace.ends import ends_of
from zjobs.trace.select import macs
from zjobs.trace.table import Direction
from zjobs.weave import Weave
from zjobs.wire import cte, ethernet
from zjobs.wire.services import SERVICES
from zjobs.wire.values import PROTOCOLS, ipv6_text

NAME = "STATISTICS"
LEVEL = "B"
ORDER = 60

_HEAD = "   Total   Input     Data  Output     Data    First yyyy/mm/dd hh.mm.ss     Last yyyy/mm/dd hh.mm.ss {}"

#: The most keys a table prints; a scan makes millions of addresses, and a listing is read by people.
_MOST_ROWS = 1000


@dataclass
class Table:
    """One count table: its name, and how a key is shown."""

    name: str
    show: Callable[[int], str]
    counter: Counter = field(default_factory=Counter)


class Report:
    """Counts every packet that passed the selection."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.detail = frame.options.details.get("STATISTICS", "SUMMARY") == "DETAIL"
        self.addresses6: list[bytes] = []
        self._index6: dict[bytes, int] = {}
        devices = frame.trace.context.header.devices
        discards = frame.trace.context.header.discards
        names = frame.trace.context.names.texts
        self.tables = {
            "type": Table("Record Type", lambda k: f"{k}({cte.FORMAT_IDS.get(k, ('', 'Unknown'))[1]})"),
            "version": Table("Ip Version", lambda k: f"{k}(IPv{k})" if k else "0(none)"),
            "device": Table("Device Type", lambda k: f"{k}({devices.get(k, 'Unknown')})" if k >= 0 else "Sniffer"),
            "interface": Table("Interface", lambda k: names[k] or "(none)"),
            "job": Table("Job Name", lambda k: names[k]),
            "protocol": Table("Protocol", lambda k: f"{k}({PROTOCOLS.get(k, '')})" if k >= 0 else "(none)"),
            "address": Table("Ip Address", self._address),
            "tcp": Table("TCP Port", lambda k: f"{k}({SERVICES.get(k, '')})", Counter(65536)),
            "udp": Table("UDP Port", lambda k: f"{k}({SERVICES.get(k, '')})", Counter(65536)),
            # Of link frames; IBM's words for these tables are not known.
            "ethertype": Table("Ethernet Type", _ethernet_type),
            "deviceid": Table("Device ID", lambda k: f"{k:08X}"),
            "mac": Table("MAC Address", lambda k: f"{k:012X}"),
            "vlan": Table("VLAN Id", str),
            "discard": Table("Discard Code", lambda k: record_line.discard_text(k, discards)),
            "qid": Table("QID", str),
        }

    def add(self, weave: Weave, found: Dissection) -> None:
        """Count a batch; prints nothing in place."""
        if not self.detail:
            return
        table = found.table
        size = table.original.copy()
        for layer, which in found.network:
            size[layer.rows[which]] = (layer.limit - layer.start)[which]
        batch = Batch(table.number, table.time_ns + self.frame.style.offset_ns, table.direction == Direction.OUT, size)
        ends = ends_of(found)
        rows = self.tables
        rows["type"].counter.add(table.fmtid.astype(np.int64), batch)
        rows["version"].counter.add(ends.version.astype(np.int64), batch)
        data = table.fmtid == cte.DATA_TRACE
        device = np.where(table.header >= 0, table.pthdr["devty"].astype(np.int64), -1)
        packets = np.flatnonzero(~data) if data.any() else None
        interface = table.interface.astype(np.int64)
        rows["device"].counter.add(device if packets is None else device[packets], batch, packets)
        rows["interface"].counter.add(interface if packets is None else interface[packets], batch, packets)
        jobs = np.flatnonzero(data)
        rows["job"].counter.add(interface[jobs], batch, jobs)
        rows["protocol"].counter.add(ends.proto, batch)
        # An address or port counts where it is source and where it is destination; once when it is both.
        four = np.flatnonzero(ends.version == 4)
        source, target = ends.src_low[four].astype(np.int64), ends.dst_low[four].astype(np.int64)
        rows["address"].counter.add(source, batch, four)
        other = source != target
        rows["address"].counter.add(target[other], batch, four[other])
        six = np.flatnonzero(ends.version == 6)
        if six.size:
            source = self._codes6(ends.src_high[six], ends.src_low[six])
            target = self._codes6(ends.dst_high[six], ends.dst_low[six])
            rows["address"].counter.add(source, batch, six)
            other = source != target
            rows["address"].counter.add(target[other], batch, six[other])
        for name, proto in (("tcp", 6), ("udp", 17)):
            which = np.flatnonzero((ends.proto == proto) & ends.has_ports)
            rows[name].counter.add(ends.sport[which], batch, which)
            other = ends.sport[which] != ends.dport[which]
            rows[name].counter.add(ends.dport[which][other], batch, which[other])

        self._count_links(found, batch)

    def _count_links(self, found: Dissection, batch: Batch) -> None:
        """Link headers, and what only the trace header tells of a frame."""
        table, rows = found.table, self.tables
        for layer, which in found.outer(("eth",)):
            rows["ethertype"].counter.add(layer["type"][which].astype(np.int64), batch, layer.rows[which])
        for layer, which in found.outer(LINK):
            names = [n for n in ("src", "srcmac", "dst") if n in layer.columns.layout.by_name]
            kinds = {layer.columns.layout.by_name[n].kind for n in names}
            if len(names) == 2 and kinds == {"b6"}:
                source, target = (macs(layer.columns, n)[which] for n in names)
                rows["mac"].counter.add(source, batch, layer.rows[which])
                other = source != target
                rows["mac"].counter.add(target[other], batch, layer.rows[which][other])
        for layer, which in found.outer(("vlan",)):
            rows["vlan"].counter.add(layer["id"][which].astype(np.int64), batch, layer.rows[which])
        header = table.context.header
        for name, field_name in (("deviceid", "deviceid"), ("discard", "droprsn"), ("qid", "qid")):
            if header.has(field_name):
                value = np.where(table.header >= 0, table.pthdr[field_name], 0).astype(np.int64)
                there = np.flatnonzero(value > 0)
                rows[name].counter.add(value[there], batch, there)

    def _codes6(self, high: NDArray[np.uint64], low: NDArray[np.uint64]) -> NDArray[np.int64]:
        """IPv6 addresses as negative keys: the ordinal in which they were met."""
        pairs = np.stack([high, low], axis=1).astype(">u8")
        distinct, where = np.unique(items(pairs), return_inverse=True)
        codes = np.empty(distinct.size, dtype=np.int64)
        for k, raw in enumerate(distinct):
            address = raw.tobytes()
            if address not in self._index6:
                self._index6[address] = len(self.addresses6)
                self.addresses6.append(address)
            codes[k] = -1 - self._index6[address]
        return np.asarray(codes[where.reshape(-1)])

    def _address(self, key: int) -> str:
        if key < 0:
            return ipv6_text(self.addresses6[-1 - key])
        return ".".join(str(key >> shift & 255) for shift in (24, 16, 8, 0))

    def end(self) -> Iterator[str]:
        """Reassembly line, the eight counters, then the tables (STATISTICS(DETAIL))."""
        counts = self.frame.trace.counts
        if "REASSEMBLY" not in self.frame.options.devices:
            yield from reassembly.head(self.frame.trace)
        yield DOUBLE
        component = self.frame.trace.info.component or "SYSTCPDA"
        yield f"{component} Trace Statistics"
        for value, text in (
            (counts.processed, "ctrace records processed"),
            (counts.segmented, "segmented trace records read"),
            (counts.segments_lost, "segmented trace records were lost"),
            (counts.read, "trace records read"),
            (counts.invalid, "records could not be validated"),
            (counts.passed, "records passed filtering"),
            (counts.packets, "packet trace records processed"),
            (counts.data, "data trace records processed"),
        ):
            yield f"{value:>13,} {text}"
        yield DOUBLE
        for table in self.tables.values():
            if len(table.counter) and self.detail:
                yield from _lines(table)


def _ethernet_type(kind: int) -> str:
    return f"{kind:04X}({ethernet.TYPES.get(kind, '802.3' if kind <= 1500 else '')})"


def _lines(table: Table) -> Iterator[str]:
    yield f"{table.name} Report"
    yield _HEAD.format(table.name)
    counter = table.counter
    # IPv6 addresses have negative keys, in the order in which they were met.
    met = counter.met()
    order = met[np.lexsort((np.abs(counter.keys[met]), counter.keys[met] < 0))]
    shown = order
    if order.size > _MOST_ROWS:
        busiest = met[np.argsort(-counter.columns["total"][met], kind="stable")[:_MOST_ROWS]]
        shown = order[np.isin(order, busiest)]
    for key, row in zip(counter.keys[shown].tolist(), counter.rows(shown)):
        first, last = (
            f"{row.first:>8} {_stamp(row.first_ns // _SECOND)}",
            f"{row.last:>8} {_stamp(row.last_ns // _SECOND)}",
        )
        yield f"{_counts(row)} {first} {last} {table.show(key)}"
    if shown.size < order.size:
        yield f"{order.size - shown.size:>8,} {table.name}(s) with fewer packets are not shown"
    yield f"{_counts(counter.sum())}{' ' * 58}Total"
    yield f"{order.size:>7,} {table.name}(s) found"
    yield ""


def _counts(row: Row) -> str:
    return f"{row.total:>8,} {row.input:>7,} {row.input_size:>8} {row.output:>7,} {row.output_size:>8}"


_SECOND = 1_000_000_000


@lru_cache(4096)
def _stamp(seconds: int) -> str:
    day, rest = divmod(seconds, 86400)
    return f"{clock.day_text(day)} {rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"
