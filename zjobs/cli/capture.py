"""zjobs capture: start, watch and stop a trace by its profile."""

import dataclasses
import json
from importlib import import_module

import click

from zjobs.errors import DataError, HostError
from zjobs.host import open_host
from zjobs.jobs import deadman
from zjobs.jobs import profile as profiles
from zjobs.jobs.capture import Job, Reporter
from zjobs.jobs.guest import GuestJob
from zjobs.lifecycle import plan as planner
from zjobs.lifecycle import sides, sizing
from zjobs.lifecycle.guests import Guest
from zjobs.lifecycle.steps import Act, Issue, Observed, Outcome, Tell
from zjobs.lifecycle.tables import Place
from zjobs.lifecycle.values import Profile
from zjobs.members.kinds import deadman_name
from zjobs.messages import render
from zjobs.options import Global
from zjobs.words import counted


class Terminal:
    """Shows a capture on the terminal: messages, the commands that change something, with -v everything."""

    def __init__(self, verbose: bool = False) -> None:
        self.verbose = verbose
        self.aside = False
        """Whether all messages go to standard error, because standard output is data."""
        self.warned: set[str] = set()

    def told(self, message: Tell) -> None:
        if message.id.endswith("W"):
            self.warned.add(message.id)
        click.echo(render(message.id, **dict(message.values)), err=self.aside or message.id.endswith("E"))

    def issued(self, step: Issue) -> None:
        if self.verbose or step.act is not Act.LOOK:
            click.echo(render("ZJB0437I", command=step.command))

    def answered(self, step: Issue, lines: tuple[str, ...]) -> None:
        if self.verbose:
            click.echo("".join(f"    {line}\n" for line in lines), nl=False)

    def logged(self, lines: tuple[str, ...]) -> None:
        if self.verbose:
            click.echo("".join(f"    {line}\n" for line in lines), nl=False)


@click.group("capture", epilog="Example: zjobs capture run ftp-hang.yaml")
def command() -> None:
    """Start, prove, watch and stop a trace described in a profile.

    \b
    zjobs capture plan   ftp-hang.yaml     what would be sent, and why
    zjobs capture start  ftp-hang.yaml     start it and prove that it counts
    zjobs capture status ftp-hang.yaml     is it on, and what has it got?
    zjobs capture stop   ftp-hang.yaml     stop it from whatever state it is in
    """


def _job(ctx: click.Context, source: str, verb: str) -> tuple[Job, Terminal]:
    """The job of a profile; that of another system is done here and ends the command."""
    host = open_host(ctx.obj.host)
    terminal = Terminal(bool(ctx.obj.verbose))
    found = profiles.read(source, host)
    if isinstance(found, Guest):
        ctx.exit(_guest(found, verb))
    return Job(host, found, terminal), terminal


def _guest(guest: Guest, verb: str) -> int:
    if verb == "plan":
        for heading, commands in (("start", guest.start), ("look", guest.status), ("stop", guest.stop)):
            click.echo(render("ZJB0436I", heading=f"{heading} on {guest.system}"))
            for command in commands:
                click.echo(render("ZJB0435I", command=command, purpose="").rstrip())
        for note in guest.notes:
            click.echo(render("ZJB0470I", note=note))
        return 0
    job = GuestJob(guest, click.echo)
    code: int = getattr(job, "stop" if verb == "recover" else verb)()
    return code


def _end(ctx: click.Context, outcome: Outcome | None, terminal: Terminal) -> None:
    """The return code: 12 when the system refused, 8 when the profile names what is not there, 4 after warnings."""
    if outcome and (outcome.place is Place.FAILED or outcome.left):
        ctx.exit(8 if outcome.cause and outcome.cause.id == "ZJB0417E" else 12)
    if outcome and outcome.written:
        # Packets that were late came after all; a network that was quiet later is no defect of the trace.
        terminal.warned -= {"ZJB0429W", "ZJB0479W"}
    ctx.exit(4 if terminal.warned else 0)


@command.command()
@click.argument("profile")
@click.option("--rate", type=click.FloatRange(min=1), metavar="N", help="Packets a second on the interface: sizing.")
@click.option("--mbit", type=click.FloatRange(min=0.001), metavar="N", help="Or megabits a second.")
@click.option("--packet", type=click.IntRange(20, 65535), default=600, show_default=True, help="Bytes of a packet.")
@click.option("--share", type=click.FloatRange(0.01, 100), default=100, help="Percent that the filter selects.")
@click.pass_context
def plan(ctx: click.Context, profile: str, rate: float | None, mbit: float | None, packet: int, share: float) -> None:
    """Show the commands that would be sent, in order; send nothing."""
    # A plan needs no system: it is made on a workstation as well as on z/OS.
    job, _ = _job(ctx, profile, "plan")
    sections = job.plan()
    width = max(len(step.command) for _, steps in sections for step in steps)
    for heading, steps in sections:
        click.echo(render("ZJB0436I", heading=heading))
        if heading == sections[1][0] and deadman.wanted(job.profile, run=True):
            minutes = planner.deadman(job.profile) // 60
            purpose = f"a job that stops the trace after {counted(minutes, 'minute')}, whatever happens (capture run)"
            click.echo(render("ZJB0435I", command=f"submit {deadman_name(job.profile)}".ljust(width), purpose=purpose))
        for step in steps:
            purpose = (
                step.act.value if step.act is not Act.LOOK else _LOOKS[step.command.split(",")[0].removeprefix("D ")]
            )
            click.echo(render("ZJB0435I", command=step.command.ljust(width), purpose=purpose))
    if mbit:
        rate = mbit * 1_000_000 / 8 / packet
    enough = [_sized(one, rate, packet, share) for one in job.profiles] if rate else []
    ctx.exit(0 if all(enough) else 4)


def _sized(profile: Profile, rate: float, packet: int, share: float) -> bool:
    """Print the sizing of one capture; whether its data sets are large enough."""
    found = sizing.size(profile, rate, packet, share)
    for text in found.steps:
        click.echo(render("ZJB0471I", step=f"{profile.stack}: {text}" if profile.part else text))
    if not found.enough:
        click.echo(render("ZJB0472W", name=profile.label, cylinders=f"{found.needed:,}"))
    return found.enough


_LOOKS = {"TCPIP": "stack, interfaces and filters", "TRACE": "component and writer", "R": "outstanding replies"}


@command.command()
@click.argument("profile")
@click.pass_context
def start(ctx: click.Context, profile: str) -> None:
    """Start the trace and prove that it records; on any failure undo everything."""
    job, terminal = _job(ctx, profile, "start")
    _end(ctx, job.start(), terminal)


@command.command()
@click.argument("profile")
@click.pass_context
def stop(ctx: click.Context, profile: str) -> None:
    """Stop the trace, from whatever half-started state it is found in."""
    job, terminal = _job(ctx, profile, "stop")
    _end(ctx, job.stop(), terminal)


@command.command()
@click.argument("profile")
@click.option("--as", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def status(ctx: click.Context, profile: str, form: str) -> None:
    """Tell from the displays what is on, and what it has counted."""
    job, terminal = _job(ctx, profile, "status")
    looks = job.look()
    if not all(seen.heard for seen in looks):
        raise HostError("ZJB0411E", detail="the displays were not answered")
    found = [(one, seen, planner.place(seen, one)) for one, seen in zip(job.profiles, looks)]
    if form == "json":
        terminal.aside = True
        plain = [{"place": str(place), **dataclasses.asdict(seen)} for _, seen, place in found]
        named = [{"name": one.stack, **values} for one, values in zip(job.profiles, plain)]
        click.echo(json.dumps({"stacks": named} if len(named) > 1 else plain[0], indent=2))
    else:
        for one, seen, place in found:
            for line in _screen(one, seen, place):
                click.echo(render("ZJB0451I", text=line))
    job.compare(looks)
    ctx.exit(4 if terminal.warned else 0)


def _screen(profile: Profile, seen: Observed, place: Place) -> list[str]:
    connected = ", ".join(" ".join(pair) for pair in seen.writer.connected)
    writer = "active" if seen.writer.active else "starting or ending" if seen.writer.present else "not active"
    trace = seen.trace
    mode = f"{trace.mode:<4} buffer {trace.buffer}, writer {trace.writer or 'none'}" if trace else "not defined"
    lines = [
        f"{profile.label:<10} {_PLACES.get(place, str(place))}",
        f"writer     {profile.writer.proc:<17} {writer}{f', connected to {connected}' if connected else ''}",
        f"component  {f'{profile.component} {profile.stack}':<17} {mode}",
    ]
    lines += [f"filter     {name:<17} {words}" for name, words in sides.of(profile).shown(seen)]
    if not seen.filtering:
        lines.append(f"filter     {'none in force':<17}")
    lines += [f"prompt     ITT006A number {number} is unanswered" for number in seen.prompts]
    return [line.rstrip() for line in lines]


_PLACES = {
    Place.TRACING: "TRACING",
    Place.IDLE: "OFF",
    Place.FOREIGN: "the component is tracing for somebody else",
    Place.FILTER_ON: "NOT RECORDING: a filter is set, the component is off",
    Place.WRITER_UP: "NOT RECORDING: the writer is up, nothing is connected",
    Place.INCOMPLETE: "NOT RECORDING: the component is on, but writer or filter is missing",
}


def _reporter(settings: Global, terminal: Terminal) -> Reporter:
    """Makes the reports of a profile after a run."""

    def report(kind: str, datasets: tuple[str, ...], target: str) -> None:
        # The formatter is loaded only when there is something to format.
        sources = tuple(f"//'{name}'" for name in datasets)
        if kind == "diagnosis":
            _diagnose(settings, terminal, sources, target)
            return
        if kind not in profiles.LISTINGS:
            export = import_module("zjobs.jobs.export")
            made = export.run(export.Request(sources, kind, target), settings)
            if made.code:
                terminal.warned.add(f"{kind} export")
            for line in made.lines:
                click.echo(line, err=True)
            return
        format = import_module("zjobs.jobs.format")
        code, lines = format.run(format.Request(sources, form=kind.upper(), target=target), settings)
        if code:
            terminal.warned.add(f"{kind} report")
        for line in lines:
            click.echo(line, err=True)

    return report


def _diagnose(settings: Global, terminal: Terminal, sources: tuple[str, ...], target: str) -> None:
    """The diagnosis as the command of that name makes it."""
    before = ["--host", settings.host, *(word for address in settings.home for word in ("--home", address))]
    before += ["--layout", str(settings.layout)] if settings.layout else []
    code = import_module("zjobs.cli").run([*before, "diagnose", *sources, "--out", target])
    if code > 4:
        raise DataError("ZJB0482E", code=code)
    if code:
        terminal.warned.add("diagnosis")


@command.command()
@click.argument("profile")
@click.pass_context
def run(ctx: click.Context, profile: str) -> None:
    """Start, watch until a stop rule of the profile is met, stop."""
    job, terminal = _job(ctx, profile, "run")
    _end(ctx, job.run(_reporter(ctx.obj, terminal)), terminal)


@command.command()
@click.argument("profile")
@click.pass_context
def recover(ctx: click.Context, profile: str) -> None:
    """Finish a run whose process died: stop what it left on."""
    job, terminal = _job(ctx, profile, "recover")
    _end(ctx, job.recover(), terminal)
