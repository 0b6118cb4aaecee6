"""Reads trace records by literal offsets, for tests of the simulated writer; shares nothing with it."""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """One CTE, as the bytes say."""

    format: int
    entry_tod: int
    sequence: int
    flags: int
    device: int
    traced: int
    interface: str
    tod: int
    source: bytes
    destination: bytes
    ports: tuple[int, int]
    counter: int
    protocol: int
    original: int
    data: bytes


def entries(records: Iterable[bytes], prefix: int) -> Iterator[Entry]:
    """The entries of records that hold whole CTEs after a prefix."""
    for record in records:
        at = prefix
        while at + 2 <= len(record) and (length := struct.unpack_from(">H", record, at)[0]):
            yield entry(record[at : at + length])
            at += length


def entry(cte: bytes) -> Entry:
    length, offset, format_, entry_tod = struct.unpack_from(">HHIQ", cte)
    assert length == len(cte) == struct.unpack_from(">H", cte, length - 2)[0]
    assert offset == 16
    header = cte[16:]
    size = struct.unpack_from(">H", header)[0]
    assert size == 92
    traced = int.from_bytes(header[5:8], "big")
    data = cte[16 + 92 : length - 2]
    return Entry(
        format_,
        entry_tod,
        header[2],
        header[3],
        header[4],
        traced,
        header[8:24].decode("cp037").rstrip(),
        struct.unpack_from(">Q", header, 24)[0],
        header[32:48],
        header[48:64],
        struct.unpack_from(">HH", header, 64),
        struct.unpack_from(">I", header, 68)[0],
        header[73],
        struct.unpack_from(">H", header, 82)[0],
        data,
    )
