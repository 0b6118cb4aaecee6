"""The capture of one stack on one host: its script, its driver, the record of its run."""

import json
from contextlib import suppress
from pathlib import Path

from zjobs.host.base import Host
from zjobs.jobs._driver import Driver, Listener
from zjobs.jobs._journal import UNFINISHED, Journal
from zjobs.jobs.deadman import DeadMan, wanted
from zjobs.lifecycle.machine import Capture
from zjobs.lifecycle.progress import Progress
from zjobs.lifecycle.steps import Observed, Outcome, Tell
from zjobs.lifecycle.tables import Place, Windows
from zjobs.lifecycle.values import Profile


class Part:
    """One of the captures of a profile; most profiles have only one."""

    def __init__(self, host: Host, profile: Profile, listener: Listener, windows: Windows, watchman: DeadMan) -> None:
        self.host, self.profile, self.windows = host, profile, windows
        name = f"{profile.name}.{profile.stack}" if profile.part else profile.name
        self.journal = Journal.of(host.runs(), name)
        former = tuple(self.journal.former)
        self.capture = Capture(profile, windows, self.journal.ours, former=former)
        if self.journal.state in UNFINISHED:
            self.capture.prompts = frozenset(self.journal.prompts)
            self.capture.asked = None if self.journal.asked is None else tuple(self.journal.asked)
        self.driver = Driver(host, self.capture, self.journal, listener, watchman)

    @property
    def unfinished(self) -> bool:
        """Whether a start, a run or a stop of it was broken off, or did not come to a good end."""
        return self.journal.state in (*UNFINISHED, "failed")

    def check(self) -> Outcome:
        """Whether it may start; nothing is changed."""
        return self.driver.perform(self.capture.check())

    def start(self, state: str) -> Outcome:
        """Start and prove, recorded as ``state`` until somebody says how it ended."""
        before = self.journal.state
        self.journal.begin(state)
        self.capture.deadman = wanted(self.profile, state == "running")
        outcome = self.driver.perform(self.capture.start())
        self.journal.datasets = list(outcome.opened or self.journal.datasets)
        if outcome.place is not Place.TRACING:
            self.journal.end("failed" if outcome.left else "done" if outcome.changed else before)
        elif not outcome.changed:
            self.journal.end(before if before in ("tracing", "running") else "tracing")
        else:
            self.journal.save()
            with suppress(OSError):
                self._counters.unlink()
        return outcome

    def stop(self) -> Outcome:
        """Stop from whatever is found on, even where the record of it cannot be written."""
        self.journal.lenient = True
        self.journal.begin("stopping")
        outcome = self.driver.perform(self.capture.stop())
        self.journal.datasets = list(outcome.written or self.journal.datasets)
        self.journal.end("done" if outcome.place is Place.DONE else "failed")
        return outcome

    def look(self) -> Observed:
        """What the displays show; nothing is changed."""
        return self.driver.perform(self.capture.look())

    @property
    def _counters(self) -> Path:
        """What the last ``status`` saw; another file than the journal, which the process of a run writes."""
        return self.journal.path.with_suffix(".counters")

    def compare(self, seen: Observed) -> list[Tell]:
        """What the counters tell against those of the last time somebody looked."""
        plain: dict[str, object] = {}
        with suppress(OSError, ValueError):
            found = json.loads(self._counters.read_text("utf-8"))
            plain = found if isinstance(found, dict) else {}
        progress = Progress.of(plain)
        told = progress.look(seen, self.profile, self.host.now().timestamp(), self.windows.flat)
        # Without the file the next look has nothing to compare with; nothing else depends on it.
        with suppress(OSError):
            self._counters.parent.mkdir(parents=True, exist_ok=True)
            self._counters.write_text(json.dumps(vars(progress)), "utf-8")
        return told
