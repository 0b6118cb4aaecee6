"""``zoautil_py.zoau_io``: data sets as record streams, with the meaning records have in the C library."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from mock_zos.datasets import DatasetProblem, Datasets
from mock_zos.lpar import Lpar
from mock_zos.zoau.names import split


class ZOAU_IO_Error(OSError, ValueError):
    """Derives from both, and from nothing of ``zoautil_py.exceptions``."""


class ZOAU_IO_UnsupportedOperation(OSError, ValueError):
    """A stream that cannot do that."""


class RecordIO:
    """One open data set.  An empty variable record reads as the end, as ``fread`` makes it."""

    _lpar: ClassVar[Lpar]

    def __init__(
        self,
        file: str,
        mode: str = "r",
        *,
        blksize: Any = ...,
        lrecl: Any = ...,
        noseek: bool = False,
        recfm: Any = ...,
        space: Any = ...,
    ) -> None:
        if mode.replace("b", "") not in ("r", "w", "a", "r+", "w+"):
            raise ValueError(f"invalid mode: {mode!r}")
        dd = file.upper().removeprefix("//").partition("DD:")[2]
        named = self._lpar.state.allocations.get(dd, "") if dd else file
        try:
            self._name, self._member = split(named)
            label = self._store.attributes(self._name)
            self._content = [] if mode[0] == "w" else list(self._store.read(self._name, self._member))
        except DatasetProblem as problem:
            if mode[0] == "r" or not problem.missing or not self._store.exists(self._name):
                raise ZOAU_IO_Error(f"{file}: {problem.reason}") from None
            self._content, label = [], self._store.attributes(self._name)
        self._at, self._writes = 0, mode[0] in "wa" or "+" in mode
        self.closed, self.openmode, self.noseek_to_seek = False, mode, False
        self.device, self.access_method = "DISK", "QSAM" if noseek else "BSAM"
        self.recfm, self.dsorg, self.dsname = label["recfm"], label["dsorg"], self._name
        # The C library counts the data of a variable record; JCL counts its RDW as well.
        self.maxreclen = label["lrecl"] - (4 if label["recfm"].startswith("V") else 0)
        self.blksize = label["blksize"]
        if self._writes:
            self._save()

    @property
    def _store(self) -> Datasets:
        return self._lpar.datasets

    def _open(self) -> None:
        if self.closed:
            raise ValueError("I/O operation on closed file")

    def _save(self) -> None:
        try:
            self._store.write(self._name, self._content, self._member)
        except DatasetProblem as problem:
            raise ZOAU_IO_Error(str(problem)) from None

    def readrecord(self) -> bytes:
        self._open()
        if self._at >= len(self._content):
            return b""
        self._at += 1
        return self._content[self._at - 1]

    def read(self, size: int = 1, count: Any = ...) -> bytes:
        """At most one record; of one that is longer than asked for, the rest is lost."""
        record = self.readrecord()
        return record if count is ... else record[: size * count]

    def readlines(self, hint: int = -1) -> list[bytes]:
        return self.readrecords() if hint <= 0 else self.readrecords(hint)

    def readrecords(self, nrecords: Any = ...) -> list[bytes]:
        found: list[bytes] = []
        while nrecords is ... or len(found) < nrecords:
            record = self.readrecord()
            if not record:
                break
            found.append(record)
        return found

    def __iter__(self) -> Iterator[bytes]:
        while record := self.readrecord():
            yield record

    def write(self, content: bytes) -> int:
        self._open()
        if not self._writes:
            raise ZOAU_IO_UnsupportedOperation("not writable")
        if len(content) > self.maxreclen:
            raise ValueError(f"record of {len(content)} bytes is longer than LRECL")
        self._content.append(bytes(content))
        return len(content)

    def seek(self, offset: int, origin: int = 0) -> None:
        self._open()
        if self.access_method == "QSAM":
            raise ZOAU_IO_UnsupportedOperation("not seekable")
        self._at = offset + (0, self._at, len(self._content))[origin]

    def tell(self) -> int:
        self._open()
        if self.access_method == "QSAM":
            raise ZOAU_IO_UnsupportedOperation("not seekable")
        return self._at

    def __len__(self) -> int:
        if self.access_method == "QSAM":
            raise OSError("not seekable")
        return len(self._content)

    def rewind(self) -> None:
        self._at = 0

    def clearerr(self) -> None: ...

    def flush(self) -> None:
        self._open()

    def readable(self) -> bool:
        return "r" in self.openmode or "+" in self.openmode

    def writable(self) -> bool:
        return self._writes

    def seekable(self) -> bool:
        return self.access_method == "BSAM"

    def close(self) -> None:
        if not self.closed and self._writes:
            self._save()
        self.closed = True


class RecordIO_TextWrapper:
    """The records of a stream as text of a single-byte code page."""

    def __init__(self, stream: RecordIO, encoding: str) -> None:
        self._stream: RecordIO | None = stream
        self.encoding = encoding

    def _held(self) -> RecordIO:
        if self._stream is None:
            raise ValueError("underlying stream has been detached")
        return self._stream

    def detach(self) -> RecordIO:
        stream, self._stream = self._held(), None
        return stream

    def readrecord(self) -> str:
        return self._held().readrecord().decode(self.encoding)

    def readrecords(self, nrecords: Any = ...) -> list[str]:
        return [one.decode(self.encoding) for one in self._held().readrecords(nrecords)]

    def readlines(self, hint: int = -1) -> list[str]:
        return [one.decode(self.encoding) for one in self._held().readlines(hint)]

    def __iter__(self) -> Iterator[str]:
        for one in self._held():
            yield one.decode(self.encoding)

    def write(self, content: str) -> int:
        return self._held().write(content.encode(self.encoding))

    def close(self) -> None:
        self._held().close()


_DOUBLE = ("utf", "939", "1399", "935", "937", "933")


def functions(lpar: Lpar, release: str) -> dict[str, Any]:
    kind = type("RecordIO", (RecordIO,), {"_lpar": lpar})

    def zopen(
        file: str,
        mode: str,
        encoding: str | None = None,
        type: str = "record",
        *,
        blksize: Any = ...,
        lrecl: Any = ...,
        noseek: bool = False,
        recfm: Any = ...,
        space: Any = ...,
    ) -> Any:
        if type != "record":
            raise ValueError(f"type {type!r} is not implemented")
        if encoding is not None and any(part in encoding.lower() for part in _DOUBLE):
            raise ZOAU_IO_UnsupportedOperation(f"encoding {encoding} has more than one byte a character")
        opened: Callable[..., Any] = kind
        stream = opened(file, mode, blksize=blksize, lrecl=lrecl, noseek=noseek, recfm=recfm, space=space)
        return RecordIO_TextWrapper(stream, encoding) if encoding else stream

    return {
        "zopen": zopen,
        "RecordIO": kind,
        "RecordIO_TextWrapper": RecordIO_TextWrapper,
        "ZOAU_IO_Error": ZOAU_IO_Error,
        "ZOAU_IO_UnsupportedOperation": ZOAU_IO_UnsupportedOperation,
        **{"SEEK_SET": 0, "SEEK_CUR": 1, "SEEK_END": 2},
    }
