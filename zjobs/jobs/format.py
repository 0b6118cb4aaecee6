"""Listings: the trace formatter's reports of any trace, to any target."""

import queue
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import BinaryIO

import numpy as np

from zjobs import registry
from zjobs.chars import Weave
from zjobs.errors import RequestError
from zjobs.jobs.filters import Filters, apply
from zjobs.jobs.reading import open_trace
from zjobs.jobs.target import open_target, rewinder
from zjobs.jobs.verdict import return_code, warnings
from zjobs.options import Global
from zjobs.page.style import PROFILES, Style
from zjobs.reports import heading, option, packets, summary
from zjobs.reports.frame import Chunk, Dates, Frame, Report, print_run
from zjobs.sessions.applications import Applications
from zjobs.trace.grammar import Options
from zjobs.trace.trace import Trace
from zjobs.wire.walk import protocols

#: What a form prints when OPTIONS asks for no report (IP Diagnosis Guide, CTRACE keywords).
FORMS = {
    "SHORT": ("FORMAT",),
    "FULL": ("FORMAT", "DUMP"),
    "SUMMARY": ("SUMMARY",),
    "TALLY": ("STATISTICS",),
    "PACKETS": ("PACKETS",),
    "SEQUENCE": ("SEQUENCE",),
    "DETAILS": ("DETAILS",),
}

#: Reports that tell what applications say; the lists announce a message where it begins.
_TELLING = {"FORMAT", "DETAILS", "PACKETS", "SEQUENCE"}
_ANNOUNCING = {"PACKETS", "SEQUENCE"}


_LARGE = 16 << 20


@dataclass(frozen=True)
class Request:
    """A listing as asked for."""

    sources: tuple[str, ...]
    form: str = "SHORT"
    options: Options = field(default_factory=Options)
    component: str = ""
    subname: str = ""
    clock: str = "GMT"
    utc_offset: int = 0
    release: str = "2005"
    code_page: str = "cp037"
    target: str = "-"
    filters: Filters = field(default_factory=Filters)


def run(request: Request, settings: Global) -> tuple[int, list[str]]:
    """Write the listing; the return code and the message lines for the user."""
    trace = open_trace(request.sources, settings, request.options.selection)
    reports = set(request.options.reports or FORMS[request.form])
    if reports & _TELLING:
        ports, announce = application_ports(request.options.ports), reports <= _ANNOUNCING
        trace.applications = lambda: Applications(ports, announce)
    applied = apply(trace, request.filters)
    if not _dumps(request):
        # Little text comes out of much data: larger batches spread their cost better.
        trace.context.buffer = _LARGE
    with open_target(request.target, settings) as sink:
        emptied = rewinder(sink)
        if emptied is None:
            write(trace, request, sink)
        else:
            trace.steadily(lambda: write(trace, request, sink), emptied)
    lines = [*warnings(trace), *applied.lines()]
    return return_code(lines), lines


#: Protocols by the keywords of OPTIONS that tell their ports.
_KEYWORDS = {
    "BOOTP": "dhcp", "DNS": "dns", "DOMAIN": "dns", "FTP": "ftp", "HTTP": "http", "WWW": "http", "IKE": "isakmp",
    "NTP": "ntp", "RIP": "rip", "ROUTER": "rip", "RPC": "rpc", "SASP": "sasp", "SMTP": "smtp", "SNMP": "snmp",
    "TELNET": "telnet", "TFTP": "tftp",
}  # fmt: skip


def application_ports(ports: dict[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """The ports of OPTIONS by protocol name: what a filter names is decoded that way too."""
    return {_KEYWORDS[k]: v for k, v in ports.items() if k in _KEYWORDS and _KEYWORDS[k] in protocols()}


def _dumps(request: Request) -> bool:
    return bool({"FORMAT", "DUMP"} & set(request.options.reports or FORMS[request.form]))


def write(trace: Trace, request: Request, sink: BinaryIO) -> None:
    """Write the listing of an opened trace to a binary stream."""
    chunks = listing(trace, request)
    with _Writer(sink) as writer:
        for chunk in chunks:
            writer.put(chunk)


def listing(trace: Trace, request: Request) -> Iterator[Chunk]:
    """The listing in chunks of ASCII text."""
    options = request.options
    if not options.reports:
        details = {"STATISTICS": "DETAIL"} if request.form == "TALLY" else {}
        options = replace(options, reports=FORMS[request.form], details={**options.details, **details})
    if request.component:
        _check_component(trace, request.component)
    style = Style(
        profile=PROFILES[request.release],
        clock=options.clock or request.clock,
        utc_offset=request.utc_offset,
        tod=options.tod,
        translation=options.translation or "BOTH",
        dump_size=65535 if options.dump_size is None else options.dump_size,
        code_page=request.code_page,
    )
    frame = Frame(trace, options, style)
    reports = _reports(frame)
    component = request.component or trace.info.component or "SYSTCPDA"
    if request.subname:
        trace.context.infos[:] = [replace(i, subname=request.subname) for i in trace.context.infos]
    echo = option.echo(frame) if "OPTION" in options.reports else []
    head = heading.block(frame, request.form, component, [i.name for i in trace.inputs], echo)
    columns = heading.COLUMNS if {"FORMAT", "DUMP"} & set(options.reports) else ""
    if "SUMMARY" in options.reports:
        columns += summary.HEADING if not columns else ""
    elif "PACKETS" in options.reports:
        columns += packets.HEADING if not columns else ""
    return print_run(frame, reports, head, Dates(columns))


def _reports(frame: Frame) -> list[Report]:
    """The report objects of a run, in the order in which they are printed."""
    wanted = set(frame.options.reports)
    modules = registry.members("zjobs.reports", "NAME").values()
    chosen = [m for m in modules if m.NAME in wanted or wanted & set(getattr(m, "ALSO", ()))]
    return [m.Report(frame) for m in sorted(chosen, key=lambda m: m.ORDER)]


def _check_component(trace: Trace, component: str) -> None:
    """A data set that names its component must be the one that was asked for."""
    found = {i.component for i in trace.context.infos if i.component}
    if found and component.upper() not in found:
        raise RequestError("ZJB0304E", component=component, found=", ".join(sorted(found)))


class _Writer:
    """Renders and writes in a thread of its own, so that the next batch is decoded while the last one goes out."""

    def __init__(self, sink: BinaryIO) -> None:
        self.sink = sink
        self.queue: queue.Queue[Chunk | None] = queue.Queue(maxsize=1)
        self.error: BaseException | None = None
        self.area = np.empty(0, dtype=np.uint8)
        self.thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self) -> "_Writer":
        # Both threads spend their time in long column operations without the interpreter lock; the usual
        # five milliseconds of waiting to get it back would be most of what they do.
        self.interval = sys.getswitchinterval()
        sys.setswitchinterval(0.0005)
        self.thread.start()
        return self

    def put(self, chunk: Chunk) -> None:
        """Hand a chunk over; raises what the writing of an earlier one raised."""
        if self.error is not None:
            raise self.error
        self.queue.put(chunk)

    def __exit__(self, *_: object) -> None:
        self.queue.put(None)
        self.thread.join()
        sys.setswitchinterval(self.interval)
        if self.error is not None and _[0] is None:
            raise self.error

    def _write(self, chunk: Chunk) -> None:
        if isinstance(chunk, Weave):
            # Fresh memory costs more than filling it, so one area serves all batches.
            size = int(chunk.total.sum())
            if self.area.size < size:
                self.area = np.empty(size + size // 4, dtype=np.uint8)
            view = chunk.render(self.area).data
        else:
            view = memoryview(chunk if isinstance(chunk, bytes) else chunk())
        while len(view):
            view = view[self.sink.write(view) :]

    def _work(self) -> None:
        while (chunk := self.queue.get()) is not None:
            if self.error is not None:
                continue
            try:
                self._write(chunk)
            except BaseException as error:
                self.error = error

