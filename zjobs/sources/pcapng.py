"""pcapng files.

Reference: PCAP Now Generic (pcapng) capture file format, draft-ietf-opsawg-pcapng: section header,
interface description, enhanced, simple and obsolete packet blocks; options if_name, if_tsresol,
if_tsoffset, epb_flags.  Frames of link type 147 that start with 2cUTC hold z/OS trace entries.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from zjobs.columns import distinct
from zjobs.sources.pcap import LONGEST, sniffed
from zjobs.trace import chain
from zjobs.trace.framing import Data
from zjobs.trace.origin import ByteOrigin, ReadAhead
from zjobs.trace.reader import Entries, Faults
from zjobs.trace.records import table_of
from zjobs.trace.table import Context, Direction, State, Table, concat
from zjobs.wire.link import LINK_TYPES, Link

MAGIC = (b"\x0a\x0d\x0d\x0a",)

_SECTION, _INTERFACE, _PACKET, _SIMPLE, _ENHANCED = 0x0A0D0D0A, 1, 2, 3, 6
_USER0 = 147
_MOST_BLOCK = 16 << 20

#: The last nanosecond since 1970 that eight bytes hold.
_LATEST = (1 << 63) - 1

#: Block types that a search after damage looks for.
_KNOWN = (_INTERFACE, _PACKET, _SIMPLE, 4, 5, _ENHANCED, 10, _SECTION)


#: A packet: start, end, ns, original length, link type, interface name, direction, bits of its state.
_Row = tuple[int, int, int, int, int, int, int, int]


@dataclass(eq=False, repr=False)
class _Interface:
    link: int
    snap: int
    name: str = ""
    units: int = 1_000_000
    offset: int = 0

    def ns(self, high: int, low: int) -> int:
        """Nanoseconds since 1970 of a two-word time stamp, at most what eight bytes hold.

        What would be beyond the year 2262 was written by a clock that stands before 1970: it keeps its intervals.
        """
        ticks = high << 32 | low
        ns = self.offset * 1_000_000_000 + ticks * 1_000_000_000 // self.units
        if ns > _LATEST:
            ns -= (1 << 64) * 1_000_000_000 // self.units
        return max(-_LATEST, min(ns, _LATEST))


class Source:
    """One pcapng file."""

    title = "pcapng"
    file_order = True

    def __init__(self, origin: ByteOrigin, context: Context, index: int) -> None:
        self.origin, self.context, self.index = origin, context, index
        self.name = origin.name
        self.faults = Faults()
        self.order = "<"
        self.interfaces: list[_Interface] = []

    def tables(self) -> Iterator[Table]:
        """All packets, one table a buffer."""
        self.faults = Faults(broken=self.origin.broken)
        self.interfaces = []
        with ReadAhead(self.origin, self.context.buffer) as stream:
            base, final = 0, False
            kept: memoryview | bytes = b""
            while not final:
                data, size, final = stream.next(kept)
                table, used = self._blocks(data, size, base, final)
                if table is not None:
                    yield table
                kept = data[used:size]
                base += used

    def _blocks(self, data: Data, size: int, base: int, final: bool) -> tuple[Table | None, int]:
        rows: list[_Row] = []
        entries: list[tuple[int, int]] = []
        position = 0
        while position + 12 <= size:
            if bytes(data[position : position + 4]) == MAGIC[0]:
                self.order = ">" if bytes(data[position + 8 : position + 12]) == b"\x1a\x2b\x3c\x4d" else "<"
            kind, length = struct.unpack_from(self.order + "II", data, position)
            # Some old writers leave the padding of the packet out of the length, as Wireshark's own samples show.
            length += (padding := -length % 4)
            whole = position + length <= size
            cut = final and not whole and padding > 0
            if not _sane(length) or cut or (whole and not self._closed(data, position, length)):
                after = self._next_block(data, position + 4, size)
                self.faults.damage(base + position, after - position, "a block length that cannot be right")
                position = after
                continue
            if not whole:
                after = self._next_block(data, position + 4, size) if final else size
                if after < size:
                    # Blocks follow inside what this one claims: the claim is wrong.
                    self.faults.damage(base + position, after - position, "a block length that cannot be right")
                    position = after
                    continue
                if final:
                    self.faults.truncated = (base + position, length, size - position)
                    self._row(data, kind, position, size, base, rows, entries, cut=True)
                    position = size
                break
            end = position + length - 4
            if kind == _SECTION:
                self.interfaces = []
            elif kind == _INTERFACE:
                self._interface(data, position + 8, end)
            else:
                self._row(data, kind, position, end, base, rows, entries)
            position += length
        if final and position < size:
            self.faults.truncated = (base + position, 12, size - position)
        return self._table(data, rows, entries, base), position

    def _row(
        self,
        data: Data,
        kind: int,
        position: int,
        end: int,
        base: int,
        rows: list[_Row],
        entries: list[tuple[int, int]],
        cut: bool = False,
    ) -> None:
        """Take the packet of a block, if it has one; of a ``cut`` block what is there."""
        if kind not in (_ENHANCED, _SIMPLE, _PACKET):
            return
        row = self._packet(data, kind, position + 8, end, base, cut)
        if row is None:
            return
        at = _entry_in(data, row[0], row[1]) if row[4] == _USER0 else -1
        if at >= 0:
            entries.append((at, base + position))
        else:
            # Also frames of link type 147 that hold something else: kept, and listed as bytes.
            rows.append(row)

    def _closed(self, data: Data, position: int, length: int) -> bool:
        """Whether the length of a block is repeated at its end."""
        return bool(data[position + 4 : position + 8] == data[position + length - 4 : position + length])

    def _next_block(self, data: Data, position: int, size: int) -> int:
        """Where the next whole block starts; the end of the data if nowhere."""
        unpack = struct.Struct(self.order + "II").unpack_from
        for at in range(position + -position % 4, size - 11, 4):
            kind, length = unpack(data, at)
            if kind in _KNOWN and _sane(length) and at + length <= size and self._closed(data, at, length):
                return at
        return size

    def _interface(self, data: Data, body: int, end: int) -> None:
        if end - body < 8:
            return
        link, _, snap = struct.unpack_from(self.order + "HHI", data, body)
        found = _Interface(link, snap)
        for code, value in self._options(data, body + 8, end):
            if code == 2:
                found.name = value.decode("utf-8", "replace").rstrip("\0").encode("ascii", "replace").decode()
            elif code == 9 and value:
                found.units = 2 ** (value[0] & 0x7F) if value[0] & 0x80 else 10 ** (value[0] & 0x7F)
            elif code == 14 and len(value) == 8:
                found.offset = struct.unpack(self.order + "q", value)[0]
        self.interfaces.append(found)

    def _options(self, data: Data, position: int, end: int) -> Iterator[tuple[int, bytes]]:
        while position + 4 <= end:
            code, length = struct.unpack_from(self.order + "HH", data, position)
            if code == 0 or position + 4 + length > end:
                return
            yield code, bytes(data[position + 4 : position + 4 + length])
            position += 4 + (length + 3) // 4 * 4

    def _packet(self, data: Data, kind: int, body: int, end: int, base: int, cut: bool) -> _Row | None:
        """The packet of a block."""
        if end - body < 4:
            return None
        if kind == _SIMPLE:
            index, head, high, low = 0, 4, 0, 0
            original = struct.unpack_from(self.order + "I", data, body)[0]
            captured = min(original, end - body - 4, self.interfaces[0].snap or LONGEST) if self.interfaces else 0
        else:
            head = 20
            if end - body < head:
                if not cut:
                    self.faults.damage(base + body, end - body, "a packet block too short")
                return None
            index, high, low, captured, original = struct.unpack_from(self.order + "IIIII", data, body)
            if kind == _PACKET:
                index = struct.unpack_from(self.order + "H", data, body)[0]
        if cut:
            captured = min(captured, end - body - head)
        if index >= len(self.interfaces) or captured > end - body - head or captured > LONGEST:
            self.faults.damage(base + body, end - body, "a packet block that contradicts itself")
            return None
        direction = int(Direction.UNKNOWN)
        start = body + head
        if kind == _ENHANCED:
            for code, value in self._options(data, start + (captured + 3) // 4 * 4, end):
                if code == 2 and len(value) == 4:
                    flags = struct.unpack(self.order + "I", value)[0] & 3
                    direction = {1: Direction.IN, 2: Direction.OUT}.get(flags, Direction.UNKNOWN)
        interface = self.interfaces[index]
        name = self.context.names.code(interface.name)
        # A simple packet block has no time.
        ns, state = (0, int(State.UNTIMED)) if kind == _SIMPLE else (interface.ns(high, low), 0)
        return start, start + captured, ns, original, interface.link, name, direction, state

    def _table(
        self,
        data: Data,
        rows: list[_Row],
        entries: list[tuple[int, int]],
        base: int,
    ) -> Table | None:
        buf = np.frombuffer(data, dtype=np.uint8)
        tables = []
        if rows:
            columns = np.array(rows, dtype=np.int64).T
            start, end, ns, original, types, interface, direction, state = columns
            link = np.full(types.size, Link.UNKNOWN, dtype=np.uint8)
            for number in distinct(types):
                link[types == number] = LINK_TYPES.get(number, Link.UNKNOWN)
                if number not in LINK_TYPES:
                    self.faults.unknown_links[number] += int((types == number).sum())
            table = sniffed(
                self.context,
                self.index,
                buf,
                start,
                end,
                ns,
                original,
                link,
                interface.astype(np.int32),
                base + start,
                direction.astype(np.uint8),
            )
            table.state[:] = state
            tables.append(table)
        if entries:
            at, positions = np.array(entries, dtype=np.int64).T
            found = Entries(buf, at, at + chain.lengths(buf, at), positions)
            tables.append(table_of(found, self.context, self.index))
        return concat(tables) if tables else None


def _sane(length: int) -> bool:
    return 12 <= length <= _MOST_BLOCK and length % 4 == 0


def _entry_in(data: Data, start: int, end: int) -> int:
    """The trace entry behind a 2cUTC header of 16 bytes and an optional extension; -1 if there is none.

    The header's length field is read differently by those who write it, so the entry decides.
    """
    if bytes(data[start : start + 5]) != b"2cUTC":
        return -1
    claimed = int.from_bytes(data[start + 5 : start + 8], "big")
    for extension in (0, claimed & 0xFFFF, 16 * (data[start + 7] & 15), 48):
        if chain.plausible(data, start + 16 + extension, end):
            return start + 16 + extension
    return chain.find(data, start, end)
