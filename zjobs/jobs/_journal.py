"""The record of a run: written whole before each command and after each answer, read when a process died."""

import json
import os
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from zjobs.errors import HostError

UNFINISHED = ("starting", "running", "stopping")
_NOT_KEPT = ("path", "lenient", "missed")


@dataclass
class Journal:
    """One profile's last run on one system.  ``state`` is starting, tracing, running, stopping, done or failed."""

    path: Path
    name: str
    state: str = ""
    place: str = "IDLE"
    process: int = 0
    prompts: list[str] = field(default_factory=list)
    asked: list[str] | None = None
    datasets: list[str] = field(default_factory=list)
    former: list[str] = field(default_factory=list)
    """Commands that put back settings found before the start."""
    history: list[dict[str, Any]] = field(default_factory=list)
    began: bool = True
    """Whether a command that changes anything was given, by this run or by one before it that came to no end."""
    lenient: bool = False
    """While stopping: a record that cannot be written keeps nothing from being stopped."""
    missed: str = ""
    """Why a lenient record was not written."""

    @classmethod
    def of(cls, directory: Path, name: str) -> "Journal":
        """The journal of a profile; a new one when none is there or it cannot be understood."""
        path = directory / f"{name}.json"
        journal = cls(path, name)
        with suppress(OSError, ValueError, TypeError, KeyError):
            journal = cls(path, **json.loads(path.read_text("utf-8")))
        return journal

    @property
    def ours(self) -> bool:
        """Whether what is on may be this profile's although the displays cannot tell."""
        # A start that was broken off while it only looked has left nothing; all that is there is somebody else's.
        return self.state in ("tracing", "failed") or (self.state in UNFINISHED and self.began)

    @property
    def alive(self) -> bool:
        """Whether the process that carries the run is there."""
        if self.process == os.getpid() or not self.process:
            return False
        try:
            os.kill(self.process, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True

    def begin(self, state: str) -> None:
        """A new run, or a stop, by this process."""
        self.began = self.ours
        if state != "stopping":
            self.prompts, self.asked, self.datasets, self.former, self.history = [], None, [], [], []
        self.state, self.process = state, os.getpid()
        self.save()

    def end(self, state: str) -> None:
        self.state, self.process = state, 0
        if state == "done":
            self.former = []
        self.save()

    def add(self, time: datetime, **what: object) -> None:
        self.history.append({"time": time.isoformat(), **what})
        self.save()

    def save(self) -> None:
        content = {key: value for key, value in vars(self).items() if key not in _NOT_KEPT}
        new = self.path.with_suffix(".new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with new.open("w", encoding="utf-8") as file:
                json.dump(content, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            new.replace(self.path)
        except OSError as error:
            if self.lenient:
                self.missed = str(error.strerror)
                return
            raise HostError("ZJB0452E", path=self.path, reason=error.strerror) from error
