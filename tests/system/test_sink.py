"""Bytes into a target: all of them, whatever kind it is, and a file keeps no more blocks than it has bytes."""

import io
import os
import threading
from pathlib import Path

import pytest

from zjobs import sink

DATA = bytes(range(256)) * 8192


class Slow(io.BytesIO):
    """Takes a thousand bytes at a time, and has no file."""

    def write(self, data: bytes) -> int:
        return super().write(bytes(data[:1000]))


@pytest.mark.parametrize("mode", ["wb", "ab"])
@pytest.mark.parametrize("buffering", [0, -1])
def test_a_file_has_what_was_poured_and_no_block_more(tmp_path: Path, mode: str, buffering: int) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"before")
    with path.open(mode, buffering=buffering) as stream:
        for part in (b"heading", DATA, DATA[:-1], b"end"):
            sink.pour(stream, part)
    before = b"before" if mode == "ab" else b""
    assert path.read_bytes() == before + b"heading" + DATA + DATA[:-1] + b"end"
    there = path.stat()
    assert there.st_blocks * 512 <= there.st_size + 2 * there.st_blksize


def test_targets_without_blocks_are_written_too(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Slow()
    sink.pour(slow, DATA)
    assert slow.getvalue() == DATA
    read, write = os.pipe()
    got: list[bytes] = []
    with open(read, "rb") as other:  # noqa: PTH123
        reader = threading.Thread(target=lambda: got.append(other.read()))
        reader.start()
        with open(write, "wb") as stream:  # noqa: PTH123
            sink.pour(stream, DATA)
        reader.join()
    assert got == [DATA]
    monkeypatch.setattr(sink.sys, "platform", "zos")
    sink._fallocate.cache_clear()
    try:
        slow = Slow()
        sink.pour(slow, DATA)
    finally:
        sink._fallocate.cache_clear()
    assert slow.getvalue() == DATA


def test_blocks_are_set_aside_before_anything_is_written(tmp_path: Path) -> None:
    path = tmp_path / "out"
    seen = []

    class Watched(io.FileIO):
        def write(self, data: object) -> int:
            seen.append(os.fstat(self.fileno()).st_blocks * 512)
            return super().write(data)  # type: ignore[arg-type]

    with Watched(str(path), "w+b") as stream:
        if sink._fallocate()(stream.fileno(), 0, 0, 1) != 0 or not os.fstat(stream.fileno()).st_blocks:
            pytest.skip("nothing is set aside on this file system")
        sink.pour(stream, DATA)
    assert seen[0] >= len(DATA)
