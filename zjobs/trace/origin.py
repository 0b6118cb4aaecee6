"""Where bytes come from: a file, standard input, a member of a zip archive, a data set on a host.

An origin can be opened more than once: reading in time order needs a first look.  gzip and zip are
unpacked on the way.  Standard input is kept in a temporary file for the same reason.
"""

import gzip
import shutil
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol, cast

import numpy as np

from zjobs.columns import Bytes
from zjobs.errors import DataError
from zjobs.wire.layout import PADDING


class Origin(Protocol):
    """A named supply of bytes, or of records."""

    name: str


@dataclass
class ByteOrigin:
    """Bytes without record boundaries of their own."""

    name: str
    opener: Callable[[], BinaryIO]

    def open(self) -> BinaryIO:
        """From the start; the caller closes it.  Raises DataError when it cannot be opened."""
        try:
            return self.opener()
        except (OSError, zipfile.BadZipFile) as error:
            raise DataError("ZJB0101E", source=self.name, detail=_reason(error)) from error

    def read(self, stream: BinaryIO, into: memoryview) -> int:
        """Fill ``into`` as far as the stream goes; the number of bytes read."""
        filled = 0
        # An unpacker that meets the end of a cut file in the middle of a long read would lose what it had.
        unpack = getattr(stream, "read1", None) if isinstance(stream, gzip.GzipFile | zipfile.ZipExtFile) else None
        try:
            while filled < len(into):
                if unpack is None:
                    got = stream.readinto(into[filled:])  # type: ignore[attr-defined]
                else:
                    piece = unpack(min(len(into) - filled, _PIECE))
                    got = len(piece)
                    into[filled : filled + got] = piece
                if not got:
                    break
                filled += got
        except (OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            # A gzip file cut short still yields what it held; the cut shows as a truncated record.
            if not isinstance(error, EOFError):
                raise DataError("ZJB0101E", source=self.name, detail=_reason(error)) from error
        return filled


#: Bytes unpacked at a time.
_PIECE = 1 << 18

#: Bytes in front of a buffer for what the one before left over: the longest record and then some.
_HEADROOM = 1 << 17


class ReadAhead:
    """Buffers of a byte stream, each begun with what the caller kept of the last; one is read while one is used.

    A buffer is followed by the padding that gathers rely on.
    """

    def __init__(self, origin: ByteOrigin, size: int) -> None:
        self.origin, self.size = origin, size
        self.stream = origin.open()
        self.pool = ThreadPoolExecutor(1, thread_name_prefix="zjobs-read")
        self.coming = self.pool.submit(self._read, size)

    def __enter__(self) -> "ReadAhead":
        return self

    def __exit__(self, *_: object) -> None:
        self.pool.shutdown(wait=True, cancel_futures=True)
        self.stream.close()

    def _read(self, size: int) -> tuple[Bytes, int]:
        # Not a bytearray: that would be cleared first, which costs as much as reading.
        area = np.empty(_HEADROOM + size + PADDING, dtype=np.uint8)
        return area, self.origin.read(self.stream, area.data[_HEADROOM : _HEADROOM + size])

    def next(self, kept: memoryview | bytes) -> tuple[memoryview, int, bool]:
        """The next buffer behind ``kept``: its bytes, how many of them are data, and whether it is the last."""
        area, got = self.coming.result()
        final = got < area.size - _HEADROOM - PADDING
        if not final:
            self.coming = self.pool.submit(self._read, self.size)
        if len(kept) > _HEADROOM:
            area = np.concatenate([np.empty(len(kept) - _HEADROOM, dtype=np.uint8), area])
        head = max(len(kept), _HEADROOM)
        end = head + got
        area[head - len(kept) : head] = np.frombuffer(kept, dtype=np.uint8)
        area[end : end + PADDING] = 0
        return area.data[head - len(kept) : end + PADDING], len(kept) + got, final


@dataclass
class RecordOrigin:
    """Records with their boundaries kept by the access method (one bytes object a record)."""

    name: str
    opener: Callable[[], Iterator[bytes]]

    def open(self) -> Iterator[bytes]:
        """From the start."""
        return self.opener()


def from_path(path: Path) -> list[ByteOrigin]:
    """The origins in a file: one, or one a member for a zip archive."""
    name = str(path)
    try:
        if path.is_dir():
            raise DataError("ZJB0101E", source=name, detail="it is a directory")
        with path.open("rb") as stream:
            head = stream.read(4)
    except OSError as error:
        raise DataError("ZJB0101E", source=name, detail=_reason(error)) from error
    if head[:2] == b"\x1f\x8b":
        return [ByteOrigin(name, lambda: cast(BinaryIO, gzip.open(path, "rb")))]
    if head == b"PK\x03\x04":
        try:
            with zipfile.ZipFile(path) as archive:
                inside = [i.filename for i in archive.infolist() if not i.is_dir()]
        except (OSError, zipfile.BadZipFile) as error:
            raise DataError("ZJB0101E", source=name, detail=_reason(error)) from error
        return [ByteOrigin(f"{name}:{m}", _zip_opener(path, m)) for m in inside]
    return [ByteOrigin(name, lambda: path.open("rb", buffering=0))]


def _zip_opener(path: Path, member: str) -> Callable[[], BinaryIO]:
    return lambda: cast(BinaryIO, zipfile.ZipFile(path).open(member))


def from_stdin() -> list[ByteOrigin]:
    """Standard input, kept in a temporary file so that it can be read twice."""
    kept = tempfile.NamedTemporaryFile(prefix="zjobs-stdin-")  # noqa: SIM115 - lives as long as the origin
    shutil.copyfileobj(sys.stdin.buffer, kept)
    kept.flush()
    origins = from_path(Path(kept.name))
    for origin in origins:
        origin.name = "standard input"
        origin.keep = kept  # type: ignore[attr-defined]
    return origins


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
