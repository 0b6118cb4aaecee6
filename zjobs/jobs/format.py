"""Listings: the trace formatter's reports of any trace, to any target."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import BinaryIO

from zjobs import registry
from zjobs.errors import RequestError
from zjobs.host import open_host
from zjobs.jobs import pipeline
from zjobs.jobs.filters import Filters, apply
from zjobs.jobs.reading import open_trace
from zjobs.jobs.target import Form, keep_apart, open_target, rewinder
from zjobs.jobs.verdict import return_code, warnings
from zjobs.messages import render
from zjobs.options import Global
from zjobs.page.style import PROFILES, Style
from zjobs.reports import heading
from zjobs.reports.frame import Chunk, Dates, Frame, Output, Report, print_run
from zjobs.trace.grammar import Options
from zjobs.trace.keywords import NOTED
from zjobs.trace.trace import Trace
from zjobs.wire.protocols import protocols
from zjobs.wire.walk import Manner, Telling

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
_TELLING = {"FORMAT", "BASIC", "DETAILS", "PACKETS", "SEQUENCE"}
_ANNOUNCING = {"PACKETS", "SEQUENCE"}
#: Those that print the lines of messages.
_LISTING = {"FORMAT", "BASIC", "DETAILS"}

#: Reports that write a file of their own, by ddname, and what becomes of it in a data set.
FILES: dict[str, Form] = {"EXPORT": "lines", "SNIFFER": "records"}

#: Bytes of a batch where little is printed of much; messages put together stand behind a copy of their batch.
_MIDDLE, _LARGE = 12 << 20, 24 << 20


@dataclass(frozen=True, eq=False, repr=False)
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
    #: Where the files beside the listing go, by ddname; the DD itself on a z/OS host where nothing is said.
    files: Mapping[str, str] = field(default_factory=dict)
    #: What the heading calls the sources, where that is not their names.
    titles: tuple[str, ...] = ()

    @property
    def reports(self) -> tuple[str, ...]:
        """The reports that are printed: those of OPTIONS, or of the form, and what runs beside them."""
        beside = [name for name in FILES if name in self.files]
        devices = dict.fromkeys([*self.options.devices, *beside])
        return (*(self.options.reports or FORMS[self.form]), *(d for d in devices if d not in self.options.reports))


def run(request: Request, settings: Global) -> tuple[int, list[str]]:
    """Write the listing; the return code and the message lines for the user."""
    keep_apart(request.sources, (request.target, *request.files.values()), settings)
    trace = opened(request, settings)
    with open_target(request.target, settings) as sink:
        lines = print_trace(trace, request, settings, sink)
    return return_code(lines), lines


def opened(request: Request, settings: Global) -> Trace:
    """The trace of a request that can be carried out."""
    trace = open_trace(request.sources, settings, request.options.selection)
    telling = Telling.LINES if _LISTING.intersection(request.reports) else Telling(0)
    trace.manner = Manner(request.options.stand_ins, request.options.asked, telling)
    reports = set(request.reports)
    detail = request.options.detail
    if "FORMAT" in reports and detail("FORMAT") == "SUMMARY":
        # One line a header: nobody asks what the data says.
        reports -= {"FORMAT"}
    if "CHECKSUM" in reports and detail("CHECKSUM") == "DETAIL":
        reports |= {"FORMAT"}
    if reports & _TELLING:
        # Imported by those who ask for it: a count or a summary starts faster without.
        from zjobs.sessions.applications import Applications

        ports, announce = application_ports(request.options.ports), reports <= _ANNOUNCING
        trace.applications = lambda: Applications(ports, announce)
    apply(trace, request.filters)
    if not _dumps(request):
        # Little text comes out of much data: larger batches spread their cost better.
        trace.context.buffer = _MIDDLE if reports & _TELLING else _LARGE
    return trace


#: Protocols by the keywords of OPTIONS that tell their ports.
_KEYWORDS = {
    "BOOTP": "dhcp", "DNS": "dns", "DOMAIN": "dns", "FTP": "ftp", "HTTP": "http", "WWW": "http", "IKE": "isakmp",
    "NTP": "ntp", "RIP": "rip", "ROUTER": "rip", "RPC": "rpc", "SASP": "sasp", "SMTP": "smtp", "SNMP": "snmp",
    "TELNET": "telnet", "TFTP": "tftp",
}  # fmt: skip


def application_ports(ports: dict[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """The ports of OPTIONS by protocol name: what a filter names is decoded that way too."""
    return {_KEYWORDS[k]: v for k, v in ports.items() if k in _KEYWORDS and _KEYWORDS[k] in protocols()}


def notices(request: Request) -> list[str]:
    """What was taken and changes nothing, with the reason: keywords, and LOCAL without a zone."""
    lines = [render("ZJB0212I", keyword=name, reason=NOTED[name]) for name in request.options.noted]
    if (request.options.clock or request.clock) == "LOCAL" and not request.utc_offset:
        lines.append(render("ZJB0310I"))
    return lines


def open_outputs(request: Request, settings: Global, stack: ExitStack) -> dict[str, Output]:
    """The files of reports that write one, complete or not at all when ``stack`` is closed."""
    outputs = {}
    for name, form in FILES.items():
        if name not in request.reports:
            continue
        target = request.files.get(name, "")
        if not target and open_host(settings.host).name == "files":
            raise RequestError("ZJB0305E", report=name, option=f"--{name.lower()}")
        target = target or f"//DD:{name}"
        outputs[name] = Output(_called(target), stack.enter_context(open_target(target, settings, form)))
    return outputs


def _called(target: str) -> str:
    """A target as a report names it: a data set without its quotes."""
    name = target[3:].rstrip("'") if target.startswith("//'") else target.removeprefix("//")
    return name.encode("ascii", "replace").decode()


def print_trace(trace: Trace, request: Request, settings: Global, sink: BinaryIO) -> list[str]:
    """Write the listing and the files beside it; the message lines for the user.

    One pass is enough where the trace is in order, and what was written can be undone where it is not.
    """
    with ExitStack() as stack:
        outputs = open_outputs(request, settings, stack)
        undo = [rewinder(s) for s in (sink, *(o.sink for o in outputs.values()))]

        def again() -> None:
            for rewind in filter(None, undo):
                rewind()

        if all(undo):
            trace.steadily(lambda: write(trace, request, sink, outputs), again)
        else:
            write(trace, request, sink, outputs)
    return [*notices(request), *warnings(trace)]


def _dumps(request: Request) -> bool:
    return bool({"FORMAT", "DUMP"} & set(request.reports))


def write(trace: Trace, request: Request, sink: BinaryIO, outputs: Mapping[str, Output] | None = None) -> None:
    """Write the listing of an opened trace to a binary stream."""
    pipeline.put(listing(trace, request, outputs), sink, dumps="DUMP" in request.reports)


def listing(trace: Trace, request: Request, outputs: Mapping[str, Output] | None = None) -> Iterator[Chunk]:
    """The listing in chunks of ASCII text."""
    frame, reports = prepare(trace, request, outputs)
    return print_run(frame, reports, block(frame, request), Dates(columns(frame)))


def prepare(trace: Trace, request: Request, outputs: Mapping[str, Output] | None = None) -> tuple[Frame, list[Report]]:
    """What the reports of a run are given, and the reports in the order in which they are printed."""
    options = replace(request.options, reports=request.reports)
    if not request.options.reports and request.form == "TALLY":
        options = replace(options, details={**options.details, "STATISTICS": "DETAIL"})
    if request.component:
        _check_component(trace, request.component)
        known = trace.context.infos
        trace.context.infos[:] = [i._replace(component=i.component or request.component) for i in known]
    style = Style(
        profile=PROFILES[request.release],
        clock=options.clock or request.clock,
        utc_offset=request.utc_offset,
        tod=options.tod,
        translation=options.translation or "BOTH",
        dump_size=65535 if options.dump_size is None else options.dump_size,
        code_page=request.code_page,
    )
    if request.subname:
        _check_subname(trace, request.subname)
        known = trace.context.infos
        trace.context.infos[:] = [i._replace(subname=i.subname or request.subname) for i in known]
    frame = Frame(trace, options, style, outputs or {})
    return frame, [m.Report(frame) for m in sorted(_modules(options.reports), key=lambda m: m.ORDER)]


def block(frame: Frame, request: Request) -> list[str]:
    """The heading block of a run."""
    component = request.component or frame.trace.info.component or "SYSTCPDA"
    wanted = frame.options.reports
    modules = _modules(wanted)
    echo = [line for m in modules if hasattr(m, "echo") for line in m.echo(frame)]
    notes = [note for m in modules if hasattr(m, "notes") for note in m.notes(frame)]
    titles = request.titles or [i.name for i in frame.trace.inputs]
    return heading.block(frame, request.form, component, titles, notes, echo)


def columns(frame: Frame) -> str:
    """The column heading behind the first date."""
    bad_formatted = "CHECKSUM" in frame.options.reports and frame.options.detail("CHECKSUM") == "DETAIL"
    if {"FORMAT", "DUMP", "STREAM"} & set(frame.options.reports) or bad_formatted:
        return heading.COLUMNS
    return next((str(m.HEADING) for m in _modules(frame.options.reports) if hasattr(m, "HEADING")), "")


def _modules(wanted: Iterable[str]) -> list[ModuleType]:
    """The reports that print what is wanted: each is the file of its name, and DUMP is a part of FORMAT's."""
    names = dict.fromkeys("format" if name == "DUMP" else name.lower() for name in wanted)
    return [registry.member("zjobs.reports", name) for name in names]


def _check_component(trace: Trace, component: str) -> None:
    """A data set that names its component must be the one that was asked for."""
    found = {i.component for i in trace.context.infos if i.component}
    if found and component.upper() not in found:
        raise RequestError("ZJB0304E", component=component, found=", ".join(sorted(found)))


def _check_subname(trace: Trace, subname: str) -> None:
    """The sub-name that a data set tells is taken from a prefix that is not published: told, not refused."""
    found = {i.subname for i in trace.context.infos if i.subname}
    if found and subname not in found:
        line = render("ZJB0309W", subname=subname, found=", ".join(sorted(found)))
        trace.remarks.append(lambda: [line])
