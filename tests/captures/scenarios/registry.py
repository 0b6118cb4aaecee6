"""What a scenario is, and the list of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .lab import Lab

# The interpreter that has Debian's server packages, which is rarely the one of a virtual environment.
PYTHON = "/usr/bin/python3"

Record = Callable[[Lab, Path, Sequence[Path]], None]


@dataclass(frozen=True)
class Scenario:
    """One recording. A second file is the same traffic at the other end, whose address is the second home."""

    files: tuple[str, ...]
    homes: tuple[str, ...]
    shows: str
    finding: str
    expect: dict[str, int]
    """display filter -> packets that the first capture must have at least; 0: none at all"""
    lab: dict[str, float]
    record: Record


SCENARIOS: list[Scenario] = []


def scenario(
    *files: str,
    home: str,
    other_home: str = "",
    shows: str,
    finding: str,
    expect: dict[str, int],
    lab: dict[str, float] | None = None,
) -> Callable[[Record], Record]:
    """Register a function that records `files`. It gets the network, a directory for its servers, and the paths."""

    def register(record: Record) -> Record:
        SCENARIOS.append(Scenario(files, (home, other_home), shows, finding, expect, lab or {}, record))
        return record

    return register


def blob(size: int) -> bytes:
    """About `size` bytes of text lines, each with its number, so that a gap or a repetition can be seen."""
    return b"".join(
        b"RECORD %06d ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789".ljust(79) % n + b"\n" for n in range(size // 80)
    )
