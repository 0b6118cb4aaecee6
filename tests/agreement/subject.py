"""zjobs' own word: the JSON lines of a source, value by value."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

from witness import Values

from zjobs.exports import jsonl
from zjobs.jobs.reading import open_trace
from zjobs.options import Global


def read(source: Path) -> list[Values]:
    """The fields of every packet, each with all its occurrences."""
    sink = io.BytesIO()
    jsonl.write(open_trace([str(source)], Global(host="files")), sink)
    return list(_packets(sink.getvalue()))


def _packets(text: bytes) -> Iterator[Values]:
    for line in text.splitlines():
        packet = json.loads(line)
        yield {name: _values(value) for name, value in packet.items()}


def _values(value: object) -> list[object]:
    values = value if isinstance(value, list) else [value]
    return [v.translate(_ESCAPES) if isinstance(v, str) else int(v) if isinstance(v, bool) else v for v in values]


#: What ``tshark -T fields`` puts for characters that would end its lines; its JSON has the characters.
_ESCAPES = str.maketrans({"\b": r"\b", "\t": r"\t", "\n": r"\n", "\f": r"\f", "\r": r"\r"})
