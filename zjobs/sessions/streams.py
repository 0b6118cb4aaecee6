"""Segments of TCP put in order, and the messages that they complete.

What is in order and what a message is are two questions: this file answers the first, ``measure`` of a protocol
(see :mod:`zjobs.wire.talk`) the second.  A message whose length is known may have holes: it is complete when they
are filled, and the messages behind it are found all the same, as in Wireshark.
"""

from collections.abc import Callable
from typing import NamedTuple

from zjobs.wire.talk import MOST_HELD, NOT_MINE, SAID, TO_THE_END, Flow, Measure, Waiting

#: What a message says at its beginning: protocol, bytes, state -> summary, number of things said.
Announce = Callable[[str, bytes, int], tuple[str, int]]

#: Messages of one direction that wait for holes to be filled.
MOST_WAITING = 8

_MASK = 0xFFFFFFFF
_HALF = 0x80000000


class Piece(NamedTuple):
    """Bytes of a message: in the segment from ``start`` to ``end``, or kept from earlier ones."""

    start: int
    end: int
    kept: bytes | None = None


class Heard(NamedTuple):
    """What a segment completed: the protocol, its state before, and the bytes; and what it only begins, in words.

    ``rest`` is where in the segment another protocol goes on, to which the connection was handed over; 0 is nowhere.
    """

    app: str
    state: int
    pieces: list[Piece]
    opening: str = ""
    rest: int = 0


def passed(flow: Flow, seq: int, data: memoryview) -> bool:
    """Take a segment in its turn that completes nothing and begins nothing, as most are: an acknowledgment, or the
    middle of a message whose length is known.  False leaves it to ``hear``.
    """
    if seq != flow.next:
        return False
    if data:
        one = flow.open
        if one is None or not one.length:
            return False
        here = (seq - one.base) & _MASK
        if here + len(data) >= one.length:
            return False
        if not 0 < one.keep <= here:
            one.put(here, data.tobytes())
        flow.next = (seq + len(data)) & _MASK
    return True


def hear(
    flow: Flow, seq: int, data: bytes, size: int, last: bool, measure_of: Callable[[str], Measure | None],
    announce: Announce | None = None, starts: bool = False,
) -> Heard | None:  # fmt: skip
    """Take a segment of ``size`` bytes, of which ``data`` was traced; the messages that it completes.

    ``last`` says that the sender closes.  Data that was seen before completes a message only where it fills a hole.
    With ``announce`` a message that goes on in later segments is announced where it begins, and so is one that is
    repeated by a segment that ``starts`` with a message.
    """
    app, state = flow.talk.app, flow.state
    said = flow.open.said if flow.open is not None else 0
    pieces: list[Piece] = []
    opening = ""
    at = rest = 0
    if flow.next >= 0 and seq != flow.next:
        ahead = (seq - flow.next) & _MASK
        if ahead < _HALF:
            _gap(flow, ahead)
            flow.lost = True
        else:
            at = min((flow.next - seq) & _MASK, size)
            pieces += _earlier(flow, seq, data[:at], measure_of(app))
            pieces += _filled(flow, seq, data[:at], measure_of(app))
            if at == size and not last:
                if announce is not None and starts and not pieces:
                    opening, _ = announce(app, data, state)
                return Heard(app, state, pieces, opening) if pieces or opening else None
    flow.next = (seq + size + last) & _MASK
    measure = measure_of(app)
    if measure is None:
        if at < len(data):
            pieces.append(Piece(at, len(data)))
    elif len(data) < size:
        # The rest was not traced: what is here is shown, and the next segment starts afresh.
        pieces += [*_given_up(flow), Piece(at, len(data))]
        _learn(flow, data[at:], measure)
    else:
        before = flow.open
        app, rest = _messages(flow, seq, data, at, last, measure, measure_of, pieces)
        if rest:
            flow.next = (seq + rest) & _MASK
        if announce is not None and flow.open is not None and flow.open is not before and not flow.open.said:
            opening, flow.open.said = announce(app, flow.open.bytes(), flow.state)
    state |= said << SAID if pieces else 0
    return Heard(app, state, pieces, opening, rest) if pieces or opening else None


def _learn(flow: Flow, data: bytes, measure: Measure) -> None:
    """Let the protocol see the messages that are whole in a segment that is not: what they agree on holds from here."""
    _whole(flow, data, measure)


def _whole(flow: Flow, data: bytes, measure: Measure) -> list[int]:
    """The lengths of the messages that are whole at the start of ``data``."""
    lengths = []
    while data:
        flow.keep, flow.again = 0, False
        length = measure(data, flow)
        if not 0 < length <= len(data):
            break
        lengths.append(length)
        data = data[length:]
    return lengths


def _messages(
    flow: Flow, seq: int, data: bytes, at: int, last: bool, measure: Measure,
    measure_of: Callable[[str], Measure | None], pieces: list[Piece],
) -> tuple[str, int]:  # fmt: skip
    """Find the messages in the data from ``at`` on; the protocol that they are of, and where another one goes on."""
    talk = flow.talk
    app = talk.app
    while at < len(data) or (flow.open is not None and last):
        one = flow.open
        if one is not None and one.length:
            here = (seq + at - one.base) & _MASK
            step = min(one.length - here, len(data) - at)
            one.put(here, data[at : at + step])
            at += step
            if here + step == one.length or last:
                flow.open = None
                if one.again and not one.holes:
                    measure(one.bytes(), flow)
                if not one.holes and (here + step == one.length or one.length == TO_THE_END):
                    pieces.append(Piece(0, 0, one.bytes()))
                elif here + step == one.length:
                    flow.holed = [*flow.holed, one][-MOST_WAITING:]
            continue
        held = one.bytes() if one is not None else b""
        rest = held + data[at:]
        flow.keep, flow.again = 0, False
        length = measure(rest, flow)
        # Behind a hole it may well be the middle of a message.
        if length == NOT_MINE and talk.before and not pieces and not flow.lost:
            other = measure_of(talk.before)
            length = other(rest, flow) if other is not None else NOT_MINE
            if other is not None and length != NOT_MINE:
                app = talk.app = talk.before
                talk.before, measure = "", other
        if length == NOT_MINE:
            flow.open = None
            break
        flow.lost &= length < 0
        keep = min(flow.keep, length) if flow.keep and length > 0 else 0
        if 0 < length <= len(rest):
            flow.open = None
            whole = max(keep, 0) if keep else length
            if not held:
                pieces.append(Piece(at, at + whole))
            else:
                pieces.append(Piece(0, 0, rest[:whole]))
            at += length - len(held)
            if talk.app != app:
                break
            continue
        if last or (len(rest) > MOST_HELD and not keep):
            # A message that ends with its connection is whole now; any other one never will be.
            if not last or length == TO_THE_END:
                pieces += [*_given_up(flow), Piece(at, len(data))]
            flow.open = None
            break
        base = one.base if one is not None else (seq + at) & _MASK
        if length > MOST_HELD and not keep:
            keep = MOST_HELD
        flow.open = Waiting(base, max(length, 0), keep if length > 0 else 0, again=flow.again)
        flow.open.said = one.said if one is not None else 0
        flow.open.put(0, rest)
        break
    return app, at if talk.app != app and at < len(data) else 0


def _gap(flow: Flow, size: int) -> None:
    """Bytes are missing: a hole in the message that is open, if its length is known."""
    one = flow.open
    if one is None:
        return
    here = (flow.next - one.base) & _MASK
    if one.length and here + size <= one.length:
        one.holes.append((here, here + size))
        if here + size == one.length:
            flow.holed = [*flow.holed, one][-MOST_WAITING:]
            flow.open = None
        return
    flow.open = None
    if 0 < one.length < TO_THE_END:
        one.holes.append((here, one.length))
        flow.holed = [*flow.holed, one][-MOST_WAITING:]


def _earlier(flow: Flow, seq: int, data: bytes, measure: Measure | None) -> list[Piece]:
    """Whole messages before the bytes that were met first: a capture began with a segment that overtook others."""
    before = (flow.first - seq) & _MASK
    if flow.first < 0 or measure is None or not 0 < before < _HALF:
        return []
    flow.first = seq
    lengths = _whole(flow, data[:before], measure)
    return [Piece(0, sum(lengths))] if lengths else []


def _filled(flow: Flow, seq: int, data: bytes, measure: Measure | None) -> list[Piece]:
    """Messages whose last hole is filled by data that comes late."""
    done: list[Piece] = []
    left: list[Waiting] = []
    for one in flow.holed:
        one.fill((seq - one.base + _HALF & _MASK) - _HALF, data)
        if one.holes:
            left.append(one)
        else:
            done.append(Piece(0, 0, one.bytes()))
            if one.again and measure is not None:
                measure(one.bytes(), flow)
    flow.holed = left
    if flow.open is not None:
        flow.open.fill((seq - flow.open.base + _HALF & _MASK) - _HALF, data)
    return done


def _given_up(flow: Flow) -> list[Piece]:
    """What waits, as far as it is known; its rest will not come."""
    one, flow.open = flow.open, None
    return [Piece(0, 0, one.bytes())] if one is not None and not one.holes else []
