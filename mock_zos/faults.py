"""What can happen to a system while somebody traces on it, done to a simulated LPAR from outside."""

from collections.abc import Callable

from mock_zos import tracing
from mock_zos.lpar import Lpar
from mock_zos.state import DataTrace, Link, OsaPort, Prompt, Setting
from mock_zos.system import System
from zjobs.lifecycle.tables import Filter


def _writer_abend(system: System, chance: float) -> None:
    """The writer abends; the component goes on in its own buffers, without a writer."""
    for job in list(system.state.writers):
        for dsn in job.datasets:
            system.datasets.hold(dsn, "")
        system.log([f"AHL100I {job.name} ABENDED"])
        system.say("ITT107I", job=job.name)
        for trace in system.state.connected(job.name):
            trace.writer = ""
        system.state.writers.remove(job)


def _data_set_full(system: System, chance: float) -> None:
    """No record fits any more: NOWRAP, or a volume that is full."""
    for job in system.state.writers:
        if job.datasets:
            job.full = True
            system.say("IEC031I", job=job.name, dd=job.ddnames[-1], dsn=job.datasets[-1])


def _writer_behind(system: System, chance: float) -> None:
    for job in system.state.writers:
        job.lost += 1


def _stack_ends(system: System, chance: float) -> None:
    """The stack ends: its sublevels, settings and prompts go, the writer stays."""
    state = system.state
    gone = state.stack
    state.stacks = [name for name in state.stacks if name != gone]
    state.subtraces = [trace for trace in state.subtraces if trace.sub != gone]
    state.prompts = [prompt for prompt in state.prompts if prompt.sub != gone]
    state.links = [link for link in state.links if link.stack != gone]
    state.data = [one for one in state.data if one.stack != gone]
    state.osas = [port for port in state.osas if port.stack != gone]


def _other_prompt(system: System, chance: float) -> None:
    """Somebody else's command prompts, and takes the number that was to come next."""
    number = f"{system.state.next_reply:02}"
    system.state.next_reply += 1
    system.state.prompts.append(Prompt(number, "SYSTCPRT", "OMPROUTE", "OFF"))


def _filters_off(system: System, chance: float) -> None:
    """Another user turns the filters off."""
    sides: list[Link | DataTrace | OsaPort] = [*system.state.links, *system.state.data, *system.state.osas]
    for side in sides:
        if side.filter == Filter.ON:
            side.filter = str(Filter.OFF)


def _filters_changed(system: System, chance: float) -> None:
    """Another user adds a setting where there are some."""
    for link in system.state.links:
        if link.filter == Filter.ON:
            link.settings.append(Setting(port=1 + int(chance * 65000)))
    for one in system.state.data:
        one.port = 80
    for port in system.state.osas:
        port.filters.setdefault("PORTNUM", []).append("80")


def _limit(system: System, chance: float) -> None:
    """EZD0019I: an OSA trace reaches a limit."""
    for port in system.state.osas:
        if port.filter == Filter.ON:
            tracing.limit(system, port, "DATA" if chance < 0.5 else "FRAMES")


def _turned_off(system: System, chance: float) -> None:
    """Another operator turns the component trace off."""
    for trace in system.state.subtraces:
        if trace.mode == "ON":
            trace.mode, trace.writer = "OFF", ""


FAULTS: dict[str, Callable[[System, float], None]] = {
    "writer-abend": _writer_abend,
    "data-set-full": _data_set_full,
    "writer-behind": _writer_behind,
    "stack-ends": _stack_ends,
    "other-prompt": _other_prompt,
    "filters-off": _filters_off,
    "filters-changed": _filters_changed,
    "limit": _limit,
    "turned-off": _turned_off,
}


def cause(lpar: Lpar, fault: str, chance: float = 0.5) -> None:
    """Make it happen now."""
    lpar.act(lambda system: FAULTS[fault](system, chance))
