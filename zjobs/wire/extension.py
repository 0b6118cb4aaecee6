"""What the IPv6 extension headers have in common: next header, length in units of 8 bytes, options.

Reference: RFC 8200, section 4; RFC 6564 (uniform format).
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import constant, decimal, hex_bytes, joined, only
from zjobs.wire import options
from zjobs.wire.layout import Field
from zjobs.wire.listing import Block, Title, Value, item, line, when
from zjobs.wire.options import Options
from zjobs.wire.values import lookup, protocol
from zjobs.wire.walk import Fault, Layer, Walk

OPTION_NAMES = {
    0: "Pad1",
    1: "PadN",
    4: "Tunnel Limit",
    5: "Router Alert",
    7: "CALIPSO",
    38: "Quick-Start",
    99: "RPL",
    138: "Endpoint Id",
    139: "ILNP Nonce",
    194: "Jumbo Payload",
    201: "Home Address",
}


def fields(prefix: str) -> tuple[Field, ...]:
    """Next header and length, as every extension header starts."""
    return (
        Field("nxt", "u8", 0, "Next Header", protocol, json=f"{prefix}.nxt"),
        Field("len", "u8", 1, "Length", json=f"{prefix}.len"),
    )


def reach(walk: Walk, layer: Layer, unit: int = 8, first: int = 8) -> NDArray[np.bool_]:
    """Set the header length from its field; which headers are whole."""
    there = layer.end - layer.start
    head = layer["len"].astype(np.int64) * unit + first
    cut = (there >= 2) & (head > there)
    lying = cut & (layer.start + head > layer.limit) & ~layer.quoted
    walk.fault(layer, lying, Fault.LENGTH, f"{layer.name}.len", layer.start[lying] + 1, head[lying], there[lying])
    layer.head = np.minimum(head, there)
    return np.asarray((there >= 2) & ~cut)


def enclosing(walk: Walk, layer: Layer, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which of the occurrences ``rows`` have an IPv6 header before them, and where the nearest one starts."""
    outer = next(found for found in reversed(walk.layers) if found.name == "ipv6")
    where = np.searchsorted(outer.rows, layer.rows[rows])
    same = (where < len(outer)) & (outer.rows[np.minimum(where, len(outer) - 1)] == layer.rows[rows])
    return np.flatnonzero(same), outer.start[where[same]]


def listed(walk: Walk, layer: Layer) -> Options:
    """The options of a Hop-by-Hop or Destination Options header; Pad1 (kind 0) does not end the list here."""
    return options.walk(walk.buf, layer.start + 2, layer.start + np.maximum(layer.head, 2), plain=(0,), excluding=True)


def readable(walk: Walk, layer: Layer) -> NDArray[np.bool_]:
    """Headers none of whose options runs past the packet; Wireshark reads on behind those only."""
    found = listed(walk, layer)
    out = np.ones(len(layer), dtype=np.bool_)
    out[found.row[found.at + found.claimed > layer.limit[found.row]]] = False
    return out


def values(walk: Walk, layer: Layer, options: bool = True) -> Iterator[Value]:
    """Length in bytes, and the options."""
    there = layer.end - layer.start
    yield when(f"{layer_prefix(layer)}.len_oct", there >= 2, decimal(layer["len"].astype(np.int64) * 8 + 8))
    if options:
        found = listed(walk, layer)
        yield Value("ipv6.opt.type", decimal(found.kind), found.row, True)
        sized = found.where(found.kind != 0)
        yield Value("ipv6.opt.length", decimal(np.maximum(sized.claimed - 2, 0)), sized.row, True)


def layer_prefix(layer: Layer) -> str:
    """``ipv6.hopopts``: what the names of a header's fields start with."""
    return (layer.columns.layout.by_name["len"].json or "").rpartition(".")[0]


def lines(walk: Walk, layer: Layer, title: str) -> list[Block]:
    """Title, next header and length, one line an option."""
    result: list[Block] = [
        Title(title),
        line(item("Next Header", protocol(layer["nxt"])), item("Length", decimal(layer.head))),
    ]
    for found in listed(walk, layer).columns():
        count = found.rows.size
        name = lookup(found.kind, tuple(OPTION_NAMES.items()), 256)
        size = only(found.size > 1, joined(constant("Len: ", count), decimal(found.size)))
        value = joined(constant("  ", count), hex_bytes(found.bytes(walk.buf, 32), np.clip(found.size - 2, 0, 32)))
        result.append(line(item("Option", name), item("", joined(size, only(found.size > 2, value))), which=found.rows))
    return result
