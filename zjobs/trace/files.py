"""The origins in a file, packed or not, and in standard input, which is kept so that it can be read twice."""

import io
import os
import stat
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO, BinaryIO, cast

from zjobs.errors import DataError
from zjobs.trace.origin import ByteOrigin

#: How packed files begin (RFC 1952 section 2.3.1; the PKZIP application note, section 4.3.7).
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"


def from_path(path: Path) -> list[ByteOrigin]:
    """The origins in a file: one, or one a member for a zip archive."""
    plain = ByteOrigin(str(path), lambda: path.open("rb", buffering=0))
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise DataError("ZJB0101E", source=plain.name, detail="it is a directory")
        if stat.S_ISCHR(status.st_mode):
            with plain.open() as file:
                _check(plain.name, file.fileno())
    except OSError as error:
        raise plain.unreadable(error) from error
    return _inside(plain)


def _check(name: str, file: int) -> None:
    """Refuse a device that may have no end, as /dev/zero has none; a terminal has one, and the empty device too."""
    status = os.fstat(file)
    if stat.S_ISCHR(status.st_mode) and not os.isatty(file) and status.st_rdev != Path(os.devnull).stat().st_rdev:
        raise DataError("ZJB0101E", source=name, detail="it is a character device, which may have no end")


def from_stdin() -> list[ByteOrigin]:
    """Standard input, kept in a file without a name: whatever ends the program, no captured data stays behind."""
    # Loaded when they are needed, and so is what unpacks.
    import shutil
    import tempfile

    with suppress(io.UnsupportedOperation):
        _check("standard input", sys.stdin.buffer.fileno())
    kept = tempfile.TemporaryFile(prefix="zjobs-stdin-")  # noqa: SIM115 - open as long as the origin
    shutil.copyfileobj(sys.stdin.buffer, kept)
    kept.flush()
    return _inside(ByteOrigin("standard input", lambda: cast(BinaryIO, _Kept(kept))))


def _inside(plain: ByteOrigin) -> list[ByteOrigin]:
    """What is in a file that may be packed.  Raises DataError when it cannot be read."""
    try:
        with plain.open() as stream:
            head = stream.read(4)
        if head.startswith((_GZIP, _ZIP)):
            from zjobs.trace import unpack

            return [unpack.gzipped(plain)] if head.startswith(_GZIP) else unpack.members(plain)
    except OSError as error:
        raise plain.unreadable(error) from error
    return [plain]


class _Kept(io.RawIOBase):
    """A reading of an open file from its start; several may go on at once."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.at = file, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self.at, io.SEEK_END: os.fstat(self.file.fileno()).st_size}[whence]
        self.at = base + offset
        return self.at

    def readinto(self, into: memoryview) -> int:  # type: ignore[override]
        piece = os.pread(self.file.fileno(), len(into), self.at)
        into[: len(piece)] = piece
        self.at += len(piece)
        return len(piece)
