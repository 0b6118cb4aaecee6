"""The TCP/IP stacks: packets pass on their links, and what a trace selects goes to its buffer."""

import base64
from functools import lru_cache
from pathlib import Path

from mock_zos import captures, packets, tracing, writer
from mock_zos.captures import Frame, Packet
from mock_zos.state import Due, Link, Replay, Subtrace
from mock_zos.system import System, numbers
from zjobs.lifecycle.tables import RECORDING, Filter

_PORTION = 1_000_000


def recording(system: System) -> list[Subtrace]:
    """The traces that record now: all three switches on, and the component connected to the writer."""
    state = system.state
    found = []
    for trace in state.subtraces:
        job = state.writer(trace.writer)
        if job and any((job.status, side, trace.mode) == RECORDING for side in _sides(system, trace)):
            found.append(trace)
    return found


def _sides(system: System, trace: Subtrace) -> list[str]:
    """States of the filters that feed a trace."""
    state = system.state
    if trace.component == "SYSTCPOT":
        return [port.filter for port in state.osas if port.stack == trace.sub]
    data = [one.filter for one in state.data if one.stack == trace.sub]
    return data + [link.filter for link in state.links_of(trace.sub)]


def settle(system: System) -> None:
    """Traffic of a stack begins when a trace of it begins to record: whoever has the problem reproduces it then.

    The clock goes forward to the time of the capture when that lies ahead, so that the first trace of a
    new LPAR shows its packets at the times they were captured; not while another stack is traced.
    """
    state = system.state
    traced = {trace.sub for trace in recording(system)}
    state.replays = [one for one in state.replays if one.stack in traced]
    for stack in sorted(traced - {one.stack for one in state.replays}):
        if stream := _stream(system, stack):
            lead = numbers()["replay_lead_microseconds"]
            if not state.replays:
                state.now = max(state.now, stream[0][2].time - lead)
            state.replays.append(Replay(stack, state.now + lead))


def replay(system: System, until: int) -> None:
    """Let the packets due until then pass, and trace the selected ones."""
    state = system.state
    traces = {(trace.component, trace.sub): trace for trace in recording(system)}
    if not traces:
        return
    links = {link.name: link for link in state.links}
    made: dict[tuple[str, str], bytearray] = {key: bytearray() for key in traces}
    for one in state.replays:
        for kind, stream in (("packet", _stream(system, one.stack)), ("frame", _frames(system, one.stack))):
            while getattr(one, kind) < len(stream):
                offset, name, passed = stream[getattr(one, kind)]
                if one.start + offset > until:
                    break
                setattr(one, kind, getattr(one, kind) + 1)
                if name in links:
                    _pass(system, traces, made, links[name], passed, one.start + offset)
                for key, held in made.items():
                    if len(held) >= _PORTION:
                        _hand_over(system, traces[key], held)
    for key, held in made.items():
        _hand_over(system, traces[key], held)


def _pass(
    system: System,
    traces: dict[tuple[str, str], Subtrace],
    made: dict[tuple[str, str], bytearray],
    link: Link,
    passed: Packet | Frame,
    now: int,
) -> None:
    if isinstance(passed, Frame):
        key = ("SYSTCPOT", link.stack)
        if key in traces:
            for port in (port for port in system.state.osas if port.name == link.port):
                made[key] += tracing.frame(system, traces[key], port, link, passed, now)
        return
    key = ("SYSTCPDA", link.stack)
    seen = packets.view(passed.data) if key in traces else None
    if seen:
        made[key] += tracing.packet(system, traces[key], link, passed, seen, now)
        for one in system.state.data:
            if one.stack == link.stack and one.filter == Filter.ON:
                made[key] += tracing.data(system, traces[key], one, link, passed, seen, now)


def _hand_over(system: System, trace: Subtrace, made: bytearray) -> None:
    """Put entries into the trace's buffer and let the writer take what is full."""
    if made:
        pending = base64.b64decode(trace.pending) + bytes(made)
        trace.pending = base64.b64encode(pending).decode()
        made.clear()
        writer.take(system, trace)


def remaining(system: System) -> int:
    """Microseconds until the last packet of a replay under way has passed."""
    ends = [one.start + _stream(system, one.stack)[-1][0] for one in system.state.replays]
    return max(0, max(ends, default=0) - system.state.now)


def happen(system: System, due: Due) -> None:
    """The time limit of an OSA trace."""
    for port in system.state.osas:
        ends = port.since + port.numbers["TIME"] * 60_000_000
        if port.name == due.name and port.filter == Filter.ON and due.at >= ends:
            tracing.limit(system, port, "TIME")


def _stream(system: System, stack: str) -> tuple[tuple[int, str, Packet], ...]:
    return _merged(_traffic(system, stack))


def _frames(system: System, stack: str) -> tuple[tuple[int, str, Frame], ...]:
    return _merged_frames(_traffic(system, stack))


def _traffic(system: System, stack: str) -> tuple[tuple[Path, str], ...]:
    links = {link.name for link in system.state.links_of(stack)}
    return tuple((system.traffic / t.file, t.link) for t in system.state.traffic if t.link in links)


@lru_cache(maxsize=16)
def _merged(traffic: tuple[tuple[Path, str], ...]) -> tuple[tuple[int, str, Packet], ...]:
    """All captures begin together; offsets are from the beginning."""
    stream = []
    for path, link in traffic:
        found = captures.read(path)
        first = min((packet.time for packet in found), default=0)
        stream += [(packet.time - first, link, packet) for packet in found]
    return tuple(sorted(stream, key=lambda item: item[0]))


@lru_cache(maxsize=16)
def _merged_frames(traffic: tuple[tuple[Path, str], ...]) -> tuple[tuple[int, str, Frame], ...]:
    """Frames at the offsets of the packets they carry; those before the first packet pass with it."""
    stream = []
    for path, link in traffic:
        first = min((packet.time for packet in captures.read(path)), default=0)
        stream += [(max(0, frame.time - first), link, frame) for frame in captures.frames(path)]
    return tuple(sorted(stream, key=lambda item: item[0]))
