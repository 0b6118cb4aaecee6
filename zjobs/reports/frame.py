"""What every report is given, and how the reports of one run are printed together."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, BinaryIO, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import Chars, constant, from_texts
from zjobs.page import clock
from zjobs.page.style import Style
from zjobs.trace.dissect import Dissection
from zjobs.trace.grammar import Options
from zjobs.trace.trace import Trace
from zjobs.weave import Weave


class Chunk(NamedTuple):
    """A part of a listing, made in two steps, each when its turn has come: what is found, what is said of that."""

    find: Callable[[], Any]
    say: Callable[[Any], "bytes | Weave | Ending"]


def text(what: str) -> Chunk:
    """A part that is there already."""
    return Chunk(lambda: None, lambda _: what.encode("ascii", "replace"))


#: Characters at the end of a run that are put together at a time.
_TOGETHER = 1 << 20

RULE = "-" * 79
DOUBLE = "=" * 79


class Output(NamedTuple):
    """A file of its own that a report writes, and what it is called in the report."""

    name: str
    sink: BinaryIO


@dataclass(frozen=True, eq=False, repr=False)
class Frame:
    """The trace, what was asked of it, how it shall look, and the files that go beside the listing (by ddname)."""

    trace: Trace
    options: Options
    style: Style
    outputs: Mapping[str, Output] = field(default_factory=dict)
    #: Sockets whose data flow is known to have begun.
    begun: set[int] = field(default_factory=set)

    def sysnames(self, found: Dissection) -> Chars:
        """The system name of every packet, from its source."""
        names = from_texts([info.sysname[:8] for info in self.trace.context.infos])
        return names.take(found.table.source.astype(np.intp))

    def record_time(self, found: Dissection) -> NDArray[np.int64]:
        """The time of the record line: of the trace buffer, or with TOD of the capture; zone applied."""
        table = found.table
        return (table.capture_ns if self.style.tod else table.time_ns) + self.style.offset_ns


class Report(Protocol):
    """One report of a run."""

    def add(self, weave: Weave, found: Dissection) -> None:
        """Text of a batch, row by row; nothing for reports that only count."""
        ...

    def end(self) -> Iterator[str | Weave]:
        """Lines at the end of the run, or whole groups of them woven."""
        ...


class Dates:
    """``**** yyyy/mm/dd`` before the first record that is printed and wherever the date of such records changes."""

    def __init__(self, heading: str) -> None:
        self.heading = heading
        self.day: int | None = None
        #: The date of the first record, printed or not.
        self.first: int | None = None

    def lead(self, weave: Weave, time_ns: NDArray[np.int64]) -> None:
        """Date lines in front of the rows that start a new day, of those that have a text."""
        if self.first is None:
            self.first = int(clock.days(time_ns[:1])[0])
        printed = np.flatnonzero(weave.total)
        if not printed.size:
            return
        day = clock.days(time_ns if printed.size == time_ns.size else time_ns[printed])
        new = np.ones(day.size, dtype=np.bool_)
        new[1:] = day[1:] != day[:-1]
        if self.day is not None:
            new[0] = day[0] != self.day
        for row in np.flatnonzero(new).tolist():
            weave.lead(constant(self.line(int(day[row])), 1), printed[row : row + 1])

    def line(self, day: int) -> str:
        """The line of the day that begins; the column heading follows the first."""
        text = f"**** {clock.day_text(day)}\n"
        if self.day is None:
            text = "\n" + text + self.heading
        self.day = day
        return text

    def rest(self) -> str:
        """The date of the first record, where no record was printed: the reports at the end stand under it."""
        return self.line(self.first) if self.day is None and self.first is not None else ""


def print_run(frame: Frame, reports: list[Report], heading: list[str], dates: Dates | None) -> Iterator[Chunk]:
    """The whole listing, in chunks: heading, records, the ends of the reports."""
    yield text("".join(line + "\n" for line in heading))
    look = frame.trace.dissector()
    for table in frame.trace.tables():
        yield Chunk(partial(look, table), partial(_said, frame, reports, dates))
    if dates is not None:
        yield Chunk(lambda: None, lambda _: dates.rest().encode("ascii"))
    yield from ends(reports)


def _said(frame: Frame, reports: Sequence[Report], dates: Dates | None, found: Dissection | None) -> bytes | Weave:
    return b"" if found is None else woven(frame, reports, found, dates)


def woven(frame: Frame, reports: Sequence[Report], found: Dissection, dates: Dates | None = None) -> Weave:
    """The rows of a batch, with what every report says of them."""
    weave = Weave(len(found.table))
    for report in reports:
        report.add(weave, found)
    if dates is not None:
        dates.lead(weave, frame.record_time(found))
    return weave


class Ending(NamedTuple):
    """What a report says at the end of the run, made while it is written."""

    report: Report

    def parts(self) -> Iterator[memoryview]:
        """Its text in parts of bounded size; a part is overwritten by the next."""
        lines: list[str] = []
        size = 0
        for said in self.report.end():
            if isinstance(said, str):
                lines.append(said + "\n")
                size += len(said)
            if isinstance(said, Weave) or size > _TOGETHER:
                yield _encoded(lines)
                lines, size = [], 0
            if isinstance(said, Weave):
                yield from said.parts()
        yield _encoded(lines)


def _encoded(lines: list[str]) -> memoryview:
    return memoryview("".join(lines).encode("ascii", "replace"))


def ends(reports: Iterable[Report]) -> Iterator[Chunk]:
    """What the reports say at the end of the run."""
    return (Chunk(partial(Ending, report), lambda ending: ending) for report in reports)
