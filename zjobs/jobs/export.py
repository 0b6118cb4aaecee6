"""An export: packets of a trace, written in a foreign format, complete or not at all."""

import io
from dataclasses import dataclass, field
from types import ModuleType
from typing import BinaryIO, cast

from zjobs import registry
from zjobs.errors import RequestError
from zjobs.jobs.filters import Filters, apply
from zjobs.jobs.reading import open_trace
from zjobs.jobs.target import keep_apart, open_target
from zjobs.jobs.verdict import return_code, warnings
from zjobs.messages import render
from zjobs.options import Global
from zjobs.trace.grammar import Options
from zjobs.wire.walk import Manner


@dataclass(frozen=True)
class Request:
    """What is asked for."""

    sources: tuple[str, ...]
    format: str
    target: str
    options: Options = field(default_factory=Options)
    filters: Filters = field(default_factory=Filters)


@dataclass(frozen=True)
class Result:
    """Packets written, the return code, and the lines that belong on standard error."""

    count: int
    code: int = 0
    lines: tuple[str, ...] = ()


def formats() -> dict[str, ModuleType]:
    """Export modules by the name that ``--as`` takes."""
    return {m.NAME: m for m in registry.members("zjobs.exports", "NAME").values()}


def run(request: Request, settings: Global) -> Result:
    """Write the export.  Raises RequestError when it cannot be done as asked, and then leaves nothing behind."""
    available = formats()
    if request.format not in available:
        raise RequestError("ZJB0351E", format=request.format, available=", ".join(sorted(available)))
    module = available[request.format]
    keep_apart(request.sources, (request.target,), settings)
    trace = open_trace(request.sources, settings, request.options.selection)
    trace.manner = Manner(request.options.stand_ins)
    apply(trace, request.filters)
    with open_target(request.target, settings, "bytes") as stream:
        # A file comes without a buffer of its own, and may take less than it is offered at once.
        raw = isinstance(stream, io.RawIOBase)
        sink = cast(BinaryIO, io.BufferedWriter(stream, 1 << 20)) if raw else stream
        count: int = module.write(trace, sink)
        sink.flush()
        if raw:
            cast(io.BufferedWriter, sink).detach()
    lines = warnings(trace)
    left = trace.counts.passed - count
    if left > 0:
        kinds = f"{trace.counts.data} data trace, {left - min(left, trace.counts.data)} other"
        lines.append(render("ZJB0353W", count=left, format=module.NAME, kinds=kinds))
    return Result(count, return_code(lines), tuple(lines))
