"""SNA request and response header.

Reference: SNA Formats (GA27-3136), request/response header.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import Chars, by_value, decimal
from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block, Title, Value, item, line, when
from zjobs.wire.values import hex2, json_bool
from zjobs.wire.walk import Layer, Walk

NAME = "rh"
TITLE = "SNA Request/Response Header"
FOUND = {"sna.rh": (0,)}

CATEGORIES = {0: "FMD", 1: "network control", 2: "data flow control", 3: "session control"}

#: Bits by name, offset, shift; those of requests only, and the one of responses, are not in every header.
_REQUEST = (
    ("lcci", 1, 6), ("eri", 1, 4), ("rlwi", 1, 2), ("bbi", 2, 7), ("ebi", 2, 6), ("cdi", 2, 5), ("csi", 2, 3),
    ("edi", 2, 2), ("pdi", 2, 1), ("cebi", 2, 0),
)  # fmt: skip
_BOTH = (
    ("fi", 0, 3), ("sdi", 0, 2), ("bci", 0, 1), ("eci", 0, 0), ("dr1", 1, 7), ("dr2", 1, 5), ("qri", 1, 1),
    ("pi", 1, 0),
)  # fmt: skip

LAYOUT = Layout(
    "RH",
    (
        Field("rri", "u8", 0, "Response", bits=(7, 1), json="sna.rh.rri"),
        Field("category", "u8", 0, "Category", bits=(5, 2), json="sna.rh.ru_category"),
        *(Field(n, "u8", at, "", bits=(s, 1), json=f"sna.rh.{n}", json_show=json_bool) for n, at, s in _BOTH),
        *(Field(n, "u8", at, "", bits=(s, 1)) for n, at, s in _REQUEST),
        Field("byte0", "u8", 0, "Byte 0", hex2, json="sna.rh.0"),
        Field("byte1", "u8", 1, "Byte 1", hex2, json="sna.rh.1"),
        Field("byte2", "u8", 2, "Byte 2", hex2, json="sna.rh.2"),
    ),
    3,
    "SNA Formats, request/response header",
)


def reach(walk: Walk, layer: Layer) -> None:
    """The request or response unit; first byte and response type go with it as twice their value."""
    code = layer["byte0"].astype(np.int64) | layer["eri"].astype(np.int64) << 8
    walk.next(layer, "sna.ru", code * 2, which=layer.end - layer.start >= LAYOUT.size)


def _key(layer: Layer) -> NDArray[np.int64]:
    wide = [layer[f"byte{k}"].astype(np.int64) for k in range(3)]
    return np.asarray(wide[0] << 16 | wide[1] << 8 | wide[2])


def chain(first: int) -> str:
    """Where a request stands in its chain: first, middle, last, or alone."""
    return {0: "MIC", 1: "LIC", 2: "FIC", 3: "OIC"}[first & 3]


def responses(second: int) -> str:
    """Which response a request asks for: RQN, RQE1, RQD2 ..."""
    asked = [n for n, bit in ((1, 0x80), (2, 0x20)) if second & bit]
    if not asked:
        return "RQN"
    return ("RQE" if second & 0x10 else "RQD") + "".join(map(str, asked))


def _words(key: int) -> str:
    first, second, third = key >> 16, key >> 8 & 255, key & 255
    on = [w for bit, w in ((0x08, "FI"), (0x04, "Sense")) if first & bit]
    on += [w for bit, w in ((0x02, "QRI"), (0x01, "Pacing")) if second & bit]
    if not first & 0x80:
        on += [w for bit, w in ((0x40, "Compressed"), (0x04, "Larger Window")) if second & bit]
        bits = ((0x80, "BB"), (0x40, "EB"), (0x20, "CD"), (0x08, "ASCII"), (0x04, "Enciphered"), (0x02, "Padded"),
                (0x01, "CEB"))  # fmt: skip
        on += [w for bit, w in bits if third & bit]
    return " ".join(on)


def _kind(key: int) -> str:
    first, second = key >> 16, key >> 8 & 255
    if first & 0x80:
        return "Response " + ("negative" if second & 0x10 else "positive")
    return f"Request {chain(first)} {responses(second)}"


def kinds(layer: Layer) -> Chars:
    """``Request OIC RQD1`` or ``Response positive``."""
    return by_value(_key(layer), _kind)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of this header is not known."""
    return [
        Title(TITLE),
        line(item("RH", kinds(layer)), item("Category", by_value(layer["category"], lambda v: CATEGORIES[v]))),
        line(item("Flags", by_value(_key(layer), _words))),
    ]


def values(walk: Walk, layer: Layer) -> Iterator[Value]:
    """Bits that only requests have, and the type of a response."""
    whole = layer.end - layer.start >= LAYOUT.size
    request = whole & (layer["rri"] == 0)
    for name, _, _ in _REQUEST:
        shown = decimal(layer[name]) if name == "csi" else json_bool(layer[name])
        yield when(f"sna.rh.{name}", request, shown)
    yield when("sna.rh.rti", whole & (layer["rri"] == 1), json_bool(layer["eri"]))
