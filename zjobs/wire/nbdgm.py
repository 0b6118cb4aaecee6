"""NetBIOS datagram service.

Reference: RFC 1002, section 4.4.
"""

from ipaddress import IPv4Address

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import ipv4
from zjobs.columns import Bytes, among, windows
from zjobs.wire import message, netbios
from zjobs.wire.dns import Names
from zjobs.wire.layout import Field, Layout
from zjobs.wire.message import Message, Reader
from zjobs.wire.values import hex2, hex4, json_bool

NAME = "nbdgm"
TITLE = "NetBIOS Datagram Service"
FOUND = {"udp.app": (138,)}

TYPES = {
    16: "Direct unique", 17: "Direct group", 18: "Broadcast", 19: "Error", 20: "Query request",
    21: "Positive query response", 22: "Negative query response",
}  # fmt: skip
_DATA, _ERROR = (16, 17, 18), 19

LAYOUT = Layout(
    "NetBIOS Datagram Service",
    (
        Field("type", "u8", 0, "Type", json="nbdgm.type"),
        Field("flags", "u8", 1, "Flags", hex2, json="nbdgm.flags"),
        Field("node", "u8", 1, "Node Type", bits=(2, 2), json="nbdgm.node_type"),
        Field("first", "u8", 1, "First", bits=(1, 1), json="nbdgm.first", json_show=json_bool),
        Field("next", "u8", 1, "More", bits=(0, 1), json="nbdgm.next", json_show=json_bool),
        Field("id", "u16", 2, "Id", hex4, json="nbdgm.dgram_id"),
        Field("ip", "u32", 4, "Source IP", ipv4),
        Field("port", "u16", 8, "Source Port", json="nbdgm.src.port"),
    ),
    10,
    "RFC 1002, section 4.4.1",
)


def begins(buf: Bytes, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
    """A type of message, and none of the flags that are zero, or all of them; some set the lowest of those."""
    first = windows(buf, start, 2)
    zero = first[:, 1] & 0xE0
    return np.asarray((end - start >= LAYOUT.size) & among(first[:, 0], TYPES) & ((zero == 0) | (zero == 0xE0)))


def decode(data: Reader, say: Message, state: int) -> None:
    """The header, and who writes to whom."""
    base = data.at
    head = say.header(LAYOUT, data)
    address = str(IPv4Address(head["ip"]))
    say.field("nbdgm.src.ip", address)
    kind = head["type"]
    name = TYPES.get(kind, str(kind))
    say.summary = f"nbdgm : {name}"
    say.line("Type", name, ("Id", f"{head['id']:04X}"), ("Flags", f"{head['flags']:02X}"))
    say.line("Source IP", address, ("Source Port", head["port"]))
    names = Names(data.data, base, data.end, say)
    ends: tuple[str, ...] = ("destination_name",)
    if kind in _DATA:
        for field, label in (("dgram_len", "Length"), ("pkt_offset", "Offset")):
            value = data.u16()
            say.field(f"nbdgm.{field}", value)
            say.line(label, value)
        ends = ("source_name", "destination_name")
    elif kind == _ERROR:
        say.field("nbdgm.error_code", data.u8())
        ends = ()
    for field in ends:
        found = netbios.name(data, names, f"nbdgm.{field}")
        say.field(f"nbdgm.{field}", found)
        say.line(field.removesuffix("_name").capitalize(), found)


lines = message.lines
values = message.values
