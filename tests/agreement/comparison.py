"""Field by field, packet by packet: where two readers of a capture agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from witness import Values


class Difference(NamedTuple):
    """One field of one packet on which the readers do not agree."""

    capture: str
    frame: int
    field: str
    ours: object
    theirs: object

    def __str__(self) -> str:
        return f"{self.capture} frame {self.frame} {self.field}: zjobs {self.ours}, tshark {self.theirs}"


@dataclass
class Tally:
    """How often each field was compared and agreed."""

    compared: Counter[str] = field(default_factory=Counter)
    agreed: Counter[str] = field(default_factory=Counter)
    excused: Counter[str] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)
    known: dict[tuple[str, str, str], str] = field(default_factory=dict)

    def packet(self, capture: str, frame: int, ours: Values, theirs: Values, fields: Iterable[str]) -> None:
        """Compare one packet; a field that neither has is not counted."""
        for name in fields:
            mine, other = ours.get(name), theirs.get(name)
            if mine is None and other is None:
                continue
            self.compared[name] += 1
            if mine == other:
                self.agreed[name] += 1
            elif self.is_known(capture, frame, name):
                self.excused[name] += 1
            else:
                self.differences.append(Difference(capture, frame, name, mine, other))

    def is_known(self, capture: str, frame: int, name: str) -> bool:
        """Whether a justified difference is on record."""
        group = name.split(".")[0] + ".*"
        captures = (capture, capture.removeprefix("wrapped:"), "*")
        frames, names = (str(frame), "*"), (name, group, "*")
        return any((c, f, n) in self.known for c in captures for f in frames for n in names)

    def add(self, other: Tally) -> None:
        """Take the counts of another comparison."""
        self.compared += other.compared
        self.agreed += other.agreed
        self.excused += other.excused
        self.differences += other.differences

    def table(self) -> str:
        """Field, packets compared, packets that agree, percent."""
        lines = [f"{'field':40}{'packets':>10}{'agree':>10}{'known':>7}{'percent':>9}"]
        for name in sorted(self.compared):
            lines.append(self._line(name, self.compared[name], self.agreed[name], self.excused[name]))
        total = self.compared.total(), self.agreed.total(), self.excused.total()
        return "\n".join([*lines, self._line("all fields", *total)])

    def _line(self, name: str, compared: int, agreed: int, excused: int) -> str:
        percent = 100 * (agreed + excused) / compared if compared else 100.0
        return f"{name:40}{compared:10}{agreed:10}{excused:7}{percent:9.3f}"


def known_differences(path: Path) -> dict[tuple[str, str, str], str]:
    """Capture, frame, field (* is any; protocol.* any of one) and reason; one a line, separated by tabs."""
    rows = (line.split("\t") for line in path.read_text(encoding="ascii").splitlines() if line and line[0] != "#")
    return {(capture, frame, name): reason for capture, frame, name, reason in rows}
