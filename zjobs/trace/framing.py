"""Cutting a stream of bytes into record bodies.

A framer looks at one buffer and answers with a :class:`Cut`: where bodies start and end, how many bytes
it used, and where a descriptor word stopped making sense.  It keeps no state and does no I/O.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

Data = bytearray | memoryview

#: The longest block and record the access methods know (32760), and room for a large-block BDW.
LONGEST = 32760


@dataclass(eq=False, repr=False)
class Cut:
    """Record bodies of one buffer.

    ``segments`` holds the SDW control code of each body where any is not 0 (spanned records).  ``broken``
    is the offset of a descriptor word that cannot be right; ``needed`` says that the last record is not
    whole and how many bytes it wants.
    """

    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    used: int = 0
    segments: list[int] | None = None
    broken: int | None = None
    needed: int = 0


def rdw(data: Data, position: int, end: int, final: bool) -> Cut:
    """Records preceded by a record (or segment) descriptor word."""
    cut = Cut()
    _records(data, position, end, cut, final)
    return cut


def _records(data: Data, position: int, end: int, cut: Cut, final: bool) -> None:
    starts, ends = cut.starts.append, cut.ends.append
    spanned = False
    while position + 4 <= end:
        length = data[position] << 8 | data[position + 1]
        code = data[position + 2]
        if length < 4 or length > LONGEST or code > 3 or data[position + 3]:
            cut.broken = position
            break
        if position + length > end:
            cut.needed = length
            break
        starts(position + 4)
        ends(position + length)
        if code:
            spanned = True
        position += length
    else:
        if position < end:
            cut.needed = 4
    cut.used = position
    if spanned:
        cut.segments = [data[s - 2] for s in cut.starts]


def bdw(data: Data, position: int, end: int, final: bool) -> Cut:
    """Blocks preceded by a block descriptor word, each tiled by records."""
    cut = Cut()
    segments: list[int] = []
    while position + 4 <= end:
        if data[position] & 0x80:
            length = int.from_bytes(data[position : position + 4], "big") & 0x7FFFFFFF
        else:
            length = data[position] << 8 | data[position + 1]
            if data[position + 2] or data[position + 3] or length > LONGEST:
                length = 0
        if length < 8 or length > 1 << 24:
            cut.broken = position
            break
        whole = position + length <= end
        if not whole and not (final and position + 8 <= end):
            cut.needed = length
            break
        inner = Cut()
        _records(data, position + 4, min(position + length, end), inner, final)
        if whole and (inner.broken is not None or inner.needed):
            cut.broken = position if not inner.starts else inner.used
            if not inner.starts:
                break
        cut.starts += inner.starts
        cut.ends += inner.ends
        segments += inner.segments or [0] * len(inner.starts)
        if not whole:
            cut.needed = length
            position = inner.used
            break
        if cut.broken is not None:
            position = inner.used
            break
        position += length
    else:
        if position < end:
            cut.needed = 4
    cut.used = position
    if any(segments):
        cut.segments = segments
    return cut


def len4(data: Data, position: int, end: int, final: bool) -> Cut:
    """Records preceded by a 4-byte length exclusive of itself (FILEDATA=RECORD, z/OSMF record mode)."""
    cut = Cut()
    while position + 4 <= end:
        length = int.from_bytes(data[position : position + 4], "big")
        if length == 0 or length > LONGEST:
            cut.broken = position
            break
        if position + 4 + length > end:
            cut.needed = length + 4
            break
        cut.starts.append(position + 4)
        cut.ends.append(position + 4 + length)
        position += 4 + length
    else:
        if position < end:
            cut.needed = 4
    cut.used = position
    return cut


def bare(data: Data, position: int, end: int, final: bool) -> Cut:
    """No descriptor words at all: the buffer is one body, and the entry chain says what it used."""
    return Cut([position], [end], end)


FRAMERS: dict[str, Callable[[Data, int, int, bool], Cut]] = {
    "rdw": rdw,
    "bdw": bdw,
    "len4": len4,
    "bare": bare,
}
