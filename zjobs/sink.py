"""Bytes into a target, all of them."""

from typing import BinaryIO

#: Bytes written at a time.  For larger pieces Linux (6.18, ext4) looks for larger pages to cache them in, and where
#: a virtual machine must get those from its host first, writing takes six times as long.
_PIECE = 256 << 10


def pour(sink: BinaryIO, data: bytes | memoryview) -> None:
    """Write everything, however little the target takes at a time."""
    view = memoryview(data)
    while len(view):
        view = view[sink.write(view[:_PIECE]) :]
