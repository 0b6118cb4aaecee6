"""Packets by protocol, made by scapy or by hand from the specifications."""

from __future__ import annotations

import struct
from base64 import b64encode

from initials import SERVER, crypto, initial, sealed
from oddities import checksum, ethernet, ipv4, ipv6, tcp, udp
from scapy.layers import dhcp6
from scapy.layers.dhcp import BOOTP, DHCP
from scapy.packet import Packet
from tokens import HINTS, KERBEROS, MADE, MAKES, OFFER, REPLIED, USED, USES, bind, bound, old_wrap, record, tlv, wrap


def over_udp(sport: int, dport: int, payload: Packet | bytes) -> bytes:
    return ethernet(0x0800, ipv4(17, udp(sport, dport, bytes(payload))))


def back(sport: int, dport: int, payload: bytes) -> bytes:
    return ethernet(0x0800, ipv4(17, udp(sport, dport, payload), "198.51.100.1", "192.0.2.1"))


def over_udp6(sport: int, dport: int, payload: Packet | bytes) -> bytes:
    return ethernet(0x86DD, ipv6(17, udp(sport, dport, bytes(payload), checksum=1)))


MAC = bytes.fromhex("020000000001")
_OPTIONS = [
    ("message-type", "request"), ("subnet_mask", "255.255.255.0"), ("router", "192.0.2.1", "192.0.2.3"),
    ("name_server", "192.0.2.5"), ("hostname", b"zos1"), ("domain", b"example.org"),
    ("broadcast_address", "192.0.2.255"), ("NTP_server", "192.0.2.9"), ("requested_addr", "192.0.2.8"),
    ("lease_time", 86400), ("server_id", "192.0.2.1"), ("param_req_list", [1, 3, 6]), ("error_message", b"no"),
    ("max_dhcp_size", 1500), ("renewal_time", 5), ("rebinding_time", 7), ("vendor_class_id", b"IBM"),
    (82, bytes.fromhex("010361626302020102")), (66, b"tftp"), (67, b"boot.bin"), (252, b"http://x/"),
    (121, bytes.fromhex("18c00002c0000201")), (33, bytes(8)), (61, b"\0abc"), (26, b"\5\xdc"), (23, b"\x40"),
    (43, b"\1\2\3"), (44, bytes(4)), (46, b"\x08"), (47, b"scope"), (4, bytes(4)), (5, bytes(4)), (7, bytes(4)),
    (9, bytes(4)), (13, b"\0\7"), (17, b"/root"), "end",
]  # fmt: skip
_NAMED, _OVERLOAD = b"\x0c\4zos1\xff", [(52, b"\1"), "end"]
_SOLICIT = (
    dhcp6.DHCP6_Solicit(trid=0x123456)
    / dhcp6.DHCP6OptClientId(duid=dhcp6.DUID_LLT(lladdr="02:00:00:00:00:01", timeval=1000))
    / dhcp6.DHCP6OptElapsedTime(elapsedtime=5)
    / dhcp6.DHCP6OptOptReq(reqopts=[23, 24])
    / dhcp6.DHCP6OptIA_NA(iaid=7, T1=1, T2=2)
    / dhcp6.DHCP6OptRapidCommit()
)
_REPLY = (
    dhcp6.DHCP6_Reply(trid=0x123456)
    / dhcp6.DHCP6OptClientId(duid=dhcp6.DUID_LL(lladdr="02:00:00:00:00:01"))
    / dhcp6.DHCP6OptServerId(duid=dhcp6.DUID_EN(enterprisenum=9, id=b"abc"))
    / dhcp6.DHCP6OptPref(prefval=3)
    / dhcp6.DHCP6OptIA_NA(
        iaid=7, T1=1, T2=2,
        ianaopts=[
            dhcp6.DHCP6OptIAAddress(addr="2001:db8::1", preflft=3, validlft=4)
            / dhcp6.DHCP6OptStatusCode(statuscode=0, statusmsg=b"fine")
        ],
    )
    / dhcp6.DHCP6OptDNSServers(dnsservers=["2001:db8::5", "2001:db8::6"])
    / dhcp6.DHCP6OptDNSDomains(dnsdomains=["example.org", "a.b"])
    / dhcp6.DHCP6OptIA_PD(
        iaid=9, T1=1, T2=2, iapdopt=[dhcp6.DHCP6OptIAPrefix(prefix="2001:db8::", plen=48, preflft=1, validlft=2)]
    )
    / dhcp6.DHCP6OptStatusCode(statuscode=2, statusmsg=b"none")
    / dhcp6.DHCP6OptServerUnicast(srvaddr="2001:db8::9")
    / dhcp6.DHCP6OptSNTPServers(sntpservers=["2001:db8::7"])
    / dhcp6.DHCP6OptClientFQDN(fqdn="host.example.org")
    / dhcp6.DHCP6OptReconfMsg(msgtype=5)
    / dhcp6.DHCP6OptReconfAccept()
    / dhcp6.DHCP6OptIA_TA(iaid=3)
)  # fmt: skip
_RELAYED = (
    dhcp6.DHCP6_RelayForward(linkaddr="2001:db8::1", peeraddr="fe80::2", hopcount=1)
    / dhcp6.DHCP6OptIfaceId(ifaceid=b"eth0")
    / dhcp6.DHCP6OptRemoteID(enterprisenum=9, remoteid=b"abc")
    / dhcp6.DHCP6OptRelayMsg(message=_SOLICIT)
)

_TIMES = bytes.fromhex("e6f7a1b280000000e6f7a1b3000000000000000000000000e6f7a1b440000000")


def clock(first: int, stratum: int = 2, reference: bytes = bytes((192, 0, 2, 7))) -> bytes:
    return bytes((first, stratum, 6, 0xEC)) + bytes.fromhex("00000a0000000b01") + reference + _TIMES


def encoded(name: bytes, suffix: int) -> bytes:
    raw = name.ljust(15) + bytes([suffix])
    return b"\x20" + bytes(65 + nibble for octet in raw for nibble in (octet >> 4, octet & 15)) + b"\0"


#: Suffixes that Wireshark describes, and one that it does not.
_SUFFIXES = (
    0x00, 0x01, 0x02, 0x03, 0x05, 0x06, 0x1B, 0x1C, 0x1D, 0x1E, 0x1F, 0x20, 0x21, 0x22, 0x23, 0x24, 0x2B, 0x30, 0x31,
    0x43, 0x44, 0x45, 0x46, 0x6A, 0x87, 0xBE, 0xBF, 0x99,
)  # fmt: skip


def owner(suffix: int) -> bytes:
    head = struct.pack(">HHHHHH", 1, 0x8500, 0, 1, 0, 0)
    return head + encoded(b"ZOS", suffix) + struct.pack(">HHIHH", 32, 1, 60, 6, 0x6000) + bytes((192, 0, 2, 1))


def datagram(kind: int, rest: bytes) -> bytes:
    return struct.pack(">BBH4sH", kind, 0x0A, 7, bytes((192, 0, 2, 1)), 138) + rest


def payload(following: int, body: bytes) -> bytes:
    return struct.pack(">BBH", following, 0, 4 + len(body)) + body


def ike(version: int, exchange: int, flags: int, first: int, body: bytes) -> bytes:
    return bytes(range(16)) + struct.pack(">BBBBII", first, version, exchange, flags, 7, 28 + len(body)) + body


_TRANSFORMS = (
    payload(3, b"\1\0\0\x0c\x80\x0e\1\0") + payload(3, b"\2\0\0\5") + payload(3, b"\3\0\0\x0c")
    + payload(3, b"\4\0\0\x13") + payload(0, b"\5\0\0\0")
)  # fmt: skip
IKE2 = ike(0x20, 34, 8, 33, (
    payload(34, payload(0, b"\1\3\4\5" + b"abcd" + _TRANSFORMS)) + payload(40, b"\0\x13\0\0" + bytes(64))
    + payload(41, bytes(32)) + payload(41, b"\0\0\x40\x04" + bytes(20)) + payload(42, b"\3\4\0\x0bSPI1")
    + payload(43, b"\3\4\0\2SPI1SPI2") + payload(0, b"vendor")
))  # fmt: skip
IKE1 = ike(0x10, 5, 0, 5, (
    payload(11, b"\1\x11\1\xf4" + bytes((192, 0, 2, 1))) + payload(12, struct.pack(">IBBH", 1, 3, 4, 14) + b"SPI1")
    + payload(0, struct.pack(">IBBH", 1, 3, 4, 1) + b"SPI1")
))  # fmt: skip


def over_tcp(sport: int, dport: int, data: bytes) -> bytes:
    return ethernet(0x0800, ipv4(6, tcp(sport, dport, 1, 1, 0x18, 8192, data)))


def call(program: int, version: int, procedure: int, rest: bytes = b"") -> bytes:
    unix = struct.pack(">II4sIIII", 9, 3, b"zos\0", 7, 8, 1, 10)
    head = struct.pack(">IIIIII", 0x1234, 0, 2, program, version, procedure)
    return head + struct.pack(">II", 1, len(unix)) + unix + bytes(8) + rest


def reply(*words: int) -> bytes:
    return struct.pack(f">II{len(words)}I", 0x1234, 1, *words)


_BINDING = struct.pack(">II", 100005, 3) + b"\0\0\0\3udp\0" + b"\0\0\0\x07" + b"0.0.1.2\0" + b"\0\0\0\1x\0\0\0"


def over_ip(proto: int, payload: bytes) -> bytes:
    return ethernet(0x0800, ipv4(proto, payload))


def with_sum(message: bytes, at: int = 2) -> bytes:
    return message[:at] + struct.pack(">H", checksum(message)) + message[at + 2 :]


def ospf(kind: int, body: bytes, auth: int = 0, proof: bytes = bytes(8)) -> bytes:
    head = struct.pack(">BBH4s4sHH", 2, kind, 24 + len(body), bytes((1, 1, 1, 1)), bytes(4), 0, auth)
    return with_sum(head + bytes(8) + body, 12)[:16] + proof + body


def ospf3(kind: int, body: bytes, instance: int = 0) -> bytes:
    head = struct.pack(">BBH4s4sHBB", 3, kind, 16 + len(body), _ROUTER, bytes(4), 0, instance, 0)
    return ethernet(0x86DD, ipv6(89, head + body))


def advertised(kind: int, *bodies: str) -> bytes:
    """The body of an LS Update: a count, and an advertisement of one kind for each text in hex."""
    raw = [bytes.fromhex(body) for body in bodies]
    heads = (struct.pack(">HH4s4sIHH", 5, kind, _ROUTER, _ROUTER, 0x80000001, 0x1234, 20 + len(r)) for r in raw)
    return struct.pack(">I", len(raw)) + b"".join(h + r for h, r in zip(heads, raw, strict=True))


def sctp(*chunks: bytes) -> bytes:
    padded = b"".join(chunk + bytes(-len(chunk) % 4) for chunk in chunks)
    return struct.pack(">HHII", 5000, 5001, 9, 0) + padded


def chunk(kind: int, flags: int, body: bytes) -> bytes:
    return struct.pack(">BBH", kind, flags, 4 + len(body)) + body


_GROUP, _ROUTER = bytes((225, 1, 1, 1)), bytes((2, 2, 2, 2))
_LSA = struct.pack(">HBB4s4sIHH", 5, 2, 1, _ROUTER, _ROUTER, 0x80000001, 0x1234, 24) + bytes(4)
_HELLO = bytes((255, 255, 255, 0)) + struct.pack(">HBBI", 10, 2, 1, 40) + _ROUTER + bytes(4) + _ROUTER
#: An I frame between service access points 4: a transmission header of FID 2, a request header, ACTLU.
_ACTLU = bytes.fromhex("04040000 2d0000020001 6b8000 0d0201")


def icmpv6(kind: int, body: bytes) -> bytes:
    return ethernet(0x86DD, ipv6(58, struct.pack(">BBH", kind, 0, 0x1234) + body))


_V6 = bytes.fromhex("20010db8") + bytes(11) + b"\7"
_ROUTER_OPTIONS = (
    struct.pack(">BBBBIII16s", 3, 4, 64, 0xE0, 600, 300, 0, _V6) + struct.pack(">BBHI", 5, 1, 0, 1492) + b"\1\1" + MAC
    + struct.pack(">BBHI", 7, 1, 0, 5000) + struct.pack(">BBHHH", 8, 1, 0, 9, 10)
    + struct.pack(">BBHI", 25, 5, 0, 60) + _V6 + _V6 + struct.pack(">BBHI", 31, 3, 0, 60) + b"\7example\3org\0\0\0\0"
)  # fmt: skip


def sasp(kind: int, body: bytes) -> bytes:
    return struct.pack(">HHBIIHH", 0x2010, 13, 1, 17 + len(body), 7, kind, 4 + len(body)) + body


def mobility(kind: int, body: bytes) -> bytes:
    return ethernet(0x86DD, ipv6(135, struct.pack(">BBBBH", 59, (6 + len(body)) // 8 - 1, kind, 0, 0x1234) + body))


def connection(port: int, *messages: bytes) -> list[bytes]:
    """What a client and its server say to each other in turn."""
    said = [1, 1]
    out = []
    for k, data in enumerate(messages):
        ends, address = ((port, 40000), ("198.51.100.1", "192.0.2.1")) if k % 2 else ((40000, port), ())
        one = tcp(*ends, said[k % 2], said[1 - k % 2], 0x18, 8192, data)
        out.append(ethernet(0x0800, ipv4(6, one, *address)))
        said[k % 2] += len(data)
    return out


_SEARCH = tlv(0x30, b"\2\1\2", tlv(0x63, tlv(4), b"\x0a\1\0\x0a\1\0\2\1\0\2\1\0\1\1\0", tlv(0x87, b"cn"), tlv(0x30)))
_DONE = tlv(0x30, b"\2\1\2", tlv(0x65, b"\x0a\1\0", tlv(4), tlv(4)))
#: A bind, messages that are signed, and some that are sealed; then another mechanism.
_DIRECTORY = connection(
    389,
    bind(b"GSS-SPNEGO", tlv(4, OFFER)), bound(tlv(0x87, REPLIED)),
    wrap(4, 8, b"checksum" + _SEARCH), wrap(5, 8, b"checksum" + _DONE * 2),
    wrap(6, 28, bytes(48)), old_wrap(0xFFFF, _DONE + b"\1"),
    old_wrap(0x10, b"sealed.."), _DONE,
    bind(b"GSSAPI", tlv(4, tlv(0x60, KERBEROS, b"\1\1\x11\0", b"\xff" * 4 + bytes(16)))), bound(),
)  # fmt: skip

_UNAUTHORIZED = b"HTTP/1.1 401 No\r\nWWW-Authenticate: Negotiate %s\r\nContent-Length: 0\r\n\r\n"


def answer(frames: bytes, number: int = 0) -> bytes:
    """An Initial packet of the server."""
    return initial(frames, number, b"client", SERVER, server=True)


#: RFC 9001 and RFC 9369, appendices A.4.
_RETRIES = [
    bytes.fromhex("ff000000010008f067a5502a4262b5746f6b656e04a265ba2eff4d829058fb3f0f2496ba"),
    bytes.fromhex("cf6b3343cf0008f067a5502a4262b5746f6b656ec8646ce8bfe33952d955543665dcc7b6"),
]
_ACKS = b"\2\4\1\1\0\1\0" + b"\3\4\1\0\0\7\x41\x02\3"
_IDS = [bytes((k,)) * 8 for k in range(4)]


def other(first: int, version: str, cid: bytes) -> bytes:
    """An Initial packet of another version, with nothing in it."""
    head = bytes((first,)) + bytes.fromhex(version) + b"\x08" + cid + b"\0\0"
    return sealed(head + struct.pack(">HI", 0x4000 | 4 + 40 + 16, 3), bytes(40), cid)


_PROTECTED = b"\xe0\0\0\0\1\x06client\x08" + SERVER + b"\x05hands"


PACKETS: dict[str, list[bytes]] = {
    "quic": [
        over_udp(40000, 443, initial(crypto(3, b"\0\3\3") + b"\1\1\0\0\0" + crypto(0, b"\1\0\1"), source=b"client")),
        back(
            443, 40000, answer(b"\2\4\1\1\0\1\0" + b"\3\4\1\0\0\7\x41\x02\3") + _PROTECTED + b"\x61client" + bytes(30)
        ),
        back(443, 40000, _PROTECTED + bytes(40)),
        over_udp(40000, 443, b"\x41" + SERVER + bytes(30)),
        back(443, 40000, b"\x61client" + bytes(40)),
        back(443, 40000, answer(b"\x1c\x41\x28\6\4oops", 1)),
        back(443, 40000, answer(b"\x1c\2\0\0", 2)),
        over_udp(40001, 443, initial(b"\1", target=SERVER)),
        back(443, 40001, b"\x9a\0\0\0\0\0\x08" + SERVER + b"\0\0\0\1\xff\0\0\x1d\x1a\x2a\x3a\x4a"),
        over_udp(40002, 443, initial(b"\1", token=b"token")),
        back(443, 40002, _RETRIES[0]),
        over_udp(40003, 443, other(0xD3, "6b3343cf", _IDS[1])),
        back(443, 40003, _RETRIES[1]),
        over_udp(40004, 8443, other(0xC3, "ff000018", _IDS[2])),
        back(8443, 40004, b"\xf0\xff\0\0\x18\0\2ab\x08" + _IDS[2] + b"token"),
    ],
    "dhcp": [
        over_udp(68, 67, BOOTP(op=1, chaddr=MAC, sname=b"server", file=b"file", flags=0x8000) / DHCP(options=_OPTIONS)),
        over_udp(67, 68, BOOTP(op=2, htype=6, hlen=4, chaddr=b"\1\2\3\4", file=_NAMED) / DHCP(options=_OVERLOAD)),
        over_udp(
            68,
            67,
            bytes(BOOTP(op=1, chaddr=MAC))
            + bytes.fromhex("63825363 00 350101 000000 5000 0c00 3604c0000201 00 ff 0000"),
        ),
    ],
    "dhcpv6": [over_udp6(546, 547, _SOLICIT), over_udp6(547, 546, _REPLY), over_udp6(547, 547, _RELAYED)],
    "ntp": [
        over_udp(40000, 123, clock(0x23)),
        over_udp(123, 123, clock(0x24) + bytes.fromhex("00000001") + bytes(range(16))),
        over_udp(123, 40000, clock(0xE4, 1, b"GPS\0")),
        over_udp(123, 123, clock(0x24)[:30]),
        over_udp(40000, 123, bytes.fromhex("160200010000000000000000")),
        over_udp(123, 40000, bytes.fromhex("16820001061800000000000c") + b'version="4"\0'),
        over_udp(40000, 123, bytes.fromhex("1700032a00000000")),
    ],
    "tftp": [
        over_udp(40000, 69, b"\0\1file\0octet\0tsize\0000\0blksize\x001400\0"),
        back(40001, 40000, b"\0\6tsize\x00512\0"),
        over_udp(40000, 40001, b"\0\4\0\0"),
        back(40001, 40000, b"\0\3\0\1" + bytes(512)),
        back(40001, 40000, b"\0\5\0\1no\0"),
    ],
    "ripng": [
        over_udp6(521, 521, b"\2\1\0\0" + bytes(16) + b"\0\7\x40\x10" + bytes(16) + b"\0\0\0\xff"),
    ],
    "syslog": [
        over_udp(40000, 514, b"<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8"),
        over_udp(40000, 514, b"<165>1 2003-10-11T22:14:15.003Z host app - ID47 - text"),
    ],
    "nbns": [
        *(over_udp(137, 137, owner(suffix)) for suffix in _SUFFIXES),
        over_udp(
            137,
            137,
            struct.pack(">HHHHHH", 1, 0x2910, 1, 0, 0, 1)
            + encoded(b"ZOS", 0)
            + struct.pack(">HH", 32, 1)
            + struct.pack(">HHHIHH", 0xC00C, 32, 1, 60, 6, 0)
            + bytes((192, 0, 2, 1)),
        ),
        over_udp(
            137,
            137,
            struct.pack(">HHHHHH", 1, 0x8503, 0, 1, 0, 0) + encoded(b"ZOS", 0) + struct.pack(">HHIH", 10, 1, 0, 0),
        ),
    ],
    "nbdgm": [
        over_udp(138, 138, datagram(17, struct.pack(">HH", 70, 0) + encoded(b"A", 0) + encoded(b"B", 0x1D) + b"data")),
        over_udp(138, 138, datagram(19, b"\x82")),
        over_udp(138, 138, datagram(20, encoded(b"B", 0x20))),
    ],
    "isakmp": [
        # Without proposals, and with a payload that is shorter than its header.
        over_udp(500, 500, ike(16, 2, 0, 1, bytes.fromhex("0600000c 00000001 00000001 00000008 01020304"))),
        over_udp(500, 500, ike(16, 2, 0, 13, bytes.fromhex("0d000003 0d000008 01020304 00000008 05060708"))),
        over_udp(500, 500, ike(32, 34, 8, 33, bytes.fromhex("22000004 00000008 00020102"))),
        over_udp(500, 500, IKE2),
        over_udp(500, 500, IKE1),
        over_udp(4500, 4500, bytes(4) + ike(0x20, 35, 32, 46, payload(35, bytes(60)))),
    ],
    "rpc": [
        over_udp(40000, 111, call(100000, 2, 0)),
        back(111, 40000, reply(0, 0, 0, 2, 2, 4)),
        over_udp(40000, 111, call(100000, 2, 0)),
        back(111, 40000, reply(1, 0, 2, 2)),
        over_udp(40000, 111, call(100000, 2, 0)),
        back(111, 40000, reply(1, 1, 5)),
        over_tcp(40000, 111, struct.pack(">I", 0x80000000 + 68) + call(100000, 2, 0)),
        *connection(2049, record(MAKES), record(MADE), record(USES), record(USED)),
    ],
    "portmap": [
        over_udp(40000, 111, call(100000, 2, 3, struct.pack(">IIII", 100003, 3, 17, 0))),
        over_udp(40000, 111, call(100000, 3, 3, _BINDING)),
    ],
    "igmp": [
        over_ip(2, with_sum(b"\x12\0\0\0" + _GROUP)),
        over_ip(2, with_sum(b"\x11\0\0\0" + bytes(4))),
        over_ip(2, with_sum(b"\x11\x64\0\0" + bytes(4))[:-1] + b"\1"),
        over_ip(2, with_sum(b"\x11\x8f\0\0" + _GROUP + b"\x0a\x95\0\2" + _ROUTER + _GROUP)),
        over_ip(2, with_sum(b"\x22\0\0\0\0\0\0\2" + b"\4\0\0\0" + _GROUP + b"\1\1\0\1" + _GROUP + _ROUTER + bytes(4))),
    ],
    "pim": [
        over_ip(103, with_sum(b"\x20\0\0\0\0\1\0\2\0\x69")),
        over_ip(103, with_sum(b"\x21\0\0\0" + bytes(4)) + ipv4(17, udp(1, 2, b"x"))),
        ethernet(0x86DD, ipv6(103, b"\x20\0\x12\x34\0\1\0\2\0\x69")),
    ],
    "eigrp": [over_ip(88, with_sum(struct.pack(">BBHIIIHH", 2, 5, 0, 8, 1, 2, 0, 100)))],
    "ospf": [
        over_ip(89, ospf(1, _HELLO)),
        over_ip(89, ospf(1, _HELLO, 1, b"secret\0\0")),
        over_ip(89, ospf(1, _HELLO, 2, struct.pack(">HBBI", 0, 7, 16, 99)) + bytes(16)),
        over_ip(89, ospf(2, struct.pack(">HBBI", 1500, 2, 7, 99) + _LSA[:20])),
        over_ip(89, ospf(3, struct.pack(">I4s4s", 1, _ROUTER, _ROUTER))),
        over_ip(89, ospf(4, struct.pack(">I", 1) + _LSA)),
        over_ip(89, ospf(5, _LSA[:20])),
        over_ip(89, ospf(4, advertised(0x0201, "03000002 c0000200ffffff0003000001 0a0000010a00000201010002 01000007"))),
        over_ip(89, ospf(4, advertised(0x0202, "ffffff00 01010101 02020202"))),
        over_ip(89, ospf(4, advertised(0x0203, "ffffff00 00000014", "ffff0000 00000015 02000016"))),
        over_ip(89, ospf(4, advertised(0x0204, "00000000 00000014"))),
        over_ip(89, ospf(4, advertised(0x0205, "ffffff00 80000014 00000000 00000001", "ffffff00 00000001" + "01" * 8))),
        over_ip(89, ospf(4, advertised(0x0207, "ffffff00 80000014 0a000001 00000000 81000015 0a000002 00000003"))),
        over_ip(89, ospf(4, advertised(0x0206, "00000001 01010101"))),
        ospf3(1, struct.pack(">IIHH", 5, 0x01000013, 10, 40) + _ROUTER + bytes(4) + _ROUTER, 7),
        ospf3(4, advertised(0x2001, "07000033" + "0100000a 00000001 00000002 03030303" * 2, "00000013")),
        ospf3(4, advertised(0x2002, "00000033 01010101 02020202")),
        ospf3(4, advertised(0x2003, "0000000a 30000000 20010db8 00010000", "00000001 00000000")),
        ospf3(4, advertised(0x2004, "00000033 0000000b 03030303")),
        ospf3(4, advertised(0x4005, "0700000c 40082001 20010db8 00000007" + _V6.hex() + "00000063 00000005")),
        ospf3(4, advertised(0xA007, "0000000c 00000000")),
        ospf3(4, advertised(0x0008, "01000033" + _V6.hex() + "00000002 40020000 20010db8 00000007 00010000")),
        ospf3(4, advertised(0x2009, "00022001 00000000 01010101 3c00000a 20010db8 000000f0 80020000" + _V6.hex())),
        ospf3(4, advertised(0x0008, "01000133 0a000001" + "00" * 12 + "00000001 18000000 0a010200"), 66),
        ospf3(4, advertised(0x4005, "0200000c 20000000 0a010203 0a000002" + "00" * 12), 127),
    ],
    "sctp": [
        over_ip(132, sctp(chunk(1, 0, struct.pack(">IIHHI", 7, 65535, 3, 4, 100)))),
        over_ip(132, sctp(chunk(2, 0, struct.pack(">IIHHI", 8, 65535, 3, 4, 200)))),
        over_ip(132, sctp(chunk(0, 3, struct.pack(">IHHI", 100, 1, 2, 0) + b"data!"), chunk(0, 3, bytes(13)))),
        over_ip(132, sctp(chunk(64, 2, struct.pack(">IHHII", 7, 1, 0, 5, 51) + b"be"))),
        over_ip(132, sctp(chunk(64, 1, struct.pack(">IHHII", 8, 1, 0, 5, 1) + b"gin"))),
        over_ip(132, sctp(chunk(3, 0, struct.pack(">IIHHHHI", 100, 4096, 1, 1, 2, 3, 99)))),
        over_ip(132, sctp(chunk(7, 0, struct.pack(">I", 101)))),
        over_ip(132, sctp(chunk(6, 1, b""))),
        over_ip(132, sctp(chunk(14, 1, b""))),
    ],
    "icmp": [
        over_ip(1, with_sum(struct.pack(">BBHHHIII", 13, 0, 0, 7, 1, 1000, 2000, 3000))),
        over_ip(1, with_sum(struct.pack(">BBHHH4s", 18, 0, 0, 7, 1, bytes((255, 255, 255, 0))))),
        over_ip(1, with_sum(struct.pack(">BBHBBH4si", 9, 0, 0, 1, 2, 1800, _ROUTER, -5))),
        over_ip(1, with_sum(struct.pack(">BBHI", 12, 0, 0, 20 << 24) + ipv4(17, udp(1, 2, b"x"), "192.0.2.9"))),
        over_ip(1, with_sum(struct.pack(">BBHI", 12, 1, 0, 130 << 24) + ipv4(17, udp(1, 2, b"x"), "192.0.2.9"))),
    ],
    "icmpv6": [
        icmpv6(134, struct.pack(">BBHII", 64, 0xEC, 1800, 1, 2) + _ROUTER_OPTIONS),
        icmpv6(136, b"\xe0\0\0\0" + _V6 + b"\2\1" + MAC),
        *(icmpv6(kind, b"\0\7\x80\0" + b"\1\1" + MAC) for kind in (141, 142, 147, 148, 154)),
        icmpv6(130, struct.pack(">HH", 1000, 0) + _V6),
        icmpv6(130, struct.pack(">HH", 1000, 0) + _V6 + b"\x0a\x7d\0\2" + _V6 + _V6),
        icmpv6(143, struct.pack(">HH", 0, 2) + b"\4\1\0\1" + _V6 + _V6 + b"aux!" + b"\1\0\0\0" + _V6),
        icmpv6(134, struct.pack(">BBHII", 64, 0, 1800, 1, 2) + b"\1\1" + MAC + b"\3\4\x40"),
    ],
    "snaeth": [
        ethernet(0x80D5, struct.pack(">HB", 16, 0) + _ACTLU + bytes(27)),
        ethernet(0x80D5, struct.pack(">HB", 3, 1) + _ACTLU[:2] + b"\x7f"),
    ],
    "sasp": [
        over_tcp(40000, 3860, sasp(0x1010, b"\1\0\0")),
        *(over_tcp(3860, 40000 + k, sasp(k, b"\0\0\0")) for k in (0x1015, 0x1025, 0x1055, 0x1065)),
        over_tcp(3860, 40001, sasp(0x1035, b"\0\0\x40\0\0")),
    ],
    "ldap": _DIRECTORY,
    "gss-api": _DIRECTORY,
    "spnego": [*_DIRECTORY, over_tcp(80, 40001, _UNAUTHORIZED % b64encode(HINTS))],
    "kerberos": _DIRECTORY,
    "mip6": [
        *(mobility(k, bytes(2) + b"cookie..") for k in (1, 2)),
        *(mobility(k, b"\0\7" + b"cookie.." + b"token...") for k in (3, 4)),
        mobility(5, struct.pack(">HHHH", 9, 0xD000, 100, 0x0102)[:6] + b"\1\2\0\0"),
        mobility(6, struct.pack(">BBHH", 1, 0x80, 9, 100) + b"\1\2\0\0"),
        mobility(7, b"\1\0" + _V6),
    ],
}

#: Fields that tshark and zjobs know from captures only.
NOT_MADE: dict[str, set[str]] = {
    "icmp": {"icmp.mtu", "icmp.redir_gw"},
    "icmpv6": {
        "icmpv6.echo.identifier", "icmpv6.echo.sequence_number", "icmpv6.mtu", "icmpv6.nd.ns.target_address",
        "icmpv6.nd.rd.target_address", "icmpv6.rd.na.destination_address",
    },
    "isakmp": {"isakmp.sa.doi", "isakmp.sa.situation", "isakmp.trans.number", "isakmp.trans.id"},
    "nbns": {
        "nbns.number_of_names", "nbns.netbios_name", "nbns.unit_id", "nbns.name_flags", "nbns.name_flags.group",
        "nbns.name_flags.ont", "nbns.name_flags.drg", "nbns.name_flags.cnf", "nbns.name_flags.act",
        "nbns.name_flags.prm",
    },
}  # fmt: skip

_UMLAUTS = "\xc4\xe9".encode()
_FOREIGN = _UMLAUTS + bytes.fromhex("bdc5b1be")
_FOREIGN_NAME = bytes([len(_UMLAUTS)]) + _UMLAUTS + b"\3com\0"
#: Texts that are not ASCII: UTF-8 where only that is written without harm, otherwise with bytes of another code page.
FOREIGN = [
    over_tcp(40000, 21, b"CWD " + _FOREIGN + b"\r\n"),
    over_tcp(40006, 21, b"USER " + _FOREIGN + b"\r\n"),
    over_tcp(21, 40001, b"257 " + _FOREIGN + b"\r\n"),
    over_tcp(40002, 25, b"VRFY " + _FOREIGN + b"\r\n"),
    over_tcp(25, 40003, b"250 " + _FOREIGN + b"\r\n"),
    over_tcp(40004, 110, b"USER " + _FOREIGN + b"\r\n"),
    over_tcp(40005, 80, b"GET /" + _FOREIGN + b" HTTP/1.1\r\nHost: " + _FOREIGN + b"\r\n\r\n"),
    over_udp(40000, 69, b"\0\1" + _FOREIGN + b"\0octet\0"),
    over_udp(40000, 514, b"<13>" + _FOREIGN),
    over_udp(
        40000, 161, tlv(0x30, tlv(2, b"\0") + tlv(4, _FOREIGN) + tlv(0xA0, bytes.fromhex("020101 020100 020100 3000")))
    ),
    over_udp(53, 40000, bytes.fromhex("0001 8180 0001 0000 0000 0000") + _FOREIGN_NAME + bytes.fromhex("0010 0001")),
    over_udp6(547, 546, b"\7\0\0\1\0\x18" + struct.pack(">H", len(_FOREIGN_NAME)) + _FOREIGN_NAME),
    icmpv6(134, bytes(12) + b"\x1f\3" + bytes(6) + _FOREIGN_NAME + b"\3a\0b\0" + bytes(2)),
    over_udp6(547, 546, b"\7\0\0\1\0\x0d\0\x08\0\0" + _FOREIGN),
]
