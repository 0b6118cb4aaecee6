"""Data sets of the simulated LPAR: their attributes and the bytes of their records, at rest.

``DIR/datasets/NAME/attributes.json`` holds RECFM, LRECL, BLKSIZE and DSORG.  A sequential data set is
the file ``records`` beside it, a partitioned one has a file for each member in ``members``.  Records of
a V format carry their RDW in the file; those of an F format follow one another.  Text is EBCDIC.
"""

import fnmatch
import json
import shutil
import struct
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import TypedDict

import_module("ebcdic")


class Attributes(TypedDict):
    """What the label of a data set says; ``held`` names the job that has it exclusively, if any."""

    recfm: str
    lrecl: int
    blksize: int
    dsorg: str
    held: str


class DatasetProblem(Exception):
    """The request for a data set cannot be met; ``missing`` tells absence from the other reasons."""

    def __init__(self, name: str, reason: str, missing: bool = False) -> None:
        self.name, self.reason, self.missing = name, reason, missing
        super().__init__(f"{name}: {reason}")


class Datasets:
    """The catalogue and the volumes behind it."""

    def __init__(self, directory: Path) -> None:
        self._root = directory

    @property
    def root(self) -> Path:
        """The directory of the catalogue."""
        return self._root

    def names(self, pattern: str = "**") -> list[str]:
        """Catalogued names; in the pattern ``*`` is part of a qualifier and ``**`` any number of them."""
        found = sorted(path.parent.name for path in self._root.glob("*/attributes.json"))
        return [name for name in found if _matches(pattern.upper().split("."), name.split("."))]

    def exists(self, name: str, member: str = "") -> bool:
        return self._content(name, member).exists() if member else self._label(name).exists()

    def attributes(self, name: str) -> Attributes:
        try:
            found: Attributes = json.loads(self._label(name).read_text("utf-8"))
        except FileNotFoundError:
            raise DatasetProblem(name, "not catalogued", missing=True) from None
        return found

    def members(self, name: str, pattern: str = "*") -> list[str]:
        if self.attributes(name)["dsorg"] != "PO":
            raise DatasetProblem(name, "not a partitioned data set")
        found = (path.name for path in (self._root / name / "members").iterdir())
        return sorted(member for member in found if fnmatch.fnmatchcase(member, pattern.upper()))

    def create(self, name: str, recfm: str, lrecl: int, dsorg: str = "PS", blksize: int = 0, held: str = "") -> None:
        if self.exists(name):
            raise DatasetProblem(name, "a data set of that name is catalogued already")
        fixed = recfm.startswith("F")
        if not recfm.startswith(("F", "V", "U")) or not 0 < lrecl <= 32760:
            raise DatasetProblem(name, f"RECFM={recfm},LRECL={lrecl} is not a valid pair")
        block = blksize or (27998 // lrecl * lrecl if fixed else max(27998, lrecl + 4))
        if (fixed and block % lrecl) or (not fixed and block < lrecl + 4):
            raise DatasetProblem(name, f"BLKSIZE={block} does not fit RECFM={recfm},LRECL={lrecl}")
        # The label comes last: what has none is not catalogued, and was left by a process that was killed.
        (self._root / name / ("members" if dsorg == "PO" else "")).mkdir(parents=True, exist_ok=True)
        if dsorg != "PO":
            self._content(name).write_bytes(b"")
        self._save(name, Attributes(recfm=recfm, lrecl=lrecl, blksize=block, dsorg=dsorg, held=held))

    def hold(self, name: str, job: str) -> None:
        """Give a job the data set exclusively, or with an empty name release it."""
        self._save(name, self.attributes(name) | {"held": job})

    def delete(self, name: str, member: str = "") -> None:
        self._free(name, "")
        if not member:
            shutil.rmtree(self._root / name)
        elif self.exists(name, member):
            self._content(name, member).unlink()
        else:
            raise DatasetProblem(f"{name}({member})", "no such member", missing=True)

    def rename(self, old: str, new: str) -> None:
        self._free(old, "")
        if self.exists(new):
            raise DatasetProblem(new, "a data set of that name is catalogued already")
        (self._root / old).rename(self._root / new)

    def read(self, name: str, member: str = "", job: str = "") -> Iterator[bytes]:
        """Records without their RDW."""
        attributes = self._free(name, job)
        path = self._content(name, member)
        if (attributes["dsorg"] == "PO") != bool(member):
            raise DatasetProblem(name, "a member is named for a partitioned data set, and for no other")
        if not path.exists():
            raise DatasetProblem(f"{name}({member})", "no such member", missing=True)
        return _records(path, attributes)

    def write(self, name: str, records: Iterable[bytes], member: str = "", append: bool = False, job: str = "") -> None:
        """Write records; a short record of a fixed format is filled with X'00', as the C library does."""
        attributes = self._free(name, job)
        if (attributes["dsorg"] == "PO") != bool(member):
            raise DatasetProblem(name, "a member is named for a partitioned data set, and for no other")
        fixed = attributes["recfm"].startswith("F")
        limit = attributes["lrecl"] - (0 if fixed else 4)
        with self._content(name, member).open("ab" if append else "wb") as file:
            for record in records:
                if len(record) > limit:
                    raise DatasetProblem(name, f"a record of {len(record)} bytes is longer than LRECL allows")
                file.write(record.ljust(limit, b"\0") if fixed else struct.pack(">HH", len(record) + 4, 0) + record)

    def put(self, name: str, record: bytes, position: int, size: int, job: str) -> None:
        """Write one variable record at a place of a data set of ``size`` bytes, over what stands there.

        Bytes beyond ``size`` are left from a turn that was never saved: they go.
        """
        self._free(name, job)
        with self._content(name).open("r+b") as file:
            file.truncate(size)
            file.seek(position)
            file.write(struct.pack(">HH", len(record) + 4, 0) + record)

    def text(self, name: str, member: str = "") -> list[str]:
        """Lines of a data set that holds text in code page 1047."""
        return [record.decode("cp1047").rstrip() for record in self.read(name, member)]

    def write_text(self, name: str, lines: Iterable[str], member: str = "") -> None:
        width = self.attributes(name)["lrecl"]
        self.write(name, (line.ljust(width).encode("cp1047") for line in lines), member)

    def _free(self, name: str, job: str) -> Attributes:
        attributes = self.attributes(name)
        if attributes["held"] not in ("", job):
            raise DatasetProblem(name, f"in use by job {attributes['held']}")
        return attributes

    def _label(self, name: str) -> Path:
        return self._root / name / "attributes.json"

    def _content(self, name: str, member: str = "") -> Path:
        return self._root / name / "members" / member if member else self._root / name / "records"

    def _save(self, name: str, attributes: Attributes) -> None:
        new = self._label(name).with_suffix(".new")
        new.write_text(json.dumps(attributes), "utf-8")
        new.replace(self._label(name))


def _records(path: Path, attributes: Attributes) -> Iterator[bytes]:
    with path.open("rb") as file:
        if attributes["recfm"].startswith("F"):
            while record := file.read(attributes["lrecl"]):
                yield record
            return
        while word := file.read(4):
            yield file.read(struct.unpack(">H", word[:2])[0] - 4)


def _matches(pattern: list[str], name: list[str]) -> bool:
    if not pattern or not name:
        return not name and all(part == "**" for part in pattern)
    if pattern[0] == "**":
        return any(_matches(pattern[1:], name[skip:]) for skip in range(len(name) + 1))
    return fnmatch.fnmatchcase(name[0], pattern[0]) and _matches(pattern[1:], name[1:])
