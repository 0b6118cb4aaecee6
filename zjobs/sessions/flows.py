"""TCP analysis, one segment after the other, with the meaning that Wireshark gives to its terms.

Reference: Wireshark User's Guide, "TCP Analysis", and the behaviour of Wireshark 4.0.  What a segment *is*
(a retransmission, out of order, a duplicate ACK ...) depends on everything that its connection did before,
so this is the one place with a loop over segments; it is given plain lists and gives plain lists back.
All sequence arithmetic is modulo 2**32.
"""

from enum import IntFlag
from typing import NamedTuple

FIN, SYN, RST, PUSH, ACK = 1, 2, 4, 8, 16
_MASK = 0xFFFFFFFF
_HALF = 0x80000000

#: Segments that wait for an acknowledgement; more are not remembered (Wireshark: TCP_MAX_UNACKED_SEGMENTS).
MOST_UNACKED = 10_000

_FAST_NS = 20_000_000
_DISORDER_NS = 3_000_000


class Is(IntFlag):
    """What a segment was found to be."""

    RETRANSMISSION = 1
    LOST_PACKET = 2
    ACK_LOST_PACKET = 4
    KEEP_ALIVE = 8
    DUPLICATE_ACK = 16
    ZERO_WINDOW_PROBE = 32
    ZERO_WINDOW = 64
    ZERO_WINDOW_PROBE_ACK = 128
    KEEP_ALIVE_ACK = 256
    OUT_OF_ORDER = 512
    FAST_RETRANSMISSION = 1024
    WINDOW_UPDATE = 2048
    WINDOW_FULL = 4096
    REUSED_PORTS = 8192
    SPURIOUS_RETRANSMISSION = 16384


# Plain integers: IntFlag arithmetic would cost more than the rest of the loop.
_RETRANSMISSION, _LOST, _ACK_LOST, _KEEP_ALIVE, _DUPLICATE = 1, 2, 4, 8, 16
_PROBE, _ZERO, _PROBE_ACK, _KEEP_ALIVE_ACK, _DISORDER = 32, 64, 128, 256, 512
_FAST, _UPDATE, _FULL, _REUSED, _SPURIOUS = 1024, 2048, 4096, 8192, 16384


class Segment(NamedTuple):
    """What is known of a segment before analysis.

    ``length`` is -1 where it cannot be known (quoted in an ICMP error, shorter than its header); ``scale`` is
    the shift of a window scale option, -1 without one; ``sacked`` counts the bytes that SACK blocks report;
    ``whole`` says that all options are there (2: among them a SACK option without a block), ``headed`` that the
    header length is allowed.
    """

    frame: int
    time: int
    first: bool
    seq: int
    ack: int
    length: int
    flags: int
    window: int
    scale: int
    sacked: int
    headed: bool
    whole: int


class Finding:
    """What analysis says of one segment; relative numbers where they are known."""

    __slots__ = (
        "ack", "ack_rtt", "acked", "base_ack", "completeness", "delta", "dup_frame", "dup_num", "flags", "flight",
        "initial_rtt", "next", "noted", "pushed", "relative", "rto", "rto_frame", "scale", "seq", "shown", "window",
    )  # fmt: skip

    def __init__(self) -> None:
        self.flags = 0
        self.dup_num = self.dup_frame = 0
        self.acked = self.ack_rtt = 0
        self.rto = self.rto_frame = 0
        self.flight = self.pushed = 0
        self.initial_rtt = 0
        self.seq = self.ack = self.next = -1
        self.window = -1
        self.scale = -1
        self.base_ack = 0
        self.completeness = 0
        self.relative = self.delta = 0
        self.noted = self.shown = False


class _Unacked:
    __slots__ = ("frame", "next", "seq", "time")

    def __init__(self, frame: int, seq: int, next: int, time: int) -> None:
        self.frame, self.seq, self.next, self.time = frame, seq, next, time


class Flow:
    """One direction of a connection."""

    __slots__ = (
        "base", "based", "before_first_ack", "dup_acks", "flags", "high", "last_ack", "last_ack_time", "last_new_ack",
        "low", "most", "next", "next_frame", "next_time", "push_last", "pushed", "sacked", "scale", "seen_ack",
        "unacked", "valid", "window",
    )  # fmt: skip

    def __init__(self) -> None:
        self.base, self.based = 0, False
        self.scale = -1
        self.window = _MASK
        self.flags = 0
        self.next = self.next_frame = self.next_time = 0
        self.most = 0
        self.last_ack = self.last_ack_time = self.last_new_ack = 0
        # A counter without sign, as Wireshark's: "all ones" neutralises, and passes for many duplicates.
        self.dup_acks = 0
        self.unacked: list[_Unacked] = []
        # Ends of what they cover, relative to the base; and the acknowledgement that last went through them.
        self.low = self.high = 0
        self.seen_ack = -1
        self.valid = True
        self.before_first_ack = False
        self.pushed, self.push_last = 0, False
        self.sacked = 0


class Connection:
    """Both directions, and what belongs to neither."""

    __slots__ = ("completeness", "flows", "initial_rtt", "previous", "started", "stream", "syn_time")

    def __init__(self, stream: int, time: int) -> None:
        self.stream = stream
        self.flows = (Flow(), Flow())
        self.started = self.previous = time
        self.syn_time = 0
        self.initial_rtt = 0
        self.completeness = -1

    def reused_by(self, s: Segment) -> bool:
        """A SYN with another sequence number starts a new connection between the same ends."""
        flow = self.flows[0 if s.first else 1]
        return (s.flags & (SYN | ACK)) == SYN and flow.based and s.seq != flow.base


def follow(conn: Connection, s: Segment, reused: bool) -> Finding:
    """Take the next segment of a connection; ``reused`` when it has just replaced an older one."""
    f = Finding()
    fwd, rev = conn.flows if s.first else (conn.flows[1], conn.flows[0])
    flags = s.flags
    if reused:
        f.flags = _REUSED
    elif fwd.based and (flags & SYN):
        if not flags & ACK:
            # RFC 793, 3.4: a RST may have carried the ACK it answers as its own sequence number.
            fwd.next = fwd.most
        elif s.seq != fwd.base:
            fwd.base = s.seq
            fwd.low, fwd.high = _extent(fwd)
            f.flags = _REUSED
    fwd.sacked = 0
    f.seq, f.ack, f.window = s.seq, s.ack, s.window
    f.completeness = 1 if reused else max(conn.completeness, 0)
    f.relative, f.delta = s.time - conn.started, s.time - conn.previous
    conn.previous = s.time
    if s.length >= 0:
        _analyse(fwd, rev, conn, s, f)
        f.seq = (s.seq - fwd.base) & _MASK
        if flags & ACK:
            f.ack = (s.ack - rev.base) & _MASK
        if not flags & SYN and fwd.scale >= 0:
            f.window = s.window << fwd.scale & _MASK
        f.next = (f.seq + s.length + (1 if flags & (SYN | FIN) else 0)) & _MASK
    f.scale = fwd.scale
    f.base_ack = rev.base
    if s.headed:
        _shake(conn, fwd, s)
        # Looking for a repeated block in an empty SACK option, Wireshark breaks off; it looks when 0 <= ACK.
        if s.whole == 1 or (s.whole == 2 and f.ack > _HALF):
            fwd.sacked = s.sacked
            _options(fwd, rev, s)
            f.shown = bool(f.flags or f.acked or f.pushed or f.noted)
            f.initial_rtt = conn.initial_rtt
        elif s.scale >= 0:
            # Of options that were cut this one is there.
            fwd.scale = min(s.scale, 14)
    return f


def _shake(conn: Connection, fwd: Flow, s: Segment) -> None:
    """The stages of a connection's life, and the round trip of its handshake."""
    flags = s.flags
    done = conn.completeness
    if done < 0:
        # Only a connection that starts with its SYN can be complete.
        done = 1 | (8 if s.length > 0 else 0) if (flags & (SYN | ACK)) == SYN else 0
    else:
        if (flags & (SYN | ACK)) == SYN | ACK:
            done |= 2
        if (flags & (SYN | ACK)) == ACK:
            done |= 8 if s.length > 0 else 4
        if (flags & (FIN | ACK)) == FIN | ACK:
            done |= 16
        if flags & RST:
            done |= 32
    conn.completeness = done
    if flags & SYN:
        fwd.before_first_ack = True
        if not flags & ACK:
            conn.syn_time = s.time
    elif flags & ACK:
        fwd.before_first_ack = False
        if conn.syn_time and not conn.initial_rtt:
            conn.initial_rtt = s.time - conn.syn_time


def _options(fwd: Flow, rev: Flow, s: Segment) -> None:
    """Window scaling holds when both ends offer it in their SYN (RFC 7323, section 2)."""
    if s.scale >= 0:
        fwd.scale = min(s.scale, 14)
    if s.flags & SYN:
        if fwd.scale == -1:
            fwd.scale = rev.scale = -2
        elif s.flags & ACK and rev.scale == -2:
            fwd.scale = -2


def _analyse(fwd: Flow, rev: Flow, conn: Connection, s: Segment, f: Finding) -> None:
    seq, ack, length, flags, window, time = s.seq, s.ack, s.length, s.flags, s.window, s.time
    if not fwd.based:
        # Without its SYN a direction starts at relative number 1.
        fwd.base = seq if flags & SYN else (seq - 1) & _MASK
        fwd.based = True
    if flags & ACK:
        if not rev.based:
            rev.base, rev.based = (ack - 1) & _MASK, True
        rev.valid = True
    what = f.flags
    expected = fwd.next
    if length == 1 and seq == expected and rev.window == 0:
        what |= _PROBE
    else:
        what |= _what(fwd, rev, s, f)
    if ack != fwd.last_ack:
        fwd.last_new_ack = s.frame
        fwd.dup_acks = 0
    # Acknowledged, but never seen: the capture lacks packets of the other direction.
    if rev.most and flags & ACK and 0 < (ack - rev.most) & _MASK <= _HALF:
        if rev.most != rev.next:
            rev.most = rev.next
            what |= _ACK_LOST
        else:
            # Nothing new came that way: say it once, not for every further ACK.
            if rev.dup_acks == 0:
                what |= _ACK_LOST
            rev.dup_acks = _MASK
            f.noted = True
    if (length > 0 or flags & (SYN | FIN)) and not what & _KEEP_ALIVE:
        again = _again(fwd, rev, conn, s)
        what |= again
        if again == _RETRANSMISSION:
            oldest = fwd.unacked[0] if fwd.unacked else None
            f.rto = time - (oldest.time if oldest else fwd.next_time)
            f.rto_frame = oldest.frame if oldest else fwd.next_frame
    after = (seq + length) & _MASK
    if (length or flags & (SYN | FIN)) and len(fwd.unacked) < MOST_UNACKED:
        if flags & (SYN | FIN):
            after = (after + 1) & _MASK
        _remember(fwd, _Unacked(s.frame, seq, after, time))
    if not what & _PROBE:
        if not fwd.next or 0 < (after - fwd.next) & _MASK <= _HALF:
            fwd.next, fwd.next_frame, fwd.next_time = after, s.frame, time
        if not fwd.most or seq == fwd.most:
            fwd.most = fwd.next
    fwd.window, fwd.last_ack, fwd.last_ack_time, fwd.flags = window, ack, time, what
    f.flags = what
    if rev.unacked:
        _acknowledge(rev, s, f)
    if length and fwd.unacked and fwd.valid:
        _in_flight(fwd, rev, s, f)


def _what(fwd: Flow, rev: Flow, s: Segment, f: Finding) -> int:
    """Windows, gaps, keep-alives, duplicate acknowledgements."""
    seq, ack, length, flags, window = s.seq, s.ack, s.length, s.flags, s.window
    plain = not flags & (SYN | FIN | RST)
    expected = fwd.next
    what = 0
    if window == 0 and plain:
        what = _ZERO
    if expected and not flags & RST and 0 < (seq - expected) & _MASK <= _HALF:
        what |= _LOST
        fwd.valid = False
    if not plain:
        return what
    if length <= 1 and seq == (expected - 1) & _MASK:
        what |= _KEEP_ALIVE
    if length:
        if rev.scale != -1:
            shift = 0 if rev.before_first_ack or rev.scale == -2 else rev.scale
            if (seq + length) & _MASK == (rev.last_ack + (rev.window << shift)) & _MASK:
                what |= _FULL
        return what
    if seq != expected or ack != fwd.last_ack:
        return what
    if window != fwd.window:
        return what | _UPDATE if window else what
    if window and rev.flags & _KEEP_ALIVE:
        return what | _KEEP_ALIVE_ACK
    if not window and rev.flags & _PROBE:
        return what | _PROBE_ACK
    if window:
        fwd.dup_acks = 1 if fwd.dup_acks == _MASK else fwd.dup_acks + 1
        f.dup_num, f.dup_frame = fwd.dup_acks, fwd.last_new_ack
        what |= _DUPLICATE
    return what


def _again(fwd: Flow, rev: Flow, conn: Connection, s: Segment) -> int:
    """Data that does not advance: repeated, repeated in vain, or overtaken on its way."""
    seq, length = s.seq, s.length
    behind = bool(fwd.next) and 0 < (fwd.next - seq) & _MASK <= _HALF
    if length > 1 and (fwd.next - 1) & _MASK == seq:
        behind = False
    if length > 0 and rev.last_ack and (rev.last_ack - seq - length) & _MASK <= _HALF:
        return _SPURIOUS
    if not behind:
        return 0
    if rev.dup_acks >= 2 and rev.last_ack == seq and 0 <= s.time - rev.last_ack_time < _FAST_NS:
        return _FAST
    after = (seq + length + (1 if s.flags & (SYN | FIN) else 0)) & _MASK
    if 0 <= s.time - fwd.next_time < (conn.initial_rtt or _DISORDER_NS) and fwd.next != after:
        return _DISORDER
    return _RETRANSMISSION


def _remember(fwd: Flow, u: _Unacked) -> None:
    """Keep a segment until it is acknowledged."""
    low, high = (u.seq - fwd.base) & _MASK, (u.next - fwd.base) & _MASK
    if fwd.unacked:
        fwd.low, fwd.high = min(fwd.low, low), max(fwd.high, high)
    else:
        fwd.low, fwd.high = low, high
    fwd.unacked.append(u)
    ack = fwd.seen_ack
    if ack >= 0 and (not 0 < (u.next - ack) & _MASK <= _HALF or 0 < (ack - u.seq) & _MASK <= _HALF):
        # The same acknowledgement would find something to do now.
        fwd.seen_ack = -1


def _acknowledge(rev: Flow, s: Segment, f: Finding) -> None:
    """Forget the segments that this one acknowledges; the oldest that it meets exactly gives the round trip."""
    ack, base = s.ack, rev.base
    if ack == rev.seen_ack:
        return
    kept: list[_Unacked] = []
    low, high = _MASK, 0
    for u in rev.unacked:
        seq, after = u.seq, u.next
        if not 0 < (after - ack) & _MASK <= _HALF:
            if after == ack and not f.acked:
                f.acked, f.ack_rtt = u.frame, s.time - u.time
            continue
        if 0 < (ack - seq) & _MASK <= _HALF:
            u.seq = seq = ack
        kept.append(u)
        seq, after = (seq - base) & _MASK, (after - base) & _MASK
        if seq < low:
            low = seq
        if after > high:
            high = after
    rev.unacked, rev.low, rev.high, rev.seen_ack = kept, low, high, ack


def _extent(flow: Flow) -> tuple[int, int]:
    """Ends of what unacknowledged segments cover, when the base that they are relative to has changed."""
    low = min(((u.seq - flow.base) & _MASK for u in flow.unacked), default=0)
    return low, max(((u.next - flow.base) & _MASK for u in flow.unacked), default=0)


def _in_flight(fwd: Flow, rev: Flow, s: Segment, f: Finding) -> None:
    """Bytes on their way after this segment, and bytes since the last PUSH."""
    flight = (fwd.high - fwd.low - rev.sacked) & _MASK
    if 0 < flight < 2_000_000_000:
        f.flight = flight - 1 if s.flags & (SYN | FIN) else flight
    if s.flags & PUSH:
        fwd.pushed = s.length if fwd.push_last else fwd.pushed + s.length
        fwd.push_last = True
    else:
        fwd.pushed = s.length if fwd.push_last else fwd.pushed + s.length
        fwd.push_last = False
    f.pushed = fwd.pushed
