"""What ICMP and ICMPv6 have in common: type, code and checksum, quoted packets, echo data.

Reference: RFC 792, RFC 4443.
"""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import Chars, by_value, decimal
from zjobs.columns import among, windows
from zjobs.wire.layout import Field
from zjobs.wire.listing import Block, dump_if, item, line_if
from zjobs.wire.values import hex4, stamp
from zjobs.wire.walk import Layer, Walk

#: An echo carries the time it was sent when that is within a day of the record; wider tests take the pattern
#: bytes of other systems for a time.
_NEAR = 86_400


def fields(prefix: str) -> tuple[Field, ...]:
    """The first eight bytes, as every message has them."""
    return (
        Field("type", "u8", 0, "Type", json=f"{prefix}.type"),
        Field("code", "u8", 1, "Code", json=f"{prefix}.code"),
        Field("checksum", "u16", 2, "CheckSum", hex4, json=f"{prefix}.checksum"),
        Field("id", "u16", 4, "Id", hex4),
        Field("seq", "u16", 6, "Seq"),
        Field("word", "u32", 4, "Rest of header"),
    )


def quote(walk: Walk, layer: Layer, errors: tuple[int, ...], version: NDArray[np.uint8]) -> None:
    """Error messages quote a packet, which is walked like one of its own."""
    quotes = among(layer["type"], errors) & (layer.end - layer.start >= 8) & ~layer.fragment
    yes = np.ones(len(layer), dtype=np.bool_)
    walk.next(layer, "ip.version", version, which=quotes & (version > 0), quoted=yes)


def quoted_version(walk: Walk, layer: Layer) -> NDArray[np.uint8]:
    """The version nibble behind the header."""
    there = layer.payload < layer.end
    return np.asarray(np.where(there, walk.buf[np.where(there, layer.payload, 0)] >> 4, 0), dtype=np.uint8)


def message_names(layer: Layer, types: Mapping[int, str], codes: Mapping[tuple[int, int], str]) -> Chars:
    """``ECHO``, ``UNREACH Port``: type and code in words, numbers where there are none."""

    def show(both: int) -> str:
        kind, code = both >> 8, both & 255
        detail = codes.get((kind, code), f"Code {code}" if code else "")
        return f"{types.get(kind, f'Type {kind}')} {detail}".rstrip()

    return by_value(layer["type"].astype(np.int64) << 8 | layer["code"], show)


def echo_lines(walk: Walk, layer: Layer, echo: NDArray[np.bool_]) -> Iterator[Block]:
    """Id and Seq, the time a ping carries, and its data."""
    yield line_if(echo, item("Id", hex4(layer["id"])), item("Seq", decimal(layer["seq"])))
    size = layer.end - layer.payload
    raw = windows(walk.buf, np.where(echo & (size >= 8), layer.payload, 0), 8)
    words = np.ascontiguousarray(raw).view(">u4").astype(np.int64)
    near = np.abs(words[:, 0] - walk.seconds[layer.rows]) < _NEAR
    timed = echo & (size >= 8) & near & (words[:, 1] < 1_000_000)
    yield line_if(timed, item("Time", stamp(words[:, 0] * 1_000_000 + words[:, 1])))
    yield dump_if(echo & (size > 0), "Echo Data", layer.payload, layer.end)
