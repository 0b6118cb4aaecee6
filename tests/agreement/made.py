"""Packets by protocol, made by scapy or by hand from the specifications."""

from __future__ import annotations

from oddities import ethernet, ipv4, ipv6, udp
from scapy.layers import dhcp6
from scapy.layers.dhcp import BOOTP, DHCP
from scapy.packet import Packet


def over_udp(sport: int, dport: int, payload: Packet | bytes) -> bytes:
    return ethernet(0x0800, ipv4(17, udp(sport, dport, bytes(payload))))


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


PACKETS: dict[str, list[bytes]] = {
    "dhcp": [
        over_udp(68, 67, BOOTP(op=1, chaddr=MAC, sname=b"server", file=b"file", flags=0x8000) / DHCP(options=_OPTIONS)),
        over_udp(67, 68, BOOTP(op=2, htype=6, hlen=4, chaddr=b"\1\2\3\4", file=_NAMED) / DHCP(options=_OVERLOAD)),
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
}

#: Fields that tshark and zjobs know from captures only.
NOT_MADE: dict[str, set[str]] = {}
