"""z/OS through IBM Z Open Automation Utilities: the only file that imports ``zoautil_py``.

Names, units and results of the two supported release families (1.3.6 and later, 1.4) are translated
here.  ZOAU's exceptions have no common public root, so each call goes through one translator.
"""

import os
import re
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from zjobs.errors import HostError
from zjobs.host import text
from zjobs.host.base import DatasetInfo, DatasetSpec, JobState, LogLine, Mode, Reply
from zjobs.host.names import Name, parse
from zjobs.host.runs import default_runs

# Console waits are in centiseconds from 1.3.0 on; 1.3.6 is the lowest level zjobs is written for.
_LOWEST = (1, 3, 6)
# One console per process: two commands at a time compete for its name (BGYSC0806I, BGYSC0808E).
_CONSOLE = threading.Lock()
# System name, Julian date, time, then the text from column 43 on; the echo of the command starts with a minus sign.
_CONSOLE_LINE = re.compile(r"\S{1,8}\s+\d{7}\s+\d\d:\d\d:\d\d\.\d\d")
_CONSOLE_TEXT = 43
_LOG_LINE = re.compile(r"(\d\d)?(\d\d)(\d{3})\s+(\d\d:\d\d:\d\d\.\d\d)\s+(?:\S+\s+[0-9A-F]{8}\s+)?(.*)")
# A line that goes on the one before (SYSLOG record types S, D, E, L): no date, perhaps the connect id and flags.
_LOG_MORE = re.compile(r"[SDEL][A-Z]?\s{2,}(?:\d{3}\s+[0-9A-F]{8}\s+)?(.*)")
_WTOR = re.compile(r"\s*(\d{2,4})\s+R\s+(\S*)\s*[&*@]?\d+\s+(\S+)\s*(.*)")


def open(argument: str = "") -> "ZoauHost":
    """The host of ``--host zoau``."""
    return ZoauHost()


def _module(name: str) -> Any:
    try:
        return import_module(f"zoautil_py.{name}" if name else "zoautil_py")
    except ImportError as error:
        raise HostError("ZJB0504E", reason=error) from error


def _version() -> tuple[int, ...]:
    stated = getattr(_module(""), "ZOAU_API_VERSION", None) or getattr(_module(""), "__version__", "0")
    return tuple(int(part) for part in re.findall(r"\d+", str(stated))[:3])


def _reason(error: BaseException) -> str:
    response = getattr(error, "response", None)
    detail = getattr(response, "stderr_response", "") or getattr(response, "stdout_response", "")
    return " ".join(str(detail or error or type(error).__name__).split())


def _number(value: Any) -> int | None:
    return None if value is None else int(value)


class ZoauRecords:
    """A RecordIO stream; padding and record length are the caller's business."""

    def __init__(self, stream: Any, info: DatasetInfo) -> None:
        self._stream = stream
        self.info = info

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._stream)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def write(self, record: bytes) -> None:
        try:
            self._stream.write(record)
        except (OSError, ValueError) as error:
            raise HostError("ZJB0506E", operation="writing", name=self.info.name, reason=_reason(error)) from error

    def close(self) -> None:
        try:
            self._stream.close()
        except (OSError, ValueError) as error:
            raise HostError("ZJB0506E", operation="closing", name=self.info.name, reason=_reason(error)) from error


class ZoauHost:
    """The z/OS system this process runs on."""

    name = "zoau"

    def __init__(self) -> None:
        self.version = _version()
        if self.version < _LOWEST:
            raise HostError("ZJB0505E", version=".".join(map(str, self.version)))

    def _call(self, operation: str, name: str, module: str, function: str, *values: Any, **options: Any) -> Any:
        call = getattr(_module(module), function)
        try:
            return call(*values, **options)
        except Exception as error:  # the response-carrying family and the plain ones share no public root
            raise HostError("ZJB0506E", operation=operation, name=name, reason=_reason(error)) from error

    def dataset_info(self, name: str) -> DatasetInfo:
        wanted = parse(name)
        if wanted.dd:
            with self.open_records(name) as records:
                return records.info
        rows = self._call("the search", wanted.dsn, "datasets", "list_datasets", wanted.dsn)
        rows = [row for row in rows if row.name == wanted.dsn]
        if not rows:
            raise HostError("ZJB0507E", name=wanted.text)
        first = rows[0]
        # A multi-volume data set has one row for each volume.
        return DatasetInfo(
            wanted.text,
            first.record_format,
            _number(first.record_length),
            _number(first.block_size),
            first.organization,
            tuple(row.volume for row in rows if row.volume),
        )

    def exists(self, name: str) -> bool:
        wanted = parse(name)
        if wanted.member:
            return bool(self.list_members(wanted.dsn, wanted.member)) if self.exists(wanted.dsn) else False
        return bool(self._call("the search", wanted.text, "datasets", "exists", wanted.text))

    def list_names(self, pattern: str) -> list[str]:
        return list(self._call("the search", pattern, "datasets", "list_dataset_names", pattern))

    def list_members(self, name: str, pattern: str = "*") -> list[str]:
        # Aliases are left out: by keyword from 1.4 on, by the utility's flag before.
        options: dict[str, Any] = {"alias": False} if self.version >= (1, 4) else {"options": "-H "}
        library = f"{parse(name).dsn}({pattern})"
        return list(self._call("the member list", name, "datasets", "list_members", library, **options))

    def create(self, name: str, spec: DatasetSpec) -> None:
        options: dict[str, Any] = {
            "dataset_type": "PDSE" if spec.dsorg == "PO" else "SEQ",
            "record_format": spec.recfm,
            "record_length": spec.lrecl,
            "primary_space": spec.primary,
            "secondary_space": spec.secondary,
        }
        if spec.blksize:
            options["block_size"] = spec.blksize
        self._call("allocation", name, "datasets", "create", parse(name).dsn, **options)

    def delete(self, name: str) -> None:
        wanted = parse(name)
        function = "delete_members" if wanted.member else "delete"
        if self._call("deletion", wanted.text, "datasets", function, wanted.text):
            raise HostError("ZJB0507E", name=wanted.text)

    def rename(self, old: str, new: str) -> None:
        self._call("renaming", old, "datasets", "move", parse(old).text, parse(new).text)

    def open_records(self, name: str, mode: Mode = "rb") -> ZoauRecords:
        wanted = parse(name)
        if mode == "rb" and not wanted.dd and not self.exists(name):
            raise HostError("ZJB0507E", name=wanted.text)
        # recfm=* keeps the attributes of an existing data set on output; QSAM is enough going forward.
        options: dict[str, Any] = {"noseek": True} | ({} if mode == "rb" else {"recfm": "*"})
        stream = self._call("opening", wanted.text, "zoau_io", "zopen", wanted.quoted, mode, **options)
        return ZoauRecords(stream, self._info_of(stream, wanted))

    def _info_of(self, stream: Any, wanted: Name) -> DatasetInfo:
        if not wanted.dd:
            return self.dataset_info(wanted.text)
        recfm = str(getattr(stream, "recfm", "") or "") or None
        length = getattr(stream, "maxreclen", None)
        # The C library counts the data of a V record; JCL counts the RDW as well.
        lrecl = None if length is None else int(length) + (4 if (recfm or "").startswith("V") else 0)
        return DatasetInfo(wanted.text, recfm, lrecl, getattr(stream, "blksize", None), getattr(stream, "dsorg", None))

    def read_text(self, name: str, encoding: str = "cp1047") -> list[str]:
        with self.open_records(name) as records:
            return text.decode(records, encoding)

    def write_text(
        self, name: str, lines: Iterable[str], encoding: str = "cp1047", spec: DatasetSpec | None = None
    ) -> None:
        wanted = parse(name)
        if spec and not wanted.dd and not self.exists(wanted.dsn):
            self.create(name, spec)
        if wanted.dd:
            with self.open_records(name, "wb") as records:
                for record in text.encode(lines, records.info, encoding):
                    records.write(record)
            return
        # Encode before opening: a line that does not fit must not leave the data set empty.
        ready = list(text.encode(lines, self.dataset_info(name), encoding))
        with self.open_records(name, "wb") as records:
            for record in ready:
                records.write(record)

    def submit(self, jcl: Iterable[str]) -> str:
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "job.jcl"
            path.write_bytes("".join(f"{line}\n" for line in jcl).encode(text.codec("cp1047")))
            self._tag(path)
            try:
                return str(_module("jobs").submit_return_job_id(str(path), is_unix=True))
            except Exception as error:
                raise HostError("ZJB0512E", job="submission", reason=_reason(error)) from error

    @staticmethod
    def _tag(path: Path) -> None:
        import subprocess

        # The internal reader takes an untagged file for what the process would write: tag it IBM-1047.
        with suppress(OSError):  # there are no tags off z/OS
            subprocess.run(["/bin/chtag", "-tc", "IBM-1047", str(path)], check=False, capture_output=True)

    def job_state(self, job: str) -> JobState:
        found = self._call("the search", job, "jobs", "fetch_multiple", job_id=job)
        if not found:
            return JobState("gone")
        status, code = (found[0].status or "").strip(), (found[0].return_code or "").strip()
        if status == "CC" and code.isdigit():
            return JobState("ended", int(code), f"{status} {code}")
        if status == "AC":
            return JobState("running", raw=status)
        kind = "failed" if status not in ("", "?") else "waiting"
        return JobState(kind, raw=f"{status} {code}".strip())  # type: ignore[arg-type]

    def find_jobs(self, name: str) -> list[str]:
        # The filters of the utility are not reliable on their own: what comes back is filtered again.
        found = self._call("the search", name, "jobs", "fetch_multiple", job_name=name)
        # A job that waits for an initiator has no status yet, or a question mark.
        return [
            str(job.job_id)
            for job in found
            if job.name == name.upper() and (job.status or "").strip() in ("", "?", "AC")
        ]

    def cancel(self, job: str) -> None:
        try:
            _module("jobs").cancel(job, confirm_timeout=5)
        except Exception as error:
            raise HostError("ZJB0512E", job=job, reason=_reason(error)) from error

    def spool(self, job: str, dd: str | None = None) -> list[str]:
        options = {"dd_name": dd} if dd else {}
        try:
            return str(_module("jobs").read_output(job, **options)).splitlines()
        except Exception as error:  # control characters in output raise four different types
            raise HostError("ZJB0512E", job=job, reason=_reason(error)) from error

    def oper(self, command: str, wait_cs: int = 300) -> list[str]:
        with _CONSOLE:
            try:
                answer = _module("opercmd").execute(command, timeout=wait_cs, wait=True)
            except Exception as error:
                raise HostError("ZJB0510E", reason=_reason(error)) from error
        if answer.rc:
            raise HostError("ZJB0510E", reason=" ".join(str(answer.stderr_response).split()) or f"RC={answer.rc}")
        return _console_lines(answer.stdout_response)

    def replies(self) -> list[Reply]:
        found = []
        for line in self.oper("D R,A,JN"):
            row = _WTOR.match(line)
            if row:
                found.append(Reply(row[1], row[3], row[4].strip(), job=row[2], system=self.system()))
        return found

    def syslog(self, since: datetime) -> list[LogLine]:
        minutes = max(1, -int((since - self.now()) // timedelta(minutes=1)))
        raw = str(self._call("reading", "the system log", "zsystem", "read_console", f"-t{minutes}"))
        found: list[LogLine] = []
        for line in raw.splitlines():
            row = _LOG_LINE.search(line)
            if row:
                stamp = datetime.strptime(f"20{row[2]} {row[3]} {row[4]}", "%Y %j %H:%M:%S.%f").astimezone()
                found.append(LogLine(stamp, row[5].rstrip()))
            elif found:
                more = _LOG_MORE.fullmatch(line)
                found.append(LogLine(found[-1].time, (more[1] if more else line).strip()))
        return [line for line in found if line.time >= since]

    def now(self) -> datetime:
        return datetime.now().astimezone()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def system(self) -> str:
        return os.uname().nodename.split(".")[0].upper()

    def runs(self) -> Path:
        return default_runs()


def _console_lines(output: str) -> list[str]:
    """Text of each line of an answer, without the console's columns and the echo of the command."""
    lines = []
    for line in output.splitlines():
        if _CONSOLE_LINE.match(line):
            shown = line[_CONSOLE_TEXT:]
            if shown.startswith("-") or "ISF031I" in shown:
                continue
            line = shown.removeprefix(" ")
        elif line[:_CONSOLE_TEXT].isspace():
            line = line[_CONSOLE_TEXT:]
        lines.append(line.rstrip())
    return lines
