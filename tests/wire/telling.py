"""One payload, decoded: what a test of a protocol asks for."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from zjobs.page import grid
from zjobs.wire import message
from zjobs.wire.layout import PADDING
from zjobs.wire.walk import Manner, Telling, Walk


class Told(NamedTuple):
    """Lines as a listing prints them, fields with all their values, the summary, and problems (claimed, offset)."""

    lines: list[str]
    fields: dict[str, list[object]]
    summary: str
    problems: list[tuple[str, int]]


def told(
    protocol: str, payload: bytes, state: int = 0, original: int = 0, telling: Telling = Telling.LINES | Telling.FIELDS
) -> Told:
    """Decode one payload of ``protocol``; ``original`` is its length before it was abbreviated."""
    buf = np.concatenate([np.frombuffer(payload, dtype=np.uint8), np.zeros(PADDING, dtype=np.uint8)])
    zero, end = np.zeros(1, dtype=np.int64), np.full(1, len(payload), dtype=np.int64)
    walk = Walk(buf, zero)
    walk.manner = Manner(telling=telling)
    walk.begin(protocol, zero, zero, end, np.maximum(end, original), np.full(1, state, dtype=np.int64))
    walk.run()
    layer = next(one for one in walk.layers if one.name == protocol)
    say = message.told(walk, layer)[0]
    lines = grid.message(say.lines).split("\n")[:-1]
    fields: dict[str, list[object]] = {}
    for name, value in say.fields:
        shown = value.hex() if isinstance(value, bytes) else value if isinstance(value, int) else str(value)
        fields.setdefault(name, []).append(shown)
    problems = walk.problems
    found = [(what[2], int(at)) for what, offsets in zip(problems.what, problems.offset) for at in offsets.tolist()]
    return Told(lines, fields, say.summary, found)


def cut_everywhere(protocol: str, payload: bytes, state: int = 0) -> None:
    """Every shorter length is decoded: as a packet that lies about its length, and as one that was abbreviated."""
    for size in range(len(payload)):
        told(protocol, payload[:size], state)
        short = told(protocol, payload[:size], state, len(payload))
        assert not [p for p in short.problems if p[0] == "message"], size
