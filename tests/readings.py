"""Reading back what the encoder built: sources in memory, records as plain tuples."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from encoder import Item

from zjobs.jobs.reading import join
from zjobs.trace.origin import ByteOrigin, RecordOrigin
from zjobs.trace.select import Selection
from zjobs.trace.table import Context, State
from zjobs.trace.trace import Trace
from zjobs.wire import pthdr

TESTS = Path(__file__).parent
ROOT = TESTS.parent
#: Captures of other projects, beside the repository: used where they are, never committed here.
SHARED_CAPTURES = ROOT.parent / "shared" / "data" / "pcap"

INTERFACES = {4: "ETH1", 7: "EZANTAOSA1"}


def own_files() -> list[Path]:
    """Captures of this project."""
    return sorted((TESTS / "captures").glob("*.pcap"))


def shared_files() -> list[Path]:
    """Captures beside the repository; none in a stranger's clone."""
    return sorted(p for p in SHARED_CAPTURES.glob("*.pcap*") if p.is_file())


class Row(NamedTuple):
    """One record, as comparable values."""

    packet: bytes
    time_us: int
    original: int
    direction: int
    interface: str
    fmtid: int


def trace_of(*sources: bytes | Sequence[bytes], selection: Selection | None = None, buffer: int = 4 << 20) -> Trace:
    """A trace of sources in memory: bytes are files, lists of bytes are records with their boundaries kept."""
    origins: list[ByteOrigin | RecordOrigin] = []
    for number, source in enumerate(sources, 1):
        if isinstance(source, bytes):
            origins.append(ByteOrigin(f"source{number}", lambda data=source: io.BytesIO(data)))
        else:
            origins.append(RecordOrigin(f"source{number}", lambda data=source: iter(data)))
    return join(origins, Context(pthdr.load(), buffer), selection)


def rows(trace: Trace) -> list[Row]:
    """All records of a trace, in the order in which it gives them."""
    found = []
    for table in trace.tables():
        names = table.interface_names()
        for k in range(len(table)):
            if table.state[k] & State.INVALID:
                continue
            found.append(
                Row(
                    bytes(table.buf[table.data_start[k] : table.data_end[k]]),
                    int(table.capture_ns[k]) // 1000,
                    int(table.original[k]),
                    int(table.direction[k]),
                    names[table.interface[k]],
                    int(table.fmtid[k]),
                )
            )
    return found


def expected(items: Iterable[Item]) -> list[Row]:
    """What the encoder put in, as the reader should tell it."""
    return [
        Row(i.packet, i.time_us, max(i.orig_len, len(i.packet)), int(i.out), INTERFACES[i.fmtid], i.fmtid)
        for i in items
    ]


def troubled(trace: Trace) -> bool:
    """Whether the reading said that something is missing or not understood."""
    counts = trace.counts
    said = any(f.damaged or f.truncated or f.controls or f.unknown_links for f in trace.faults)
    return said or bool(counts.incomplete or counts.invalid or counts.segments_lost)


def write(path: Path, data: bytes) -> Path:
    """A file with these bytes."""
    path.write_bytes(data)
    return path
