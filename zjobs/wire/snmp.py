"""Simple Network Management Protocol, versions 1, 2c and 3.

Reference: RFC 1157 (v1), RFC 1901 and RFC 3416 (v2c), RFC 3412 (v3 message), RFC 3414 (user-based security), RFC 3411,
section 5 (engine id).
"""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes, windows
from zjobs.wire import ber, message
from zjobs.wire.layout import Field, Layout
from zjobs.wire.message import Message, Reader, Stop, ascii_text

NAME = "snmp"
TITLE = "SNMP"
FOUND = {"udp.app": (161, 162)}
LISTS = frozenset({"snmp.name"})

LAYOUT = Layout("SNMP", (Field("tag", "u8", 0),), 1, "RFC 1157, section 4")

VERSIONS = {0: "v1", 1: "v2c", 2: "v2u", 3: "v3"}
_V3 = 3
PDUS = (
    "GetRequest", "GetNextRequest", "GetResponse", "SetRequest", "Trap", "GetBulkRequest", "InformRequest",
    "SNMPv2-Trap", "Report",
)  # fmt: skip
_PDU, _TRAP, _BULK = 0xA0, 4, 5
ERRORS = (
    "noError", "tooBig", "noSuchName", "badValue", "readOnly", "genErr", "noAccess", "wrongType", "wrongLength",
    "wrongEncoding", "wrongValue", "noCreation", "inconsistentValue", "resourceUnavailable", "commitFailed",
    "undoFailed", "authorizationError", "notWritable", "inconsistentName",
)  # fmt: skip
TRAPS = (
    "coldStart", "warmStart", "linkDown", "linkUp", "authenticationFailure", "egpNeighborLoss", "enterpriseSpecific",
)  # fmt: skip
MODELS = {0: "Any", 1: "SNMPv1", 2: "SNMPv2c", 3: "USM"}
_USM = 3
_AUTHENTICATED, _ENCRYPTED, _REPORTABLE = 1, 2, 4

#: The community that everybody knows; any other one is a password and stays out of listings.
PUBLIC = "public"
MASK = "********"

#: Variables that a listing shows; JSON has them all.
_MOST_SHOWN = 200


def begins(buf: Bytes, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
    """A sequence whose first element is a version of one byte."""
    tag, at = ber.opened(buf, start)
    inside = (at > 0) & (at + 3 <= end)
    first = windows(buf, np.where(inside, at, 0), 3)
    return np.asarray(inside & (tag == ber.SEQUENCE) & (first[:, 0] == ber.INTEGER) & (first[:, 1] == 1) & (
        first[:, 2] <= _V3
    ))  # fmt: skip


def decode(data: Reader, say: Message, state: int) -> None:
    """One message."""
    whole = ber.expect(data, ber.SEQUENCE, "message")
    version = ber.integer(whole, "snmp.version")
    name = VERSIONS.get(version, str(version))
    if version == _V3:
        _secured(whole, say)
        return
    say.field("snmp.version", version)
    community = ascii_text(ber.octets(whole, "snmp.community"))
    if community:
        say.field("snmp.community", community)
    shown = community if community == PUBLIC else MASK
    say.line("Version", name, ("Community", shown))
    say.summary = f"SNMP : Community - {shown}({name})"
    _pdu(whole, say)


def _secured(whole: Reader, say: Message) -> None:
    """A message of version 3: global data, what the security model says, and the PDU if it can be read."""
    say.field("snmp.msgVersion", _V3)
    head = ber.expect(whole, ber.SEQUENCE, "snmp.msgGlobalData")
    for field in ("msgID", "msgMaxSize"):
        say.field(f"snmp.{field}", ber.integer(head, f"snmp.{field}"))
    raw = ber.octets(head, "snmp.msgFlags")
    say.field("snmp.msgFlags", raw)
    flags = raw[0] if raw else 0
    for field, bit in (("report", _REPORTABLE), ("crypt", _ENCRYPTED), ("auth", _AUTHENTICATED)):
        say.field(f"snmp.v3.flags.{field}", bool(flags & bit))
    model = ber.integer(head, "snmp.msgSecurityModel")
    say.field("snmp.msgSecurityModel", model)
    words = [
        word
        for word, bit in (("auth", _AUTHENTICATED), ("priv", _ENCRYPTED), ("reportable", _REPORTABLE))
        if flags & bit
    ]
    say.line("Version", "v3", ("Security Model", MODELS.get(model, model)), ("Flags", " ".join(words)))
    security = ber.expect(whole, ber.OCTETS, "snmp.msgSecurityParameters")
    user = _user(security, say) if model == _USM else ""
    say.summary = f"SNMP : User - {user}(v3)"
    encrypted = bool(flags & _ENCRYPTED)
    say.field("snmp.msgData", int(encrypted))
    if encrypted:
        body = ber.octets(whole, "snmp.encryptedPDU")
        say.field("snmp.encryptedPDU", body)
        say.line("PDU", f"encrypted, {len(body)} bytes")
        say.summary += " : encrypted pdu"
        return
    scope = ber.expect(whole, ber.SEQUENCE, "snmp.plaintext")
    engine = ber.octets(scope, "snmp.contextEngineID")
    _engine(engine, "snmp.contextEngineID", "Context Engine", say)
    context = ascii_text(ber.octets(scope, "snmp.contextName"))
    if context:
        say.field("snmp.contextName", context)
        say.line("Context Name", context)
    _pdu(scope, say)


def _user(security: Reader, say: Message) -> str:
    """Parameters of the user-based security model (RFC 3414, section 2.4): engine and user are shown, no keys."""
    body = ber.expect(security, ber.SEQUENCE, "snmp.msgSecurityParameters")
    engine = ber.octets(body, "snmp.msgAuthoritativeEngineID")
    _engine(engine, "snmp.msgAuthoritativeEngineID", "Engine Id", say)
    times = []
    for field in ("Boots", "Time"):
        # Both are never negative (RFC 3414, section 2.4), though some engines leave the zero in front out.
        raw = ber.expect(body, ber.INTEGER, f"snmp.msgAuthoritativeEngine{field}")
        times.append(ber.number(raw, False))
        say.field(f"snmp.msgAuthoritativeEngine{field}", times[-1])
    user = ascii_text(ber.octets(body, "snmp.msgUserName"))
    if user:
        say.field("snmp.msgUserName", user)
    say.line("User", user, ("Engine Boots", times[0]), ("Engine Time", times[1]))
    for field in ("msgAuthenticationParameters", "msgPrivacyParameters"):
        value = ber.octets(body, f"snmp.{field}")
        if value:
            say.field(f"snmp.{field}", value)
    return user


def _engine(raw: bytes, name: str, label: str, say: Message) -> None:
    """An engine id: enterprise, and what the engine took to be unique (RFC 3411, section 5)."""
    if not raw:
        return
    say.field(name, raw)
    say.line(label, raw.hex().upper())
    data = Reader(raw, claimed=name)
    first = data.u32()
    conforms = bool(first >> 31)
    say.field("snmp.engineid.conform", conforms)
    say.field("snmp.engineid.enterprise", first & 0x7FFFFFFF)
    if not conforms or not len(data):
        return
    kind = data.u8()
    say.field("snmp.engineid.format", kind)
    rest = data.rest()
    if kind == 1 and len(rest) == 4:
        say.field("snmp.engineid.ipv4", str(IPv4Address(rest)))
    elif kind == 2 and len(rest) == 16:
        say.field("snmp.engineid.ipv6", str(IPv6Address(rest)))
    elif kind == 3 and len(rest) in (6, 7):
        # Cisco puts a byte of its own before the address.
        say.field("snmp.engineid.mac", rest[-6:].hex(":"))
    elif kind == 4 and rest:
        say.field("snmp.engineid.text", ascii_text(rest))
    elif rest:
        say.field("snmp.engineid.data", rest)


def _pdu(data: Reader, say: Message) -> None:
    tag, body = ber.element(data, "snmp.data")
    kind = tag - _PDU
    if not 0 <= kind < len(PDUS):
        raise data.bad("snmp.data", _PDU, tag)
    say.field("snmp.data", kind)
    say.summary += f" : pdu - {PDUS[kind]}"
    if kind == _TRAP:
        _trap(body, say)
    else:
        fields = ("non_repeaters", "max_repetitions") if kind == _BULK else ("error_status", "error_index")
        numbers = []
        for field in ("request_id", *fields):
            numbers.append(ber.integer(body, f"snmp.{field}"))
            say.field(f"snmp.{field}", numbers[-1])
        request, first, second = numbers
        say.line("PDU", PDUS[kind], ("Request Id", request))
        if kind == _BULK:
            say.line("Non Repeaters", first, ("Max Repetitions", second))
        else:
            say.line("Error Status", _named(ERRORS, first), ("Error Index", second))
            if first:
                say.summary += f" ({_named(ERRORS, first)})"
    _variables(ber.expect(body, ber.SEQUENCE, "snmp.variable_bindings"), say)


def _named(names: tuple[str, ...], value: int) -> str:
    return names[value] if 0 <= value < len(names) else str(value)


def _trap(body: Reader, say: Message) -> None:
    """A trap of version 1 (RFC 1157, section 4.1.6)."""
    enterprise = ber.identifier(ber.expect(body, ber.OID, "snmp.enterprise"))
    say.field("snmp.enterprise", enterprise)
    _, where = ber.element(body, "snmp.agent_addr")
    address = str(IPv4Address(where.take(4)))
    say.field("snmp.agent_addr", address)
    generic = ber.integer(body, "snmp.generic_trap")
    specific = ber.integer(body, "snmp.specific_trap")
    _, ticks = ber.element(body, "snmp.time_stamp")
    stamp = ber.number(ticks, False)
    for field, value in (("generic_trap", generic), ("specific_trap", specific), ("time_stamp", stamp)):
        say.field(f"snmp.{field}", value)
    say.line("PDU", "Trap", ("Enterprise", enterprise))
    say.line("Agent", address, ("Generic Trap", _named(TRAPS, generic)), ("Specific Trap", specific))
    say.line("Time Stamp", ticks_text(stamp))


def _variables(data: Reader, say: Message) -> None:
    """Names and values; how many there are is known at the end, but told first, as Wireshark does."""
    place = len(say.fields)
    try:
        count = _told(data, say)
    except Stop:
        if place and say.cut:
            # Of a list that was cut Wireshark does not say how many there are.
            say.fields.insert(place, ("snmp.variable_bindings", 0))
        raise
    if place:
        # There are fields before these, so fields are wanted.
        say.fields.insert(place, ("snmp.variable_bindings", count))


def _told(data: Reader, say: Message) -> int:
    count = 0
    while len(data):
        one = ber.expect(data, ber.SEQUENCE, "snmp.VarBind")
        name = ber.identifier(ber.expect(one, ber.OID, "snmp.name"))
        say.field("snmp.name", name)
        tag, body = ber.element(one, "snmp.value")
        label, text = _value(tag, body, say)
        count += 1
        if count <= _MOST_SHOWN:
            say.line("Name", name)
            say.line(label, text, level=2)
    if count > _MOST_SHOWN:
        say.text(f"({count - _MOST_SHOWN} variables more)")
    return count


def _value(tag: int, body: Reader, say: Message) -> tuple[str, str]:
    """Type and text of a value; its field."""
    if tag in _NOTHING:
        field, label = _NOTHING[tag]
        if (f"snmp.{field}", True) not in say.fields[-_MOST_SHOWN:]:
            # What has no value is said once a message, however often.
            say.field(f"snmp.{field}", True)
        return label, ""
    known = _VALUES.get(tag)
    if known is None:
        raw = body.rest()
        say.field("snmp.value.unk", raw)
        return f"Type {tag:02X}", raw.hex().upper()
    label, field, show = known
    if not len(body) and field in ("octets", "opaque"):
        return label, ""
    value, text = show(body)
    say.field(f"snmp.value.{field}", value)
    return label, text


def _text(body: Reader) -> tuple[bytes, str]:
    raw = body.rest()
    text = raw.decode("latin-1").rstrip("\0\r\n")
    return raw, text if text.isascii() and text.isprintable() else raw.hex().upper()


def _raw(body: Reader) -> tuple[bytes, str]:
    raw = body.rest()
    return raw, raw.hex().upper()


def _signed(body: Reader) -> tuple[int, str]:
    value = ber.number(body)
    return value, str(value)


def _unsigned(body: Reader) -> tuple[int, str]:
    value = ber.number(body, False)
    return value, str(value)


def _identifier(body: Reader) -> tuple[str, str]:
    value = ber.identifier(body)
    return value, value


def _address(body: Reader) -> tuple[str, str]:
    value = str(IPv4Address(body.take(4)))
    return value, value


def _ticks(body: Reader) -> tuple[int, str]:
    value = ber.number(body, False)
    return value, ticks_text(value)


def ticks_text(value: int) -> str:
    """Hundredths of a second as days, hours, minutes and seconds."""
    seconds, part = divmod(value, 100)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"{value} ({days} days {hours:02}:{minutes:02}:{seconds:02}.{part:02})"


_NOTHING = {
    0x05: ("value.null", "Null"), 0x80: ("noSuchObject", "noSuchObject"), 0x81: ("noSuchInstance", "noSuchInstance"),
    0x82: ("endOfMibView", "endOfMibView"),
}  # fmt: skip
_VALUES: dict[int, tuple[str, str, Callable[[Reader], tuple[object, str]]]] = {
    0x02: ("Integer", "int", _signed),
    0x04: ("OctetString", "octets", _text),
    0x06: ("Object Id", "oid", _identifier),
    0x40: ("IpAddress", "ipv4", _address),
    0x41: ("Counter32", "counter", _unsigned),
    0x42: ("Gauge32", "g32", _unsigned),
    0x43: ("TimeTicks", "timeticks", _ticks),
    0x44: ("Opaque", "opaque", _raw),
    0x46: ("Counter64", "counter", _unsigned),
}

lines = message.lines
values = message.values
