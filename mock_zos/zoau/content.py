"""What the functions of ``zoautil_py.datasets`` that look into data sets do: search, compare, replace, copy."""

import difflib
import json as jsonlib
import re
from pathlib import Path
from typing import Any

from mock_zos.datasets import DatasetProblem, Datasets

ENCODING = "cp1047"


def parts(store: Datasets, dsn: str, member: str) -> list[tuple[str, str]]:
    """The data set with its member, or with each of its members."""
    if member or store.attributes(dsn)["dsorg"] != "PO":
        return [(dsn, member)]
    return [(dsn, one) for one in store.members(dsn)]


def shown(dsn: str, member: str) -> str:
    return f"{dsn}({member})" if member else dsn


def hits(store: Datasets, dsn: str, member: str, value: str, fold: bool) -> dict[str, list[tuple[int, str]]]:
    """Numbers and lines that hold a text, by data set or member."""
    found: dict[str, list[tuple[int, str]]] = {}
    wanted = value.upper() if fold else value
    for one in parts(store, dsn, member):
        for number, line in enumerate(store.text(*one), 1):
            if wanted in (line.upper() if fold else line):
                found.setdefault(shown(*one), []).append((number, line))
    return found


def search(found: dict[str, list[tuple[int, str]]], options: dict[str, Any]) -> str | None:
    """The lines found as text: counted, numbered, or as JSON; ``lines`` before and after are not simulated."""
    if not found:
        return None
    if options.get("json"):
        return jsonlib.dumps({"data": dictionary(found)})
    if options.get("count_lines"):
        return str(sum(map(len, found.values())))
    said = []
    for name, held in found.items():
        said += [name] if len(found) > 1 else []
        said += [f"{number} {line}" if options.get("display_lines") else line for number, line in held]
    return "\n".join(said)


def dictionary(found: dict[str, list[tuple[int, str]]]) -> dict[str, Any]:
    """Lines found, by data set or member."""
    return {name: [{"line": number, "content": text} for number, text in held] for name, held in found.items()}


def compare(old: list[str], new: list[str], options: dict[str, Any]) -> str | None:
    """Lines that differ, deleted (D) and inserted (I) ones as ISRSUPC marks them; nothing when equal."""
    first, last = (int(one) for one in re.findall(r"\d+", str(options.get("columns", "1:32760"))))
    rows = [[line[first - 1 : last] for line in lines] for lines in (old, new)]
    if options.get("ignore_case"):
        rows = [[line.upper() for line in lines] for lines in rows]
    marks = {"- ": "D - ", "+ ": "I - "}
    changed = [marks[line[:2]] + line[2:] for line in difflib.ndiff(rows[0], rows[1]) if line[:2] in marks]
    return "\n".join(changed) or None


def replace(store: Datasets, dsn: str, member: str, find: str, put: str) -> None:
    for one in parts(store, dsn, member):
        store.write_text(one[0], [line.replace(find, put) for line in store.text(*one)], one[1])


def load(store: Datasets, source: tuple[str, str] | Path, binary: bool, width: int) -> list[bytes]:
    """Records to copy: of a data set as they are, of a UNIX file its lines in EBCDIC or its bytes cut to a width."""
    if isinstance(source, tuple):
        return list(store.read(*source))
    try:
        raw = source.read_bytes()
    except OSError as error:
        raise DatasetProblem(str(source), str(error.strerror), missing=True) from None
    if binary:
        return [raw[at : at + width] for at in range(0, len(raw), width)]
    return [line.encode(ENCODING) for line in raw.decode("utf-8").splitlines()]


def store_file(path: Path, records: list[bytes], binary: bool) -> None:
    """Records into a UNIX file: run together, or as lines without their padding."""
    text = b"".join(records) if binary else b"".join(r.decode(ENCODING).rstrip().encode() + b"\n" for r in records)
    try:
        path.write_bytes(text)
    except OSError as error:
        raise DatasetProblem(str(path), str(error.strerror)) from None


def window(rows: list[Any], count: int, offset: int, tail: bool) -> list[Any]:
    """``count`` rows (0 is all) from ``offset`` on, counted from the end with ``tail``."""
    if tail:
        end = len(rows) - offset
        return rows[max(0, end - count) if count else 0 : max(end, 0)]
    return rows[offset : offset + count if count else None]
