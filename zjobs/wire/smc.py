"""Shared Memory Communications: connection layer control (CLC) messages, in front of the data of a TCP connection.

Reference: RFC 7609, appendix A.2; z/OS Communications Server SMC Version 2 (offsets of the SMC-D forms).
"""

import numpy as np

from zjobs.columns import Bytes, windows
from zjobs.wire import message
from zjobs.wire._smc import Part, parts
from zjobs.wire.layout import Field, Layout
from zjobs.wire.message import Message, Reader
from zjobs.wire.talk import NOT_MINE, Flow
from zjobs.wire.values import hex2, hex8
from zjobs.wire.walk import Index, Mask

NAME = "smc"
TITLE = "SMC CLC"
FOUND: dict[str, tuple[int, ...]] = {"tcp.app": ()}
ANYWHERE = ("tcp",)
#: The eye catcher tells more than a port: after a handshake that fails the application speaks on the same connection.
ALWAYS = True

LAYOUT = Layout(
    "SMC CLC",
    (
        Field("eyecatcher", "u32", 0, "Eye catcher", hex8),
        Field("type", "u8", 4, "CLC Message", json="smc.clc_msg"),
        Field("length", "u16", 5, "SMC Length", json="smc.length"),
        Field("flags", "u8", 7, "Flags", hex2),
    ),
    8,
    "RFC 7609, appendix A.2",
)

#: SMCR and SMCD in EBCDIC.
EYE_CATCHERS = {0xE2D4C3D9: "SMC-R", 0xE2D4C3C4: "SMC-D"}
_PROPOSAL, _ACCEPT, _CONFIRM, _DECLINE = 1, 2, 3, 4
TYPES = {_PROPOSAL: "Proposal", _ACCEPT: "Accept", _CONFIRM: "Confirm", _DECLINE: "Decline"}
_OPERATING_SYSTEMS = {1: "z/OS", 2: "Linux", 3: "AIX"}
_KINDS = {0: "SMC-R", 1: "SMC-D", 2: "none", 3: "SMC-R and SMC-D"}
_TRAILER = 4
#: The shortest message, and what no message is longer than.
_SHORTEST, _LONGEST = 28, 1024

_R, _D = 0xE2D4C3D9, 0xE2D4C3C4


def _answer(who: str, role: str) -> tuple[Part, ...]:
    """Accept and confirm of SMC-R: the same places, names of their own."""
    names = {
        "accept": ("smc.accept.sender.server.peer.id", "smc.accept.server.preferred.gid",
                   "smc.accept.server.preferred.mac", "smc.accept.server.qp.number", "smc.accept.server.rmb.rkey",
                   "smc.accept.server.tcp.conn.index", "smc.accept.server.rmb.element.alert.token",
                   "smc.accept.server.rmb.virtual.address", "smc.accept.initial.psn"),
        "confirm": ("smc.confirm.sender.client.peer.id", "smc.client.gid", "smc.confirm.client.mac",
                    "smc.confirm.client.qp.number", "smc.confirm.client.rmb.rkey",
                    "smc.confirm.client.tcp.conn.index", "smc.client.rmb.element.alert.token",
                    "smc.client.rmb.virtual.address", "smc.initial.psn"),
    }[who]  # fmt: skip
    return (
        Part(8, 8, f"{role} Peer Id", names[0]), Part(16, 16, "GID", names[1], "gid"),
        Part(32, 6, "MAC", names[2], "mac"), Part(38, 3, "QP Number", names[3]), Part(41, 4, "RMB Rkey", names[4]),
        Part(45, 1, "Connection Index", names[5], "number"), Part(46, 4, "Alert Token", names[6]),
        Part(50, 1, "RMB Size", f"smc.{who}.rmb.buffer.size", "number", (4, 4)),
        Part(50, 1, "QP MTU", f"smc.{who}.qp.mtu.value", "number", (0, 4)),
        Part(52, 8, "RMB Address", names[7]), Part(61, 3, "Initial PSN", names[8]),
    )  # fmt: skip


def _answer_d(who: str, role: str, side: str) -> tuple[Part, ...]:
    return (
        Part(8, 8, "ISM GID", f"smc.{who}.sender.{side}.ism.gid"), Part(16, 8, "DMB Token", f"smc.{who}.dmb.token"),
        Part(24, 1, "Connection Index", f"smc.{who}.dmbe.conn.index", "number"),
        Part(25, 1, "DMBE Size", f"smc.{who}.dmbe.buffer.size", "number", (4, 4)),
        Part(28, 4, f"{role} Link Id", f"smc.{who}.{side}.linkid"),
    )  # fmt: skip


_PARTS: dict[tuple[int, int], tuple[Part, ...]] = {
    (_ACCEPT, _R): _answer("accept", "Server"),
    (_CONFIRM, _R): _answer("confirm", "Client"),
    (_ACCEPT, _D): _answer_d("accept", "Server", "server"),
    (_CONFIRM, _D): _answer_d("confirm", "Client", "client"),
}
_PROPOSED = (
    Part(8, 8, "Client Peer Id", "smc.proposal.sender.client.peer.id"),
    Part(16, 16, "GID", "smc.proposal.client.preferred.gid", "gid"),
    Part(32, 6, "MAC", "smc.proposal.client.preferred.mac", "mac"),
    Part(38, 2, "Subnet Offset", "smc.proposal.smcv1_subnet_ext_offset", "number"),
)
_ISM = (Part(40, 8, "ISM GID", "smc.proposal.ism.gid"), Part(48, 2, "ISMv2 CHID", "smc.proposal.smc.chid"))

_PREFIX = (
    Part(0, 16, "IPv6 Prefix", "smc.proposal.ipv6.prefix.value", "gid"),
    Part(16, 1, "Length", "smc.proposal.ipv6.prefix.length", "number"),
)


def begins(buf: Bytes, start: Index, end: Index) -> Mask:
    """Payloads that start with an eye catcher."""
    first = windows(buf, start, 4).view(">u4").reshape(-1)
    return np.asarray(((first == _R) | (first == _D)) & (end - start >= LAYOUT.size), dtype=np.bool_)


def measure(data: bytes, flow: Flow) -> int:
    """The length stands behind the eye catcher; with a decline the connection is the application's again."""
    if len(data) < LAYOUT.size:
        return -LAYOUT.size
    size = int.from_bytes(data[5:7], "big")
    if int.from_bytes(data[:4], "big") not in EYE_CATCHERS or not _SHORTEST <= size <= _LONGEST:
        flow.talk.app = ""
        return NOT_MINE
    if data[4] == _DECLINE and len(data) >= size:
        flow.talk.app = ""
    return size


def decode(data: Reader, say: Message, state: int) -> None:
    """Message after message."""
    while len(data):
        _message(data, say)


def _message(data: Reader, say: Message) -> None:
    start = data.at
    head = say.header(LAYOUT, data)
    kind, catcher = head["type"], head["eyecatcher"]
    if catcher not in EYE_CATCHERS:
        raise data.bad("smc.eyecatcher")
    if head["length"] < _SHORTEST:
        raise data.bad("smc.length", _SHORTEST, head["length"])
    body = Reader(data.data, start, data.upto(head["length"] - LAYOUT.size, "smc.length").end, "smc.length")
    name, family = TYPES.get(kind, f"Message {kind}"), EYE_CATCHERS[catcher]
    say.title(f"{family} {name}")
    say.line("Length", head["length"], ("Version", head["flags"] >> 4), ("Flags", f"{head['flags']:02X}"))
    say.also(f"SMC : {family} {name}")
    if kind == _PROPOSAL:
        say.field("smc.proposal.smc.version", head["flags"] >> 4)
        say.line("Type", _KINDS[head["flags"] & 3])
        parts(body, say, start, _PROPOSED)
        _subnets(body, say, start, head)
    elif kind in (_ACCEPT, _CONFIRM):
        # The name that Wireshark has for it in an SMC-R accept of version 1.
        old = kind == _ACCEPT and catcher == _R and head["flags"] >> 4 == 1
        who = "proposal" if old else TYPES[kind].lower()
        say.field(f"smc.{who}.first.contact", bool(head["flags"] & 8))
        parts(body, say, start, _PARTS[kind, catcher])
    elif kind == _DECLINE:
        _declined(body, say, start)


def _subnets(body: Reader, say: Message, start: int, head: dict[str, int]) -> None:
    """The address masks of the client, behind the SMC-D part where there is one."""
    offset = int.from_bytes(body.data[start + 38 : start + 40], "big")
    if head["flags"] & 3 in (1, 3) and offset >= 10:
        parts(body, say, start, _ISM if head["flags"] >> 4 > 1 else _ISM[:1])
    body.at = start + 40
    if head["flags"] & 3 == 2:
        return
    body.take(offset, "smc.proposal.smcv1_subnet_ext_offset")
    mask, bits = body.take(4), body.u8()
    body.take(2)
    count = body.u8()
    text = ".".join(map(str, mask))
    say.field("smc.outgoing.interface.subnet.mask", text)
    say.field("smc.outgoing.interface.subnet.mask.number.of.significant.bits", bits)
    say.field("smc.proposal.ipv6.prefix.count", count)
    say.line("Subnet Mask", text, ("Bits", bits), ("IPv6 Prefixes", count), level=2)
    for _ in range(count):
        at = body.at
        parts(body, say, at, _PREFIX)
        body.at = at + 17


def _declined(body: Reader, say: Message, start: int) -> None:
    parts(body, say, start, (Part(8, 8, "Sender Peer Id", "smc.sender.peer.id"),
                             Part(16, 4, "Diagnosis", "smc.peer.diag.info")))  # fmt: skip
    body.at = start + 20
    system = body.u8() >> 4
    if body.data[start + 7] >> 4 > 1:
        say.field("smc.decline.os.type", system)
    say.line("System", _OPERATING_SYSTEMS.get(system, system), level=2)
    code = int.from_bytes(body.data[start + 16 : start + 20], "big")
    say.also(f"diagnosis {code:08X}")


lines = message.lines
values = message.values
