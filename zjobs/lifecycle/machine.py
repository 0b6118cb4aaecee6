"""A capture as scripts: each yields steps and is sent what was heard.  No host, no clock, no waiting.

Success is recognised, not assumed: a step is done when the expected message was seen, refused when a
refusal was seen; when neither came, the system is looked at again before anything is sent twice.
"""

from dataclasses import replace

from zjobs.lifecycle import commands, messages, plan, sides
from zjobs.lifecycle.messages import Subtrace, Verdict, WriterSeen
from zjobs.lifecycle.sides import packet
from zjobs.lifecycle.steps import Act, Guard, Issue, Observed, Outcome, Pause, Put, Script, Tell, tell
from zjobs.lifecycle.tables import LADDERS, Place, Windows
from zjobs.lifecycle.values import Kind, Profile

# Messages that say that a writer will not come up, or is gone: it gave up, its JCL is wrong, it ended badly.
_WRITER_FAILED = ("ITT107I", "IEF452I", "IEE132I", "IEE122I", "IEF450I", "IEF451I")


class Capture:
    """The scripts of one profile, and what they learnt on the way."""

    def __init__(
        self,
        profile: Profile,
        windows: Windows | None = None,
        ours: bool = False,
        prompts: frozenset[str] = frozenset(),
        deadman: bool = False,
        former: tuple[str, ...] = (),
    ) -> None:
        self.profile, self.side = profile, sides.of(profile)
        self.windows = windows or Windows()
        self.ours = ours
        self.deadman = deadman
        """Whether a dead-man job is submitted before anything is started."""
        self.former = former
        """Commands that put back what was in force before this capture cleared it."""
        self.began = False
        self.prompts: frozenset[str] = frozenset()
        """Numbers of the ITT006A prompts that this capture caused."""
        self.asked: tuple[str, ...] | None = None
        """While a command may prompt and its prompt is not known: the numbers outstanding before it."""
        self.doubtful: tuple[str, ...] = ()
        self.opened: tuple[str, ...] = ()
        self.written: tuple[str, ...] = ()

    def look(self) -> Script[Observed]:
        """Read the displays."""
        profile, answers = self.profile, []
        for step in plan.looking(profile, self.windows):
            answers.append((yield step).lines)
        stacks, trace, writer, filters, replies = answers
        return Observed(
            messages.stack_active(stacks, profile.stack),
            messages.subtrace(trace, profile.stack),
            messages.writer(writer, profile.writer.proc),
            prompts=messages.prompts(replies),
            heard="IEE843I" in messages.ids(trace) and "IEE843I" in messages.ids(writer),
            **self.side.observe(filters, profile),
        )

    def check(self) -> Script[Outcome]:
        """Whether the capture may start (IDLE), runs already (TRACING), or must not (FAILED); changes nothing."""
        seen = yield from self.look()
        if plan.place(seen, self.profile) is Place.TRACING:
            return Outcome(Place.TRACING, seen, changed=False)
        if found := plan.obstacles(seen, self.profile):
            for obstacle in found:  # noqa: UP028  what is heard is sent in; a tuple takes none
                yield obstacle
            return Outcome(Place.FAILED, seen, changed=False, cause=found[0])
        return Outcome(Place.IDLE, seen, changed=False)

    def start(self) -> Script[Outcome]:
        """Start the capture and prove that it counts; on any failure undo what was done."""
        checked = yield from self.check()
        if checked.place is Place.TRACING:
            yield tell("ZJB0410I", name=self.profile.label)
        if checked.place is not Place.IDLE:
            return checked
        seen = checked.seen
        yield from self._note_former(seen)
        if failed := (yield from self._prepare()):
            yield failed
            return Outcome(Place.FAILED, seen, changed=False, cause=failed)
        self.ours = self.began = True
        for step in plan.starting(self.profile, self.windows):
            if step.act is Act.REPLY:
                continue  # its number is known only from the prompt; ASK sends it
            if failure := (yield from self._carry_out(step, seen)):
                return (yield from self._undo(*failure))
        return (yield from self._prove())

    def _note_former(self, seen: Observed) -> Script[None]:
        """What is in force before the start is noted; settings of this capture's own, left over, are not.

        Without settings of others, what a start that was broken off has noted stands.
        """
        found = self.side.former(seen, self.profile)
        if self.ours and (not found or self.side.own(seen, self.profile)):
            return
        self.former = tuple(one.command for one in found)
        for one in found:
            if self.profile.restore:
                yield tell("ZJB0476I", link=one.where, setting=one.words, command=one.command)
            else:
                yield tell("ZJB0418W", link=one.where, setting=one.words, command=one.command)

    def _untouched(self, seen: Observed) -> bool:
        """Whether just the former settings are in force: not cleared yet, or put back."""
        return bool(self.former) and {one.command for one in self.side.former(seen, self.profile)} == {*self.former}

    def _less_former(self, seen: Observed) -> Observed:
        """What is seen, without settings that are not this capture's."""
        return replace(seen, counts={}) if self._untouched(seen) else seen

    def _restore(self, seen: Observed) -> Script[bool]:
        """Put former settings back, when asked to and nothing is on any more; whether anything was done."""
        if not self.profile.restore or not self.former or self._untouched(seen):
            return False
        if seen.filtering or (seen.trace and seen.trace.on):  # somebody else's by now
            for command in self.former:
                yield tell("ZJB0477W", command=command, reason="other settings or a trace are on by now")
            return False
        for command in self.former:
            yield Issue(command, Act.RESTORE, Place.CLEANUP, self.windows.answer)
        seen = yield from self.look()
        shown = {one.command for one in self.side.former(seen, self.profile)}
        for command in self.former:
            if command in shown:
                yield tell("ZJB0478I", command=command)
            else:
                yield tell("ZJB0477W", command=command, reason="the display does not show it in force")
        return True

    def _prepare(self) -> Script[Tell | None]:
        """What has to stand before the first command: the filter's member, the dead-man job; why it does not."""
        profile = self.profile
        if profile.obeyfile and profile.kind is Kind.PACKET and packet.too_long(profile):
            target = f"//'{profile.obeyfile.library}({profile.obeyfile.member})'"
            heard = yield Put(target, tuple(packet.statements(profile)))
            if heard.lines:
                return tell("ZJB0463E", target=target, reason=heard.lines[0])
        if self.deadman:
            heard = yield Guard(True)
            if heard.lines:
                return tell("ZJB0459E", reason=heard.lines[0])
        return None

    def stop(self) -> Script[Outcome]:
        """Stop whatever of this capture is on, in the order filter, component, writer."""
        seen = self._less_former((yield from self.look()))
        self._adopt(seen.prompts)
        ladder = plan.rungs(seen, self.profile, self.ours)
        if self.prompts & {*seen.prompts}:
            ladder = LADDERS[Place.CT_PROMPT]  # a trace that waits for its operands displays as OFF
        if seen.trace and seen.trace.on and Place.STOP_CT not in ladder:
            yield tell(
                "ZJB0419W",
                component=self.profile.component,
                stack=self.profile.stack,
                writer=seen.trace.writer or "no writer",
            )
        if not ladder and seen.heard:
            yield tell("ZJB0420I", name=self.profile.label)
            changed = yield from self._restore(seen)
            yield Guard(False)
            return Outcome(Place.DONE, seen, changed)
        # Displays that were not answered may hide a trace that is on: then everything is stopped.
        return (yield from self._finish(ladder if seen.heard else LADDERS[Place.TRACING], None))

    def _carry_out(self, step: Issue, before: Observed) -> Script[tuple[Place, Tell] | None]:
        """Issue a command of the start; ``None`` when it is done, else the place reached and the reason."""
        if step.act is Act.ASK:
            return (yield from self._dialogue(step, f"WTR={self.profile.writer.proc},END"))
        heard = yield step
        if stray := messages.prompts(heard.lines):
            # A member suppresses the prompt; one that comes all the same was caused by this command.
            self.prompts |= {*stray}
            return Place.CT_PROMPT, tell("ZJB0421E", command=step.command, detail="it prompted with ITT006A")
        verdict = step.verdict(heard.lines)
        if verdict is Verdict.SILENT:
            yield tell("ZJB0422W", command=step.command)
            seen = yield from self.look()
            verdict = Verdict.DONE if _took_effect(step, seen, self.profile) else Verdict.SILENT
        if verdict is not Verdict.DONE:
            # Without an answer the command may still take effect: undo as if it had.
            place = step.place if verdict is Verdict.REFUSED else _NEXT.get(step.act, step.place)
            return place, _refusal(step, heard.lines)
        if step.act is Act.START_WRITER:
            return (yield from self._await_writer(heard.lines))
        return None

    def _await_writer(self, heard: tuple[str, ...]) -> Script[tuple[Place, Tell] | None]:
        """ITT038I after WTRSTART means that START was accepted; the writer is up at ITT110I or when it displays so."""
        name, waited = self.profile.writer.proc, 0.0
        log: list[str] = list(heard)
        while waited < self.windows.writer_start:
            log += (yield Pause(self.windows.poll, Place.WRITER_STARTING)).lines
            waited += self.windows.poll
            if failed := [line for line in log if {*messages.ids([line])} & {*_WRITER_FAILED}]:
                return Place.WRITER_STARTING, tell("ZJB0423E", writer=name, detail=failed[0].strip())
            seen = yield from self._look_at_writer(Place.WRITER_STARTING)
            if seen.active:
                self.opened = messages.datasets(log, "AHL906I")
                yield tell("ZJB0424I", writer=name, datasets=" ".join(self.opened) or "data sets not named in the log")
                return None
        return Place.WRITER_STARTING, tell("ZJB0425E", writer=name, seconds=int(waited))

    def _dialogue(self, step: Issue, operands: str) -> Script[tuple[Place, Tell] | None]:
        """TRACE CT,ON without a member, and the reply to the prompt it causes."""
        replies = Issue(commands.display_replies(), Act.LOOK, step.place, self.windows.report)
        before = self.asked = messages.prompts((yield replies).lines)
        heard = yield step
        found = messages.prompts(heard.lines)
        if not found and step.verdict(heard.lines) is Verdict.REFUSED:
            return step.place, _refusal(step, heard.lines)
        if not found:
            yield Pause(self.windows.prompt, Place.CT_PROMPT)
            found = tuple(n for n in messages.prompts((yield replies).lines) if n not in before)
        if not self._adopt((*before, *found)):
            return Place.CT_PROMPT, tell("ZJB0426E", command=step.command, count=len(found))
        reply = Issue(commands.reply(found[0], operands), Act.REPLY, Place.CT_PROMPT, self.windows.answer)
        heard = yield reply
        again = messages.prompts(heard.lines)
        if again:
            self.prompts |= {*again}
            return Place.CT_PROMPT, tell("ZJB0421E", command=reply.command, detail="it prompted again")
        verdict = reply.verdict(heard.lines)
        if verdict is Verdict.SILENT:
            yield tell("ZJB0422W", command=reply.command)
            trace = yield from self._look_at_trace(Place.CT_PROMPT)
            connected = trace is not None and trace.on and f"WTR={trace.writer or 'DISCONNECT'}," in operands
            verdict = Verdict.DONE if connected else Verdict.SILENT
        return None if verdict is Verdict.DONE else (Place.CT_PROMPT, _refusal(reply, heard.lines))

    def _adopt(self, outstanding: tuple[str, ...]) -> bool:
        """Take the one prompt that a command of this capture may have caused; never one of two."""
        if self.asked is None:
            return False
        new = tuple(number for number in outstanding if number not in self.asked)
        if len(new) == 1:
            self.prompts |= {*new}
            self.asked = None
            return True
        self.doubtful = new
        return False

    def _prove(self) -> Script[Outcome]:
        """Writer up, component on and connected, and the counters rise; silence of the network is a warning."""
        profile = self.profile
        seen = yield from self.look()
        if plan.place(seen, profile) is not Place.TRACING and not self.side.spent(seen, profile):
            return (yield from self._undo(Place.TRACING, tell("ZJB0427E", missing=_missing(seen, profile))))
        links = Issue(self.side.display(profile), Act.LOOK, Place.TRACING, self.windows.report)
        for _ in range(self.windows.count_polls):
            yield Pause(self.windows.count_poll, Place.TRACING)
            seen = replace(seen, **self.side.observe((yield links).lines, profile))
            if spent := self.side.spent(seen, profile):
                shown = ", ".join(f"{count} on {link}" for link, count in spent.items())
                yield tell("ZJB0465W", counts=shown)
                return Outcome(Place.TRACING, seen, opened=self.opened)
            if seen.whole and not seen.filtering:
                return (yield from self._undo(Place.TRACING, tell("ZJB0427E", missing=_missing(seen, profile))))
            if any(seen.counts.values()):
                shown = ", ".join(f"{count} on {link}" for link, count in seen.counts.items() if count)
                yield tell("ZJB0428I", counts=shown)
                break
        else:
            waited = int(self.windows.count_polls * self.windows.count_poll)
            yield tell("ZJB0429W", name=profile.label, seconds=waited)
        return Outcome(Place.TRACING, seen, opened=self.opened)

    def _undo(self, place: Place, cause: Tell) -> Script[Outcome]:
        yield cause
        ladder = LADDERS[place]
        if not ladder:
            seen = yield from self.look()
            left = plan.left_behind(self._less_former(seen), self.profile, self.prompts)
            if not left:
                yield Guard(False)
            return Outcome(Place.FAILED, seen, changed=False, cause=cause, left=left)
        yield tell("ZJB0430I", steps=len(ladder))
        return (yield from self._finish(ladder, cause))

    def _finish(self, ladder: tuple[Place, ...], cause: Tell | None) -> Script[Outcome]:
        """Go down a ladder, each rung at its best, then look what is left."""
        for place in ladder:
            if place is Place.STOP_CT:
                yield from self._stop_trace()
            elif place is Place.STOP_WRITER:
                yield from self._stop_writer()
            else:
                yield from self._stop_filter(place)
        yield from self._answer_own_prompts()
        seen = self._less_former((yield from self.look()))
        own = self.prompts & {*seen.prompts}
        if not {*plan.rungs(seen, self.profile, ours=True)} - {Place.CLEANUP} and seen.heard and not own:
            left: tuple[str, ...] = ()
        else:
            left = plan.left_behind(seen, self.profile, self.prompts)
        left += tuple(
            f"ITT006A number {n} is unanswered and may be this capture's" for n in seen.prompts if n in self.doubtful
        )
        for what in left:
            yield tell("ZJB0431E", what=what)
        if not left:
            yield from self._restore(seen)
            yield Guard(False)  # last of all: while something is on, it may still be needed
        place = Place.FAILED if cause or left else Place.DONE
        return Outcome(place, seen, cause=cause, left=left, opened=self.opened, written=self.written)

    def _stop_filter(self, place: Place) -> Script[None]:
        for step in plan.rung(self.profile, self.windows, place):
            for attempt in (1, 2):
                heard = yield step
                if step.verdict(heard.lines) is Verdict.DONE:
                    break
                if attempt == 2:
                    yield _warning(step, heard.lines)

    def _stop_trace(self) -> Script[None]:
        """OFF; a component may prompt on OFF too, and a trace that will not go off is at least disconnected."""
        yield from self._answer_own_prompts()
        (step,) = plan.rung(self.profile, self.windows, Place.STOP_CT)
        heard = None
        for _ in (1, 2):
            heard = yield step
            if found := messages.prompts(heard.lines):
                self.prompts |= {*found}
                answer = commands.reply(found[0], "END")
                heard = yield Issue(answer, Act.REPLY, Place.STOP_CT, self.windows.answer)
            if messages.trace_ct(heard.lines) is Verdict.DONE:
                return
            trace = yield from self._look_at_trace(Place.STOP_CT)
            if trace and not trace.on:
                return
        yield _warning(step, heard.lines if heard else ())
        ask = Issue(commands.trace_ask(self.profile), Act.ASK, Place.STOP_CT, self.windows.answer)
        yield from self._dialogue(ask, "WTR=DISCONNECT,END")

    def _stop_writer(self) -> Script[None]:
        (step,) = plan.rung(self.profile, self.windows, Place.STOP_WRITER)
        for attempt in (1, 2):
            seen = yield from self._settled_writer()
            if not seen.present:
                return
            heard = yield step
            if step.verdict(heard.lines) is not Verdict.REFUSED:
                if (yield from self._await_end()):
                    return
                continue
            seen = yield from self._look_at_writer(Place.STOP_WRITER)
            if seen.connected and attempt == 1:
                yield from self._stop_trace()
            elif attempt == 2:
                yield _warning(step, heard.lines)

    def _settled_writer(self) -> Script[WriterSeen]:
        """A writer that is still starting cannot be stopped: wait until it is up or gone."""
        waited = 0.0
        seen = yield from self._look_at_writer(Place.STOP_WRITER)
        while seen.present and not seen.active and waited < self.windows.writer_start:
            yield Pause(self.windows.poll, Place.STOP_WRITER)
            waited += self.windows.poll
            seen = yield from self._look_at_writer(Place.STOP_WRITER)
        return seen

    def _await_end(self) -> Script[bool]:
        """The writer has ended at ITT111I, or when the display no longer has it."""
        log: list[str] = []
        waited = 0.0
        while waited < self.windows.writer_stop:
            log += (yield Pause(self.windows.poll, Place.STOP_WRITER)).lines
            waited += self.windows.poll
            seen = yield from self._look_at_writer(Place.STOP_WRITER)
            if not seen.present:
                self.written = messages.datasets(log, "AHL904I")
                if "ITT120I" in messages.ids(log):
                    yield tell("ZJB0432W", writer=self.profile.writer.proc)
                return True
        return False

    def _answer_own_prompts(self) -> Script[None]:
        """A prompt this run caused is never left outstanding."""
        if not self.prompts:
            return
        replies = Issue(commands.display_replies(), Act.LOOK, Place.STOP_CT, self.windows.report)
        for number in messages.prompts((yield replies).lines):
            if number in self.prompts:
                yield Issue(commands.reply(number, "END"), Act.REPLY, Place.STOP_CT, self.windows.answer)

    def _look_at_writer(self, place: Place) -> Script[WriterSeen]:
        step = Issue(commands.display_writer(self.profile), Act.LOOK, place, self.windows.report)
        heard = yield step
        seen = messages.writer(heard.lines, self.profile.writer.proc)
        # No display is no proof of absence.
        return seen if "IEE843I" in messages.ids(heard.lines) else replace(seen, present=True)

    def _look_at_trace(self, place: Place) -> Script[Subtrace | None]:
        heard = yield Issue(commands.display_trace(self.profile), Act.LOOK, place, self.windows.report)
        return messages.subtrace(heard.lines, self.profile.stack)


# Where the capture stands once a command has taken effect.
_NEXT = {
    Act.START_WRITER: Place.WRITER_STARTING,
    Act.CLEAR_FILTER: Place.FILTER_CLEARED,
    Act.SET_FILTER: Place.FILTER_ON,
    Act.CONNECT: Place.TRACING,
}


def _took_effect(step: Issue, seen: Observed, profile: Profile) -> bool:
    """Whether a command that was not answered was carried out."""
    if step.act is Act.START_WRITER:
        return seen.writer.present
    if step.act is Act.CONNECT:
        return bool(seen.trace and seen.trace.on and seen.trace.writer == profile.writer.proc)
    if step.act is Act.CLEAR_FILTER:
        return seen.whole and not seen.filtering
    if step.act is Act.SET_FILTER:
        return sides.of(profile).effective(step.command, seen, profile)
    return False


def _refusal(step: Issue, lines: tuple[str, ...]) -> Tell:
    if not lines:
        return tell("ZJB0433E", command=step.command)
    return tell("ZJB0421E", command=step.command, detail=messages.detail(lines))


def _warning(step: Issue, lines: tuple[str, ...]) -> Tell:
    return tell("ZJB0434W", command=step.command, detail=messages.detail(lines))


def _missing(seen: Observed, profile: Profile) -> str:
    """Which of the three switches is not as it should be."""
    found = []
    if not seen.writer.active:
        found.append(f"writer {profile.writer.proc} is not active")
    if not seen.filtering:
        found.append(f"no {profile.kind} setting is in force")
    if not seen.trace or not seen.trace.on:
        found.append(f"{profile.component} {profile.stack} is off")
    elif seen.trace.writer != profile.writer.proc:
        found.append(f"{profile.component} {profile.stack} is connected to {seen.trace.writer or 'no writer'}")
    return "; ".join(found) or "the displays were not answered"
