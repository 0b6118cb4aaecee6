"""A simulated LPAR whose state lives in a directory, so that one command after another can work on it.

Each call is a turn: lock, load, act, save in one step.  A process that ends in the middle of a turn
leaves the state as it was before the turn.
"""

import fcntl
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import yaml

from mock_zos import captures, components, console, jes, packets, stack, writer
from mock_zos.catalogue import message
from mock_zos.datasets import Datasets
from mock_zos.state import DataTrace, Link, State, Traffic
from mock_zos.system import System, numbers

_FIRST_MINUTES = 120_000_000


class NotAnLpar(Exception):
    """The directory holds no state."""


class Logged(NamedTuple):
    """A line of the system log; time in microseconds since 1970."""

    time: int
    text: str


class Lpar:
    """The LPAR in ``directory``."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        if not (directory / "state.json").is_file():
            raise NotAnLpar("state.json is missing")
        self.datasets = Datasets(directory / "datasets")

    def console(self, command: str) -> list[str]:
        """Issue an operator command; its solicited answer."""
        with self._turn() as system:
            _advance(system, numbers()["command_microseconds"])
            return console.issue(system, command)

    def act(self, work: Callable[[System], None]) -> None:
        """Something happens to the system that no command of its console asked for."""
        with self._turn() as system:
            work(system)
            stack.settle(system)

    def pass_time(self, seconds: float) -> None:
        with self._turn() as system:
            _advance(system, int(seconds * 1_000_000))

    def attend(self) -> None:
        """Somebody comes back to the system: in the meantime, traffic under way has passed."""
        with self._turn() as system:
            if left := stack.remaining(system):
                _advance(system, left + 1_000_000)

    @property
    def state(self) -> State:
        """A copy of the state, to look at."""
        return State.from_json((self.directory / "state.json").read_text("utf-8"))

    def log(self, since: int = 0) -> list[Logged]:
        """Lines of the system log from a time on."""
        found = []
        for line in (self.directory / "syslog").read_text("utf-8").splitlines():
            stamp, _, text = line.partition(" ")
            if int(stamp) >= since:
                found.append(Logged(int(stamp), text))
        return found

    def outstanding(self) -> list[tuple[str, str]]:
        """Number and text of each WTOR that waits for an answer."""
        return [(prompt.number, message("ITT006A")[0]) for prompt in self.state.prompts]

    def submit(self, lines: list[str]) -> str:
        """Take a job; its id, or nothing when it has no JOB statement."""
        with self._turn() as system:
            return jes.submit(system, lines)

    def cancel(self, job: str) -> bool:
        """Cancel a job that has not ended."""
        with self._turn() as system:
            return jes.cancel(system, job)

    def purge(self, job: str) -> bool:
        """Remove a job and its output."""
        with self._turn() as system:
            return jes.purge(system, job)

    def allocate(self, dd: str, dsn: str) -> None:
        """Give a DD name a data set, as the JCL of a step would."""
        with self._turn() as system:
            system.state.allocations[dd.upper()] = dsn.upper()

    @contextmanager
    def _turn(self) -> Iterator[System]:
        with (self.directory / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            system = System(self.state, self.directory)
            yield system
            _save(system, self.directory)


def _save(system: System, directory: Path) -> None:
    if system.logged:
        with (directory / "syslog").open("a", encoding="utf-8") as log:
            log.writelines(f"{time} {text}\n" for time, text in system.logged)
    new = directory / "state.json.new"
    new.write_text(system.state.to_json(), "utf-8")
    new.replace(directory / "state.json")


def _advance(system: System, microseconds: int) -> None:
    """Let time pass: packets and events come in their order."""
    state = system.state
    end = state.now + microseconds
    while due := min((due for due in state.due if due.at <= end), key=lambda due: due.at, default=None):
        state.due.remove(due)
        stack.replay(system, due.at)
        state.now = max(state.now, due.at)
        for happen in (writer.happen, stack.happen, jes.happen):
            happen(system, due)
        stack.settle(system)
    stack.replay(system, end)
    state.now = max(state.now, end)


def create(directory: Path, state: State, traffic: list[tuple[Path, str]], links: Iterable[str] = ("ETH1",)) -> Lpar:
    """Make an LPAR: links, captures to replay on them, libraries with the members a site would have.

    A link is written NAME, on the first stack, or NAME:STACK.
    """
    (directory / "traffic").mkdir(parents=True)
    (directory / "syslog").touch()
    placed = dict(_placed(state, name) for name in [*links, *(link for _, link in traffic)])
    state.stacks = list(dict.fromkeys([state.stack, *state.stacks, *placed.values()]))
    state.links = [Link("LOOPBACK", 1, "LOOPBACK", stack=one) for one in state.stacks]
    for number, (name, owner) in enumerate(placed.items(), 2):
        state.links.append(Link(name, number, stack=owner, port=f"OSADEV{number - 1}"))
    state.data = [DataTrace(one) for one in state.stacks]
    seen: list[packets.View] = []
    for number, (path, link) in enumerate(traffic, 1):
        found = captures.read(path)
        if not found:
            raise ValueError(f"{path} holds no IP packets")
        file = f"{number:02}{path.suffix}"
        shutil.copyfile(path, directory / "traffic" / file)
        state.traffic.append(Traffic(file, link.partition(":")[0]))
        seen += [view for packet in found if (view := packets.view(packet.data))]
        if number == 1:
            state.now = found[0].time - _FIRST_MINUTES
    state.home = state.home or packets.server_addresses(seen)
    system = System(state, directory)
    for one in state.stacks:
        components.defined(system, one)
    _install(system)
    system.log([f"IEE389I MVS COMMAND PROCESSING AVAILABLE ON {state.system}"])
    _save(system, directory)
    return Lpar(directory)


def _placed(state: State, name: str) -> tuple[str, str]:
    link, _, stack = name.partition(":")
    return link, stack or state.stack


@cache
def _site() -> dict[str, dict[str, str]]:
    """Members of the simulated site, by kind and name."""
    found: dict[str, dict[str, str]] = yaml.safe_load(files("mock_zos").joinpath("site.yaml").read_text("utf-8"))
    return found


def _install(system: System) -> None:
    """Libraries, and the members shipped for the simulated site."""
    for library in dict.fromkeys(system.state.proclib + system.state.parmlib):
        system.datasets.create(library, "FB", 80, "PO")
    for kind, libraries in (("proclib", system.state.proclib), ("parmlib", system.state.parmlib)):
        for member, content in _site()[kind].items():
            system.datasets.write_text(libraries[0], content.splitlines(), member)


def utc(microseconds: int) -> datetime:
    """A time of the LPAR's clock."""
    return datetime.fromtimestamp(microseconds / 1_000_000, UTC)
