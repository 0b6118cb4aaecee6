"""ONC Remote Procedure Call, with the arguments of portmap.

Reference: RFC 5531, sections 8, 9 and 11 (record marking); RFC 1833 (portmap and rpcbind); RFC 2203,
section 5 (RPCSEC_GSS).
"""

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes, among, windows
from zjobs.wire import gss, message
from zjobs.wire.layout import Field, Layout
from zjobs.wire.message import Message, Reader, ascii_text
from zjobs.wire.names.rpc import PROCEDURES, PROGRAMS
from zjobs.wire.talk import NOT_MINE, OWN, STREAM, Flow
from zjobs.wire.values import hex8

NAME = "rpc"
TITLE = "RPC"
FOUND = {"udp.app": (111, 2049), "tcp.app": (111, 2049)}
#: Services have any port: a call and a reply are known by their first words.
ANYWHERE = ("udp", "tcp")

LAYOUT = Layout(
    "RPC",
    (
        Field("xid", "u32", 0, "Transaction Id", hex8, json="rpc.xid"),
        Field("type", "u32", 4, "Type", json="rpc.msgtyp"),
    ),
    8,
    "RFC 5531, section 9",
)
CALL = Layout(
    "RPC call",
    (
        Field("rpc", "u32", 0, "RPC Version", json="rpc.version"),
        Field("program", "u32", 4, "Program", json="rpc.program"),
        Field("version", "u32", 8, "Version", json="rpc.programversion"),
        Field("procedure", "u32", 12, "Procedure", json="rpc.procedure"),
    ),
    16,
    "RFC 5531, section 9",
)

_CALL, _REPLY, _RPC = 0, 1, 2
FLAVORS = {0: "NULL", 1: "UNIX", 2: "SHORT", 3: "DES", 6: "RPCSEC_GSS"}
_UNIX, _GSS = 1, 6
ACCEPTED = {
    0: "success", 1: "program unavailable", 2: "program version mismatch", 3: "procedure unavailable",
    4: "garbage arguments", 5: "system error",
}  # fmt: skip
REJECTED = {0: "RPC version mismatch", 1: "authentication error"}
_DENIED, _MISMATCH = 1, 2

#: Bytes of credentials (RFC 5531, section 8.2), and of a message that are enough to tell what it is.
_LONGEST_AUTH, _ENOUGH = 400, 4096
_LAST, _LONGEST = 0x80000000, 1 << 24

#: The bits of two words that are zero if the first is the kind of a message, and if the second is.
_KIND = np.frombuffer(bytes.fromhex("fffffffe00000000 00000000fffffffe"), dtype=np.uint64)
_PORTMAP, _PORTMAP_PORT = 100000, 111
#: Calls of portmap whose arguments are a mapping: SET, UNSET, GETPORT; of rpcbind also GETVERSADDR.
_MAPPINGS, _BINDINGS = (1, 2, 3), (1, 2, 3, 9)
_GETPORT = 3
#: Calls that portmap hands on: CALLIT; of rpcbind BCAST and INDIRECT.
_CALLS, _INDIRECT = (5,), (5, 10)
#: Procedures of RPCSEC_GSS that make a context, the one that uses it, and the service that seals.
_MAKES, _USES, _PRIVACY = (1, 2), 0, 3
#: States of a direction: its next reply is a port; makes a context; is sealed.
_PORT, _MADE, _SEALED = OWN, OWN * 2, OWN * 4


def begins(buf: Bytes, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
    """A call of RPC version 2 or a reply, as a datagram or behind a record mark."""
    # Nearly everything else is neither a call nor a reply, behind a record mark or without one.
    kinds = windows(buf, start + 4, 8).view(np.uint64)[:, 0]
    told: NDArray[np.bool_] = (kinds & _KIND[0] == 0) | (kinds & _KIND[1] == 0)
    here = np.flatnonzero(told)
    words, there = windows(buf, start[here], 32).view(">u4").astype(np.int64), (end - start)[here]
    mark = words[:, 0] & ~_LAST
    record = (mark >= 24) & (mark < _LONGEST) & _header(words[:, 1:], there - 4)
    told[here] = _header(words, there) | record
    return told


def _header(words: NDArray[np.int64], there: NDArray[np.int64]) -> NDArray[np.bool_]:
    call = (words[:, 1] == _CALL) & (words[:, 2] == _RPC) & (words[:, 3] >= 100_000) & (words[:, 3] <= 1 << 30)
    # Who looks for programs asks the known ones for versions and procedures that there are not.
    small = (words[:, 4] < 100) & (words[:, 5] < 100)
    call &= (small | among(words[:, 3], tuple(PROGRAMS))) & (words[:, 6] <= 6) & (there >= 28)
    reply = (words[:, 1] == _REPLY) & (words[:, 0] != 0)
    accepted = (words[:, 2] == 0) & (words[:, 3] <= 6) & (words[:, 4] <= _LONGEST_AUTH)
    accepted &= (words[:, 4] > 0) | (words[:, 5] <= 5)
    denied = (words[:, 2] == _DENIED) & (words[:, 3] <= 1)
    return np.asarray(call | reply & (accepted & (there >= 24) | denied & (there >= 20)))


def measure(data: bytes, flow: Flow) -> int:
    """Fragments up to the one that is marked as the last (RFC 5531, section 11)."""
    at = 0
    while len(data) >= at + 4:
        mark = int.from_bytes(data[at : at + 4], "big")
        size = mark & ~_LAST
        if not size or size > _LONGEST or at > _LONGEST:
            return NOT_MINE
        at += 4 + size
        if mark & _LAST:
            made = _asked(data[4:52], flow) or flow.state & _MADE
            # The tickets in what makes a context may be long.
            flow.keep = 0 if made else _ENOUGH
            return at
    return -at - 4


def _asked(data: bytes, flow: Flow) -> bool:
    """Of a call remember for its reply what the reply itself does not say; whether it makes a context."""
    words = [int.from_bytes(data[at : at + 4], "big") for at in range(0, 48, 4)]
    if words[1] != _CALL:
        return False
    flavor, made, service = words[6], words[9], words[11]
    flow.other.state &= ~(_PORT | _MADE | _SEALED)
    flow.other.state |= _PORT * (words[3:6] == [_PORTMAP, 2, _GETPORT])
    if flavor == _GSS:
        flow.other.state |= _MADE * (made in _MAKES) | _SEALED * (made == _USES and service == _PRIVACY)
    return flavor == _GSS and made in _MAKES


def decode(data: Reader, say: Message, state: int) -> None:
    """One datagram, or the records of a segment."""
    if not state & STREAM:
        _message(data, say, state >> 1, 0)
        return
    while len(data):
        _message(_record(data, say), say, _PORTMAP_PORT if state & _PORT else 0, state)


def _record(data: Reader, say: Message) -> Reader:
    """The fragments of a record put together; of a long one only the beginning is here."""
    first = data.at
    parts = []
    while True:
        mark = data.u32()
        say.field("rpc.lastfrag", bool(mark & _LAST))
        say.field("rpc.fraglen", mark & ~_LAST)
        body = data.upto(mark & ~_LAST)
        parts.append(body)
        if mark & _LAST or not len(data):
            break
    if len(parts) == 1:
        return parts[0]
    whole = b"".join(part.rest() for part in parts)
    return Reader(bytes(first) + whole, first, first + len(whole))


def _message(data: Reader, say: Message, port: int, state: int) -> None:
    head = say.header(LAYOUT, data)
    if head["type"] == _CALL:
        _call(data, say, head["xid"])
    elif head["type"] == _REPLY:
        _reply(data, say, head["xid"], port, state)
    else:
        raise data.bad("rpc.msgtyp", _REPLY, head["type"])


def _call(data: Reader, say: Message, xid: int) -> None:
    call = say.header(CALL, data)
    program, version, procedure = call["program"], call["version"], call["procedure"]
    known = PROCEDURES.get((program, version), ())
    name = PROGRAMS.get(program, str(program))
    what = known[procedure] if procedure < len(known) else str(procedure)
    say.also(f"RPC : call {name} v{version} {what}")
    say.line("Type", "Call", ("Transaction Id", f"{xid:08X}"))
    say.line("Program", name, ("Version", version), ("Procedure", what))
    made, service = _authentication("Credentials", data, say)
    _authentication("Verifier", data, say)
    if made in _MAKES:
        _token(data, say)
    elif (made, service) == (_USES, _PRIVACY):
        _sealed(data, say)
    elif program == _PORTMAP and version == 2 and procedure in _MAPPINGS:
        _mapping(data, say)
    elif program == _PORTMAP and version > 2 and procedure in _BINDINGS:
        _binding(data, say)
    elif program == _PORTMAP and procedure in (_CALLS if version == 2 else _INDIRECT):
        _passed_on(data, say)


def _reply(data: Reader, say: Message, xid: int, port: int, state: int) -> None:
    say.line("Type", "Reply", ("Transaction Id", f"{xid:08X}"))
    status = data.u32()
    say.field("rpc.replystat", status)
    if status == _DENIED:
        reason = data.u32()
        say.field("rpc.state_reject", reason)
        text = REJECTED.get(reason, str(reason))
        if reason:
            say.field("rpc.state_auth", data.u32())
        else:
            _versions("rpc.version", data, say)
    else:
        _authentication("Verifier", data, say)
        reason = data.u32()
        say.field("rpc.state_accept", reason)
        text = ACCEPTED.get(reason, str(reason))
        if reason == _MISMATCH:
            _versions("rpc.programversion", data, say)
    say.also(f"RPC : reply ({text})")
    say.line("State", "denied" if status == _DENIED else "accepted", ("Result", text))
    if port == _PORTMAP_PORT and not status and not reason and len(data) == 4:
        # A datagram does not say what was asked; of portmap's replies only that to GETPORT is a number.
        found = data.u32()
        say.field("portmap.port", found)
        say.line("Port", found)
    elif state & _MADE and not status and not reason:
        _made(data, say)
    elif state & _SEALED and not status and not reason:
        _sealed(data, say)


def _made(data: Reader, say: Message) -> None:
    """What the server says of a new context (RFC 2203, section 5.2.3.1)."""
    data.take(_padded(data.u32()), "rpc.authgss.context.length")
    values = [data.u32() for _ in range(3)]
    for field, value in zip(("major", "minor", "window"), values):
        say.field(f"rpc.authgss.{field}", value)
    say.line("GSS Major Status", values[0], ("Minor", values[1]), ("Window", values[2]))
    _token(data, say)


def _token(data: Reader, say: Message) -> None:
    size = data.u32()
    say.field("rpc.authgss.token_length", size)
    gss.read(data.part(size, "rpc.authgss.token_length"), say)


def _sealed(data: Reader, say: Message) -> None:
    """Arguments or results in a wrap token, of which only the beginning may be here."""
    gss.read(data.upto(data.u32(), "rpc.authgss.data.length"), say)


def _versions(field: str, data: Reader, say: Message) -> None:
    """The versions that would do."""
    low, high = data.u32(), data.u32()
    say.field(f"{field}.min", low)
    say.field(f"{field}.max", high)
    say.line("Lowest Version", low, ("Highest Version", high))


def _authentication(label: str, data: Reader, say: Message) -> tuple[int, int]:
    """Credentials or a verifier; procedure and service of RPCSEC_GSS, or twice -1."""
    flavor, size = data.u32(), data.u32()
    say.field("rpc.auth.flavor", flavor)
    token = flavor == _GSS and label == "Verifier"
    say.field("rpc.authgss.token_length" if token else "rpc.auth.length", size)
    if size > _LONGEST_AUTH:
        raise data.bad("rpc.auth.length", _LONGEST_AUTH, size)
    body = data.part(_padded(size), "rpc.auth.length")
    say.line(label, FLAVORS.get(flavor, flavor), ("Length", size))
    if flavor == _UNIX and size:
        _unix(body, say)
    elif token:
        gss.read(body.part(size), say)
    elif flavor == _GSS:
        version, made, _, service = (body.u32() for _ in range(4))
        for field, value in (("version", version), ("procedure", made), ("service", service)):
            say.field(f"rpc.authgss.{field}", value)
        return made, service
    return -1, -1


def _unix(body: Reader, say: Message) -> None:
    stamp = body.u32()
    machine = _string(body)
    user, group = body.u32(), body.u32()
    for field, value in (("stamp", stamp), ("uid", user), ("gid", group)):
        say.field(f"rpc.auth.{field}", value)
    if machine:
        say.field("rpc.auth.machinename", machine)
    for _ in range(min(body.u32(), len(body) // 4)):
        say.field("rpc.auth.gid", body.u32())
    say.line("Machine", machine, ("UID", user), ("GID", group), level=2)


def _padded(size: int) -> int:
    return size + 3 & ~3


def _string(data: Reader) -> str:
    size = data.u32()
    text = ascii_text(data.take(size, "rpc.opaque_length"))
    data.take(min(_padded(size) - size, len(data)))
    return text


def _mapping(data: Reader, say: Message) -> None:
    program, version, protocol, port = data.u32(), data.u32(), data.u32(), data.u32()
    for field, value in (("prog", program), ("version", version), ("proto", protocol), ("port", port)):
        say.field(f"portmap.{field}", value)
    say.line("Asked Program", PROGRAMS.get(program, program), ("Version", version), ("Protocol", protocol))
    say.line("Port", port)


def _passed_on(data: Reader, say: Message) -> None:
    """A call to another program of the same host (RFC 1833, sections 2.2.1 and 3.1)."""
    program, version, procedure = data.u32(), data.u32(), data.u32()
    say.field("portmap.prog", program)
    say.field("portmap.version", version)
    say.line("Asked Program", PROGRAMS.get(program, program), ("Version", version), ("Procedure", procedure))


def _binding(data: Reader, say: Message) -> None:
    program, version = data.u32(), data.u32()
    say.field("portmap.rpcb.prog", program)
    say.field("portmap.rpcb.version", version)
    say.line("Asked Program", PROGRAMS.get(program, program), ("Version", version))
    for field, label in (("netid", "Network Id"), ("addr", "Address"), ("owner", "Owner")):
        text = _string(data)
        if text:
            say.field(f"portmap.rpcb.{field}", text)
            say.line(label, text)


lines = message.lines
values = message.values
