"""A simulated LPAR as a host: ``--host mock:DIR``."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from zjobs.errors import HostError
from zjobs.host import text
from zjobs.host.base import DatasetInfo, DatasetSpec, JobState, LogLine, Mode, Reply
from zjobs.host.names import Name, parse

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def open(argument: str = "") -> "MockHost":
    """The host of ``--host mock:DIR``."""
    lpar = import_module("mock_zos.lpar")
    try:
        return MockHost(lpar.Lpar(Path(argument)))
    except lpar.NotAnLpar as error:
        raise HostError("ZJB0511E", directory=argument or "''", reason=error) from None


@contextmanager
def _translated(operation: str) -> Iterator[None]:
    problem = import_module("mock_zos.datasets").DatasetProblem
    try:
        yield
    except problem as error:
        if error.missing:
            raise HostError("ZJB0507E", name=error.name) from None
        raise HostError("ZJB0506E", operation=operation, name=error.name, reason=error.reason) from None


class MockRecords:
    """Records of a simulated data set; what is written appears when it is closed."""

    def __init__(self, host: "MockHost", wanted: Name, info: DatasetInfo, mode: Mode) -> None:
        self.info = info
        self._host, self._wanted, self._mode = host, wanted, mode
        self._waiting: list[bytes] = []

    def __iter__(self) -> Iterator[bytes]:
        with _translated("reading"):
            yield from self._host.datasets.read(self._wanted.dsn, self._wanted.member)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def write(self, record: bytes) -> None:
        self._waiting.append(record)
        if len(self._waiting) >= 4096:
            self._put()

    def close(self) -> None:
        if self._mode != "rb":
            self._put()
            self._mode = "rb"

    def _put(self) -> None:
        with _translated("writing"):
            append = self._mode == "ab"
            self._host.datasets.write(self._wanted.dsn, self._waiting, self._wanted.member, append)
        self._waiting, self._mode = [], "ab"


class MockHost:
    """The simulated LPAR in a directory; its time is virtual, and a wait costs nothing."""

    name = "mock"

    def __init__(self, lpar: Any) -> None:
        self._lpar = lpar
        self.datasets = lpar.datasets
        lpar.attend()

    @property
    def lpar(self) -> Any:
        """The simulated LPAR itself, for those who look at it or do something to it from outside."""
        return self._lpar

    def _name(self, name: str) -> Name:
        wanted = parse(name)
        if not wanted.dd:
            return wanted
        allocated = self._lpar.state.allocations.get(wanted.dd)
        if allocated is None:
            raise HostError("ZJB0507E", name=f"DD {wanted.dd}")
        return parse(allocated)

    def dataset_info(self, name: str) -> DatasetInfo:
        wanted = self._name(name)
        with _translated("the search"):
            label = self.datasets.attributes(wanted.dsn)
        return DatasetInfo(wanted.text, label["recfm"], label["lrecl"], label["blksize"], label["dsorg"])

    def exists(self, name: str) -> bool:
        wanted = self._name(name)
        return bool(self.datasets.exists(wanted.dsn, wanted.member))

    def list_names(self, pattern: str) -> list[str]:
        return list(self.datasets.names(pattern))

    def list_members(self, name: str, pattern: str = "*") -> list[str]:
        with _translated("the member list"):
            return list(self.datasets.members(self._name(name).dsn, pattern))

    def create(self, name: str, spec: DatasetSpec) -> None:
        with _translated("allocation"):
            self.datasets.create(parse(name).dsn, spec.recfm, spec.lrecl, spec.dsorg, spec.blksize)

    def delete(self, name: str) -> None:
        wanted = self._name(name)
        with _translated("deletion"):
            self.datasets.delete(wanted.dsn, wanted.member)

    def rename(self, old: str, new: str) -> None:
        with _translated("renaming"):
            self.datasets.rename(parse(old).dsn, parse(new).dsn)

    def open_records(self, name: str, mode: Mode = "rb") -> MockRecords:
        wanted, info = self._name(name), self.dataset_info(name)
        with _translated("opening"):
            if mode == "rb":
                self.datasets.read(wanted.dsn, wanted.member)
        return MockRecords(self, wanted, info, mode)

    def read_text(self, name: str, encoding: str = "cp1047") -> list[str]:
        with self.open_records(name) as records:
            return text.decode(records, encoding)

    def write_text(
        self, name: str, lines: Iterable[str], encoding: str = "cp1047", spec: DatasetSpec | None = None
    ) -> None:
        if spec and not self.datasets.exists(self._name(name).dsn):
            self.create(name, spec)
        ready = list(text.encode(lines, self.dataset_info(name), encoding))
        with self.open_records(name, "wb") as records:
            for record in ready:
                records.write(record)

    def submit(self, jcl: Iterable[str]) -> str:
        job = self._lpar.submit(list(jcl))
        if not job:
            raise HostError("ZJB0512E", job="submission", reason="there is no JOB statement")
        return str(job)

    def _job(self, job: str) -> Any:
        return next((one for one in self._lpar.state.jobs if one.id == job), None)

    def job_state(self, job: str) -> JobState:
        found = self._job(job)
        if not found:
            return JobState("gone")
        if found.status == "CC":
            return JobState("ended", int(found.code), f"CC {found.code}")
        return JobState("running" if found.status == "AC" else "failed", raw=f"{found.status} {found.code}".strip())

    def find_jobs(self, name: str) -> list[str]:
        return [one.id for one in self._lpar.state.jobs if one.name == name.upper() and one.status == "AC"]

    def cancel(self, job: str) -> None:
        if not self._lpar.cancel(job):
            raise HostError("ZJB0512E", job=job, reason="it has ended, or is not known")

    def spool(self, job: str, dd: str | None = None) -> list[str]:
        found = self._job(job)
        if not found or (dd and dd not in found.output):
            raise HostError("ZJB0512E", job=job, reason=f"no output{f' of DD {dd}' if dd else ''}")
        return [line for name, lines in found.output.items() if dd in (None, name) for line in lines]

    def oper(self, command: str, wait_cs: int = 300) -> list[str]:
        return list(self._lpar.console(command))

    def replies(self) -> list[Reply]:
        return [Reply(number, text.split()[0], text, system=self.system()) for number, text in self._lpar.outstanding()]

    def syslog(self, since: datetime) -> list[LogLine]:
        lines = self._lpar.log((since - _EPOCH) // timedelta(microseconds=1))
        return [LogLine(_EPOCH + timedelta(microseconds=line.time), line.text) for line in lines]

    def now(self) -> datetime:
        return _EPOCH + timedelta(microseconds=self._lpar.state.now)

    def sleep(self, seconds: float) -> None:
        self._lpar.pass_time(seconds)

    def system(self) -> str:
        return str(self._lpar.state.system)

    def runs(self) -> Path:
        return Path(self._lpar.directory) / "runs"
