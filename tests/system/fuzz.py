"""What takes minutes: every container cut and changed at every byte, all shared captures everywhere, bounded memory.

Not part of the ordinary run: `make fuzz`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from encoder import BODIES, CONTAINERS, DATA_SETS, LOSSY, wrap_pcap
from encoder.containers import packed, rdw, sliced
from readings import ROOT, expected, own_files, rows, shared_files, trace_of, troubled

from zjobs.errors import DataError

sys.path.insert(0, str(Path(__file__).parents[1] / "trace"))
from test_damage import between, built, check

#: Longest data that is cut and changed at every byte; of longer ones so many places are tried.
EVERY = 20_000
PLACES = 1_000

MEGABYTES = 300
MOST_RSS = 300


def step(size: int) -> int:
    return 1 if size <= EVERY else size // PLACES


@pytest.mark.parametrize("name", CONTAINERS)
def test_cut_at_every_byte(name: str) -> None:
    trace = built()
    data = CONTAINERS[name](trace.ctes)
    silent = between(data, trace)
    blocks = name.startswith("2cutc") or "sliced" in name or "prefix" in name or "garbage" in name
    for cut in range(1, len(data), step(len(data))):
        check(data[:cut], trace, silent=silent(cut) or blocks, framed=not name.startswith("2cutc"))


@pytest.mark.parametrize("bit", [0, 3, 6, 7])
@pytest.mark.parametrize("name", CONTAINERS)
def test_one_bit_changed_at_every_byte(name: str, bit: int) -> None:
    trace = built()
    data = CONTAINERS[name](trace.ctes)
    for at in range(bit, len(data), step(len(data)) * 4):
        changed = bytearray(data)
        changed[at] ^= 1 << bit
        check(bytes(changed), trace, silent=name.startswith("2cutc"), framed=not name.startswith("2cutc"))


@pytest.mark.parametrize("path", [*own_files(), *shared_files()], ids=lambda p: p.stem)
def test_every_capture_in_everything(path: Path) -> None:
    wrapped = wrap_pcap(path)
    if not wrapped.items:
        pytest.skip("neither IP nor Ethernet in it")
    wanted = sorted(expected(wrapped.items))
    for name, make in CONTAINERS.items():
        data = make(wrapped.ctes)
        if name in LOSSY and not any(c in data for c in wrapped.ctes):
            with pytest.raises(DataError):
                trace_of(data)
            continue
        trace = trace_of(data)
        assert sorted(rows(trace)) == wanted or (name in LOSSY and troubled(trace)), name
    for name, make_several in DATA_SETS.items():
        assert sorted(rows(trace_of(*make_several(wrapped.ctes)))) == wanted, name
    for name, make_bodies in BODIES.items():
        assert sorted(rows(trace_of(make_bodies(wrapped.ctes)))) == wanted, name


#: Runs a command line and prints the most memory it ever had, in MB.
MEASURE = """
import resource, sys
from zjobs.cli import run
code = run(sys.argv[1:])
print(code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, file=sys.stderr)
"""


@pytest.mark.parametrize("frame", ["packed", "sliced"])
@pytest.mark.parametrize("command", [["format", "--summary"], ["format", "--tally"], ["inspect"]], ids=" ".join)
def test_memory_does_not_grow_with_the_trace(frame: str, command: list[str], tmp_path: Path) -> None:
    """A trace of 300 MB, later and later copies of one capture."""
    wrapped = wrap_pcap(next(p for p in own_files() if p.stem == "tcp-loss-client"))
    size = sum(map(len, wrapped.ctes))
    path = tmp_path / "large"
    make = packed if frame == "packed" else sliced
    with path.open("wb") as stream:
        for copy in range(MEGABYTES * 1_000_000 // size):
            stream.write(rdw(make([later(c, copy * 10_000_000) for c in wrapped.ctes])))
    arguments = [*command, str(path), "--out", "/dev/null"]
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, *arguments], capture_output=True, text=True, cwd=ROOT, check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    code, most = (int(n) for n in done.stderr.splitlines()[-1].split())
    assert code in (0, 4)
    assert most < MOST_RSS


def later(entry: bytes, microseconds: int) -> bytes:
    """The same entry, put in the buffer and captured later."""
    moved = bytearray(entry)
    for at in (8, 16 + 24):
        value = int.from_bytes(moved[at : at + 8], "big") + (microseconds << 12)
        moved[at : at + 8] = value.to_bytes(8, "big")
    return bytes(moved)
