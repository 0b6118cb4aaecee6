"""Protocol Independent Multicast: the header.

Reference: RFC 7761, section 4.9.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from zjobs.wire import summed, sums
from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block, Value
from zjobs.wire.message import Message, Reader
from zjobs.wire.tcp import transport_sum
from zjobs.wire.values import hex4
from zjobs.wire.walk import Layer, Walk

NAME = "pim"
TITLE = "PIM"
FOUND = {"ip.proto": (103,)}

TYPES = {
    0: "Hello", 1: "Register", 2: "Register-stop", 3: "Join/Prune", 4: "Bootstrap", 5: "Assert", 6: "Graft",
    7: "Graft-Ack", 8: "Candidate-RP-Advertisement", 9: "State-Refresh", 10: "DF election",
}  # fmt: skip
_REGISTER, _PROTOCOL = 1, 103
_VERSION, _FLAGS = 2, 4

LAYOUT = Layout(
    "PIM",
    (
        Field("version", "u8", 0, "Version", bits=(4, 4), json="pim.version"),
        Field("type", "u8", 0, "Type", bits=(0, 4), json="pim.type"),
        Field("reserved", "u8", 1),
        Field("checksum", "u16", 2, "CheckSum", hex4, json="pim.cksum"),
    ),
    4,
    "RFC 7761, section 4.9",
)


def reach(walk: Walk, layer: Layer) -> None:
    """A Register carries the packet that a host sent to the group (RFC 7761, section 4.9.3)."""
    inside = layer.start + LAYOUT.size + _FLAGS
    register = (layer["type"] == _REGISTER) & (layer["version"] == _VERSION) & (inside < layer.end)
    walk.next(layer, "ip.version", walk.buf[inside] >> 4, which=register, start=inside)


def decode(data: Reader, say: Message, state: int) -> None:
    """Version and type."""
    head = say.header(LAYOUT, data, partly=True)
    name = TYPES.get(head["type"], f"Type {head['type']}")
    say.summary = f"PIM : {name} (v{head['version']})"
    say.line("Version", head["version"], ("Type", name), ("Length", len(data) + LAYOUT.size))


def total(walk: Walk, layer: Layer) -> NDArray[np.int64]:
    """Over the message, with addresses over IPv6; of a Register only its first eight bytes count."""
    head = np.minimum(layer.end, layer.start + 8)
    first = np.where(head - layer.start < 8, -1, sums.folded(sums.words(walk.buf, layer.start, head)))
    over = np.where(layer.version == 6, transport_sum(walk, layer, _PROTOCOL), summed.over_all(walk, layer))
    return np.where((layer["type"] == _REGISTER) & (layer.version != 6), first, over)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """The message and its checksum."""
    return summed.lines(walk, layer, total(walk, layer))


def values(walk: Walk, layer: Layer) -> Iterator[Value]:
    """The message's fields and the verdict on its checksum."""
    return summed.values(walk, layer, "pim.cksum.status", total(walk, layer))
