"""IPv6 Mobility Header.

Reference: RFC 6275, section 6.1.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import decimal, hexadecimal
from zjobs.columns import windows
from zjobs.wire import extension
from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block, Title, Value, item, line, line_if, when
from zjobs.wire.values import hex4, json_bool, json_ipv6, lookup, protocol
from zjobs.wire.walk import Layer, Walk

NAME = "mobility"
TITLE = "Mobility Header"
FOUND = {"ip.proto": (135,)}

LAYOUT = Layout(
    "Mobility Header",
    (
        Field("nxt", "u8", 0, "Next Header", protocol, json="mip6.proto"),
        Field("len", "u8", 1, "Length", json="mip6.hlen"),
        Field("type", "u8", 2, "Type", json="mip6.mhtype"),
        Field("checksum", "u16", 4, "CheckSum", hex4, json="mip6.csum"),
    ),
    6,
    "RFC 6275, section 6.1",
)

_UPDATE, _ACK, _ERROR = 5, 6, 7
TYPES = {
    0: "Binding Refresh Request", 1: "Home Test Init", 2: "Care-of Test Init", 3: "Home Test", 4: "Care-of Test",
    _UPDATE: "Binding Update", _ACK: "Binding Acknowledgement", _ERROR: "Binding Error",
}  # fmt: skip
#: Cookies by Wireshark's names: type of message, and where the cookie is.
_COOKIES = (("hoti", 1, 8), ("coti", 2, 8), ("hot", 3, 8), ("cot", 4, 8))
#: Flags of an update: acknowledge, home registration, link-local, key management (RFC 6275, section 6.1.7).
_FLAGS = (("a", 15), ("h", 14), ("l", 13), ("k", 12))
#: Lifetimes count units of four seconds; Wireshark leaves them as they are.
_UNIT = 4


def reach(walk: Walk, layer: Layer) -> None:
    """Nothing follows a mobility header but, rarely, the packet it signals for."""
    walk.next(layer, "ip.proto", layer["nxt"], which=extension.reach(walk, layer))


def _word(walk: Walk, layer: Layer, at: int) -> NDArray[np.int64]:
    """Sixteen bits of each message (n,)."""
    raw = windows(walk.buf, layer.start + at, 2).astype(np.int64)
    return np.asarray(raw[:, 0] << 8 | raw[:, 1])


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of this header is not known."""
    kind, there = layer["type"], layer.end - layer.start
    update, answer = (kind == _UPDATE) & (there >= 12), (kind == _ACK) & (there >= 12)
    first, second, third = (_word(walk, layer, at) for at in (6, 8, 10))
    return [
        Title(TITLE),
        line(item("Next Header", protocol(layer["nxt"])), item("Length", decimal(layer.head))),
        line(item("Type", lookup(kind, tuple(TYPES.items()), 256)), item("CheckSum", hex4(layer["checksum"]))),
        line_if(
            update, item("Sequence", decimal(first)), item("Flags", hexadecimal(second >> 12, 1)),
            item("Lifetime (s)", decimal(third * _UNIT)),
        ),
        line_if(
            answer, item("Status", decimal(first >> 8)), item("Sequence", decimal(second)),
            item("Lifetime (s)", decimal(third * _UNIT)),
        ),
    ]  # fmt: skip


def values(walk: Walk, layer: Layer) -> Iterator[Value]:
    """What the usual messages hold."""
    kind, there = layer["type"], layer.end - layer.start
    first, second, third = (_word(walk, layer, at) for at in (6, 8, 10))
    update, answer = (kind == _UPDATE) & (there >= 12), (kind == _ACK) & (there >= 12)
    yield when("mip6.bu.seqnr", update, decimal(first))
    for name, bit in _FLAGS:
        yield when(f"mip6.bu.{name}_flag", update, json_bool(second >> bit & 1))
    yield when("mip6.bu.lifetime", update, decimal(third))
    yield when("mip6.ba.status", answer, decimal(first >> 8))
    yield when("mip6.ba.k_flag", answer, json_bool(first >> 7 & 1))
    yield when("mip6.ba.seqnr", answer, decimal(second))
    yield when("mip6.ba.lifetime", answer, decimal(third))
    failed = (kind == _ERROR) & (there >= 24)
    yield when("mip6.be.status", failed, decimal(first >> 8))
    yield when("mip6.be.haddr", failed, json_ipv6(windows(walk.buf, layer.start + 8, 16)))
    for name, number, at in _COOKIES:
        found = (kind == number) & (there >= at + 8)
        cookie = np.ascontiguousarray(windows(walk.buf, layer.start + at, 8)).view(">u8")[:, 0].astype(np.uint64)
        yield when(f"mip6.{name}.cookie", found, decimal(cookie))
