"""Stream Control Transmission Protocol: chunks by name, and its checksum.

Reference: RFC 9260, section 3; RFC 3758 (FORWARD TSN), RFC 4895 (AUTH), RFC 5061 (ASCONF).  The checksum is a CRC32c
(RFC 9260, appendix A); before RFC 3309 it was an Adler-32 (RFC 2960, appendix B).
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import constant, decimal, hexadecimal
from zjobs.wire import crc, message
from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block, Value, item, line, line_if, pair, when
from zjobs.wire.message import Message, Reader
from zjobs.wire.values import hex2, hex8
from zjobs.wire.walk import Layer, Walk

NAME = "sctp"
TITLE = "SCTP"
FOUND = {"ip.proto": (132,)}
LISTS = frozenset({"sctp.chunk_type", "sctp.chunk_length"})

LAYOUT = Layout(
    "SCTP",
    (
        Field("srcport", "u16", 0, "Source Port", json="sctp.srcport"),
        Field("dstport", "u16", 2, "Destination Port", json="sctp.dstport"),
        Field("tag", "u32", 4, "Verification Tag", hex8, json="sctp.verification_tag"),
        Field("checksum", "u32", 8, "CheckSum", hex8, json="sctp.checksum"),
    ),
    12,
    "RFC 9260, section 3.1",
)
CHUNK = Layout(
    "SCTP chunk",
    (
        Field("type", "u8", 0, "Type", json="sctp.chunk_type"),
        Field("flags", "u8", 1, "Flags", hex2, json="sctp.chunk_flags"),
        Field("length", "u16", 2, "Length", json="sctp.chunk_length"),
    ),
    4,
    "RFC 9260, section 3.2",
)

_DATA, _INIT, _INIT_ACK, _SACK, _ABORT, _SHUTDOWN, _COMPLETE, _I_DATA = 0, 1, 2, 3, 6, 7, 14, 64
CHUNKS = {
    _DATA: "DATA", _INIT: "INIT", _INIT_ACK: "INIT_ACK", _SACK: "SACK", 4: "HEARTBEAT", 5: "HEARTBEAT_ACK",
    _ABORT: "ABORT", _SHUTDOWN: "SHUTDOWN", 8: "SHUTDOWN_ACK", 9: "ERROR", 10: "COOKIE_ECHO", 11: "COOKIE_ACK",
    12: "ECNE", 13: "CWR", _COMPLETE: "SHUTDOWN_COMPLETE", 15: "AUTH", _I_DATA: "I_DATA", 128: "ASCONF_ACK",
    130: "RE_CONFIG", 132: "PAD", 192: "FORWARD_TSN", 193: "ASCONF", 194: "I_FORWARD_TSN",
}  # fmt: skip

#: The bit of the first part of a message.
_FIRST = 2
#: Chunks that a summary names; a packet may have thousands.
_MOST_NAMED = 16


def decode(data: Reader, say: Message, state: int) -> None:
    """Ports and tag, then the chunks."""
    head = say.header(LAYOUT, data)
    for field in ("srcport", "dstport"):
        say.field("sctp.port", head[field])
    say.line("Source Port", head["srcport"], ("Destination Port", head["dstport"]))
    say.line("Verification Tag", f"{head['tag']:08X}")
    names: list[str] = []
    while len(data):
        chunk = say.header(CHUNK, data)
        kind, length = chunk["type"], chunk["length"]
        name = CHUNKS.get(kind, f"chunk {kind}")
        if len(names) < _MOST_NAMED:
            names.append(name)
            say.summary = f"SCTP : {', '.join(names)}"
        if length < CHUNK.size:
            raise data.bad("sctp.chunk_length", CHUNK.size, length)
        say.line("Chunk", name, ("Length", length), ("Flags", f"{chunk['flags']:02X}"))
        short = length - CHUNK.size - len(data)
        _chunk(kind, chunk["flags"], data.upto(length - CHUNK.size, "sctp.chunk_length"), say)
        if short > 0:
            # What is missing is claimed by the chunk.
            data.take(short, "sctp.chunk_length")
        data.take(min(-length % 4, len(data)))


def _data(kind: int, flags: int, body: Reader, say: Message) -> None:
    """User data; of a message that others may come between (RFC 8260, section 2.1) with a number for each part."""
    for field, bit in (("i", 8), ("u", 4), ("b", _FIRST), ("e", 1)):
        say.field(f"sctp.data_{field}_bit", bool(flags & bit))
    tsn, stream, number, last = body.u32(), body.u16(), body.u16(), "payload_proto_id"
    say.field("sctp.data_tsn_raw", tsn)
    say.field("sctp.data_sid", stream)
    if kind == _I_DATA:
        number = body.u32()
        if not flags & _FIRST:
            last = "fsn"
    say.field("sctp.data_mid" if kind == _I_DATA else "sctp.data_ssn", number)
    say.line("TSN", tsn, ("Stream", stream), ("Sequence", number), level=2)
    value = body.u32()
    say.field(f"sctp.data_{last}", value)
    say.line("Part" if last == "fsn" else "Protocol", value, ("Data", f"{len(body)} bytes"), level=2)


def _chunk(kind: int, flags: int, body: Reader, say: Message) -> None:
    if kind in (_DATA, _I_DATA):
        _data(kind, flags, body, say)
    elif kind in (_INIT, _INIT_ACK):
        prefix = "init" if kind == _INIT else "initack"
        tag, credit, out, into, tsn = body.u32(), body.u32(), body.u16(), body.u16(), body.u32()
        for field, value in (
            ("initiate_tag", tag), ("credit", credit), ("nr_out_streams", out), ("nr_in_streams", into),
            ("initial_tsn", tsn),
        ):  # fmt: skip
            say.field(f"sctp.{prefix}_{field}", value)
        say.line("Initiate Tag", f"{tag:08X}", ("Window", credit), ("Initial TSN", tsn), level=2)
        say.line("Outbound Streams", out, ("Inbound Streams", into), level=2)
    elif kind == _SACK:
        tsn, credit, gaps, repeated = body.u32(), body.u32(), body.u16(), body.u16()
        for field, value in (
            ("cumulative_tsn_ack_raw", tsn), ("a_rwnd", credit), ("number_of_gap_blocks", gaps),
            ("number_of_duplicated_tsns", repeated),
        ):  # fmt: skip
            say.field(f"sctp.sack_{field}", value)
        say.line("TSN Ack", tsn, ("Window", credit), ("Gaps", gaps), level=2)
        for _ in range(gaps):
            first, last = body.u16(), body.u16()
            say.field("sctp.sack_gap_block_start", first)
            say.field("sctp.sack_gap_block_end", last)
            say.line("Gap", f"{first} to {last}", level=3)
        for _ in range(repeated):
            say.line("Duplicate", body.u32(), level=3)
    elif kind in (_ABORT, _COMPLETE):
        say.field(f"sctp.{'abort' if kind == _ABORT else 'shutdown_complete'}_t_bit", bool(flags & 1))
    elif kind == _SHUTDOWN:
        tsn = body.u32()
        say.field("sctp.shutdown_cumulative_tsn_ack", tsn)
        say.line("TSN Ack", tsn, level=2)


def packet_sums(walk: Walk, layer: Layer) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """What each checksum should be, -1 where not all bytes are there; and where it is an Adler-32.

    Adler-32 is what was meant only where it is right.
    """
    size = layer.end - layer.start
    whole = np.flatnonzero((layer.end >= layer.limit) & ~layer.fragment & (size >= LAYOUT.size))
    total, old = np.full(len(layer), -1, dtype=np.int64), np.zeros(len(layer), dtype=np.bool_)
    for some, data in crc.rows(walk.buf, layer.start[whole], layer.end[whole]):
        which = whole[some]
        row, head = np.arange(which.size)[:, None], (data.shape[1] - size[which])[:, None]
        # Both are made with a checksum of zero; the CRC with its first bits changed, and its lowest byte is sent first.
        data[row, head + np.arange(8, 12)] = 0
        data[row, head + np.arange(4)] ^= 0xFF
        total[which] = (~crc.crc32c(data)).byteswap()
        odd = np.flatnonzero(total[which] != layer["checksum"][which])
        data[row, head + np.arange(4)] ^= 0xFF
        adler = crc.adler32(data[odd], size[which[odd]])
        fits = adler == layer["checksum"][which[odd]]
        total[which[odd[fits]]] = adler[fits]
        old[which[odd[fits]]] = True
    return total, old


def packet_sum(walk: Walk, layer: Layer) -> NDArray[np.int64]:
    """What each checksum should be, -1 where not all bytes are there."""
    return packet_sums(walk, layer)[0]


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """The message, its checksum and the one that was made; which kind where it is the old one."""
    total, old = packet_sums(walk, layer)
    made = hexadecimal(np.maximum(total, 0), 8)
    return [
        *message.lines(walk, layer),
        line(item("CheckSum", pair(hex8(layer["checksum"]), made))),
        line_if(old, item("CheckSum by", constant("RFC 2960, Adler-32", len(layer)))),
    ]


def values(walk: Walk, layer: Layer) -> Iterator[Value]:
    """The message's fields, and Wireshark's verdict: 1 good, 0 bad, 2 unverified."""
    yield from message.values(walk, layer)
    total = packet_sum(walk, layer)
    verdict = np.where(total < 0, 2, (total == layer["checksum"]).astype(np.int64))
    yield when("sctp.checksum.status", layer.end - layer.start >= LAYOUT.size, decimal(verdict))
