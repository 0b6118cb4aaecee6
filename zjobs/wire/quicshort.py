"""QUIC behind the handshake: datagrams of one packet with a short header, of which almost all is encrypted.

Reference: RFC 9000, section 17.3.1.  They are known by the conversation that a packet with a long header began (see
``quic``); there are very many of them, so they are a header, read for all packets at once, and no message.  Of the
number that leads here the lowest byte is the length of the connection id, the rest one more than the number of the
connection.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import Chars, constant, decimal, hex_bytes
from zjobs.columns import windows
from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block, Title, Value, item, line, line_if, when
from zjobs.wire.values import json_bool, json_hex
from zjobs.wire.walk import Layer, Walk

NAME = "quic.short"
TITLE = "QUIC"
FOUND: dict[str, tuple[int, ...]] = {}
LISTS = frozenset({"quic.header_form", "quic.packet_length", "quic.fixed_bit", "quic.dcid"})

LAYOUT = Layout(
    "QUIC short header",
    (
        Field("form", "u8", 0, "Header Form", bits=(7, 1), json="quic.header_form"),
        Field("fixed", "u8", 0, "Fixed Bit", bits=(6, 1), json="quic.fixed_bit", json_show=json_bool),
        Field("spin", "u8", 0, "Spin Bit", bits=(5, 1), json="quic.spin_bit", json_show=json_bool),
    ),
    1,
    "RFC 9000, section 17.3.1",
)

WORDS = "quic : Protected Payload"
_LENGTH = 0xFF


def _ids(walk: Walk, layer: Layer) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.bool_]]:
    """The ids of connections, their lengths, and which there are."""
    lens = layer.code & _LENGTH
    raw = windows(walk.buf, layer.start + 1, int(lens.max(initial=0)))
    return raw, lens, (lens > 0) & (layer.end - layer.start > lens)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter knows nothing of QUIC."""
    raw, lens, there = _ids(walk, layer)
    return [
        Title(TITLE),
        line(
            item("Packet", constant("Protected", len(layer))),
            item("Length", decimal(layer.limit - layer.start)),
            item("Spin Bit", decimal(layer["spin"])),
        ),
        line_if(there, item("Destination Id", hex_bytes(raw, lens))),
    ]


def values(walk: Walk, layer: Layer) -> Iterator[Value]:
    """The id of the receiver and the connection, where they are known."""
    raw, lens, there = _ids(walk, layer)
    number = (layer.code >> 8) - 1
    yield Value("quic.short", constant("true", len(layer)))
    yield Value("quic.packet_length", decimal(layer.limit - layer.start), None, True)
    yield when("quic.dcid", there, json_hex(raw, lens), True)
    yield when("quic.connection.number", number >= 0, decimal(np.maximum(number, 0)))


def summaries(walk: Walk, layer: Layer) -> Chars:
    """The same of all of them."""
    return constant(WORDS, len(layer))
