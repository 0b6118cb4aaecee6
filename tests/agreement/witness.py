"""tshark as a witness: what it says of every packet of a capture, value by value."""

from __future__ import annotations

import functools
import subprocess
from pathlib import Path

Values = dict[str, list[object]]

FIELDS = tuple((Path(__file__).parent / "fields.txt").read_text(encoding="ascii").split())

#: Checksums are verified; names are not resolved.
OPTIONS = (
    "-n", "-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE",
    "-o", "udplite.check_checksum:TRUE",
)  # fmt: skip

#: Between the occurrences of a field; no text has it.
BETWEEN = "\x1f"

_NUMBERS = ("FT_UINT", "FT_INT", "FT_CHAR", "FT_BOOLEAN", "FT_FRAMENUM")


@functools.cache
def types() -> dict[str, str]:
    """Type of every field that tshark knows."""
    out = subprocess.run(["tshark", "-G", "fields"], capture_output=True, text=True, check=True).stdout
    rows = (line.split("\t") for line in out.splitlines() if line.startswith("F\t"))
    return {row[2]: row[3] for row in rows}


def in_time_order(capture: Path, scratch: Path) -> Path:
    """The capture, or a copy with its packets in the order of their times: the order in which zjobs reads."""
    copy = scratch / capture.name
    done = subprocess.run(["reordercap", str(capture), str(copy)], capture_output=True, text=True)
    # It says ", 0 out of order"; of a file that it cannot read to its end it writes only a part.
    return capture if ", 0 out of order" in done.stdout or done.returncode else copy


def read(capture: Path, fields: tuple[str, ...] = FIELDS, options: tuple[str, ...] = OPTIONS) -> list[Values]:
    """The fields of every packet, those that it has, each with all its occurrences."""
    command = ["tshark", *options, "-r", str(capture), "-T", "fields"]
    command += ["-E", "occurrence=a", "-E", f"aggregator={BETWEEN}"]
    for name in fields:
        command += ["-e", name]
    # A capture that ends inside a packet is reported by tshark with return code 2, after its packets.
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in (0, 2):
        raise RuntimeError(done.stderr)
    known = types()
    return [
        {
            name: _values(name, known[name], text)
            for name, text in zip(fields, line.split("\t"), strict=True)
            if text and text != "<MISSING>"
        }
        for line in done.stdout.split("\n")[:-1]
    ]


def _values(name: str, kind: str, text: str) -> list[object]:
    if kind == "FT_NONE":
        # Present or not; an expert note of the same name makes it appear twice.
        return [1]
    if name == "frame.time_epoch":
        whole, _, part = text.partition(".")
        return [f"{whole}.{part[:6].ljust(6, '0')}"]
    if kind.startswith(_NUMBERS):
        return [int(value, 0) for value in text.split(BETWEEN)]
    # Of several values an empty one of bytes is written as one that is not there.
    return [value.replace("<missing>", "") for value in text.lower().split(BETWEEN)]
