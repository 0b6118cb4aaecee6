"""What tracking found, under Wireshark's field names."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import Chars, constant, decimal, joined, only, zero_filled
from zjobs.columns import distinct
from zjobs.sessions.flows import Is
from zjobs.sessions.tracks import Tracks
from zjobs.trace.dissect import Dissection
from zjobs.wire import tcp
from zjobs.wire.walk import Layer

#: Flags of ``tcp.analysis.*``; repeated data is a retransmission whatever kind it is.
_ANALYSIS = (
    ("retransmission", Is.RETRANSMISSION | Is.FAST_RETRANSMISSION | Is.SPURIOUS_RETRANSMISSION),
    ("fast_retransmission", Is.FAST_RETRANSMISSION),
    ("spurious_retransmission", Is.SPURIOUS_RETRANSMISSION),
    ("out_of_order", Is.OUT_OF_ORDER),
    ("reused_ports", Is.REUSED_PORTS),
    ("lost_segment", Is.LOST_PACKET),
    ("ack_lost_segment", Is.ACK_LOST_PACKET),
    ("window_update", Is.WINDOW_UPDATE),
    ("window_full", Is.WINDOW_FULL),
    ("keep_alive", Is.KEEP_ALIVE),
    ("keep_alive_ack", Is.KEEP_ALIVE_ACK),
    ("duplicate_ack", Is.DUPLICATE_ACK),
    ("zero_window", Is.ZERO_WINDOW),
    ("zero_window_probe", Is.ZERO_WINDOW_PROBE),
    ("zero_window_probe_ack", Is.ZERO_WINDOW_PROBE_ACK),
)


#: What ``of`` tells beside ``tcp.analysis.*``: a field that is not among them is known without tracking.
_DERIVED = frozenset({
    "udp.stream", "tcp.stream", "tcp.completeness", "tcp.seq", "tcp.nxtseq", "tcp.ack", "tcp.window_size",
    "tcp.window_size_scalefactor", "tcp.time_relative", "tcp.time_delta", "tcp.options.sack_le", "tcp.options.sack_re",
    "tcp.options.sack.dsack_le", "tcp.options.sack.dsack_re",
})  # fmt: skip


def derived(name: str) -> bool:
    """Whether a field is one of those that conversations must be followed for."""
    return name in _DERIVED or name.startswith("tcp.analysis.")


def names() -> set[str]:
    """Names of fields that come of conversations."""
    return {*_DERIVED, *(f"tcp.analysis.{name}" for name, _ in _ANALYSIS)}


class Tracked(NamedTuple):
    """A field with the packets that have it, ascending."""

    name: str
    text: Chars
    rows: NDArray[np.int64]
    many: bool = False


def of(found: Dissection, tracks: Tracks) -> Iterator[Tracked]:
    """All derived fields of the TCP and UDP headers of a batch."""
    if len(tracks.udp):
        yield Tracked("udp.stream", decimal(tracks.udp_stream), tracks.udp.row)
    if not len(tracks.tcp):
        return
    row = tracks.tcp.row
    headed, full, syn = _shape(found, tracks)

    def where(name: str, mask: NDArray[np.bool_], text: Chars) -> Tracked:
        return Tracked(name, text.take(mask), row[mask])

    everywhere = np.ones(row.size, dtype=np.bool_)
    yield where("tcp.stream", everywhere, decimal(tracks["stream"]))
    yield where("tcp.completeness", everywhere, decimal(tracks["completeness"]))
    yield where("tcp.seq", everywhere, decimal(tracks["seq"]))
    yield where("tcp.nxtseq", headed & tracks["analysed"].astype(np.bool_), decimal(tracks["next"]))
    yield where("tcp.ack", headed, decimal(tracks["ack"]))
    yield where("tcp.window_size", headed, decimal(tracks["window"]))
    shift = tracks["scale"]
    factor = np.where(shift >= 0, 1 << np.maximum(shift, 0), shift)
    signed = joined(only(factor < 0, constant("-", factor.size)), decimal(np.abs(factor)))
    yield where("tcp.window_size_scalefactor", headed & ~syn, signed)
    yield where("tcp.time_relative", full, seconds(tracks["relative"]))
    yield where("tcp.time_delta", full, seconds(tracks["delta"]))
    yield from _analysis(tracks, row)
    yield from _edges(found, tracks)


def _shape(found: Dissection, tracks: Tracks) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Headers with an allowed length, those of them of which 20 bytes are there, and those with SYN."""
    headed, full, syn = (np.zeros(len(tracks.tcp), dtype=np.bool_) for _ in range(3))
    for layer, here, item in _layers(found, tracks):
        headed[here] = layer["hlen"][item] >= 5
        full[here] = headed[here] & ((layer.end - layer.start)[item] >= 20)
        syn[here] = layer["syn"][item] != 0
    return headed, full, syn


def _layers(found: Dissection, tracks: Tracks) -> Iterator[tuple[Layer, NDArray[np.int64], NDArray[np.int64]]]:
    for number in distinct(tracks.tcp.layer):
        yield found.layers[number], *tracks.tcp.of(number)


def _analysis(tracks: Tracks, row: NDArray[np.int64]) -> Iterator[Tracked]:
    shown = tracks["shown"] != 0
    flags = np.where(shown, tracks["flags"], 0)

    def number(name: str, mask: NDArray[np.bool_], values: NDArray[np.int64]) -> Tracked:
        which = np.flatnonzero(shown & mask)
        return Tracked(f"tcp.analysis.{name}", decimal(values[which]), row[which])

    def time(name: str, values: NDArray[np.int64], mask: NDArray[np.bool_]) -> Tracked:
        which = np.flatnonzero(shown & mask & (values != 0))
        return Tracked(f"tcp.analysis.{name}", seconds(values[which]), row[which])

    acked = tracks["acked"] > 0
    yield number("acks_frame", acked, tracks["acked"])
    yield time("ack_rtt", tracks["ack_rtt"], acked)
    yield time("initial_rtt", tracks["initial_rtt"], shown)
    yield number("bytes_in_flight", tracks["flight"] > 0, tracks["flight"])
    yield number("push_bytes_sent", (tracks["flight"] > 0) & (tracks["pushed"] > 0), tracks["pushed"])
    any_flag = np.flatnonzero(flags)
    yield Tracked("tcp.analysis.flags", constant("true", any_flag.size), row[any_flag])
    for name, bits in _ANALYSIS:
        which = np.flatnonzero(flags & int(bits))
        yield Tracked(f"tcp.analysis.{name}", constant("true", which.size), row[which])
    again = (flags & int(Is.RETRANSMISSION) > 0) & (tracks["rto"] != 0)
    yield time("rto", tracks["rto"], again)
    yield number("rto_frame", again, tracks["rto_frame"])
    duplicate = tracks["dup_num"] > 0
    yield number("duplicate_ack_num", duplicate, tracks["dup_num"])
    yield number("duplicate_ack_frame", duplicate, tracks["dup_frame"])


def _edges(found: Dissection, tracks: Tracks) -> Iterator[Tracked]:
    """SACK edges, relative to the numbers of the other direction."""
    for layer, here, item in _layers(found, tracks):
        place = np.full(len(layer), -1, dtype=np.int64)
        place[item] = here
        edges = []
        for name, rows, raw in tcp.sack_edges(found.walk, layer):
            ours = place[rows] >= 0
            rows, raw = rows[ours], raw[ours]
            relative = (raw - tracks["base_ack"][place[rows]]) & 0xFFFFFFFF
            edges.append((rows, relative))
            yield Tracked(name, decimal(relative), layer.rows[rows], True)
        rows, low, high = _repeated(edges[0], edges[1], tracks["ack"][place])
        yield Tracked("tcp.options.sack.dsack_le", decimal(low), layer.rows[rows])
        yield Tracked("tcp.options.sack.dsack_re", decimal(high), layer.rows[rows])


def _repeated(
    left: tuple[NDArray[np.int64], NDArray[np.int64]],
    right: tuple[NDArray[np.int64], NDArray[np.int64]],
    ack: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Headers whose first block reports what came twice (RFC 2883, section 4): it is acknowledged already, or
    lies inside the second block.  Occurrences, left and right edges."""
    rows, first = np.unique(right[0], return_index=True)
    low, high = left[1][np.searchsorted(left[0], rows)], right[1][first]
    second = np.minimum(first + 1, max(right[0].size - 1, 0))
    more = (right[0][second] == rows) & (second > first)
    low2, high2 = left[1][np.minimum(np.searchsorted(left[0], rows) + 1, max(left[0].size - 1, 0))], right[1][second]
    twice = _before(high, ack[rows] + 1) | (more & _before(low2, high) & ~_before(high2, high))
    return rows[twice], low[twice], high[twice]


def _before(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether a sequence number comes before another, modulo 2**32."""
    return np.asarray((a - b) & 0xFFFFFFFF >= 0x80000000)


def seconds(ns: NDArray[np.int64]) -> Chars:
    """Seconds with nine digits, quoted, as Wireshark shows a span of time."""
    size = np.abs(ns)
    sign = only(ns < 0, constant("-", ns.size))
    quote = constant('"', ns.size)
    whole, part = size // 1_000_000_000, size % 1_000_000_000
    return joined(quote, sign, decimal(whole), constant(".", ns.size), zero_filled(part, 9), quote)
