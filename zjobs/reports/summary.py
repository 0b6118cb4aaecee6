"""SUMMARY: one or two lines a packet.

Reference: IP Diagnosis Guide, SUMMARY report.  Columns for TCP are those of its sample; for other protocols
the TCP columns are blank and the protocol's name stands under Flags.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import (
    BLANK,
    Chars,
    by_value,
    constant,
    decimal,
    either,
    hex_digits,
    hexadecimal,
    ipv4,
    joined,
    only,
    replaced,
    right,
)
from zjobs.columns import Bytes, windows
from zjobs.page import clock, dump, grid
from zjobs.page.grid import Piece
from zjobs.reports.frame import DOUBLE, Frame
from zjobs.reports.record_line import address_texts
from zjobs.trace.dissect import LINK, Dissection
from zjobs.trace.ends import ends_of
from zjobs.trace.table import Direction
from zjobs.weave import Weave
from zjobs.wire import arp, icmp, icmpv6
from zjobs.wire.tcp import FLAG_WORDS
from zjobs.wire.values import PROTOCOLS, lookup

NAME = "SUMMARY"
LEVEL = "A"
ORDER = 20

HEADING = (
    "I - Inbound packet\n"
    "O - Outbound packet\n"
    "\n"
    "DP   Nr hh:mm:ss.mmmmmm IpId    Seq_num    Ack_num  Wndw Flags            DatLn Source/Destination\n"
)

#: Flags in the order of their header bits, as this report words them.
_FLAG_WORDS = tuple((n, words.upper()) for n, words in FLAG_WORDS)
_LETTERS = {6: "T", 17: "U", 1: "I", 58: "I", 2: "G"}
_SHOWN = 8
_WORDS = 16


class Report:
    """One row a packet: who, when, what, how much, and the first bytes of the data."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame

    def add(self, weave: Weave, found: Dissection) -> None:
        """The two lines of every packet of a batch."""
        table = found.table
        count = len(table)
        ends = ends_of(found)
        data_start, data_end, length = protocol_data(found)
        letters = by_value(ends.proto, lambda p: _LETTERS.get(p, "P"))
        letters = either(table.fmtid == 5, constant("D", count), letters)
        source, destination = address_texts(found)
        for layer, which in found.outer(("arp",)):
            source = replaced(source, layer.rows[which], ipv4(layer["srcip"][which]))
            destination = replaced(destination, layer.rows[which], ipv4(layer["dstip"][which]))
        sport = only(ends.has_ports, joined(constant("-", count), decimal(ends.sport)))
        dport = only(ends.has_ports, joined(constant("-", count), decimal(ends.dport)))
        direction = by_value(table.direction, lambda d: {Direction.OUT: "O", Direction.IN: "I"}.get(d, "-"))
        pieces = [
            Piece(1, joined(direction, letters, right(decimal(table.number), 5))),
            Piece(9, clock.time_of_day(self.frame.record_time(found))),
            Piece(25, self._ip_id(found)),
        ]
        pieces += self._middle(found, ends.proto)
        pieces += [Piece(75, right(decimal(length), 5)), Piece(81, joined(source, sport))]
        weave.add(grid.lay(count, pieces))
        size = np.minimum(np.maximum(data_end - data_start, 0), _SHOWN)
        pieces = [Piece(25, self._bytes(table.buf, data_start, size)), Piece(81, joined(destination, dport))]
        second = grid.lay(count, pieces)
        # A record without addresses and without data has nothing to say in a second line.
        weave.add(only((size > 0) | (destination.lens > 0), second))

    def end(self) -> Iterator[str]:
        """The line that closes the report."""
        yield DOUBLE

    def _ip_id(self, found: Dissection) -> Chars:
        """IPv4 identification; for IPv6 the halfword at the same place, its payload length, as EXPORT does."""
        layers = found.network
        value = found.spread(layers, "id", -1)
        value = np.where(value < 0, found.spread(layers, "plen", -1), value)
        return only(value >= 0, hexadecimal(np.maximum(value, 0), 4))

    def _middle(self, found: Dissection, proto: NDArray[np.int64]) -> list[Piece]:
        tcp = found.outer(("tcp",))
        count = len(found.table)
        has = np.zeros(count, dtype=np.bool_)
        for layer, which in tcp:
            has[layer.rows[which]] = True
        flags = found.spread(tcp, "flags")
        # The acknowledgment field means nothing without ACK.
        ack = np.where(flags & 0x10, found.spread(tcp, "ack"), 0)
        words = flag_words(flags)
        other = by_value(np.where(has, -2, proto), _protocol_name)
        messages = self._messages(found, other)
        return [
            Piece(30, only(has, right(decimal(found.spread(tcp, "seq")), 10))),
            Piece(41, only(has, right(decimal(ack), 10))),
            Piece(52, only(has, right(decimal(found.spread(tcp, "window")), 5))),
            Piece(58, either(has, words, messages)),
        ]

    def _messages(self, found: Dissection, other: Chars) -> Chars:
        """ICMP messages and ARP operations by name, cut to the width of the column."""
        for module, layers in ((icmp, found.outer(("icmp",))), (icmpv6, found.outer(("icmpv6",)))):
            for layer, which in layers:
                names = module.names(layer.take(which))
                names = Chars(names.rows[:, :_WORDS], np.minimum(names.lens, _WORDS))
                other = replaced(other, layer.rows[which], names)
        for layer, which in found.outer(("arp",)):
            other = replaced(other, layer.rows[which], arp.opcodes(layer["opcode"][which]))
        return other

    def _bytes(self, buf: Bytes, start: NDArray[np.int64], size: NDArray[np.int64]) -> Chars:
        """First eight bytes in hex, EBCDIC and ASCII: ``3232302D 2057656C *.......% 220- Wel*``."""
        count = start.size
        raw = windows(buf, start, _SHOWN)
        out = np.full((count, 37), BLANK, dtype=np.uint8)
        pairs = hex_digits(raw)
        out[:, 0:8], out[:, 9:17] = pairs[:, :8], pairs[:, 8:]
        out[:, 18] = out[:, 36] = ord("*")
        out[:, 19:27] = dump.printable(self.frame.style.code_page)[raw]
        out[:, 28:36] = dump.printable("ascii")[raw]
        short = np.flatnonzero((size > 0) & (size < _SHOWN))
        for k in range(_SHOWN):
            rows = short[size[short] <= k]
            at = 2 * k + k // 4
            out[rows, at : at + 2] = BLANK
            out[rows, 19 + k] = out[rows, 28 + k] = BLANK
        return only(size > 0, Chars(out, np.full(count, 37, dtype=np.int64)))


def flag_words(flags: NDArray[np.int64]) -> Chars:
    """``ACK PSH``: the flags that are on, in the order of their bits."""
    return lookup(flags & 0xFF, _FLAG_WORDS, 256)


def _protocol_name(proto: int) -> str:
    return "" if proto < 0 else PROTOCOLS.get(proto, f"Protocol {proto}")


def protocol_data(found: Dissection) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Where the protocol data of each packet starts and ends, and its length by the headers."""
    table = found.table
    start, end = table.data_start.copy(), table.data_end.copy()
    length = table.original.copy()
    for layers in (found.outer(LINK), found.network, found.transport):
        for layer, which in layers:
            rows = layer.rows[which]
            start[rows], end[rows] = layer.payload[which], layer.end[which]
            length[rows] = np.maximum((layer.limit - layer.payload)[which], 0)
    return start, np.maximum(end, start), length
