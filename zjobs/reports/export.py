"""EXPORT: one line of comma-separated values a packet, in a file of its own (ddname EXPORT).

Reference: IP Diagnosis Guide, EXPORT report.  The columns of EXPORT(SUMMARY) are those of its sample; what a
TCP packet says under Summary, and the columns that EXPORT(DETAIL) adds, are ours.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import (
    Chars,
    by_value,
    constant,
    decimal,
    either,
    from_texts,
    ipv4,
    joined,
    left,
    only,
    replaced,
    right,
    zero_filled,
)
from zjobs.page import clock
from zjobs.reports.frame import DOUBLE, Frame
from zjobs.reports.record_line import address_texts
from zjobs.reports.summary import flag_words, protocol_data
from zjobs.sink import pour
from zjobs.trace.dissect import Dissection
from zjobs.trace.ends import Ends, ends_of
from zjobs.trace.select import fragmentation
from zjobs.trace.table import Direction
from zjobs.weave import Weave
from zjobs.wire import arp, icmp, udp
from zjobs.wire.values import PROTOCOLS, hex2

NAME = "EXPORT"
LEVEL = "A"
ORDER = 70
FILE = "EXPORT"

HEADING = (
    '"Flags ","Packet","Absolute Time  ","Rel Time","Delta Time","Device          ","Source          ",'
    '"Destination     ","IpId","IpLen","Protocol  ","Summary"'
)
DETAIL = ',"Tos","TTL","SrcPort","DstPort","Seq","Ack","Window","TcpFlags","DataLen"'

_ADDRESS = 16


class Report:
    """Writes the file batch by batch; the listing gets three lines."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.output = frame.outputs[FILE]
        self.detail = frame.options.detail(NAME) == "DETAIL"
        self.first: int | None = None
        self.last = 0
        self.records = self.size = 0
        self._write((HEADING + (DETAIL if self.detail else "") + "\n").encode("ascii"), 1)

    def add(self, weave: Weave, found: Dissection) -> None:
        """One row a packet, in the file."""
        self._rows(found)

    def end(self) -> Iterator[str]:
        """How much was written, and where."""
        yield DOUBLE
        yield "Export Report"
        yield f"  {self.records:,} records written to {self.output.name}"
        yield f"  {self.size:,} bytes written"

    def _write(self, data: bytes | memoryview, records: int) -> None:
        self.records += records
        self.size += len(data)
        pour(self.output.sink, data)

    def _rows(self, found: Dissection) -> None:
        count = len(found.table)
        time = self.frame.record_time(found)
        if self.first is None:
            self.first = self.last = int(time[0])
        ends = ends_of(found)
        source, destination = address_texts(found)
        for layer, which in found.outer(("arp",)):
            source = replaced(source, layer.rows[which], ipv4(layer["srcip"][which]))
            destination = replaced(destination, layer.rows[which], ipv4(layer["dstip"][which]))
        # The sample pads IPv4 addresses only.
        six = ends.version == 6
        length, ident = _lengths(found)
        row = [
            _quoted(_flags(found)),
            right(decimal(found.table.number), 8),
            _quoted(clock.time_of_day(time)),
            right(_seconds(time - self.first), 10),
            right(_seconds(np.diff(time, prepend=self.last)), 12),
            _quoted(_devices(found)),
            _quoted(either(six, source, left(source, _ADDRESS))),
            _quoted(either(six, destination, left(destination, _ADDRESS))),
            right(decimal(ident), 6),
            right(decimal(length), 7),
            _quoted(_protocols(found, ends)),
            _quoted(_summaries(found, ends)),
        ]
        if self.detail:
            row += _details(found, ends)
        self.last = int(time[-1])
        comma = constant(",", count)
        pieces = [p for value in row for p in (value, comma)]
        weave = Weave(count)
        weave.add(joined(*pieces[:-1], constant("\n", count)))
        self._write(weave.render().data, count)


def _quoted(text: Chars) -> Chars:
    quote = constant('"', text.lens.size)
    return joined(quote, text, quote)


def _seconds(ns: NDArray[np.int64]) -> Chars:
    """Seconds with six decimals, what is below a microsecond cut off."""
    us = np.abs(ns) // 1000
    sign = only(ns < 0, constant("-", ns.size))
    return joined(sign, decimal(us // 1_000_000), constant(".", ns.size), zero_filled(us % 1_000_000, 6))


def _flags(found: Dissection) -> Chars:
    """Six places: 1 the direction, 3 the place in a chain of fragments, the rest blank."""
    version = ends_of(found).version
    more, offset = fragmentation(found)
    chain = np.where(more, np.where(offset > 0, 2, 1), np.where(offset > 0, 3, 0))
    key = np.where(version == 0, 4, chain) << 4 | found.table.direction

    def show(value: int) -> str:
        way = {Direction.IN: "I", Direction.OUT: "O"}.get(Direction(value & 15), "-")
        return f"{way} {'OFML '[value >> 4]}   "

    return by_value(key, show)


def _devices(found: Dissection) -> Chars:
    names = [name.ljust(16).replace('"', '""') for name in found.table.interface_names()]
    return from_texts(names).take(found.table.interface.astype(np.intp))


def _lengths(found: Dissection) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Length of the whole IP packet, and the halfword at offset 4 of its header (IPv6: the payload length)."""
    length, ident = found.table.original.copy(), np.zeros(len(found.table), dtype=np.int64)
    for layer, which in found.network:
        rows = layer.rows[which]
        if layer.name == "ip":
            said = layer["len"][which].astype(np.int64)
            length[rows] = np.where(said > 0, said, (layer.limit - layer.start)[which])
            ident[rows] = layer["id"][which]
        else:
            ident[rows] = layer["plen"][which]
            length[rows] = ident[rows] + 40
    return length, ident


def _protocols(found: Dissection, ends: Ends) -> Chars:
    names = by_value(ends.proto, lambda p: "" if p < 0 else PROTOCOLS.get(p, str(p)))
    for layer, which in found.outer(("arp",)):
        names = replaced(names, layer.rows[which], constant("ARP", which.size))
    return names


def _summaries(found: Dissection, ends: Ends) -> Chars:
    count = len(found.table)
    _, _, length = protocol_data(found)
    text = only(ends.proto != 58, joined(constant("LEN=", count), decimal(length)))
    text = either(ends.proto == 58, constant("ICMPv6", count), text)
    for layer, which in found.transport:
        rows = layer.rows[which]
        one = layer.take(which)
        if layer.name == "udp":
            size = joined(constant(" LEN=", rows.size), decimal(udp.told_length(one)))
            text = replaced(text, rows, joined(_ends(one["srcport"], one["dstport"]), size))
        elif layer.name == "tcp":
            words = flag_words(one["flags"].astype(np.int64))
            numbers = [constant(" ", rows.size), words]
            values = (("SEQ", one["seq"]), ("ACK", one["ack"]), ("WIN", one["window"]), ("LEN", length[rows]))
            for label, value in values:
                numbers += [constant(f" {label}=", rows.size), decimal(value)]
            text = replaced(text, rows, joined(_ends(one["srcport"], one["dstport"]), *numbers))
        elif layer.name == "icmp":
            kind = by_value(one["type"], lambda t: icmp.TYPES.get(t, "?"))
            size = np.maximum(one.limit - one.start - 8, 0)
            text = replaced(text, rows, joined(kind, constant(" LEN=", rows.size), decimal(size)))
    for layer, which in found.outer(("arp",)):
        text = replaced(text, layer.rows[which], arp.opcodes(layer["opcode"][which]))
    return text


def _ends(sport: NDArray[np.uint16], dport: NDArray[np.uint16]) -> Chars:
    return joined(constant("S=", sport.size), decimal(sport), constant(" D=", sport.size), decimal(dport))


def _details(found: Dissection, ends: Ends) -> list[Chars]:
    """The columns of EXPORT(DETAIL); empty where the packet has no such field."""
    _, _, length = protocol_data(found)
    tcp = found.outer(("tcp",))
    network, is_tcp = ends.version > 0, found.spread(tcp, "hlen", -1) >= 0
    tos = found.spread(found.network, "tos", -1)
    tos = np.where(tos < 0, found.spread(found.network, "tclass"), tos)
    ttl = found.spread(found.network, "ttl", -1)
    ttl = np.where(ttl < 0, found.spread(found.network, "hlim"), ttl)
    headed = found.spread(found.network, "version", -1) >= 0
    return [
        _quoted(only(headed, hex2(tos))),
        only(headed, decimal(ttl)),
        only(ends.has_ports, decimal(ends.sport)),
        only(ends.has_ports, decimal(ends.dport)),
        *(only(is_tcp, decimal(found.spread(tcp, name))) for name in ("seq", "ack", "window")),
        _quoted(only(is_tcp, flag_words(found.spread(tcp, "flags")))),
        only(network | (found.table.fmtid > 0), decimal(length)),
    ]
