"""Distributed Relational Database Architecture: the DDM messages of DB2.

Reference: The Open Group, DRDA version 5, volume 3 (DDM), "DSS"; ports 446 and 448, 50000 for DB2 on other systems.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes
from zjobs.wire import message, names
from zjobs.wire.layout import Field, Layout
from zjobs.wire.message import Message, Reader
from zjobs.wire.talk import NOT_MINE, Flow

NAME = "drda"
TITLE = "DRDA"
FOUND = {"tcp.app": (446, 448, 50000)}
ANYWHERE = ("tcp",)
LISTS = frozenset({"drda.ddm.codepoint", "drda.ddm.length"})

_MAGIC = 0xD0
_KINDS = {1: "Request", 2: "Reply", 3: "Object", 4: "Communication", 5: "Request without reply"}

LAYOUT = Layout(
    "DDM",
    (
        Field("length", "u16", 0, "Length", json="drda.ddm.length"),
        Field("ddmid", "u8", 2, "Magic", json="drda.ddm.ddmid"),
        Field("format", "u8", 3, "Format", json="drda.ddm.format"),
        Field("kind", "u8", 3, "Kind", bits=(0, 4)),
        Field("correlation", "u16", 4, "Correlation", json="drda.ddm.rqscrr"),
        Field("length2", "u16", 6, "Object Length", json="drda.ddm.length2"),
        Field("codepoint", "u16", 8, "Code Point", json="drda.ddm.codepoint"),
    ),
    10,
    "DRDA version 5, volume 3, DSS",
)


def begins(buf: Bytes, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The magic byte, and lengths that fit each other."""
    length = buf[start].astype(np.int64) << 8 | buf[start + 1]
    inner = buf[start + 6].astype(np.int64) << 8 | buf[start + 7]
    return np.asarray((buf[start + 2] == _MAGIC) & (length == inner + 6) & (inner >= 4) & (end - start >= 10))


def measure(data: bytes, flow: Flow) -> int:
    """The first two bytes are the length of a message."""
    if len(data) < 3:
        return -LAYOUT.size
    length = data[0] << 8 | data[1]
    return length if data[2] == _MAGIC and length >= LAYOUT.size else NOT_MINE


def decode(data: Reader, say: Message, state: int) -> None:
    """The messages of a segment, by their code points; what is in them is in the dump."""
    while len(data):
        head = say.header(LAYOUT, data)
        if head["ddmid"] != _MAGIC:
            raise data.bad("drda.ddm.ddmid", _MAGIC, head["ddmid"])
        name = code_points().get(head["codepoint"], f"{head['codepoint']:04X}")
        say.line(
            "Message", f"{name} ({head['codepoint']:04X})", ("Kind", _KINDS.get(head["kind"], head["kind"])),
            ("Correlation", head["correlation"]),
        )  # fmt: skip
        say.also(name if say.summary else f"drda : {name}")
        data.take(min(head["length"] - LAYOUT.size, len(data)) if say.cut else head["length"] - LAYOUT.size)


@cache
def code_points() -> dict[int, str]:
    """Names of DDM code points by number."""
    return names.load("ddm-code-points")


lines = message.lines
values = message.values
