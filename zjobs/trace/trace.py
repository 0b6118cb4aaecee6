"""A trace: several sources read as one, in the order of time, each record numbered."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from zjobs.trace.dissect import Dissection, dissect
from zjobs.trace.ends import give_directions
from zjobs.trace.fragments import Reassembler
from zjobs.trace.order import Disorder, Runs, hoped, in_order, survey, without_duplicates
from zjobs.trace.reader import Faults, Source
from zjobs.trace.records import table_of
from zjobs.trace.segments import Rejoiner
from zjobs.trace.select import Selection
from zjobs.trace.table import Context, Info, State, Table
from zjobs.wire import message
from zjobs.wire.walk import FAULT_TEXT, Manner

#: A user exit: a table to the mask (n,) of the records that are kept.
Exit = Callable[[Table], NDArray[np.bool_]]


class Input(Protocol):
    """One source of a trace."""

    name: str

    @property
    def title(self) -> str:
        """What kind of source it is, in words."""
        ...

    @property
    def faults(self) -> Faults:
        """What the last reading met."""
        ...

    @property
    def file_order(self) -> bool:
        """Whether the order of the source is to be kept when it is read alone, whatever its times say."""
        ...

    def tables(self) -> Iterator[Table]:
        """All records, in the order of the source; may be called more than once."""
        ...


class TraceInput:
    """A trace data set as an input."""

    file_order = False

    def __init__(self, source: Source, context: Context, index: int, leap_seconds: int = 0) -> None:
        self.source, self.context, self.index, self.leap_seconds = source, context, index, leap_seconds
        self.name = source.name

    @property
    def title(self) -> str:
        """The container, in words."""
        return self.source.container.title

    @property
    def faults(self) -> Faults:
        """What the last reading met."""
        return self.source.faults

    def tables(self) -> Iterator[Table]:
        """All records of the data set."""
        for entries in self.source.read(self.context.buffer):
            yield table_of(entries, self.context, self.index, self.leap_seconds)


@dataclass(eq=False, repr=False)
class Counts:
    """What a reading met, for the statistics and the warnings."""

    processed: int = 0
    segmented: int = 0
    segments_lost: int = 0
    read: int = 0
    invalid: int = 0
    passed: int = 0
    packets: int = 0
    data: int = 0
    duplicates: int = 0
    incomplete: int = 0
    damaged_packets: int = 0
    fragments: int = 0
    datagrams: int = 0
    problems: Counter[tuple[str, str, str]] = field(default_factory=Counter)


class Trace:
    """Inputs read as one trace through a selection.

    ``tables`` gives records, ``dissections`` gives packets with their layers; each call is a new reading
    and ``counts`` tells of the last one.  A ``hopeful`` trace of one source is read without a first look at
    its order; the reading raises Disorder where the hope fails (see ``steadily``).  ``empty`` names sources
    that hold nothing at all.  ``applications`` makes, for each reading, what adds the layers above TCP and UDP;
    without it packets end at their transport headers.  ``filters`` make, for each reading, conditions beyond the
    selection; they are given every batch before anything is left out.
    """

    def __init__(
        self,
        context: Context,
        inputs: Sequence[Input],
        selection: Selection | None = None,
        empty: tuple[str, ...] = (),
    ) -> None:
        self.context = context
        self.inputs = inputs
        self.empty = empty
        self.selection = selection or Selection()
        self.counts = Counts()
        self.hopeful = False
        self.first_number = 1
        self.applications: Callable[[], Callable[[Dissection], Dissection]] | None = None
        self.filters: list[Callable[[], Callable[[Dissection], NDArray[np.bool_]]]] = []
        self.manner = Manner()
        #: What there is to say to the user once the trace was read.
        self.remarks: list[Callable[[], list[str]]] = []
        #: User exits, called before and after the filters: which records to keep.
        self.exits: tuple[Exit | None, Exit | None] = (None, None)
        #: The reassembly of the last reading of ``dissections``.
        self.reassembler: Reassembler | None = None
        self._runs: list[Runs] | None = None
        self._faults: list[Faults] = []

    @property
    def faults(self) -> list[Faults]:
        """What each input holds that is not a whole entry.

        Told by the first look, which reads every input once from end to end; a source that wraps is then read
        by several readers at a time, none of which sees all of it.
        """
        return self._faults or [i.faults for i in self.inputs]

    @property
    def info(self) -> Info:
        """What is known of the first source as a whole."""
        return self.context.infos[0] if self.context.infos else Info("")

    def steadily(self, work: Callable[[], None], again: Callable[[], None]) -> None:
        """Do work that reads this trace, hoping that it is in order; if not, undo it with ``again`` and redo it."""
        self.hopeful = True
        try:
            work()
        except Disorder:
            self.hopeful = False
            again()
            work()

    @property
    def jumps(self) -> list[list[int]]:
        """Where time jumps back in each source; a reading whose hope held met no jump."""
        return [[] for _ in self.inputs] if self._runs is None else [r.jumps for r in self._runs]

    def runs(self) -> list[Runs]:
        """The runs of every input; read once."""
        if self._runs is None:
            self._runs = [survey(i) for i in self.inputs]
            self._faults = [i.faults for i in self.inputs]
        return self._runs

    def tables(self) -> Iterator[Table]:
        """Records in time order after START, STOP and LIMIT, numbered from ``first_number`` (1)."""
        self.counts = counts = Counts()
        select = self.selection
        rejoiner = Rejoiner(join=select.segments)
        number = 0

        for table in rejoiner.tables(self._unique(counts)):
            table = select.by_time(table)
            if number + len(table) > select.limit:
                table = table.take(np.arange(select.limit - number))
            table.number[:] = self.first_number + np.arange(number, number + len(table))
            number += len(table)
            counts.read = number
            counts.segmented, counts.segments_lost = rejoiner.read, rejoiner.lost
            counts.invalid += int((table.state & State.INVALID > 0).sum())
            counts.incomplete += int((table.state & State.INCOMPLETE > 0).sum())
            if len(table):
                yield table
            if number >= select.limit:
                break
        counts.segmented, counts.segments_lost = rejoiner.read, rejoiner.lost

    def entries(self) -> Iterator[Table]:
        """Entries as they are, segments not joined, in time order after START, STOP and ENTIDLIST."""
        self.counts = Counts()
        for table in self._unique(self.counts):
            table = self.selection.by_time(table)
            self.counts.read += len(table)
            self.counts.passed = self.counts.read
            yield table

    def _unique(self, counts: Counts) -> Iterator[Table]:
        for table, again in self._merged():
            counts.duplicates += again
            counts.processed += len(table)
            yield table

    def _merged(self) -> Iterator[tuple[Table, int]]:
        if len(self.inputs) == 1 and self.inputs[0].file_order:
            return ((t, 0) for t in self.inputs[0].tables())
        if self.hopeful and len(self.inputs) == 1 and self._runs is None:
            return ((t, 0) for t in hoped(self.inputs[0]))
        ordered = in_order(self.inputs, self.runs())
        if len(self.inputs) == 1:
            return ((t, 0) for t in ordered)
        return without_duplicates(ordered)

    def dissections(self) -> Iterator[Dissection]:
        """Packets that pass the whole selection, with their layers."""
        look = self.dissector()
        return (found for table in self.tables() if (found := look(table)) is not None)

    def dissector(self) -> Callable[[Table], Dissection | None]:
        """For one reading: what finds the layers of its tables, in order, and chooses; None where nothing is left."""
        select = self.selection
        reassembler = Reassembler(select.longest, select.list_joined) if select.reassemble else None
        self.reassembler = reassembler
        before, after = self.exits
        applications = self.applications() if self.applications is not None else None
        filters = [make() for make in self.filters]

        def look(table: Table) -> Dissection | None:
            if before is not None:
                table = table.take(np.flatnonzero(before(table)))
            found = dissect(table, reassembler, self.manner)
            give_directions(found)
            if applications is not None:
                found = applications(found)
            chosen = select.packets(found)
            for passes in filters:
                passed = passes(found)
                chosen = passed if chosen is None else chosen & passed
            if after is not None:
                rows = np.arange(len(found.table)) if chosen is None else np.flatnonzero(chosen)
                chosen = np.zeros(len(found.table), dtype=np.bool_)
                chosen[rows] = after(found.table.take(rows))
            counts = self.counts
            if reassembler is not None:
                counts.fragments, counts.datagrams = reassembler.fragments, reassembler.datagrams
            if chosen is not None:
                found = found.take(np.flatnonzero(chosen))
            if applications is not None:
                message.tell(found.walk)
            counts.passed += len(found.table)
            data = int((found.table.fmtid == 5).sum())
            counts.data += data
            counts.packets += len(found.table) - data
            counts.damaged_packets += found.damaged.size
            for layer, kind, claimed, size in found.walk.problems.what:
                counts.problems[layer, FAULT_TEXT[kind], claimed] += size
            return found if len(found.table) else None

        return look
