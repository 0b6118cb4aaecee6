"""SNIFFER: the packets in a pcap file of its own (ddname SNIFFER).

Reference: IP Diagnosis Guide, OPTIONS keywords, SNIFFER; pcap as of draft-ietf-opsawg-pcap.  The formatter
writes Sniffer files with a made-up link header; this one writes pcap whatever the type that was asked for:
link type 101 (raw IP), or 1 (Ethernet) when the trace holds link frames.  Numbers are big-endian.
"""

import struct
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import copy_stretches, items, rows_view
from zjobs.messages import render
from zjobs.reports.frame import DOUBLE, Frame
from zjobs.sink import pour
from zjobs.trace.dissect import Dissection
from zjobs.weave import Weave
from zjobs.wire.link import Link
from zjobs.words import counted

NAME = "SNIFFER"
LEVEL = "B"
ORDER = 75
FILE = "SNIFFER"

_RAW, _ETHERNET = 101, 1
_MAGIC = 0xA1B2C3D4
_HEAD = 16
#: In front of an IP packet in a file of frames: no addresses, then the EtherType.
_MADE_UP = 14


class Report:
    """Writes the packets batch by batch; the listing gets their number."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.output = frame.outputs[FILE]
        self.most = int(frame.options.value(NAME)[0])
        self.link = -1
        self.records = self.size = self.cut = self.left_out = 0

    def add(self, weave: Weave, found: Dissection) -> None:
        """The packets of a batch, in the file."""
        self._packets(found)

    def end(self) -> Iterator[str]:
        """How much was written, and where."""
        if self.link < 0:
            self._begin(_RAW)
        yield DOUBLE
        yield "Sniffer Report"
        yield f"{self.records:>7,} records written to {self.output.name}"
        yield f"{self.size:>7,} bytes written"
        if self.cut:
            yield f"{self.cut:>7} packets were abbreviated"
        if self.left_out:
            yield (
                counted(f"{self.left_out:>7}", "record holds no packet and was|records hold no packet and were")
                + " left out"
            )

    def _write(self, data: bytes | memoryview) -> None:
        self.size += len(data)
        pour(self.output.sink, data)

    def _begin(self, link: int) -> None:
        self.link = link
        self._write(struct.pack(">IHHiIII", _MAGIC, 2, 4, 0, 0, self.most, link))

    def _packets(self, found: Dissection) -> None:
        table = found.table
        start, end = table.data_start.copy(), table.data_end
        original = table.original.copy()
        bare = table.link == Link.IP
        framed = table.link == Link.ETHERNET
        if self.link < 0 and (bare | framed).any():
            self._begin(_ETHERNET if framed.any() else _RAW)
        head = np.zeros(len(table), dtype=np.int64)
        if self.link == _ETHERNET:
            head[bare] = _MADE_UP
            good = bare | framed
        else:
            good = bare.copy()
        for layer, which in found.network:
            # Without a link header in the file, what other links carried is told from its IP header on.
            rows = layer.rows[which]
            other = ~good[rows] & (layer.start[which] <= end[rows]) & (layer.start[which] >= start[rows])
            chosen = rows[other]
            skipped = layer.start[which][other] - start[chosen]
            start[chosen] += skipped
            original[chosen] -= skipped
            head[chosen] = _MADE_UP if self.link == _ETHERNET else 0
            good[chosen] = True
            if self.link < 0 and chosen.size:
                self._begin(_RAW)
        self.left_out += int((~good).sum())
        rows = np.flatnonzero(good)
        if rows.size:
            self._put(found, rows, start[rows], np.maximum(end[rows] - start[rows], 0), head[rows], original[rows])

    def _put(
        self,
        found: Dissection,
        rows: NDArray[np.int64],
        start: NDArray[np.int64],
        there: NDArray[np.int64],
        head: NDArray[np.int64],
        original: NDArray[np.int64],
    ) -> None:
        taken = np.minimum(there + head, self.most)
        whole = np.maximum(original, there) + head
        stamp = found.table.capture_ns[rows]
        base = np.cumsum(taken + _HEAD) - (taken + _HEAD)
        out = np.zeros(int((taken + _HEAD).sum()) + _MADE_UP, dtype=np.uint8)
        words = np.stack([stamp // 1_000_000_000, stamp % 1_000_000_000 // 1000, taken, whole], axis=1).astype(">u4")
        rows_view(out, _HEAD)[base] = items(words)
        copy_stretches(out, base + _HEAD + np.minimum(head, taken), found.table.buf, start, np.maximum(taken - head, 0))
        made = np.flatnonzero((head > 0) & (taken >= _MADE_UP))
        six = found.table.buf[start[made]] >> 4 == 6
        for k, value in ((12, np.where(six, 0x86, 0x08)), (13, np.where(six, 0xDD, 0x00))):
            out[base[made] + _HEAD + k] = value
        self._write(out[: out.size - _MADE_UP].data)
        self.records += rows.size
        self.cut += int((taken < whole).sum())


def notes(frame: Frame) -> list[str]:
    """The line of the heading block."""
    return [render("ZJB0306I", type=frame.options.value(NAME)[1])]
