"""Starting, watching and stopping a trace by its profile, so that none is ever left on by accident."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from types import FrameType

from zjobs.errors import HostError, RequestError
from zjobs.host import names
from zjobs.host.base import Host, LogLine
from zjobs.jobs import deadman
from zjobs.jobs._driver import Driver, Listener
from zjobs.jobs._journal import UNFINISHED, Journal
from zjobs.lifecycle import messages, plan, sides
from zjobs.lifecycle.machine import Capture
from zjobs.lifecycle.steps import Issue, Observed, Outcome, tell
from zjobs.lifecycle.tables import LADDERS, Place, Windows
from zjobs.lifecycle.values import Kind, Profile

Reporter = Callable[[str, tuple[str, ...], str], None]
"""Makes one report: its kind, the trace data sets, the target."""

LISTINGS = ("full", "short", "summary", "tally")
REPORTS = (*LISTINGS, "pcapng", "jsonl")
"""What can be made of a trace after a run."""


class Job:
    """The captures of one profile on one host."""

    def __init__(self, host: Host, profile: Profile, listener: Listener, windows: Windows | None = None) -> None:
        self.host, self.profile, self.listener = host, profile, listener
        self.windows = windows or Windows()
        self.journal = Journal.of(host.runs(), profile.name)
        self.capture = Capture(profile, self.windows, self.journal.ours)
        if self.journal.state in UNFINISHED:
            self.capture.prompts = frozenset(self.journal.prompts)
            self.capture.asked = None if self.journal.asked is None else tuple(self.journal.asked)
        self.driver = Driver(host, self.capture, self.journal, listener)
        self._deaf = False

    def plan(self) -> list[tuple[str, tuple[Issue, ...]]]:
        """What start and stop would send, under a heading each; nothing is sent."""
        return [
            ("look", plan.looking(self.profile, self.windows)),
            ("start", plan.starting(self.profile, self.windows)),
            ("stop", plan.stopping(self.profile, self.windows, LADDERS[Place.TRACING])),
        ]

    def start(self) -> Outcome:
        """Start and prove; whatever interrupts it, nothing stays on."""
        outcome = self._start("starting")
        if outcome.place is Place.TRACING and outcome.changed:
            self._tell("ZJB0440I", name=self.profile.name, system=self.host.system())
        return outcome

    def _start(self, state: str) -> Outcome:
        before = self.journal.state
        if before in UNFINISHED and self.journal.alive:
            raise HostError("ZJB0450E", name=self.profile.name, process=self.journal.process)
        self.journal.begin(state)
        self.capture.deadman = deadman.wanted(self.profile, state == "running")
        # The record of the end too: a trace that is on without one would be nobody's.
        with self._guarded():
            outcome = self.driver.perform(self.capture.start())
            self.journal.datasets = list(outcome.opened or self.journal.datasets)
            self._record(outcome, state, before)
        return outcome

    def _record(self, outcome: Outcome, state: str, before: str) -> None:
        if outcome.place is not Place.TRACING:
            self.journal.end("failed" if outcome.left else "done" if outcome.changed else before)
        elif not outcome.changed:
            self.journal.end(before if before in ("tracing", "running") else "tracing")
        elif state == "starting":
            self.journal.end("tracing")
        else:
            self.journal.save()

    def stop(self) -> Outcome:
        """Stop from whatever is found on, even where the record of it cannot be written."""
        self.journal.lenient = True
        self.journal.begin("stopping")
        outcome = self.driver.perform(self.capture.stop())
        self.journal.datasets = list(outcome.written or self.journal.datasets)
        self.journal.end("done" if outcome.place is Place.DONE else "failed")
        if self.journal.missed:
            self._tell("ZJB0475W", path=self.journal.path, reason=self.journal.missed)
        if outcome.place is Place.DONE and outcome.changed:
            self._tell_stopped(outcome)
        return outcome

    def _tell_stopped(self, outcome: Outcome) -> None:
        if outcome.written:
            self._tell("ZJB0441I", name=self.profile.name, datasets=" ".join(outcome.written))
        else:
            self._tell("ZJB0442W", name=self.profile.name)

    def look(self) -> Observed:
        """The state of the system, for status; nothing is changed."""
        return self.driver.perform(self.capture.look())

    def run(self, reporter: Reporter | None = None) -> Outcome:
        """Start, watch until a stop rule is met, stop, and make the profile's reports."""
        self._check_run(reporter)
        outcome = self._start("running")
        if outcome.place is not Place.TRACING:
            return outcome
        if not outcome.changed:
            raise HostError("ZJB0455E", name=self.profile.name)
        with self._guarded():
            self._watch(self.host.now())
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
            raise RequestError("ZJB0446E", what=f"stop.when.finding {stop.finding}")
        if not (stop.after or stop.packets or stop.size or stop.message):
            raise RequestError("ZJB0447E")
        for report in self.profile.reports:
            if reporter is None or report.kind not in REPORTS:
                raise RequestError("ZJB0446E", what=f"a report of kind {report.kind} after a run")

    def _watch(self, begun: datetime) -> None:
        """Wait, looking now and then, until the trace is to end or ends by itself."""
        stop, changed = self.profile.stop, False
        while True:
            elapsed = (self.host.now() - begun).total_seconds()
            if stop.after and elapsed >= stop.after:
                self._tell("ZJB0444I", name=self.profile.name, reason=f"{stop.after} seconds have passed")
                return
            seen = self.look()
            if seen.heard and plan.place(seen, self.profile) is not Place.TRACING:
                self._tell("ZJB0445W", name=self.profile.name, reason=self._ended(seen))
                return
            if not changed and seen.whole and not sides.of(self.profile).own(seen, self.profile):
                changed = True
                shown = "; ".join(f"{name} {words}" for name, words in sides.of(self.profile).shown(seen))
                self._tell("ZJB0473W", name=self.profile.name, settings=shown)
            if self._full(begun):
                self._tell("ZJB0445W", name=self.profile.name, reason="a trace data set is full (IEC03nI)")
                return
            total = sum(seen.counts.values())
            if stop.packets and total >= stop.packets:
                self._tell("ZJB0444I", name=self.profile.name, reason=f"{total} packets are traced")
                return
            if stop.size and (traced := self._size(seen, total)) >= stop.size:
                self._tell("ZJB0444I", name=self.profile.name, reason=f"{traced:,} bytes are traced")
                return
            if stop.message and self._logged(stop.message, begun):
                self._tell("ZJB0444I", name=self.profile.name, reason=f"message {stop.message} was issued")
                return
            pause = self.windows.count_poll
            self.host.sleep(min(pause, stop.after - elapsed) if stop.after else pause)

    def _full(self, since: datetime) -> bool:
        """B37, D37 or E37 of the writer: with NOWRAP nothing more is written, with WRAP no data set could be had."""
        lines = (line.text for line in self._log(since) if self.profile.writer.proc in line.text)
        return any({*messages.ids([text])} & {"IEC030I", "IEC031I", "IEC032I"} for text in lines)

    def _ended(self, seen: Observed) -> str:
        """Why the trace no longer records, from what the displays and the log tell."""
        if seen.stack is False or seen.trace is None:
            return f"stack {self.profile.stack} has ended"
        if not seen.writer.present:
            return f"writer {self.profile.writer.proc} is gone"
        if sides.of(self.profile).spent(seen, self.profile):
            return "a limit of the OSA trace is reached (EZD0019I)"
        if not seen.trace.on:
            return f"{self.profile.component} {self.profile.stack} was turned off"
        return "the filter was turned off" if not seen.filtering else "the trace no longer records"

    def _size(self, seen: Observed, total: int) -> int:
        """Bytes traced: an OSA counts them, other traces are abbreviated to a length when size is a rule."""
        if self.profile.kind is Kind.OSA:
            return sum(osa.databytes for osa in seen.devlinks.osas if osa.portname in seen.counts)
        kept = [one.length for one in self.profile.filters] or [self.profile.data.length]
        return total * max(kept)

    def _logged(self, message: str, since: datetime) -> bool:
        return any(message in messages.ids([line.text]) for line in self._log(since))

    def _log(self, since: datetime) -> list[LogLine]:
        """The system log; without it, what it would have told is not known, and the trace goes on."""
        try:
            return self.host.syslog(since)
        except HostError as error:
            if not self._deaf:
                self._deaf = True
                self._tell("ZJB0474W", reason=str(error))
            return []

    def recover(self) -> Outcome | None:
        """Finish a run whose process died; ``None`` when there is none."""
        name = self.profile.name
        if self.journal.state == "tracing":
            self._tell("ZJB0449I", name=name)
            return None
        if self.journal.state not in (*UNFINISHED, "failed"):
            self._tell("ZJB0448I", name=name)
            return None
        if self.journal.alive:
            raise HostError("ZJB0450E", name=name, process=self.journal.process)
        self._tell("ZJB0454I", name=name, place=self.journal.place)
        return self.stop()

    def _tell(self, id: str, /, **values: object) -> None:
        self.listener.told(tell(id, **values))

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Whatever ends the work inside, an interrupt too, stops what it started first."""
        with _terminable():
            try:
                yield
            except BaseException:
                if self.capture.began:
                    with _undisturbed():
                        self.stop()
                raise


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
