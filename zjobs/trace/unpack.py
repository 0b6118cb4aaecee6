"""Origins that are unpacked on the way: gzip and zip.

Loaded when there is such a source: the libraries behind it take longer to load than a small trace to read.
"""

import gzip
import io
import zipfile
import zlib
from typing import BinaryIO, cast

from zjobs.trace.origin import ByteOrigin

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
