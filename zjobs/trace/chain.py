"""Chains of trace entries: walking them, proving them, finding them again after damage.

An entry (CTE) is framed by two equal lengths, so a chain proves itself.  The walk is the one accepted
loop per record; the proof is made for all entries at once.
"""

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes, windows
from zjobs.trace.framing import Data
from zjobs.wire import cte
from zjobs.wire.layout import PADDING

#: The shortest entry a search accepts: header, epilog and the least of the old formats.
_LEAST = cte.MIN_LENGTH + 22

#: CTEOFF 16..64 and a known format id: what a search at unknown positions looks for.
_CANDIDATE = re.compile(rb"(?=[\x00-\xff]{2}\x00[\x10-\x40]\x00\x00\x00[\x01-\x08])", re.DOTALL)


def padded(data: bytes | bytearray | memoryview) -> bytearray:
    """A copy with the padding that gathers rely on."""
    out = bytearray(len(data) + PADDING)
    out[: len(data)] = data
    return out


def zero(data: Data, position: int, end: int) -> bool:
    """Whether a stretch holds nothing but zeros."""
    return not bytes(data[position:end]).strip(b"\0")


def walk(data: Data, position: int, end: int, starts: list[int]) -> int:
    """Append entry starts from ``position``; stop where no entry can start, and return that place."""
    append = starts.append
    last = end - cte.MIN_LENGTH
    while position <= last:
        length = data[position] << 8 | data[position + 1]
        if length < cte.MIN_LENGTH or position + length > end:
            break
        append(position)
        position += length
    return position


#: From this many records on, all are walked in step; fewer are walked one by one.
_IN_STEP = 48


def walk_all(
    data: Data, buf: Bytes, starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Chains of many records: entry starts ascending, the record of each, and where each record's chain stopped."""
    if starts.size < _IN_STEP:
        found: list[int] = []
        counts, stops = [], []
        for s, e in zip(starts.tolist(), ends.tolist()):
            before = len(found)
            stops.append(walk(data, s, e, found))
            counts.append(len(found) - before)
        which = np.repeat(np.arange(starts.size), counts)
        return np.array(found, dtype=np.int64), which, np.array(stops, dtype=np.int64)
    position, last = np.minimum(starts, ends), ends - cte.MIN_LENGTH
    stop = position.copy()
    active = np.flatnonzero(position <= last)
    position, last, end = position[active], last[active], ends[active]
    steps, owners = [], []
    while active.size:
        # The buffer is padded, so a length may be read anywhere in it.
        length = buf[position].astype(np.int64) << 8 | buf[position + 1]
        after = position + length
        going = (length >= cte.MIN_LENGTH) & (after <= end)
        if not going.all():
            stop[active[~going]] = position[~going]
            active, position, after, last, end = active[going], position[going], after[going], last[going], end[going]
        steps.append(position)
        owners.append(active)
        position = after
        going = position <= last
        if not going.all():
            stop[active[~going]] = position[~going]
            active, position, last, end = active[going], position[going], last[going], end[going]
    if not steps:
        none = np.zeros(0, dtype=np.int64)
        return none, none, stop
    at, which = np.concatenate(steps), np.concatenate(owners)
    order = np.argsort(at)
    return at[order], which[order], stop


#: Stretches up to this size are looked at all at once.
_SHORT = 2048


def not_filled(data: Data, buf: Bytes, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which stretches hold anything but zeros."""
    size = ends - starts
    bad = np.zeros(starts.size, dtype=np.bool_)
    short = np.flatnonzero((size > 0) & (size <= _SHORT) & (starts + _SHORT <= buf.size))
    if short.size:
        width = int(size[short].max())
        rows = windows(buf, starts[short], width)
        # What stands behind a stretch does not count.
        rows[np.arange(width) >= size[short, None]] = 0
        bad[short] = rows.any(axis=1)
    rest = (size > 0) & ((size > _SHORT) | (starts + _SHORT > buf.size))
    for k in np.flatnonzero(rest).tolist():
        bad[k] = not zero(data, int(starts[k]), int(ends[k]))
    return bad


def lengths(buf: Bytes, starts: NDArray[Any]) -> NDArray[np.int64]:
    """CTELENP of the entries at ``starts``."""
    return np.asarray(buf[starts].astype(np.int64) << 8 | buf[starts + 1])


def proved(buf: Bytes, starts: NDArray[Any]) -> NDArray[np.bool_]:
    """Which entries are plausible: equal lengths, a data offset in range, a clock value that can be."""
    size = lengths(buf, starts)
    ends = starts + size
    head = cte.LAYOUT.gather(buf, starts, ends)
    trailing = buf[ends - 2].astype(np.int64) << 8 | buf[ends - 1]
    off, fmtid, time = head["off"], head["fmtid"], head["time"]
    old = (fmtid >= 1) & (fmtid <= 3)
    return np.asarray(
        (trailing == size)
        & (off >= 16)
        & (off <= 64)
        & (off & 1 == 0)
        & (size >= np.where(old, 40, cte.MIN_LENGTH + 16))
        & ((time >= cte.EARLIEST) | (time < 1 << 63))
        & ((fmtid <= 0xFFFF) | (fmtid >> 24 == 0xFF))
    )


def plausible(data: Data, position: int, end: int) -> bool:
    """Whether one whole entry with a sane packet trace header starts here."""
    if end - position < _LEAST:
        return False
    length = data[position] << 8 | data[position + 1]
    if length < _LEAST or position + length > end:
        return False
    if data[position + length - 2 : position + length] != data[position : position + 2]:
        return False
    off = data[position + 2] << 8 | data[position + 3]
    if not (16 <= off <= 64 and off & 1 == 0):
        return False
    time = int.from_bytes(data[position + 8 : position + 16], "big")
    if cte.EARLIEST > time >= 1 << 63:
        return False
    if int.from_bytes(data[position + 4 : position + 8], "big") in cte.OLD_IDS:
        return True
    header = data[position + off] << 8 | data[position + off + 1]
    return 64 <= header <= length - off - cte.EPILOG


def find(data: Data, position: int, end: int, limit: int | None = None) -> int:
    """The next place before ``end`` where an entry starts that ends before ``limit``; -1 if none.

    Equal leading and trailing lengths, a known format id, a clock value and a header length that fits
    leave less than one false hit in 10**9 positions.
    """
    # A header that starts before the end may reach over it as far as the limit.
    reach = end if limit is None else max(end, min(end + 7, limit))
    for match in _CANDIDATE.finditer(data, position, reach):
        if match.start() < end and plausible(data, match.start(), end if limit is None else limit):
            return match.start()
    return -1


def head(data: bytes) -> int:
    """Where an entry header could stand, though its entry is not whole here; -1 if nowhere."""
    for match in _CANDIDATE.finditer(data):
        p = match.start()
        time = int.from_bytes(data[p + 8 : p + 16], "big")
        if p + 16 <= len(data) and (time >= cte.EARLIEST or time < 1 << 63) and data[p] << 8 | data[p + 1] >= _LEAST:
            return p
    return -1
