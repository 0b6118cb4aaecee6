"""Generation data groups of the simulated catalogue: bases, and generations that roll off.

``DIR/datasets/.gdg/BASE.json`` holds what was defined; the generations are ordinary data sets named
``BASE.GnnnnVnn`` (DFSMS: Using Data Sets, "Processing Generation Data Groups").
"""

import json
import re
from fnmatch import fnmatchcase
from typing import Any

from mock_zos.datasets import DatasetProblem, Datasets

_GENERATION = re.compile(r"\.G(\d{4})V\d{2}$")
_RELATIVE = re.compile(r"(.+)\(([+-]?\d{1,3})\)")
_HALF = 5000


class Groups:
    """The generation data groups of a catalogue."""

    def __init__(self, store: Datasets) -> None:
        self.store = store
        self._root = store.root / ".gdg"

    def define(self, name: str, options: dict[str, Any]) -> None:
        if self.exists(name) or self.store.exists(name):
            raise DatasetProblem(name, "a group or data set of that name is catalogued already")
        self._root.mkdir(exist_ok=True)
        (self._root / f"{name}.json").write_text(json.dumps(options), "utf-8")

    def exists(self, name: str) -> bool:
        return (self._root / f"{name}.json").exists()

    def options(self, name: str) -> dict[str, Any]:
        if not self.exists(name):
            raise DatasetProblem(name, "no such generation data group", missing=True)
        found: dict[str, Any] = json.loads((self._root / f"{name}.json").read_text("utf-8"))
        return found

    def names(self, pattern: str) -> list[str]:
        found = sorted(path.stem for path in self._root.glob("*.json"))
        return [name for name in found if fnmatchcase(name, pattern.upper())]

    def generations(self, name: str) -> list[str]:
        """Absolute names, the oldest first; numbers wrap from 9999 to 1."""
        self.options(name)
        found = [(int(n[1]), one) for one in self.store.names(f"{name}.G*") if (n := _GENERATION.search(one))]
        wrapped = bool(found) and max(found)[0] - min(found)[0] > _HALF
        return [one for _, one in sorted(found, key=lambda pair: pair[0] + 9999 * (wrapped and pair[0] < _HALF))]

    def clear(self, name: str) -> None:
        for one in self.generations(name):
            self.store.delete(one)

    def delete(self, name: str, purge: bool = False) -> None:
        if self.generations(name) and not purge:
            raise DatasetProblem(name, "the group has generations")
        (self._root / f"{name}.json").unlink()

    def next(self, name: str, index: int = 1) -> str:
        """The name that a relative generation above 0 is to have."""
        held = self.generations(name)
        last = int(held[-1][-7:-3]) if held else 0
        return f"{name}.G{(last + index - 1) % 9999 + 1:04}V00"

    def roll(self, name: str) -> None:
        """What is over the limit leaves the group: the oldest one, or with EMPTY all but the newest."""
        options, held = self.options(name), self.generations(name)
        if len(held) > options["limit"]:
            for one in held[:-1] if options["empty"] else held[: -options["limit"]]:
                self.store.delete(one)

    def located(self, name: str) -> str:
        """The absolute name for a relative one; other names as they are."""
        found = _RELATIVE.fullmatch(name.strip().removeprefix("//").strip("'").upper())
        if not found:
            return name
        base, number = found[1], int(found[2])
        if number > 0:
            return self.next(base, number)
        held = self.generations(base)
        if len(held) < 1 - number:
            raise DatasetProblem(name, "no such generation", missing=True)
        return held[number - 1]
