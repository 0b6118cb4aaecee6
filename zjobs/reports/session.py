"""SESSION: each session by itself: its packets with what they are, its quantities, its end.

Reference: IP Diagnosis Guide, OPTIONS keywords, SESSION; no sample of this report is published, so the wording of the
statistics is from recollection and the layout ours.  DETAIL lists packets and statistics, SUMMARY the statistics,
STATE one line a session, PIPE what was on its way after every packet.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import Chars, blank, by_value, constant, decimal, from_texts, joined, only, right, zero_filled
from zjobs.page import clock, grid
from zjobs.page.grid import Piece
from zjobs.reports import _session_figures
from zjobs.reports.frame import DOUBLE, RULE, Frame
from zjobs.sessions import lives
from zjobs.sessions.analysis import TCP, Analysis, Index, Sessions
from zjobs.sessions.packets import MOST, SOCKET, End, Packets
from zjobs.trace.dissect import Dissection
from zjobs.weave import Some, Weave
from zjobs.wire.values import PROTOCOLS
from zjobs.words import counted

NAME = "SESSION"
LEVEL = "C"
ORDER = 70

#: Packets, and sessions, whose lines are made at a time.
_PACKETS, _SESSIONS = 20_000, 2_000

_DETAIL = "TcpHdr IO F          Seq        Ack  RcvWnd   Data   Delta Time TimeStamp          RcdNr"
_PIPE = "IO        Seq        Ack     Wnd   Data  InFlight TimeStamp          RcdNr"

#: Letters of the TcpHdr column, by bit.
_LETTERS = ((16, "A"), (8, "P"), (4, "R"), (2, "S"), (1, "F"), (32, "U"))
_WORDS = tuple("".join(letter if n & bit else " " for bit, letter in _LETTERS) for n in range(64))

#: Marks of a packet, in the order in which they are printed.
MARKS = (
    ("r", "again"), ("o", "disorder"), ("g", "gap"), ("d", "dup"), ("D", "late"), ("p", "probe"), ("k", "alive"),
    ("z", "zero"), ("u", "open"),
)  # fmt: skip
_LEGEND = (
    "r retransmission  o out of order  g behind a gap  d duplicate ACK  D delayed ACK  p window probe",
    "k keep-alive  z zero window  R reset  u not acknowledged at the end of the trace",
)


class Report:
    """Keeps the packets of the run as columns, and tells of all sessions at its end."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.packets = Packets()
        self.form = frame.options.detail("SESSION")

    def add(self, weave: Weave, found: Dissection) -> None:
        """Take the packets of a batch; their text comes at the end."""
        self.packets.add(found)

    def end(self) -> Iterator[str | Weave]:
        """Every session, in the order in which they began."""
        inbound, outbound = (int(v) for v in self.frame.options.value("DELAYACK"))
        sessions = Analysis(self.packets, (inbound, outbound))
        yield DOUBLE
        yield "Session Report"
        yield f" {len(sessions):,} Sessions found"
        if self.packets.left_out:
            yield f" {counted(self.packets.left_out, 'packet is|packets are')} not analysed: the report holds {MOST:,}"
        if self.form == "STATE":
            yield RULE
            yield "  Packets First yyyy/mm/dd hh:mm:ss.mmmmmm Duration        State".ljust(103) + "Session"
        elif self.form != "SUMMARY":
            yield from (f" {line}" for line in _LEGEND)
        for part in sessions.parts():
            yield from self._some(part)

    def _some(self, sessions: Sessions) -> Iterator[Weave]:
        if self.form == "STATE":
            for low in range(0, len(sessions), _SESSIONS):
                yield self._states(sessions.part(low, min(low + _SESSIONS, len(sessions))))
            return
        low = 0
        while low < sessions.order.size:
            high = _edge(sessions.start, low)
            yield self._printed(sessions, low, high)
            low = high

    def _printed(self, sessions: Sessions, low: int, high: int) -> Weave:
        """Packets low to high: heads of sessions that begin there, the packets, figures of sessions that end there."""
        start = sessions.start
        begun, last = np.searchsorted(start, (low, high)).tolist()
        first, done = (np.searchsorted(start, (low, high), side="right") - 1).tolist()
        here = np.arange(last - first)
        edges = np.clip(start[first : last + 1], low, high) - low
        session = np.repeat(here, np.diff(edges))
        # Every session has a row in front of its packets and one behind them.
        head, packets, foot = edges[:-1] + 2 * here, np.arange(high - low) + 2 * session + 1, edges[1:] + 2 * here + 1
        weave = Weave(high - low + 2 * here.size)
        if begun < last:
            self._heads(Some(weave, head[begun - first :]), sessions.part(begun, last))
        tcp = (sessions.proto[first:last] == TCP)[session]
        columns = {name: column[low:high] for name, column in sessions.columns.items()}
        if self.form == "DETAIL":
            time = sessions["time_ns"]
            since = time[low:high] - time[np.maximum(np.arange(low, high) - 1, start[first + session])]
            weave.add(self._listed(columns, session, tcp, since), packets)
        elif self.form == "PIPE":
            weave.add(self._pipe(columns, session).take(tcp), packets[tcp])
        if first < done:
            ended, figures = sessions.part(first, done), Some(weave, foot[: done - first])
            _session_figures.add(figures, ended, lives.of(ended), self.frame.options, self.frame.style.offset_ns)
        return weave

    def _heads(self, weave: Weave, sessions: Sessions) -> None:
        weave.add(titles(sessions, self.frame.style.offset_ns))
        if self.form == "DETAIL":
            weave.add(constant(f"\n{_DETAIL}\n", len(sessions)))
        elif self.form == "PIPE":
            tcp = np.flatnonzero(sessions.proto == TCP)
            weave.add(constant(f"\n{_PIPE}\n", tcp.size), tcp)

    def _listed(
        self, columns: dict[str, NDArray[Any]], session: Index, tcp: NDArray[np.bool_], since: Index
    ) -> Chars:  # fmt: skip
        flags = columns["flags"]
        pieces = [
            Piece(1, only(tcp, by_value(flags, lambda n: _WORDS[n]))),
            Piece(8, _ways(columns)),
            Piece(11, _marks(columns)),
            Piece(15, only(tcp, right(decimal(columns["seq"]), 10))),
            Piece(26, only(tcp, right(decimal(np.where(flags & 16, columns["ack"], 0)), 10))),
            Piece(37, only(tcp, _aligned(decimal(np.maximum(columns["wnd"], 0)), 7, session))),
            Piece(45, _aligned(decimal(columns["length"]), 6, session)),
            Piece(52, _aligned(_seconds(since), 12, session)),
            Piece(65, clock.time_of_day(columns["time_ns"] + self.frame.style.offset_ns)),
            Piece(81, _aligned(decimal(columns["number"]), 8, session)),
        ]
        return grid.lay(session.size, pieces)

    def _pipe(self, columns: dict[str, NDArray[Any]], session: Index) -> Chars:
        pieces = [
            Piece(1, _ways(columns)),
            Piece(4, right(decimal(columns["seq"]), 10)),
            Piece(15, right(decimal(np.where(columns["flags"] & 16, columns["ack"], 0)), 10)),
            Piece(26, _aligned(decimal(np.maximum(columns["wnd"], 0)), 7, session)),
            Piece(34, _aligned(decimal(columns["length"]), 6, session)),
            Piece(41, _aligned(decimal(columns["flight"]), 9, session)),
            Piece(51, clock.time_of_day(columns["time_ns"] + self.frame.style.offset_ns)),
            Piece(67, _aligned(decimal(columns["number"]), 8, session)),
        ]
        return grid.lay(session.size, pieces)

    def _states(self, sessions: Sessions) -> Weave:
        count, start = len(sessions), sessions.start[:-1]
        first, last = _session_figures.span(sessions)
        life = lives.of(sessions)
        states = [
            f"{began} -> {final}" if proto == TCP else protocol_text(proto)
            for proto, began, final in zip(sessions.proto.tolist(), life.first.tolist(), life.final.tolist())
        ]
        weave = Weave(count)
        weave.add(by_value(np.diff(sessions.start), "{:>9,} ".format))
        weave.add(by_value(sessions["number"][start], "{:>5} ".format))
        weave.add(clock.stamps(sessions["time_ns"][start] + self.frame.style.offset_ns))
        weave.add(constant(" ", count))
        weave.add(clock.durations(last - first))
        weave.add(from_texts([f" {state:<38} {name}\n" for state, name in zip(states, _names(sessions))]))
        return weave


def titles(sessions: Sessions, offset_ns: int) -> Chars:
    """The lines with which each session begins: what it is called, when it was, its packets."""
    count, time = len(sessions), sessions["time_ns"] + offset_ns
    return joined(
        from_texts([f"{RULE}\nSession: {name}\nFrom: " for name in _names(sessions)]),
        clock.stamps(time[sessions.start[:-1]]),
        constant(" to: ", count),
        clock.stamps(time[sessions.start[1:] - 1]),
        by_value(np.diff(sessions.start), "\n{:,} packets found\n".format),
    )


def protocol_text(proto: int) -> str:
    """The protocol of a session, and whether it is that of socket data."""
    number = proto & ~SOCKET if proto > 0 else proto
    return PROTOCOLS.get(number, str(number)) + (" Data Trace" if number != proto else "")


def end_text(end: End) -> str:
    """``address-port``."""
    return f"{_session_figures.address(end)}-{end[3]}"


def _names(sessions: Sessions) -> Iterator[str]:
    for (local, remote), proto in zip(sessions.ends, sessions.proto.tolist()):
        yield f"{end_text(local)} {end_text(remote)} {protocol_text(proto)}"


def _edge(start: Index, low: int) -> int:
    """How far the packets from ``low`` on are printed together: whole sessions, or a part of a long one."""
    first = int(np.searchsorted(start, low, side="right"))
    last = min(int(np.searchsorted(start, low + _PACKETS, side="right")) - 1, first + _SESSIONS, start.size - 1)
    return int(start[last]) if last >= first else low + _PACKETS


def _aligned(text: Chars, width: int, session: Index) -> Chars:
    """Right-justified in ``width`` columns, or in as many more as the longest text of the session takes."""
    if text.longest <= width:
        return right(text, width)
    widths = np.full(int(session.max()) + 1, width)
    np.maximum.at(widths, session, text.lens)
    before = widths[session] - text.lens
    return joined(Chars(blank(before.size, int(before.max())), before), text)


def _ways(columns: dict[str, NDArray[Any]]) -> Chars:
    return by_value(columns["sent"], lambda sent: "O" if sent else "I")


def _marks(columns: dict[str, NDArray[Any]]) -> Chars:
    key = (columns["flags"] & 4 > 0).astype(np.int64) << len(MARKS)
    for bit, (_, name) in enumerate(MARKS):
        key |= columns[name].astype(np.int64) << bit
    letters = [letter for letter, _ in MARKS] + ["R"]
    return by_value(key, lambda n: "".join(letter for bit, letter in enumerate(letters) if n >> bit & 1))


def _seconds(ns: Index) -> Chars:
    us = ns // 1000
    sign = by_value(us < 0, lambda negative: "-" if negative else "")
    size = np.abs(us)
    return joined(sign, decimal(size // 1_000_000), constant(".", ns.size), zero_filled(size % 1_000_000, 6))
