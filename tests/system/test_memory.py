"""Memory made ready: touched for files only, kept when free, nothing where there is no GNU C library."""

import ctypes
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from readings import ROOT

from zjobs import memory

_PROGRAM = """
import resource, sys, threading
from zjobs import memory

def resident():
    with open("/proc/self/statm") as figures:
        return int(figures.read().split()[1])

before = resident()
memory.prepare(sys.argv[1:])
for thread in threading.enumerate():
    if thread.name == "zjobs-memory":
        thread.join()
touched = resident() - before
faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
text = bytes(24 << 20)
for at in range(0, len(text), 4096):
    text[at]
print(touched, resource.getrusage(resource.RUSAGE_SELF).ru_minflt - faults)
"""


def figures(*words: str, program: str = _PROGRAM) -> tuple[int, int]:
    """Pages that came in ``prepare``, and those that came when 24 MiB were used afterwards."""
    done = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True, check=True)
    touched, faults = done.stdout.split()
    return int(touched), int(faults)


@pytest.mark.skipif(sys.platform != "linux", reason="the GNU C library of Linux")
def test_memory_is_touched_for_files_and_kept(tmp_path: Path) -> None:
    source = tmp_path / "trace.bin"
    with source.open("wb") as sink:
        sink.truncate(20 << 20)
    touched, faults = figures("format", "--full", str(source))
    # Two bytes for each, in whole blocks.
    assert 32 << 20 <= touched * resource.getpagesize() <= 40 << 20
    assert faults < 500


@pytest.mark.skipif(sys.platform != "linux", reason="the GNU C library of Linux")
def test_nothing_is_touched_without_a_file(tmp_path: Path) -> None:
    touched, faults = figures("format", "--where", "tcp.port == 21 and " * 400, str(tmp_path / "none"), "a\0b"[:1])
    assert touched < 1000
    assert faults > (24 << 20) // resource.getpagesize() // 2


def test_elsewhere_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory.sys, "platform", "zos")
    monkeypatch.setattr(ctypes, "CDLL", lambda _: pytest.fail("loaded a library"))
    memory.prepare([__file__])


def test_an_interpreter_without_ctypes_works_all_the_same(tmp_path: Path) -> None:
    """It is a part of Python that is left out where it could not be built."""
    (tmp_path / "_ctypes.py").write_text("raise ImportError('not built')\n")
    program = "import sys; sys.argv = ['zjobs', 'list', 'protocols']; from zjobs.__main__ import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT), os.environ.get("PYTHONPATH", "")])},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(sys.platform != "linux", reason="the GNU C library of Linux")
def test_what_is_wanted_now_is_not_waited_for(tmp_path: Path) -> None:
    """Memory that was not touched when reading begins is left alone."""
    source = tmp_path / "trace.bin"
    with source.open("wb") as sink:
        sink.truncate(100 << 20)
    program = _PROGRAM.replace("memory.prepare(", "memory.wanted(); memory.prepare(")
    touched, _ = figures("format", str(source), program=program)
    assert touched < 1000
