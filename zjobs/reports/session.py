"""SESSION: each session by itself: its packets with what they are, its quantities, its end.

Reference: IP Diagnosis Guide, OPTIONS keywords, SESSION; no sample of this report is published, so the wording of the
statistics is from recollection and the layout ours.  DETAIL lists packets and statistics, SUMMARY the statistics,
STATE one line a session, PIPE what was on its way after every packet.
"""

from collections.abc import Iterator

import numpy as np

from zjobs.chars import Chars, by_value, constant, decimal, joined, only, right, zero_filled
from zjobs.page import clock, grid
from zjobs.page.grid import Piece
from zjobs.reports import _session_figures
from zjobs.reports.frame import DOUBLE, RULE, Frame
from zjobs.sessions.analysis import TCP, Sessions, analyse
from zjobs.sessions.packets import MOST, Key, Packets
from zjobs.trace.dissect import Dissection
from zjobs.weave import Weave
from zjobs.wire.values import PROTOCOLS

NAME = "SESSION"
LEVEL = "C"
ORDER = 70

#: Lines of packets that are made at a time.
_CHUNK = 20_000

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

    def end(self) -> Iterator[str]:
        """Every session, in the order in which they began."""
        inbound, outbound = (int(v) for v in self.frame.options.value("DELAYACK"))
        sessions = analyse(self.packets, (inbound, outbound))
        yield DOUBLE
        yield "Session Report"
        yield f" {len(sessions):,} Sessions found"
        if self.packets.left_out:
            yield f" {self.packets.left_out:,} packets are not analysed: the report holds {MOST:,}"
        order = np.argsort(sessions["number"][sessions.start[:-1]], kind="stable")
        if self.form == "STATE":
            yield from self._states(sessions, order.tolist())
            return
        if self.form != "SUMMARY":
            yield from (f" {line}" for line in _LEGEND)
        for k in order.tolist():
            yield from self._session(sessions, k)

    def _session(self, sessions: Sessions, k: int) -> Iterator[str]:
        one = _session_figures.of(sessions, k, self.packets.keys[int(sessions.key[k])])
        yield RULE
        yield f"Session: {end_text(one.local)} {end_text(one.remote)} {protocol_text(one.key)}"
        offset = self.frame.style.offset_ns
        first, last = (_stamp(int(one.time[at]) + offset) for at in (0, -1))
        yield f"From: {first} to: {last}"
        yield f"{one.count:,} packets found"
        if self.form == "PIPE" and one.key.proto == TCP:
            yield from self._pipe(one)
        elif self.form == "DETAIL":
            yield from self._listed(one)
        yield from _session_figures.lines(one, self.frame.options, offset)

    def _listed(self, one: "_session_figures.Session") -> Iterator[str]:
        yield ""
        yield "TcpHdr IO F          Seq        Ack  RcvWnd   Data   Delta Time TimeStamp          RcdNr"
        for low in range(0, one.count, _CHUNK):
            part = one.part(low, low + _CHUNK)
            tcp = np.full(part.count, one.key.proto == TCP)
            flags = by_value(part["flags"], lambda n: _WORDS[n])
            since = np.diff(part.time, prepend=one.time[max(low - 1, 0)])
            pieces = [
                Piece(1, only(tcp, flags)),
                Piece(8, _ways(part)),
                Piece(11, _marks(part)),
                Piece(15, only(tcp, right(decimal(part["seq"]), 10))),
                Piece(26, only(tcp, right(decimal(np.where(part["flags"] & 16, part["ack"], 0)), 10))),
                Piece(37, only(tcp, right(decimal(np.maximum(part["wnd"], 0)), 7))),
                Piece(45, right(decimal(part["length"]), 6)),
                Piece(52, right(_seconds(since), 12)),
                Piece(65, clock.time_of_day(part.time + self.frame.style.offset_ns)),
                Piece(81, right(decimal(part["number"]), 8)),
            ]
            yield from _texts(grid.lay(part.count, pieces))

    def _pipe(self, one: "_session_figures.Session") -> Iterator[str]:
        yield ""
        yield "IO        Seq        Ack     Wnd   Data  InFlight TimeStamp          RcdNr"
        for low in range(0, one.count, _CHUNK):
            part = one.part(low, low + _CHUNK)
            pieces = [
                Piece(1, _ways(part)),
                Piece(4, right(decimal(part["seq"]), 10)),
                Piece(15, right(decimal(np.where(part["flags"] & 16, part["ack"], 0)), 10)),
                Piece(26, right(decimal(np.maximum(part["wnd"], 0)), 7)),
                Piece(34, right(decimal(part["length"]), 6)),
                Piece(41, right(decimal(part["flight"]), 9)),
                Piece(51, clock.time_of_day(part.time + self.frame.style.offset_ns)),
                Piece(67, right(decimal(part["number"]), 8)),
            ]
            yield from _texts(grid.lay(part.count, pieces))

    def _states(self, sessions: Sessions, order: list[int]) -> Iterator[str]:
        yield RULE
        yield "  Packets First yyyy/mm/dd hh:mm:ss.mmmmmm Duration        State".ljust(103) + "Session"
        offset = self.frame.style.offset_ns
        for k in order:
            one = _session_figures.of(sessions, k, self.packets.keys[int(sessions.key[k])])
            states = f"{one.life.first} -> {one.life.final}" if one.life else protocol_text(one.key)
            number = int(one["number"][0])
            yield (
                f"{one.count:>9,} {number:>5} {_stamp(int(one.time[0]) + offset)} {_span(one.duration_ns)} "
                f"{states:<38} {end_text(one.local)} {end_text(one.remote)} {protocol_text(one.key)}"
            )


def _ways(part: "_session_figures.Session") -> Chars:
    return by_value(part.sent, lambda sent: "O" if sent else "I")


def _marks(part: "_session_figures.Session") -> Chars:
    key = np.zeros(part.count, dtype=np.int64)
    for bit, (_, name) in enumerate(MARKS):
        key |= part[name].astype(np.int64) << bit
    key |= (part["flags"] & 4 > 0).astype(np.int64) << len(MARKS)
    letters = [letter for letter, _ in MARKS] + ["R"]
    return by_value(key, lambda n: "".join(letter for bit, letter in enumerate(letters) if n >> bit & 1))


def _texts(lines: Chars) -> Iterator[str]:
    for raw, size in zip(lines.rows, lines.lens.tolist()):
        yield raw[: size - 1].tobytes().decode("ascii")


def _seconds(ns: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> Chars:
    us = ns // 1000
    sign = by_value(us < 0, lambda negative: "-" if negative else "")
    size = np.abs(us)
    return joined(sign, decimal(size // 1_000_000), constant(".", ns.size), zero_filled(size % 1_000_000, 6))


def protocol_text(key: Key) -> str:
    """The protocol of a session."""
    return PROTOCOLS.get(key.proto, str(key.proto))


def end_text(end: tuple[int, int, int, int]) -> str:
    """``address-port``."""
    return f"{_session_figures.address(end)}-{end[3]}"


def _stamp(ns: int) -> str:
    return clock.stamps(np.array([ns], dtype=np.int64)).texts()[0]


def _span(ns: int) -> str:
    us = max(ns, 0) // 1000
    return f"{us // 3_600_000_000:02}:{us // 60_000_000 % 60:02}:{us // 1_000_000 % 60:02}.{us % 1_000_000:06}"
