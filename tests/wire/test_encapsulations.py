"""Encapsulations: what is inside is found, no cut breaks anything, and ports of others stay theirs."""

from __future__ import annotations

import shutil
import struct
from ipaddress import ip_address
from pathlib import Path

import pytest
from formatted import differences, entries, fields, listing, pcap, subject, witness
from packets import ip4, ip6, udp

from zjobs.wire.link import LINK_TYPES

INSIDE = ip4(17, udp(4000, 4001, b"inside"))
FRAME = bytes.fromhex("020000000001 020000000002 0800") + INSIDE


#: With a length: IEEE 802.3, then LLC and SNAP (RFC 1042).
FRAME_LLC = bytes.fromhex("00000c000001 00000c000002 002a aaaa03 000000 0800") + INSIDE


def gre(kind: int, data: bytes, flags: int = 0) -> bytes:
    return struct.pack(">HH", flags, kind) + data


#: How each packet is built; in each are two IPv4 headers.
PACKETS = {
    # RFC 8086
    "gre in udp": ip4(17, udp(50000, 4754, gre(0x0800, INSIDE))),
    # RFC 2784, section 2.3: the bit that announces an acknowledgement of PPP is reserved, and ignored
    "gre with a reserved bit": ip4(47, gre(0x0800, INSIDE, 0x0080)),
    # MikroTik: version 1, and a key of length and tunnel
    "eoip": ip4(47, gre(0x6400, bytes.fromhex("0030 0500") + FRAME, 0x2001)),
    # RFC 2516: a session whose code is not zero
    "pppoe": ip4(47, gre(0x6558, FRAME[:12] + bytes.fromhex("8864 1101 0001 0024 0021") + INSIDE)),
    # IEEE 802.2: SNAP in a numbered frame
    "snap": ip4(47, gre(0x6558, FRAME[:12] + bytes.fromhex("002b aaaa 0000 000000 0800") + INSIDE)),
    # RFC 8926: one option of four bytes, network 5
    "geneve": ip4(17, udp(50000, 6081, bytes.fromhex("0100 6558 00000500 01234500") + FRAME)),
    # 3GPP TS 29.281: sequence number and one extension header of four bytes
    "gtp": ip4(17, udp(2152, 2152, bytes.fromhex("36ff 0034 00000001 0000 00 85 01 10 00 00") + INSIDE)),
    # 3GPP TS 09.60
    "gtp version 0": ip4(17, udp(3386, 3386, bytes.fromhex("1eff 0028") + bytes(16) + INSIDE)),
    # RFC 2661: length, sequence numbers, offset of two bytes; then PPP
    "l2tp": ip4(17, udp(1701, 1701, bytes.fromhex("4a02 0040 0001 0002 0003 0004 0002 ffff ff03 0021") + INSIDE)),
    # RFC 7510, RFC 4023
    "mpls in udp": ip4(17, udp(50000, 6635, bytes.fromhex("00010140") + INSIDE)),
    "mpls in ip": ip4(137, bytes.fromhex("00010140") + INSIDE),
    # RFC 4448: a control word before the frame; tshark asks for addresses of a known vendor
    "ethernet in mpls": ip4(137, bytes.fromhex("000101ff 00000000 00000c000001 00000c000002 0800") + INSIDE),
    "ethernet in mpls without a word": ip4(137, bytes.fromhex("000101ff 00000c000001 00000c000002 0800") + INSIDE),
    "llc in mpls": ip4(137, bytes.fromhex("000101ff 00000001") + FRAME_LLC),
    # RFC 9300, RFC 9301: data, and an encapsulated control message
    "lisp": ip4(17, udp(50000, 4341, bytes.fromhex("80123456 00000001") + INSIDE)),
    "lisp control": ip4(17, udp(50000, 4342, bytes.fromhex("80000000") + INSIDE)),
    # draft-ietf-nvo3-vxlan-gpe, RFC 8300: metadata of 16 bytes
    "nsh": ip4(17, udp(50000, 4790, bytes.fromhex("0c000004 00000500 0006 01 03 00000102") + bytes(16) + FRAME)),
    # draft-foschiano-erspan: types I, II and III, the last with the platform's eight bytes
    "erspan i": ip4(47, gre(0x88BE, FRAME)),
    "erspan ii": ip4(47, gre(0x88BE, bytes.fromhex("00000001 10000001 00000000") + FRAME, 0x1000)),
    "erspan iii": ip4(47, gre(0x22EB, bytes.fromhex("00000001 20000001 00000000 00000001") + bytes(8) + FRAME, 0x1000)),
    # WCCP V2, and version 1 without a header
    "wccp": ip4(47, gre(0x883E, bytes(4) + INSIDE)),
    "wccp 1": ip4(47, gre(0x883E, INSIDE)),
    # IEEE 802.1ah
    "pbb": ip4(47, gre(0x6558, FRAME[:12] + bytes.fromhex("88e7 00000001") + FRAME)),
    # IEEE 802.1BR, then a customer's tag
    "vntag": ip4(47, gre(0x6558, FRAME[:12] + bytes.fromhex("8926 00010002 8100 0005 0800") + INSIDE)),
    # IEEE 802.1AE: not encrypted, with a channel
    "macsec": ip4(
        47, gre(0x6558, FRAME[:12] + bytes.fromhex("88e5 2000 00000001 0102030405060001 0800") + INSIDE + bytes(16))
    ),
    "cisco metadata": ip4(47, gre(0x8909, bytes.fromhex("0800 0101 0001 0007") + INSIDE)),
    # RFC 3378; Ethernet as next header
    "etherip": ip4(97, bytes.fromhex("3000") + FRAME),
    "ethernet": ip4(143, FRAME),
    # RFC 7761: a Register; its checksum is over eight bytes
    "pim register": ip4(103, bytes.fromhex("2100 deff 00000000") + INSIDE),
    # AYIYA: identity of 16 bytes, signature of 20
    "ayiya": ip4(17, udp(5072, 5072, bytes.fromhex("44 52 11 04") + bytes(4 + 16 + 20) + INSIDE)),
}


@pytest.mark.parametrize("name", list(PACKETS))
def test_what_is_inside(name: str) -> None:
    (found,) = fields(entries([PACKETS[name]]))
    assert len(found["ip.src"]) == 2
    ports = found["udp.dstport"]
    assert 4001 in (ports if isinstance(ports, list) else [ports])


@pytest.mark.parametrize("name", list(PACKETS))
def test_cut_at_every_byte(name: str) -> None:
    packet = PACKETS[name]
    cut = [packet[:size] for size in range(20, len(packet))]
    assert len(fields(entries(cut))) == len(cut)
    assert len(fields(entries(cut, len(packet)))) == len(cut)


@pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")
def test_tshark_finds_the_same(tmp_path: Path) -> None:
    packets = list(PACKETS.values())
    path = pcap(tmp_path / "all.pcap", packets)
    names = tuple(n for n in witness.FIELDS if n.startswith(("eth.", "ip.", "udp.")))
    assert not differences(names, subject.read(path), witness.read(path, names))


def test_a_port_of_a_tunnel_below_which_stands_a_known_one() -> None:
    query = bytes.fromhex("1234 0100 0001 0000 0000 0000 00 0002 0001")
    (found,) = fields(entries([ip4(17, udp(4754, 53, query))]))
    assert found["dns.id"] == 0x1234


def test_another_use_of_a_tunnel_port() -> None:
    (found,) = fields(entries([ip4(17, udp(1701, 1701, bytes.fromhex("0003 0001") + INSIDE))]))
    assert not isinstance(found["ip.src"], list)


def test_extensions_of_gtp_that_do_not_end() -> None:
    endless = bytes.fromhex("34ff 0034 00000001 0000 00 85") + bytes.fromhex("01 10 00 85") * 40 + INSIDE
    nothing = bytes.fromhex("34ff 0034 00000001 0000 00 85") + bytes.fromhex("00 10 00 85") + INSIDE
    for data in (endless, nothing):
        (found,) = fields(entries([ip4(17, udp(2152, 2152, data))]))
        assert not isinstance(found["ip.src"], list)


def test_a_redirect_quotes_in_an_option() -> None:
    # RFC 4861, section 4.5: target, destination, an option of seven words with the packet.
    quoted = ip6(17, udp(1, 2))
    body = bytes.fromhex("8900 0000 00000000") + bytes(32) + b"\4\7" + bytes(6) + quoted
    (found,) = fields(entries([ip6(58, body, "fe80::1", "fe80::2")]))
    assert found["ipv6.src"] == ["fe80::1", "2001:db8::1"]


def test_checksums_of_a_mobile_node_are_made_with_its_home_address() -> None:
    # RFC 6275, section 11.3.1: the sum of addresses, protocol, length and datagram is FFFF.
    option = b"\x11\2\1\2\0\0" + b"\xc9\x10" + bytes(15) + b"\1"
    words = (0x2001, 0x0DB8, 0, 0, 0, 0, 0, 2, 1, 17, 8, 1000, 2000, 8)
    total = sum(words)
    checksum = 0xFFFF - ((total & 0xFFFF) + (total >> 16))
    datagram = struct.pack(">HHHH", 1000, 2000, 8, checksum)
    (found,) = fields(entries([ip6(60, option + datagram)]))
    assert found["udp.checksum.status"] == 1


@pytest.mark.parametrize(("left", "last"), [(0, "2001:db8::2"), (1, "2001:db8::a"), (2, "2001:db8::a")])
def test_checksums_behind_segments_are_made_with_the_last_one(left: int, last: str) -> None:
    # RFC 8754, section 2: the list is written from its end; RFC 8200, section 8.1.
    segments = [ip_address(f"2001:db8::{k}").packed for k in ("a", "b")]
    words = struct.unpack(">16H", ip_address("2001:db8::1").packed + ip_address(last).packed)
    total = sum((*words, 17, 8, 1000, 2000, 8))
    datagram = struct.pack(">HHHH", 1000, 2000, 8, 0xFFFF - ((total & 0xFFFF) + (total >> 16)))
    header = bytes([17, 4, 4, left, 1, 0, 0, 0]) + b"".join(segments)
    (found,) = fields(entries([ip6(43, header + datagram)]))
    assert found["udp.checksum.status"] == 1
    beyond = header[:4] + b"\2" + header[5:]
    trace = entries([ip6(43, beyond + datagram)])
    assert "udp.srcport" not in fields(trace)[0]
    assert any("ipv6.routing.srh.last_segment" in row for row in listing(trace))


def test_extended_echoes_have_an_identifier() -> None:
    (four, six) = fields(
        entries([ip4(1, bytes.fromhex("2a00 0000 1234 0101")), ip6(58, bytes.fromhex("a000 0000 1234 0101"))])
    )
    assert (four["icmp.ident"], six["icmpv6.echo.identifier"]) == (0x1234, 0x1234)
    assert "icmp.seq" not in four


def test_numbers_of_an_organization_have_its_name(tmp_path: Path) -> None:
    def snap(oui: str) -> bytes:
        data = bytes.fromhex(f"aaaa03 {oui} 2000") + bytes(38)
        return bytes.fromhex("020000000001 020000000002 8100 0001") + struct.pack(">H", len(data)) + data

    cisco, other = subject.read(pcap(tmp_path / "snap.pcap", [snap("00000c"), snap("123456")], 1))
    assert (cisco["llc.cisco_pid"], cisco.get("llc.pid"), other["llc.pid"]) == ([0x2000], None, [0x2000])


def test_serial_lines(tmp_path: Path) -> None:
    """PPP, Cisco HDLC (under its own link type and that of PPP), frame relay, and raw IP of one version."""
    packets = {
        9: bytes.fromhex("ff03 0021") + INSIDE,
        50: bytes.fromhex("0f00 0800") + INSIDE,
        104: bytes.fromhex("0f00 0800") + INSIDE,
        107: bytes.fromhex("1841 03 cc") + INSIDE,
        228: INSIDE,
    }
    for link, packet in packets.items():
        (found,) = subject.read(pcap(tmp_path / "line.pcap", [packet], link))
        assert found["ip.src"] == ["192.0.2.10"], link
    (snap,) = subject.read(pcap(tmp_path / "line.pcap", [bytes.fromhex("1841 03 00 80 000000 0800") + INSIDE], 107))
    assert snap["ip.src"] == ["192.0.2.10"]
    (wrong,) = subject.read(pcap(tmp_path / "line.pcap", [INSIDE], 229))
    assert wrong["ip.version"] == [4] and "ip.src" not in wrong


def test_null_and_cooked_headers(tmp_path: Path) -> None:
    """A family in either byte order or an EtherType; Linux's own numbers for frames without one."""
    for head in ("02000000", "00000002", "0f000800", "00000800"):
        (found,) = subject.read(pcap(tmp_path / "null.pcap", [bytes.fromhex(head) + INSIDE], 0))
        assert found["ip.src"] == ["192.0.2.10"], head
    for link, cooked in (
        (113, "0000 0001 0006 0200000000010000"),
        (276, "{} 0000 00000003 0001 00 06 0200000000010000"),
    ):
        for kind, data in (("0800", INSIDE), ("0003", FRAME)):
            head = cooked.format(kind) if link == 276 else f"{cooked} {kind}"
            (found,) = subject.read(pcap(tmp_path / "sll.pcap", [bytes.fromhex(head) + data], link))
            assert found["ip.src"] == ["192.0.2.10"], (link, kind)
        head = cooked.format("0004") if link == 276 else f"{cooked} 0004"
        (found,) = subject.read(pcap(tmp_path / "sll.pcap", [bytes.fromhex(head + "424203") + bytes(35)], link))
        assert (found["llc.dsap"], found["llc.ssap"]) == ([0x42], [0x42]), link


def test_a_wrong_code_of_a_session_is_told() -> None:
    told = listing(entries([PACKETS["pppoe"]]))
    assert any("pppoe.code" in line for line in told)


def test_messages_about_charging_are_no_packets_of_users() -> None:
    (found,) = fields(entries([ip4(17, udp(3386, 2152, bytes.fromhex("20ff 0022 00000001") + INSIDE))]))
    assert (found["gtp.flags.payload"], found["ip.src"]) == (0, "192.0.2.10")


@pytest.mark.parametrize(
    "behind",
    [
        "00000000 020000000001 030000000002 0800",
        "00000000 020000000001 020000000002 0021",
        "00000000 020000000001 020000000002 4321",
        "020000000001 030000000002 0800",
    ],
    ids=["group as sender", "length", "type", "group as sender, no word"],
)
def test_what_no_frame_can_be_behind_labels(behind: str) -> None:
    (found,) = fields(entries([ip4(137, bytes.fromhex("000101ff" + behind) + INSIDE)]))
    assert "eth.src" not in found


def test_a_frame_behind_labels_of_any_addresses() -> None:
    """Wireshark takes a vendor's address at a wrong place for a frame; the type, or a length that fits, says more."""
    small = bytes.fromhex("020000000001 020000000002 0026 424203") + bytes(43)
    behind = [FRAME, bytes(4) + FRAME, bytes(4) + small]
    for found in fields(entries([ip4(137, bytes.fromhex("000101ff") + data) for data in behind])):
        assert (found["eth.dst"], found["eth.src"]) == ("02:00:00:00:00:01", "02:00:00:00:00:02")


def test_half_of_an_organization(tmp_path: Path) -> None:
    frame = bytes.fromhex("020000000001 020000000002 0007 aaaa03 00000008 000000")
    path = pcap(tmp_path / "snap.pcap", [frame], 1)
    names = ("llc.dsap", "llc.oui", "llc.type")
    (found,) = subject.read(path)
    assert [n for n in names if n in found] == ["llc.dsap"]


def test_zeros_behind_labels_are_no_frame_by_themselves() -> None:
    (found,) = fields(entries([ip4(137, bytes.fromhex("000101ff 00000000") + bytes(20))]))
    assert "eth.src" not in found


def test_headers_of_capture_programs(tmp_path: Path) -> None:
    """NFLOG in both byte orders, PKTAP, PPI, IP over InfiniBand: the packet inside, and cut or wrong headers."""
    size = struct.pack("<H", len(INSIDE) + 4)
    little = bytes.fromhex("02000014 0500 0a00 00000000") + size + bytes.fromhex("0900") + INSIDE
    big = bytes.fromhex("02000014 0005 000a 00000000") + size[::-1] + bytes.fromhex("0009") + INSIDE
    pktap = struct.pack("<III", 108, 1, 1) + b"en0".ljust(24, b"\0") + bytes(16) + struct.pack("<I", 512) + bytes(52)
    ppi = bytes.fromhex("0000 1000 01000000 0800 0400 00000000")
    raw = bytes.fromhex("0000 0800 65000000")
    juniper = bytes.fromhex("4d4743 80 0003 030106")
    infiniband = bytes(20) + bytes.fromhex("80000550 fe800000 00000000 0010e000 664ab451 0800 0000")
    packets = (
        (239, little), (239, big), (258, pktap + FRAME), (192, ppi + FRAME), (192, raw + INSIDE),
        (242, infiniband + INSIDE), (178, juniper + FRAME), (178, juniper[:3] + b"\1" + FRAME),
    )  # fmt: skip
    assert LINK_TYPES[149] is LINK_TYPES[258]
    for link, packet in packets:
        (found,) = subject.read(pcap(tmp_path / "link.pcap", [packet], link))
        assert found["ip.src"] == ["192.0.2.10"] and found["udp.dstport"] == [4001], link
        for end in range(len(packet) - len(INSIDE)):
            (cut,) = subject.read(pcap(tmp_path / "link.pcap", [packet[:end]], link))
            assert "ip.src" not in cut, (link, end)
    wrong = {
        239: bytes.fromhex("02000000 0001 0100") + INSIDE,
        258: struct.pack("<I", 20) + pktap[4:] + FRAME,
        192: bytes.fromhex("0000 0400 01000000") + FRAME,
        178: b"MGD\0" + FRAME,
    }
    for link, packet in wrong.items():
        (found,) = subject.read(pcap(tmp_path / "link.pcap", [packet], link))
        assert "ip.src" not in found, link
    assert subject.read(pcap(tmp_path / "link.pcap", [pktap + FRAME], 258))[0]["pktap.pid"] == [512]


def test_ipv6_in_a_file_of_ipv4_says_its_version_once(tmp_path: Path) -> None:
    (found,) = subject.read(pcap(tmp_path / "six.pcap", [ip6(17, udp(4000, 4001))], 228))
    assert found["ip.version"] == [6] and found["udp.dstport"] == [4001]


@pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")
def test_frames_of_other_networks(tmp_path: Path) -> None:
    """IP in LLC, IPX that has neither LLC nor a type, FDDI with its addresses turned round: as tshark has them."""
    addresses = FRAME[:12]
    llc_ip = addresses + struct.pack(">H", 3 + len(INSIDE)) + bytes.fromhex("060603") + INSIDE
    ipx = addresses + bytes.fromhex("0020 ffff 0020 0004") + bytes(26)
    tagged = addresses + bytes.fromhex("8100 0005 0020 ffff 0020 0004") + bytes(26)
    fddi = bytes.fromhex("54") + bytes.fromhex("550020 00c1e5 550020 0041e5 aaaa03 000000 0800") + INSIDE
    token = bytes.fromhex("c0") + fddi[1:]
    names = ("eth.len", "llc.dsap", "llc.ssap", "llc.control", "ip.src", "udp.dstport", "fddi.fc")
    for link, packets in ((1, [llc_ip, ipx, tagged]), (10, [fddi, token, fddi[:12]])):
        path = pcap(tmp_path / "link.pcap", packets, link)
        found = subject.read(path)
        assert not differences(names, found, witness.read(path, names))
        assert "udp.dstport" in found[0] and "llc.dsap" not in found[1] | found[2]


@pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")
def test_frames_of_trunks_between_switches(tmp_path: Path) -> None:
    """ISL: the frame inside is read, the header in front of it is no Ethernet header; also cut anywhere."""
    inner = FRAME + bytes(4)
    size = struct.pack(">H", 12 + len(inner))
    rest = bytes.fromhex("aaaa03 00000c 0015 0007 0000") + inner
    isl = bytes.fromhex("01000c000003 0200000000aa") + size + rest
    other = bytes.fromhex("01000c000010 0200000000aa") + size + rest
    names = (
        "eth.dst",
        "eth.src",
        "eth.type",
        "ip.src",
        "udp.dstport",
        "isl.type",
        "isl.len",
        "isl.vlan_id",
        "isl.bpdu",
    )
    path = pcap(tmp_path / "isl.pcap", [isl, other], 1)
    found = subject.read(path)
    assert not differences(names, found, witness.read(path, names))
    assert (found[0]["eth.type"], found[0]["isl.vlan_id"], found[0]["udp.dstport"]) == ([2048], [10], [4001])
    for end in range(len(isl)):
        (cut,) = subject.read(pcap(tmp_path / "cut.pcap", [isl[:end]], 1))
        assert ("udp.dstport" in cut) == (end >= 26 + 14 + 20 + 8 - 4)


def test_wireless_frames_of_a_controller_are_in_gre() -> None:
    # IEEE 802.11-2020, section 9.2.4: data to the network, with quality of service; LLC and IP behind it.
    air = bytes.fromhex("8801 0000 020000000001 020000000002 020000000003 0010 0000 aaaa03 000000 0800") + INSIDE
    for kind in (0x8200, 0x8370):
        (found,) = fields(entries([ip4(47, gre(kind, air))]))
        assert found["wlan.da"] == "02:00:00:00:00:03" and found["udp.dstport"] == 4001
    (found,) = fields(entries([ip4(47, gre(0x8201, air))]))
    assert "wlan.da" not in found


def test_a_frame_of_a_trunk_without_its_length(tmp_path: Path) -> None:
    head = bytes.fromhex("01000c000003 020000000009 0000 aaaa03 000000 0003 0000 0000")
    (found,) = subject.read(pcap(tmp_path / "trunk.pcap", [head + FRAME + bytes(4)], 1))
    assert found["eth.src"] == ["02:00:00:00:00:02"] and found["udp.dstport"] == [4001]
