"""The port: what zjobs asks of a system, whatever the system is.

Everything else in zjobs sees only these types.  Records are the bytes a program sees, as DFSMS gives
them to a reader of logical records: no record or block descriptor word.  A data set is named
``//'HLQ.NAME'``, ``//'HLQ.PDS(MEMBER)'`` or ``//DD:NAME`` (:mod:`zjobs.host.names`).
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Literal, NamedTuple, Protocol, Self

Mode = Literal["rb", "wb", "ab"]


class DatasetInfo(NamedTuple):
    """What the catalogue and the label say of a data set; ``None`` where they do not say."""

    name: str
    recfm: str | None = None
    lrecl: int | None = None
    blksize: int | None = None
    dsorg: str | None = None
    volumes: tuple[str, ...] = ()


class DatasetSpec(NamedTuple):
    """How to make a data set.  ``lrecl`` of a V format includes the four bytes of the RDW, as in JCL."""

    recfm: str = "VB"
    lrecl: int = 27994
    blksize: int = 0
    dsorg: Literal["PS", "PO"] = "PS"
    primary: str = "5M"
    secondary: str = "5M"


LISTING = DatasetSpec(recfm="FBA", lrecl=133)


class JobState(NamedTuple):
    """Where a job is; ``code`` is its condition code when it ended by itself."""

    kind: Literal["waiting", "running", "ended", "failed", "gone"]
    code: int | None = None
    raw: str = ""


class Reply(NamedTuple):
    """A WTOR that waits for an answer (DISPLAY R).  ``number`` stays text: leading zeros matter."""

    number: str
    message_id: str
    text: str
    job: str = ""
    system: str = ""


class LogLine(NamedTuple):
    """One line of the system log."""

    time: datetime
    text: str


class Records(Protocol):
    """An open data set: iterate to read, ``write`` one record at a time; close it, or use ``with``."""

    info: DatasetInfo

    def __iter__(self) -> Iterator[bytes]: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def write(self, record: bytes) -> None: ...
    def close(self) -> None: ...


class Host(Protocol):
    """A system.  Failures are ``HostError``; a name that cannot be one is ``RequestError``."""

    name: str

    def dataset_info(self, name: str) -> DatasetInfo: ...
    def exists(self, name: str) -> bool: ...
    def list_names(self, pattern: str) -> list[str]: ...
    def list_members(self, name: str, pattern: str = "*") -> list[str]: ...
    def create(self, name: str, spec: DatasetSpec) -> None: ...
    def delete(self, name: str) -> None: ...
    def rename(self, old: str, new: str) -> None: ...

    def open_records(self, name: str, mode: Mode = "rb") -> Records: ...
    def read_text(self, name: str, encoding: str = "cp1047") -> list[str]: ...
    def write_text(
        self, name: str, lines: Iterable[str], encoding: str = "cp1047", spec: DatasetSpec | None = None
    ) -> None:
        """Write lines as records; a data set that does not exist is made by ``spec`` when that is given."""

    def submit(self, jcl: Iterable[str]) -> str: ...
    def job_state(self, job: str) -> JobState: ...
    def find_jobs(self, name: str) -> list[str]:
        """Ids of the jobs of that name that have not ended."""

    def cancel(self, job: str) -> None: ...
    def spool(self, job: str, dd: str | None = None) -> list[str]: ...

    def oper(self, command: str, wait_cs: int = 300) -> list[str]:
        """Issue an operator command; its solicited answer, line by line, without the console's own columns."""

    def replies(self) -> list[Reply]: ...
    def syslog(self, since: datetime) -> list[LogLine]: ...

    def now(self) -> datetime: ...
    def sleep(self, seconds: float) -> None: ...
    def system(self) -> str: ...

    def runs(self) -> Path:
        """Directory in which the journals of capture runs on this system are kept."""
