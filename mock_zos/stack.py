"""The TCP/IP stack: packets pass on its links, and those a setting selects are traced."""

import base64
from functools import lru_cache
from pathlib import Path

from mock_zos import captures, packets, records, writer
from mock_zos.captures import Packet
from mock_zos.state import Link, Setting, Subtrace
from mock_zos.system import System, numbers
from zjobs.lifecycle.tables import RECORDING

_PORTION = 1_000_000


def recording(system: System) -> Subtrace | None:
    """The packet trace that records now: all three switches on, and the component connected to the writer."""
    state = system.state
    trace = state.subtrace("SYSTCPDA", state.stack)
    job = state.writer(trace.writer) if trace else None
    if not trace or not job:
        return None
    return trace if any((job.status, link.filter, trace.mode) == RECORDING for link in state.links) else None


def settle(system: System) -> None:
    """Traffic begins when a trace begins to record: whoever has the problem reproduces it then.

    The clock goes forward to the time of the capture when that lies ahead, so that the first trace of a
    new LPAR shows its packets at the times they were captured.
    """
    state = system.state
    if not recording(system):
        state.replay_start = state.replay_next = 0
    elif not state.replay_start and (stream := _stream(system)):
        lead = numbers()["replay_lead_microseconds"]
        state.now = max(state.now, stream[0][2].time - lead)
        state.replay_start = state.now + lead


def replay(system: System, until: int) -> None:
    """Let the packets due until then pass, and trace the selected ones."""
    state = system.state
    trace = recording(system)
    if not trace or not state.replay_start:
        return
    stream = _stream(system)
    links = {link.name: link for link in state.links}
    made = bytearray()
    while state.replay_next < len(stream):
        offset, name, packet = stream[state.replay_next]
        if state.replay_start + offset > until:
            break
        state.replay_next += 1
        made += _trace(system, trace, links[name], packet, state.replay_start + offset)
        if len(made) >= _PORTION:
            _hand_over(system, trace, made)
    _hand_over(system, trace, made)


def _hand_over(system: System, trace: Subtrace, made: bytearray) -> None:
    """Put entries into the trace's buffer and let the writer take what is full."""
    if made:
        pending = base64.b64decode(trace.pending) + bytes(made)
        trace.pending = base64.b64encode(pending).decode()
        made.clear()
        writer.take(system, trace)


def remaining(system: System) -> int:
    """Microseconds until the last packet of a replay under way has passed."""
    if not system.state.replay_start:
        return 0
    stream = _stream(system)
    return max(0, system.state.replay_start + stream[-1][0] - system.state.now)


def _trace(system: System, trace: Subtrace, link: Link, packet: Packet, now: int) -> bytes:
    seen = packets.view(packet.data)
    setting = _selected(link, seen) if seen else None
    if not setting or not seen:
        return b""
    setting.count += 1
    trace.count += 1
    # ABBREV never cuts the IP and transport headers (IP Programmer's Guide, packet trace records).
    data = packet.data[: max(setting.length, seen.headers)] if setting.length else packet.data
    home = system.state.home
    traced = records.Traced(
        now,
        data,
        packet.length,
        link.name,
        link.index,
        link.kind,
        seen.source in home,
        seen.source,
        seen.destination,
        seen.source_port,
        seen.destination_port,
        seen.protocol,
        packet.vlan,
        trace.count,
    )
    return b"".join(records.entries(traced))


def _selected(link: Link, seen: packets.View) -> Setting | None:
    """The first of the ORed settings that selects the packet; it is traced and counted once."""
    if link.filter != "ON":
        return None
    return next((setting for setting in link.settings if packets.selects(setting, seen)), None)


def _stream(system: System) -> tuple[tuple[int, str, Packet], ...]:
    found = tuple((system.traffic / t.file, t.link) for t in system.state.traffic)
    return _merged(found)


@lru_cache(maxsize=4)
def _merged(traffic: tuple[tuple[Path, str], ...]) -> tuple[tuple[int, str, Packet], ...]:
    """All captures begin together; offsets are from the beginning."""
    stream = []
    for path, link in traffic:
        found = captures.read(path)
        first = min((packet.time for packet in found), default=0)
        stream += [(packet.time - first, link, packet) for packet in found]
    return tuple(sorted(stream, key=lambda item: item[0]))
