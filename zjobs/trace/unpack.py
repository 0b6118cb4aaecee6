"""Sources that are unpacked on the way (gzip, zip), and standard input, which is kept so that it can be read twice.

Loaded when there is such a source: the libraries behind it take longer to load than a small trace to read.
"""

import gzip
import io
import shutil
import sys
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO, cast

from zjobs.trace.origin import ByteOrigin, from_path

#: Bytes unpacked at a time.
_PIECE = 1 << 18


class _Unpacked(io.RawIOBase):
    """What a packed stream holds.  One that is cut short yields what it held; a damaged one raises OSError."""

    def __init__(self, packed: gzip.GzipFile | zipfile.ZipExtFile) -> None:
        self.packed = packed

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
        super().close()


def gzipped(path: Path) -> ByteOrigin:
    """The origin in a gzip file."""
    return ByteOrigin(str(path), lambda: cast(BinaryIO, _Unpacked(gzip.open(path, "rb"))))


def members(path: Path) -> list[ByteOrigin]:
    """The origins in a zip archive, one a member.  Raises OSError when its directory cannot be read."""
    try:
        with zipfile.ZipFile(path) as archive:
            inside = [i.filename for i in archive.infolist() if not i.is_dir()]
    except zipfile.BadZipFile as error:
        raise OSError(str(error)) from error
    return [_member(path, name) for name in inside]


def _member(path: Path, name: str) -> ByteOrigin:
    def opener() -> BinaryIO:
        try:
            return cast(BinaryIO, _Unpacked(cast(zipfile.ZipExtFile, zipfile.ZipFile(path).open(name))))
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            # A method of packing that is not known, and a password, have errors of their own.
            raise OSError(str(error)) from error

    return ByteOrigin(f"{path}:{name}", opener)


def from_stdin() -> list[ByteOrigin]:
    """Standard input, kept in a temporary file."""
    kept = tempfile.NamedTemporaryFile(prefix="zjobs-stdin-")  # noqa: SIM115 - lives as long as the origin
    shutil.copyfileobj(sys.stdin.buffer, kept)
    kept.flush()
    origins = from_path(Path(kept.name))
    for origin in origins:
        origin.name = "standard input"
        origin.keep = kept  # type: ignore[attr-defined]
    return origins
