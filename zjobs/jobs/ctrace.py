"""Statements of IPCS carried out: CTRACE, a deck of them, MERGE and COPYTRC."""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np

from zjobs.columns import distinct
from zjobs.errors import RequestError
from zjobs.host import open_host
from zjobs.jobs import _copytrc, format, pipeline
from zjobs.jobs.reading import open_trace
from zjobs.jobs.target import keep_apart, open_target
from zjobs.jobs.verdict import return_code, warnings
from zjobs.messages import render
from zjobs.options import Global
from zjobs.page import clock
from zjobs.reports import heading, merge, summary
from zjobs.trace import subcommand
from zjobs.trace.grammar import near
from zjobs.trace.statement import Statement, statements
from zjobs.trace.subcommand import Copytrc, Ctrace, Defaults
from zjobs.trace.trace import Trace
from zjobs.wire import cte

#: Verbs by their spellings.
_VERBS = {
    "IPCS": "IPCS", "DROPDUMP": "DROPD", "DROPD": "DROPD", "SETDEF": "SETDEF", "SETD": "SETDEF", "CTRACE": "CTRACE",
    "MERGE": "MERGE", "MERGEEND": "MERGEEND", "COPYTRC": "COPYTRC", "COPYT": "COPYTRC", "END": "END",
}  # fmt: skip


@dataclass(frozen=True)
class Request:
    """What is asked for: text or a deck, and what stands beside it on the command line.

    ``dds`` says what ddnames stand for; ``sources``, where there are any, replace those of the statements.
    """

    text: str = ""
    deck: str = ""
    sources: tuple[str, ...] = ()
    dds: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    target: str = ""
    utc_offset: int = 0
    release: str = "2005"
    code_page: str = "cp037"
    allow_exit: bool = False


#: What a deck asks for, one step after the other; CTRACEs between MERGE and MERGEEND are one step.
Step = Ctrace | Copytrc | tuple[Ctrace, ...]


def run(request: Request, settings: Global) -> tuple[int, list[str]]:
    """Carry everything out; the return code and the message lines for the user.

    All statements are read before the first is carried out, so that one that is wrong leaves nothing half done.
    """
    steps, lines = read_deck(request, settings) if request.deck else (read_one(request), [])
    job = _Job(request, settings)
    for step in steps:
        job.check(step)
    with job.stack:
        for step in steps:
            lines += job.carry_out(step)
    return return_code(lines), lines


def read_one(request: Request) -> list[Step]:
    """The one CTRACE statement of a command line."""
    found = statements(request.text.splitlines())
    if len(found) != 1 or _VERBS.get(found[0].verb) != "CTRACE":
        verb = next((s.verb for s in found if _VERBS.get(s.verb) != "CTRACE"), "More than one CTRACE")
        raise RequestError("ZJB0230E", command=verb if found else "Nothing", near=near(verb, _VERBS))
    return [subcommand.ctrace(found[0])]


def read_deck(request: Request, settings: Global) -> tuple[list[Step], list[str]]:
    """The steps of a deck up to END, and a warning for each command that is skipped."""
    steps: list[Step] = []
    lines: list[str] = []
    defaults = Defaults()
    merged: list[Ctrace] | None = None
    found = statements(_deck(request.deck, settings))
    for statement in found:
        verb = _VERBS.get(statement.verb)
        if merged is not None and verb not in ("CTRACE", "MERGEEND", None):
            raise _misplaced(statement, "MERGE is not closed")
        match verb:
            case "CTRACE":
                one = subcommand.ctrace(statement, defaults)
                if merged is None:
                    steps.append(one)
                else:
                    merged.append(_mergeable(statement, one))
            case "SETDEF":
                defaults = subcommand.setdef(statement, defaults)
            case "COPYTRC":
                steps.append(subcommand.copytrc(statement, defaults))
            case "MERGE":
                merged = []
            case "MERGEEND":
                if not merged:
                    raise _misplaced(statement, "no MERGE with a CTRACE stands before it")
                steps.append(tuple(merged))
                merged = None
            case "END":
                break
            case None:
                hint = near(statement.verb, _VERBS)
                lines.append(render("ZJB0226W", command=statement.verb, line=statement.line, near=hint))
    if merged is not None:
        raise _misplaced(found[-1], "MERGE is not closed")
    if not found:
        raise RequestError("ZJB0232E", deck=request.deck, detail="it holds no statement")
    return steps, lines


def _misplaced(statement: Statement, detail: str) -> RequestError:
    return RequestError("ZJB0229E", command=statement.verb, line=statement.line, detail=detail)


def _mergeable(statement: Statement, one: Ctrace) -> Ctrace:
    """Each CTRACE of a merge would write over the file of the one before."""
    for name in format.FILES:
        if name in (*one.options.reports, *one.options.devices):
            raise _misplaced(statement, f"{name} must not be requested between MERGE and MERGEEND")
    if one.query is not None:
        raise _misplaced(statement, "QUERY prints no records to merge")
    return one


def _deck(name: str, settings: Global) -> list[str]:
    if name.startswith("//"):
        return open_host(settings.host).read_text(name)
    try:
        return Path("/dev/stdin" if name == "-" else name).read_text(encoding="latin-1").splitlines()
    except OSError as error:
        raise RequestError("ZJB0232E", deck=name, detail=error.strerror or str(error)) from error


class _Job:
    """The steps of one run; print files are opened once, and appear when all steps are done."""

    def __init__(self, request: Request, settings: Global) -> None:
        self.request, self.settings = request, settings
        self.stack = ExitStack()
        self.sinks: dict[str, BinaryIO] = {}

    def check(self, step: Step) -> None:
        """Raises RequestError for what can be told before anything is read."""
        for one in step if isinstance(step, tuple) else (step,):
            if isinstance(one, Ctrace):
                sources = self._sources(one.defaults.sources, "CTRACE")
                targets = (self._print(one), *self._listing(one).files.values())
            else:
                sources, targets = self._sources(one.sources, "COPYTRC"), self._resolved(one.target)
            keep_apart(sources, targets, self.settings)

    def carry_out(self, step: Step) -> list[str]:
        """One step; the message lines for the user."""
        if isinstance(step, tuple):
            return self._merge(step)
        if isinstance(step, Copytrc):
            sources = self._sources(step.sources, "COPYTRC")
            return _copytrc.run(sources, self._resolved(step.target)[0], step.selection, self.settings)
        lines = _said(step)
        if step.query is not None:
            return lines + self._query(step)
        listing = self._listing(step)
        trace = self._opened(step, listing)
        return lines + format.print_trace(trace, listing, self.settings, self._sink(step))

    def _opened(self, step: Ctrace, listing: format.Request) -> Trace:
        trace = format.opened(listing, self.settings)
        if step.sysname:
            found = {i.sysname for i in trace.context.infos if i.sysname}
            if found and step.sysname not in found:
                raise RequestError("ZJB0307E", system=step.sysname, found=", ".join(sorted(found)))
            known = trace.context.infos
            trace.context.infos[:] = [i._replace(sysname=i.sysname or step.sysname) for i in known]
        return trace

    def _listing(self, step: Ctrace) -> format.Request:
        request = self.request
        sources = step.defaults.sources
        wanted = (*step.options.reports, *step.options.devices)
        select = replace(step.options.selection, allow_exit=request.allow_exit)
        return format.Request(
            self._sources(sources, "CTRACE"),
            form=step.form,
            options=replace(step.options, selection=select),
            component=step.component,
            subname=step.subname,
            clock=step.clock,
            utc_offset=request.utc_offset,
            release=request.release,
            code_page=request.code_page,
            files={name: request.dds[name][0] for name in format.FILES if name in wanted and name in request.dds},
            titles=() if request.sources else sources,
        )

    def _sources(self, named: tuple[str, ...], command: str) -> tuple[str, ...]:
        if self.request.sources:
            return self.request.sources
        if not named:
            raise RequestError("ZJB0228E", command=command)
        return tuple(path for name in named for path in self._resolved(name))

    def _resolved(self, name: str) -> tuple[str, ...]:
        """What a source or target stands for: a ddname that was given, or the name itself."""
        if not name.startswith("//DD:"):
            return (name,)
        dd = name.removeprefix("//DD:")
        if dd in self.request.dds:
            return self.request.dds[dd]
        if open_host(self.settings.host).name == "files":
            raise RequestError("ZJB0227E", dd=dd)
        return (name,)

    def _print(self, step: Ctrace) -> str:
        """The name of the print file: --out, else IPCSPRNT where there is one, else standard output."""
        where = step.defaults
        target = self.request.target or self.request.dds.get("IPCSPRNT", ("",))[0]
        if where.print is False and where.terminal is False:
            return os.devnull
        if target:
            return target
        host = open_host(self.settings.host).name if where.print else "files"
        return "-" if host == "files" else "//DD:IPCSPRNT"

    def _sink(self, step: Ctrace) -> BinaryIO:
        target = self._print(step)
        if target not in self.sinks:
            self.sinks[target] = self.stack.enter_context(open_target(target, self.settings))
        return self.sinks[target]

    def _merge(self, steps: tuple[Ctrace, ...]) -> list[str]:
        listings = [self._listing(step) for step in steps]
        traces = [self._opened(step, listing) for step, listing in zip(steps, listings)]
        parts = [format.prepare(trace, listing) for trace, listing in zip(traces, listings)]
        columns = {format.columns(frame) for frame, _ in parts}
        shown = next((c for c in (heading.COLUMNS, summary.HEADING) if c in columns), "")
        titles = [step.text for step in steps]
        dumps = any("DUMP" in listing.reports for listing in listings)
        pipeline.put(merge.listing(parts, titles, shown), self._sink(steps[0]), dumps=dumps)
        lines = [line for step in steps for line in _said(step)]
        for trace, listing in zip(traces, listings):
            lines += [*format.notices(listing), *warnings(trace)]
        return lines

    def _query(self, step: Ctrace) -> list[str]:
        trace = open_trace(self._sources(step.defaults.sources, "CTRACE"), self.settings)
        sink = self._sink(step)
        sink.write("".join(f"{line}\n" for line in _found(trace, step)).encode("ascii", "replace"))
        lines = warnings(trace)
        return [line for line in lines if not line.startswith("ZJB0209W")]


def _said(step: Ctrace) -> list[str]:
    return [render("ZJB0225I", operand=name) for name in step.idle]


@dataclass
class _Found:
    count: int = 0
    first: int = 1 << 62
    last: int = -(1 << 62)


def _found(trace: Trace, step: Ctrace) -> Iterator[str]:
    """QUERY: components and sub-names of the sources, how many records, from when to when.  The layout is ours."""
    found: dict[tuple[int, str], _Found] = {}
    for table in trace.tables():
        osa = table.fmtid == cte.OSAENTA
        for source in distinct(table.source):
            for component, mask in (("SYSTCPOT", osa), ("SYSTCPDA", ~osa)):
                rows = np.flatnonzero(mask & (table.source == source))
                if rows.size:
                    one = found.setdefault((source, trace.context.infos[source].component or component), _Found())
                    one.count += rows.size
                    # Packets without a time belong to no span.
                    times = table.time_ns[rows][table.time_ns[rows] != 0]
                    if times.size:
                        one.first = min(one.first, int(times.min()))
                        one.last = max(one.last, int(times.max()))
    yield "COMPONENT TRACE QUERY SUMMARY"
    yield ""
    yield "Component Sub-name System   Records    First                      Last                       Source"
    for (source, component), one in sorted(found.items()):
        info = trace.context.infos[source]
        if (step.query or component) != component or (step.subname and info.subname not in ("", step.subname)):
            continue
        told = one.first <= one.last
        when = clock.stamps(np.array([one.first, one.last])).texts() if told else ["no time".ljust(26)] * 2
        name = heading.source(info.name)
        yield f"{component:<9} {info.subname:<8} {info.sysname:<8} {one.count:<10,} {when[0]} {when[1]} {name}"


def ddname(text: str) -> tuple[str, str]:
    """``NAME=PATH`` of --dd."""
    name, equals, path = text.partition("=")
    if not equals or not path or not re.fullmatch(r"[A-Za-z@#$][A-Za-z0-9@#$]{0,7}", name):
        raise RequestError("ZJB0234E", text=text)
    return name.upper(), path
