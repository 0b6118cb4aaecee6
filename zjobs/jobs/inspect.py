"""Can this trace be trusted?  Container, records, losses and time span of each source, and a verdict."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import distinct
from zjobs.jobs.reading import open_trace
from zjobs.jobs.target import keep_apart, open_target
from zjobs.messages import render
from zjobs.options import Global
from zjobs.trace.dissect import Dissection
from zjobs.trace.reader import Faults
from zjobs.trace.table import Direction, State, Table
from zjobs.trace.trace import Input, Trace, TraceInput
from zjobs.wire import cte
from zjobs.words import counted

#: When most of a batch, and at least so many, have lower counters than were met before, the counter began anew.
_RESTART = 64

#: Interfaces and problems that are told one by one.
_MOST = 12

_DAY_NS = 86_400_000_000_000


@dataclass(frozen=True)
class Request:
    """An inspection as asked for."""

    sources: tuple[str, ...]
    format: str = "text"
    target: str = "-"


@dataclass
class Span:
    """The first and the last of many times (ns since 1970 UTC); those that no source told are counted."""

    first: int | None = None
    last: int = 0
    untold: int = 0

    def add(self, ns: NDArray[np.int64]) -> None:
        """Take the times of a batch."""
        told = ns != 0
        if not told.all():
            ns = ns[told]
            self.untold += int(told.size - ns.size)
        if ns.size:
            low, high = int(ns.min()), int(ns.max())
            self.first = low if self.first is None else min(self.first, low)
            self.last = max(self.last, high)


@dataclass
class Missing:
    """Gaps of one running counter, met in the order of time, give or take a batch."""

    high: int | None = None
    jumps: int = 0
    lost: int = 0

    def add(self, values: NDArray[np.int64]) -> None:
        """Take the counters of a batch."""
        if not values.size:
            return
        values = np.unique(values)
        late = 0 if self.high is None else int(np.searchsorted(values, self.high, side="right"))
        if late >= _RESTART and late * 2 > values.size:
            self.high, late = None, 0
        fresh = values[late:]
        if self.high is None:
            self.high = int(fresh[0]) - 1
        steps = np.diff(fresh, prepend=self.high)
        # A record that comes late fills the hole it left.
        self.lost = max(0, self.lost + int((steps - 1).sum()) - late)
        self.jumps = min(self.lost, self.jumps + int((steps > 1).sum()))
        self.high += int(steps.sum())


@dataclass
class Face:
    """What an interface carried."""

    inbound: int = 0
    outbound: int = 0
    unknown: int = 0
    counter: Missing = field(default_factory=Missing)


class Watched:
    """An input that counts its records while the trace takes its first look at it."""

    def __init__(self, source: Input) -> None:
        self.source, self.name, self.title = source, source.name, source.title
        self.ids: Counter[int] = Counter()
        self.buffered, self.captured = Span(), Span()
        self.invalid = 0
        self._done = False

    @property
    def faults(self) -> Faults:
        """What the last reading met."""
        return self.source.faults

    @property
    def file_order(self) -> bool:
        """Whether the source keeps its own order when it is read alone."""
        return bool(getattr(self.source, "file_order", False))

    @property
    def sniffed(self) -> bool:
        """Whether a sniffer took it: no trace headers, one time."""
        return not isinstance(self.source, TraceInput)

    @property
    def size(self) -> int | None:
        """Bytes of the source; None where only the records are known."""
        if isinstance(self.source, TraceInput):
            return self.source.source.size
        path = Path(self.name)
        return path.stat().st_size if path.is_file() else None

    def tables(self) -> Iterator[Table]:
        """All records; those of the first reading are counted."""
        for table in self.source.tables():
            if not self._done:
                ids, counts = np.unique(table.fmtid, return_counts=True)
                self.ids.update(dict(zip(ids.tolist(), counts.tolist())))
                valid = table.state & State.INVALID == 0
                self.invalid += len(table) - int(valid.sum())
                self.buffered.add(table.time_ns)
                self.captured.add(table.capture_ns[valid])
            yield table
        self._done = True


@dataclass
class Findings:
    """What a whole trace told."""

    trace: Trace
    sources: list[Watched]
    faces: dict[str, Face] = field(default_factory=dict)
    overall: Missing = field(default_factory=Missing)
    abbreviated: int = 0
    packets: int = 0

    @property
    def gaps(self) -> dict[str, Missing]:
        """Counter gaps by interface, or under an empty name where one counter serves all interfaces."""
        each = {name: f.counter for name, f in self.faces.items() if f.counter.lost}
        if self.overall.lost < sum(m.lost for m in each.values()):
            return {"": self.overall} if self.overall.lost else {}
        return each


def run(request: Request, settings: Global) -> tuple[int, list[str]]:
    """Write the inspection; the return code and the message lines, the verdict last."""
    keep_apart(request.sources, (request.target,), settings)
    found = look(open_trace(request.sources, settings))
    id, verdict = judge(found)
    if request.format == "json":
        text = json.dumps(as_json(found, id, verdict), indent=2) + "\n"
    else:
        text = "".join(line + "\n" for line in as_text(found, settings.verbose)) + f"\n{verdict}\n"
    with open_target(request.target, settings) as sink:
        sink.write(text.encode("ascii", "replace"))
    lines = [
        render("ZJB0112W", interface=name or "all interfaces", count=gap.jumps, lost=gap.lost)
        for name, gap in found.gaps.items()
    ]
    return (4 if id.endswith("W") else 0), [*lines, verdict]


def look(trace: Trace) -> Findings:
    """Read all of a trace twice: each source as it lies, then all of them as one in the order of time."""
    sources = [Watched(i) for i in trace.inputs]
    trace = Trace(trace.context, sources, trace.selection, trace.empty)
    found = Findings(trace, sources)
    for batch in trace.dissections():
        _count(found, batch)
    return found


def _count(found: Findings, batch: Dissection) -> None:
    table = batch.table
    found.packets += len(table)
    found.abbreviated += int((table.traced < table.original).sum())
    names = table.interface_names()
    has = np.zeros(len(table), dtype=np.bool_)
    counts = np.zeros(len(table), dtype=np.int64)
    if table.context.header.has("count"):
        there = table.pthdr.present("count")
        has = (table.header >= 0) & (True if there is None else there) & (table.state & State.INVALID == 0)
        counts = table.pthdr["count"].astype(np.int64)
    found.overall.add(counts[has])
    for code in distinct(table.interface):
        here = table.interface == code
        face = found.faces.setdefault(names[code], Face())
        ways = np.bincount(table.direction[here], minlength=3).tolist()
        face.inbound += ways[Direction.IN]
        face.outbound += ways[Direction.OUT]
        face.unknown += ways[Direction.UNKNOWN]
        face.counter.add(counts[here & has])


_TRANSFER = "Transfer it again in binary with RDW, or packed by AMATERSE"
_BUFFERS = "Give the trace more buffer (BUFSIZE) or a narrower filter"
_TOGETHER = "Name all TRCOUT data sets of the writer together"


def judge(found: Findings) -> tuple[str, str]:
    """The message id and the verdict line."""
    counts, faults = found.trace.counts, found.trace.faults
    reasons: list[str] = []
    remedies: list[str] = []

    def because(number: int, text: str, remedy: str) -> None:
        if number:
            reasons.append(text)
            if remedy and remedy not in remedies:
                remedies.append(remedy)

    places = sum(f.damaged for f in faults)
    skipped = sum(f.skipped for f in faults)
    because(places, f"{counted(places, 'damaged place')} with {counted(skipped, 'byte')}", _TRANSFER)
    cut = sum(f.truncated is not None for f in faults)
    because(cut, f"{counted(cut, 'source')} cut short", _TRANSFER)
    torn = sum(bool(f.broken) for f in faults)
    because(torn, f"{counted(torn, 'source')} damaged in packed form", _TRANSFER)
    because(counts.invalid, f"{counted(counts.invalid, 'record')} not validated", _TRANSFER)
    because(counts.incomplete, f"{counted(counts.incomplete, 'segmented packet')} incomplete", _TOGETHER)
    lost = sum(m.lost for m in found.gaps.values())
    because(lost, f"about {counted(lost, 'record')} lost by the trace counter", _BUFFERS)
    unknown = sum(sum(f.unknown_links.values()) for f in faults)
    because(unknown, f"{counted(unknown, 'packet')} of an unknown link type", "Capture with a common link type")
    size = sum(s.size or 0 for s in found.sources if not s.sniffed)
    ruined = bool(size) and skipped * 2 > size
    if ruined or counts.invalid * 2 > counts.read or not counts.read:
        reasons = reasons or ["there is no record in it"]
        remedies = remedies or ["Check with D TRACE,COMP=SYSTCPDA that the trace is active and its writer connected"]
        return "ZJB0703W", render("ZJB0703W", reasons=", ".join(reasons), remedy=_sentences(remedies))
    if reasons:
        return "ZJB0702W", render("ZJB0702W", reasons=", ".join(reasons), remedy=_sentences(remedies))
    return "ZJB0701I", render("ZJB0701I", records=f"{counts.read:,}")


def _sentences(parts: Sequence[str]) -> str:
    return ". ".join(parts)


def as_text(found: Findings, verbose: bool) -> Iterator[str]:
    """The report: one block a source, one for all of them together."""
    trace = found.trace
    for source, faults, runs, info in zip(found.sources, trace.faults, trace.runs(), trace.context.infos):
        size = source.size
        yield source.name + (f"  ({counted(size, 'byte')})" if size is not None else "")
        yield from _lines(_source_items(source, faults, runs.jumps, info.component, info.subname, info.sysname))
        yield ""
    for name in trace.empty:
        yield name
        yield from _lines([("Container", "empty")])
        yield ""
    yield "All sources as one trace" if len(found.sources) > 1 else "Trace"
    yield from _lines(_trace_items(found))
    if verbose:
        yield ""
        yield "Fields of the trace header whose place or meaning no IBM document gives"
        fields = [f for f in trace.context.header.layout.fields if f.confidence != "documented"]
        yield from _lines([(f.label, f"offset {f.offset}, {counted(f.size, 'byte')}, {f.confidence}") for f in fields])


def _lines(items: list[tuple[str, str]]) -> Iterator[str]:
    last = ""
    for label, text in items:
        yield f"  {label if label != last else '':<14}{text}"
        last = label


def _source_items(
    source: Watched, faults: Faults, jumps: list[int], component: str, subname: str, sysname: str
) -> list[tuple[str, str]]:
    items = [("Container", _container(source))]
    named = [("component", component), ("sub-name", subname), ("system", sysname)]
    if component or subname or sysname:
        items.append(("Names", ", ".join(f"{what} {name}" for what, name in named if name)))
    total = sum(source.ids.values())
    if source.sniffed:
        items.append(("Packets", f"{total:,}"))
    else:
        kinds = ", ".join(f"{n:,} {_kind(i)}" for i, n in sorted(source.ids.items()))
        items.append(("Entries", f"{total:,}: {kinds}" if len(source.ids) > 1 else kinds or "0"))
        items.append(("Put in buffer", _span(source.buffered)))
    items.append(("Captured", _span(source.captured)))
    if untold := source.captured.untold:
        items.append(("No time", f"{counted(untold, 'packet')}, left out of the span"))
    if jumps:
        where = ", ".join(f"{j:,}" for j in jumps[:4]) + (f" and {len(jumps) - 4} more" if len(jumps) > 4 else "")
        items.append(("Order", f"{len(jumps) + 1} runs; time jumps back at offset {where}"))
    else:
        items.append(("Order", "in order of time"))
    if faults.damaged:
        items.append(
            ("Damage", f"{counted(faults.damaged, 'place')}, {counted(faults.skipped, 'byte')} not understood")
        )
        items.append(("Damage", f"first at offset {faults.first:,}: {faults.detail}"))
    else:
        items.append(("Damage", "none"))
    if faults.truncated is not None:
        offset, needed, there = faults.truncated
        items.append(("Truncated", f"at offset {offset:,}: {counted(needed, 'byte')} needed, {there:,} available"))
    broken = list(faults.broken.items())
    items += [("Packing", f"at offset {offset:,} of what it holds: {detail}") for offset, detail in broken[:_MOST]]
    if len(broken) > _MOST:
        items.append(("Packing", "and " + counted(len(broken) - _MOST, "more place")))
    if faults.controls:
        items.append(("Other records", f"{faults.controls:,} without a trace entry (the writer's own, or not a trace)"))
    for link, count in sorted(faults.unknown_links.items()):
        items.append(("Unknown links", f"{counted(count, 'packet')} of link type {link}"))
    if source.invalid:
        items.append(("Not validated", f"{counted(source.invalid, 'record')} whose trace header cannot be right"))
    return items


def _container(source: Watched) -> str:
    if not isinstance(source.source, TraceInput):
        return f"{source.title} file of a sniffer"
    prefix = source.source.source.container.prefix
    if prefix < 0:
        return f"{source.title}, entries found by searching"
    return source.title + (", prefix of " + counted(prefix, "byte") if prefix else "")


def _kind(fmtid: int) -> str:
    if fmtid >> 24 == 0xFF:
        return "lost-data entries"
    return f"{cte.FORMAT_IDS[fmtid][0]} ({fmtid})" if fmtid in cte.FORMAT_IDS else f"of unknown id {fmtid}"


def _trace_items(found: Findings) -> list[tuple[str, str]]:
    counts = found.trace.counts
    items = [("Records", f"{counts.read:,}")]
    if len(found.sources) > 1:
        items.append(("Duplicates", f"{counts.duplicates:,} dropped" if counts.duplicates else "none"))
    if counts.segmented:
        state = counted(counts.incomplete, "packet") + " incomplete" if counts.incomplete else "all packets complete"
        items.append(("Segments", f"{counts.segmented:,} read, {counts.segments_lost:,} lost; {state}"))
    if not found.gaps and not all(s.sniffed for s in found.sources):
        items.append(("Lost", "no gap in the trace counter"))
    for name, gap in list(found.gaps.items())[:_MOST]:
        places = f"{counted(gap.jumps, 'gap')} of {name or 'all interfaces'}"
        items.append(("Lost", f"about {counted(gap.lost, 'record')} in {places} (inferred counter)"))
    short = f"{found.abbreviated:,} of {counted(found.packets, 'packet')}"
    items.append(("Abbreviated", short if found.abbreviated else "none"))
    problems = counts.problems.most_common()
    for (layer, kind, claimed), number in problems[:_MOST]:
        items.append(("Problems", f"{number:,} x {layer}: {kind}" + (f" ({claimed})" if claimed != "header" else "")))
    if len(problems) > _MOST:
        items.append(("Problems", "and " + counted(len(problems) - _MOST, "more kind")))
    if not problems:
        items.append(("Problems", "none"))
    faces = sorted(found.faces.items(), key=lambda f: -(f[1].inbound + f[1].outbound + f[1].unknown))
    width = max([len(n) for n, _ in faces] + [6])
    for name, face in faces[:_MOST]:
        way = f"{face.unknown:>12,} in or out" if face.unknown else f"{face.inbound:>12,} in {face.outbound:>12,} out"
        items.append(("Interfaces", f"{name or '(none)':<{width}}{way}"))
    if len(faces) > _MOST:
        items.append(("Interfaces", f"and {len(faces) - _MOST} more"))
    return items


def _when(ns: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=ns // 1000)).strftime("%Y-%m-%d %H:%M:%S.%f")


def _span(span: Span) -> str:
    if span.first is None:
        return "no time told" if span.untold else "never"
    first, last = _when(span.first), _when(span.last)
    if span.first // _DAY_NS == span.last // _DAY_NS:
        last = last[11:]
    return f"{first} to {last} UTC ({_duration(span.last - span.first)})"


def _duration(ns: int) -> str:
    seconds = ns / 1e9
    if seconds < 120:
        return f"{seconds:.3f} s"
    whole = int(seconds)
    minutes = f"{whole // 60 % 60} min {whole % 60} s"
    return f"{whole // 3600} h {minutes}" if whole >= 3600 else minutes


def as_json(found: Findings, id: str, verdict: str) -> dict[str, Any]:
    """The same facts for programs.  Times are seconds since 1970 UTC, as decimal strings."""
    trace, counts = found.trace, found.trace.counts
    sources: list[dict[str, Any]] = []
    for source, faults, runs, info in zip(found.sources, trace.faults, trace.runs(), trace.context.infos):
        told: dict[str, Any] = {
            "source": source.name,
            "container": source.title,
            "bytes": source.size,
            "component": info.component or None,
            "subname": info.subname or None,
            "sysname": info.sysname or None,
            "entries": {str(i): n for i, n in sorted(source.ids.items())},
            "buffer_time": _ends(source.buffered),
            "capture_time": _ends(source.captured),
            "without_time": source.captured.untold,
            "runs": len(runs.jumps) + 1,
            "jumps": runs.jumps,
            "damaged": faults.damaged,
            "skipped_bytes": faults.skipped,
            "first_damage": {"offset": faults.first, "detail": faults.detail} if faults.damaged else None,
            "truncated": None
            if faults.truncated is None
            else dict(zip(("offset", "needed", "available"), faults.truncated)),
            "packing": [{"offset": offset, "detail": detail} for offset, detail in faults.broken.items()],
            "control_records": faults.controls,
            "unknown_links": {str(k): n for k, n in sorted(faults.unknown_links.items())},
            "invalid": source.invalid,
        }
        if isinstance(source.source, TraceInput):
            told["prefix"] = source.source.source.container.prefix
        sources.append(told)
    return {
        "sources": sources,
        "empty": list(trace.empty),
        "records": counts.read,
        "duplicates": counts.duplicates,
        "segments": {
            "read": counts.segmented, "lost": counts.segments_lost, "incomplete_packets": counts.incomplete,
        },
        "counter_gaps": [{"interface": n or None, "gaps": m.jumps, "lost": m.lost} for n, m in found.gaps.items()],
        "abbreviated": found.abbreviated,
        "damaged_packets": counts.damaged_packets,
        "problems": [
            {"layer": layer, "kind": kind, "claimed_by": claimed, "count": n}
            for (layer, kind, claimed), n in counts.problems.most_common()
        ],
        "interfaces": [
            {"name": n, "in": f.inbound, "out": f.outbound, "unknown": f.unknown} for n, f in found.faces.items()
        ],
        "verdict": {"id": id, "text": verdict},
    }  # fmt: skip


def _ends(span: Span) -> list[str] | None:
    if span.first is None:
        return None
    return [f"{ns // 1_000_000_000}.{ns % 1_000_000_000 // 1000:06d}" for ns in (span.first, span.last)]
