"""Dynamic Host Configuration Protocol, and BOOTP.

Reference: RFC 2131, section 2; RFC 2132 (options); RFC 951 (BOOTP); RFC 3046 (relay agents); RFC 3004, 3397, 3442,
3925, 4702.
"""

from collections.abc import Callable
from ipaddress import IPv4Address

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes, among, windows
from zjobs.wire import message
from zjobs.wire.layout import Field, Layout
from zjobs.wire.message import Message, Reader, Stop, ascii_text, utf8_text
from zjobs.wire.values import hex4, hex8, json_bool

NAME = "dhcp"
TITLE = "DHCP"
FOUND = {"udp.app": (67, 68, 4011)}
LISTS = frozenset({"dhcp.option.type", "dhcp.option.length", "dhcp.option.request_list_item"})

LAYOUT = Layout(
    "DHCP",
    (
        Field("op", "u8", 0, "Operation", json="dhcp.type"),
        Field("htype", "u8", 1, "Hardware Type", json="dhcp.hw.type"),
        Field("hlen", "u8", 2, "Hardware Length", json="dhcp.hw.len"),
        Field("hops", "u8", 3, "Hops", json="dhcp.hops"),
        Field("xid", "u32", 4, "Transaction Id", hex8, json="dhcp.id"),
        Field("secs", "u16", 8, "Seconds"),
        Field("flags", "u16", 10, "Flags", hex4, json="dhcp.flags"),
        Field("bc", "u16", 10, "Broadcast", bits=(15, 1), json="dhcp.flags.bc", json_show=json_bool),
        Field("reserved", "u16", 10, bits=(0, 15), json="dhcp.flags.reserved"),
    ),
    12,
    "RFC 2131, section 2",
)

OPERATIONS = {1: "Boot Request", 2: "Boot Reply"}
MESSAGES = {
    1: "Discover", 2: "Offer", 3: "Request", 4: "Decline", 5: "ACK", 6: "NAK", 7: "Release", 8: "Inform",
    9: "Force Renew", 10: "Lease query", 11: "Lease Unassigned", 12: "Lease Unknown", 13: "Lease Active",
}  # fmt: skip
_ADDRESSES = (("client", "Client IP"), ("your", "Your IP"), ("server", "Server IP"), ("relay", "Relay IP"))
_COOKIE = bytes((99, 130, 83, 99))
_ETHERNET, _HARDWARE = 1, 16
_SNAME, _FILE = 64, 128
#: Bytes before the cookie.
_FIXED = 236
_HARDWARE_AT = 28
_PAD, _END, _OVERLOAD, _MESSAGE, _CLIENT, _AGENT = 0, 255, 52, 53, 61, 82


def begins(buf: Bytes, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
    """A request or a reply with a hardware address that fits."""
    first = windows(buf, start, 3)
    return np.asarray((end - start > 2) & among(first[:, 0], (1, 2)) & (first[:, 2] <= _HARDWARE))


def decode(data: Reader, say: Message, state: int) -> None:
    """One message; of one whose options were cut Wireshark shows nothing, the listing what is there."""
    hidden = say.cut and not _ended(data.data[data.at : data.end], say.missing)
    try:
        _tell(data, say)
    finally:
        if hidden:
            say.unshown(0)


def _ended(raw: bytes, missing: int) -> bool:
    """Whether what Wireshark looks at first is there: whom a request is from, and the options up to their end.

    Without the cookie there are 64 bytes for them.
    """
    if raw[:1] == b"\1" and len(raw) < _HARDWARE_AT + 6:
        return False
    at = _FIXED + len(_COOKIE) if raw[_FIXED:].startswith(_COOKIE) else _FIXED + 64
    while at < len(raw) + missing:
        if at >= len(raw):
            return False
        if raw[at] == _END:
            return True
        at += 2 + raw[at + 1] if raw[at] and at + 1 < len(raw) else 1
    return True


def _tell(data: Reader, say: Message) -> None:
    """The fixed part, then options behind the magic cookie; without it BOOTP."""
    head = say.header(LAYOUT, data)
    operation = OPERATIONS.get(head["op"], str(head["op"]))
    say.summary = f"BOOTP : {operation}"
    say.line("Operation", operation, ("Hardware Type", head["htype"]), ("Hops", head["hops"]))
    # Some clients write the seconds with the low byte first: hours that end on the second are less likely.
    seconds = head["secs"] if head["secs"] & 0xFF else head["secs"] >> 8
    say.field("dhcp.secs", seconds)
    say.line("Transaction Id", f"{head['xid']:08X}", ("Seconds", seconds), ("Flags", f"{head['flags']:04X}"))
    addresses = []
    for field, label in _ADDRESSES:
        addresses.append((label, str(IPv4Address(data.take(4)))))
        say.field(f"dhcp.ip.{field}", addresses[-1][1])
    say.line(*addresses[0], addresses[1])
    say.line(*addresses[2], addresses[3])
    _hardware(head, data, say)
    server, file = data.part(_SNAME), data.part(_FILE)
    cookie = data.take(len(_COOKIE), "dhcp.cookie")
    if cookie == _COOKIE:
        say.field("dhcp.cookie", str(IPv4Address(cookie)))
        _options(data, (server, file), say)
        if len(data):
            say.field("dhcp.option.padding", data.rest())
    for field, part, label in (("server", server, "Server Name"), ("file", file, "File")):
        text = ascii_text(part.rest().partition(b"\0")[0])
        if text:
            say.field(f"dhcp.{field}", text)
            say.line(label, text)


def _hardware(head: dict[str, int], data: Reader, say: Message) -> None:
    raw = data.take(_HARDWARE, "dhcp.hw.addr")
    size = min(head["hlen"], _HARDWARE)
    if size:
        if (head["htype"], size) == (_ETHERNET, 6):
            say.field("dhcp.hw.mac_addr", raw[:size].hex(":"))
        else:
            say.field("dhcp.hw.addr", raw)
        say.line("Hardware Address", raw[:size].hex().upper())
    if size < _HARDWARE:
        say.field("dhcp.hw.addr_padding", raw[size:])


def _options(data: Reader, names: tuple[Reader, ...], say: Message) -> None:
    """Options up to the end; they may go on where the names (server, file) would be (RFC 2132, section 9.3)."""
    while len(data):
        code = data.u8()
        # Wireshark gives the end of the list type 0, and its number in a field of its own; padding is one option.
        say.field("dhcp.option.type", _PAD if code == _END else code)
        if code == _PAD:
            say.field("dhcp.option.padding", _padding(data))
            continue
        if code == _END:
            say.field("dhcp.option.end", code)
            return
        size = data.u8()
        say.field("dhcp.option.length", size)
        body = data.part(size, "dhcp.option.length")
        label, show, field = OPTIONS.get(code, (f"Option {code}", _raw, ""))
        raw = body.data[body.at : body.end]
        say.field("dhcp.option.value", raw)
        if code == _MESSAGE and size:
            say.summary = f"DHCP : {MESSAGES.get(raw[0], raw[0])}"
        try:
            say.line(label, show(body, field and f"dhcp.{field}", say) if size else "")
        except Stop as stop:
            # What an option holds is wrong; where the next one begins is not.
            kind, claimed, at, needed, available = stop.problem
            say.fault(claimed, at, needed, available, kind)
        if code == _OVERLOAD and size:
            # In the order of Wireshark: the name of the server stands before that of the file.
            for bit, part in zip((2, 1), names):
                if raw[0] & bit:
                    _options(part, (), say)
                    part.at = part.end


def _padding(data: Reader) -> bytes:
    """All pads that stand together, the first of which was read (RFC 2132, section 3.1)."""
    start = data.at - 1
    while data.at < data.end and data.data[data.at] == _PAD:
        data.at += 1
    return data.data[start : data.at]


Show = Callable[[Reader, str, Message], str]


def _raw(body: Reader, field: str, say: Message) -> str:
    raw = body.rest()
    if field:
        say.field(field, raw)
    return raw.hex().upper()


def _addresses(body: Reader, field: str, say: Message) -> str:
    found = []
    while len(body):
        found.append(str(IPv4Address(body.take(4))))
        say.field(field, found[-1])
    return " ".join(found)


def _number(body: Reader, field: str, say: Message) -> str:
    value = int.from_bytes(body.rest(), "big")
    say.field(field, value)
    return str(value)


def _text(body: Reader, field: str, say: Message) -> str:
    text = ascii_text(body.rest().partition(b"\0")[0])
    if text:
        say.field(field, text)
    return text


def _message(body: Reader, field: str, say: Message) -> str:
    value = body.u8()
    say.field(field, value)
    return MESSAGES.get(value, str(value))


def _requested(body: Reader, field: str, say: Message) -> str:
    words = []
    for code in body.rest():
        say.field(field, code)
        words.append(OPTIONS[code][0] if code in OPTIONS else str(code))
    return ", ".join(words)


def _client(body: Reader, field: str, say: Message) -> str:
    """A hardware type and address, or anything that is unique."""
    kind, raw = body.u8(), body.rest()
    if (kind, len(raw)) == (_ETHERNET, 6):
        say.field("dhcp.hw.type", kind)
        say.field("dhcp.hw.mac_addr", raw.hex(":"))
    elif not kind:
        say.field("dhcp.client_id.type", kind)
        if raw:
            say.field("dhcp.client_id.undef", ascii_text(raw.partition(b"\0")[0]))
            return ascii_text(raw)
    return f"{kind:02X} {raw.hex().upper()}"


def _agent(body: Reader, field: str, say: Message) -> str:
    """Sub-options of a relay agent (RFC 3046)."""
    words = []
    while len(body):
        code, size = body.u8(), body.u8()
        raw = body.take(size, "dhcp.option.suboption_length")
        say.field(f"{field}.suboption", code)
        say.field("dhcp.option.suboption_length", size)
        if raw:
            say.field(f"{field}.value", raw)
            known = {1: "agent_circuit_id", 2: "agent_remote_id"}.get(code)
            if known:
                say.field(f"{field}.{known}", raw)
        label = {1: "Circuit Id", 2: "Remote Id"}.get(code, f"Sub-option {code}")
        words.append(f"{label} {raw.hex().upper()}")
    return ", ".join(words)


def _routes(body: Reader, field: str, say: Message) -> str:
    """Prefix length, as many bytes as it needs, router (RFC 3442)."""
    raw = body.data[body.at : body.end]
    say.field(field, raw)
    words = []
    while len(body):
        length = body.u8()
        if length > 32:
            raise body.bad(field, 32, length)
        prefix = body.take((length + 7) // 8, field).ljust(4, b"\0")
        words.append(f"{IPv4Address(prefix)}/{length} via {IPv4Address(body.take(4, field))}")
    return ", ".join(words)


def _static(body: Reader, field: str, say: Message) -> str:
    words = []
    while len(body):
        pair = [str(IPv4Address(body.take(4))) for _ in range(2)]
        for name, address in zip(("ip", "router"), pair):
            say.field(f"{field}.{name}", address)
        words.append(" via ".join(pair))
    return ", ".join(words)


def _classes(body: Reader, field: str, say: Message) -> str:
    """User classes, each behind its length (RFC 3004); some send one text alone."""
    raw, parts, at = body.rest(), [], 0
    while at < len(raw) and raw[at]:
        parts.append(raw[at + 1 : at + 1 + raw[at]])
        at += 1 + raw[at]
    return ", ".join(ascii_text(p) for p in parts) if at == len(raw) else ascii_text(raw)


def _vendors(body: Reader, field: str, say: Message) -> str:
    """Sub-options of vendors by their enterprise numbers (RFC 3925)."""
    words = []
    while len(body):
        enterprise, size = body.u32(), body.u8()
        say.field(f"{field}.enterprise", enterprise)
        say.field(f"{field}.length", size)
        part = body.part(size, f"{field}.length")
        words.append(f"Enterprise {enterprise}")
        while len(part):
            code, length = part.u8(), part.u8()
            if enterprise in _DECODED or length > len(part):
                say.field("dhcp.option.suboption_length", length)
            raw = part.take(length, "dhcp.option.suboption_length")
            words.append(f"Sub-option {code} {ascii_text(raw) if raw.isascii() else raw.hex().upper()}")
    return ", ".join(words)


#: Enterprises whose sub-options Wireshark decodes: the Broadband Forum and CableLabs.
_DECODED = (3561, 4491)


def _domain(body: Reader, field: str, say: Message) -> str:
    """The name of a client, and who is to put it in the DNS (RFC 4702)."""
    flags = body.u8()
    say.field("dhcp.fqdn.flags", flags)
    say.field("dhcp.fqdn.mbz", flags & 0xF0)
    for bit, name in ((8, "n"), (4, "e"), (2, "o"), (1, "s")):
        say.field(f"dhcp.fqdn.{name}", bool(flags & bit))
    say.field("dhcp.fqdn.rcode1", body.u8())
    say.field("dhcp.fqdn.rcode2", body.u8())
    raw = body.rest()
    name = _labels(raw) if flags & _ENCODED else ascii_text(raw)
    if name:
        say.field("dhcp.fqdn.name", name)
    return f"{name} Flags {flags:02X}".lstrip()


#: The name is written as in DNS messages.
_ENCODED = 4


def _labels(raw: bytes) -> str:
    """Labels behind their lengths, up to the end; a name that is not qualified has no empty last one."""
    labels, at = [], 0
    while at < len(raw) and raw[at]:
        labels.append(utf8_text(raw[at + 1 : at + 1 + raw[at]]))
        at += 1 + raw[at]
    return ".".join(labels)


def _one(body: Reader, field: str, say: Message) -> str:
    """An option of a single number that may be longer than it should be: only its first bytes count."""
    return _number(body.part(1), field, say)


OPTIONS: dict[int, tuple[str, Show, str]] = {
    1: ("Subnet Mask", _addresses, "option.subnet_mask"),
    2: ("Time Offset", _raw, ""),
    3: ("Router", _addresses, "option.router"),
    4: ("Time Server", _addresses, "option.time_server"),
    5: ("Name Server", _addresses, "option.name_server"),
    6: ("DNS Server", _addresses, "option.domain_name_server"),
    7: ("Log Server", _addresses, "option.log_server"),
    9: ("LPR Server", _addresses, "option.lpr_server"),
    12: ("Host Name", _text, "option.hostname"),
    13: ("Boot File Size", _number, "option.boot_file_size"),
    15: ("Domain Name", _text, "option.domain_name"),
    17: ("Root Path", _text, "option.root_path"),
    23: ("Default TTL", _one, "option.default_ip_ttl"),
    26: ("Interface MTU", _number, "option.interface_mtu"),
    28: ("Broadcast", _addresses, "option.broadcast_address"),
    33: ("Static Route", _static, "option.static_route"),
    42: ("NTP Server", _addresses, "option.ntp_server"),
    43: ("Vendor Data", _raw, ""),
    44: ("NetBIOS Server", _addresses, "option.netbios_over_tcpip_name_server"),
    46: ("NetBIOS Node", _one, "option.netbios_over_tcpip_node_type"),
    47: ("NetBIOS Scope", _text, "option.netbios_over_tcpip_scope"),
    50: ("Requested IP", _addresses, "option.requested_ip_address"),
    51: ("Lease Time", _number, "option.ip_address_lease_time"),
    _OVERLOAD: ("Overload", _one, "option.option_overload"),
    _MESSAGE: ("Message Type", _message, "option.dhcp"),
    54: ("Server Id", _addresses, "option.dhcp_server_id"),
    55: ("Parameters", _requested, "option.request_list_item"),
    56: ("Message", _text, "option.message"),
    57: ("Maximum Size", _number, "option.dhcp_max_message_size"),
    58: ("Renewal Time", _number, "option.renewal_time_value"),
    59: ("Rebinding Time", _number, "option.rebinding_time_value"),
    60: ("Vendor Class", _text, "option.vendor_class_id"),
    _CLIENT: ("Client Id", _client, ""),
    66: ("TFTP Server", _text, "option.tftp_server_name"),
    67: ("Boot File", _text, "option.bootfile_name"),
    77: ("User Class", _classes, ""),
    80: ("Rapid Commit", _raw, ""),
    81: ("Client FQDN", _domain, ""),
    _AGENT: ("Relay Agent", _agent, "option.agent_information_option"),
    119: ("Domain Search", _raw, ""),
    121: ("Classless Route", _routes, "option.classless_static_route"),
    125: ("Vendor Options", _vendors, "option.vi"),
    252: ("Proxy", _text, "option.private_proxy_autodiscovery"),
}

lines = message.lines
values = message.values
