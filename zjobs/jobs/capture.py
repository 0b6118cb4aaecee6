"""Starting, watching and stopping a trace by its profile, so that none is ever left on by accident."""

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from zjobs.errors import HostError, RequestError, ZjobsError
from zjobs.host import names
from zjobs.host.base import Host
from zjobs.jobs._driver import Listener
from zjobs.jobs._journal import UNFINISHED
from zjobs.jobs._part import Part
from zjobs.jobs._watch import Watch
from zjobs.jobs.deadman import DeadMan
from zjobs.lifecycle import plan
from zjobs.lifecycle.steps import Issue, Observed, Outcome, tell
from zjobs.lifecycle.tables import LADDERS, Place, Windows
from zjobs.lifecycle.values import Profile

Reporter = Callable[[str, tuple[str, ...], str], None]
"""Makes one report: its kind, the trace data sets, the target."""


class Job:
    """The captures of one profile on one host: one, or one for each of several stacks.

    Several are started one after the other, each proved before the next is begun, and stopped the other way
    round.  They are traced together or not at all.
    """

    def __init__(
        self, host: Host, profiles: Profile | Sequence[Profile], listener: Listener, windows: Windows | None = None
    ) -> None:
        self.profiles = (profiles,) if isinstance(profiles, Profile) else tuple(profiles)
        self.host, self.listener = host, listener
        self.windows = windows or Windows()
        self.profile = self.profiles[0]
        """What all of them have in common: name, stop rules, reports."""
        self.watchman = DeadMan(host, self.profiles)
        self.parts = [Part(host, one, listener, self.windows, self.watchman) for one in self.profiles]

    def plan(self) -> list[tuple[str, tuple[Issue, ...]]]:
        """What start and stop would send, under a heading each; nothing is sent."""
        looks = [step for one in self.profiles for step in plan.looking(one, self.windows)]

        def of(one: Profile) -> str:
            return f" {one.stack}" if one.part else ""

        return [
            ("look", tuple(dict.fromkeys(looks))),
            *((f"start{of(one)}", plan.starting(one, self.windows)) for one in self.profiles),
            *(
                (f"stop{of(one)}", plan.stopping(one, self.windows, LADDERS[Place.TRACING]))
                for one in reversed(self.profiles)
            ),
        ]

    def start(self) -> Outcome:
        """Start and prove; whatever interrupts it, nothing stays on."""
        outcome = self._start("starting")
        if outcome.place is Place.TRACING and outcome.changed:
            self._tell("ZJB0440I", name=self.profile.name, system=self.host.system())
        return outcome

    def _start(self, state: str) -> Outcome:
        self._refuse_alive(self.parts)
        # The record of the end too: a trace that is on without one would be nobody's.
        with self._guarded():
            if len(self.parts) > 1 and (refused := self._check(state)):
                return refused
            done: list[Outcome] = []
            for part in self.parts:
                done.append(part.start(state))
                if done[-1].place is not Place.TRACING:
                    return self._give_up(done)
            if state == "starting":
                # Only now: a start that dies between two stacks is recovered as a whole.
                for part, outcome in zip(self.parts, done):
                    if outcome.changed:
                        part.journal.end("tracing")
        return _joined(done)

    def _check(self, state: str) -> Outcome | None:
        """Before the first of several stacks is begun: why one of them cannot be, if so."""
        found = [part.check() for part in self.parts]
        if state == "running":
            for part, outcome in zip(self.parts, found):
                if outcome.place is Place.TRACING:
                    raise HostError("ZJB0455E", name=part.profile.label)
        return _joined(found) if any(one.place is Place.FAILED for one in found) else None

    def _give_up(self, done: list[Outcome]) -> Outcome:
        """The last one begun has failed and is undone; those begun before it are stopped."""
        failed = self.parts[len(done) - 1].profile
        others = [part for part, outcome in zip(self.parts, done[:-1]) if outcome.changed]
        for part in others:
            self._tell("ZJB0481I", name=part.profile.label, failed=failed.label)
        stopped = self._stop(others)
        return _joined([*done, *stopped])

    def stop(self) -> Outcome:
        """Stop all of it, from whatever is found on."""
        return self._finish(self.parts)

    def _finish(self, parts: Sequence[Part]) -> Outcome:
        found = self._stop(parts)
        outcome = _joined(found)
        if outcome.place is Place.DONE and outcome.changed:
            if outcome.written:
                self._tell("ZJB0441I", name=self.profile.name, datasets=" ".join(outcome.written))
            for part, one in zip(parts, found):
                if one.changed and not one.written:
                    self._tell("ZJB0442W", name=part.profile.label)
        return outcome

    def _stop(self, parts: Sequence[Part]) -> list[Outcome]:
        """Stop each, the last one first; what goes wrong with one keeps no other from being stopped."""
        self.watchman.needed |= {part.profile.stack for part in parts}
        found: list[Outcome] = []
        failed: ZjobsError | None = None
        for part in reversed(parts):
            try:
                found.insert(0, part.stop())
            except ZjobsError as error:
                failed = failed or error
            if part.journal.missed:
                self._tell("ZJB0475W", path=part.journal.path, reason=part.journal.missed)
        if failed:
            raise failed
        return found

    def look(self) -> list[Observed]:
        """The state of the system for each capture, for status; nothing is changed."""
        return [part.look() for part in self.parts]

    def compare(self, looks: Sequence[Observed]) -> None:
        """Warn of counters that do not do as they should, seen against the last ``status``."""
        for part, seen in zip(self.parts, looks):
            if seen.whole and plan.place(seen, part.profile) is Place.TRACING:
                for warning in part.compare(seen):
                    self.listener.told(warning)

    def run(self, reporter: Reporter | None = None) -> Outcome:
        """Start, watch until a stop rule is met, stop, and make the profile's reports."""
        self._check_run(reporter)
        outcome = self._start("running")
        if outcome.place is not Place.TRACING:
            return outcome
        if not outcome.changed:
            raise HostError("ZJB0455E", name=self.profile.name)
        with self._guarded():
            Watch(self.host, self.parts, self.windows, self.listener.told).wait()
        outcome = self.stop()
        if outcome.written and reporter:
            for report in self.profile.reports:
                target = self._target(report.target)
                reporter(report.kind, outcome.written, target)
                self._tell("ZJB0453I", kind=report.kind, target=target)
        return outcome

    def _target(self, text: str) -> str:
        """A bare name is a data set on a host that has them, as in JCL; a path has a slash or lower case."""
        if "/" in text or self.host.name == "files" or text != text.upper():
            return text
        return names.parse(text).quoted

    def _check_run(self, reporter: Reporter | None) -> None:
        """Refuse before the start what could not be kept after it."""
        stop = self.profile.stop
        if stop.finding:
            # IP Diagnosis Guide, external writer: the data set is read only after the writer has ended.
            raise RequestError("ZJB0446E", what=f"a stop at the finding {stop.finding}")
        if not (stop.after or stop.packets or stop.size or stop.message):
            raise RequestError("ZJB0447E")
        if self.profile.reports and reporter is None:
            raise RequestError("ZJB0446E", what="reports")

    def recover(self) -> Outcome | None:
        """Finish a run whose process died; ``None`` when there is none."""
        name = self.profile.name
        broken = [part for part in self.parts if part.unfinished]
        if not broken:
            if any(part.journal.state == "tracing" for part in self.parts):
                self._tell("ZJB0449I", name=name)
            else:
                self._tell("ZJB0448I", name=name)
            return None
        self._refuse_alive(broken)
        self._tell("ZJB0454I", name=name, place=broken[0].journal.place)
        # With one of several broken off, those that stand by their own are of the same unfinished whole.
        return self._finish([part for part in self.parts if part.unfinished or part.journal.state == "tracing"])

    def _refuse_alive(self, parts: Sequence[Part]) -> None:
        for part in parts:
            if part.journal.state in UNFINISHED and part.journal.alive:
                raise HostError("ZJB0450E", name=part.profile.label, process=part.journal.process)

    def _tell(self, id: str, /, **values: object) -> None:
        self.listener.told(tell(id, **values))

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Whatever ends the work inside, an interrupt too, stops what it started first."""
        with _terminable():
            try:
                yield
            except BaseException:
                if begun := [part for part in self.parts if part.capture.began]:
                    with _undisturbed():
                        self._finish(begun)
                raise


def _joined(found: Sequence[Outcome]) -> Outcome:
    """How several ended, as one: failed when one has."""
    if not found:
        raise ValueError("no outcome")
    places = [one.place for one in found]
    return Outcome(
        Place.FAILED if Place.FAILED in places else places[0],
        found[0].seen,
        any(one.changed for one in found),
        next((one.cause for one in found if one.cause), None),
        tuple(what for one in found for what in one.left),
        tuple(dsn for one in found for dsn in one.opened),
        tuple(dsn for one in found for dsn in one.written),
    )


@contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM as an exception, so that the stop sequence runs."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt(signal.Signals(number).name)

    try:
        former = signal.signal(signal.SIGTERM, interrupt)
    except ValueError:  # not the main thread: signals are somebody else's business
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, former)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """The stop sequence is not broken off by a second interrupt."""
    try:
        former = {one: signal.signal(one, signal.SIG_IGN) for one in (signal.SIGINT, signal.SIGTERM)}
    except ValueError:
        yield
        return
    try:
        yield
    finally:
        for one, handler in former.items():
            signal.signal(one, handler)
