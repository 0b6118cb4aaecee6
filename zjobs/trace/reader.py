"""From an origin to trace entries, one bounded buffer at a time.

Whatever is whole is delivered: after damage the chain is found again inside the same record, at the next
descriptor word, or by searching; what was passed over is counted with its place.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes
from zjobs.errors import DataError
from zjobs.trace import chain
from zjobs.trace.containers import SAMPLE, Container, learn, nothing_in, recognise
from zjobs.trace.framing import FRAMERS, LONGEST, Cut, Data
from zjobs.trace.origin import ByteOrigin, ReadAhead, RecordOrigin
from zjobs.wire import cte

#: Bytes of one buffer: large enough to spread the cost of a batch, small enough to stay in little memory.
BUFFER = 4 << 20


@dataclass(eq=False, repr=False)
class Faults:
    """What a source holds that is not a whole entry."""

    damaged: int = 0
    skipped: int = 0
    first: int = 0
    detail: str = ""
    truncated: tuple[int, int, int] | None = None
    controls: int = 0
    #: Packets by link types that are not known (of sniffers).
    unknown_links: Counter[int] = field(default_factory=Counter)
    #: What is wrong with the packing (see ``ByteOrigin.broken``).
    broken: dict[int, str] = field(default_factory=dict)

    def damage(self, position: int, size: int, detail: str) -> None:
        """Count one damaged place of ``size`` bytes at a file offset."""
        if not self.damaged:
            self.first, self.detail = position, detail
        self.damaged += 1
        self.skipped += size


@dataclass(eq=False, repr=False)
class Entries:
    """Whole trace entries of one buffer; ``positions`` are their offsets in the source."""

    buf: Bytes
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    positions: NDArray[np.int64]


@dataclass(eq=False, repr=False)
class Source:
    """An origin with its container and the faults met while reading it."""

    origin: ByteOrigin | RecordOrigin
    container: Container
    faults: Faults = field(default_factory=Faults)
    #: Bytes that the last whole reading met.
    size: int = 0

    @property
    def name(self) -> str:
        """For messages."""
        return self.origin.name

    def read(self, buffer: int = BUFFER) -> Iterator[Entries]:
        """All entries from the start, in the order of the source, about ``buffer`` bytes at a time.

        Raises DataError at the end when there was none.
        """
        self.faults = faults = Faults()
        reading = _Reading(self, buffer)
        origin = self.origin
        found = False
        for entries in reading.records(origin) if isinstance(origin, RecordOrigin) else reading.framed(origin):
            found = True
            yield entries
        self.size = reading.size
        if not found:
            raise nothing_in(self.name, reading.size, bool(faults.damaged or faults.controls or faults.truncated))


def open_source(origin: ByteOrigin | RecordOrigin) -> Source:
    """Recognise the container.  Raises DataError when the origin is not trace data."""
    if isinstance(origin, RecordOrigin):
        bodies: list[bytes] = []
        for record in origin.open():
            bodies.append(bytes(record))
            if len(bodies) >= 256:
                break
        if not any(bodies):
            raise DataError("ZJB0102E", source=origin.name)
        container = learn(bodies, "records")
        if container is None:
            recognise(b"".join(bodies)[:SAMPLE], origin.name, False)
            container = Container("records", prefix=-1)
        return Source(origin, container)
    stream = origin.open()
    try:
        sample = bytearray(SAMPLE)
        size = origin.read(stream, memoryview(sample))
        whole = size < SAMPLE
    finally:
        stream.close()
    return Source(origin, recognise(bytes(sample[:size]), origin.name, whole))


class _Reading:
    """One pass over a source."""

    def __init__(self, source: Source, buffer: int) -> None:
        self.buffer = buffer
        self.container = source.container
        self.faults = source.faults
        self.framer = FRAMERS.get(source.container.framing)
        self.stream = source.container.straddle or source.container.framing == "bare"
        self.carry = b""
        self.carry_at = 0
        self.spanned: list[bytes] = []
        self.size = 0

    def framed(self, origin: ByteOrigin) -> Iterator[Entries]:
        """Framed by descriptor words, or bare."""
        self.faults.broken = origin.broken
        with ReadAhead(origin, self.buffer) as stream:
            base, final = 0, False
            kept = b""
            while not final:
                data, size, final = stream.next(kept)
                if self.container.framing == "bare":
                    entries, used = self._stream(data, size, base, final)
                else:
                    entries, used = self._framed(data, size, base, final)
                if entries is not None:
                    yield entries
                kept = bytes(data[used:size])
                base += used
            self.size = base

    def records(self, origin: RecordOrigin) -> Iterator[Entries]:
        """Records as the access method delivers them."""
        base = 0
        batch: list[bytes] = []
        held = 0
        for record in origin.open():
            batch.append(record)
            held += len(record)
            if held >= self.buffer:
                entries = self._batch(batch, base, False)
                if entries is not None:
                    yield entries
                base += held
                batch, held = [], 0
        self.size = base + held
        entries = self._batch(batch, base, True)
        if entries is not None:
            yield entries

    def _batch(self, batch: list[bytes], base: int, final: bool) -> Entries | None:
        data = chain.padded(b"".join(batch))
        ends = np.cumsum([len(r) for r in batch], dtype=np.int64).tolist()
        return self._bodies(data, [0, *ends][: len(ends)], ends, base, final)

    def _framed(self, data: Data, size: int, base: int, final: bool) -> tuple[Entries | None, int]:
        """One buffer of records with descriptor words, around broken ones."""
        assert self.framer is not None
        cut = self.framer(data, 0, size, final)
        starts, ends = cut.starts, cut.ends
        segments = cut.segments or [0] * len(starts)
        while cut.broken is not None:
            broken = cut.used
            again = self._descriptor(data, broken, size)
            stop = again if again >= 0 else (size if final else max(broken + 1, size - 2 * LONGEST))
            self.faults.damage(base + broken, 0, "a descriptor word that cannot be right")
            if segments and segments[-1] == 1:
                # What led here was no first segment of a spanned record, or its rest is lost.
                segments[-1] = 0
            # Whatever lies between is searched for whole entries like a record of unknown prefix.
            starts.append(broken)
            ends.append(stop)
            segments.append(-1)
            if again < 0:
                cut = Cut(used=stop)
                break
            cut = self.framer(data, again, size, final)
            starts += cut.starts
            ends += cut.ends
            segments += cut.segments or [0] * len(cut.starts)
        used = cut.used
        if final and cut.needed and used < size:
            self.faults.truncated = (base + used, cut.needed, size - used)
            starts.append(min(used + 4, size))
            ends.append(size)
            segments.append(0)
            used = size
        scan = {s for s, code in zip(starts, segments) if code < 0}
        if self.spanned or any(code > 0 for code in segments):
            data, starts, ends = self._unspan(data, starts, ends, segments, final)
            scan = set()
        return self._bodies(data, starts, ends, base, final, scan), used

    def _descriptor(self, data: Data, position: int, size: int) -> int:
        """The next descriptor word that leads to a whole entry; -1 if none in this buffer."""
        prefix = max(self.container.prefix, 0)
        blocks = self.container.framing == "bdw"
        at = chain.find(data, position, size)
        while at >= 0:
            back = at - prefix - (8 if blocks else 4)
            if back >= position and self.framer is not None:
                probe = self.framer(data, back, min(size, back + 2 * LONGEST), False)
                if probe.starts and probe.starts[0] + prefix == at and probe.broken != back:
                    return back
            at = chain.find(data, at + 1, size)
        return -1

    def _unspan(
        self, data: Data, starts: list[int], ends: list[int], segments: list[int], final: bool
    ) -> tuple[Data, list[int], list[int]]:
        """Join the segments of spanned records (SDW codes 1 first, 3 middle, 2 last)."""
        bodies: list[bytes] = []
        for s, e, code in zip(starts, ends, segments):
            piece = bytes(data[s:e])
            if code in (1, 0, -1) and self.spanned:
                self.faults.damage(s, sum(map(len, self.spanned)), "a spanned record without its last segment")
                bodies.append(b"".join(self.spanned))
                self.spanned = []
            if code == 1 or (code in (2, 3) and self.spanned):
                self.spanned.append(piece)
                if code == 2:
                    bodies.append(b"".join(self.spanned))
                    self.spanned = []
            else:
                bodies.append(piece)
        if final and self.spanned:
            self.faults.damage(ends[-1] if ends else 0, 0, "a spanned record without its last segment")
            bodies.append(b"".join(self.spanned))
            self.spanned = []
        joined = chain.padded(b"".join(bodies))
        ends = np.cumsum([len(b) for b in bodies], dtype=np.int64).tolist()
        return joined, [0, *ends][: len(ends)], ends

    def _bodies(
        self, data: Data, starts: list[int], ends: list[int], base: int, final: bool, scan: set[int] | None = None
    ) -> Entries | None:
        if self.container.straddle:
            return self._straddled(data, starts, ends, base, final)
        prefix = self.container.prefix
        buf = np.frombuffer(data, dtype=np.uint8)
        s, e = np.array(starts, dtype=np.int64), np.array(ends, dtype=np.int64)
        searched = np.full(s.size, prefix < 0)
        if scan:
            searched |= np.isin(s, list(scan))
        plain = np.flatnonzero(~searched)
        at, body, stop = chain.walk_all(data, buf, s[plain] + prefix, e[plain])
        # A record is explained when its chain ends at its end or at zero fill, and every entry proves itself.
        good = chain.proved(buf, at)
        bad = chain.not_filled(data, buf, stop, e[plain])
        bad[body[~good]] = True
        at = at[~bad[body]]
        searched[plain[bad]] = True
        doubtful = np.flatnonzero(searched)
        if doubtful.size:
            extra: list[int] = []
            # Where a descriptor word is wrong, an entry runs into the next record: search as far as nothing is proved.
            proven = np.append(s[~searched], e.max())
            reached = 0
            for first, last in zip(s[doubtful].tolist(), e[doubtful].tolist()):
                limit = int(proven[np.searchsorted(proven, first)])
                if reached < last:
                    reached = self._search(data, max(first, reached), last, max(last, limit), base, extra, first)
            at = np.sort(np.concatenate([at, np.array(extra, dtype=np.int64)]))
        return _entries(buf, at, base + at)

    def _search(self, data: Data, start: int, end: int, limit: int, base: int, found: list[int], record: int) -> int:
        """Every whole entry that starts between ``start`` and ``end``, as far as ``limit``; where the last one ends.

        For a record that the plain walk could not explain; ``record`` is where it starts.
        """
        prefix = max(self.container.prefix, 0)
        position = start + prefix if start == record and end - start > prefix else start
        if not chain.plausible(data, position, limit):
            first = chain.find(data, start, end, limit)
            if first < 0:
                if not self._cut_entry(data, position, end, base):
                    if chain.head(bytes(data[position : min(position + cte.HEADER, end)])) == 0:
                        self.faults.damage(base + position, end - position, "an entry whose lengths disagree")
                    else:
                        self.faults.controls += 1
                return end
            if first > position:
                self.faults.damage(base + position, first - position, "no entry where one should start")
            position = first
        while position < end:
            if chain.plausible(data, position, limit) or _unknown_id(data, position, end):
                found.append(position)
                length = data[position] << 8 | data[position + 1]
                if position + length > end:
                    self.faults.damage(base + position, 0, "an entry that runs past its record")
                position += length
                continue
            rest = end - position
            if chain.zero(data, position, end):
                return end
            after = chain.find(data, position + 1, end, limit)
            if after < 0:
                if not self._cut_entry(data, position, end, base):
                    self.faults.damage(base + position, rest, "an entry whose lengths disagree")
                return end
            self.faults.damage(base + position, after - position, "an entry whose lengths disagree")
            position = after
        return position

    def _cut_entry(self, data: Data, position: int, end: int, base: int) -> bool:
        """Note an entry that runs past the end of its record; False when it is not one."""
        if end - position < 2:
            return False
        length = data[position] << 8 | data[position + 1]
        if length <= end - position or length < cte.MIN_LENGTH:
            return False
        head = bytes(data[position + 2 : min(position + 7, end)])
        if len(head) < 2 or not b"\x00\x10\x00\x00\x00".startswith(head):
            return False
        cut = self.faults.truncated
        # What the end of the file cut is told as that.
        if cut is None or not cut[0] <= base + position < cut[0] + cut[2]:
            self.faults.damage(base + position, end - position, "an entry that runs past its record")
        return True

    def _straddled(self, data: Data, starts: list[int], ends: list[int], base: int, final: bool) -> Entries | None:
        """Join the bodies behind their prefixes and walk them as one stream."""
        prefix = self.container.prefix
        pieces = [self.carry, *(data[min(s + prefix, e) : e] for s, e in zip(starts, ends))]
        sizes = [len(p) for p in pieces]
        stream = chain.padded(b"".join(pieces))
        size = sum(sizes)
        origin_of = np.array([self.carry_at, *(base + s + prefix for s in starts)], dtype=np.int64)
        offset_of = np.cumsum([0, *sizes[:-1]], dtype=np.int64)
        entries, used = self._stream(stream, size, 0, final, (offset_of, origin_of))
        self.carry = bytes(stream[used:size])
        piece = int(np.searchsorted(offset_of, used, side="right")) - 1
        self.carry_at = int(origin_of[piece] + used - offset_of[piece])
        return entries

    def _past_fill(self, data: Data, position: int, size: int, final: bool) -> tuple[int, bool]:
        """Where an entry starts behind zero fill, and whether that can only be told with the next buffer.

        The length of an entry shorter than 256 bytes starts with a zero byte of its own.  An unchanged
        position says that no entry follows the fill.
        """
        rest = bytes(data[position:size])
        filled = len(rest) - len(rest.lstrip(b"\0"))
        if filled == len(rest):
            return (size, True) if final else (size - 1, True)
        behind = position + filled
        for start in (behind - 1, behind):
            if start >= position and _one_of(data, start, size):
                return start, False
        if not final and size - behind < 65536:
            return max(position, behind - 1), True
        return position, False

    def _stream(
        self,
        data: Data,
        size: int,
        base: int,
        final: bool,
        places: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None,
    ) -> tuple[Entries | None, int]:
        """Entries one behind the other, zero fill between them allowed; the rest is carried over."""

        def place(p: int) -> int:
            if places is None:
                return base + p
            piece = int(np.searchsorted(places[0], p, side="right")) - 1
            return int(places[1][piece] + p - places[0][piece])

        buf = np.frombuffer(data, dtype=np.uint8)
        found: list[int] = []
        position = 0
        while position < size:
            before = len(found)
            stop = chain.walk(data, position, size, found)
            good = chain.proved(buf, np.array(found[before:], dtype=np.int64))
            if not good.all():
                first_bad = before + int(np.argmin(good))
                stop = found[first_bad]
                del found[first_bad:]
            elif stop >= size:
                position = size
                break
            length = data[stop] << 8 | data[stop + 1] if size - stop >= 2 else 0
            if length == 0:
                position, carried = self._past_fill(data, stop, size, final)
                if carried:
                    break
                if position > stop:
                    continue
            runs_out = length >= cte.MIN_LENGTH and stop + length > size and good.all()
            if runs_out and not final and size - stop < 65536:
                position = stop
                break
            after = chain.find(data, stop + 1, size)
            if after >= 0:
                self.faults.damage(place(stop), after - stop, "an entry whose lengths disagree")
                position = after
            elif final:
                if runs_out and bytes(data[stop + 2 : stop + 4]) == b"\x00\x10"[: max(0, size - stop - 2)]:
                    self.faults.truncated = (place(stop), length, size - stop)
                else:
                    self.faults.damage(place(stop), size - stop, "no further entry")
                position = size
            else:
                position = max(stop + 1, size - 65536)
                self.faults.damage(place(stop), position - stop, "bytes that are no entry")
                break
        at = np.array(found, dtype=np.int64)
        if places is None:
            positions = base + at
        else:
            piece = np.searchsorted(places[0], at, side="right") - 1
            positions = places[1][piece] + at - places[0][piece]
        return _entries(buf, at, positions), min(position, size)


def _one_of(data: Data, position: int, size: int) -> bool:
    return chain.plausible(data, position, size) or _unknown_id(data, position, size)


def _unknown_id(data: Data, position: int, end: int) -> bool:
    """An entry of a format id that is not known yet, proved by its frame alone."""
    if end - position < cte.MIN_LENGTH + 16:
        return False
    length = data[position] << 8 | data[position + 1]
    if length < cte.MIN_LENGTH + 16 or position + length > end:
        return False
    buf = np.frombuffer(data, dtype=np.uint8)
    return bool(chain.proved(buf, np.array([position], dtype=np.int64))[0])


def _entries(buf: Bytes, at: NDArray[np.int64], positions: NDArray[np.int64]) -> Entries | None:
    if not at.size:
        return None
    return Entries(buf, at, at + chain.lengths(buf, at), positions)
