"""Segments of one direction: in order, repeated, missing, late; and the messages that they complete."""

from __future__ import annotations

import itertools
import random

from zjobs.sessions.streams import Heard, hear, passed
from zjobs.wire.talk import MOST_HELD, NOT_MINE, NOTHING, STREAM, TO_THE_END, Flow, Measure, Talk


def sized(data: bytes, flow: Flow) -> int:
    """A message: one byte of length, which counts itself."""
    return data[0] or NOT_MINE


def until_the_end(data: bytes, flow: Flow) -> int:
    return TO_THE_END


def a_flow(app: str = "sized") -> Flow:
    talk = Talk(app)
    talk.flows = (Flow(talk, b"", 1), Flow(talk, b"", 2))
    return talk.flows[0]


def kept(data: bytes, flow: Flow) -> int:
    flow.keep = 4
    return sized(data, flow)


def long(data: bytes, flow: Flow) -> int:
    """A message: four bytes of length, which do not count themselves."""
    return 4 + int.from_bytes(data[:4], "big")


MEASURES: dict[str, Measure | None] = {"long": long, "sized": sized, "end": until_the_end, "kept": kept, "plain": None}


def feed(flow: Flow, seq: int, data: bytes, size: int | None = None, last: bool = False) -> list[bytes]:
    heard = hear(flow, seq, data, len(data) if size is None else size, last, MEASURES.__getitem__)
    return texts(heard, data)


def state(flow: Flow) -> tuple[object, ...]:
    waiting = [flow.open, *flow.holed] if flow.open is not None else flow.holed
    return (flow.next, *((w.base, w.length, w.keep, w.parts, w.holes) for w in waiting))


def texts(heard: Heard | None, data: bytes) -> list[bytes]:
    pieces = heard.pieces if heard else []
    return [p.kept if p.kept is not None else data[p.start : p.end] for p in pieces]


def message(size: int, fill: int = 7) -> bytes:
    return bytes([size]) + bytes([fill]) * (size - 1)


def test_messages_in_one_segment_and_over_several() -> None:
    flow = a_flow()
    assert feed(flow, 100, message(3) + message(4) + message(9)[:2]) == [message(3), message(4)]
    assert feed(flow, 109, message(9)[2:] + message(2)) == [message(9), message(2)]


def test_repeated_segments_say_nothing_new() -> None:
    flow = a_flow()
    assert feed(flow, 100, message(5)) == [message(5)]
    assert feed(flow, 100, message(5)) == []
    # A repetition that brings more brings just that.
    assert feed(flow, 100, message(5) + message(3)) == [message(3)]


def test_a_hole_is_filled_late_and_what_follows_is_found_before() -> None:
    flow = a_flow()
    whole = message(30)
    assert feed(flow, 0, whole[:10]) == []
    assert feed(flow, 20, whole[20:] + message(4)) == [message(4)]
    assert feed(flow, 10, whole[10:20]) == [whole]


def test_behind_a_gap_messages_start_afresh() -> None:
    flow = a_flow()
    assert feed(flow, 0, message(5)) == [message(5)]
    assert feed(flow, 50, message(6)) == [message(6)]


def test_sequence_numbers_pass_zero() -> None:
    flow = a_flow()
    assert feed(flow, 0xFFFFFFFE, message(6)[:2]) == []
    assert feed(flow, 0, message(6)[2:]) == [message(6)]


def test_what_ends_with_the_connection_is_whole_then() -> None:
    flow = a_flow("end")
    assert feed(flow, 0, b"abc") == []
    assert feed(flow, 3, b"def") == []
    assert feed(flow, 6, b"", last=True) == [b"abcdef"]


def test_what_ends_with_the_connection_waits_for_what_came_late() -> None:
    flow = a_flow("end")
    assert feed(flow, 100, b"one ") == feed(flow, 108, b"three") == feed(flow, 104, b"two ") == []
    assert feed(flow, 113, b"", last=True) == [b"one two three"]
    # What never came is no part of anything.
    flow = a_flow("end")
    assert feed(flow, 100, b"one ") == feed(flow, 108, b"three") == feed(flow, 113, b"", last=True) == []


def test_a_segment_that_was_cut_is_shown_as_far_as_it_goes() -> None:
    flow = a_flow()
    assert feed(flow, 0, message(200)[:50], size=200) == [message(200)[:50]]
    assert feed(flow, 200, message(3)) == [message(3)]


def test_what_nobody_can_measure_is_given_up() -> None:
    flow = a_flow()
    assert feed(flow, 0, b"\0\0\0") == []
    assert flow.open is None


def test_a_message_that_never_ends_does_not_fill_memory() -> None:
    talk = Talk("greedy")
    talk.flows = (Flow(talk, b"", 1), Flow(talk, b"", 2))
    flow = talk.flows[0]
    most = 0
    for k in range(3000):
        hear(flow, k * 1000, bytes(1000), 1000, False, lambda app: lambda data, flow: -len(data) - 1)
        most = max(most, sum(map(len, flow.open.parts.values())) if flow.open else 0)
    assert most <= MOST_HELD + 1000


def test_of_a_message_longer_than_that_the_beginning_is_kept() -> None:
    """Reads and writes of SMB are as long as three bytes of length can say: each connection held all of its own."""
    flow, step, size = a_flow("long"), 60_000, 4 + 0xFFFFFF
    stream = b"\0\xff\xff\xff".ljust(size, b"\7") + b"\0\0\0\1x"
    for at in range(0, len(stream), step):
        found = feed(flow, at, stream[at : at + step])
        assert flow.open is None or sum(map(len, flow.open.parts.values())) <= MOST_HELD
    assert found == [stream[:MOST_HELD], stream[size:]]


def test_what_is_passed_is_what_nothing_comes_of() -> None:
    """Segments that ``passed`` takes leave the direction as ``hear`` does, and ``hear`` would have told nothing."""
    r = random.Random(11)
    taken = 0
    for app in ("sized", "end", "kept"):
        for _ in range(200):
            slow, quick = a_flow(app), a_flow(app)
            stream = b"".join(message(r.randrange(1, 90)) for _ in range(6))
            at, base = 0, r.randrange(1 << 32)
            while at < len(stream):
                size = r.choice((0, 1, 5, 9, 30))
                seq, data = (base + at + r.choice((0, 0, 0, 0, 3, -2))) & 0xFFFFFFFF, stream[at : at + size]
                told = feed(slow, seq, data)
                if passed(quick, seq, memoryview(data)):
                    taken += 1
                    assert told == []
                else:
                    assert feed(quick, seq, data) == told
                assert state(slow) == state(quick)
                at += size
    assert taken > 1000


def test_any_order_of_segments_gives_each_message_once() -> None:
    r = random.Random(7)
    for _ in range(300):
        sizes = [r.randrange(1, 60) for _ in range(8)]
        stream = b"".join(message(n, k + 1) for k, n in enumerate(sizes))
        cuts = sorted({0, len(stream), *(r.randrange(len(stream)) for _ in range(6))})
        pieces = list(itertools.pairwise(cuts))
        flow = a_flow()
        seen = feed(flow, 0, stream[: pieces[0][1]])
        rest = [*pieces[1:], r.choice(pieces)]
        r.shuffle(rest)
        for low, high in rest:
            seen += feed(flow, low, stream[low:high])
        whole = [message(n, k + 1) for k, n in enumerate(sizes)]
        # What stands behind a hole of unknown length may be lost; nothing is invented and nothing comes twice.
        assert all(seen.count(one) <= whole.count(one) for one in set(seen) if one in whole)


def test_in_order_every_cut_gives_the_same_messages() -> None:
    stream = b"".join(message(n, n) for n in (1, 2, 40, 3, 17))
    expected = [message(n, n) for n in (1, 2, 40, 3, 17)]
    for step in range(1, len(stream)):
        flow = a_flow()
        seen: list[bytes] = []
        for at in range(0, len(stream), step):
            seen += feed(flow, at, stream[at : at + step])
        assert seen == expected, step


def test_a_beginning_is_announced_once() -> None:
    flow = a_flow()
    said = []

    def announce(app: str, data: bytes, state: int) -> tuple[str, int]:
        said.append((app, data, state))
        return "begins", 1

    one = message(20)
    first = hear(flow, 0, one[:5], 5, False, MEASURES.__getitem__, announce)
    again = hear(flow, 5, one[5:9], 4, False, MEASURES.__getitem__, announce)
    done = hear(flow, 9, one[9:], 11, False, MEASURES.__getitem__, announce)
    assert first is not None and first.opening == "begins" and not first.pieces
    assert again is None
    assert done is not None and done.state == STREAM | 1 << 16 and not done.opening
    assert len(said) == 1


def test_bytes_of_no_message_are_skipped() -> None:
    def measure(data: bytes, flow: Flow) -> int:
        flow.keep = NOTHING if data[0] == 9 else 0
        return data[0]

    data = message(3) + bytes([9] * 9) + message(4)
    heard = hear(a_flow(), 1, data, len(data), False, {"sized": measure}.__getitem__)
    assert b"".join(texts(heard, data)) == message(3) + message(4)


def test_a_connection_goes_back_only_to_a_protocol_that_knows_the_data() -> None:
    flow = a_flow("none")
    flow.talk.before = "sized"
    measures = {"none": lambda data, flow: NOT_MINE, "sized": sized}
    assert hear(flow, 100, b"\0\0\0", 3, False, measures.__getitem__) is None
    assert (flow.talk.app, flow.talk.before) == ("none", "sized")
    heard = hear(flow, 103, message(4), 4, False, measures.__getitem__)
    assert heard is not None and (heard.app, texts(heard, message(4))) == ("sized", [message(4)])
    assert (flow.talk.app, flow.talk.before) == ("sized", "")


def test_what_a_first_segment_overtook_is_found() -> None:
    flow = a_flow()
    flow.first = 100
    assert feed(flow, 100, message(5)) == [message(5)]
    assert feed(flow, 89, message(3) + message(8)) == [message(3) + message(8)]
    assert feed(flow, 89, message(3) + message(8)) == []
    # The last byte before them, which a keep-alive repeats (RFC 9293, section 3.8.4), is no message.
    assert feed(flow, 88, b"\2") == []


def test_of_a_segment_that_was_cut_what_is_whole_is_learnt() -> None:
    def counted(data: bytes, flow: Flow) -> int:
        length = data[0]
        flow.state += 256 * (length <= len(data))
        return length

    flow = a_flow()
    data = message(3) + message(4) + message(9)[:2]
    assert texts(hear(flow, 100, data, 16, False, lambda _: counted), data) == [data]
    assert flow.state == STREAM + 2 * 256 and flow.next == 116
