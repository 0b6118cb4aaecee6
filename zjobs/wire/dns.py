"""Domain Name System; also multicast DNS and LLMNR.

Reference: RFC 1035, section 4; RFC 3596 (AAAA), RFC 2782 (SRV), RFC 6891 (EDNS), RFC 2136 (update), RFC 6762 (mDNS),
RFC 4795 (LLMNR), RFC 7766 (over TCP), RFC 9460 (SVCB), RFC 5155 (NSEC3).
"""

import re
from base64 import b32encode
from collections.abc import Callable
from functools import lru_cache
from ipaddress import ip_address
from struct import Struct

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes, windows
from zjobs.wire import gss, message
from zjobs.wire.layout import Field, Layout
from zjobs.wire.message import Message, Reader, Stop, ascii_text, utf8_text
from zjobs.wire.talk import STREAM, Flow
from zjobs.wire.values import hex4, json_bool
from zjobs.wire.walk import Fault
from zjobs.words import counted

NAME = "dns"
TITLE = "DNS"
FOUND = {"udp.app": (53, 5353, 5355), "tcp.app": (53, 5353)}
#: Servers have other ports too; see ``anywhere``.
ANYWHERE = ("udp",)
LISTS = frozenset({"dns.a", "dns.aaaa", "dns.resp.name", "dns.resp.type"})

OPCODES = {0: "QUERY", 1: "IQUERY", 2: "STATUS", 4: "NOTIFY", 5: "UPDATE"}
RCODES = {
    0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED", 6: "YXDOMAIN", 7: "YXRRSET",
    8: "NXRRSET", 9: "NOTAUTH", 10: "NOTZONE", 16: "BADVERS",
}  # fmt: skip
_OPCODE_WORDS = {0: "Standard", 1: "Inverse", 2: "Status", 4: "Notify", 5: "Update"}
_RCODE_WORDS = {
    0: "No Error", 1: "Format Error", 2: "Server Failure", 3: "Name Error", 4: "Not Implemented", 5: "Refused",
}  # fmt: skip
TYPES = {
    1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 10: "NULL", 12: "PTR", 13: "HINFO", 15: "MX", 16: "TXT", 17: "RP",
    18: "AFSDB", 24: "SIG", 25: "KEY", 28: "AAAA", 29: "LOC", 33: "SRV", 35: "NAPTR", 36: "KX", 37: "CERT",
    39: "DNAME", 41: "OPT", 43: "DS", 44: "SSHFP", 46: "RRSIG", 47: "NSEC", 48: "DNSKEY", 50: "NSEC3",
    51: "NSEC3PARAM", 52: "TLSA", 64: "SVCB", 65: "HTTPS", 99: "SPF", 249: "TKEY", 250: "TSIG", 251: "IXFR",
    252: "AXFR", 255: "ANY", 256: "URI", 257: "CAA",
}  # fmt: skip
CLASSES = {1: "IN", 3: "CH", 4: "HS", 254: "NONE", 255: "ANY"}
_SRV, _OPT = 33, 41
_UPDATE = 5
#: Mode of a TKEY.
_GSS = 3
#: An update calls its sections otherwise (RFC 2136, section 2.2).
_COUNTS = (
    ("questions", ("dns.count.queries", "dns.count.zones")),
    ("answers", ("dns.count.answers", "dns.count.prerequisites")),
    ("authority", ("dns.count.auth_rr", "dns.count.updates")),
    ("additional", ("dns.count.add_rr", "dns.count.add_rr")),
)

#: Ports of multicast DNS, whose classes have 15 bits (RFC 6762, section 18), and of LLMNR.
_MDNS, _LLMNR = 5353, 5355

#: Type, class, time to live and length of the data of a record (RFC 1035, section 4.1.3).
_FIXED = Struct(">HHIH")

#: Limits of RFC 1035 (255 bytes a name) and of patience (pointers to pointers).
_LONGEST_NAME, _MOST_JUMPS = 255, 128

LAYOUT = Layout(
    "DNS",
    (
        Field("id", "u16", 0, "Id", hex4, json="dns.id"),
        Field("flags", "u16", 2, "Flags", hex4, json="dns.flags"),
        Field("qr", "u16", 2, "Response", bits=(15, 1), json="dns.flags.response", json_show=json_bool),
        Field("opcode", "u16", 2, "Opcode", bits=(11, 4), json="dns.flags.opcode"),
        Field("tc", "u16", 2, "Truncated", bits=(9, 1), json="dns.flags.truncated", json_show=json_bool),
        Field("rd", "u16", 2, "Recursion Desired", bits=(8, 1)),
        Field("rcode", "u16", 2, "Rcode", bits=(0, 4)),
        Field("questions", "u16", 4, "Questions"),
        Field("answers", "u16", 6, "Answers"),
        Field("authority", "u16", 8, "Authority"),
        Field("additional", "u16", 10, "Additional"),
    ),
    12,
    "RFC 1035, section 4.1.1",
)

#: The part before the counts, which Wireshark tells of messages that have no more.
_FIRST = Layout("DNS", LAYOUT.fields[:7], 4, LAYOUT.source)

#: Bits of the flags.
_AUTHORITATIVE, _DESIRED, _AVAILABLE, _ZERO, _AUTHENTIC, _DISABLED = 0x0400, 0x0100, 0x0080, 0x0040, 0x0020, 0x0010
_WORDS = (
    ("qr", 0x8000), ("aa", 0x0400), ("tc", 0x0200), ("rd", 0x0100), ("ra", 0x0080), ("ad", 0x0020), ("cd", 0x0010),
)  # fmt: skip

#: Records that a message of an unknown port may have, by section, as Wireshark looks for them.
_MOST_ANSWERS, _MOST_OTHERS = 100, 10


def anywhere(buf: Bytes, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
    """A standard query with one question, or a response with few records."""
    words = np.ascontiguousarray(windows(buf, start, LAYOUT.size)).view(">u2").astype(np.int64)
    flags, questions, answers, authority, additional = words[:, 1:].T
    query = (flags >> 15 == 0) & (questions == 1) & (answers == 0) & (authority == 0)
    response = (flags >> 15 == 1) & (questions <= 1) & (answers <= _MOST_ANSWERS) & (authority <= _MOST_OTHERS)
    standard = (end - start > LAYOUT.size) & (flags >> 11 & 15 == 0) & (additional <= _MOST_OTHERS)
    return np.asarray(standard & (query | response))


def measure(data: bytes, flow: Flow) -> int:
    """Over TCP two bytes of length stand before each message (RFC 7766, section 8)."""
    return 2 + int.from_bytes(data[:2], "big") if len(data) >= 2 else -2


def decode(data: Reader, say: Message, state: int) -> None:
    """One datagram, or the messages of a TCP segment behind their lengths."""
    if not state & STREAM:
        _message(data, say, state >> 1)
        return
    while len(data):
        size = data.u16()
        say.field("dns.length", size)
        _message(data.upto(size), say, 0)


def _message(data: Reader, say: Message, port: int) -> None:
    base = data.at
    head = say.header(_FIRST, data)
    flags, answer = head["flags"], bool(head["qr"])
    if say.named:
        _flags(say, flags, answer, port)
        if answer:
            say.field("dns.flags.rcode", head["rcode"])
    update = head["opcode"] == _UPDATE
    for field, words in _COUNTS:
        head[field] = data.u16()
        say.field(words[update], head[field])
    opcode, rcode = head["opcode"], head["rcode"]
    word = _RCODE_WORDS.get(rcode, str(rcode)) if answer else _OPCODE_WORDS.get(opcode, str(opcode))
    say.also(f"dns : {'server response' if answer else 'client query'} ({word})")
    if say.listed:
        _heading(say, head)
    names = Names(data.data, base, data.end, say)
    if head["questions"]:
        say.text("")
        say.text(f";; QUESTIONS: {head['questions']}")
    for _ in range(head["questions"]):
        _question(data, names, say, port)
    for title, count in (
        ("ANSWERS", head["answers"]),
        ("AUTHORITY RECORDS", head["authority"]),
        ("ADDITIONAL RECORDS", head["additional"]),
    ):
        if count:
            say.text("")
            say.text(f";; {title}: {count}")
        for _ in range(count):
            _record(data, names, say, port)


def _flags(say: Message, flags: int, answer: bool, port: int) -> None:
    """Flags that not every message has, or that LLMNR calls otherwise (RFC 4795, section 2.1.1)."""
    if port == _LLMNR:
        say.field("dns.flags.conflict", bool(flags & _AUTHORITATIVE))
        say.field("dns.flags.tentative", bool(flags & _DESIRED))
        return
    say.field("dns.flags.recdesired", bool(flags & _DESIRED))
    if answer:
        say.field("dns.flags.authoritative", bool(flags & _AUTHORITATIVE))
        say.field("dns.flags.recavail", bool(flags & _AVAILABLE))
    say.field("dns.flags.z", bool(flags & _ZERO))
    if answer or flags & _AUTHENTIC:
        say.field("dns.flags.authenticated", bool(flags & _AUTHENTIC))
    say.field("dns.flags.checkdisable", bool(flags & _DISABLED))


def _heading(say: Message, head: dict[str, int]) -> None:
    words = " ".join(word for word, bit in _WORDS if head["flags"] & bit)
    opcode = OPCODES.get(head["opcode"], str(head["opcode"]))
    status = RCODES.get(head["rcode"], str(head["rcode"]))
    say.text("")
    say.text("=" * 79)
    say.text(f";; ->>DNS HEADER<<- opcode: {opcode},  status: {status}, id: {head['id']}")
    say.text(
        f";; flags: {words}; Ques: {head['questions']}, Ans: {head['answers']}, Auth: {head['authority']}, "
        f"Addit: {head['additional']}"
    )


class Names:
    """Domain names of one message, which begins at ``base``: labels, and pointers backwards.

    Names that are too long have one text in common, as in Wireshark, and are a problem of ``say``.
    """

    def __init__(self, data: bytes, base: int, end: int, say: Message) -> None:
        self.data, self.base, self.end, self.say = data, base, end, say
        #: Bytes of the name that was read last, as text.
        self.size = 0

    def read(self, data: Reader, claimed: str) -> str:
        """The name at the reader, without the last period; the reader stands behind it afterwards."""
        raw, end, at = self.data, self.end, data.at
        labels: list[bytes] = []
        size = jumps = 0
        while True:
            if at >= end:
                raise Stop(Fault.SHORT, claimed, at, 1, end - at)
            length = raw[at]
            at += 1
            if length >= 0xC0:
                if at >= end:
                    raise Stop(Fault.SHORT, claimed, at, 1, end - at)
                target = self.base + ((length & 0x3F) << 8 | raw[at])
                at += 1
                if not jumps:
                    data.at = at
                jumps += 1
                if jumps > _MOST_JUMPS or target >= at - 2:
                    raise Stop(Fault.VALUE, claimed, at, at - self.base, target - self.base)
                at = target
                continue
            if length >= 0x40:
                raise Stop(Fault.VALUE, claimed, at, 0x3F, length)
            if not length:
                break
            if at + length > end:
                raise Stop(Fault.SHORT, claimed, at, length, end - at)
            if size < _LONGEST_NAME:
                labels.append(raw[at : at + length])
            at += length
            size += length + 1
            if jumps and size >= _LONGEST_NAME:
                # Where the reader goes on is known; others may point here as well, very many of them.
                break
        if not jumps:
            data.at = at
        # With the byte of its end (RFC 1035, section 2.3.4).
        if size + 1 > _LONGEST_NAME:
            self.say.fault(claimed, data.at, _LONGEST_NAME, size + 1)
            self.size = len(_TOO_LONG)
            return _TOO_LONG
        self.size = size - 1 if labels else len(_ROOT)
        return name_text(b".".join(labels)) if labels else _ROOT


def name_text(raw: bytes) -> str:
    """A name as text; what no text has is told by its number, as Wireshark does."""
    text = utf8_text(raw)
    return text if text.isprintable() else _CONTROLS.sub(lambda found: f"\\{ord(found.group()):03o}", text)


_ROOT, _TOO_LONG = "<Root>", "<Name too long>"
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def _class(group: int) -> str:
    return CLASSES.get(group & 0x7FFF, str(group))


def _type(kind: int) -> str:
    return TYPES.get(kind, str(kind))


def _question(data: Reader, names: Names, say: Message, port: int) -> None:
    name = names.read(data, "dns.qry.name")
    kind, group = data.u16(), data.u16()
    say.field("dns.qry.name", name)
    # Wireshark takes a name of one character for one of none.
    say.field("dns.qry.name.len", names.size if names.size > 1 else 0)
    say.field("dns.count.labels", name.count(".") + 1 if names.size > 1 else 0)
    say.field("dns.qry.type", kind)
    say.field("dns.qry.class", group & 0x7FFF if port == _MDNS else group)
    if port == _MDNS:
        say.field("dns.qry.qu", bool(group & 0x8000))
    if say.listed:
        say.text(f";; {name:<35} {_class(group):<7} {_type(kind)}")


def _record(data: Reader, names: Names, say: Message, port: int) -> None:
    name = names.read(data, "dns.resp.name")
    if len(data) >= _FIXED.size:
        kind, group, ttl, size = _FIXED.unpack(data.take(_FIXED.size))
    else:
        kind, group, ttl, size = data.u16(), data.u16(), data.u32(), data.u16()
    if size > len(data):
        # Data that goes past the end of the message is none: nothing of such a record makes sense.  Of one that was cut
        # Wireshark shows nothing either.
        data.take(size, "dns.resp.len")
    if kind == _SRV and len(labels := name.split(".")) > 2:
        for field, text in (("service", labels[0]), ("proto", labels[1]), ("name", ".".join(labels[2:]))):
            say.field(f"dns.srv.{field}", text)
    else:
        say.field("dns.resp.name", name)
    say.field("dns.resp.type", kind)
    if port == _MDNS:
        say.field("dns.resp.cache_flush", bool(group & 0x8000))
    if kind == _OPT:
        say.field("dns.rr.udp_payload_size", group & 0x7FFF if port == _MDNS else group)
        say.field("dns.resp.len", size)
        data.take(size, "dns.resp.len")
        say.text(f"{name:<38} OPT     UDP payload {group}, version {ttl >> 16 & 0xFF}, flags {ttl & 0xFFFF:04X}")
        return
    say.field("dns.resp.class", group & 0x7FFF if port == _MDNS else group)
    say.field("dns.resp.ttl", ttl)
    say.field("dns.resp.len", size)
    show = _SHOWN.get(kind)
    body = data.part(size, "dns.resp.len")
    if not size:
        # An update asks with empty records for what is to be there or not.
        shown = ""
    else:
        shown = show(body, names, say) if show else _library(body, names, kind, group & 0x7FFF)
    if say.listed:
        say.text(f"{name:<31} {ttl:>7} {_class(group):<3} {_type(kind):<7} {shown}".rstrip())


def _library(body: Reader, names: Names, kind: int, group: int) -> str:
    """The text of a record that is met rarely, by dnspython; in hex where that cannot read it."""
    # Imported when the first of them is shown.
    from dns.exception import DNSException
    from dns.rdata import from_wire
    from dns.rdataclass import RdataClass
    from dns.rdatatype import RdataType

    start = body.at
    raw = body.rest()
    wire = names.data[names.base : names.end]
    try:
        one = from_wire(RdataClass.make(group), RdataType.make(kind), wire, start - names.base, len(raw))
        return str(one.to_text())
    except (DNSException, ValueError, TypeError, KeyError, IndexError, AssertionError):
        return raw.hex().upper()


@lru_cache(4096)
def _address(raw: bytes) -> str:
    """The same few addresses are in most answers."""
    return str(ip_address(raw))


def _a(body: Reader, names: Names, say: Message) -> str:
    address = _address(body.take(4, "dns.a"))
    say.field("dns.a", address)
    return address


def _aaaa(body: Reader, names: Names, say: Message) -> str:
    address = _address(body.take(16, "dns.aaaa"))
    say.field("dns.aaaa", address)
    return address.upper()


def _named(field: str) -> Callable[[Reader, Names, Message], str]:
    def show(body: Reader, names: Names, say: Message) -> str:
        name = names.read(body, field)
        say.field(field, name)
        return name

    return show


def _mx(body: Reader, names: Names, say: Message) -> str:
    preference = body.u16()
    say.field("dns.mx.preference", preference)
    return f"{preference} {_named('dns.mx.mail_exchange')(body, names, say)}"


def _soa(body: Reader, names: Names, say: Message) -> str:
    words = [_named("dns.soa.mname")(body, names, say), _named("dns.soa.rname")(body, names, say)]
    for field in ("serial_number", "refresh_interval", "retry_interval", "expire_limit", "minimum_ttl"):
        value = body.u32()
        say.field(f"dns.soa.{field}", value)
        words.append(str(value))
    return " ".join(words)


def _srv(body: Reader, names: Names, say: Message) -> str:
    words = []
    for field in ("priority", "weight", "port"):
        value = body.u16()
        say.field(f"dns.srv.{field}", value)
        words.append(str(value))
    return " ".join([*words, _named("dns.srv.target")(body, names, say)])


def _txt(body: Reader, names: Names, say: Message) -> str:
    words = []
    while len(body):
        size = body.u8()
        text = ascii_text(body.take(size, "dns.txt.length"))
        say.field("dns.txt.length", size)
        # Wireshark's text ends where a text of C does.
        say.field("dns.txt", text.partition("\0")[0])
        words.append(f'"{text}"')
    return " ".join(words)


def _nsec(body: Reader, names: Names, say: Message) -> str:
    """The next name, and the types that this one has."""
    name = names.read(body, "dns.nsec.next_domain_name")
    say.field("dns.nsec.next_domain_name", name)
    return " ".join([name, *_types(body, say)])


def _nsec3(body: Reader, names: Names, say: Message) -> str:
    """The hash of the next name, and the types that this one has (RFC 5155, section 3.2)."""
    algorithm, flags, iterations = body.u8(), body.u8(), body.u16()
    salt = body.take(body.u8(), "dns.nsec3.salt_length")
    following = body.take(body.u8(), "dns.nsec3.hash_length")
    name = b32encode(following).translate(_HEX_BASE32).decode("ascii").rstrip("=")
    return " ".join([f"{algorithm} {flags} {iterations} {salt.hex().upper() or '-'} {name}", *_types(body, say)])


#: Base 32 with digits first, in which hashed names keep their order (RFC 4648, section 7).
_HEX_BASE32 = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789ABCDEFGHIJKLMNOPQRSTUV")


def _types(body: Reader, say: Message) -> list[str]:
    """Types of records as bits (RFC 4034, section 4.1.2)."""
    words = []
    while len(body):
        window, size = body.u8(), body.u8()
        there = body.upto(size).rest()
        for at, octet in enumerate(there):
            for bit in range(8):
                if octet & 0x80 >> bit:
                    kind = window << 8 | at << 3 | bit
                    say.field("dns.resp.type", kind)
                    words.append(_type(kind))
        body.take(size - len(there), "dns.nsec.bitmap")
    return words


def _tkey(body: Reader, names: Names, say: Message) -> str:
    """A key that both sides agree on, or a token of GSS-API on the way to one (RFC 2930, section 2; RFC 3645)."""
    algorithm = names.read(body, "dns.tkey.algo_name")
    body.take(8, "dns.tkey.signature_inception")
    mode, error, size = body.u16(), body.u16(), body.u16()
    say.field("dns.tkey.algo_name", algorithm)
    for field, value in (("mode", mode), ("error", error), ("key_size", size)):
        say.field(f"dns.tkey.{field}", value)
    key = body.part(size, "dns.tkey.key_size")
    if mode == _GSS and size:
        gss.read(key, say)
    say.field("dns.tkey.other_size", body.u16())
    return f"{algorithm} mode {mode}, {counted(str(size), 'byte')}, {RCODES.get(error, str(error))}"


_SHOWN: dict[int, Callable[[Reader, Names, Message], str]] = {
    1: _a,
    2: _named("dns.ns"),
    5: _named("dns.cname"),
    6: _soa,
    12: _named("dns.ptr.domain_name"),
    15: _mx,
    16: _txt,
    28: _aaaa,
    33: _srv,
    39: _named("dns.dname"),
    47: _nsec,
    50: _nsec3,
    249: _tkey,
}

lines = message.lines
values = message.values
