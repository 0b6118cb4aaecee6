"""From what is seen and what is wanted to the commands in between.  Looks at nothing, sends nothing."""

from zjobs.lifecycle import commands, sides
from zjobs.lifecycle.steps import Act, Issue, Observed, Tell, tell
from zjobs.lifecycle.tables import LADDERS, Place, Windows
from zjobs.lifecycle.values import Profile


def looking(profile: Profile, windows: Windows) -> tuple[Issue, ...]:
    """The displays that tell the state; they change nothing."""
    texts = [
        commands.display_stacks(),
        commands.display_trace(profile),
        commands.display_writer(profile),
        sides.of(profile).display(profile),
        commands.display_replies(),
    ]
    return tuple(Issue(text, Act.LOOK, Place.IDLE, windows.report) for text in texts)


def place(seen: Observed, profile: Profile) -> Place:
    """Where the capture of this profile stands, from the displays alone."""
    writer, trace = seen.writer, seen.trace
    if trace and trace.on:
        if trace.writer != profile.writer.proc:
            return Place.FOREIGN
        return Place.TRACING if writer.active and seen.filtering else Place.INCOMPLETE
    if seen.filtering:
        return Place.FILTER_ON
    if writer.active:
        return Place.WRITER_UP
    return Place.WRITER_STARTING if writer.present else Place.IDLE


def obstacles(seen: Observed, profile: Profile) -> tuple[Tell, ...]:
    """Why a capture must not start now; empty when it may."""
    stack, component = profile.stack, profile.component
    if not seen.heard:
        return (tell("ZJB0411E", detail="the displays were not answered"),)
    if seen.stack is False:
        return (tell("ZJB0412E", stack=stack),)
    if seen.trace is None:
        return (tell("ZJB0413E", component=component, stack=stack),)
    if place(seen, profile) is Place.FOREIGN:
        return (tell("ZJB0414E", component=component, stack=stack, writer=seen.trace.writer or "no writer"),)
    found = []
    if seen.writer.present:
        found.append(tell("ZJB0415E", writer=profile.writer.proc, name=profile.label))
    elif seen.trace.on:
        found.append(tell("ZJB0416E", component=component, stack=stack, name=profile.label))
    if not seen.whole:
        found.append(tell("ZJB0411E", detail=f"{sides.of(profile).display(profile)} was not answered in full"))
    return (*found, *sides.of(profile).obstacles(seen, profile))


def starting(profile: Profile, windows: Windows) -> tuple[Issue, ...]:
    """The commands that start it, in order; each carries the place the capture stands at when it is sent."""
    answer, side = windows.answer, sides.of(profile)
    steps = []
    if profile.buffer:
        steps.append(Issue(commands.resize(profile), Act.RESIZE, Place.IDLE, answer))
    steps.append(Issue(commands.writer_start(profile), Act.START_WRITER, Place.IDLE, answer))
    steps += [Issue(text, Act.CLEAR_FILTER, Place.WRITER_UP, answer) for text in side.clear(profile)]
    steps += [Issue(text, Act.SET_FILTER, Place.FILTER_CLEARED, answer) for text in side.on(profile)]
    act = Act.ASK if profile.reply else Act.CONNECT
    steps.append(Issue(commands.trace_on(profile), act, Place.FILTER_ON, answer))
    if profile.reply:
        text = commands.reply("nn", f"WTR={profile.writer.proc},END")
        steps.append(Issue(text, Act.REPLY, Place.CT_PROMPT, answer))
    return tuple(steps)


def rungs(seen: Observed, profile: Profile, ours: bool) -> tuple[Place, ...]:
    """What to stop, from whatever half-started state is seen; nothing that belongs to somebody else.

    ``ours`` says that an unfinished run of this profile is on record: then settings and a trace without
    a writer are its own even where the displays cannot tell.
    """
    trace, writer = seen.trace, seen.writer
    on = bool(trace and trace.on)
    own_trace = on and trace is not None and (trace.writer == profile.writer.proc or (ours and not trace.writer))
    foreign = on and not own_trace
    known = own_trace or ours
    own_filter = not foreign and (
        (seen.filtering and (known or sides.of(profile).own(seen, profile))) or (known and _filter_unknown(seen))
    )
    wanted = {
        Place.STOP_FILTER: own_filter,
        Place.STOP_CT: own_trace,
        Place.STOP_WRITER: writer.present and not (foreign and writer.connected),
        # What ended by its own limit is off, but its settings are still there.
        Place.CLEANUP: own_filter or (known and bool(sides.of(profile).spent(seen, profile))),
    }
    return tuple(rung for rung in LADDERS[Place.TRACING] if wanted[rung])


def stopping(profile: Profile, windows: Windows, ladder: tuple[Place, ...]) -> tuple[Issue, ...]:
    """The commands of a ladder."""
    return tuple(step for place in ladder for step in rung(profile, windows, place))


def rung(profile: Profile, windows: Windows, place: Place) -> tuple[Issue, ...]:
    """The commands of one rung; a data trace has nothing to clear."""
    side = sides.of(profile)
    texts, act = {
        Place.STOP_FILTER: (side.off, Act.STOP_FILTER),
        Place.STOP_CT: (lambda one: [commands.trace_off(one)], Act.STOP_TRACE),
        Place.STOP_WRITER: (lambda one: [commands.writer_stop(one)], Act.STOP_WRITER),
        Place.CLEANUP: (side.clear, Act.CLEAR_FILTER),
    }[place]
    return tuple(Issue(text, act, place, windows.answer) for text in texts(profile))


def left_behind(seen: Observed, profile: Profile, prompts: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """What is still on, with the command that ends it."""
    left = []
    if seen.filtering:
        links = " ".join(sorted(seen.counts))
        stops = "; ".join(sides.of(profile).off(profile))
        left.append(f"{profile.kind} settings in force on {links} ({stops})")
    if seen.trace and seen.trace.on:
        left.append(f"{profile.component} {profile.stack} is {seen.trace.mode} ({commands.trace_off(profile)})")
    if seen.writer.present:
        left.append(f"writer {profile.writer.proc} is active ({commands.writer_stop(profile)})")
    left += [f"ITT006A is unanswered (R {number},END)" for number in seen.prompts if number in prompts]
    if _filter_unknown(seen):
        display = sides.of(profile).display(profile)
        left.append(f"unknown: {profile.kind} settings of {profile.stack}; {display} was not answered in full")
    if not seen.heard:
        left.append("unknown: the displays were not answered")
    return tuple(left)


# A run that ends by itself has ended by then; what a run may take beyond its time.
_GRACE = 15 * 60
_LONGEST = 4 * 3600


def deadman(profile: Profile) -> int:
    """Seconds after which a job of its own stops the trace: as the profile says, or well after its stop rule."""
    if profile.deadman:
        return max(profile.deadman, 0)
    return profile.stop.after + _GRACE if profile.stop.after else _LONGEST


def _filter_unknown(seen: Observed) -> bool:
    """Whether settings may be in force that no display shows; a stack that is down has none."""
    return not seen.whole and seen.stack is not False
