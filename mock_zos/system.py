"""The LPAR during one turn: its state, its data sets, its log, and the passing of its time."""

from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from mock_zos import catalogue
from mock_zos.datasets import Datasets
from mock_zos.state import Due, State


@cache
def numbers() -> dict[str, Any]:
    """The values of ``system.yaml``."""
    found: dict[str, Any] = yaml.safe_load(files("mock_zos").joinpath("system.yaml").read_text("utf-8"))
    return found


class System:
    """What commands and events work on.  ``logged`` goes to the system log when the turn is saved."""

    def __init__(self, state: State, directory: Path) -> None:
        self.state = state
        self.traffic = directory / "traffic"
        self.datasets = Datasets(directory / "datasets")
        self.logged: list[tuple[int, str]] = []

    @property
    def clock(self) -> datetime:
        """Time of day; the simulated LPAR keeps no local time offset."""
        return datetime.fromtimestamp(self.state.now / 1_000_000, UTC)

    def log(self, lines: list[str]) -> None:
        self.logged += [(self.state.now, line) for line in lines]

    def say(self, key: str, /, **values: object) -> None:
        """Issue an unsolicited message: it reaches the log, and no command's answer."""
        self.log(catalogue.message(key, **values))

    def connect(self) -> str:
        """The number that ends the first line of a multi-line answer."""
        self.state.next_connect = self.state.next_connect % 999 + 1
        return f"{self.state.next_connect:03}"

    def later(self, microseconds: int, event: str, name: str) -> None:
        self.state.due.append(Due(self.state.now + microseconds, event, name))

    def member(self, concatenation: list[str], member: str) -> list[str] | None:
        """The lines of a member from the first library that has it."""
        for library in concatenation:
            if self.datasets.exists(library, member):
                return self.datasets.text(library, member)
        return None
