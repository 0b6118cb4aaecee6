"""Fragments in any order: whichever comes last shows the whole datagram, once."""

from __future__ import annotations

import struct
from collections.abc import Callable
from itertools import permutations

import pytest
from formatted import entries, fields, listing
from packets import ip4, ip6, udp

DATAGRAM = udp(4000, 4001, bytes(range(256)) * 4)
SIZE = 352
CUTS = range(0, len(DATAGRAM), SIZE)


def four(at: int) -> bytes:
    """RFC 791, section 3.1: more fragments, and the offset in units of eight bytes."""
    packet = bytearray(ip4(17, DATAGRAM[at : at + SIZE]))
    packet[6:8] = struct.pack(">H", (at + SIZE < len(DATAGRAM)) << 13 | at // 8)
    packet[10:12] = bytes(2)
    words = struct.unpack(">10H", packet[:20])
    total = sum(words)
    packet[10:12] = struct.pack(">H", 0xFFFF - ((total & 0xFFFF) + (total >> 16)))
    return bytes(packet)


def six(at: int) -> bytes:
    """RFC 8200, section 4.5."""
    more = at + SIZE < len(DATAGRAM)
    return ip6(44, struct.pack(">BBHI", 17, 0, at | more, 7) + DATAGRAM[at : at + SIZE])


@pytest.mark.parametrize("order", list(permutations(range(len(CUTS)))))
@pytest.mark.parametrize("version", [four, six])
def test_the_datagram_is_shown_at_the_record_that_completes_it(
    version: Callable[[int], bytes], order: tuple[int, ...]
) -> None:
    trace = entries([version(CUTS[k]) for k in order])
    found = fields(trace)
    assert [p.get("udp.length") for p in found] == [None, None, len(DATAGRAM)]
    lines = listing(trace, "FULL")
    assert any(row.endswith("Data Length: 1024") for row in lines)
    # The first fragment shows its own header too, unless it is the one that completes the datagram.
    assert lines.count(" UDP") == (1 if order[-1] == 0 else 2)
