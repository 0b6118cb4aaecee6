"""DETAILS: everything about a packet: trace record, every header and message in words, and all its bytes.

Ours, after the Packet Details of the analyzer in SHARE session 8138; the headers are those of FORMAT.
"""

from collections.abc import Iterator

import numpy as np

from zjobs.chars import constant, decimal, joined
from zjobs.page import clock, dump, grid
from zjobs.page.grid import Piece
from zjobs.reports import _packet_row as row
from zjobs.reports import format as formatted
from zjobs.reports import record_line
from zjobs.reports.frame import RULE, Frame
from zjobs.trace.dissect import Dissection
from zjobs.weave import Weave

NAME = "DETAILS"
LEVEL = "ours"
ORDER = 24


class Report:
    """One block a packet; for the few that somebody wants to know all about."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.headers = formatted.Report(frame)

    def add(self, weave: Weave, found: Dissection) -> None:
        """The blocks of a batch."""
        table = found.table
        count = len(table)
        weave.add(constant(f"{RULE}\n Packet Details\n", count))
        number = [Piece(grid.VALUE, decimal(table.number))]
        for which, lines in row.lines(found, number, grid.SECOND, "  Packet ID        : "):
            weave.add(lines, which)
        stamps = joined(clock.stamps(self.frame.record_time(found)), constant(f" {self.frame.style.clock}", count))
        weave.add(grid.lay(count, [Piece(grid.VALUE, stamps)], "  Time             : "))
        record_line.add_header(weave, self.frame, found)
        self.headers.add_layers(weave, found)
        record_line.problems(weave, found)
        weave.add(constant("\n", count))
        size = np.maximum(table.data_end - table.data_start, 0)
        weave.add(grid.lay(count, [Piece(grid.VALUE, decimal(size))], " Hex Decode        : "))
        rows = np.flatnonzero(size > 0)
        style = self.frame.style
        start, end = table.data_start[rows], table.data_end[rows]
        dump.data_lines(weave, rows, table.buf, start, end, style.translation, style.code_page)

    def end(self) -> Iterator[str]:
        """Nothing: every line belongs to a packet."""
        return iter(())
