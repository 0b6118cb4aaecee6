"""From what is seen and what is wanted to the commands in between.  Looks at nothing, sends nothing."""

import ipaddress

from zjobs.lifecycle import commands
from zjobs.lifecycle.messages import Setting
from zjobs.lifecycle.profile import Filter, Profile
from zjobs.lifecycle.steps import Act, Issue, Observed, Tell, tell
from zjobs.lifecycle.tables import LADDERS, Place, Windows


def looking(profile: Profile, windows: Windows) -> tuple[Issue, ...]:
    """The displays that tell the state; they change nothing."""
    texts = [
        commands.display_stacks(),
        commands.display_trace(profile),
        commands.display_writer(profile),
        commands.display_links(profile),
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
        found.append(tell("ZJB0415E", writer=profile.writer.proc, name=profile.name))
    elif seen.trace.on:
        found.append(tell("ZJB0416E", component=component, stack=stack, name=profile.name))
    if not seen.devlinks.whole:
        found.append(tell("ZJB0411E", detail="NETSTAT DEVLINKS was not answered in full"))
    names = {link.name for link in seen.devlinks.links}
    missing = sorted({one.link for one in profile.filters if one.link} - names) if names else []
    for link in missing:
        found.append(tell("ZJB0417E", link=link, stack=stack, links=" ".join(sorted(names))))
    return tuple(found)


def starting(profile: Profile, windows: Windows) -> tuple[Issue, ...]:
    """The commands that start it, in order; each carries the place the capture stands at when it is sent."""
    answer = windows.answer
    steps = []
    if profile.buffer:
        steps.append(Issue(commands.resize(profile), Act.RESIZE, Place.IDLE, answer))
    steps += [
        Issue(commands.writer_start(profile), Act.START_WRITER, Place.IDLE, answer),
        Issue(commands.filter_clear(profile), Act.CLEAR_FILTER, Place.WRITER_UP, answer),
    ]
    steps += [Issue(text, Act.SET_FILTER, Place.FILTER_CLEARED, answer) for text in commands.filters(profile)]
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
        (seen.filtering and (known or _own_settings(seen, profile))) or (known and _filter_unknown(seen))
    )
    wanted = {
        Place.STOP_FILTER: own_filter,
        Place.STOP_CT: own_trace,
        Place.STOP_WRITER: writer.present and not (foreign and writer.connected),
        Place.CLEANUP: own_filter,
    }
    return tuple(rung for rung in LADDERS[Place.TRACING] if wanted[rung])


def stopping(profile: Profile, windows: Windows, ladder: tuple[Place, ...]) -> tuple[Issue, ...]:
    """The commands of a ladder."""
    return tuple(rung(profile, windows, place) for place in ladder)


def rung(profile: Profile, windows: Windows, place: Place) -> Issue:
    """The command of one rung."""
    text, act = {
        Place.STOP_FILTER: (commands.filter_off, Act.STOP_FILTER),
        Place.STOP_CT: (commands.trace_off, Act.STOP_TRACE),
        Place.STOP_WRITER: (commands.writer_stop, Act.STOP_WRITER),
        Place.CLEANUP: (commands.filter_clear, Act.CLEAR_FILTER),
    }[place]
    return Issue(text(profile), act, place, windows.answer)


def left_behind(seen: Observed, profile: Profile, prompts: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """What is still on, with the command that ends it."""
    left = []
    if seen.filtering:
        links = " ".join(sorted(seen.counts))
        left.append(f"packet trace settings in force on {links} ({commands.filter_off(profile)})")
    if seen.trace and seen.trace.on:
        left.append(f"{profile.component} {profile.stack} is {seen.trace.mode} ({commands.trace_off(profile)})")
    if seen.writer.present:
        left.append(f"writer {profile.writer.proc} is active ({commands.writer_stop(profile)})")
    left += [f"ITT006A is unanswered (R {number},END)" for number in seen.prompts if number in prompts]
    if _filter_unknown(seen):
        left.append(f"unknown: packet trace settings of {profile.stack}; NETSTAT DEVLINKS was not answered in full")
    if not seen.heard:
        left.append("unknown: the displays were not answered")
    return tuple(left)


def _filter_unknown(seen: Observed) -> bool:
    """Whether settings may be in force that no display shows; a stack that is down has none."""
    return not seen.devlinks.whole and seen.stack is not False


def _own_settings(seen: Observed, profile: Profile) -> bool:
    """Whether every setting in force is one of the profile's."""
    return all(
        any(_same(link.name, setting, one) for one in profile.filters)
        for link in seen.devlinks.links
        for setting in link.settings
    )


def _same(link: str, seen: Setting, one: Filter) -> bool:
    ports = (seen.source_port, seen.destination_port, seen.port)
    wanted = tuple(str(port) if port else "*" for port in (one.source_port, one.destination_port, one.port))
    return (
        one.link in ("", link)
        and seen.protocol == (one.protocol or "*")
        and ports == wanted
        and _network(seen) == (ipaddress.ip_network(one.ip) if one.ip else None)
    )


def _network(seen: Setting) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    if seen.ip == "*":
        return None
    try:
        return ipaddress.ip_network(f"{seen.ip}/{seen.subnet}" if seen.subnet != "*" else seen.ip, strict=False)
    except ValueError:
        return None
