"""From entries to a table: the CTE and the packet trace header of every entry, all at once.

Reference: IP Programmer's Guide and Reference, "Processing the cte records for SYSTCPDA and SYSTCPOT",
"Common real-time trace record attributes", "Segmented records".
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes, among
from zjobs.trace.reader import Entries
from zjobs.trace.table import Context, Direction, State, Table
from zjobs.wire import cte, sums
from zjobs.wire.link import Link

#: The protocol number of LLC messages in the header of SMC records.
SMC_LLC = 252

#: Where the IP header of an old-format entry is searched: bytes from the start of the entry.
_OLD_SEARCH = range(16, 130, 2)


def table_of(entries: Entries, context: Context, source: int, leap_seconds: int = 0) -> Table:
    """One row an entry.  An entry whose header cannot be right is kept, marked INVALID, with all its bytes as data."""
    buf, start, end = entries.buf, entries.starts, entries.ends
    count = start.size
    head = cte.LAYOUT.gather(buf, start, end)
    fmtid = head["fmtid"]
    header = start + head["off"].astype(np.int64)
    layout = context.header
    room = end - cte.EPILOG
    columns = layout.layout.gather(buf, header, np.minimum(header + layout.base_len, room))
    length = columns["len"].astype(np.int64)
    old = (fmtid >= 1) & (fmtid <= 3)
    known = (fmtid >= 4) & (fmtid <= 8)
    valid = known & (length >= layout.min_len) & (header + length <= room)
    state = np.where(valid | old, 0, State.INVALID).astype(np.uint8)

    data_start = np.where(valid, header + length, np.minimum(start + cte.HEADER, room))
    data_start = _skip_extension(buf, data_start, room, fmtid, length, valid, layout.base_len)
    traced = columns["tlen"].astype(np.int64)
    avail = room - data_start
    data_end = np.where(valid, data_start + np.minimum(avail, traced), room)
    state[valid & (avail > traced + cte.MAX_PAD)] = State.SURPLUS
    traced = np.where(valid, traced, avail)
    whole = columns["plen"].astype(np.int64) if layout.has("plen") else traced
    data_trace = fmtid == cte.DATA_TRACE
    original = np.where(valid & ~data_trace & (whole > 0) & (traced <= 65535), whole, traced)

    time = cte.unix_ns(head["time"], leap_seconds)
    capture = np.where(valid, cte.unix_ns(columns["time"], leap_seconds), time)
    capture = np.where(columns["time"] == 0, time, capture)
    out = context.header.flags.get("out", 1)
    direction = np.where(valid, np.where(columns["flag"] & out, Direction.OUT, Direction.IN), Direction.UNKNOWN).astype(
        np.uint8
    )
    link = np.full(count, Link.UNKNOWN, dtype=np.uint8)
    link[valid & ((fmtid == 4) | (fmtid == 6))] = Link.IP
    link[valid & data_trace] = Link.DATA
    # An SMC record holds a message of the link layer control, or data from a remote buffer.
    control = (columns["protocol"] == SMC_LLC) if layout.has("protocol") else np.ones(count, dtype=np.bool_)
    link[valid & (fmtid == cte.SMC)] = Link.DATA
    link[valid & (fmtid == cte.SMC) & control] = Link.SMC
    nta = np.flatnonzero(valid & (fmtid == cte.OSAENTA))
    if nta.size:
        # What is no IP packet is a link frame by what the id means, whatever its EtherType.
        found = link_of(buf, data_start[nta], data_end[nta])
        frame = (found == Link.UNKNOWN) & (data_end[nta] - data_start[nta] >= 14)
        link[nta] = np.where(frame, Link.ETHERNET, found)

    table = Table(
        context=context,
        buf=buf,
        start=start,
        end=end,
        header=np.where(valid, header, -1),
        data_start=data_start,
        data_end=data_end,
        time_ns=time,
        capture_ns=capture,
        fmtid=fmtid,
        link=link,
        direction=direction,
        traced=traced,
        original=np.maximum(original, traced),
        interface=_interfaces(columns.octets("infname"), data_trace, valid, context),
        source=np.full(count, source, dtype=np.int16),
        position=entries.positions,
        state=state,
        number=np.zeros(count, dtype=np.int64),
    )
    if old.any():
        _old_headers(table, np.flatnonzero(old))
    elif (valid & (length >= layout.base_len)).all():
        # The headers were gathered for this; nobody needs to do it again.
        table.__dict__["pthdr"] = columns
    return table


def _skip_extension(
    buf: Bytes,
    data_start: NDArray[np.int64],
    room: NDArray[np.int64],
    fmtid: NDArray[Any],
    length: NDArray[np.int64],
    valid: NDArray[np.bool_],
    base_len: int,
) -> NDArray[np.int64]:
    """Step over one extension that PTH_Len does not count.

    By definition PTH_Len counts the extensions; whether every release does so is not known.  Where it is
    exactly the base length, an OSAENTA or SMC record whose next bytes are a length and a type and not an
    IP header is taken to carry one.  A frame of an unknown kind starts alike (a MAC address of a maker with
    low numbers), so in OSAENTA records something known must follow.
    """
    rows = np.flatnonzero(valid & ((fmtid == cte.OSAENTA) | (fmtid == cte.SMC)) & (length == base_len))
    if not rows.size:
        return data_start
    at = data_start[rows]
    size = buf[at].astype(np.int64) << 8 | buf[at + 1]
    kind = buf[at + 2].astype(np.int64) << 8 | buf[at + 3]
    nibble = buf[at] >> 4
    extension = (size >= 4) & (size <= room[rows] - at) & (size % 2 == 0) & (kind > 0) & (nibble != 4) & (nibble != 6)
    behind = np.where(extension, at + size, at)
    known = (link_of(buf, at, room[rows]) == Link.UNKNOWN) & (link_of(buf, behind, room[rows]) != Link.UNKNOWN)
    extension &= (fmtid[rows] == cte.SMC) | known
    out = data_start.copy()
    out[rows[extension]] += size[extension]
    return out


def link_of(buf: Bytes, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Layer 2 or layer 3, told from the bytes: IP when version, lengths and header checksum fit, else
    Ethernet when a known EtherType or an 802.3 length stands where it should."""
    avail = end - start
    nibble = buf[start] >> 4
    ihl = (buf[start] & 15).astype(np.int64) * 4
    total = buf[start + 2].astype(np.int64) << 8 | buf[start + 3]
    v4 = (nibble == 4) & (ihl >= 20) & (ihl <= avail) & (total >= ihl) & (total <= avail)
    if v4.any():
        likely = np.flatnonzero(v4)
        v4[likely] = sums.words(buf, start[likely], (start + ihl)[likely]) == 0xFFFF
    payload = buf[start + 4].astype(np.int64) << 8 | buf[start + 5]
    v6 = (nibble == 6) & (avail >= 40) & (payload + 40 <= avail)
    at = start + 12
    for _ in range(2):
        tag = buf[at].astype(np.int64) << 8 | buf[at + 1]
        at = np.where((tag == 0x8100) | (tag == 0x88A8), at + 4, at)
    kind = buf[at].astype(np.int64) << 8 | buf[at + 1]
    ethernet = (avail >= 14) & (
        (kind <= 1500) | among(kind, (0x0800, 0x0806, 0x86DD, 0x8035, 0x80D5)) | (kind >> 8 == 0x88)
    )
    return np.where(v4 | v6, Link.IP, np.where(ethernet, Link.ETHERNET, Link.UNKNOWN)).astype(np.uint8)


def _interfaces(
    octets: Bytes, data_trace: NDArray[np.bool_], valid: NDArray[np.bool_], context: Context
) -> NDArray[np.int32]:
    """Interface or job name of every record as an index of the names met so far.

    A trace has few interfaces: each round settles every record that has the name of the first open one.
    """
    halves = np.ascontiguousarray(octets).view(np.uint64)
    high, low = halves[:, 0], np.where(data_trace, 0, halves[:, 1])
    codes = np.full(high.size, context.names.code(""), dtype=np.int32)
    left = np.flatnonzero(valid)
    while left.size:
        first = left[0]
        same = (high[left] == high[first]) & (low[left] == low[first])
        raw = octets[first, :8] if data_trace[first] else octets[first]
        codes[left[same]] = context.names.code(ebcdic_name(bytes(raw)))
        left = left[~same]
    return codes


def ebcdic_name(raw: bytes) -> str:
    """A blank-padded EBCDIC name; what no name can hold becomes a dot."""
    text = raw.decode("cp037").rstrip(" \0")
    return "".join(c if " " < c < "\x7f" else "." for c in text)


def _old_headers(table: Table, rows: NDArray[np.int64]) -> None:
    """Find the IPv4 packet of entries with ids 1 to 3, whose header layout is not known."""
    for row in rows.tolist():
        start, room = int(table.start[row]), int(table.end[row]) - cte.EPILOG
        table.state[row] |= State.OLD_HEADER
        for offset in _OLD_SEARCH:
            at = start + offset
            if at + 20 > room:
                break
            here = np.array([at], dtype=np.int64)
            if table.buf[at] >> 4 == 4 and link_of(table.buf, here, here * 0 + room)[0] == Link.IP:
                table.data_start[row], table.data_end[row] = at, room
                total = int(table.buf[at + 2]) << 8 | int(table.buf[at + 3])
                table.data_end[row] = min(room, at + total)
                table.link[row] = Link.IP
                table.traced[row] = table.data_end[row] - at
                table.original[row] = total
                break
        else:
            table.state[row] |= State.INVALID
