"""What the packets of TCP sessions are, thousands of sessions at once: retransmissions, gaps, acknowledgments, windows.

The definitions are those of spec ipcs-reports 4.5; sequence numbers are unwrapped, so that flows of any length are
compared as plain integers.  The highest sequence number is a running maximum, as APAR PM94876 demands of the
formatter: a packet behind a loss is not out of order because of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zjobs.sessions.packets import ACK, FIN, RST, SYN, End, Packets

Index = NDArray[np.int64]
Mask = NDArray[np.bool_]

TCP = 6
_WRAP = 1 << 32
#: Room between two sessions or flows when all are searched as one sorted column.
_APART = 1 << 41

#: Packets that are analysed at a time: each takes a quarter of a kilobyte for that.
TOGETHER = 200_000


@dataclass(frozen=True, eq=False, repr=False)
class Sessions:
    """Packets sorted by session, then as they came, with what they are; sessions in the order in which they began.

    ``start`` (m + 1,) are the bounds of the m sessions, ``key`` (m,) the indices of their keys, ``proto`` (m,) their
    protocols, ``ends`` (m) their local and remote ends, ``order`` (n,) the places of the packets as they were taken.
    Columns (n,) besides those of :class:`Packets`: ``sent`` by the local end, ``rel`` and ``end`` unwrapped sequence
    numbers, ``acked`` the same for the acknowledgment (-1 none), ``wnd`` the scaled window, ``again`` retransmission,
    ``disorder``, ``gap``, ``dup`` duplicate ACK, ``late`` delayed ACK, ``zero`` window, ``probe``, ``alive`` keep-
    alive, ``open`` not acknowledged by the end of the trace, ``ack_ns`` time until a data segment was acknowledged
    (-1 never, or sent twice), ``flight`` bytes on their way.
    """

    start: Index
    key: Index
    proto: Index
    ends: list[tuple[End, End]]
    columns: dict[str, NDArray[Any]]
    order: Index

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.columns[name]

    def __len__(self) -> int:
        return int(self.key.size)

    @property
    def session(self) -> Index:
        """The session of each packet (n,)."""
        return np.repeat(np.arange(len(self)), np.diff(self.start))

    @property
    def ports(self) -> Index:
        """The local and the remote port of each session (m, 2)."""
        return np.array([(local[3], remote[3]) for local, remote in self.ends], dtype=np.int64).reshape(-1, 2)

    def part(self, low: int, high: int) -> "Sessions":
        """Some of the sessions: ``low`` up to ``high``."""
        begin, end = int(self.start[low]), int(self.start[high])
        columns = {name: column[begin:end] for name, column in self.columns.items()}
        start = self.start[low : high + 1] - begin
        some = slice(low, high)
        return Sessions(start, self.key[some], self.proto[some], self.ends[some], columns, self.order[begin:end])


class Analysis:
    """All sessions of a run, in the order in which they began; what their packets are is found for some at a time."""

    def __init__(self, packets: Packets, delay_ms: tuple[int, int] = (200, 200)) -> None:
        """``delay_ms`` are the thresholds of a delayed ACK, inbound and outbound."""
        self._delay_ms = delay_ms
        self._columns = packets.columns()
        session = _split(self._columns)
        self._order = np.argsort(session, kind="stable")
        self._start = np.append(np.flatnonzero(np.diff(session[self._order], prepend=-1)), session.size)
        self._key = self._columns["session"][self._order[self._start[:-1]]].astype(np.int64)
        self._keys = packets.keys

    def __len__(self) -> int:
        return int(self._key.size)

    def parts(self) -> Iterator[Sessions]:
        """Whole sessions, about ``TOGETHER`` packets at a time: a long one alone."""
        low = 0
        while low < len(self):
            most = np.searchsorted(self._start, self._start[low] + TOGETHER, side="right")
            high = max(low + 1, int(most) - 1)
            yield self._part(low, high)
            low = high

    def _part(self, low: int, high: int) -> Sessions:
        order = self._order[self._start[low] : self._start[high]]
        columns = {name: column[order] for name, column in self._columns.items()}
        start = self._start[low : high + 1] - self._start[low]
        group = np.repeat(np.arange(high - low), np.diff(start))
        key = self._key[low:high]
        keys = [self._keys[k] for k in key.tolist()]
        proto = np.array([one.proto for one in keys], dtype=np.int64)
        found = _Flows(columns, group, start[group], (proto == TCP)[group]).run(self._delay_ms)
        swapped = _second_is_local(columns, group, start[:-1])
        ends = [(one.ends[second], one.ends[not second]) for one, second in zip(keys, swapped.tolist())]
        sent = columns["back"] == swapped[group]
        return Sessions(start, key, proto, ends, {**columns, "sent": sent, **found}, order)


def _split(columns: dict[str, NDArray[Any]]) -> Index:
    """Sessions by number, in the order in which they began: a closed one that starts again is a new one."""
    key = columns["session"].astype(np.int64)
    order = np.argsort(key, kind="stable")
    fresh = np.diff(key[order], prepend=-1) != 0
    fresh[_starts_again(key[order], columns["flags"][order], columns["seq"][order])] = True
    first = order[fresh]
    number = np.empty(first.size, dtype=np.int64)
    number[np.argsort(first)] = np.arange(first.size)
    out = np.empty(key.size, dtype=np.int64)
    out[order] = number[np.cumsum(fresh) - 1]
    return out


def _starts_again(key: Index, flags: NDArray[Any], seq: NDArray[Any]) -> Index:
    """Places of SYNs, among packets sorted by key, with which a connection starts again that was closed."""
    asks = np.flatnonzero((flags & SYN > 0) & (flags & (ACK | RST) == 0))
    # A SYN that is repeated belongs to the first one.
    same = (key[asks[1:]] == key[asks[:-1]]) & (seq[asks[1:]] == seq[asks[:-1]])
    asks = asks[np.append(True, ~same)] if asks.size else asks
    before, after = asks[:-1], asks[1:]
    ends = np.cumsum(flags & (FIN | RST) > 0)
    closed = ends[np.maximum(after - 1, 0)] > ends[before]
    return np.asarray(after[closed & (key[before] == key[after])])


def _second_is_local(columns: dict[str, NDArray[Any]], group: Index, first: Index) -> Mask:
    """For each session whether the second end of its key is ours: it sends outbound packets, or receives inbound ones.

    Without directions in the trace the first sender is taken for the remote side of a server.
    """
    back, out = columns["back"], columns["out"]
    second = ~back[first]
    # Of several packets with a direction the first one counts: the last that is written here.
    known = np.flatnonzero(out >= 0)[::-1]
    second[group[known]] = back[known] == (out[known] == 1)
    return np.asarray(second)


class _Flows:
    """One pass over sorted packets; every step is a column operation."""

    def __init__(self, columns: dict[str, NDArray[Any]], group: Index, head: Index, tcp: Mask) -> None:
        self.c = columns
        self.group, self.head, self.tcp = group, head, tcp
        self.count = group.size
        self.back = columns["back"].astype(np.bool_)
        self.flags = columns["flags"].astype(np.int64)

    def run(self, delay_ms: tuple[int, int]) -> dict[str, NDArray[Any]]:
        length = np.where(self.tcp, self.c["length"], 0).astype(np.int64)
        advance = length + (self.flags & SYN > 0) + (self.flags & FIN > 0)
        rel = self._unwrapped(self.c["seq"].astype(np.int64))
        end = rel + advance
        mine, theirs = self._highest(end)
        seen = mine > -_APART
        sends = self.tcp & (advance > 0)
        repeated = ~self._first_of(rel, sends) & sends
        again = repeated & (end <= mine)
        disorder = sends & seen & (rel < mine) & ~repeated
        gap = sends & seen & (rel > mine)
        acked = self._acknowledged(rel, theirs)
        has_ack = self.tcp & (self.flags & ACK > 0)
        acked = np.where(has_ack, acked, -1)
        window = self._windows()
        plain = self.tcp & (self.flags & (SYN | FIN | RST) == 0)
        last_ack, last_window = self._last(acked, has_ack), self._last(window, self.tcp)
        their_window = self._other(window)
        dup = plain & has_ack & (length == 0) & (acked == last_ack) & (window == last_window) & (theirs > acked)
        zero = self.tcp & (window == 0) & (self.flags & RST == 0)
        small = plain & (length <= 1) & seen
        probe = small & (their_window == 0) & (length == 1)
        alive = small & (rel == mine - 1) & ~probe
        reach = self._reached(acked)
        ack_at = self._acknowledged_at(end, reach, self.tcp & (length > 0) & ~again)
        time = self.c["time_ns"]
        ack_ns = np.where(ack_at >= 0, time[np.maximum(ack_at, 0)] - time, -1)
        late = np.zeros(self.count, dtype=np.bool_)
        limit = np.where(self.c["out"] == 1, delay_ms[1], delay_ms[0]).astype(np.int64) * 1_000_000
        slow = np.flatnonzero((ack_at >= 0) & (ack_ns >= limit))
        late[ack_at[slow]] = True
        final = self._final(reach)
        open_ = sends & (end > final)
        return {
            "rel": rel, "end": end, "acked": acked, "wnd": window, "again": again, "disorder": disorder & ~alive,
            "gap": gap, "dup": dup & ~alive, "late": late, "zero": zero, "probe": probe, "alive": alive, "open": open_,
            "ack_ns": ack_ns, "flight": self._in_flight(np.maximum(mine, end), reach),
        }  # fmt: skip

    # Building blocks: each looks back within the session only.

    def _before(self, valid: Mask) -> Index:
        """For each packet the last one before it, in its session, that is valid; -1 if there is none."""
        at = np.where(valid, np.arange(self.count), -1)
        last = np.full(self.count, -1, dtype=np.int64)
        if self.count:
            last[1:] = np.maximum.accumulate(at)[:-1]
        return np.where(last >= self.head, last, -1)

    def _last(self, values: Index, valid: Mask) -> Index:
        """The value of the last valid packet of the same direction; -2 if there is none."""
        out = np.full(self.count, -2, dtype=np.int64)
        for way in (False, True):
            here = self.back == way
            at = self._before(here & valid)
            out = np.where(here & (at >= 0), values[np.maximum(at, 0)], out)
        return out

    def _other(self, values: Index) -> Index:
        """The value of the last packet of the other direction; -2 if there is none."""
        out = np.full(self.count, -2, dtype=np.int64)
        for way in (False, True):
            at = self._before((self.back != way) & self.tcp)
            out = np.where((self.back == way) & (at >= 0), values[np.maximum(at, 0)], out)
        return out

    def _unwrapped(self, seq: Index) -> Index:
        """Sequence numbers of each direction without their wrap at 2**32, from 0 at the first packet."""
        out = np.zeros(self.count, dtype=np.int64)
        for way in (False, True):
            rows = np.flatnonzero((self.back == way) & self.tcp)
            if not rows.size:
                continue
            group = self.group[rows]
            step = np.zeros(rows.size, dtype=np.int64)
            step[1:] = (seq[rows][1:] - seq[rows][:-1] + (_WRAP >> 1)) % _WRAP - (_WRAP >> 1)
            new = np.ones(rows.size, dtype=np.bool_)
            new[1:] = group[1:] != group[:-1]
            step[new] = 0
            total = np.cumsum(step)
            begin = np.flatnonzero(new)
            out[rows] = total - np.repeat(total[begin], np.diff(np.append(begin, rows.size)))
        return out

    def _highest(self, end: Index) -> tuple[Index, Index]:
        """The highest end before each packet, of its own direction and of the other one; far below zero if none."""
        far = np.int64(-(1 << 50))
        offset = self.group * _APART
        best = []
        for way in (False, True):
            # A reset and a bare acknowledgment say nothing of what was sent before them.
            counts = (self.back == way) & self.tcp
            value = np.where(counts, end + offset, far)
            running = np.maximum.accumulate(value) if self.count else value
            before = np.full(self.count, far, dtype=np.int64)
            if self.count:
                before[1:] = running[:-1]
            there = self._before(counts) >= 0
            best.append(np.where(there, before - offset, far))
        mine = np.where(self.back, best[1], best[0])
        theirs = np.where(self.back, best[0], best[1])
        return mine, theirs

    def _first_of(self, rel: Index, sends: Mask) -> Mask:
        """Packets whose first byte was not sent before, by the same direction of the same session."""
        out = np.ones(self.count, dtype=np.bool_)
        rows = np.flatnonzero(sends)
        if rows.size:
            flow = self.group[rows] * 2 + self.back[rows]
            order = np.lexsort((rows, rel[rows], flow))
            f, r = flow[order], rel[rows][order]
            same = np.zeros(rows.size, dtype=np.bool_)
            same[1:] = (f[1:] == f[:-1]) & (r[1:] == r[:-1])
            out[rows[order]] = ~same
        return out

    def _acknowledged(self, rel: Index, theirs: Index) -> Index:
        """Acknowledgment numbers on the scale of the other direction: near what that has sent."""
        # The first sequence number of each direction, by which the other direction's numbers count.
        base = np.full((2, int(self.group[-1]) + 1 if self.count else 0), -1, dtype=np.int64)
        for way in (0, 1):
            rows = np.flatnonzero((self.back == bool(way)) & self.tcp)[::-1]
            base[way, self.group[rows]] = self.c["seq"][rows]
        other = np.where(self.back, base[0][self.group], base[1][self.group]) if self.count else self.group
        ack = self.c["ack"].astype(np.int64)
        near = np.where(theirs > -_APART, theirs, 0)
        known = other >= 0
        difference = (ack - other - near + (_WRAP >> 1)) % _WRAP - (_WRAP >> 1)
        # Without a packet of the other side, acknowledgments only count among themselves.
        first = self._first_ack()
        alone = (ack - first + (_WRAP >> 1)) % _WRAP - (_WRAP >> 1)
        return np.where(known, near + difference, alone)

    def _first_ack(self) -> Index:
        out = np.zeros(self.count, dtype=np.int64)
        for way in (False, True):
            rows = np.flatnonzero((self.back == way) & self.tcp & (self.flags & ACK > 0))[::-1]
            first = np.zeros(int(self.group[-1]) + 1 if self.count else 0, dtype=np.int64)
            first[self.group[rows]] = self.c["ack"][rows]
            here = self.back == way
            out[here] = first[self.group[here]]
        return out

    def _windows(self) -> Index:
        """Windows scaled where both sides offered to (RFC 7323, section 2.2); -2 for other protocols."""
        scale = self.c["scale"].astype(np.int64)
        syn = self.tcp & (self.flags & SYN > 0)
        shifts = []
        for way in (False, True):
            rows = np.flatnonzero(syn & (self.back == way))[::-1]
            offered = np.full(int(self.group[-1]) + 1 if self.count else 0, -1, dtype=np.int64)
            offered[self.group[rows]] = scale[rows]
            shifts.append(offered)
        both = (shifts[0] >= 0) & (shifts[1] >= 0)
        per = np.where(self.back, shifts[1][self.group], shifts[0][self.group]) if self.count else self.group
        shift = np.where(both[self.group] & ~syn, per, 0) if self.count else self.group
        return np.where(self.tcp, self.c["window"].astype(np.int64) << np.maximum(shift, 0), -2)

    def _reached(self, acked: Index) -> tuple[Index, Index]:
        """The highest acknowledgment so far, of what each direction sent (by the other one), as sorted columns."""
        offset = self.group * _APART
        out = []
        for way in (False, True):
            value = np.where((self.back != way) & self.tcp & (acked >= 0), acked + offset, offset - 1)
            out.append(np.maximum.accumulate(value) if self.count else value)
        return out[0], out[1]

    def _acknowledged_at(self, end: Index, reach: tuple[Index, Index], wanted: Mask) -> Index:
        """The first packet that acknowledges the end of each wanted one; -1 if none does, or one did before."""
        at = np.full(self.count, -1, dtype=np.int64)
        offset = self.group * _APART
        for way in (False, True):
            rows = np.flatnonzero(wanted & (self.back == way))
            place = np.searchsorted(reach[way], end[rows] + offset[rows], side="left")
            inside = (place < self.count) & (place > rows)
            inside[inside] &= self.group[place[inside]] == self.group[rows[inside]]
            at[rows[inside]] = place[inside]
        return at

    def _final(self, reach: tuple[Index, Index]) -> Index:
        """What was acknowledged of each packet's direction by the end of its session."""
        if not self.count:
            return self.group
        last = np.append(np.flatnonzero(np.diff(self.group)), self.count - 1)[self.group]
        reached = np.where(self.back, reach[1][last], reach[0][last])
        return np.asarray(reached - self.group * _APART)

    def _in_flight(self, highest: Index, reach: tuple[Index, Index]) -> Index:
        """Bytes of each packet's direction that are on their way after it."""
        acknowledged = np.where(self.back, reach[1], reach[0]) - self.group * _APART
        return np.where(self.tcp, np.maximum(highest - np.maximum(acknowledged, 0), 0), 0)
