"""Dynamic Host Configuration Protocol for IPv6.

Reference: RFC 8415, sections 8, 9 and 21; RFC 3646 (DNS), RFC 4704 (client name), RFC 4649 (remote id).
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes, windows
from zjobs.wire import message
from zjobs.wire.layout import Field, Layout
from zjobs.wire.message import DEEPEST, Message, Reader, ascii_text, utf8_text
from zjobs.wire.values import absolute_time
from zjobs.words import counted

NAME = "dhcpv6"
TITLE = "DHCPv6"
FOUND = {"udp.app": (546, 547)}
LISTS = frozenset({"dhcpv6.option.type", "dhcpv6.option.length"})

LAYOUT = Layout("DHCPv6", (Field("type", "u8", 0, "Message Type", json="dhcpv6.msgtype"),), 1, "RFC 8415, section 8")

MESSAGES = {
    1: "Solicit", 2: "Advertise", 3: "Request", 4: "Confirm", 5: "Renew", 6: "Rebind", 7: "Reply", 8: "Release",
    9: "Decline", 10: "Reconfigure", 11: "Information-request", 12: "Relay-forw", 13: "Relay-reply", 14: "Leasequery",
    15: "Leasequery-reply", 16: "Leasequery-done", 17: "Leasequery-data",
}  # fmt: skip
_RELAYED = (12, 13)
_LAST_MESSAGE = 36
STATUS = {
    0: "Success", 1: "UnspecFail", 2: "NoAddrsAvail", 3: "NoBinding", 4: "NotOnLink", 5: "UseMulticast",
    6: "NoPrefixAvail",
}  # fmt: skip
_DUID_TIME = datetime(2000, 1, 1, tzinfo=UTC)
_ETHERNET = 1


def begins(buf: Bytes, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
    """A message type that has been given out."""
    first = windows(buf, start, 1)[:, 0]
    return np.asarray((end - start >= 4) & (first > 0) & (first <= _LAST_MESSAGE))


def decode(data: Reader, say: Message, state: int) -> None:
    """One message; a relay agent's has the client's inside."""
    _message(data, say, 0)


def _message(data: Reader, say: Message, depth: int) -> None:
    kind = say.header(LAYOUT, data)["type"]
    name = MESSAGES.get(kind, str(kind))
    say.summary += f", {name}" if say.summary else f"DHCPv6 : {name}"
    if kind in _RELAYED:
        hops = data.u8()
        say.field("dhcpv6.hopcount", hops)
        say.line("Message Type", name, ("Hops", hops), level=1 + depth)
        for field, label in (("linkaddr", "Link Address"), ("peeraddr", "Peer Address")):
            address = _address(data, f"dhcpv6.{field}", say)
            say.line(label, address, level=1 + depth)
    else:
        xid = data.u24()
        say.field("dhcpv6.xid", xid)
        say.line("Message Type", name, ("Transaction Id", f"{xid:06X}"), level=1 + depth)
    _options(data, say, depth)


def _options(data: Reader, say: Message, depth: int) -> None:
    if depth > DEEPEST:
        raise data.bad("dhcpv6.option.type", DEEPEST, depth)
    while len(data):
        code, size = data.u16(), data.u16()
        if say.cut and size > len(data):
            # Of one that was cut Wireshark shows nothing.
            data.take(size, "dhcpv6.option.length")
        say.field("dhcpv6.option.type", code)
        say.field("dhcpv6.option.length", size)
        body = data.part(size, "dhcpv6.option.length")
        label, show, field = OPTIONS.get(code, (f"Option {code}", _raw, ""))
        if show is _relayed:
            say.line(label, counted(str(size), "byte"), level=1 + depth)
            _message(body, say, depth + 1)
            continue
        say.line(label, show(body, field and f"dhcpv6.{field}", say), level=1 + depth)
        if code in _HOLDING:
            _options(body, say, depth + 1)


def _address(data: Reader, field: str, say: Message) -> str:
    address = str(IPv6Address(data.take(16, field)))
    say.field(field, address)
    return address.upper()


def _addresses(body: Reader, field: str, say: Message) -> str:
    words = []
    while len(body):
        words.append(_address(body, field, say))
    return " ".join(words)


def _raw(body: Reader, field: str, say: Message) -> str:
    raw = body.rest()
    if field and raw:
        say.field(field, raw)
    return raw.hex().upper()


def _number(body: Reader, field: str, say: Message) -> str:
    value = int.from_bytes(body.rest(), "big")
    say.field(field, value)
    return str(value)


def _elapsed(body: Reader, field: str, say: Message) -> str:
    """Hundredths of a second; Wireshark has milliseconds."""
    value = body.u16() * 10
    say.field(field, value)
    return f"{value} ms"


def _requested(body: Reader, field: str, say: Message) -> str:
    words = []
    while len(body):
        code = body.u16()
        say.field(field, code)
        words.append(OPTIONS[code][0] if code in OPTIONS else str(code))
    return ", ".join(words)


def _duid(body: Reader, field: str, say: Message) -> str:
    """Who a client or server is (RFC 8415, section 11)."""
    raw = body.data[body.at : body.end]
    say.field(field, raw)
    kind = body.u16()
    say.field("dhcpv6.duid.type", kind)
    if kind in (1, 3):
        group = "duidllt" if kind == 1 else "duidll"
        hardware = body.u16()
        say.field(f"dhcpv6.{group}.hwtype", hardware)
        if kind == 1:
            say.field("dhcpv6.duidllt.time", absolute_time(_DUID_TIME + timedelta(seconds=body.u32())))
        if len(body) == 6 and hardware == _ETHERNET:
            say.field(f"dhcpv6.{group}.link_layer_addr", body.rest().hex(":"))
    elif kind == 2:
        say.field("dhcpv6.duiden.enterprise", body.u32())
        if len(body):
            say.field("dhcpv6.duiden.identifier", body.rest())
    return raw.hex().upper()


def _association(body: Reader, field: str, say: Message) -> str:
    number = body.take(4, field).hex()
    say.field(field, number)
    words = [number.upper()]
    for timer in ("t1", "t2"):
        value = body.u32()
        say.field(f"{field}.{timer}", value)
        words.append(f"{timer.upper()} {value}")
    return ", ".join(words)


def _temporary(body: Reader, field: str, say: Message) -> str:
    number = body.take(4, field).hex()
    say.field(field, number)
    return number.upper()


def _lifetimes(body: Reader, group: str, say: Message) -> str:
    words = []
    for field, label in (("pref_lifetime", "preferred"), ("valid_lifetime", "valid")):
        value = body.u32()
        say.field(f"dhcpv6.{group}.{field}", value)
        words.append(f"{label} {value}")
    return ", ".join(words)


def _leased(body: Reader, field: str, say: Message) -> str:
    address = _address(body, field, say)
    return f"{address}, {_lifetimes(body, 'iaaddr', say)}"


def _prefix(body: Reader, field: str, say: Message) -> str:
    times = _lifetimes(body, "iaprefix", say)
    length = body.u8()
    say.field("dhcpv6.iaprefix.pref_len", length)
    return f"{_address(body, field, say)}/{length}, {times}"


def _status(body: Reader, field: str, say: Message) -> str:
    code = body.u16()
    say.field(field, code)
    text = ascii_text(body.rest())
    if text:
        say.field("dhcpv6.status_msg", text)
    return f"{STATUS.get(code, code)} {text}".rstrip()


def _domains(body: Reader, field: str, say: Message) -> str:
    words = []
    while len(body):
        labels = []
        end = ""
        while len(body):
            size = body.u8()
            if not size:
                end = "."
                break
            if size > 63:
                raise body.bad(field, 63, size)
            labels.append(utf8_text(body.take(size, field)))
        # A name that does not end at the root is a part of one (RFC 4704, section 4.2).
        words.append(".".join(labels) + end)
        # Wireshark gives a name of the highest level a field of its own.
        say.field("dhcpv6.tld" if end and len(labels) == 1 else field, words[-1])
    return " ".join(words)


def _named(body: Reader, field: str, say: Message) -> str:
    """Flags and a name (RFC 4704)."""
    flags = body.u8()
    say.field("dhcpv6.client_fqdn_flags", flags)
    return f"{_domains(body, field, say)} (flags {flags:02X})"


def _remote(body: Reader, field: str, say: Message) -> str:
    enterprise = body.u32()
    say.field("dhcpv6.remoteid.enterprise", enterprise)
    return f"{enterprise} {_raw(body, field, say)}"


def _relayed(body: Reader, field: str, say: Message) -> str:
    return f"{len(body)} bytes"


#: Options that hold others behind their fixed part.
_HOLDING = frozenset({3, 4, 5, 25, 26})
OPTIONS: dict[int, tuple[str, Callable[[Reader, str, Message], str], str]] = {
    1: ("Client Id", _duid, "duid.bytes"),
    2: ("Server Id", _duid, "duid.bytes"),
    3: ("IA NA", _association, "iaid"),
    4: ("IA TA", _temporary, "iata"),
    5: ("IA Address", _leased, "iaaddr.ip"),
    6: ("Options", _requested, "requested_option_code"),
    7: ("Preference", _number, "option_preference"),
    8: ("Elapsed Time", _elapsed, "elapsed_time"),
    9: ("Relay Message", _relayed, ""),
    11: ("Authentication", _raw, ""),
    12: ("Server Unicast", _addresses, "unicast"),
    13: ("Status", _status, "status_code"),
    14: ("Rapid Commit", _raw, ""),
    15: ("User Class", _raw, ""),
    16: ("Vendor Class", _raw, ""),
    17: ("Vendor Options", _raw, ""),
    18: ("Interface Id", _raw, "interface_id"),
    19: ("Reconfigure", _number, "reconf_msg"),
    20: ("Reconf Accept", _raw, ""),
    23: ("DNS Server", _addresses, "dns_server"),
    24: ("Domain Search", _domains, "search_list_entry"),
    25: ("IA PD", _association, "iaid"),
    26: ("IA Prefix", _prefix, "iaprefix.pref_addr"),
    31: ("SNTP Server", _addresses, "sntp_server"),
    37: ("Remote Id", _remote, "remoteid_enterprise_id"),
    39: ("Client FQDN", _named, "client_domain"),
}

lines = message.lines
values = message.values
