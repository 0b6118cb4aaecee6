"""Watching a trace until it is to end, or ends by itself."""

from collections.abc import Callable, Sequence

from zjobs.errors import HostError
from zjobs.host.base import Host, LogLine
from zjobs.jobs._part import Part
from zjobs.lifecycle import messages, plan, sides
from zjobs.lifecycle.progress import Progress
from zjobs.lifecycle.steps import Observed, Tell, tell
from zjobs.lifecycle.tables import Place, Windows
from zjobs.lifecycle.values import Kind, Profile
from zjobs.words import counted


class Watch:
    """The captures of one profile while they trace; what one of them is warned of is said once."""

    def __init__(self, host: Host, parts: Sequence[Part], windows: Windows, say: Callable[[Tell], None]) -> None:
        self.host, self.parts, self.windows, self.say = host, parts, windows, say
        self.profile = parts[0].profile
        self._since = host.now()
        self._progress = [Progress() for _ in parts]
        self._changed: set[str] = set()
        self._deaf = False

    def wait(self) -> None:
        """Look now and then; return when everything is to be stopped, having said why."""
        stop = self.profile.stop
        while True:
            elapsed = (self.host.now() - self._since).total_seconds()
            if stop.after and elapsed >= stop.after:
                passed = counted(f"{stop.after}", "second has|seconds have")
                self.say(tell("ZJB0444I", name=self.profile.name, reason=f"{passed} passed"))
                return
            looks = [(part, part.look()) for part in self.parts]
            if ended := self._ended(looks):
                self.say(ended)
                return
            for number, (part, seen) in enumerate(looks):
                self._warn(number, part.profile, seen)
            if reason := self._met(looks):
                self.say(tell("ZJB0444I", name=self.profile.name, reason=reason))
                return
            pause = self.windows.count_poll
            self.host.sleep(min(pause, stop.after - elapsed) if stop.after else pause)

    def _ended(self, looks: list[tuple[Part, Observed]]) -> Tell | None:
        """The first that no longer records, and why: the others without it are not what was asked for."""
        for part, seen in looks:
            if seen.heard and plan.place(seen, part.profile) is not Place.TRACING:
                return tell("ZJB0445W", name=part.profile.label, reason=_why(seen, part.profile))
            if self._full(part.profile):
                return tell("ZJB0445W", name=part.profile.label, reason="a trace data set is full (IEC03nI)")
        return None

    def _warn(self, number: int, profile: Profile, seen: Observed) -> None:
        side = sides.of(profile)
        if profile.label not in self._changed and seen.whole and not side.own(seen, profile):
            self._changed.add(profile.label)
            shown = "; ".join(f"{name} {words}" for name, words in side.shown(seen))
            self.say(tell("ZJB0473W", name=profile.label, settings=shown))
        if seen.heard and seen.whole:
            now = self.host.now().timestamp()
            for warning in self._progress[number].look(seen, profile, now, self.windows.flat):
                self.say(warning)

    def _met(self, looks: list[tuple[Part, Observed]]) -> str:
        """The stop rule that is met, in words; counts are those of all stacks."""
        stop = self.profile.stop
        total = sum(sum(seen.counts.values()) for _, seen in looks)
        if stop.packets and total >= stop.packets:
            return counted(f"{total}", "packet is|packets are") + " traced"
        if stop.size and (traced := sum(_size(seen, part.profile) for part, seen in looks)) >= stop.size:
            return counted(traced, "byte is|bytes are") + " traced"
        if stop.message and any(stop.message in messages.ids([line.text]) for line in self._log()):
            return f"message {stop.message} was issued"
        return ""

    def _full(self, profile: Profile) -> bool:
        """B37, D37 or E37 of the writer: with NOWRAP nothing more is written, with WRAP no data set could be had."""
        lines = (line.text for line in self._log() if profile.writer.proc in line.text)
        return any({*messages.ids([text])} & {"IEC030I", "IEC031I", "IEC032I"} for text in lines)

    def _log(self) -> list[LogLine]:
        """The system log; without it, what it would have told is not known, and the trace goes on."""
        try:
            return self.host.syslog(self._since)
        except HostError as error:
            if not self._deaf:
                self._deaf = True
                self.say(tell("ZJB0474W", reason=str(error)))
            return []


def _why(seen: Observed, profile: Profile) -> str:
    """Why a trace no longer records, from what the displays tell."""
    if seen.stack is False or seen.trace is None:
        return f"stack {profile.stack} has ended"
    if not seen.writer.present:
        return f"writer {profile.writer.proc} is gone"
    if sides.of(profile).spent(seen, profile):
        return "a limit of the OSA trace is reached (EZD0019I)"
    if not seen.trace.on:
        return f"{profile.component} {profile.stack} was turned off"
    return "the filter was turned off" if not seen.filtering else "the trace no longer records"


def _size(seen: Observed, profile: Profile) -> int:
    """Bytes traced: an OSA counts them, other traces are abbreviated to a length when size is a rule."""
    if profile.kind is Kind.OSA:
        return sum(osa.databytes for osa in seen.devlinks.osas if osa.portname in seen.counts)
    kept = [one.length for one in profile.filters] or [profile.data.length]
    return sum(seen.counts.values()) * max(kept)
