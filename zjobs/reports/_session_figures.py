"""The figures of sessions: quantities, times, segments and windows of each direction, in two columns.

Definitions: spec ipcs-reports 4.5.  Inbound is what the local system received.  A line is made for all sessions of a
group at once.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import Chars, by_value, constant, from_texts, joined
from zjobs.page import clock
from zjobs.sessions.analysis import TCP, Index, Sessions
from zjobs.sessions.lives import Lives
from zjobs.sessions.packets import FIN, RST, SYN, End
from zjobs.sessions.sides import Sides
from zjobs.trace.grammar import Options
from zjobs.weave import Weave
from zjobs.wire.services import SERVICES
from zjobs.wire.values import ipv6_text

Show = Callable[[Any], str]


def address(end: End) -> str:
    """The address of an end as the formatter prints it."""
    version, high, low, _ = end
    if version == 4:
        return f"{low >> 24}.{low >> 16 & 255}.{low >> 8 & 255}.{low & 255}"
    return ipv6_text(high.to_bytes(8, "big") + low.to_bytes(8, "big"))


def span(sessions: Sessions) -> tuple[Index, Index]:
    """The first and the last time of each session in nanoseconds."""
    time, start = sessions["time_ns"], sessions.start[:-1]
    return np.minimum.reduceat(time, start), np.maximum.reduceat(time, start)


class _Block:
    """Lines that some of the sessions have."""

    def __init__(self, weave: Weave, which: Index) -> None:
        self.weave, self.which = weave, which

    def line(self, text: str) -> None:
        """The same on all of them."""
        self.weave.add(constant(text + "\n", self.which.size), self.which)

    def one(self, label: str, value: Chars) -> None:
        """A label and the value of each session (m,)."""
        count = self.which.size
        shown = joined(constant(f" {label + ':':<40} ", count), value.take(self.which), constant("\n", count))
        self.weave.add(shown, self.which)

    def pair(self, label: str, figures: NDArray[Any], show: Show = "{:,}".format, unit: str = "") -> None:
        """A label and two figures of each session (m, 2); a right one that shows nothing has no comma either."""
        count = self.which.size
        left, right = figures[self.which].T
        shown = joined(
            constant(f" {label + ':':<40}", count),
            by_value(left, lambda v: f"{show(v):>20}"),
            by_value(right, lambda v: f",{text:>24}" if (text := show(v)) else ""),
            constant(f" {unit}\n" if unit else "\n", count),
        )
        self.weave.add(shown, self.which)

    def same(self, label: str, left: object = "Inbound", right: object = "Outbound", unit: str = "") -> None:
        """A label and two words that are the same for all of them."""
        self.line(f" {label + ':':<40}{left!s:>20},{right!s:>24} {unit}".rstrip())


def add(weave: Weave, sessions: Sessions, lives: Lives, options: Options, offset_ns: int) -> None:
    """The statistics of the sessions, one a row."""
    every, tcp = _Block(weave, np.arange(len(sessions))), _Block(weave, np.flatnonzero(sessions.proto == TCP))
    sides = Sides(sessions)
    first, last = span(sessions)
    seconds = (last - first)[:, None] / 1e9
    bursts = _bursts(sessions)
    every.line("")
    _ends(every, sessions, lives, options)
    every.line("")
    _connection(every, tcp, sessions, lives, options, offset_ns)
    every.line("")
    _quantity(every, tcp, sessions, sides, seconds, options)
    tcp.line("")
    _segments(tcp, sessions, sides, bursts)
    tcp.line("")
    _windows(tcp, sessions, sides, bursts, seconds)
    tcp.line("")
    _status(tcp, sessions, sides)


def _ends(every: _Block, sessions: Sessions, lives: Lives, options: Options) -> None:
    ends = sessions.ends
    every.one("Local Ip Address", from_texts([address(local) for local, _ in ends]))
    every.one("Remote Ip Address", from_texts([address(remote) for _, remote in ends]))
    every.same("Host", "Local", "Remote")
    roles = _Block(every.weave, np.flatnonzero((sessions.proto == TCP) & (lives.client >= 0)))
    client = np.stack([lives.client, 1 - lives.client], axis=1)
    roles.pair("Client or Server", client, lambda client: "CLIENT" if client else "SERVER")
    ports = sessions.ports
    every.pair("Port", ports, str)
    every.pair("Application", ports, lambda port: SERVICES.get(port, ""))
    local, remote = options.value("SPEED")
    every.same("Link speed (parm)", local, remote, "Megabits/s")


def _connection(
    every: _Block, tcp: _Block, sessions: Sessions, lives: Lives, options: Options, offset_ns: int
) -> None:  # fmt: skip
    every.line(" Connection:")
    first, last = span(sessions)
    every.one("First timestamp", clock.stamps(first + offset_ns))
    every.one("Last timestamp", clock.stamps(last + offset_ns))
    every.one("Duration", clock.durations(last - first))
    average, final, variance = round_trips(sessions, options).T
    tcp.one("Average Round-Trip-Time", by_value(average, _measured))
    tcp.one("Final Round-Trip-Time", by_value(final, _measured))
    varied = _Block(tcp.weave, tcp.which[variance[tcp.which] >= 0])
    varied.one("Final Round-Trip-Variance", by_value(variance, _measured))
    tcp.one("Final state", by_value(lives.final, str))
    backwards = np.diff(sessions["time_ns"], prepend=0) < 0
    backwards[sessions.start[:-1]] = False
    disorder = np.add.reduceat(backwards, sessions.start[:-1], dtype=np.int64)
    every.one("Out-of-order timestamps", by_value(disorder, "{:,}".format))


def round_trips(sessions: Sessions, options: Options) -> NDArray[np.float64]:
    """Average, smoothed and variance of the round-trip times (m, 3) in seconds; -1 where nothing was measured.

    Samples are the times until what the local system sent was acknowledged (RFC 6298, section 2, with GAIN).
    """
    gain, spread = (int(v) / 1000 for v in options.value("GAIN"))
    measured = np.flatnonzero(sessions["sent"] & (sessions["ack_ns"] >= 0))
    samples = (sessions["ack_ns"][measured] / 1e9).tolist()
    bounds = np.searchsorted(measured, sessions.start).tolist()
    shaken = _handshakes(sessions)
    out = np.full((len(sessions), 3), -1.0)
    # Each smoothed time is made of the one before, which no column operation can do.
    for k, (low, high) in enumerate(pairwise(bounds)):
        seconds = shaken[k] + samples[low:high]
        if not seconds:
            continue
        rtt, variance = seconds[0], seconds[0] / 2
        for sample in seconds[1:]:
            variance += spread * (abs(sample - rtt) - variance)
            rtt += gain * (sample - rtt)
        out[k] = sum(seconds) / len(seconds), rtt, variance
    return out


def _handshakes(sessions: Sessions) -> list[list[float]]:
    """For each session how long the first answer to a SYN took, if there is one.

    The handshake is a sample of whichever side asked.
    """
    syn = np.flatnonzero(sessions["flags"] & (SYN | RST) == SYN)
    bounds = np.searchsorted(syn, sessions.start)
    twice = np.flatnonzero(np.diff(bounds) > 1)
    ask, answer = syn[bounds[twice]], syn[bounds[twice] + 1]
    out: list[list[float]] = [[] for _ in range(len(sessions))]
    answered = np.flatnonzero(sessions["sent"][ask] != sessions["sent"][answer])
    took = (sessions["time_ns"][answer] - sessions["time_ns"][ask])[answered] / 1e9
    for k, seconds in zip(twice[answered].tolist(), took.tolist()):
        out[k].append(seconds)
    return out


def _quantity(
    every: _Block, tcp: _Block, sessions: Sessions, sides: Sides, seconds: NDArray[np.float64], options: Options
) -> None:  # fmt: skip
    length, again, ack_ns = sessions["length"], sessions["again"], sessions["ack_ns"]
    fresh = sides.total(length, ~again)
    every.same("Data Quantity & Throughput")
    every.pair("Packets", sides.number(sides.all))
    every.pair("Application data bytes", fresh)
    # The first sequence number of a side is its zero.
    tcp.pair("Sequence number delta", sides.most(sessions["end"], sides.all, 0))
    every.pair("Total bytes Sent", sides.total(length, sides.all))
    tcp.pair("Bytes retransmitted", sides.total(length, again))
    every.pair("Throughput", _ratio(fresh, seconds, 0.0) / 1024, "{:.3f}".format, "Kilobytes/s")
    local, remote = (int(v) for v in options.value("SPEED"))
    used = _ratio(fresh * 8, seconds, 0.0) / np.array([remote * 1e6, local * 1e6]) * 100
    every.pair("Bandwidth utilization", used, "{:.2f}%".format)
    inbound, outbound = options.value("DELAYACK")
    tcp.same("Delay ACK Threshold", inbound, outbound, "ms")
    timed = ack_ns >= 0
    tcp.pair("Minimum Ack Time", sides.least(ack_ns, timed), _seconds)
    tcp.pair("Average Ack Time", sides.mean(ack_ns, timed), _seconds)
    tcp.pair("Maximum Ack Time", sides.most(ack_ns, timed), _seconds)


def _segments(tcp: _Block, sessions: Sessions, sides: Sides, bursts: Index) -> None:
    length, mss = sessions["length"], sessions["mss"]
    data = length > 0
    number, total = sides.number(data), sides.total(length, data)
    tcp.same("Data Segment Stats")
    tcp.pair("Number of data segments", number)
    tcp.pair("Maximum segment size", sides.most(mss, mss > 0), lambda size: str(size) if size >= 0 else "-")
    tcp.pair("Largest segment size", sides.most(length, data), _known)
    tcp.pair("Average segment size", _ratio(total, number), _whole)
    tcp.pair("Smallest segment size", sides.least(length, data), _known)
    windows = sides.number(bursts > 0)
    tcp.pair("Segments/window", _ratio(number, windows), lambda n: f"{n:.1f}" if n >= 0 else "-")
    tcp.pair("Average bytes/window", _ratio(total, windows), _whole)
    tcp.pair("Most bytes/window", sides.most(bursts, bursts > 0), _known)


def _bursts(sessions: Sessions) -> Index:
    """Bytes of each window (n,): what one side sends before the other one speaks again; 0 but at its first packet."""
    turns = np.diff(sessions["sent"].astype(np.int8), prepend=0) != 0
    turns[sessions.start[:-1]] = True
    first = np.flatnonzero(turns)
    out = np.zeros(turns.size, dtype=np.int64)
    out[first] = np.add.reduceat(sessions["length"], first, dtype=np.int64)
    return out


def _windows(
    tcp: _Block, sessions: Sessions, sides: Sides, bursts: Index, seconds: NDArray[np.float64]
) -> None:  # fmt: skip
    window, scale = sessions["wnd"], sessions["scale"]
    offered = sessions["flags"] & RST == 0
    windows = sides.number(bursts > 0)
    tcp.same("Window Stats")
    tcp.pair("Number of windows", windows)
    tcp.pair("Maximum window size", sides.most(sessions["flight"], sides.all), _known)
    tcp.pair("Largest window advertised", sides.most(window, offered), _known)
    tcp.pair("Average window advertised", _ratio(sides.total(window, offered), sides.number(offered)), _whole)
    tcp.pair("Smallest window advertised", sides.least(window, offered), _known)
    tcp.pair("Window scale factor", sides.first(scale, scale >= 0), lambda shift: str(shift) if shift >= 0 else "-")
    tcp.pair("Window frequency", _ratio(windows, seconds), lambda n: f"{n:.4f}" if n >= 0 else "-", "Windows/s")


def _status(tcp: _Block, sessions: Sessions, sides: Sides) -> None:
    flags, open_ = sessions["flags"], sessions["open"]
    rows = (
        ("Retransmissions", sessions["again"]), ("Out of order", sessions["disorder"]), ("Gaps", sessions["gap"]),
        ("Duplicate ACKs", sessions["dup"]), ("Delayed ACKs", sessions["late"]),
        ("Window probes", sessions["probe"]), ("Keep-alives", sessions["alive"]), ("Zero windows", sessions["zero"]),
        ("Resets", flags & RST > 0), ("Unacknowledged SYNs", (flags & SYN > 0) & open_),
        ("Unacknowledged data", open_ & (flags & (SYN | FIN) == 0)),
    )  # fmt: skip
    tcp.same("Segment status")
    for label, which in rows:
        tcp.pair(label, sides.number(which))


def _ratio(part: NDArray[Any], whole: NDArray[Any], none: float = -1.0) -> NDArray[np.float64]:
    """How much of one comes on one of the other; ``none`` where there is no other."""
    out = np.full(part.shape, none)
    np.divide(part, whole, out=out, where=whole > 0)
    return out


def _known(value: int) -> str:
    return f"{value:,}" if value >= 0 else "-"


def _whole(value: float) -> str:
    return _known(int(value))


def _seconds(ns: float) -> str:
    return f"{ns / 1e9:.6f}" if ns >= 0 else "-"


def _measured(seconds: float) -> str:
    return f"{seconds:.6f} sec" if seconds >= 0 else "not measured"
