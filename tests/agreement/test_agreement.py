"""Every field of every packet that zjobs exports is what tshark says of it.

The captures are the project's own and, where a directory ``shared/data/pcap`` stands beside the project, those
in it.  Each is read twice: as it is, and wrapped into a trace data set by the independent encoder, whose
records have no link header.  ``fields.txt`` lists the fields, ``differences.tsv`` the few known differences.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
import subject
import witness
from comparison import Tally, known_differences
from encoder import CONTAINERS, LOSSY, wrap_pcap
from witness import Values

HERE = Path(__file__).parent
OWN = HERE.parent / "captures"
SHARED = HERE.parents[2] / "shared" / "data" / "pcap"
CAPTURES = sorted(OWN.glob("*.pcap*")) + sorted(SHARED.glob("*.pcap*"))
KNOWN = known_differences(HERE / "differences.tsv")

#: Containers take turns; those that lose records on purpose, or need times that differ, are for other tests.
BOXES = sorted(n for n in CONTAINERS if n not in LOSSY and not any(w in n for w in ("garbage", "nordw", "wrapped")))

#: Values that are frame numbers.
FRAMES = ("tcp.analysis.acks_frame", "tcp.analysis.rto_frame", "tcp.analysis.duplicate_ack_frame")
LINK = ("frame", "eth", "vlan")

#: 1990-01-01: CTETIME cannot be earlier.
EARLIEST = 631_152_000

pytestmark = pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")


class Witnesses:
    """tshark's reading of all captures, started at once, two at a time."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.pool = ThreadPoolExecutor(2)
        self.jobs: dict[Path, Future[tuple[Path, list[Values]]]] = {}

    def start(self, captures: list[Path]) -> None:
        witness.types()
        for capture in captures:
            self.jobs[capture] = self.pool.submit(self._read, capture)

    def _read(self, capture: Path) -> tuple[Path, list[Values]]:
        ordered = witness.in_time_order(capture, self.scratch)
        return ordered, witness.read(ordered)

    def of(self, capture: Path) -> tuple[Path, list[Values]]:
        return self.jobs[capture].result()


@pytest.fixture(scope="module")
def witnesses(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Witnesses]:
    found = Witnesses(tmp_path_factory.mktemp("ordered"))
    wanted = {item.callspec.params["capture"] for item in request.session.items if hasattr(item, "callspec")
              and item.path == request.path and "capture" in item.callspec.params}  # fmt: skip
    found.start([c for c in CAPTURES if c in wanted])
    yield found
    found.pool.shutdown(cancel_futures=True)


@pytest.fixture(scope="module")
def total() -> Iterator[Tally]:
    tally = Tally()
    yield tally
    print("\n" + tally.table())


def judge(tally: Tally, total: Tally) -> None:
    """The whole table belongs to the run, the differences to the capture."""
    total.add(tally)
    assert not tally.differences, "\n".join(str(d) for d in tally.differences[:20])


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda c: c.name)
def test_capture_files(capture: Path, witnesses: Witnesses, total: Tally) -> None:
    ordered, theirs = witnesses.of(capture)
    ours = subject.read(ordered)
    assert len(ours) == len(theirs)
    tally = Tally(known=KNOWN)
    for number, (mine, other) in enumerate(zip(ours, theirs, strict=True), 1):
        tally.packet(capture.name, number, mine, other, witness.FIELDS)
    judge(tally, total)


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda c: c.name)
def test_trace_data_sets(capture: Path, witnesses: Witnesses, total: Tally, tmp_path: Path) -> None:
    ordered, theirs = witnesses.of(capture)
    wrapped = wrap_pcap(ordered)
    if not wrapped.items:
        pytest.skip("no frame of this capture can be in a trace data set")
    if any("tcp.stream" in theirs[k - 1] or "udp.stream" in theirs[k - 1] for k in wrapped.skipped):
        pytest.skip("conversations are numbered otherwise without the frames that cannot be wrapped")
    if any(float(str(packet["frame.time_epoch"][0])) < EARLIEST for packet in theirs):
        pytest.skip("times before 1990 cannot be in a trace; the encoder moves them")
    data_set = tmp_path / "trace"
    data_set.write_bytes(CONTAINERS[BOXES[CAPTURES.index(capture) % len(BOXES)]](wrapped.ctes))
    ours = subject.read(data_set)
    assert len(ours) == len(wrapped.items)
    items = {int(str(mine["frame.number"][0])): wrapped.items[int(str(mine["zos.count"][0])) - 1] for mine in ours}
    tally = Tally(known=KNOWN)
    for mine, item in zip(ours, items.values(), strict=True):
        for name in FRAMES:
            if name in mine:
                mine[name] = [items[int(str(value))].number for value in mine[name]]
        shown = [name for name in witness.FIELDS if item.fmtid == 7 or name.split(".")[0] not in LINK]
        facts: Values = {
            "frame.number": mine["frame.number"],
            "frame.time_epoch": [f"{item.time_us // 1_000_000}.{item.time_us % 1_000_000:06}"],
            "frame.len": [item.orig_len],
            "frame.cap_len": [len(item.packet)],
            "zos.direction": ["out" if item.out else "in"],
            "zos.abbreviated": [int(item.abbreviated)],
        }
        theirs_here = theirs[item.number - 1] | facts
        tally.packet(f"wrapped:{capture.name}", item.number, mine, theirs_here, {*shown, *facts})
    judge(tally, total)


def test_shared_captures_are_there() -> None:
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is not there: only the project's own captures were compared")


def test_no_field_escapes() -> None:
    """Whatever zjobs names like Wireshark is compared, or belongs to a protocol that is not part of the promise."""
    promised = {name.split(".")[0] for name in witness.FIELDS}
    exported = {name for capture in sorted(OWN.glob("*.pcap")) for packet in subject.read(capture) for name in packet}
    assert {name for name in exported if name.split(".")[0] in promised} <= set(witness.FIELDS)


def test_known_differences_are_of_these_captures() -> None:
    names = {capture.name for capture in CAPTURES}
    missing = {capture.removeprefix("wrapped:") for capture, _, _ in KNOWN if capture != "*"} - names
    assert not missing or not SHARED.is_dir()
