"""The record line and the trace-header lines that FORMAT and DUMP share.

Reference: IP Diagnosis Guide, FORMAT report (packet trace) and "Formatting data traces using IPCS".
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import (
    Chars,
    by_value,
    constant,
    decimal,
    either,
    from_texts,
    hex_bytes,
    ipv4,
    joined,
    left,
    only,
    replaced,
    right,
)
from zjobs.page import clock, grid
from zjobs.page.grid import Piece
from zjobs.reports.frame import RULE, Frame
from zjobs.trace.dissect import Dissection
from zjobs.trace.ends import ends_of
from zjobs.trace.table import Direction, State, Table
from zjobs.weave import Weave
from zjobs.wire import cte, smcext
from zjobs.wire.layout import Columns
from zjobs.wire.values import hex4, hex8, ipv6, protocol
from zjobs.wire.walk import FAULT_TEXT, Fault

#: z/OS socket constants (AF_INET, AF_INET6; stream, datagram, raw): inferred, so unknown ones stay numbers.
DOMAINS = {1: "AF_Unix", 2: "AF_Inet", 19: "AF_Inet6"}
TYPES = {1: "Stream", 2: "Dgram", 3: "Raw"}


def add(weave: Weave, frame: Frame, found: Dissection) -> None:
    """Hyphen line, record line and trace-header lines of every packet."""
    table = found.table
    count = len(table)
    weave.add(grid.text_line(RULE, count))
    blank = constant(" ", count)
    fmtid = table.fmtid
    # Ids beyond a byte are damage or news; both are shown as they are.
    mnemonic = by_value(fmtid, lambda n: cte.FORMAT_IDS.get(n, ("UNKNOWN", ""))[0])
    description = by_value(fmtid, lambda n: cte.FORMAT_IDS.get(n, ("", "Unknown Trace"))[1])
    weave.add(
        joined(
            right(decimal(table.number), 5),
            blank,
            left(frame.sysnames(found), 8),
            blank,
            left(mnemonic, 8),
            blank,
            hex8(fmtid),
            blank,
            clock.time_of_day(frame.record_time(found)),
            blank,
            description,
            constant("\n", count),
        )
    )
    add_header(weave, frame, found)


def add_header(weave: Weave, frame: Frame, found: Dissection) -> None:
    """The trace-header lines of every packet."""
    data = found.table.fmtid == cte.DATA_TRACE
    rows = np.flatnonzero(data)
    if rows.size:
        _data_header(weave, frame, found, rows)
    packets = np.flatnonzero(~data)
    if packets.size:
        _packet_header(weave, frame, found, packets)


def _names(found: Dissection, rows: NDArray[np.int64]) -> Chars:
    return from_texts(found.table.interface_names()).take(found.table.interface[rows].astype(np.intp))


def _size(found: Dissection, rows: NDArray[np.int64]) -> Chars:
    """``Full=n`` or ``Abbrev=n``: n is the bytes of the packet that were traced."""
    table = found.table
    whole = table.traced[rows] >= table.original[rows]
    return joined(
        either(whole, constant("Full=", rows.size), constant("Abbrev=", rows.size)), decimal(table.traced[rows])
    )


def _device(found: Dissection, rows: NDArray[np.int64]) -> Chars:
    table = found.table
    header = table.context.header
    code = np.where(table.header[rows] >= 0, table.pthdr["devty"][rows].astype(np.int64), -1)
    names = table.interface_names()
    both = code * (len(names) + 1) + table.interface[rows]

    def show(value: int) -> str:
        number, name = divmod(value, len(names) + 1)
        if number < 0:
            return "Sniffer"
        return header.devices.get(number) or f"{_by_convention(names[name])}({number})"

    return by_value(both, show)


#: IBM's naming conventions tell the kind of an interface whose device code has no name yet.
_CONVENTIONS = (
    ("LOOPBACK", "Loopback"),
    ("EZARI", "RNIC"),
    ("EZAISM", "ISM"),
    ("IUTSAMEH", "MPC Point to Point"),
    ("EZASAMEMVS", "MPC Point to Point"),
    ("IUTIQDIO", "HiperSockets"),
    ("IQDIOLNK", "HiperSockets"),
    ("EZAXCF", "MPC Point to Point"),
)


def _by_convention(name: str) -> str:
    return next((text for start, text in _CONVENTIONS if name.startswith(start)), "Unknown")


def flag_words(found: Dissection, frame: Frame, rows: NDArray[np.int64]) -> Chars:
    """``Pkt Ver2 Out``: the words proven by samples, then ours for the other bits of the header."""
    table = found.table
    profile = frame.style.profile
    bits = table.context.header.flags
    flag = table.pthdr["flag"][rows].astype(np.int64)
    drop = table.pthdr["droprsn"][rows].astype(np.int64) if table.context.header.has("droprsn") else flag * 0
    has = table.header[rows] >= 0
    out = table.direction[rows] == Direction.OUT
    key = np.zeros(rows.size, dtype=np.int64)
    for bit, mask in enumerate(
        (
            out,
            table.traced[rows] < table.original[rows],
            has & (flag & bits.get("local", 0) > 0),
            has & (flag & bits.get("cftxt", 0) > 0),
            has & (flag & bits.get("cleartxt", 0) > 0),
            has & (drop > 0),
            table.state[rows] & State.INCOMPLETE > 0,
            table.state[rows] & State.INVALID > 0,
        )
    ):
        key |= mask.astype(np.int64) << bit
    unknown = np.where(has, flag & ~sum(bits.values()), 0)
    key = key << 40 | unknown << 32 | table.fmtid[rows]
    kinds = {1: "Pkt", 4: "Pkt", 5: "Data", 6: "EE", 7: "Nta", 8: "Smc"}

    def show(value: int) -> str:
        fmtid, rest, on = value & 0xFFFFFFFF, value >> 32 & 0xFF, value >> 40
        words = [kinds.get(fmtid, "")] if profile.kind_word or fmtid != cte.DATA_TRACE else []
        if on & 1:
            words += [profile.version_word, "Out"]
        names = ("Abbrev", "Local", "Confid", "Clear", "Discard", "Incomplete", "Invalid")
        words += [word for bit, word in enumerate(names, 1) if on >> bit & 1]
        if rest:
            words.append(f"+X'{rest:02X}'")
        return " ".join(w for w in words if w)

    return by_value(key, show)


def _packet_header(weave: Weave, frame: Frame, found: Dissection, rows: NDArray[np.int64]) -> None:
    table = found.table
    count = rows.size
    profile = frame.style.profile
    pthdr = table.pthdr
    out = table.direction[rows] == Direction.OUT
    names, device, size = _names(found, rows), _device(found, rows), _size(found, rows)
    for which, word in ((np.flatnonzero(~out), "From"), (np.flatnonzero(out), "To")):
        if which.size:
            items = ((f"{word} {profile.interface}", names.take(which), None), ("Device", device.take(which), None))
            line = grid.line(which.size, (*items, ("", size.take(which), None)), level=0)
            weave.add(line, rows[which])
    stamp = clock.stamps(table.capture_ns[rows] + frame.style.offset_ns)
    has = table.header[rows] >= 0
    pieces = [Piece(grid.VALUE, stamp)]
    if profile.intfx and table.context.header.has("infix"):
        index = joined(constant("Intfx: ", count), decimal(pthdr["infix"][rows]))
        pieces.append(Piece(grid.THIRD, only(has, index)))
    weave.add(grid.lay(count, pieces, "  Tod Clock        : "), rows)
    sequence = only(has, decimal(pthdr["seqnum"][rows]))
    weave.add(
        grid.line(count, ((profile.sequence, sequence, None), ("Flags", flag_words(found, frame, rows), None))), rows
    )
    _origin_line(weave, found, rows, has)
    _discard_line(weave, found, rows, has)
    _frame_line(weave, found, rows, has)
    _smc_lines(weave, found, rows, has)
    _old_line(weave, found, rows)


def _frame_line(weave: Weave, found: Dissection, rows: NDArray[np.int64], has: NDArray[np.bool_]) -> None:
    """What the layout knows of an OSAENTA frame beyond its bytes; a field that may be something else is not told."""
    table = found.table
    fields = table.context.header.layout.by_name
    here = rows[has & (table.fmtid[rows] == cte.OSAENTA)]
    for name, label, digits in (("deviceid", "Device Id", 8), ("qid", "QID", 0), ("vlan", "VLAN", 0)):
        if name not in fields or fields[name].confidence == "unknown" or not here.size:
            continue
        value = table.pthdr[name][here].astype(np.int64) & (0x0FFF if name == "vlan" else 0xFFFFFFFF)
        told = np.flatnonzero(value > 0)
        if told.size:
            text = hex8(value[told]) if digits else decimal(value[told])
            weave.add(grid.line(told.size, ((label, text, None),)), here[told])


def _smc_lines(weave: Weave, found: Dissection, rows: NDArray[np.int64], has: NDArray[np.bool_]) -> None:
    """The extension of SMC records: connections, groups, queue pairs (SMC-R) or cursors (SMC-D)."""
    for kind, which, columns in smc_extensions(found.table, rows[has & (found.table.fmtid[rows] == cte.SMC)]):
        text = {f.name: f.show(columns[f.name]) for f in columns.layout.fields if f.kind not in ("b8", "u24")}
        text |= {f.name: hex_bytes(columns.octets(f.name)) for f in columns.layout.fields if f.kind in ("b8", "u24")}
        label = {f.name: f.label for f in columns.layout.fields}
        pairs = [("local", "remote"), ("local_gid", "remote_gid")]
        pairs += [("local_qp", "remote_qp")] if kind == "SMC-R" else [
            ("producer", "producer_wrap"), ("consumer", "consumer_wrap"), ("flags", "state"),
            ("local_index", "remote_index"),
        ]  # fmt: skip
        for pair in pairs:
            weave.add(grid.line(which.size, tuple((label[n], text[n], None) for n in pair)), which)


def smc_extensions(table: Table, rows: NDArray[np.int64]) -> Iterator[tuple[str, NDArray[np.int64], Columns]]:
    """SMC records that have a whole extension: their kind, rows and the columns of it."""
    start = table.header[rows] + table.context.header.base_len
    whole = rows[(table.header[rows] >= 0) & (table.data_start[rows] - start >= smcext.SIZE)]
    if not whole.size:
        return
    names = table.interface_names()
    ism = np.array([n.startswith(smcext.ISM) for n in names], dtype=np.bool_)[table.interface[whole]]
    for kind, layout, mask in (("SMC-R", smcext.SMC_R, ~ism), ("SMC-D", smcext.SMC_D, ism)):
        which = whole[mask]
        if which.size:
            at = table.header[which] + table.context.header.base_len
            yield kind, which, layout.gather(table.buf, at, at + smcext.SIZE)


def _old_line(weave: Weave, found: Dissection, rows: NDArray[np.int64]) -> None:
    """Records whose header nobody has published: where a packet was found in them."""
    table = found.table
    old = rows[(table.state[rows] & State.OLD_HEADER > 0) & (table.state[rows] & State.INVALID == 0)]
    if old.size:
        at = decimal(table.data_start[old] - table.start[old])
        text = joined(constant("old format, packet found at offset ", old.size), at)
        weave.add(grid.line(old.size, (("Header", text, None),)), old)


def _origin_line(weave: Weave, found: Dissection, rows: NDArray[np.int64], has: NDArray[np.bool_]) -> None:
    """Ports, address space and task, where the header knows them (outbound work has a task)."""
    header = found.table.context.header
    if not (header.has("asid") and header.has("tcb")):
        return
    pthdr = found.table.pthdr
    known = np.flatnonzero(has & ((pthdr["asid"][rows] > 0) | (pthdr["tcb"][rows] > 0)))
    if not known.size:
        return
    here = rows[known]
    text = [
        Piece(grid.VALUE, decimal(pthdr["sport"][here])),
        *grid.labelled(grid.SECOND, "Dest Port", decimal(pthdr["dport"][here])),
        *grid.labelled(56, "Asid", hex4(pthdr["asid"][here])),
        *grid.labelled(67, "TCB", hex8(pthdr["tcb"][here])),
    ]
    weave.add(grid.lay(here.size, text, "  Source Port      : "), here)


def _discard_line(weave: Weave, found: Dissection, rows: NDArray[np.int64], has: NDArray[np.bool_]) -> None:
    header = found.table.context.header
    if not header.has("droprsn"):
        return
    code = found.table.pthdr["droprsn"][rows]
    dropped = np.flatnonzero(has & (code > 0))
    if dropped.size:
        text = by_value(code[dropped], lambda n: discard_text(n, header.discards))
        weave.add(grid.line(dropped.size, (("Discard", text, None),)), rows[dropped])


def discard_text(code: int, known: dict[int, str]) -> str:
    """``4102 (X'1006', IP_BAD_CKSUM)``: the code, its name, or at least the layer that owns its range."""
    layers = ((4096, "OSA"), (8192, "IP layer"), (12288, "TCP layer"), (16384, "UDP layer"), (20480, "RAW layer"))
    layer = next((name for top, name in layers if code < top), "unknown")
    return f"{code} (X'{code:04X}', {known.get(code, layer)})"


def _data_header(weave: Weave, frame: Frame, found: Dissection, rows: NDArray[np.int64]) -> None:
    """Data trace: job name instead of interface, socket domain, type, protocol and state."""
    table = found.table
    count = rows.size
    pthdr = table.pthdr
    out = table.direction[rows] == Direction.OUT
    size = _size(found, rows)
    names = _names(found, rows)
    for which, word in ((np.flatnonzero(~out), "From"), (np.flatnonzero(out), "To")):
        if which.size:
            pieces = [Piece(grid.VALUE, names.take(which)), Piece(grid.THIRD, size.take(which))]
            weave.add(grid.lay(which.size, pieces, f" {word} Jobname".ljust(19) + ": "), rows[which])
    stamp = clock.stamps(table.capture_ns[rows] + frame.style.offset_ns)
    cid = grid.labelled(grid.THIRD, "Cid", hex8(pthdr["cid"][rows]))
    weave.add(grid.lay(count, [Piece(grid.VALUE, stamp), *cid], "  Tod Clock        : "), rows)
    domain = by_value(pthdr["domain"][rows], lambda n: DOMAINS.get(n, str(n)))
    kind = by_value(pthdr["type"][rows], lambda n: TYPES.get(n, str(n)))
    weave.add(
        grid.line(
            count, (("Domain", domain, None), ("Type", kind, None), ("Protocol", protocol(pthdr["proto"][rows]), None))
        ),
        rows,
    )
    _state_lines(weave, frame, found, rows)
    sequence = frame.style.profile.sequence
    words = flag_words(found, frame, rows)
    weave.add(grid.line(count, ((sequence, decimal(pthdr["seqnum"][rows]), None), ("Flags", words, None))), rows)
    addresses = address_texts(found)
    # Sockets of the UNIX domain have no addresses.
    there = rows[ends_of(found).version[rows] > 0]
    for label, text in (("Source", addresses[0]), ("Destination", addresses[1])):
        if there.size:
            weave.add(grid.line(there.size, ((label, text.take(there), None),)), there)
    _origin_line(weave, found, rows, table.header[rows] >= 0)


def _state_lines(weave: Weave, frame: Frame, found: Dissection, rows: NDArray[np.int64]) -> None:
    """Start and end of a data flow, and what AT-TLS did with the data."""
    table = found.table
    pthdr, bits = table.pthdr, table.context.header.flags
    state = pthdr["state"][rows].astype(np.int64)
    told = np.flatnonzero(state > 0)
    if told.size:
        starts = _starts(frame.begun, _flows(found, rows), (state > 0) & (table.traced[rows] == 0))
        text = by_value(starts[told], lambda v: ("API Data Flow", "API Data Flow Starts", "API Data Flow Ends")[v])
        # Which number is which is not published; the profile with a published figure shows none.
        code = (("Code", decimal(state[told]), None),) if frame.style.profile.kind_word else ()
        weave.add(grid.line(told.size, (("State", text, None), *code)), rows[told])
    for bit, words in (
        ("cftxt", "confidential data, clear text is suppressed by policy"),
        ("cleartxt", "data is shown in clear text"),
    ):
        on = np.flatnonzero(pthdr["flag"][rows] & bits.get(bit, 0) > 0)
        if on.size:
            weave.add(grid.line(on.size, (("AT-TLS", constant(words, on.size), None),)), rows[on])


#: Sockets that are remembered; of more than that a start may be taken for an end.
_MOST_FLOWS = 100_000


def _flows(found: Dissection, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """A number for the socket of each record: its connection id, or one made of both its ends."""
    ends = ends_of(found)
    cid = found.table.pthdr["cid"][rows].astype(np.int64) if found.table.context.header.has("cid") else rows * 0
    both = (ends.src_low + ends.dst_low + ends.src_high + ends.dst_high)[rows].view(np.int64)
    mixed = (both * 0x9E3779B1 + (ends.sport + ends.dport)[rows] * 257 + ends.proto[rows]) | np.int64(-1 << 62)
    return np.where(cid > 0, cid, mixed)


def _starts(begun: set[int], flow: NDArray[np.int64], told: NDArray[np.bool_]) -> NDArray[np.int64]:
    """1 for records that start a flow, 2 for those that end one, 0 for others.

    The first record of a socket starts its flow, the next one without data ends it.
    """
    out = np.zeros(flow.size, dtype=np.int64)
    ended: dict[int, int] = {}
    plain = np.flatnonzero(~told)
    mentioned = np.isin(flow[plain], flow[told])
    data: dict[int, list[int]] = {}
    for row, key in zip(plain[mentioned].tolist(), flow[plain[mentioned]].tolist()):
        data.setdefault(key, []).append(row)
    for row, key in zip(np.flatnonzero(told).tolist(), flow[told].tolist()):
        between = any(ended.get(key, -1) < other < row for other in data.get(key, ()))
        if key in begun or between:
            out[row] = 2
            begun.discard(key)
            ended[key] = row
        else:
            out[row] = 1
            begun.add(key)
    for key, which in ((k, r[-1]) for k, r in data.items()):
        if ended.get(key, -1) < which:
            begun.add(key)
    begun.update(np.unique(flow[plain[~mentioned]]).tolist())
    while len(begun) > _MOST_FLOWS:
        begun.pop()
    return out


def address_texts(found: Dissection) -> tuple[Chars, Chars]:
    """Source and destination address of every packet as the formatter prints them; empty where unknown."""
    ends = ends_of(found)
    texts = []
    for high, low in ((ends.src_high, ends.src_low), (ends.dst_high, ends.dst_low)):
        text = only(ends.version == 4, ipv4(low & np.uint64(0xFFFFFFFF)))
        six = ends.version == 6
        if six.any():
            octets = np.stack([high, low], axis=1).astype(">u8").view(np.uint8).reshape(-1, 16)
            rows = np.flatnonzero(six)
            text = replaced(text, rows, ipv6(octets[rows]))
        texts.append(text)
    return texts[0], texts[1]


def problems(weave: Weave, found: Dissection) -> None:
    """What is wrong with a packet, in place: layer, offset, needed, available, and the field that claims it."""
    found_problems = found.walk.problems
    for k, (layer, kind, claimed, _) in enumerate(found_problems.what):
        columns = (found_problems.offset[k], found_problems.needed[k], found_problems.available[k])
        texts = [
            f" *** {layer}: {FAULT_TEXT[kind]} at offset {offset}: {_shortfall(kind, needed, available)} ({claimed})\n"
            for offset, needed, available in zip(*(c.tolist() for c in columns))
        ]
        rows = found_problems.row[k]
        if np.unique(rows).size == rows.size:
            weave.add(from_texts(texts), rows)
        else:
            for row, text in zip(rows.tolist(), texts):
                weave.add(from_texts([text]), np.array([row]))


def _shortfall(kind: Fault, needed: int, available: int) -> str:
    if kind == Fault.VALUE:
        return f"{available} found, {needed} expected"
    return f"{needed} needed, {available} available"
