"""The committed captures show what their scenarios promise, and the README tells of exactly those."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import dpkt
import pytest
import record
from scenarios import SCENARIOS, Scenario

HERE = Path(__file__).parent
needs_tshark = pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")


@needs_tshark
@pytest.mark.parametrize("one", SCENARIOS, ids=lambda one: one.files[0])
def test_capture_shows_what_is_promised(one: Scenario) -> None:
    assert record.shortfalls(one, HERE) == []


@needs_tshark
def test_readme_is_up_to_date() -> None:
    assert (HERE / "README.md").read_text(encoding="ascii") == record.readme(HERE)


def test_files_and_scenarios_are_the_same_set() -> None:
    assert {path.name for path in HERE.glob("*.pcap*")} == {file for one in SCENARIOS for file in one.files}


def test_captures_stay_small() -> None:
    sizes = {path.name: path.stat().st_size for path in HERE.glob("*.pcap")}
    assert {name for name, size in sizes.items() if size > 150_000} == set()
    assert sum(sizes.values()) < 1_500_000


@pytest.mark.parametrize("path", sorted(HERE.glob("*.pcap")), ids=lambda path: path.name)
def test_nothing_of_the_recording_machine_leaks(path: Path) -> None:
    assert not re.findall(rb"/root\b|/home/|resolv|PRIVATE KEY", path.read_bytes())
    with path.open("rb") as file:
        frames = [frame for _, frame in dpkt.pcap.Reader(file)]
    adapters = {frame[at : at + 6] for frame in frames for at in (0, 6) if not frame[at] & 1}
    assert adapters
    assert {adapter[:4] for adapter in adapters} == {b"\x02\0\0\0"}, "every adapter has an address of the laboratory"
