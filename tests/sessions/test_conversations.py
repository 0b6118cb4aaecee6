"""Numbers of UDP conversations, by columns in zjobs, packet by packet here."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from packets import ip4, ip6, tcp, udp
from test_tracks import capture

from zjobs.jobs.reading import open_trace
from zjobs.options import Global
from zjobs.sessions.tracks import Tracker

SNMP = (161, 162)


def random_packets(dice: random.Random, count: int) -> tuple[list[bytes], list[frozenset[tuple[str, int]] | None]]:
    """Packets among few ends, and the two ends of each datagram; None for a segment."""
    packets: list[bytes] = []
    pairs: list[frozenset[tuple[str, int]] | None] = []
    for _ in range(count):
        build, hosts = dice.choice([(ip4, "192.0.2.{}"), (ip4, "192.0.2.{}"), (ip6, "2001:db8::{}")])
        source, target = ((hosts.format(dice.randint(1, 3)), dice.choice((53, 161, 162, 4000, 4001))) for _ in "ab")
        datagram = dice.random() < 0.8
        payload = (udp if datagram else tcp)(source[1], target[1])
        packets.append(build(17 if datagram else 6, payload, source[0], target[0]))
        pairs.append(frozenset((source, target)) if datagram else None)
    return packets, pairs


def plainly_numbered(pairs: list[frozenset[tuple[str, int]] | None]) -> list[int]:
    """Conversations in the order in which they are met; that with an SNMP port has a second one from packet 2 on,
    unless it is one of DNS, whose port is lower."""
    numbers: dict[frozenset[tuple[str, int]], list[int]] = {}
    out, following = [], 0
    for pair in pairs:
        if pair is None:
            continue
        mine = numbers.setdefault(pair, [])
        ports = {port for _, port in pair}
        if not mine or (len(mine) == 1 and ports & {*SNMP} and 53 not in ports):
            mine.append(following)
            following += 1
        out.append(mine[-1])
    return out


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("buffer", [0, 300, 4096])
def test_udp_conversations_are_numbered_as_they_are_met(tmp_path: Path, seed: int, buffer: int) -> None:
    packets, pairs = random_packets(random.Random(seed), 400)
    trace = open_trace([str(capture(tmp_path / "a", packets))], Global(host="files"))
    trace.context.buffer = buffer or trace.context.buffer
    tracker = Tracker()
    found = [n for batch in trace.dissections() for n in tracker.track(batch).udp_stream.tolist()]
    assert found == plainly_numbered(pairs)
    assert len(set(found)) > 50
