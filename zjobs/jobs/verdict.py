"""What a user must know after a trace was read: damage, loss, nothing found.  It decides return code 4."""

from zjobs.messages import render
from zjobs.trace.trace import Trace

#: Notices of one kind that are printed before the rest is only counted.
_MOST = 8


def warnings(trace: Trace) -> list[str]:
    """One message line for everything that makes the result less than the whole truth."""
    lines = [render("ZJB0119I", source=name) for name in trace.empty]
    for source, faults in zip(trace.inputs, trace.faults):
        if faults.damaged:
            lines.append(
                render(
                    "ZJB0104W", source=source.name, count=faults.damaged, skipped=faults.skipped, offset=faults.first,
                    detail=faults.detail,
                )
            )  # fmt: skip
        if faults.truncated is not None:
            offset, needed, available = faults.truncated
            lines.append(render("ZJB0105W", source=source.name, offset=offset, needed=needed, available=available))
        for offset, detail in list(faults.broken.items())[:_MOST]:
            lines.append(render("ZJB0121W", source=source.name, offset=offset, detail=detail))
        if len(faults.broken) > _MOST:
            lines.append(render("ZJB0117I", lines=len(faults.broken) - _MOST))
        if faults.controls:
            lines.append(render("ZJB0113W", source=source.name, count=faults.controls))
        for link, count in sorted(faults.unknown_links.items()):
            lines.append(render("ZJB0115W", source=source.name, count=count, link=link))
    for source, jumps in zip(trace.inputs, trace.jumps):
        for jump in jumps[:_MOST]:
            lines.append(render("ZJB0108W", source=source.name, offset=jump))
        if len(jumps) > _MOST:
            lines.append(render("ZJB0117I", lines=len(jumps) - _MOST))
    counts = trace.counts
    if counts.duplicates:
        lines.append(render("ZJB0111I", count=counts.duplicates))
    if counts.incomplete:
        lines.append(render("ZJB0109W", count=counts.incomplete))
    if counts.invalid:
        lines.append(render("ZJB0116W", source=trace.info.name, count=counts.invalid))
    if counts.damaged_packets:
        lines.append(render("ZJB0110W", count=counts.damaged_packets))
    if not counts.passed:
        lines.append(render("ZJB0209W"))
    return [*lines, *(line for remark in trace.remarks for line in remark())]


def return_code(lines: list[str]) -> int:
    """4 when one of the lines is a warning, else 0."""
    return 4 if any(line.split(" ", 1)[0].endswith("W") for line in lines) else 0
