"""The external writer: a started task that takes trace buffers and writes data sets."""

import base64

from mock_zos import proclib, records
from mock_zos.catalogue import message
from mock_zos.datasets import DatasetProblem
from mock_zos.state import Due, Subtrace, WriterJob
from mock_zos.system import System
from zjobs.lifecycle.tables import Component, Event, Writer, after


class Refused(Exception):
    """The command is not carried out; ``lines`` say why."""

    def __init__(self, key: str, /, **values: object) -> None:
        self.lines = message(key, **values)
        super().__init__(key)


def start(system: System, member: str, wrap: bool) -> None:
    """TRACE CT,WTRSTART: accept the START; the job comes up later."""
    if system.state.writer(member):
        raise Refused("writer-active", writer=member)
    if system.member(system.state.proclib, member) is None:
        raise Refused("IEE122I")
    status = after(Writer.INACTIVE, Event.WTRSTART)
    system.state.writers.append(WriterJob(member, str(status), wrap))
    system.later(system.state.writer_delay, "writer-up", member)


def stop(system: System, name: str) -> None:
    """TRACE CT,WTRSTOP: refused while a component is connected."""
    job = system.state.writer(name)
    status = after(Writer(job.status), Event.WTRSTOP) if job else None
    if not job or status is None:
        raise Refused("writer-inactive", writer=name)
    if any(trace.mode != Component.OFF for trace in system.state.connected(name)):
        raise Refused("writer-connected", writer=name)
    job.status = str(status)
    system.later(system.state.writer_delay, "writer-down", name)


def happen(system: System, due: Due) -> None:
    """What the writer does by itself, after its time."""
    job = system.state.writer(due.name)
    if job and due.event == "writer-up":
        _up(system, job)
    elif job and due.event == "writer-down":
        _down(system, job)


def _up(system: System, job: WriterJob) -> None:
    time = f"{system.clock:%H.%M.%S}"
    try:
        outputs = proclib.outputs(system.member(system.state.proclib, job.name) or [], system)
        for output in outputs:
            if output.new:
                system.datasets.create(output.dsn, "VB", records.LRECL, blksize=records.BLKSIZE)
            system.datasets.hold(output.dsn, job.name)
            job.datasets.append(output.dsn)
            job.ddnames.append(output.dd)
            job.sizes.append(0)
            job.capacities.append(output.capacity(job.wrap))
    except (proclib.JclError, DatasetProblem) as problem:
        for dsn in job.datasets:
            system.datasets.hold(dsn, "")
        system.log([f"IEFC620I {job.name} {problem}"])
        system.say("IEF452I", job=job.name)
        system.state.writers.remove(job)
        return
    job.status = str(after(Writer(job.status), Event.WRITER_UP))
    system.say("IEF403I", job=job.name, time=time)
    system.log(message("AHL906I", blksize=records.BLKSIZE) + [f"        {dsn}" for dsn in job.datasets])
    system.say("ITT110I", job=job.name)


def _down(system: System, job: WriterJob) -> None:
    written = [dsn for dsn, size in zip(job.datasets, job.sizes) if size]
    for dsn in job.datasets:
        system.datasets.hold(dsn, "")
    if written:
        system.log(message("AHL904I") + [f"        {dsn}" for dsn in written])
    if job.lost:
        system.say("ITT120I", count=job.lost)
    system.say("ITT111I", job=job.name)
    system.say("IEF404I", job=job.name, time=f"{system.clock:%H.%M.%S}")
    for trace in system.state.connected(job.name):
        trace.writer = ""
    system.state.writers.remove(job)


def take(system: System, trace: Subtrace, flush: bool = False) -> None:
    """Move full records (all that waits, when flushing) from the trace's buffer to its writer."""
    job = system.state.writer(trace.writer)
    if not job or job.status != Writer.ACTIVE:
        return
    container = system.state.container
    head = records.prefix(container, trace.component, trace.sub, system.state.system, 0)
    bodies, rest = records.cut(container, base64.b64decode(trace.pending), records.BODY - len(head), flush)
    for body in bodies:
        trace.sequence += 1
        head = records.prefix(container, trace.component, trace.sub, system.state.system, trace.sequence)
        _write(system, job, head + body)
    trace.pending = base64.b64encode(rest).decode()


def _write(system: System, job: WriterJob, record: bytes) -> None:
    size = len(record) + 4
    if job.position + size > job.capacities[job.current] and not job.full:
        _next(system, job)
    if job.full:
        job.lost += 1
        return
    dsn = job.datasets[job.current]
    system.datasets.put(dsn, record, job.position, job.sizes[job.current], job.name)
    job.position += size
    job.sizes[job.current] = max(job.sizes[job.current], job.position)
    job.bytes += size


def _next(system: System, job: WriterJob) -> None:
    """The data set is full: the next one; after the last, the first again (WRAP) or none (NOWRAP)."""
    job.current += 1
    job.position = 0
    if job.current == len(job.datasets):
        job.current = 0
        if not job.wrap:
            job.full, job.current = True, len(job.datasets) - 1
            last = job.current
            system.say("IEC031I", job=job.name, dd=job.ddnames[last], dsn=job.datasets[last])
    if job.wrap and system.state.container not in ("packed", "packed-prefix"):
        job.sizes[job.current] = 0  # records of different lengths do not overwrite one another exactly


def connect(system: System, trace: Subtrace, name: str) -> None:
    """WTR= of a member or a reply: connect the trace to an active writer, or disconnect it."""
    if name == "DISCONNECT":
        disconnect(system, trace)
        return
    job = system.state.writer(name)
    if not job or job.status != Writer.ACTIVE:
        raise Refused("writer-inactive", writer=name)
    trace.writer = name


def disconnect(system: System, trace: Subtrace) -> None:
    """What the trace still holds goes to the writer, then the two part."""
    take(system, trace, flush=True)
    trace.pending = trace.writer = ""
