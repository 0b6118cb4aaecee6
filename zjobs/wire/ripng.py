"""Routing Information Protocol for IPv6.

Reference: RFC 2080, section 2.1.
"""

from ipaddress import IPv6Address

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes, among, windows
from zjobs.wire import message
from zjobs.wire.layout import Field, Layout
from zjobs.wire.message import Message, Reader

NAME = "ripng"
TITLE = "RIPng"
FOUND = {"udp.app": (521,)}
LISTS = frozenset({"ripng.rte.ipv6_prefix", "ripng.rte.prefix_length", "ripng.rte.metric"})

COMMANDS = {1: "Request", 2: "Response"}
_NEXT_HOP, _UNREACHABLE = 0xFF, 16

LAYOUT = Layout(
    "RIPng",
    (
        Field("command", "u8", 0, "Command", json="ripng.cmd"),
        Field("version", "u8", 1, "Version", json="ripng.version"),
        Field("reserved", "u16", 2),
    ),
    4,
    "RFC 2080, section 2.1",
)


def begins(buf: Bytes, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
    """A command of version 1."""
    first = windows(buf, start, 2)
    return np.asarray((end - start >= LAYOUT.size) & among(first[:, 0], (1, 2)) & (first[:, 1] == 1))


def decode(data: Reader, say: Message, state: int) -> None:
    """Routes, 20 bytes each; metric FF makes an entry the next hop of those behind it."""
    head = say.header(LAYOUT, data)
    name = COMMANDS.get(head["command"], str(head["command"]))
    say.summary = f"RIPng : {name} (v{head['version']})"
    say.line("Command", name, ("Version", head["version"]))
    while len(data):
        prefix = IPv6Address(data.take(16, "ripng.rte.ipv6_prefix"))
        tag, length, metric = data.u16(), data.u8(), data.u8()
        say.field("ripng.rte.ipv6_prefix", prefix)
        for field, value in (("route_tag", tag), ("prefix_length", length), ("metric", metric)):
            say.field(f"ripng.rte.{field}", value)
        shown = str(prefix).upper()
        if metric == _NEXT_HOP:
            say.line("Next Hop", shown)
            continue
        reach = f"{metric} (unreachable)" if metric == _UNREACHABLE else metric
        say.line("Prefix", f"{shown}/{length}", ("Tag", tag), ("Metric", reach))


lines = message.lines
values = message.values
