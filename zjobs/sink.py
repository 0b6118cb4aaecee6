"""Bytes into a target, all of them."""

import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import BinaryIO

#: Bytes written at a time.  For larger pieces Linux (6.18, ext4) looks for larger pages to cache them in, and where
#: a virtual machine must get those from its host first, writing takes six times as long.
_PIECE = 256 << 10

#: Flag of fallocate(2), from linux/falloc.h: the file stays as long as it is.
_KEEP_SIZE = 1


def pour(sink: BinaryIO, data: bytes | memoryview) -> None:
    """Write everything, however little the target takes at a time."""
    view = memoryview(data)
    if len(view) > _PIECE:
        _set_aside(sink, len(view))
    while len(view):
        view = view[sink.write(view[:_PIECE]) :]


def _set_aside(sink: BinaryIO, size: int) -> None:
    """Have the blocks of a file for what comes next given at once: one by one, they are a third of the time of writing.

    Whatever cannot do that is written all the same.
    """
    call = _fallocate()
    with suppress(OSError, ValueError, AttributeError):
        call(sink.fileno(), _KEEP_SIZE, sink.tell(), size)


@cache
def _fallocate() -> Callable[[int, int, int, int], int]:
    """fallocate(2) where there is one; Python knows posix_fallocate(3) only, which makes the file longer."""
    if sys.platform == "linux" and sys.maxsize > 1 << 32:
        # An interpreter may be built without it.
        with suppress(ImportError, AttributeError, OSError):
            import ctypes

            function = ctypes.CDLL(None).fallocate
            function.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64)
            found: Callable[[int, int, int, int], int] = function
            return found
    return lambda *_: 0
