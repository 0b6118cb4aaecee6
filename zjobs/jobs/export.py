"""An export: packets of a trace, written in a foreign format, complete or not at all."""

import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import BinaryIO, cast

from zjobs import registry
from zjobs.errors import RequestError
from zjobs.host import names
from zjobs.jobs.reading import open_trace
from zjobs.messages import render
from zjobs.options import Global
from zjobs.trace import grammar
from zjobs.trace.select import Selection
from zjobs.trace.trace import Trace


@dataclass(frozen=True)
class Request:
    """What is asked for; times as the user wrote them."""

    sources: tuple[str, ...]
    format: str
    target: str
    options: str = ""
    start: str | None = None
    stop: str | None = None
    limit: int | None = None


@dataclass(frozen=True)
class Result:
    """Packets written, and the warnings that belong on standard error."""

    count: int
    warnings: tuple[str, ...] = ()


def formats() -> dict[str, ModuleType]:
    """Export modules by the name that ``--as`` takes."""
    return {m.NAME: m for m in registry.members("zjobs.exports", "NAME").values()}


def run(request: Request, settings: Global) -> Result:
    """Write the export.  Raises RequestError when it cannot be done as asked, and then leaves nothing behind."""
    available = formats()
    if request.format not in available:
        raise RequestError("ZJB0351E", format=request.format, available=", ".join(sorted(available)))
    if names.is_dataset(request.target):
        raise RequestError("ZJB0354E", target=request.target)
    module = available[request.format]
    trace = open_trace(request.sources, settings, _selection(request))
    count = _to_stdout(module, trace) if request.target == "-" else _to_file(module, trace, Path(request.target))
    return Result(count, tuple(_warnings(trace, module, count)))


def _selection(request: Request) -> Selection:
    selection = grammar.parse(request.options).selection
    start, stop = _moment("--start", request.start), _moment("--stop", request.stop)
    if start is not None and stop is not None and stop < start:
        raise RequestError("ZJB0208E", detail=f"--stop {request.stop} is before --start {request.start}")
    if start is not None:
        selection = replace(selection, start_ns=start)
    if stop is not None:
        selection = replace(selection, stop_ns=stop)
    return selection if request.limit is None else replace(selection, limit=request.limit)


def _moment(option: str, text: str | None) -> int | None:
    """Nanoseconds since 1970 of a time as CTRACE writes it, or as ISO 8601; GMT unless an offset is given."""
    if text is None:
        return None
    for form in ("%m/%d/%y,%H.%M.%S.%f", "%m/%d/%y,%H.%M.%S", None):
        with suppress(ValueError):
            found = datetime.fromisoformat(text) if form is None else datetime.strptime(text, form)
            found = found if found.tzinfo else found.replace(tzinfo=UTC)
            passed = found - datetime(1970, 1, 1, tzinfo=UTC)
            return (passed.days * 86_400 + passed.seconds) * 1_000_000_000 + passed.microseconds * 1000
    raise RequestError("ZJB0207E", option=option, value=text)


def _to_file(module: ModuleType, trace: Trace, target: Path) -> int:
    """Into a temporary file beside the target, renamed when it is whole."""
    try:
        kept = tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False)  # noqa: SIM115
    except OSError as error:
        raise RequestError("ZJB0352E", target=target, detail=error.strerror) from error
    try:
        with kept:
            count: int = module.write(trace, cast(BinaryIO, kept))
        # A temporary file is private to its maker; a report is as readable as any file made here.
        mask = os.umask(0)
        os.umask(mask)
        Path(kept.name).chmod(0o666 & ~mask)
        Path(kept.name).replace(target)
    except OSError as error:
        raise RequestError("ZJB0352E", target=target, detail=error.strerror) from error
    finally:
        Path(kept.name).unlink(missing_ok=True)
    return count


def _to_stdout(module: ModuleType, trace: Trace) -> int:
    """Standard output gets the export when it is whole."""
    with tempfile.TemporaryFile() as kept:
        count: int = module.write(trace, cast(BinaryIO, kept))
        kept.seek(0)
        shutil.copyfileobj(kept, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    return count


def _warnings(trace: Trace, module: ModuleType, count: int) -> Sequence[str]:
    lines = _verdict(trace)
    left = trace.counts.passed - count
    if left > 0:
        kinds = f"{trace.counts.data} data trace, {left - min(left, trace.counts.data)} other"
        lines.append(render("ZJB0353W", count=left, format=module.NAME, kinds=kinds))
    if not trace.counts.passed:
        lines.append(render("ZJB0209W"))
    return lines


def _verdict(trace: Trace) -> list[str]:
    """What was wrong with the sources and the packets."""
    lines = []
    for source in trace.inputs:
        faults = source.faults
        if faults.damaged:
            lines.append(
                render("ZJB0104W", source=source.name, count=faults.damaged, skipped=faults.skipped,
                       offset=faults.first, detail=faults.detail)
            )  # fmt: skip
        if faults.truncated:
            offset, needed, there = faults.truncated
            lines.append(render("ZJB0105W", source=source.name, offset=offset, needed=needed, available=there))
    if trace.counts.incomplete:
        lines.append(render("ZJB0109W", count=trace.counts.incomplete))
    if trace.counts.damaged_packets:
        lines.append(render("ZJB0110W", count=trace.counts.damaged_packets))
    return lines
