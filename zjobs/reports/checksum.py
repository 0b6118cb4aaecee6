"""CHECKSUM: every checksum verified; a message, or the whole record, for each bad packet.

Reference: IP Diagnosis Guide, OPTIONS keywords, CHECKSUM.  The wording of the messages is ours.  DETAIL formats
and dumps a bad packet in its place among the records, where FORMAT and DUMP do not show it anyway.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from zjobs.reports import format
from zjobs.reports.frame import DOUBLE, Frame
from zjobs.trace.dissect import Dissection
from zjobs.weave import Some, Weave
from zjobs.wire import icmp, icmpv6, ipv4, ospf, pim, sctp, summed, tcp, udp, vrrp
from zjobs.wire.walk import Layer, Walk

NAME = "CHECKSUM"
LEVEL = "C"
ORDER = 40

_SUMS: dict[str, tuple[str, Callable[[Walk, Layer], NDArray[np.int64]]]] = {
    "ip": ("IP", ipv4.header_sum),
    "tcp": ("TCP", tcp.segment_sum),
    "udp": ("UDP", udp.datagram_sum),
    "icmp": ("ICMP", icmp.message_sum),
    "icmpv6": ("ICMPv6", icmpv6.message_sum),
    "sctp": ("SCTP", sctp.packet_sum),
    "ospf": ("OSPF", ospf.total),
    "igmp": ("IGMP", summed.over_all),
    "pim": ("PIM", pim.total),
    "eigrp": ("EIGRP", summed.over_all),
    "vrrp": ("VRRP", vrrp.total),
}

#: Messages kept for the end of the run; beyond that only the counts go on.
_MOST = 10_000


class Report:
    """Verifies the checksums of all layers, tunnelled ones too."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.good: Counter[str] = Counter()
        self.bad: Counter[str] = Counter()
        self.open: Counter[str] = Counter()
        self.messages: list[str] = []
        shown = {"FORMAT", "DUMP"} <= set(frame.options.reports)
        self.records: format.Report | None = None
        if frame.options.detail(NAME) == "DETAIL" and not shown:
            options = replace(frame.options, reports=("FORMAT", "DUMP"), details={})
            self.records = format.Report(replace(frame, options=options))

    def add(self, weave: Weave, found: Dissection) -> None:
        """Verify a batch."""
        bad = np.zeros(len(found.table), dtype=np.bool_)
        for layer in found.layers:
            if layer.name not in _SUMS:
                continue
            title, make = _SUMS[layer.name]
            total = np.where(layer.quoted, -1, make(found.walk, layer))
            # A sum of words comes out as FFFF, a CRC as what the packet has.
            right = total == (layer["checksum"] if layer.name == "sctp" else 0xFFFF)
            wrong = np.flatnonzero((total >= 0) & ~right)
            bad[layer.rows[wrong]] = True
            self.good[title] += int(right.sum())
            self.bad[title] += wrong.size
            self.open[title] += int((total < 0).sum())
            digits = 2 * layer.columns.layout.by_name["checksum"].size
            for row, value, sum_ in zip(
                found.table.number[layer.rows[wrong]].tolist(), layer["checksum"][wrong].tolist(), total[wrong].tolist()
            ):
                if len(self.messages) < _MOST:
                    self.messages.append(
                        f"Record {row}: {title} checksum error, found {value:0{digits}X}, sum {sum_:0{digits}X}"
                    )
        rows = np.flatnonzero(bad)
        if self.records is not None and rows.size:
            self.records.add(Some(weave, rows), found.take(rows))

    def end(self) -> Iterator[str]:
        """One line a bad packet, then the counts."""
        yield DOUBLE
        yield "Checksum Report"
        yield from self.messages
        if sum(self.bad.values()) > len(self.messages):
            yield f"{sum(self.bad.values()) - len(self.messages):,} more checksum errors are not listed"
        yield "    Good      Bad  Unverified Checksum"
        for title in sorted({*self.good, *self.bad, *self.open}):
            yield f"{self.good[title]:>8,} {self.bad[title]:>8,} {self.open[title]:>11,} {title}"
