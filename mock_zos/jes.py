"""Jobs: JCL in, steps carried out in virtual time, output and condition codes out.

The programs of the simulated system are BPXBATCH with ``SH sleep n``, SDSF with slash commands in ISFIN,
and IEFBR14; any other program is not found, which is abend S806.
"""

import re
from importlib import import_module

from mock_zos.state import Due, Job
from mock_zos.system import System

_SLEEP = re.compile(r"SH\s+sleep\s+(\d{1,6})", re.IGNORECASE)
_PROGRAMS = ("BPXBATCH", "SDSF", "IEFBR14")


def submit(system: System, lines: list[str]) -> str:
    """Take a job; its id, or an empty text when the JCL has no JOB statement (JES has nobody to tell then)."""
    first = next((line for line in lines if line.startswith("//") and not line.startswith("//*")), "")
    card = re.match(r"//([A-Z@#$][A-Z0-9@#$]{0,7})\s+JOB\b", first)
    if not card:
        return ""
    state = system.state
    job = Job(f"JOB{state.next_job:05}", card[1], steps=_steps(lines))
    state.next_job += 1
    state.jobs.append(job)
    long = next((line for line in lines if line.startswith("//") and len(line.rstrip()) > 72), None)
    if long or not job.steps:
        _end(system, job, "JCLERR", "")
        return job.id
    job.output["JESMSGLG"] = [f"$HASP373 {job.name} STARTED"]
    system.log([f"$HASP373 {job.name} STARTED"])
    system.later(0, "job", job.id)
    return job.id


def _steps(lines: list[str]) -> list[list[str]]:
    """Each step as its program, its PARM, and the lines of its in-stream data."""
    found: list[list[str]] = []
    data = False
    for line in lines:
        if data and not line.startswith(("/*", "//")):
            found[-1].append(line.rstrip())
            continue
        data = False
        if called := re.match(r"//\S*\s+EXEC\s+PGM=([A-Z0-9@#$]+)", line):
            parm = re.search(r"PARM='([^']*)'", line)
            found.append([called[1], parm[1] if parm else ""])
        elif found and re.match(r"//\S+\s+DD\s+\*", line):
            data = True
        elif found and (parm := re.match(r"//\s+PARM='([^']*)'", line)):
            found[-1][1] = parm[1]
    return found


def happen(system: System, due: Due) -> None:
    """The next step of a job."""
    job = find(system, due.name) if due.event == "job" else None
    if not job or job.status != "AC":
        return
    if not job.steps:
        _end(system, job, "CC", "0000")
        return
    program, parm, *data = job.steps.pop(0)
    if program not in _PROGRAMS:
        _end(system, job, "ABEND", "S806")
        return
    delay = 0
    if program == "BPXBATCH":
        slept = _SLEEP.fullmatch(parm.strip())
        if not slept:
            _end(system, job, "CC", "4095")
            return
        delay = int(slept[1]) * 1_000_000
    if program == "SDSF":
        issue = import_module("mock_zos.console").issue  # the console knows commands that know jobs
        for line in data:
            if line.lstrip().startswith("/"):
                answer = issue(system, line.strip()[1:])
                job.output.setdefault("ISFOUT", []).extend([line, *answer])
    system.later(delay, "job", job.id)


def cancel(system: System, job: str) -> bool:
    """Cancel a job; whether it was there to be cancelled."""
    found = find(system, job)
    if not found or found.status != "AC":
        return False
    _end(system, found, "CANCELED", "")
    return True


def purge(system: System, job: str) -> bool:
    """Remove a job and its output, ending it first; whether it was there."""
    found = find(system, job)
    if not found:
        return False
    if found.status == "AC":
        _end(system, found, "CANCELED", "")
    system.state.jobs.remove(found)
    return True


def find(system: System, job: str) -> Job | None:
    return next((one for one in system.state.jobs if one.id == job), None)


def _end(system: System, job: Job, status: str, code: str) -> None:
    job.status, job.code, job.steps = status, code, []
    line = f"$HASP395 {job.name} ENDED" + (f" - {status} {code}".rstrip() if status != "CC" else f" - RC={code}")
    job.output.setdefault("JESMSGLG", []).append(line)
    system.log([line])
