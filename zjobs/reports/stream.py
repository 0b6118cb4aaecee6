"""STREAM: what each session carried, put in order and shown as one piece.

Reference: IP Diagnosis Guide, OPTIONS keywords, STREAM; the heading is that of its sample, the body is ours.  Bytes
that were sent twice are stored once, a gap is a line of its own, offsets go on across packets.  With FORMAT the stream
is decoded where its protocol is known, else it is dumped.  DETAIL tells of every packet what it brought.
"""

from collections.abc import Iterator
from itertools import chain, islice, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from zjobs.page import clock, dump, grid
from zjobs.reports.frame import DOUBLE, Frame
from zjobs.reports.session import titles
from zjobs.sessions.analysis import TCP, Analysis, Sessions
from zjobs.sessions.packets import MOST, SOCKET, SYN, End, Packets
from zjobs.trace.dissect import Dissection
from zjobs.weave import Weave
from zjobs.wire import message
from zjobs.wire.layout import PADDING
from zjobs.wire.protocols import protocols, selectors
from zjobs.wire.talk import SERVER, STREAM
from zjobs.wire.walk import Telling
from zjobs.words import counted

NAME = "STREAM"
LEVEL = "B"
ORDER = 75

#: Bytes that all streams of a run may hold together.
MOST_BYTES = 64 << 20

#: Protocols whose data is one piece, whatever parts it came in.
_STREAMS = (TCP, TCP | SOCKET)

#: Sessions that are looked at, and bytes that are dumped, at a time.
_SESSIONS, _TOGETHER = 2_000, 1 << 20


class Chunk(NamedTuple):
    """Bytes without a hole, at an offset of the stream; ``missing`` bytes before them never came."""

    offset: int
    data: bytes
    missing: int = 0


class Report:
    """Keeps what packets carried, up to the size of STREAM for each session and direction."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.packets = Packets()
        self.kept: list[bytes] = []
        self.sizes: dict[tuple[int, int], int] = {}
        self.total = 0
        self.cut: dict[int, int] = {}
        self.most = int(frame.options.value("STREAM")[0]) * 1024
        self.detail = frame.options.detail("STREAM") == "DETAIL"
        self.formats = "FORMAT" in frame.options.reports

    def add(self, weave: Weave, found: Dissection) -> None:
        """Take the data of a batch; it is shown at the end."""
        rows, sessions = self.packets.add(found)
        if not rows.size:
            return
        start, end = found.table.data_end.copy(), found.table.data_end.copy()
        for layers in (found.network, found.transport):
            for layer, which in layers:
                start[layer.rows[which]], end[layer.rows[which]] = layer.payload[which], layer.end[which]
        bare = np.flatnonzero((found.table.fmtid == 5) & (start >= end))
        start[bare] = found.table.data_start[bare]
        buf = found.walk.buf
        back = self.packets.last_back()
        for row, session, way in zip(rows.tolist(), sessions.tolist(), back.tolist()):
            low, high = int(start[row]), int(end[row])
            self.kept.append(self._room(session, way, buf[low:high].tobytes() if high > low else b""))

    def _room(self, session: int, way: int, data: bytes) -> bytes:
        used = self.sizes.get((session, way), 0)
        taken = data[: max(min(self.most - used, MOST_BYTES - self.total), 0)]
        if len(taken) < len(data):
            self.cut[session] = self.cut.get(session, 0) + len(data) - len(taken)
        self.sizes[session, way] = used + len(taken)
        self.total += len(taken)
        return taken

    def end(self) -> Iterator[str]:
        """Every session with its two streams."""
        sessions = Analysis(self.packets)
        yield DOUBLE
        yield "Streams Report"
        yield f" {len(sessions):,} Streams found"
        if self.packets.left_out:
            yield f" {counted(self.packets.left_out, 'packet is|packets are')} not shown: the report holds {MOST:,}"
        waiting: list[str | Chunk] = []
        size = 0
        for said in chain.from_iterable(map(self._said, _few(sessions))):
            waiting.append(said)
            size += len(said) if isinstance(said, str) else len(said.data)
            if size >= _TOGETHER:
                yield from self._shown(waiting)
                waiting, size = [], 0
        yield from self._shown(waiting)

    def _said(self, sessions: Sessions) -> Iterator[str | Chunk]:
        """Lines, and data that is yet to be dumped, of one session after the other."""
        data = [self.kept[place] for place in sessions.order.tolist()]
        sent = sessions["sent"].tolist()
        # A SYN comes before the data of its segment.
        places = (sessions["rel"] + (sessions["flags"] & SYN > 0)).tolist()
        packets = self._packets(sessions, data)
        for k, title in enumerate(titles(sessions, self.frame.style.offset_ns).texts()):
            yield title.rstrip("\n")
            proto, key = int(sessions.proto[k]), int(sessions.key[k])
            if key in self.cut:
                cut = counted(self.cut[key], "byte is|bytes are")
                yield f" *** {cut} beyond the size of the stream and not shown ***"
            rows = range(int(sessions.start[k]), int(sessions.start[k + 1]))
            if self.detail:
                yield ""
                yield "   RcdNr hh:mm:ss.mmmmmm IO   Offset   Data Status"
                yield from filter(None, islice(packets, len(rows)))
            for way, word in ((False, "inbound"), (True, "outbound")):
                filled = [row for row in rows if sent[row] == way and data[row]]
                chunks = list(_ordered(proto, [places[row] for row in filled], [data[row] for row in filled]))
                yield ""
                yield f"Stream buffer: {word} {counted(sum(len(c.data) for c in chunks), 'byte')}"
                yield from (self.formats and self._decoded(proto, sessions.ends[k], chunks, way)) or chunks

    def _packets(self, sessions: Sessions, data: list[bytes]) -> Iterator[str]:
        """A line for each packet; nothing for one that brought no data."""
        names = ("sent", "number", "length", *(name for name, _ in _STATUS))
        columns = {name: sessions[name].tolist() for name in names}
        places = np.where(_tcp(sessions), np.maximum(sessions["rel"] - 1, 0), _before(sessions)).tolist()
        times = clock.time_of_day(sessions["time_ns"] + self.frame.style.offset_ns).texts()
        for k, (time, place) in enumerate(zip(times, places)):
            words = ", ".join(word for name, word in _STATUS if columns[name][k])
            way = "O" if columns["sent"][k] else "I"
            number, length = columns["number"][k], columns["length"][k]
            line = f"{number:>8} {time} {way}  {place:08X} {length:>6} {words}".rstrip()
            yield line if data[k] or length else ""

    def _shown(self, said: list[str | Chunk]) -> Iterator[str]:
        """Lines as they are, data as dumps; those of all data are made at once."""
        chunks = [one for one in said if isinstance(one, Chunk)]
        size = np.array([len(chunk.data) for chunk in chunks], dtype=np.int64)
        end = np.cumsum(size)
        buf = np.frombuffer(b"".join([*(chunk.data for chunk in chunks), bytes(PADDING)]), dtype=np.uint8)
        weave = Weave(len(chunks))
        style = self.frame.style
        dump.data_lines(weave, np.arange(size.size), buf, end - size, end, style.translation, style.code_page)
        text = weave.render().tobytes().decode("ascii")
        dumps = pairwise([0, *np.cumsum(weave.total).tolist()])
        for one in said:
            if isinstance(one, str):
                yield one
                continue
            if one.missing:
                yield f"*** {counted(one.missing, 'byte')} missing at offset {one.offset - one.missing:06X} ***"
            low, high = next(dumps)
            if not one.offset:
                yield text[low : high - 1]
                continue
            for line in text[low:high].splitlines():
                yield f"{one.offset + int(line[:6], 16):06X}{line[6:]}"

    def _decoded(self, proto: int, ends: tuple[End, End], chunks: list[Chunk], sent: bool) -> list[str]:
        """The lines of a decoder, where the ports name one and the stream has no hole."""
        if not chunks or any(c.missing for c in chunks):
            return []
        local, remote = (end[3] for end in ends)
        stream = proto in _STREAMS
        table = selectors()["tcp.app" if stream else "udp.app"]
        port = next((p for p in sorted((local, remote)) if p in table), 0)
        name = table.get(port, "")
        if not hasattr(protocols().get(name), "decode"):
            return []
        asked = self.frame.options.asked.get(name, ())
        serves = (local if sent else remote) == port
        state = (STREAM | SERVER * serves) if stream else port * 2
        lines = [f" {protocols()[name].TITLE}: {sum(len(c.data) for c in chunks)}"]
        for data in [b"".join(c.data for c in chunks)] if stream else [c.data for c in chunks]:
            say = message.one(name, data, state, Telling.LINES, asked)
            lines += grid.message(say.lines).split("\n")[:-1]
        return lines


_STATUS = (
    ("again", "retransmission"), ("disorder", "out of order"), ("gap", "behind a gap"), ("probe", "window probe"),
    ("alive", "keep-alive"), ("open", "not acknowledged"),
)  # fmt: skip


def _tcp(sessions: Sessions) -> NDArray[np.bool_]:
    """Packets whose sequence numbers say where their data belongs."""
    return np.repeat(sessions.proto == TCP, np.diff(sessions.start))


def _before(sessions: Sessions) -> NDArray[np.int64]:
    """Bytes that came before each packet (n,), of its session and direction."""
    flow = sessions.session * 2 + sessions["sent"]
    order = np.argsort(flow, kind="stable")
    length = sessions["length"][order].astype(np.int64)
    total = np.cumsum(length) - length
    begin = np.flatnonzero(np.diff(flow[order], prepend=-1))
    out = np.empty(flow.size, dtype=np.int64)
    out[order] = total - np.repeat(total[begin], np.diff(np.append(begin, flow.size)))
    return out


def _few(sessions: Analysis) -> Iterator[Sessions]:
    """So many sessions that what is said of them stays little."""
    for part in sessions.parts():
        for low in range(0, len(part), _SESSIONS):
            yield part.part(low, min(low + _SESSIONS, len(part)))


def _ordered(proto: int, places: list[int], data: list[bytes]) -> Iterator[Chunk]:
    """The data of one direction in the order of the stream, each byte once; ``places`` are sequence numbers."""
    if proto == TCP | SOCKET:
        # Sockets gave and took it in the order of the trace, each byte once.
        yield from [Chunk(0, b"".join(data))] if data else []
        return
    if proto != TCP:
        at = 0
        for part in data:
            yield Chunk(at, part)
            at += len(part)
        return
    parts = sorted(zip(places, data), key=lambda part: part[0])
    if not parts:
        return
    base = parts[0][0]
    reached, offset, buffer, missing = base, 0, bytearray(), 0
    for at, part in parts:
        if at > reached:
            if buffer:
                yield Chunk(offset, bytes(buffer), missing)
            missing, offset, buffer = at - reached, at - base, bytearray()
            reached = at
        fresh = part[reached - at :]
        buffer += fresh
        reached += len(fresh)
    yield Chunk(offset, bytes(buffer), missing)
