"""Routing Information Protocol, versions 1 and 2.

Reference: RFC 2453, sections 3.6 and 4; RFC 4822 (authentication).
"""

from ipaddress import IPv4Address

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes, among, windows
from zjobs.wire import message
from zjobs.wire.layout import Field, Layout
from zjobs.wire.message import Message, Reader, ascii_text

NAME = "rip"
TITLE = "RIP"
FOUND = {"udp.app": (520,)}
LISTS = frozenset({"rip.family", "rip.ip", "rip.netmask", "rip.next_hop", "rip.metric"})

COMMANDS = {
    1: "Request", 2: "Response", 3: "Traceon", 4: "Traceoff", 5: "Vendor specific (Sun)", 6: "Triggered Request",
    7: "Triggered Response", 8: "Triggered Acknowledgement", 9: "Update Request", 10: "Update Response",
    11: "Update Acknowledge",
}  # fmt: skip
_AUTHENTICATION, _IP, _ANY = 0xFFFF, 2, 0
_PASSWORD, _DIGEST, _TRAILER = 2, 3, 1

LAYOUT = Layout(
    "RIP",
    (
        Field("command", "u8", 0, "Command", json="rip.command"),
        Field("version", "u8", 1, "Version", json="rip.version"),
        Field("zero", "u16", 2),
    ),
    4,
    "RFC 2453, section 3.6",
)
ENTRY = Layout(
    "RIP entry",
    (
        Field("family", "u16", 0, "Family"),
        Field("tag", "u16", 2, "Route Tag"),
        Field("ip", "u32", 4, "Address"),
        Field("mask", "u32", 8, "Mask"),
        Field("hop", "u32", 12, "Next Hop"),
        Field("metric", "u32", 16, "Metric"),
    ),
    20,
    "RFC 2453, section 4",
)


def begins(buf: Bytes, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
    """A command of version 1 or 2."""
    first = windows(buf, start, 2)
    known = among(first[:, 0], COMMANDS) & among(first[:, 1], (1, 2))
    return np.asarray((end - start >= LAYOUT.size) & known)


def decode(data: Reader, say: Message, state: int) -> None:
    """Routes, 20 bytes each; the first may be a password instead, which no listing shows."""
    head = say.header(LAYOUT, data)
    version = head["version"]
    name = COMMANDS.get(head["command"], str(head["command"]))
    say.summary = f"RIP : {name} (v{version})"
    say.line("Command", name, ("Version", version))
    trailer = 0
    while len(data) > trailer:
        family = int.from_bytes(data.data[data.at : data.at + 2], "big")
        if family == _AUTHENTICATION:
            trailer += _authentication(data, say)
        else:
            _route(data, say, version)


def _authentication(data: Reader, say: Message) -> int:
    """How the sender proves itself; how many bytes at the end belong to that."""
    data.u16()
    kind = data.u16()
    say.field("rip.auth.type", kind)
    if kind == _PASSWORD:
        password = ascii_text(data.take(16).partition(b"\0")[0])
        if password:
            say.field("rip.auth.passwd", password)
        say.line("Authentication", "Password", ("Password", "********"))
        return 0
    if kind == _DIGEST:
        for field, size in (("digest_offset", 2), ("key_id", 1), ("auth_data_len", 1), ("seq_num", 4)):
            value = int.from_bytes(data.take(size), "big")
            say.field(f"rip.{field}", value)
            if field == "digest_offset":
                offset = value
            elif field == "key_id":
                key = value
        data.take(8, "rip.zero_padding")
        say.line("Authentication", "Message Digest", ("Key Id", key), ("Sequence", value))
        # The digest stands behind the last route, with an entry of its own before it.
        start = data.at - 24
        rest = Reader(data.data, min(start + offset, data.end), data.end, "rip.digest_offset")
        trailer = len(rest)
        if rest.at >= data.at and trailer >= 4:
            rest.take(4)
            if len(rest):
                say.field("rip.authentication_data", rest.rest())
        return min(trailer, len(data))
    raw = data.take(16)
    say.line("Authentication", f"Type {kind}", ("Length", len(raw)))
    return 0


def _route(data: Reader, say: Message, version: int) -> None:
    entry = say.header(ENTRY, data)
    family, metric = entry["family"], entry["metric"]
    say.field("rip.family", family)
    if family not in (_IP, _ANY):
        say.line("Family", family)
        return
    address, mask, hop = (str(IPv4Address(entry[name])) for name in ("ip", "mask", "hop"))
    if family == _IP:
        say.field("rip.ip", address)
    if version > 1:
        for field, value in (("route_tag", entry["tag"]), ("netmask", mask), ("next_hop", hop)):
            say.field(f"rip.{field}", value)
    say.field("rip.metric", metric & 0xFFFF)
    if family == _ANY:
        say.line("Family", family, ("Metric", metric))
        return
    reach = f"{metric} (unreachable)" if metric == 16 else metric
    say.line("Address", address, ("Mask", mask), ("Metric", reach))
    if version > 1:
        say.line("Next Hop", hop, ("Tag", entry["tag"]), ("Family", family), level=2)


lines = message.lines
values = message.values
