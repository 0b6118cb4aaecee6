"""Layouts declared once: columns, listings, JSON names and the reference page come from the same lines.

A :class:`Field` says where a value is, what it is called on paper and by Wireshark, and how it is shown.
A :class:`Layout` reads a field for all packets at once: the header bytes are copied in one gather and
viewed as a structured array with explicit byte orders: big-endian but for ``l16`` and ``l32``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import Chars, decimal
from zjobs.columns import Bytes, rows_view

Show = Callable[[NDArray[Any]], Chars]

#: Bytes every buffer carries beyond its data, so that a fixed part can be gathered at any valid start.
PADDING = 512

_DTYPES: dict[str, tuple[str, int]] = {
    "u8": ("u1", 1),
    "u16": (">u2", 2),
    "u24": ("3u1", 3),
    "u32": (">u4", 4),
    "u64": (">u8", 8),
    # Little-endian, as some capture programs write.
    "l16": ("<u2", 2),
    "l32": ("<u4", 4),
    "b6": ("V6", 6),
    "b8": ("V8", 8),
    "b16": ("V16", 16),
    # EBCDIC names and TOD clock values, as the trace headers carry them.
    "e8": ("S8", 8),
    "e16": ("S16", 16),
    "tod": (">u8", 8),
    "ip16": ("V16", 16),
}


class Field(NamedTuple):
    """One value of a header.

    ``offset`` counts bytes from the start of the header; ``bits`` is (shift, width) inside the value read
    there.  ``label`` is the wording of the listing, ``json`` the Wireshark display-filter name.
    """

    name: str
    kind: str
    offset: int
    label: str = ""
    show: Show = decimal
    bits: tuple[int, int] | None = None
    json: str | None = None
    json_show: Show | None = None
    confidence: str = "documented"

    @property
    def size(self) -> int:
        """Bytes the value occupies."""
        return _DTYPES[self.kind][1]


@dataclass(frozen=True, eq=False, repr=False)
class Layout:
    """The fixed part of a header: ``size`` bytes and the fields in them."""

    name: str
    fields: tuple[Field, ...]
    size: int
    source: str = ""
    by_name: Mapping[str, Field] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {f.name: f for f in self.fields})

    @cached_property
    def dtype(self) -> np.dtype[Any]:
        """Structured dtype of one header; fields may overlap."""
        return np.dtype(
            {
                "names": [f.name for f in self.fields],
                "formats": [_DTYPES[f.kind][0] for f in self.fields],
                "offsets": [f.offset for f in self.fields],
                "itemsize": self.size,
            }
        )

    def gather(self, buf: Bytes, starts: NDArray[Any], ends: NDArray[Any]) -> "Columns":
        """The headers at ``starts``; bytes at or beyond ``ends`` are read as zero and known to be absent."""
        raw = rows_view(buf, self.size)[starts]
        avail = np.minimum(ends - starts, self.size)
        short = np.flatnonzero(avail < self.size)
        if short.size:
            rows = raw[short].view(np.uint8).reshape(short.size, self.size)
            rows[np.arange(self.size) >= avail[short, None]] = 0
            raw[short] = rows.view(raw.dtype).reshape(-1)
        return Columns(self, raw.view(self.dtype).reshape(-1), avail if short.size else None)


class Columns:
    """One header of n packets: ``columns[name]`` is a native integer array (n,), computed once."""

    def __init__(self, layout: Layout, raw: NDArray[Any], avail: NDArray[Any] | None) -> None:
        self.layout = layout
        self.raw = raw
        self.avail = avail
        self._cache: dict[str, NDArray[Any]] = {}

    def __len__(self) -> int:
        return int(self.raw.size)

    def __getitem__(self, name: str) -> NDArray[Any]:
        if name not in self._cache:
            self._cache[name] = self._read(self.layout.by_name[name])
        return self._cache[name]

    def _read(self, f: Field) -> NDArray[Any]:
        value = self.raw[f.name]
        if f.kind == "u24":
            wide = value.astype(np.uint32)
            value = wide[:, 0] << 16 | wide[:, 1] << 8 | wide[:, 2]
        elif value.dtype.kind in "u":
            value = value.astype(value.dtype.newbyteorder("="))
        if f.bits is not None:
            shift, width = f.bits
            value = (value >> value.dtype.type(shift)) & value.dtype.type((1 << width) - 1)
        return np.asarray(value)

    def octets(self, name: str) -> Bytes:
        """A field as its bytes: (n, size) uint8."""
        f = self.layout.by_name[name]
        whole = np.ascontiguousarray(self.raw).view(np.uint8).reshape(self.raw.size, self.layout.size)
        return whole[:, f.offset : f.offset + f.size]

    def present(self, name: str) -> NDArray[np.bool_] | None:
        """Where the field's bytes are in the packet; None when that is everywhere."""
        if self.avail is None:
            return None
        f = self.layout.by_name[name]
        return np.asarray(self.avail >= f.offset + f.size)
