"""Classic pcap files, both byte orders, microsecond and nanosecond.

Reference: the libpcap file format (pcap-savefile(5)); link types as registered by tcpdump.org.
"""

import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import rows_view
from zjobs.trace.framing import Data
from zjobs.trace.origin import ByteOrigin, ReadAhead
from zjobs.trace.reader import Faults
from zjobs.trace.table import Context, Direction, Table
from zjobs.wire.layout import PADDING
from zjobs.wire.link import LINK_TYPES, Link

MAGIC = (b"\xa1\xb2\xc3\xd4", b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\x3c\x4d", b"\x4d\x3c\xb2\xa1")

#: The largest packet a file may claim; more is damage (tcpdump's MAXIMUM_SNAPLEN).
LONGEST = 262144


def sniffed(
    context: Context,
    source: int,
    buf: NDArray[np.uint8],
    start: NDArray[np.int64],
    end: NDArray[np.int64],
    time_ns: NDArray[np.int64],
    original: NDArray[np.int64],
    link: NDArray[np.uint8],
    interface: NDArray[np.int32],
    position: NDArray[np.int64],
    direction: NDArray[np.uint8] | None = None,
) -> Table:
    """A table of packets that were taken by a sniffer: no trace header, one time, and the link layer in front.

    Of PPP with a direction (link type 204) the byte that tells it is taken off: zero is received.
    """
    count = start.size
    if direction is None:
        direction = np.full(count, Direction.UNKNOWN, dtype=np.uint8)
    directed = np.flatnonzero(link == Link.PPP_DIRECTED)
    if directed.size:
        start, original, link, direction = start.copy(), original.copy(), link.copy(), direction.copy()
        sent = buf[start[directed]] > 0
        direction[directed] = np.where(sent, Direction.OUT, Direction.IN)
        link[directed] = Link.PPP
        start[directed] = np.minimum(start[directed] + 1, end[directed])
        original[directed] -= 1
    return Table(
        context=context,
        buf=buf,
        start=start,
        end=end,
        header=np.full(count, -1, dtype=np.int64),
        data_start=start,
        data_end=end,
        time_ns=time_ns,
        capture_ns=time_ns,
        fmtid=np.full(count, 4, dtype=np.uint32),
        link=link,
        direction=direction,
        traced=end - start,
        original=np.maximum(original, end - start),
        interface=interface,
        source=np.full(count, source, dtype=np.int16),
        position=position,
        state=np.zeros(count, dtype=np.uint8),
        number=np.zeros(count, dtype=np.int64),
    )


class Source:
    """One pcap file."""

    title = "pcap"
    file_order = True

    def __init__(self, origin: ByteOrigin, context: Context, index: int) -> None:
        self.origin, self.context, self.index = origin, context, index
        self.name = origin.name
        self.faults = Faults()

    def tables(self) -> Iterator[Table]:
        """All packets, one table a buffer."""
        self.faults = Faults(broken=self.origin.broken)
        with ReadAhead(self.origin, self.context.buffer) as stream:
            data, size, final = stream.next(b"")
            if size < 24:
                self.faults.truncated = (0, 24, size)
                return
            magic = bytes(data[:4])
            order = ">" if magic in (MAGIC[0], MAGIC[2]) else "<"
            scale = 1 if magic in (MAGIC[2], MAGIC[3]) else 1000
            link = struct.unpack_from(order + "I", data, 20)[0] & 0x0FFFFFFF
            data, size, base = data[24:], size - 24, 24
            while True:
                starts, used = self._cut(data, size, base, order, final)
                if starts.size:
                    yield self._table(data, starts, base, order, scale, link)
                if final:
                    break
                base += used
                data, size, final = stream.next(data[used:size])

    def _cut(self, data: Data, size: int, base: int, order: str, final: bool) -> tuple[NDArray[np.int64], int]:
        unpack = struct.Struct(order + "I").unpack_from
        starts: list[int] = []
        position = 0
        while position + 16 <= size:
            length = unpack(data, position + 8)[0]
            if length > LONGEST:
                self.faults.damage(base + position, size - position, "a packet length that cannot be right")
                position = size
                break
            if position + 16 + length > size:
                if final:
                    self.faults.truncated = (base + position, 16 + length, size - position)
                    if size - position > 16:
                        starts.append(position)
                    position = size
                break
            starts.append(position)
            position += 16 + length
        if final and position < size:
            self.faults.truncated = (base + position, 16, size - position)
        return np.array(starts, dtype=np.int64), position

    def _table(self, data: Data, starts: NDArray[np.int64], base: int, order: str, scale: int, link: int) -> Table:
        buf = np.frombuffer(data, dtype=np.uint8)
        head = rows_view(buf, 16)[starts]
        words: NDArray[Any] = head.view(np.dtype(order + "u4")).reshape(-1, 4).astype(np.int64)
        start = starts + 16
        end = np.minimum(start + words[:, 2], buf.size - PADDING)
        kind = LINK_TYPES.get(link, Link.UNKNOWN)
        if kind == Link.UNKNOWN:
            self.faults.unknown_links[link] += starts.size
        return sniffed(
            self.context,
            self.index,
            buf,
            start,
            end,
            words[:, 0] * 1_000_000_000 + words[:, 1] * scale,
            words[:, 3],
            np.full(starts.size, kind, dtype=np.uint8),
            np.full(starts.size, self.context.names.code(""), dtype=np.int32),
            base + starts,
        )
