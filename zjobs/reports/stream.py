"""STREAM: what each session carried, put in order and shown as one piece.

Reference: IP Diagnosis Guide, OPTIONS keywords, STREAM; the heading is that of its sample, the body is ours.  Bytes
that were sent twice are stored once, a gap is a line of its own, offsets go on across packets.  With FORMAT the stream
is decoded where its protocol is known, else it is dumped.  DETAIL tells of every packet what it brought.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from zjobs.page import clock, dump, grid
from zjobs.reports import _session_figures
from zjobs.reports.frame import DOUBLE, RULE, Frame
from zjobs.reports.session import end_text, protocol_text
from zjobs.sessions.analysis import TCP, analyse
from zjobs.sessions.packets import MOST, Packets
from zjobs.trace.dissect import Dissection
from zjobs.weave import Weave
from zjobs.wire import message
from zjobs.wire.layout import PADDING
from zjobs.wire.talk import SERVER, STREAM
from zjobs.wire.walk import protocols, selectors

NAME = "STREAM"
LEVEL = "B"
ORDER = 75

#: Bytes that all streams of a run may hold together.
MOST_BYTES = 64 << 20


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
        sessions = analyse(self.packets)
        yield DOUBLE
        yield "Streams Report"
        yield f" {len(sessions):,} Streams found"
        if self.packets.left_out:
            yield f" {self.packets.left_out:,} packets are not shown: the report holds {MOST:,}"
        order = np.argsort(sessions["number"][sessions.start[:-1]], kind="stable")
        for k in order.tolist():
            key = int(sessions.key[k])
            one = _session_figures.of(sessions, k, self.packets.keys[key])
            places = sessions.order[sessions.start[k] : sessions.start[k + 1]]
            yield from self._session(one, [self.kept[p] for p in places.tolist()], self.cut.get(key, 0))

    def _session(self, one: _session_figures.Session, data: list[bytes], cut: int) -> Iterator[str]:
        offset = self.frame.style.offset_ns
        first, last = (clock.stamps(one.time[at : at + 1] + offset).texts()[0] for at in (0, one.count - 1))
        yield RULE
        yield f"Session: {end_text(one.local)} {end_text(one.remote)} {protocol_text(one.key)}"
        yield f"From: {first} to: {last}"
        yield f"{one.count:,} packets found"
        if cut:
            yield f" *** {cut:,} bytes are beyond the size of the stream and are not shown ***"
        if self.detail:
            yield from self._packets(one, data)
        for sent, word in ((False, "inbound"), (True, "outbound")):
            chunks = list(_ordered(one, data, sent))
            size = sum(len(c.data) for c in chunks)
            yield ""
            yield f"Stream buffer: {word} {size:,} bytes"
            told = self._decoded(one, chunks, sent) if "FORMAT" in self.frame.options.reports else []
            if told:
                yield from told
            else:
                yield from self._dumped(chunks)

    def _packets(self, one: _session_figures.Session, data: list[bytes]) -> Iterator[str]:
        yield ""
        yield "   RcdNr hh:mm:ss.mmmmmm IO   Offset   Data Status"
        times = clock.time_of_day(one.time + self.frame.style.offset_ns).texts()
        for k in range(one.count):
            if not (data[k] or one["length"][k]):
                continue
            words = [word for name, word in _STATUS if one[name][k]]
            way = "O" if one.sent[k] else "I"
            place = max(int(one["rel"][k]) - 1, 0) if one.key.proto == TCP else 0
            number, length = int(one["number"][k]), int(one["length"][k])
            yield f"{number:>8} {times[k]} {way}  {place:08X} {length:>6} {', '.join(words)}".rstrip()

    def _dumped(self, chunks: list[Chunk]) -> Iterator[str]:
        style = self.frame.style
        for chunk in chunks:
            if chunk.missing:
                yield f"*** {chunk.missing:,} bytes missing at offset {chunk.offset - chunk.missing:06X} ***"
            buf = np.concatenate([np.frombuffer(chunk.data, dtype=np.uint8), np.zeros(PADDING, dtype=np.uint8)])
            weave = Weave(1)
            zero, end = np.zeros(1, dtype=np.int64), np.full(1, len(chunk.data), dtype=np.int64)
            dump.data_lines(weave, np.zeros(1, dtype=np.int64), buf, zero, end, style.translation, style.code_page)
            for line in weave.render().tobytes().decode("ascii").splitlines():
                yield f"{chunk.offset + int(line[:6], 16):06X}{line[6:]}"

    def _decoded(self, one: _session_figures.Session, chunks: list[Chunk], sent: bool) -> list[str]:
        """The lines of a decoder, where the ports name one and the stream has no hole."""
        if not chunks or any(c.missing for c in chunks):
            return []
        ports = (one.local[3], one.remote[3])
        table = selectors()["tcp.app" if one.key.proto == TCP else "udp.app"]
        port = next((p for p in sorted(ports) if p in table), 0)
        name = table.get(port, "")
        if not hasattr(protocols().get(name), "decode"):
            return []
        serves = (one.local if sent else one.remote)[3] == port
        state = (STREAM | SERVER * serves) if one.key.proto == TCP else port * 2
        lines = [f" {protocols()[name].TITLE}: {sum(len(c.data) for c in chunks)}"]
        for data in [b"".join(c.data for c in chunks)] if one.key.proto == TCP else [c.data for c in chunks]:
            say = message.one(name, data, state)
            lines += [grid.text(level, pairs).rstrip("\n") for level, pairs in say.lines]
        return lines


_STATUS = (
    ("again", "retransmission"), ("disorder", "out of order"), ("gap", "behind a gap"), ("probe", "window probe"),
    ("alive", "keep-alive"), ("open", "not acknowledged"),
)  # fmt: skip


def _ordered(one: _session_figures.Session, data: list[bytes], sent: bool) -> Iterator[Chunk]:
    """The data of one direction in the order of the stream, each byte once."""
    rows = np.flatnonzero(one.sent == sent).tolist()
    if one.key.proto != TCP:
        at = 0
        for k in rows:
            if data[k]:
                yield Chunk(at, data[k])
                at += len(data[k])
        return
    places = [(int(one["rel"][k]) + bool(one["flags"][k] & 2), data[k]) for k in rows if data[k]]
    places.sort(key=lambda place: place[0])
    if not places:
        return
    base = places[0][0]
    reached, offset, buffer, missing = base, 0, bytearray(), 0
    for at, part in places:
        if at > reached:
            if buffer:
                yield Chunk(offset, bytes(buffer), missing)
            missing, offset, buffer = at - reached, at - base, bytearray()
            reached = at
        fresh = part[reached - at :]
        buffer += fresh
        reached += len(fresh)
    yield Chunk(offset, bytes(buffer), missing)
