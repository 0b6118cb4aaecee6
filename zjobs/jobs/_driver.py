"""Performs the steps of a script on a host, and records each before and after."""

from contextlib import suppress
from datetime import timedelta
from typing import Protocol, TypeVar

from zjobs.errors import HostError, ZjobsError
from zjobs.host.base import Host
from zjobs.jobs._journal import UNFINISHED, Journal
from zjobs.jobs.deadman import DeadMan
from zjobs.lifecycle.machine import Capture
from zjobs.lifecycle.steps import Act, Guard, Heard, Issue, Pause, Put, Script, Tell, tell
from zjobs.members.kinds import deadman_name
from zjobs.messages import render

T = TypeVar("T")


# The host has no console at all: that is not silence.
_NO_CONSOLE = ("ZJB0503E", "ZJB0504E")


class Listener(Protocol):
    """Who watches a capture: the terminal, a test, the demonstration."""

    def told(self, message: Tell) -> None: ...
    def issued(self, step: Issue) -> None: ...
    def answered(self, step: Issue, lines: tuple[str, ...]) -> None: ...
    def logged(self, lines: tuple[str, ...]) -> None: ...


class Driver:
    """One capture on one host.  It decides nothing: the scripts of :class:`Capture` do."""

    def __init__(self, host: Host, capture: Capture, journal: Journal, listener: Listener, watchman: DeadMan) -> None:
        self.host, self.capture, self.journal, self.listener = host, capture, journal, listener
        self.watchman = watchman
        self._since = host.now()
        self._seen = 0

    def perform(self, script: Script[T]) -> T:
        """Run a script to its end; what it returns."""
        heard = Heard()
        try:
            step = next(script)
            while True:
                if isinstance(step, Tell):
                    self._tell(step)
                    heard = Heard()
                elif isinstance(step, Pause):
                    heard = Heard(self._wait(step))
                elif isinstance(step, Guard):
                    heard = Heard(self._guard(step))
                elif isinstance(step, Put):
                    heard = Heard(self._put(step))
                else:
                    heard = Heard(self._issue(step))
                step = script.send(heard)
        except StopIteration as end:
            result: T = end.value
            return result

    def _tell(self, message: Tell) -> None:
        """Pass a message on; what goes wrong is kept with the run."""
        if self.journal.state in UNFINISHED and not message.id.endswith("I"):
            self.journal.add(self.host.now(), message=render(message.id, **dict(message.values)))
        self.listener.told(message)

    def _guard(self, step: Guard) -> tuple[str, ...]:
        def say(id: str, /, **values: object) -> None:
            self._tell(tell(id, **values))

        profile = self.capture.profile
        if not step.armed:
            self.watchman.release(profile, say)
            return ()
        self.journal.add(self.host.now(), job=deadman_name(profile))
        try:
            self.watchman.arm(profile, say)
        except ZjobsError as error:
            return (str(error),)
        return ()

    def _put(self, step: Put) -> tuple[str, ...]:
        """Write a member, unless it says the same already."""
        try:
            if self.host.exists(step.target) and tuple(self.host.read_text(step.target)) == step.lines:
                return ()
            self.host.write_text(step.target, step.lines)
        except ZjobsError as error:
            return (str(error),)
        self.journal.add(self.host.now(), member=step.target)
        self._tell(tell("ZJB0464I", target=step.target))
        return ()

    def _issue(self, step: Issue) -> tuple[str, ...]:
        changing = step.act is not Act.LOOK
        self.journal.place = str(step.place)
        self.journal.prompts = sorted(self.capture.prompts)
        self.journal.former = list(self.capture.former)
        self.journal.asked = None if self.capture.asked is None else list(self.capture.asked)
        if changing:
            self.journal.began = True
            self.journal.add(self.host.now(), command=step.command, place=str(step.place))
        self.listener.issued(step)
        try:
            lines = tuple(self.host.oper(step.command, int(step.window * 100)))
        except HostError as error:
            if error.id in _NO_CONSOLE:
                raise
            # A console that does not answer is silence: the script looks again or undoes.
            lines = ()
            self._tell(Tell(error.id, tuple(error.values.items())))
        if changing:
            self.journal.add(self.host.now(), answer=list(lines))
        self.listener.answered(step, lines)
        return lines

    def _wait(self, step: Pause) -> tuple[str, ...]:
        self.host.sleep(step.seconds)
        lines: tuple[str, ...] = ()
        with suppress(HostError):  # without the log, displays alone tell
            lines = tuple(line.text for line in self.host.syslog(self._since - timedelta(seconds=1)))
        new, self._seen = lines[self._seen :], max(self._seen, len(lines))
        self.listener.logged(new)
        return new
