"""Data sets from trace entries: every container that the reader claims to understand.

A *body* is a record without its descriptor word, the way a record-oriented interface hands it over. `BODIES` gives
lists of bodies, `CONTAINERS` gives files, `DATA_SETS` gives several files that are one trace. All are called with
the list of entries in the order in which they were traced.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from .records import ebcdic

LRECL = 27994
BLKSIZE = 27998
MAX_BODY = LRECL - 4
BUFFER = 65536

Prefix = Callable[[int], bytes]
Bodies = Callable[[Sequence[bytes]], list[bytes]]


def prefix(length: int, *, component: str = "SYSTCPDA", subname: str = "TCPIP", system: str = "SYS1") -> Prefix:
    """What the writer puts before the entries of a record: not published, so opaque, but of constant length.

    8 bytes name the component; 24 add the sub-name and the system; 40 add counters, which differ in every record.
    """
    names = ebcdic(component, 8) + ebcdic(subname, 8) + ebcdic(system, 8)
    if length == 0:
        return lambda number: b""
    if length == 8:
        return lambda number: names[:8]
    if length == 24:
        return lambda number: names
    if length == 40:
        return lambda number: struct.pack(">IHH", number + 1, number % 3, 0) + names + struct.pack(">Q", number << 20)
    raise ValueError(f"no prefix of {length} bytes")


def single(ctes: Sequence[bytes], *, size: int = MAX_BODY) -> list[bytes]:
    """One entry a record; one that is larger than a record goes on in the next."""
    return [entry[at : at + size] for entry in ctes for at in range(0, len(entry), size)]


def packed(
    ctes: Sequence[bytes], *, length: int = 0, size: int = MAX_BODY, component: str = "SYSTCPDA", system: str = "SYS1"
) -> list[bytes]:
    """As many whole entries as fit in a record, the rest of it zero."""
    bodies: list[bytes] = []
    room, current = size - length, bytearray()
    for entry in ctes:
        if len(entry) > room:
            raise ValueError(f"an entry of {len(entry)} bytes is larger than a record: segment it")
        if len(current) + len(entry) > room:
            bodies.append(bytes(current))
            current.clear()
        current += entry
    if current:
        bodies.append(bytes(current))
    first = prefix(length, component=component, system=system)
    return [first(number) + body.ljust(room, b"\0") for number, body in enumerate(bodies)]


def buffers(ctes: Sequence[bytes], *, size: int = BUFFER) -> list[bytes]:
    """Trace buffers: whole entries from offset 0, zero to the end."""
    return packed(ctes, size=size)


def sliced(ctes: Sequence[bytes], *, length: int = 0, size: int = MAX_BODY, buffer: int = BUFFER) -> list[bytes]:
    """Buffers cut into records without regard to the entries, which straddle records but never buffers."""
    bodies: list[bytes] = []
    room, first = size - length, prefix(length)
    for content in buffers(ctes, size=buffer):
        for at in range(0, len(content), room):
            bodies.append(first(len(bodies)) + content[at : at + room])
    return bodies


def sliced_small(ctes: Sequence[bytes], *, length: int = 0) -> list[bytes]:
    """As `sliced` with 1000-byte records: even a short trace straddles."""
    return sliced(ctes, length=length, size=1000, buffer=max([8192, *map(len, ctes)]))


def rdw(bodies: Iterable[bytes]) -> bytes:
    """Records with their descriptor words: FTP with SITE RDW."""
    return b"".join(struct.pack(">HH", len(body) + 4, 0) + body for body in bodies)


def bdw(bodies: Iterable[bytes], *, blksize: int = BLKSIZE, large: bool = False) -> bytes:
    """Blocks of records: a data set read with RECFM=U. `large` writes the descriptor of the large block interface."""
    blocks, current = [], bytearray()
    for body in bodies:
        record = rdw([body])
        if current and len(current) + len(record) > blksize - 4:
            blocks.append(bytes(current))
            current.clear()
        current += record
    if current:
        blocks.append(bytes(current))
    if large:
        return b"".join(struct.pack(">I", 0x8000_0000 | len(block) + 4) + block for block in blocks)
    return b"".join(struct.pack(">HH", len(block) + 4, 0) + block for block in blocks)


def vbs(bodies: Iterable[bytes], *, blksize: int = 4096, blocked: bool = True) -> bytes:
    """Spanned records: each fills up the block and goes on in the next. Codes 0 whole, 1 first, 3 middle, 2 last."""
    out, block = bytearray(), bytearray()

    def end_block() -> None:
        if block:
            out.extend((struct.pack(">HH", len(block) + 4, 0) if blocked else b"") + block)
            block.clear()

    for body in bodies:
        at = 0
        while True:
            room = blksize - 4 - len(block) - 4
            if room < 1:
                end_block()
                continue
            part = body[at : at + room]
            last = at + len(part) == len(body)
            code = (0 if last else 1) if at == 0 else (2 if last else 3)
            block += struct.pack(">HBB", len(part) + 4, code, 0) + part
            at += len(part)
            if last:
                break
    end_block()
    return bytes(out)


def length4(bodies: Iterable[bytes]) -> bytes:
    """Each record after a 4-byte length that does not count itself (FILEDATA=RECORD)."""
    return b"".join(struct.pack(">I", len(body)) + body for body in bodies)


def twocutc(ctes: Iterable[bytes], *, component: str = "SYSTCPDA", extension: bytes = b"") -> bytes:
    """A pcapng of link type 147 whose packets are a 16-byte ASCII head, an optional extension and one entry."""
    head = b"2cUTC\0" + struct.pack(">H", len(extension)) + component.encode().ljust(8) + extension
    blocks = [(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)), (1, struct.pack("<HHI", 147, 0, 0))]
    for entry in ctes:
        data, micros = head + entry, (struct.unpack_from(">Q", entry, 8)[0] >> 12) - 2_208_988_800_000_000
        stamp = struct.pack("<III", 0, micros >> 32 & 0xFFFF_FFFF, micros & 0xFFFF_FFFF)
        blocks.append((6, stamp + struct.pack("<II", len(data), len(data)) + data + bytes(-len(data) % 4)))
    size = struct.Struct("<I").pack
    return b"".join(size(kind) + size(len(body) + 12) + body + size(len(body) + 12) for kind, body in blocks)


def wrapped(bodies: Sequence[bytes], *, newest: int | None = None) -> list[bytes]:
    """WRAP: the `newest` last records have overwritten the start, by default a third of them."""
    count = len(bodies) // 3 if newest is None else newest
    return [*bodies[len(bodies) - count :], *bodies[: len(bodies) - count]]


def truncated(data: bytes, cut: int) -> bytes:
    return data[:cut]


def garbage_records(bodies: Sequence[bytes], *, seed: int = 1) -> list[bytes]:
    """Records without any entry after every second one: control or loss records of unknown layout."""
    dice, out = random.Random(seed), []
    for number, body in enumerate(bodies):
        out.append(body)
        if number % 2:
            out.append(dice.randbytes(dice.randrange(1, 200)))
    return out


def garbage_bytes(bodies: Sequence[bytes], *, seed: int = 1) -> bytes:
    """Random bytes between whole records: the chain of descriptor words is broken, the entries are not."""
    dice, out = random.Random(seed), bytearray()
    for number, body in enumerate(bodies):
        out += rdw([body])
        if number % 3 == 2:
            out += dice.randbytes(dice.randrange(1, 64))
    return bytes(out)


def alternating(bodies: Sequence[bytes]) -> list[list[bytes]]:
    """The records of two data sets that were filled by turns."""
    return [list(bodies[0::2]), list(bodies[1::2])]


def alternating_buffers(ctes: Sequence[bytes], *, length: int = 0) -> list[list[bytes]]:
    """Two data sets that got every other buffer, cut into records."""
    size = max([8192, *map(len, ctes)])
    sets: list[list[bytes]] = [[], []]
    for number, content in enumerate(buffers(ctes, size=size)):
        room, first = 1000 - length, prefix(length)
        target = sets[number % 2]
        for at in range(0, size, room):
            target.append(first(len(target)) + content[at : at + room])
    return sets


BODIES: dict[str, Bodies] = {
    "single": single,
    "packed": packed,
    "packed-prefix8": partial(packed, length=8),
    "packed-prefix24": partial(packed, length=24),
    "packed-prefix40": partial(packed, length=40),
    "sliced": sliced,
    "sliced-prefix24": partial(sliced, length=24),
    "sliced-small": sliced_small,
    "sliced-small-prefix24": partial(sliced_small, length=24),
    "wrapped-single": lambda ctes: wrapped(single(ctes)),
    "wrapped-packed-prefix24": lambda ctes: wrapped(packed(ctes, length=24, size=max([4096, *map(len, ctes)]) + 24)),
    "garbage-records": lambda ctes: garbage_records(single(ctes)),
}


def _framed(bodies: Bodies, framing: Callable[[list[bytes]], bytes]) -> Callable[[Sequence[bytes]], bytes]:
    return lambda ctes: framing(bodies(ctes))


CONTAINERS: dict[str, Callable[[Sequence[bytes]], bytes]] = {
    "bare": b"".join,
    **{f"rdw-{name}": _framed(bodies, rdw) for name, bodies in BODIES.items()},
    **{f"bdw-{name}": _framed(bodies, bdw) for name, bodies in BODIES.items()},
    **{f"nordw-{name}": _framed(bodies, b"".join) for name, bodies in BODIES.items()},
    "bdw-large-packed": _framed(packed, partial(bdw, large=True)),
    "vbs-single": _framed(single, vbs),
    "vbs-packed-prefix24": _framed(BODIES["packed-prefix24"], vbs),
    "vbs-buffer": _framed(buffers, vbs),
    "vs-packed": _framed(packed, partial(vbs, blocked=False)),
    "length4-single": _framed(single, length4),
    "length4-packed-prefix24": _framed(BODIES["packed-prefix24"], length4),
    "length4-sliced-small": _framed(sliced_small, length4),
    "garbage-bytes": _framed(single, garbage_bytes),
    "2cutc": twocutc,
    "2cutc-extension": partial(twocutc, extension=b"EXTENSION".ljust(16)),
}

# Entries that straddle records with a prefix cannot be joined again once the record boundaries are gone.
LOSSY = {name for name in CONTAINERS if name.startswith("nordw-sliced") and "prefix" in name}

DATA_SETS: dict[str, Callable[[Sequence[bytes]], list[bytes]]] = {
    "two-single": lambda ctes: [rdw(part) for part in alternating(single(ctes))],
    "two-packed-prefix24": lambda ctes: [
        rdw(part) for part in alternating(packed(ctes, length=24, size=max([4096, *map(len, ctes)]) + 24))
    ],
    "two-bdw-single": lambda ctes: [bdw(part) for part in alternating(single(ctes))],
    "two-sliced-small": lambda ctes: [rdw(part) for part in alternating_buffers(ctes)],
    "two-sliced-small-prefix24": lambda ctes: [rdw(part) for part in alternating_buffers(ctes, length=24)],
}
