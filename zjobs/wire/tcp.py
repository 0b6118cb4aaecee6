"""Transmission Control Protocol.

Reference: RFC 9293; options RFC 7323 (window scale, timestamps), RFC 2018 and 2883 (SACK), RFC 2385
(MD5), RFC 8684 (MPTCP), RFC 7413 (fast open), RFC 7609 (SMC-R: experimental option with EBCDIC eye catcher).
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import Chars, constant, decimal, hex_bytes, joined, left, only, replaced
from zjobs.columns import Bytes, windows
from zjobs.wire import options, sums
from zjobs.wire.ipv4 import checksum_pair
from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block, Title, Value, item, line, when
from zjobs.wire.options import Options
from zjobs.wire.values import hex4, hex8, json_bool, json_hex, lookup, service
from zjobs.wire.walk import Fault, Layer, Walk

NAME = "tcp"
TITLE = "TCP"
FOUND = {"ip.proto": (6,)}

OPTION_NAMES = {
    0: "EOL",
    1: "NOP",
    2: "Max Seg Size",
    3: "Window Scale OPT",
    4: "SACK Permitted",
    5: "SACK",
    8: "Timestamp",
    19: "MD5 Signature",
    28: "User Timeout",
    29: "TCP-AO",
    30: "MPTCP",
    34: "Fast Open",
}

#: Flag bits from the left, as the listings word them.
FLAGS = (
    (0x80, "Cwr"), (0x40, "Ece"), (0x20, "Urg"), (0x10, "Ack"), (0x08, "Psh"), (0x04, "Rst"), (0x02, "Syn"),
    (0x01, "Fin"),
)  # fmt: skip

LAYOUT = Layout(
    "TCP",
    (
        Field("srcport", "u16", 0, "Source Port", json="tcp.srcport"),
        Field("dstport", "u16", 2, "Destination Port", json="tcp.dstport"),
        Field("seq", "u32", 4, "Sequence Number", json="tcp.seq_raw"),
        Field("ack", "u32", 8, "Ack Number", json="tcp.ack_raw"),
        Field("hlen", "u8", 12, "Header Length", bits=(4, 4)),
        Field("flags", "u16", 12, "Flags", bits=(0, 12), json="tcp.flags"),
        Field("res", "u8", 12, "Reserved", bits=(1, 3), json="tcp.flags.res", json_show=json_bool),
        Field("ae", "u8", 12, "Accurate ECN", bits=(0, 1), json="tcp.flags.ae", json_show=json_bool),
        Field("cwr", "u8", 13, "CWR", bits=(7, 1), json="tcp.flags.cwr", json_show=json_bool),
        Field("ece", "u8", 13, "ECE", bits=(6, 1), json="tcp.flags.ece", json_show=json_bool),
        Field("urg", "u8", 13, "Urg", bits=(5, 1), json="tcp.flags.urg", json_show=json_bool),
        Field("ackf", "u8", 13, "Ack", bits=(4, 1), json="tcp.flags.ack", json_show=json_bool),
        Field("psh", "u8", 13, "Psh", bits=(3, 1), json="tcp.flags.push", json_show=json_bool),
        Field("rst", "u8", 13, "Rst", bits=(2, 1), json="tcp.flags.reset", json_show=json_bool),
        Field("syn", "u8", 13, "Syn", bits=(1, 1), json="tcp.flags.syn", json_show=json_bool),
        Field("fin", "u8", 13, "Fin", bits=(0, 1), json="tcp.flags.fin", json_show=json_bool),
        Field("window", "u16", 14, "Window Size", json="tcp.window_size_value"),
        Field("checksum", "u16", 16, "CheckSum", hex4, json="tcp.checksum"),
        Field("urgent", "u16", 18, "Urgent Data Pointer", hex4, json="tcp.urgent_pointer"),
    ),
    20,
    "RFC 9293, section 3.1",
)


def reach(walk: Walk, layer: Layer) -> None:
    """The data offset bounds the header."""
    there = layer.end - layer.start
    head = layer["hlen"].astype(np.int64) * 4
    whole = there >= 20
    bad = whole & (head < 20)
    walk.fault(layer, bad, Fault.VALUE, "tcp.hdr_len", layer.start[bad] + 12, 20, head[bad])
    cut = whole & ~layer.quoted & (head > there)
    walk.fault(layer, cut, Fault.SHORT, "tcp.hdr_len", layer.start[cut], head[cut], there[cut])
    layer.head = np.where(whole & ~bad, np.minimum(head, there), np.minimum(there, 20))
    good = whole & ~bad & (head <= there) & ~layer.quoted & ~layer.waiting
    walk.next(layer, "tcp.port", layer["dstport"], which=good)


def payload_length(layer: Layer) -> NDArray[np.int64]:
    """Segment length by the headers, whether or not the data was traced."""
    head = layer["hlen"].astype(np.int64) * 4
    return np.asarray(np.maximum(layer.limit - layer.start - head, 0))


def variable(walk: Walk, layer: Layer) -> Options:
    """The TCP options."""
    return options.walk(walk.buf, layer.start + 20, layer.start + np.maximum(layer.head, 20), plain=(0, 1))


def segment_sum(walk: Walk, layer: Layer) -> NDArray[np.int64]:
    """Folded sum over pseudo header and segment, FFFF if right; -1 where not all bytes are there."""
    return transport_sum(walk, layer, 6)


def transport_sum(
    walk: Walk, layer: Layer, proto: int | NDArray[np.int64], covered: NDArray[np.int64] | None = None
) -> NDArray[np.int64]:
    """Folded one's-complement sum over pseudo header and payload, or what is ``covered`` of it; -1 where it cannot be
    made.
    """
    size = layer.limit - layer.start
    whole = (layer.end >= layer.limit) & (layer.version > 0) & ~layer.fragment
    stop = layer.end if covered is None else layer.start + covered
    total = sums.words(walk.buf, layer.start, np.where(whole, stop, layer.start))
    total = total + layer.pseudo + proto + (size & 0xFFFF) + (size >> 16)
    return np.where(whole, sums.folded(total), -1)


def flag_words(layer: Layer) -> Chars:
    """``Ack Psh``: the words of the flags that are on."""
    return lookup(layer["flags"] & 0xFF, FLAG_WORDS, 256)


FLAG_WORDS = tuple((n, " ".join(word for bit, word in FLAGS if n & bit)) for n in range(256))


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """The formatter's TCP block."""
    result: list[Block] = [
        Title(TITLE),
        line(
            item("Source Port", decimal(layer["srcport"]), service(layer["srcport"])),
            item("Destination Port", decimal(layer["dstport"]), service(layer["dstport"])),
        ),
        line(item("Sequence Number", decimal(layer["seq"])), item("Ack Number", decimal(layer["ack"]))),
        line(
            item("Header Length", decimal(layer["hlen"].astype(np.int64) * 4)),
            item("Flags", flag_words(layer)),
        ),
        line(
            item("Window Size", decimal(layer["window"])),
            item("CheckSum", checksum_pair(layer["checksum"], segment_sum(walk, layer))),
            item("Urgent Data Pointer", hex4(layer["urgent"])),
        ),
    ]
    found = variable(walk, layer)
    raw = windows(walk.buf, found.at + 2, _VALUE)
    name, text = _option_name(found, raw), _option_text(found, raw)
    for here in found.ranks():
        result.append(line(item("Option", name.take(here)), item("", text.take(here)), which=found.row[here]))
    return result


#: Bytes of an option's value: 40 of options, two of which are kind and length.
_VALUE = 38


def _option_name(found: Options, raw: Bytes) -> Chars:
    name = lookup(found.kind, tuple(OPTION_NAMES.items()), 256)
    # RFC 7609, appendix A: SMC options are experimental ones with an eye catcher in EBCDIC, SMCR or SMCD.
    eye = (raw[:, :3] == (0xE2, 0xD4, 0xC3)).all(axis=1) & ((raw[:, 3] == 0xD9) | (raw[:, 3] == 0xC4))
    smc = np.flatnonzero((found.kind >= 253) & (found.size >= 6) & eye)
    return replaced(name, smc, constant("SMC", smc.size))


def _option_text(found: Options, raw: Bytes) -> Chars:
    """``Len: 4  MSS: 1460`` and its like; nothing for options without a value."""
    kind, size = found.kind, found.size
    text = constant("", kind.size)
    rest = size > 2
    for form, mask in (
        (_segment_size, (kind == 2) & (size == 4)),
        (_shift, (kind == 3) & (size == 3)),
        (_sack, (kind == 5) & (size >= 10) & ((size - 2) % 8 == 0)),
        (_timestamps, (kind == 8) & (size == 10)),
        (_signature, (kind == 19) & (size == 18)),
    ):
        rest &= ~mask
        text = _told(text, mask, form, size, raw)
    return _told(text, rest, _octets, size, raw)


_Form = Callable[[Chars, NDArray[np.int64], Bytes], Chars]


def _told(text: Chars, mask: NDArray[np.bool_], form: _Form, size: NDArray[np.int64], raw: Bytes) -> Chars:
    """The text with the form of the options that a mask chooses."""
    rows = np.flatnonzero(mask)
    if not rows.size:
        return text
    length = joined(constant("Len: ", rows.size), decimal(size[rows]))
    return replaced(text, rows, form(length, size[rows], raw[rows]))


def _segment_size(length: Chars, size: NDArray[np.int64], raw: Bytes) -> Chars:
    return joined(length, constant("  MSS: ", size.size), decimal(_word(raw, 0, 2)))


def _shift(length: Chars, size: NDArray[np.int64], raw: Bytes) -> Chars:
    return joined(length, constant("  Shift: ", size.size), decimal(raw[:, 0]))


def _timestamps(length: Chars, size: NDArray[np.int64], raw: Bytes) -> Chars:
    value, echo = hex8(_word(raw, 0, 4)), hex8(_word(raw, 4, 4))
    return joined(left(length, 8), constant("Value: ", size.size), value, constant(" Echo: ", size.size), echo)


def _signature(length: Chars, size: NDArray[np.int64], raw: Bytes) -> Chars:
    return length


def _octets(length: Chars, size: NDArray[np.int64], raw: Bytes) -> Chars:
    return joined(length, constant("  ", size.size), hex_bytes(raw, np.minimum(size - 2, _VALUE)))


def _sack(length: Chars, size: NDArray[np.int64], raw: Bytes) -> Chars:
    """SACK blocks ``left - right``."""
    text = joined(length, constant(" ", size.size))
    for k in range(4):
        edges = joined(
            constant(" ", size.size), decimal(_word(raw, 8 * k, 4)), constant(" - ", size.size),
            decimal(_word(raw, 8 * k + 4, 4)),
        )  # fmt: skip
        text = joined(text, only(size >= 10 + 8 * k, edges))
    return text


def _word(raw: NDArray[np.uint8], at: int, size: int) -> NDArray[np.int64]:
    value = np.zeros(raw.shape[0], dtype=np.int64)
    for k in range(size):
        value = value << 8 | raw[:, at + k]
    return value


def shown(layer: Layer) -> dict[str, NDArray[np.bool_]]:
    """Where Wireshark shows the fields of the layout: it reads up to the window before it shows more than the
    ports, and gives up behind a header length that is not allowed."""
    there = layer.end - layer.start
    read = there >= 16
    headed = read & (layer["hlen"] >= 5)
    found = {f.name: headed for f in LAYOUT.fields}
    found["srcport"] = found["dstport"] = there >= 4
    found["seq"] = read & ~(layer.quoted & (layer.version == 4))
    return found


def values(walk: Walk, layer: Layer) -> Iterator[Value]:
    """Fields that are not in the fixed layout; relative numbers and analysis come with the sessions."""
    there = layer.end - layer.start
    read = there >= 16
    head = layer["hlen"].astype(np.int64) * 4
    yield when("tcp.hdr_len", read, decimal(head))
    known = read & (layer.limit - layer.start >= head) & ~layer.quoted & ~layer.fragment
    yield when("tcp.len", known, decimal(np.maximum(layer.limit - layer.start - head, 0)))
    # An ICMP error quotes at least the ports and the sequence number (RFC 792).
    yield when("tcp.seq", layer.quoted & (layer.version == 4) & (there >= 8) & ~read, decimal(layer["seq"]))
    yield from status("tcp.checksum.status", (there >= 18) & (head >= 20), segment_sum(walk, layer), layer["checksum"])
    yield from _option_values(walk, layer)


def good_options(walk: Walk, layer: Layer) -> Options:
    """The options up to the first that cannot be read, as Wireshark lists them.

    ``size`` is what is there of an option, ``claimed`` what it says; they differ only where the packet was cut.
    """
    start = layer.start + 20
    found = options.walk(walk.buf, start, np.maximum(layer.start + layer.head, start), plain=(0, 1), last=-1)
    head = layer["hlen"].astype(np.int64) * 4
    single = found.kind <= 1
    fits = found.at + found.claimed <= (layer.start + head)[found.row]
    good = (layer.end - layer.start >= 20)[found.row] & (single | ((found.claimed >= 2) & fits))
    last = np.full(len(layer), 40, dtype=np.int64)
    # A SACK option without a whole block ends the list (Wireshark looks for the first block of a D-SACK).
    bad = np.flatnonzero((found.kind == 5) & (found.claimed < 10))
    np.minimum.at(last, found.row[bad], found.rank[bad])
    # Behind the end of the list Wireshark goes on through padding only.
    over = np.flatnonzero(found.kind == 0)
    ended = np.full(len(layer), 40, dtype=np.int64)
    np.minimum.at(ended, found.row[over], found.rank[over])
    beyond = np.flatnonzero((found.kind != 0) & (found.rank > ended[found.row]))
    np.minimum.at(last, found.row[beyond], found.rank[beyond] - 1)
    return found.where(good & (found.rank <= last[found.row]))


def _option_values(walk: Walk, layer: Layer) -> Iterator[Value]:
    buf = walk.buf
    good = good_options(walk, layer)
    yield Value("tcp.option_kind", decimal(good.kind), good.row, True)
    sized = good.where(good.kind > 1)
    yield Value("tcp.option_len", decimal(sized.claimed), sized.row, True)
    for name, kind, size, at, width in (
        ("tcp.options.mss_val", 2, 4, 2, 2),
        ("tcp.options.wscale.shift", 3, 3, 2, 1),
        ("tcp.options.timestamp.tsval", 8, 10, 2, 4),
        ("tcp.options.timestamp.tsecr", 8, 10, 6, 4),
    ):
        one = good.of(kind)
        one = one.where((one.claimed == size) & (one.size >= at + width))
        value = _word(windows(buf, one.at + at, width), 0, width)
        yield Value(name, decimal(value), one.row)
        if kind == 3:
            # RFC 7323, section 2.3: a shift above 14 counts as 14.
            yield Value("tcp.options.wscale.multiplier", decimal(1 << np.minimum(value, 14)), one.row)
    sack = good.of(5)
    sack = sack.where(sack.size == sack.claimed)
    yield Value("tcp.options.sack.count", decimal((sack.size - 2) // 8), sack.row)
    rows = np.flatnonzero((layer.end - layer.start >= 20) & (layer.head > 20))
    yield Value("tcp.options", json_hex(windows(buf, layer.start[rows] + 20, 40), layer.head[rows] - 20), rows)


def sack_edges(walk: Walk, layer: Layer) -> Iterator[tuple[str, NDArray[np.int64], NDArray[np.int64]]]:
    """Field name, occurrences and sequence numbers of the edges of all SACK blocks, in order."""
    sack = good_options(walk, layer).of(5)
    for name, at in (("tcp.options.sack_le", 0), ("tcp.options.sack_re", 4)):
        counts = np.maximum(sack.size - 2 - at + 4, 0) // 8
        which = np.repeat(np.arange(counts.size), counts)
        step = np.arange(which.size) - np.repeat(np.cumsum(counts) - counts, counts)
        yield name, sack.row[which], _word(windows(walk.buf, sack.at[which] + 2 + at + 8 * step, 4), 0, 4)


def status(
    name: str, there: NDArray[np.bool_], total: NDArray[np.int64], field: NDArray[np.uint16] | None = None
) -> Iterator[Value]:
    """Wireshark's checksum status: 1 good, 0 bad, 2 unverified."""
    verdict = np.where(total < 0, 2, (total == 0xFFFF).astype(np.int64))
    if field is not None:
        # RFC 1624: a checksum field of FFFF adds up, but no correct sender writes it.
        verdict = np.where((verdict == 1) & (field == 0xFFFF), 0, verdict)
    yield when(name, there, decimal(verdict))
