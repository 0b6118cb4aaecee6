"""Origins that are unpacked on the way: gzip and zip.

What can be unpacked is delivered, whatever its packing turns out to be behind it; what is wrong there is noted with
the origin.  Loaded when there is such a source: the libraries behind it take longer to load than a small trace to read.

Reference: RFC 1952 (gzip: members one behind the other, each with a check sum and a length at its end); the PKZIP
application note, section 4.3.
"""

import io
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator
from typing import BinaryIO, cast

from zjobs.trace.origin import ByteOrigin

#: Bytes unpacked at a time, and packed bytes read at a time.
_PIECE, _PACKED = 1 << 18, 1 << 16

#: For zlib: a gzip member with its head and its trailer; deflated data alone.
_WRAPPED, _RAW = 31, -15

#: How a gzip member begins.
_MAGIC = b"\x1f\x8b"

_CUT = "the packed data end too early; what followed is lost"
_SUM = "the check sum is wrong: what precedes may not be what was packed"
_LENGTH = "the length is wrong: something that precedes may be missing"
_STRANGE = "what follows is not packed by gzip and is left out"

#: What zlib says of a trailer that is wrong: our words, and how many bytes of it follow those that told.
_TRAILERS = {"incorrect data check": (_SUM, 4), "incorrect length check": (_LENGTH, 0)}

#: What is unpacked, as it comes, and in between what is wrong there.
_Pieces = Iterator[bytes | str]


class _Unpacked(io.RawIOBase):
    """What a packed stream holds.  What is wrong is noted by its place; raises OSError where nothing can be had."""

    def __init__(self, pieces: _Pieces, broken: dict[int, str], files: tuple[BinaryIO, ...]) -> None:
        self.pieces, self.broken, self.files = pieces, broken, files
        self.rest = b""
        self.at = 0

    def readable(self) -> bool:
        return True

    def readinto(self, into: memoryview) -> int:  # type: ignore[override]
        while not self.rest:
            piece = next(self.pieces, None)
            if piece is None:
                return 0
            if isinstance(piece, bytes):
                self.rest = piece
            elif self.at:
                self.broken.setdefault(self.at, piece)
            else:
                raise OSError(f"unpacking fails: {piece}")
        piece, self.rest = self.rest[: len(into)], self.rest[len(into) :]
        into[: len(piece)] = piece
        self.at += len(piece)
        return len(piece)

    def close(self) -> None:
        for file in self.files:
            file.close()
        super().close()


def gzipped(plain: ByteOrigin) -> ByteOrigin:
    """The origin in a gzip file."""

    def opener() -> BinaryIO:
        file = plain.opener()
        return cast(BinaryIO, _Unpacked(_members(file), origin.broken, (file,)))

    origin = ByteOrigin(plain.name, opener)
    return origin


def members(plain: ByteOrigin) -> list[ByteOrigin]:
    """The origins in a zip archive, one a member.  Raises OSError when its directory cannot be read."""
    try:
        with plain.opener() as file, zipfile.ZipFile(file) as archive:
            infos = archive.infolist()
    except zipfile.BadZipFile as error:
        raise OSError(str(error)) from error
    return [_member(plain, number, info.filename) for number, info in enumerate(infos) if not info.is_dir()]


def _member(plain: ByteOrigin, number: int, name: str) -> ByteOrigin:
    def opener() -> BinaryIO:
        file = plain.opener()
        try:
            archive = zipfile.ZipFile(file)
            info = archive.infolist()[number]
            check, size = info.CRC, info.file_size
            # Checked here: the library would keep the last piece when the sum is wrong.
            del info.CRC
            deflated = info.compress_type == zipfile.ZIP_DEFLATED
            if deflated:
                # As it lies, for it is unpacked here as far as it goes.
                info.compress_type, info.file_size = zipfile.ZIP_STORED, info.compress_size
            packed = cast(BinaryIO, archive.open(info))
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            # A method of packing that is not known, and a password, have errors of their own.
            file.close()
            raise OSError(str(error)) from error
        pieces = _inflated(packed) if deflated else _otherwise(packed)
        return cast(BinaryIO, _Unpacked(_checked(pieces, check, size), origin.broken, (packed, file)))

    origin = ByteOrigin(f"{plain.name}:{name}", opener)
    return origin


def _inflated(packed: BinaryIO) -> _Pieces:
    """Deflated data of a zip archive."""
    yield from _inflate(_reader(packed), b"", _RAW)


def _members(packed: BinaryIO) -> _Pieces:
    """The members of a gzip file."""
    more = _reader(packed)
    waiting = yield from _inflate(more, more(), _WRAPPED)
    while waiting is not None:
        # Behind a member another may follow, or zeros that fill a block.
        waiting = waiting.lstrip(b"\0")
        if len(waiting) < len(_MAGIC):
            read = more()
            if not read and not waiting:
                return
            waiting += read
            if read:
                continue
        if not waiting.startswith(_MAGIC):
            yield _STRANGE
            return
        waiting = yield from _inflate(more, waiting, _WRAPPED)


def _reader(packed: BinaryIO) -> Callable[[], bytes]:
    """What reads the next packed bytes; none at the end, also where a file ends before its directory says."""

    def more() -> bytes:
        try:
            return packed.read(_PACKED)
        except EOFError:
            return b""

    return more


def _inflate(more: Callable[[], bytes], waiting: bytes, window: int) -> Generator[bytes | str, None, bytes | None]:
    """One deflated stream that begins with ``waiting``; returns what lies behind it, None where nothing can be had."""
    inflater = zlib.decompressobj(window)
    while not inflater.eof:
        before = inflater.copy()
        try:
            piece = inflater.decompress(waiting, _PIECE)
        except zlib.error as error:
            found, waiting = _as_far_as(before, waiting)
            if found:
                yield found
            why = str(error).rpartition(": ")[2]
            detail, behind = _TRAILERS.get(why, (f"{why}; what follows is lost", None))
            yield detail
            if behind is None:
                return None
            while len(waiting) < behind and (read := more()):
                waiting += read
            return waiting[behind:]
        waiting = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
        if piece:
            yield piece
        elif not waiting and not inflater.eof:
            waiting = more()
            if not waiting:
                yield _CUT
                return None
    return waiting


def _as_far_as(inflater: "zlib._Decompress", packed: bytes) -> tuple[bytes, bytes]:
    """What can be had of data that fail: all that precedes the fault, and the packed bytes behind it."""
    found = bytearray()
    for at in range(len(packed) + 1):
        # One byte in and one byte out at a time: a failing call keeps what it had.
        byte = packed[at - 1 : at] if at else b""
        try:
            while piece := inflater.decompress(byte, 1):
                found += piece
                byte = inflater.unconsumed_tail
        except zlib.error:
            return bytes(found), packed[at:]
    return bytes(found), b""


def _otherwise(packed: BinaryIO) -> _Pieces:
    """Data packed in another way, or not at all, by the library."""
    try:
        while piece := cast(zipfile.ZipExtFile, packed).read1(_PIECE):
            yield piece
    except EOFError:
        yield _CUT
    except Exception as error:
        # Every method of packing has exceptions of its own.
        yield f"{error}; what follows is lost"


def _checked(pieces: _Pieces, check: int, size: int) -> _Pieces:
    """Pieces held against the sum and the size that a directory gives, unless something else was wrong."""
    found = at = 0
    for piece in pieces:
        yield piece
        if isinstance(piece, str):
            return
        found, at = zlib.crc32(piece, found), at + len(piece)
    if at != size:
        yield _LENGTH
    elif found != check:
        yield _SUM
