"""Plain files: what is left of a system off the host.  Everything that needs z/OS says so."""

import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import NoReturn

from zjobs.errors import HostError
from zjobs.host.base import DatasetInfo, DatasetSpec, JobState, LogLine, Mode, Records, Reply
from zjobs.host.names import is_dataset
from zjobs.host.runs import default_runs


def open(argument: str = "") -> "FilesHost":
    """The host of ``--host files``."""
    return FilesHost()


class FilesHost:
    """Names are paths.  Text files are UTF-8 unless another encoding is asked for."""

    name = "files"

    def _path(self, name: str, operation: str) -> Path:
        if is_dataset(name):
            self._refuse(f"{operation} of {name}")
        return Path(name)

    @staticmethod
    def _refuse(operation: str) -> NoReturn:
        raise HostError("ZJB0503E", operation=operation)

    def dataset_info(self, name: str) -> DatasetInfo:
        self._refuse(f"the attributes of {name}")

    def exists(self, name: str) -> bool:
        return self._path(name, "the search").exists()

    def list_names(self, pattern: str) -> list[str]:
        self._refuse("a catalogue listing")

    def list_members(self, name: str, pattern: str = "*") -> list[str]:
        self._refuse("a member list")

    def create(self, name: str, spec: DatasetSpec) -> None:
        self._refuse(f"allocation of {name}")

    def delete(self, name: str) -> None:
        try:
            self._path(name, "deletion").unlink()
        except FileNotFoundError:
            raise HostError("ZJB0507E", name=name) from None
        except OSError as error:
            raise HostError("ZJB0506E", operation="deletion", name=name, reason=error.strerror) from error

    def rename(self, old: str, new: str) -> None:
        try:
            self._path(old, "renaming").rename(self._path(new, "renaming"))
        except OSError as error:
            raise HostError("ZJB0506E", operation="renaming", name=old, reason=error.strerror) from error

    def open_records(self, name: str, mode: Mode = "rb") -> Records:
        # A byte file has no records of its own; finding them is the business of zjobs.trace.
        self._refuse(f"record access to {name}")

    def read_text(self, name: str, encoding: str = "utf-8") -> list[str]:
        try:
            return self._path(name, "reading").read_text(encoding).splitlines()
        except FileNotFoundError:
            raise HostError("ZJB0507E", name=name) from None
        except (OSError, UnicodeError) as error:
            raise HostError("ZJB0506E", operation="reading", name=name, reason=error) from error

    def write_text(
        self, name: str, lines: Iterable[str], encoding: str = "utf-8", spec: DatasetSpec | None = None
    ) -> None:
        path = self._path(name, "writing")
        try:
            path.write_text("".join(f"{line}\n" for line in lines), encoding)
        except OSError as error:
            raise HostError("ZJB0506E", operation="writing", name=name, reason=error.strerror) from error

    def submit(self, jcl: Iterable[str]) -> str:
        self._refuse("submission of a job")

    def job_state(self, job: str) -> JobState:
        self._refuse("the state of a job")

    def find_jobs(self, name: str) -> list[str]:
        self._refuse("the search for a job")

    def cancel(self, job: str) -> None:
        self._refuse("cancelling a job")

    def spool(self, job: str, dd: str | None = None) -> list[str]:
        self._refuse("job output")

    def oper(self, command: str, wait_cs: int = 300) -> list[str]:
        self._refuse("an operator command")

    def replies(self) -> list[Reply]:
        self._refuse("the list of outstanding replies")

    def syslog(self, since: datetime) -> list[LogLine]:
        self._refuse("the system log")

    def now(self) -> datetime:
        return datetime.now().astimezone()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def system(self) -> str:
        self._refuse("the system name")

    def runs(self) -> Path:
        return default_runs()
