"""What a packet or frame that passes leaves in the traces that record: one function for each kind of trace."""

from mock_zos import packets, records
from mock_zos.captures import Frame, Packet
from mock_zos.osaenta import selects
from mock_zos.state import DataTrace, Link, OsaPort, Setting, Subtrace
from mock_zos.system import System, numbers
from zjobs.lifecycle.tables import Event, Filter, after

_START, _END = 1, 2
_MEGABYTE = 1 << 20


def packet(system: System, trace: Subtrace, link: Link, passed: Packet, seen: packets.View, now: int) -> bytes:
    """Packet trace: the packet, when a setting of its interface selects it."""
    setting = _selected(link, seen)
    if not setting:
        return b""
    setting.count += 1
    # ABBREV never cuts the IP and transport headers (IP Programmer's Guide, packet trace records).
    data = passed.data[: max(setting.length, seen.headers)] if setting.length else passed.data
    return _write(system, trace, link, seen, now, data, passed.length, vlan=passed.vlan)


def _selected(link: Link, seen: packets.View) -> Setting | None:
    """The first of the ORed settings that selects the packet; it is traced and counted once."""
    if link.filter != Filter.ON:
        return None
    return next((setting for setting in link.settings if packets.selects(setting, seen)), None)


def data(
    system: System, trace: Subtrace, one: DataTrace, link: Link, passed: Packet, seen: packets.View, now: int
) -> bytes:
    """Data trace: what an application of this system sends or receives, with Start and End of its socket."""
    home = system.state.home
    if not seen.source_port or not {seen.source, seen.destination} & {*home}:
        return b""
    here, there = (seen.source_port, seen.destination_port), (seen.destination_port, seen.source_port)
    local, remote = here if seen.source in home else there
    job = _job(local, remote)
    wanted = Setting(address=one.address, port=one.port)
    if (one.jobname and one.jobname != job) or not packets.selects(wanted, seen):
        return b""
    held = passed.data[seen.headers : passed.length]
    ends = seen.protocol == 6 and seen.flags & 0x05
    socket = f"{seen.protocol} {' '.join(sorted((f'{seen.source} {here[0]}', f'{seen.destination} {here[1]}')))}"
    made = b""
    states = [] if socket in one.sockets or not held else [_START]
    states += [0] if held else []
    states += [_END] if ends and (socket in one.sockets or states) else []
    if _START in states:
        one.sockets.append(socket)
    for state in states:
        number = one.sockets.index(socket) + 1
        name = records.socket_name(job, seen.protocol, state, number, ":" in seen.source)
        kept = b"" if state else held if one.length < 0 else held[: one.length]
        length = 0 if state else len(held)
        one.count += 1
        made += _write(system, trace, link, seen, now, kept, length, name=name, form=records.DATA_RECORD)
    if _END in states:
        one.sockets[one.sockets.index(socket)] = "closed"
    return made


def _job(local: int, remote: int) -> str:
    jobs: dict[int, str] = numbers()["jobs"]
    return jobs.get(local) or ("CLIENT" if remote in jobs else "USERJOB")


def frame(system: System, trace: Subtrace, port: OsaPort, link: Link, passed: Frame, now: int) -> bytes:
    """OSA trace: the frame, when the port's filters select it; a limit that is reached turns the trace off."""
    if not selects(port, passed.data):
        return b""
    kept = passed.data[: port.numbers["ABBREV"]]
    for name, more in (("frames", 1), ("databytes", len(kept))):
        setattr(port, name, getattr(port, name) + more)
        setattr(port, f"total_{name.removeprefix('data')}", getattr(port, f"total_{name.removeprefix('data')}") + more)
    seen = packets.view(passed.data[14:]) or packets.View("0.0.0.0", "0.0.0.0", 0, 0, 0, 0, 0)
    made = _write(system, trace, link, seen, now, kept, passed.length, form=records.OSA_RECORD)
    for reason, reached in (
        ("FRAMES", port.frames >= port.numbers["FRAMES"]),
        ("DATA", port.databytes >= port.numbers["DATA"] * _MEGABYTE),
    ):
        if reached and port.filter == Filter.ON:
            limit(system, port, reason)
    return made


def limit(system: System, port: OsaPort, reason: str) -> None:
    """EZD0019I: the trace of the port stops by itself; its settings stay."""
    port.filter = str(after(Filter(port.filter), Event.LIMIT) or port.filter)
    system.say("EZD0019I", portname=port.name, reason=reason)


def _write(
    system: System,
    trace: Subtrace,
    link: Link,
    seen: packets.View,
    now: int,
    held: bytes,
    length: int,
    vlan: int = 0,
    name: bytes = b"",
    form: int = 4,
) -> bytes:
    trace.count += 1
    traced = records.Traced(
        now,
        held,
        length,
        link.name,
        link.index,
        link.kind,
        seen.source in system.state.home,
        seen.source,
        seen.destination,
        seen.source_port,
        seen.destination_port,
        seen.protocol,
        vlan,
        trace.count,
        name,
        form,
    )
    return b"".join(records.entries(traced))
