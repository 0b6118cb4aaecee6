"""COPYTRC: the entries of several trace data sets as one, as they are, in the order of time.

Each entry is a record of a VB data set; in a file one that is longer than a record is spanned (VBS), in a data set
it is refused.  What the external writer puts in front of the entries is not published and not copied.
"""

from typing import BinaryIO

import numpy as np

from zjobs.columns import copy_stretches
from zjobs.errors import RequestError
from zjobs.jobs.reading import open_trace
from zjobs.jobs.target import open_target
from zjobs.jobs.verdict import warnings
from zjobs.messages import render
from zjobs.options import Global
from zjobs.sink import pour
from zjobs.trace.dissect import dissect
from zjobs.trace.select import Selection
from zjobs.trace.table import Table
from zjobs.trace.trace import Trace, TraceInput

_LONGEST = 27990


def run(sources: tuple[str, ...], target: str, selection: Selection, settings: Global) -> list[str]:
    """Write the copy; the message lines for the user."""
    trace = open_trace(sources, settings, selection)
    for source in trace.inputs:
        if not isinstance(source, TraceInput):
            raise RequestError("ZJB0233E", source=source.name)
    with open_target(target, settings, "vb") as sink:
        count = copy(trace, sink)
    return [render("ZJB0231I", count=count, target=target), *warnings(trace)]


def copy(trace: Trace, sink: BinaryIO) -> int:
    """Records with their descriptor words; how many entries were written."""
    count = 0
    for table in trace.entries():
        chosen = trace.selection.packets(dissect(table))
        if chosen is not None:
            table = table.take(np.flatnonzero(chosen))
        if not len(table):
            continue
        count += len(table)
        pour(sink, _framed(table))
    trace.counts.passed = count
    return count


def _framed(table: Table) -> memoryview:
    size = table.end - table.start
    pieces = -(-size // _LONGEST)
    row = np.repeat(np.arange(len(table)), pieces)
    inside = (np.arange(row.size) - np.repeat(np.cumsum(pieces) - pieces, pieces)) * _LONGEST
    start = table.start[row] + inside
    length = np.minimum(table.end[row] - start, _LONGEST)
    base = np.cumsum(length + 4) - (length + 4)
    out = np.zeros(int((length + 4).sum()), dtype=np.uint8)
    copy_stretches(out, base + 4, table.buf, start, length)
    for k in range(2):
        out[base + k] = (length + 4) >> (8 - 8 * k) & 255
    # Segment control: 0 whole, 1 first, 3 middle, 2 last.
    first, last = inside == 0, start + length == table.end[row]
    out[base + 2] = np.where(first, np.where(last, 0, 1), np.where(last, 2, 3))
    return out.data
