"""Sources that are unpacked on the way (gzip, zip), and standard input, which is kept so that it can be read twice.

Loaded when there is such a source: the libraries behind it take longer to load than a small trace to read.
"""

import gzip
import io
import os
import shutil
import sys
import tempfile
import zipfile
import zlib
from typing import IO, BinaryIO, cast

from zjobs.trace.origin import ByteOrigin, inside

#: Bytes unpacked at a time.
_PIECE = 1 << 18


class _Unpacked(io.RawIOBase):
    """What a packed stream holds.  One that is cut short yields what it held; a damaged one raises OSError."""

    def __init__(self, packed: gzip.GzipFile | zipfile.ZipExtFile, file: BinaryIO) -> None:
        self.packed, self.file = packed, file

    def readable(self) -> bool:
        return True

    def readinto(self, into: memoryview) -> int:  # type: ignore[override]
        # A long read that meets the end of a cut file in its middle would lose what it had.
        try:
            piece = self.packed.read1(min(len(into), _PIECE))
        except EOFError:
            return 0
        except (zipfile.BadZipFile, zlib.error) as error:
            raise OSError(str(error)) from error
        into[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self.packed.close()
        self.file.close()
        super().close()


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


def gzipped(plain: ByteOrigin) -> ByteOrigin:
    """The origin in a gzip file."""

    def opener() -> BinaryIO:
        file = plain.opener()
        return cast(BinaryIO, _Unpacked(gzip.GzipFile(fileobj=file), file))

    return ByteOrigin(plain.name, opener)


def members(plain: ByteOrigin) -> list[ByteOrigin]:
    """The origins in a zip archive, one a member.  Raises OSError when its directory cannot be read."""
    try:
        with plain.opener() as file, zipfile.ZipFile(file) as archive:
            names = [i.filename for i in archive.infolist() if not i.is_dir()]
    except zipfile.BadZipFile as error:
        raise OSError(str(error)) from error
    return [_member(plain, name) for name in names]


def _member(plain: ByteOrigin, name: str) -> ByteOrigin:
    def opener() -> BinaryIO:
        file = plain.opener()
        try:
            return cast(BinaryIO, _Unpacked(cast(zipfile.ZipExtFile, zipfile.ZipFile(file).open(name)), file))
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            # A method of packing that is not known, and a password, have errors of their own.
            file.close()
            raise OSError(str(error)) from error

    return ByteOrigin(f"{plain.name}:{name}", opener)


def from_stdin() -> list[ByteOrigin]:
    """Standard input, kept in a file without a name: whatever ends the program, no captured data stays behind."""
    kept = tempfile.TemporaryFile(prefix="zjobs-stdin-")  # noqa: SIM115 - open as long as the origin
    shutil.copyfileobj(sys.stdin.buffer, kept)
    kept.flush()
    return inside(ByteOrigin("standard input", lambda: cast(BinaryIO, _Kept(kept))))
