"""FORMAT and DUMP: every record decoded, its bytes in hex behind it.

Reference: IP Diagnosis Guide, FORMAT report and DUMP report.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import constant, decimal, joined
from zjobs.page import dump, grid
from zjobs.page.grid import Piece
from zjobs.reports import record_line
from zjobs.reports.frame import Frame
from zjobs.trace.dissect import LINK, Dissection
from zjobs.weave import Weave
from zjobs.wire.listing import Dump, Line, Title, Told
from zjobs.wire.protocols import protocols
from zjobs.wire.walk import Layer

NAME = "FORMAT"
LEVEL = "A"
ORDER = 10
ALSO = ("DUMP",)

_DATA_LENGTH = 29


class Report:
    """Record line, trace header, headers in words (FORMAT); header and data bytes (DUMP)."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        reports = frame.options.reports
        self.decode = "FORMAT" in reports
        self.dump = "DUMP" in reports
        self.brief = frame.options.details.get("FORMAT") == "SUMMARY"

    def add(self, weave: Weave, found: Dissection) -> None:
        """All lines of every packet."""
        record_line.add(weave, self.frame, found)
        if self.decode:
            self.add_layers(weave, found)
        record_line.problems(weave, found)
        if self.dump:
            self._dump(weave, found)

    def add_layers(self, weave: Weave, found: Dissection) -> None:
        """The headers and messages of every packet in words."""
        for layer in found.layers:
            self._layer(weave, found, layer)

    def end(self) -> Iterator[str]:
        """Nothing: every line belongs to a record."""
        return iter(())

    def _layer(self, weave: Weave, found: Dissection, layer: Layer) -> None:
        """The lines of one protocol at one depth; packets quoted in errors are indented."""
        if layer.quoted.any() and not layer.quoted.all():
            self._layer(weave, found, layer.take(np.flatnonzero(~layer.quoted)))
            layer = layer.take(np.flatnonzero(layer.quoted))
        indent = 2 if layer.quoted.any() else 0
        module = protocols()[layer.name]
        whole = layer.end - layer.start >= module.LAYOUT.size
        if not whole.all() and not hasattr(module, "decode"):
            # A header that is not whole is told by its problem line and shown by the dump.
            layer = layer.take(np.flatnonzero(whole))
            if not len(layer):
                return
        if self.brief and not hasattr(module, "decode"):
            # Loaded by those who ask for it, with the protocols of which it knows more than the rest.
            from zjobs.reports import brief

            brief.add(weave, layer, indent)
            return
        for block in module.lines(found.walk, layer):
            rows = layer.rows if block.which is None else layer.rows[block.which]
            if not rows.size:
                continue
            if isinstance(block, Title):
                if self.frame.style.profile.protocol_title:
                    weave.add(constant(f"\n{' ' * (indent + 1)}{block.text}\n", rows.size), rows)
                else:
                    weave.add(constant("\n", rows.size), rows)
            elif isinstance(block, Line):
                weave.add(grid.line(rows.size, block.items, block.level, indent), rows)
            elif isinstance(block, Told):
                self._told(weave, block, rows)
            else:
                self._bytes(weave, found, block, rows)

    def _told(self, weave: Weave, block: Told, rows: NDArray[np.int64]) -> None:
        """Messages: title and size, then the lines of each."""
        title = constant(f"\n {block.title}", rows.size)
        weave.add(joined(title, decimal(block.size), constant("\n", rows.size)), rows)
        if self.brief:
            return
        weave.add_texts([grid.message(say.lines).encode("ascii") for say in block.messages], rows)

    def _bytes(self, weave: Weave, found: Dissection, block: Dump, rows: NDArray[np.int64]) -> None:
        """Echo data: always hex and ASCII."""
        size = block.end - block.start
        label = f"  {block.label}".ljust(19) + ": "
        weave.add(grid.lay(rows.size, [Piece(grid.VALUE, decimal(size))], label), rows)
        dump.data_lines(weave, rows, found.table.buf, block.start, block.end, "ASCII", "cp037")

    def _dump(self, weave: Weave, found: Dissection) -> None:
        """IP Header, Protocol Header, Data."""
        table = found.table
        count = len(table)
        rest = table.data_start.copy()
        stop = table.data_end.copy()
        claimed = table.data_start + np.where(table.original > table.traced, table.original, table.traced)
        for layer, which in found.outer(LINK):
            self._header(weave, found, layer, which, "Link Header", layer.start[which], layer.payload[which])
            rest[layer.rows[which]] = layer.payload[which]
        begins = np.full(count, -1, dtype=np.int64)
        for layer, which in found.transport:
            begins[layer.rows[which]] = layer.start[which]
        for layer, which in found.network:
            rows = layer.rows[which]
            end = layer.payload[which]
            # Extension headers and inner headers belong to the IP header section, up to the protocol header.
            inner = (begins[rows] > end) & (begins[rows] <= layer.end[which])
            end = np.where(inner, begins[rows], end)
            self._header(weave, found, layer, which, "IP Header", layer.start[which], end)
            rest[rows], stop[rows], claimed[rows] = end, layer.end[which], layer.limit[which]
        for layer, which in found.transport:
            rows = layer.rows[which]
            self._header(weave, found, layer, which, "Protocol Header", layer.start[which], layer.payload[which])
            rest[rows], stop[rows], claimed[rows] = layer.payload[which], layer.end[which], layer.limit[which]
        size = np.minimum(np.maximum(stop - rest, 0), self.frame.style.dump_size)
        rows = np.flatnonzero(size > 0)
        if not rows.size:
            return
        length = np.maximum(claimed - rest, 0)
        weave.add(constant("\n", rows.size), rows)
        told = joined(constant("Data Length: ", rows.size), decimal(length[rows]))
        pieces = [Piece(grid.VALUE, decimal(size[rows])), Piece(_DATA_LENGTH, told)]
        weave.add(grid.lay(rows.size, pieces, " Data".ljust(19) + ": "), rows)
        style = self.frame.style
        dump.data_lines(weave, rows, table.buf, rest[rows], (rest + size)[rows], style.translation, style.code_page)

    def _header(
        self,
        weave: Weave,
        found: Dissection,
        layer: Layer,
        which: NDArray[np.int64],
        label: str,
        start: NDArray[np.int64],
        end: NDArray[np.int64],
    ) -> None:
        rows = layer.rows[which]
        weave.add(constant("\n", rows.size), rows)
        weave.add(grid.lay(rows.size, [Piece(grid.VALUE, decimal(end - start))], f" {label}".ljust(19) + ": "), rows)
        dump.header_lines(weave, rows, found.table.buf, start, end)
