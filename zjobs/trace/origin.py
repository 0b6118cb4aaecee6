"""Where bytes come from: a file, standard input, a member of a zip archive, a data set on a host.

An origin can be opened more than once: reading in time order needs a first look.  gzip and zip are
unpacked on the way.  Standard input is kept in a temporary file for the same reason.
"""

import gzip
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from zjobs.errors import DataError


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
        try:
            while filled < len(into):
                got = stream.readinto(into[filled:])  # type: ignore[attr-defined]
                if not got:
                    break
                filled += got
        except (OSError, EOFError, zipfile.BadZipFile) as error:
            # A gzip file cut short still yields what it held; the cut shows as a truncated record.
            if not isinstance(error, EOFError):
                raise DataError("ZJB0101E", source=self.name, detail=_reason(error)) from error
        return filled


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
