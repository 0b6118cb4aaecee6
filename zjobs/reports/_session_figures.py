"""The figures of one session: quantities, times, segments and windows of each direction, in two columns.

Definitions: spec ipcs-reports 4.5.  Inbound is what the local system received; without directions in the trace the
first sender is taken for the remote side of a server.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zjobs.page import clock
from zjobs.sessions import lives
from zjobs.sessions.analysis import TCP, Sessions
from zjobs.sessions.packets import FIN, RST, SYN, Key
from zjobs.trace.grammar import Options
from zjobs.wire.services import SERVICES
from zjobs.wire.values import ipv6_text

End = tuple[int, int, int, int]


@dataclass(frozen=True)
class Session:
    """One session: its key with the local end known, its columns (n,), and which packets the local system sent."""

    key: Key
    local: End
    remote: End
    columns: dict[str, NDArray[Any]]
    sent: NDArray[np.bool_]
    life: lives.Life | None = None

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.columns[name]

    @property
    def count(self) -> int:
        """Packets."""
        return int(self.sent.size)

    @property
    def time(self) -> NDArray[np.int64]:
        """Capture times in nanoseconds."""
        return self.columns["time_ns"]

    @property
    def duration_ns(self) -> int:
        """From the first packet to the last."""
        return int(self.time.max() - self.time.min()) if self.count else 0

    def part(self, low: int, high: int) -> "Session":
        """Some of its packets."""
        columns = {name: column[low:high] for name, column in self.columns.items()}
        return Session(self.key, self.local, self.remote, columns, self.sent[low:high], self.life)


def of(sessions: Sessions, k: int, key: Key) -> Session:
    """Session ``k`` with its sides told apart."""
    low, high = int(sessions.start[k]), int(sessions.start[k + 1])
    columns = {name: column[low:high] for name, column in sessions.columns.items()}
    back, out = columns["back"].astype(np.bool_), columns["out"]
    known = np.flatnonzero(out >= 0)
    if known.size:
        # The end that sends outbound packets, or receives inbound ones, is ours.
        second_is_local = bool(back[known[0]]) == bool(out[known[0]] == 1)
    else:
        second_is_local = not bool(back[0])
    local, remote = (key.ends[1], key.ends[0]) if second_is_local else key.ends
    sent = back == second_is_local
    life = lives.of(sent, columns, (local[3], remote[3])) if key.proto == TCP else None
    return Session(key, local, remote, columns, sent, life)


def lines(one: Session, options: Options, offset_ns: int) -> Iterator[str]:
    """The statistics of a session."""
    yield ""
    yield from _ends(one, options)
    yield ""
    yield from _connection(one, options, offset_ns)
    yield ""
    yield from _quantity(one, options)
    if one.key.proto == TCP:
        yield ""
        yield from _segments(one)
        yield ""
        yield from _windows(one)
        yield ""
        yield from _status(one)


def _pair(label: str, left: object, right: object, unit: str = "") -> str:
    return f" {label + ':':<40}{left!s:>20},{right!s:>24} {unit}".rstrip().rstrip(",")


def _one(label: str, value: object) -> str:
    return f" {label + ':':<40} {value}"


def address(end: End) -> str:
    """The address of an end as the formatter prints it."""
    version, high, low, _ = end
    if version == 4:
        return ".".join(str(low >> shift & 255) for shift in (24, 16, 8, 0))
    return ipv6_text(high.to_bytes(8, "big") + low.to_bytes(8, "big"))


def _ends(one: Session, options: Options) -> Iterator[str]:
    yield _one("Local Ip Address", address(one.local))
    yield _one("Remote Ip Address", address(one.remote))
    yield _pair("Host", "Local", "Remote")
    if one.life is not None and one.life.client is not None:
        roles = ("CLIENT", "SERVER") if one.life.client else ("SERVER", "CLIENT")
        yield _pair("Client or Server", *roles)
    yield _pair("Port", one.local[3], one.remote[3])
    yield _pair("Application", SERVICES.get(one.local[3], ""), SERVICES.get(one.remote[3], ""))
    local, remote = options.value("SPEED")
    yield _pair("Link speed (parm)", local, remote, "Megabits/s")


def _connection(one: Session, options: Options, offset_ns: int) -> Iterator[str]:
    yield " Connection:"
    for label, ns in (("First timestamp", int(one.time.min())), ("Last timestamp", int(one.time.max()))):
        yield _one(label, clock.stamps(np.array([ns + offset_ns], dtype=np.int64)).texts()[0])
    us = one.duration_ns // 1000
    span = f"{us // 3_600_000_000:02}:{us // 60_000_000 % 60:02}:{us // 1_000_000 % 60:02}.{us % 1_000_000:06}"
    yield _one("Duration", span)
    backwards = int((np.diff(one.time) < 0).sum())
    if one.life is not None:
        average, final, variance = round_trip(one, options)
        yield _one("Average Round-Trip-Time", f"{average:.6f} sec" if average >= 0 else "not measured")
        yield _one("Final Round-Trip-Time", f"{final:.6f} sec" if final >= 0 else "not measured")
        if variance >= 0:
            yield _one("Final Round-Trip-Variance", f"{variance:.6f} sec")
        yield _one("Final state", one.life.final)
    yield _one("Out-of-order timestamps", f"{backwards:,}")


def round_trip(one: Session, options: Options) -> tuple[float, float, float]:
    """Average, smoothed and variance of the round-trip time in seconds; -1 where nothing was measured.

    Samples are the times until what the local system sent was acknowledged (RFC 6298, section 2, with GAIN).
    """
    samples = one["ack_ns"][one.sent & (one["ack_ns"] >= 0)]
    syn = np.flatnonzero(one["flags"] & (SYN | RST) == SYN)
    if syn.size > 1 and bool(one.sent[syn[0]]) != bool(one.sent[syn[1]]):
        # The handshake is a sample of whichever side asked.
        samples = np.append(np.array([one.time[syn[1]] - one.time[syn[0]]]), samples)
    if not samples.size:
        return -1.0, -1.0, -1.0
    gain, spread = (int(v) / 1000 for v in options.value("GAIN"))
    seconds = (samples / 1e9).tolist()
    rtt, variance = seconds[0], seconds[0] / 2
    for sample in seconds[1:]:
        variance += spread * (abs(sample - rtt) - variance)
        rtt += gain * (sample - rtt)
    return sum(seconds) / len(seconds), rtt, variance


def _both(one: Session, figure: Any) -> tuple[Any, Any]:
    """A figure of the inbound and of the outbound packets, each given as a mask."""
    return figure(~one.sent), figure(one.sent)


def _quantity(one: Session, options: Options) -> Iterator[str]:
    length = one["length"].astype(np.int64)
    again = one["again"]
    seconds = one.duration_ns / 1e9
    yield _pair("Data Quantity & Throughput", "Inbound", "Outbound")
    yield _pair("Packets", *_both(one, lambda m: f"{int(m.sum()):,}"))
    fresh = _both(one, lambda m: int(length[m & ~again].sum()))
    yield _pair("Application data bytes", *(f"{n:,}" for n in fresh))
    if one.key.proto == TCP:
        yield _pair("Sequence number delta", *_both(one, lambda m: f"{_delta(one, m):,}"))
    yield _pair("Total bytes Sent", *_both(one, lambda m: f"{int(length[m].sum()):,}"))
    if one.key.proto == TCP:
        yield _pair("Bytes retransmitted", *_both(one, lambda m: f"{int(length[m & again].sum()):,}"))
    rates = [n / seconds / 1024 if seconds else 0.0 for n in fresh]
    yield _pair("Throughput", f"{rates[0]:.3f}", f"{rates[1]:.3f}", "Kilobytes/s")
    local, remote = (int(v) for v in options.value("SPEED"))
    used = [n * 8 / seconds / (speed * 1e6) * 100 if seconds else 0.0 for n, speed in zip(fresh, (remote, local))]
    yield _pair("Bandwidth utilization", *(f"{u:.2f}%" for u in used))
    if one.key.proto == TCP:
        inbound, outbound = options.value("DELAYACK")
        yield _pair("Delay ACK Threshold", inbound, outbound, "ms")
        for label, pick in (("Minimum Ack Time", np.min), ("Average Ack Time", np.mean), ("Maximum Ack Time", np.max)):
            yield _pair(label, *_both(one, lambda m, pick=pick: _ack_time(one, m, pick)))


def _delta(one: Session, mask: NDArray[np.bool_]) -> int:
    return int(one["end"][mask].max() - one["rel"][mask][0]) if mask.any() else 0


def _ack_time(one: Session, mask: NDArray[np.bool_], pick: Any) -> str:
    times = one["ack_ns"][mask & (one["ack_ns"] >= 0)]
    return f"{pick(times) / 1e9:.6f}" if times.size else "-"


def _segments(one: Session) -> Iterator[str]:
    length = one["length"].astype(np.int64)
    data = length > 0
    yield _pair("Data Segment Stats", "Inbound", "Outbound")
    yield _pair("Number of data segments", *_both(one, lambda m: f"{int((m & data).sum()):,}"))
    mss = one["mss"].astype(np.int64)
    yield _pair("Maximum segment size", *_both(one, lambda m: int(mss[m].max(initial=0)) or "-"))
    for label, pick in (("Largest", np.max), ("Average", np.mean), ("Smallest", np.min)):
        yield _pair(f"{label} segment size", *_both(one, lambda m, pick=pick: _picked(length[m & data], pick)))
    bursts = [_bursts(one, way) for way in (False, True)]
    segments = [b[0] for b in bursts]
    sizes = [b[1] for b in bursts]
    yield _pair("Segments/window", *(f"{s.mean():.1f}" if s.size else "-" for s in segments))
    yield _pair("Average bytes/window", *(_picked(s, np.mean) for s in sizes))
    yield _pair("Most bytes/window", *(_picked(s, np.max) for s in sizes))


def _picked(values: NDArray[np.int64], pick: Any) -> str:
    return f"{int(pick(values)):,}" if values.size else "-"


def _bursts(one: Session, sent: bool) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Data segments, and bytes, of each window: what one side sends before the other one speaks again."""
    length = one["length"].astype(np.int64)
    turn = np.cumsum(np.diff(one.sent.astype(np.int8), prepend=one.sent[:1].astype(np.int8)) != 0)
    rows = np.flatnonzero((one.sent == sent) & (length > 0))
    if not rows.size:
        return rows, rows
    _, which = np.unique(turn[rows], return_inverse=True)
    return np.bincount(which), np.bincount(which, weights=length[rows]).astype(np.int64)


def _windows(one: Session) -> Iterator[str]:
    window = one["wnd"].astype(np.int64)
    offered = one["flags"] & RST == 0
    turns = [_bursts(one, way)[0].size for way in (False, True)]
    seconds = one.duration_ns / 1e9
    yield _pair("Window Stats", "Inbound", "Outbound")
    yield _pair("Number of windows", *(f"{n:,}" for n in turns))
    yield _pair("Maximum window size", *_both(one, lambda m: _picked(one["flight"][m].astype(np.int64), np.max)))
    for label, pick in (("Largest", np.max), ("Average", np.mean), ("Smallest", np.min)):
        yield _pair(f"{label} window advertised", *_both(one, lambda m, pick=pick: _picked(window[m & offered], pick)))
    yield _pair("Window scale factor", *_both(one, lambda m: _scale(one, m)))
    rates = [f"{n / seconds:.4f}" if seconds else "-" for n in turns]
    yield _pair("Window frequency", rates[0], rates[1], "Windows/s")


def _scale(one: Session, mask: NDArray[np.bool_]) -> str:
    shifts = one["scale"][mask & (one["scale"] >= 0)]
    return str(int(shifts[0])) if shifts.size else "-"


def _status(one: Session) -> Iterator[str]:
    flags = one["flags"]
    rows = (
        ("Retransmissions", one["again"]), ("Out of order", one["disorder"]), ("Gaps", one["gap"]),
        ("Duplicate ACKs", one["dup"]), ("Delayed ACKs", one["late"]), ("Window probes", one["probe"]),
        ("Keep-alives", one["alive"]), ("Zero windows", one["zero"]), ("Resets", flags & RST > 0),
        ("Unacknowledged SYNs", (flags & SYN > 0) & one["open"]),
        ("Unacknowledged data", one["open"] & (flags & (SYN | FIN) == 0)),
    )  # fmt: skip
    yield _pair("Segment status", "Inbound", "Outbound")
    for label, mask in rows:
        yield _pair(label, *_both(one, lambda m, mask=mask: f"{int((m & mask).sum()):,}"))
