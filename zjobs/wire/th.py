"""SNA transmission header, formats 0, 1, 2, 3, 5 and F; format 4 has a file of its own.

Reference: SNA Formats (GA27-3136), transmission headers.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import by_value, decimal
from zjobs.wire.layout import Columns, Field, Layout
from zjobs.wire.listing import Block, Title, Value, item, line, line_if, when
from zjobs.wire.values import hex2, hex4, hex8, json_hex
from zjobs.wire.walk import Layer, Walk

NAME = "th"
TITLE = "SNA Transmission Header"
FOUND = {"sna.pi": (0, 1, 2, 3, 5, 15)}

_SOURCE = "SNA Formats, transmission headers"
MAPPING = {0: "middle", 1: "last", 2: "first", 3: "whole BIU"}

LAYOUT = Layout(
    "TH",
    (
        Field("fid", "u8", 0, "Format Id", hex2, bits=(4, 4), json="sna.th.fid"),
        Field("mpf", "u8", 0, "Mapping", bits=(2, 2)),
        Field("odai", "u8", 0, "ODAI", bits=(1, 1)),
        Field("efi", "u8", 0, "Expedited Flow", bits=(0, 1)),
        Field("second", "u8", 1),
    ),
    2,
    _SOURCE,
)

_OLD = Layout(
    "FID0 and FID1",
    (
        Field("daf", "u16", 2, "Destination", hex4, json="sna.th.daf"),
        Field("oaf", "u16", 4, "Origin", hex4, json="sna.th.oaf"),
        Field("snf", "u16", 6, "Sequence Number", json="sna.th.snf"),
        Field("dcf", "u16", 8, "Data Count", json="sna.th.dcf"),
    ),
    10,
    _SOURCE,
)
#: What stands behind the first two bytes, by format.
BODIES = {
    0: _OLD,
    1: _OLD,
    2: Layout(
        "FID2",
        (
            Field("daf", "u8", 2, "Destination", hex2, json="sna.th.daf"),
            Field("oaf", "u8", 3, "Origin", hex2, json="sna.th.oaf"),
            Field("snf", "u16", 4, "Sequence Number", json="sna.th.snf"),
        ),
        6,
        _SOURCE,
    ),
    3: Layout("FID3", (Field("lsid", "u8", 1, "Local Session", hex2, json="sna.th.lsid"),), 2, _SOURCE),
    5: Layout(
        "FID5",
        (
            Field("snf", "u16", 2, "Sequence Number", json="sna.th.snf"),
            Field("sa_high", "u32", 4, "Session Address", hex8),
            Field("sa_low", "u32", 8, "", hex8),
        ),
        12,
        _SOURCE,
    ),
    15: Layout(
        "FIDF",
        (
            Field("format", "u8", 2, "Command Format", hex2, json="sna.th.cmd_fmt"),
            Field("type", "u8", 3, "Command Type", hex2, json="sna.th.cmd_type"),
            Field("sn", "u16", 4, "Sequence Number", json="sna.th.cmd_sn"),
            Field("dcf", "u16", 24, "Data Count", json="sna.th.dcf"),
        ),
        26,
        _SOURCE,
    ),
}
_FIDF, _FID2, _FID5 = 15, 2, 5


def reach(walk: Walk, layer: Layer) -> None:
    """A request or response header follows in the first or only segment."""
    there = layer.end - layer.start
    size = np.zeros(len(layer), dtype=np.int64)
    for fid, body in BODIES.items():
        size[layer["fid"] == fid] = body.size
    layer.head = np.minimum(size, there)
    whole = (there >= size) & (there >= 2)
    walk.next(layer, "sna.rh", layer["mpf"] * 0, which=whole & (layer["fid"] != _FIDF) & (layer["mpf"] >= 2))


def _parts(walk: Walk, layer: Layer) -> Iterator[tuple[int, NDArray[np.int64], Columns]]:
    """Each format with the occurrences that have it whole, and their columns."""
    for fid, body in BODIES.items():
        which = np.flatnonzero((layer["fid"] == fid) & (layer.end - layer.start >= body.size))
        if which.size:
            yield fid, which, body.gather(walk.buf, layer.start[which], layer.end[which])


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of this header is not known."""
    fid = layer["fid"]
    blocks: list[Block] = [
        Title(TITLE),
        line_if(
            fid != _FIDF,
            item("Format Id", by_value(fid, lambda v: f"FID{v:X}")),
            item("Mapping", by_value(layer["mpf"], lambda v: MAPPING[v])),
            item("Flow", by_value(layer["efi"], lambda v: "expedited" if v else "normal")),
        ),
        line_if(fid == _FIDF, item("Format Id", by_value(fid, lambda v: f"FID{v:X}"))),
        line_if(fid == _FID2, item("ODAI", decimal(layer["odai"]))),
    ]
    for number, which, columns in _parts(walk, layer):
        items = [item(f.label, f.show(columns[f.name])) for f in columns.layout.fields if f.label]
        if number == _FID5:
            address = by_value(
                columns["sa_high"].astype(np.uint64) << np.uint64(32) | columns["sa_low"].astype(np.uint64),
                lambda v: f"{v:016X}",
            )
            items[1] = item("Session Address", address)
        blocks += [line(*items[k : k + 3], which=which) for k in range(0, len(items), 3)]
    return blocks


def values(walk: Walk, layer: Layer) -> Iterator[Value]:
    """What each format has, under the names of Wireshark."""
    fid = layer["fid"]
    yield when("sna.th.mpf", fid != _FIDF, decimal(layer["mpf"]))
    yield when("sna.th.efi", fid != _FIDF, decimal(layer["efi"]))
    yield when("sna.th.odai", fid == _FID2, decimal(layer["odai"]))
    for number, which, columns in _parts(walk, layer):
        for f in columns.layout.fields:
            if f.json:
                yield Value(f.json, decimal(columns[f.name]), which)
        if number == _FID5:
            raw = np.concatenate([columns.octets("sa_high"), columns.octets("sa_low")], axis=1)
            yield Value("sna.th.sa", json_hex(raw, np.full(which.size, 8, dtype=np.int64)), which)
