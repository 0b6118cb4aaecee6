"""PACKETS: one line a packet with a message in words, as network analyzers list them.

Ours, after the Packet Summary of the analyzer in SHARE session 8138: its columns, its words.  The message stands at
the end of the line, where nothing cuts it short.
"""

from collections.abc import Iterator

import numpy as np

from zjobs.chars import decimal, only, right
from zjobs.page.grid import Piece
from zjobs.reports import _packet_row as row
from zjobs.reports.frame import DOUBLE, Frame
from zjobs.trace.dissect import Dissection
from zjobs.trace.ends import ends_of
from zjobs.weave import Weave

NAME = "PACKETS"
LEVEL = "ours"
ORDER = 22

HEADING = (
    "                          Data-\n"
    "    Id Timestamp           gram Local IP        Rmt. IP         Proto  Local Port  Rmt. Port   Seq Number"
    " Ack Number  Wndw Messages\n"
)


class Report:
    """Id, time, size, both ends, protocol, ports, TCP numbers, message."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame

    def add(self, weave: Weave, found: Dissection) -> None:
        """The line of every packet of a batch."""
        table = found.table
        count = len(table)
        ends = ends_of(found)
        tcp = found.outer(("tcp",))
        has = np.zeros(count, dtype=np.bool_)
        for layer, which in tcp:
            has[layer.rows[which]] = True
        # The acknowledgment field means nothing without ACK.
        ack = np.where(found.spread(tcp, "flags") & 0x10, found.spread(tcp, "ack"), 0)
        source, destination = row.addresses(found)
        zone = "GMT" if self.frame.style.clock == "GMT" else "LCL"
        pieces = [
            Piece(1, right(decimal(table.number), 6)),
            Piece(8, row.times(self.frame.record_time(found), zone)),
            Piece(26, right(decimal(row.sizes(found)), 5)),
            Piece(32, source),
            Piece(48, destination),
            Piece(64, row.protocol_names(found)),
            Piece(71, row.port_names(ends.sport, ends.has_ports)),
            Piece(83, row.port_names(ends.dport, ends.has_ports)),
            Piece(95, only(has, right(decimal(found.spread(tcp, "seq")), 10))),
            Piece(106, only(has, right(decimal(ack), 10))),
            Piece(117, only(has, right(decimal(found.spread(tcp, "window")), 5))),
        ]
        for which, lines in row.lines(found, pieces, 123):
            weave.add(lines, which)

    def end(self) -> Iterator[str]:
        """The line that closes the list."""
        yield DOUBLE
