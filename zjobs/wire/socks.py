"""SOCKS: how a client asks a proxy for a connection; then it is as if the client had called the port behind it.

Reference: RFC 1928 (version 5), RFC 1929 (user and password), RFC 1961 (GSS-API); SOCKS 4 and 4A, protocol descriptions
of Ying-Da Lee.  What is handed on has its own protocol's fields, those of the request are not repeated.
"""

from ipaddress import IPv4Address, IPv6Address

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes, among
from zjobs.wire import message
from zjobs.wire.layout import Field, Layout
from zjobs.wire.message import Message, Reader, ascii_text
from zjobs.wire.talk import NOT_MINE, OWN, SERVER, STREAM, Flow

NAME = "socks"
TITLE = "SOCKS"
FOUND = {"tcp.app": (1080,)}
LISTS = frozenset({"socks.auth_method"})

LAYOUT = Layout("SOCKS", (Field("version", "u8", 0, "Version"),), 1, "RFC 1928, section 3")

#: What a side says next, in the bits of its state that are ours: its first message, user and password, a token of
#: GSS-API, a command or the answer to it, and the end that called a bound port.
_FIRST, _USER, _TOKEN, _COMMAND, _CALLED = range(5)
_KINDS = 7

COMMANDS = {1: "Connect", 2: "Bind", 3: "UDP Associate", 0x80: "Ping", 0x81: "Traceroute"}
METHODS = {0: "none", 1: "GSS-API", 2: "User and Password", 3: "CHAP", 0xFF: "refused"}
_CONNECT, _BIND = 1, 2
_NEXT = {1: _TOKEN, 2: _USER}
_IPV4, _NAME, _IPV6 = 1, 3, 4
_SIZES = {_IPV4: 4, _IPV6: 16}
_GRANTED, _FAILURE = 90, 0xFF
#: Version 4 answers with a version of zero; few proxies write a four.
_ANSWERS = (0, 4)
#: A name that is longer is none.
_LONGEST = 512


def begins(buf: Bytes, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
    """What a client says first: version 5 and as many methods as it counts, or version 4, a command, and a name."""
    size, second = end - start, buf[start + 1].astype(np.int64)
    last, behind = buf[end - 1], buf[start + 2 + second]
    five = (buf[start] == 5) & ((size == 1) | (second > 0) & ((size <= 2 + second) | among(behind, (1, 5))))
    four = (buf[start] == 4) & ((size == 1) | among(second, (_CONNECT, _BIND)) & ((size <= 8) | (last == 0)))
    return np.asarray(five | four)


def measure(data: bytes, flow: Flow) -> int:
    """Messages have the length that their names and addresses have; the last answer hands the connection on."""
    kind, notes = flow.state // OWN & _KINDS, flow.talk.notes
    first = data[0]
    size = _size(data, kind, flow.serves)
    if size <= 0:
        return size
    if len(data) < size:
        # It is to be seen whole.
        return -size
    if not flow.serves:
        if kind == _FIRST:
            _await(flow, _COMMAND)
        if first == 4 or kind == _COMMAND:
            notes["command"], notes["port"] = (
                data[1],
                int.from_bytes(data[2:4] if first == 4 else data[size - 2 : size]),
            )
    elif first in _ANSWERS and kind == _FIRST:
        if data[1] == _GRANTED:
            _hand_on(flow)
    elif kind == _FIRST:
        for one in (flow, flow.other):
            _await(one, _NEXT.get(data[1], _COMMAND))
    elif kind == _USER or (kind == _TOKEN and data[2:4] == bytes(2)):
        for one in (flow, flow.other):
            _await(one, _COMMAND)
    elif kind == _CALLED or (kind == _COMMAND and not data[1] and notes.get("command") == _CONNECT):
        _hand_on(flow)
    elif kind == _COMMAND and not data[1] and notes.get("command") == _BIND:
        _await(flow, _CALLED)
    return size


def _await(flow: Flow, kind: int) -> None:
    flow.state = flow.state & ~(_KINDS * OWN) | kind * OWN


def _hand_on(flow: Flow) -> None:
    """From here on it is as if the client had called the port (0 is none: the proxy was called itself)."""
    notes = flow.talk.notes
    flow.talk.app = ""
    flow.talk.behind = int(notes.get("port", 0)) if notes.get("command") == _CONNECT else 0
    flow.state, flow.other.state = STREAM | SERVER, STREAM


def _size(data: bytes, kind: int, serves: bool) -> int:
    """The length of a message; ``-n`` when n bytes are needed to tell, NOT_MINE of what is none."""
    first = data[0]
    if kind == _FIRST:
        if serves:
            return 2 if first == 5 else 8 if first in _ANSWERS else NOT_MINE
        if first == 4:
            return _size_of_four(data)
        if first != 5:
            return NOT_MINE
        return 2 + data[1] if len(data) > 1 else -2
    if kind == _USER:
        if first != 1:
            return NOT_MINE
        if serves:
            return 2
        at = 2 + data[1] if len(data) > 1 else 1
        return at + 1 + data[at] if 1 < at < len(data) else -at - 1
    if kind == _TOKEN:
        if first != 1 or len(data) < 4:
            return NOT_MINE if first != 1 else 2 if data[1:2] == bytes([_FAILURE]) else -4
        return 2 if data[1] == _FAILURE else 4 + int.from_bytes(data[2:4])
    if first != 5:
        return NOT_MINE
    if len(data) < 5:
        return -5
    return 6 + (1 + data[4] if data[3] == _NAME else _SIZES.get(data[3], 0))


def _size_of_four(data: bytes) -> int:
    """Eight bytes and a user; in 4A a name takes the place of an address that there is not."""
    at = 8
    for _ in range(1 + (data[4:7] == bytes(3) and data[7:8] > b"\0")):
        end = data.find(b"\0", at)
        if end < 0 or at < 8:
            return NOT_MINE if len(data) > _LONGEST else -max(len(data) + 1, 9)
        at = end + 1
    return at


def decode(data: Reader, say: Message, state: int) -> None:
    """The messages of a segment, in their order."""
    kind, serves = state // OWN & _KINDS, bool(state & SERVER)
    while len(data):
        first = data.data[data.at]
        if kind == _FIRST:
            kind = _opening(data, say, serves, first)
        elif kind in (_USER, _TOKEN):
            say.field("socks.version", 5)
            (_user if kind == _USER else _token)(data, say, serves)
            kind = _COMMAND if kind == _USER else kind
        else:
            if first != 5:
                raise data.bad("socks.version", 5, first)
            _command(data, say, serves, kind)


def _opening(data: Reader, say: Message, serves: bool, first: int) -> int:
    """The first message of a side; what it says next."""
    if first == 5 and not serves:
        say.field("socks.version", data.u8())
        count = data.u8()
        say.field("socks.auth_method_count", count)
        methods = data.take(count, "socks.auth_method_count")
        for method in methods:
            say.field("socks.auth_method", method)
        say.line("Methods", ", ".join(METHODS.get(one, str(one)) for one in methods))
        say.also("socks : methods")
        return _COMMAND
    if first == 5:
        say.field("socks.version", data.u8())
        method = data.u8()
        say.field("socks.auth_accepted_method", method)
        name = METHODS.get(method, str(method))
        say.line("Method", name)
        say.also(f"socks : method {name}")
        return _NEXT.get(method, _COMMAND)
    if first not in (_ANSWERS if serves else (4,)):
        raise data.bad("socks.version", 5, first)
    say.field("socks.version", data.u8())
    code = data.u8()
    say.field("socks.results" if serves else "socks.command", code)
    port, address = data.u16(), data.take(4)
    say.field("socks.dstport", port)
    say.field("socks.dst", str(IPv4Address(address)))
    name, target = _word(code, serves, _GRANTED), str(IPv4Address(address))
    if not serves:
        user = _until_zero(data)
        say.field("socks.username", user)
        say.line("User", user)
        if address[:3] == bytes(3) and address[3]:
            target = _until_zero(data)
            say.field("socks.v4a_dns_name", target)
    say.line("Command" if not serves else "Result", name, ("Address", target), ("Port", port))
    say.also(f"socks : {name} {target}:{port}")
    return _FIRST


def _word(code: int, serves: bool, good: int) -> str:
    if serves:
        return "granted" if code == good else f"refused ({code})"
    return COMMANDS.get(code, f"command {code}")


def _until_zero(data: Reader) -> str:
    end = data.data.find(b"\0", data.at, data.end)
    text = data.take((end if end >= 0 else data.end) - data.at)
    data.take(1)
    return ascii_text(text)


def _user(data: Reader, say: Message, serves: bool) -> None:
    """A user and a password, which no listing shows; or whether they were right."""
    say.field("socks.subnegotiation_version", data.u8())
    if serves:
        status = data.u8()
        say.field("socks.auth_status", status)
        say.line("Status", "success" if not status else f"failure ({status})")
        say.also("socks : user accepted" if not status else "socks : user refused")
        return
    user = ascii_text(data.take(data.u8(), "socks.username"))
    say.field("socks.username", user)
    say.line("User", user)
    say.also(f"socks : user {user}")
    say.field("socks.password", ascii_text(data.take(data.u8(), "socks.password")))


def _token(data: Reader, say: Message, serves: bool) -> None:
    """A token of GSS-API behind its length."""
    say.field("socks.subnegotiation_version", data.u8())
    command = data.u8()
    say.field("socks.gssapi.command", command)
    say.also("socks : GSS-API")
    if command == _FAILURE:
        say.line("GSS-API", "failure")
        return
    length = data.u16()
    say.field("socks.gssapi.length", length)
    say.line("GSS-API", f"{length} bytes")
    if length:
        say.field("socks.gssapi.data", data.take(length, "socks.gssapi.length"))


def _command(data: Reader, say: Message, serves: bool, kind: int) -> None:
    """A command and where it leads to; or what became of it and the proxy's own end."""
    say.field("socks.version", data.u8())
    code = data.u8()
    say.field("socks.results" if serves else "socks.command", code)
    say.field("socks.reserved", data.u8())
    address_type = data.u8()
    say.field("socks.address_type", address_type)
    target = ""
    if address_type == _NAME:
        target = ascii_text(data.take(data.u8(), "socks.remote_name"))
        say.field("socks.remote_name", target)
    elif address_type == _IPV4:
        target = str(IPv4Address(data.take(4)))
        say.field("socks.dst", target)
    elif address_type == _IPV6:
        target = str(IPv6Address(data.take(16)))
        say.field("socks.dstV6", target)
    port = data.u16()
    say.field("socks.remote_host_port" if kind == _CALLED else "socks.port", port)
    name = _word(code, serves, 0)
    say.line("Result" if serves else "Command", name, ("Address", target), ("Port", port))
    say.also(f"socks : {name} {target}:{port}")


lines = message.lines
values = message.values
