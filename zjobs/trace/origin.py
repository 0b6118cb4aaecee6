"""Where bytes come from: a file, standard input, a member of a zip archive, a data set on a host.

An origin can be opened more than once: reading in time order needs a first look.  Which origins there are in a file
is told by `trace/files.py`.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol

import numpy as np

from zjobs.columns import Bytes
from zjobs.errors import DataError
from zjobs.wire.layout import PADDING


class Origin(Protocol):
    """A named supply of bytes, or of records."""

    name: str


@dataclass(eq=False, repr=False)
class ByteOrigin:
    """Bytes without record boundaries of their own."""

    name: str
    opener: Callable[[], BinaryIO]
    #: What is wrong with the packing of a packed one, by the place in what it holds; known as far as it was read.
    broken: dict[int, str] = field(default_factory=dict)

    def open(self) -> BinaryIO:
        """From the start; the caller closes it.  Raises DataError when it cannot be opened."""
        try:
            return self.opener()
        except OSError as error:
            raise self.unreadable(error) from error

    def read(self, stream: BinaryIO, into: memoryview) -> int:
        """Fill ``into`` as far as the stream goes; the number of bytes read."""
        filled = 0
        try:
            while filled < len(into) and (got := stream.readinto(into[filled:])):  # type: ignore[attr-defined]
                filled += got
        except OSError as error:
            raise self.unreadable(error) from error
        return filled

    def unreadable(self, error: Exception) -> DataError:
        """What to tell of an error of the source."""
        return DataError("ZJB0101E", source=self.name, detail=reason(error))


#: Bytes in front of a buffer for what the one before left over: the longest record and then some.
_HEADROOM = 1 << 17


class _Reading(threading.Thread):
    """One buffer on its way."""

    def __init__(self, origin: ByteOrigin, stream: BinaryIO, size: int) -> None:
        super().__init__(name="zjobs-read", daemon=True)
        # Not a bytearray: that would be cleared first, which costs as much as reading.
        self.area = np.empty(_HEADROOM + size + PADDING, dtype=np.uint8)
        self.origin, self.stream, self.size = origin, stream, size
        self.got = 0
        self.error: Exception | None = None
        self.start()

    def run(self) -> None:
        try:
            self.got = self.origin.read(self.stream, self.area.data[_HEADROOM : _HEADROOM + self.size])
        except Exception as error:
            self.error = error

    def result(self) -> tuple[Bytes, int]:
        """The buffer and the bytes read into it behind the headroom; raises what reading raised."""
        self.join()
        if self.error is not None:
            raise self.error
        return self.area, self.got


class ReadAhead:
    """Buffers of a byte stream, each begun with what the caller kept of the last; one is read while one is used.

    A buffer is followed by the padding that gathers rely on.
    """

    def __init__(self, origin: ByteOrigin, size: int) -> None:
        self.origin, self.size = origin, size
        self.stream = origin.open()
        self.coming = _Reading(origin, self.stream, size)

    def __enter__(self) -> "ReadAhead":
        return self

    def __exit__(self, *_: object) -> None:
        self.coming.join()
        self.stream.close()

    def next(self, kept: memoryview | bytes) -> tuple[memoryview, int, bool]:
        """The next buffer behind ``kept``: its bytes, how many of them are data, and whether it is the last."""
        area, got = self.coming.result()
        final = got < self.coming.size
        if not final:
            self.coming = _Reading(self.origin, self.stream, self.size)
        if len(kept) > _HEADROOM:
            area = np.concatenate([np.empty(len(kept) - _HEADROOM, dtype=np.uint8), area])
        head = max(len(kept), _HEADROOM)
        end = head + got
        area[head - len(kept) : head] = np.frombuffer(kept, dtype=np.uint8)
        area[end : end + PADDING] = 0
        return area.data[head - len(kept) : end + PADDING], len(kept) + got, final


@dataclass(eq=False, repr=False)
class RecordOrigin:
    """Records with their boundaries kept by the access method (one bytes object a record)."""

    name: str
    opener: Callable[[], Iterator[bytes]]

    def open(self) -> Iterator[bytes]:
        """From the start."""
        return self.opener()


def reason(error: Exception) -> str:
    """The words of an error of the system or a library."""
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
