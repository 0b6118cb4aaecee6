"""Packet trace header (PTHDR): data, not code.

IBM publishes the header only as a C include on the system itself (EZBYPTHH), so the offsets live in a
layout file: the built-in ``layouts/pthdr-92.json``, or the one given by ``--layout``.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from zjobs.errors import RequestError
from zjobs.wire.layout import Field, Layout

BUILTIN = Path(__file__).with_name("layouts") / "pthdr-92.json"
REQUIRED = ("len", "seqnum", "flag", "devty", "tlen", "infname", "time", "src", "dst", "plen")
_KINDS = ("u8", "u16", "u24", "u32", "u64", "e8", "e16", "tod", "ip16", "b8", "b16")


class HeaderLayout(NamedTuple):
    """A PTHDR layout with its enumerations."""

    layout: Layout
    min_len: int
    base_len: int
    flags: dict[str, int]
    devices: dict[int, str]
    discards: dict[int, str]
    #: Interface types of the profile statements by device code, for DEVTYPE.
    device_types: dict[int, str]

    def has(self, name: str) -> bool:
        """Whether the layout declares the field."""
        return name in self.layout.by_name


def load(path: Path = BUILTIN) -> HeaderLayout:
    """Read and check a layout file.

    Raises RequestError when the file is missing, is not JSON, lacks a field that reading needs,
    or places one outside the header.
    """
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="ascii"))
    except OSError as error:
        raise RequestError("ZJB0106E", path=path, detail=error.strerror) from error
    except ValueError as error:
        raise RequestError("ZJB0106E", path=path, detail=f"not JSON: {error}") from error
    try:
        fields = tuple(_field(f, path) for f in data["fields"])
        base = int(data["base_len"])
        missing = [name for name in REQUIRED if name not in {f.name for f in fields}]
        if missing:
            raise RequestError("ZJB0106E", path=path, detail=f"fields missing: {', '.join(missing)}")
        outside = [f.name for f in fields if f.offset + f.size > base]
        if outside:
            raise RequestError("ZJB0106E", path=path, detail=f"beyond base_len {base}: {', '.join(outside)}")
        return HeaderLayout(
            Layout(str(data["name"]), fields, base, str(data.get("source", ""))),
            int(data.get("min_len", 64)),
            base,
            {name: int(str(bit), 0) for name, bit in data.get("flags", {}).items()},
            {int(k, 0): str(v) for k, v in data.get("devices", {}).items()},
            {int(k, 0): str(v) for k, v in data.get("discards", {}).items()},
            {int(k, 0): str(v).upper() for k, v in data.get("device_types", {}).items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RequestError("ZJB0106E", path=path, detail=f"{type(error).__name__}: {error}") from error


def _field(entry: dict[str, Any], path: Path) -> Field:
    kind = str(entry["fmt"])
    if kind not in _KINDS:
        raise RequestError("ZJB0106E", path=path, detail=f"field {entry['name']}: unknown fmt {kind}")
    if int(entry["off"]) < 0:
        raise RequestError("ZJB0106E", path=path, detail=f"field {entry['name']}: negative offset")
    return Field(
        str(entry["name"]),
        kind,
        int(entry["off"]),
        str(entry.get("label", entry["name"])),
        confidence=str(entry.get("conf", "documented")),
    )


def is_ipv4(address: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which 16-byte address fields (n, 16) hold an IPv4 address: bytes 8-11 X'0000FFFF' or X'0000FFFE'."""
    return np.asarray(
        (address[:, :10] == 0).all(axis=1) & (address[:, 10] == 0xFF) & ((address[:, 11] | 1) == 0xFF), dtype=np.bool_
    )
