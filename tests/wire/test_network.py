"""IGMP, OSPF, SCTP, VRRP, PIM and EIGRP: messages built after RFC 3376, 2328, 9260, 5798, 7761 and 7868."""

from __future__ import annotations

import struct

import pytest
from formatted import entries, fields, listing
from packets import ip4
from telling import cut_everywhere, told

pytestmark = pytest.mark.s390x

GROUP, ROUTER = bytes((225, 1, 1, 1)), bytes((2, 2, 2, 2))
REPORT = b"\x22\0\0\0\0\0\0\1" + b"\4\1\0\1" + GROUP + ROUTER + b"aux!"
HELLO = (
    struct.pack(">BBH4s4sHH", 2, 1, 48, ROUTER, bytes(4), 0x1234, 1) + b"secret\0\0" + bytes((255, 255, 255, 0))
    + struct.pack(">HBBI", 10, 2, 1, 40) + ROUTER + bytes(4) + ROUTER
)  # fmt: skip
LSA = struct.pack(">HBB4s4sIHH", 5, 2, 1, ROUTER, ROUTER, 0x80000001, 0x1234, 24) + bytes(4)
UPDATE = struct.pack(">BBH4s4sHH", 2, 4, 28 + len(LSA), ROUTER, bytes(4), 0, 0) + bytes(8) + b"\0\0\0\1" + LSA
SACK = struct.pack(">BBHIIHHHHI", 3, 0, 24, 100, 4096, 1, 1, 2, 3, 99)
ASSOCIATION = struct.pack(">HHII", 5000, 5001, 9, 0) + SACK + struct.pack(">BBHIHHI", 0, 3, 17, 7, 1, 2, 0) + b"x\0\0\0"
VRRP = struct.pack(">BBBBBBH", 0x21, 42, 191, 1, 1, 10, 0) + ROUTER + b"password"
EIGRP = struct.pack(">BBHIIIHH", 2, 5, 0, 0, 0, 0, 0, 100)
PIM = b"\x20\0\0\0\0\1\0\2\0\x69"
ALL = {
    "igmp": (REPORT, b"\x11\x8f\0\0" + GROUP + b"\x0a\x7d\0\1" + ROUTER, b"\x16\0\0\0" + GROUP),
    "ospf": (HELLO, UPDATE),
    "sctp": (ASSOCIATION,),
    "vrrp": (VRRP,),
    "eigrp": (EIGRP,),
    "pim": (PIM,),
}


def test_igmp_version_3() -> None:
    found = told("igmp", REPORT)
    assert found.summary == "IGMP : V3 Membership Report"
    assert found.lines[2:] == [
        "   Group           : 225.1.1.1        Record: to exclude       Sources: 1",
        "    Source         : 2.2.2.2",
    ]
    query = told("igmp", ALL["igmp"][1])
    # RFC 3376, section 4.1.1: 8F is 15 | 16 shifted by 3.
    assert query.fields["igmp.max_resp"] == [248]
    assert query.fields["igmp.version"] == [3]


def test_ospf_hello_without_its_password() -> None:
    found = told("ospf", HELLO)
    assert found.summary == "OSPF : Hello (v2)"
    assert "  Password         : ********" in found.lines
    assert "  Designated       : 2.2.2.2          Backup: 0.0.0.0" in found.lines
    assert found.lines[-1] == "  Neighbor         : 2.2.2.2"
    assert "secret" not in "".join(found.lines)
    assert found.fields["ospf.auth.simple"] == ["secret"]


def test_ospf_states() -> None:
    found = told("ospf", UPDATE)
    assert "  State            : Router           Id: 2.2.2.2              Router: 2.2.2.2" in found.lines
    assert [p for p, _ in told("ospf", UPDATE[:46] + b"\0\3" + UPDATE[48:]).problems] == ["ospf.lsa.length"]
    assert [p for p, _ in told("ospf", UPDATE[:2] + b"\7\0" + UPDATE[4:]).problems] == ["ospf.packet_length"]


def test_sctp_names_its_chunks() -> None:
    found = told("sctp", ASSOCIATION)
    assert found.summary == "SCTP : SACK, DATA"
    assert "    Gap            : 2 to 3" in found.lines
    assert found.fields["sctp.data_tsn_raw"] == [7]
    assert [p for p, _ in told("sctp", ASSOCIATION[:14] + b"\0\0" + ASSOCIATION[16:]).problems] == ["sctp.chunk_length"]
    assert [p for p, _ in told("sctp", ASSOCIATION[:36] + b"\0\3\0\x40" + ASSOCIATION[40:]).problems] == [
        "sctp.chunk_length"
    ]


def test_data_that_others_may_come_between() -> None:
    # RFC 8260, section 2.1: the first part names the protocol, each other one its place.
    head = ASSOCIATION[:12]
    first = bytes.fromhex("40020016 00000007 0001 0000 00000005 00000033") + b"be\0\0"
    other = bytes.fromhex("40010017 00000008 0001 0000 00000005 00000001") + b"gin"
    found = told("sctp", head + first + other)
    assert found.fields["sctp.data_mid"] == [5, 5]
    assert (found.fields["sctp.data_payload_proto_id"], found.fields["sctp.data_fsn"]) == ([51], [1])
    assert not found.problems
    assert [p for p, _ in told("sctp", head + b"\x40\2\0\x0a" + bytes(6)).problems] == ["sctp.chunk_length"]


def test_vrrp_pim_and_eigrp() -> None:
    found = told("vrrp", VRRP)
    assert found.summary == "VRRP : Advertisement router 42 priority 191 (v2)"
    assert "password" not in "".join(found.lines)
    assert found.fields["vrrp.auth_string"] == ["password"]
    assert told("pim", PIM).summary == "PIM : Hello (v2)"
    assert told("eigrp", EIGRP).summary == "EIGRP : Hello"


@pytest.mark.parametrize("protocol", list(ALL))
def test_cut_at_every_byte(protocol: str) -> None:
    for whole in ALL[protocol]:
        cut_everywhere(protocol, whole)


def test_ospf_version_3() -> None:
    # RFC 5340, appendix A.3.3 and A.4.3: a database description with the header of a router LSA.
    head = bytes.fromhex("0302 0030 01010101 00000000 0000 00 00")
    state = bytes.fromhex("0005 2001 00000000 02020202 80000002 e556 0018")
    described = head + bytes.fromhex("00 000013 05dc 00 07 00001d46") + state
    found = told("ospf", described)
    assert (found.fields["ospf.v3.options"], found.fields["ospf.db.interface_mtu"]) == ([0x13], [1500])
    assert (found.fields["ospf.dbd"], found.fields["ospf.db.dd_sequence"]) == ([7], [0x1D46])
    assert (found.fields["ospf.v3.lsa"], found.fields["ospf.advrouter"]) == ([0x2001], ["2.2.2.2"])
    update = bytes.fromhex("0304 002c 01010101 00000000 0000 00 00 00000001") + state + bytes.fromhex("01 000033")
    assert told("ospf", update).fields["ospf.v3.options"] == [0x33]
    wanted = bytes.fromhex("0303 001c 01010101 00000000 0000 00 00 0000 2003 00000001 02020202")
    assert told("ospf", wanted).fields["ospf.v3.lsa"] == [0x2003]
    for whole in (described, update, wanted):
        assert not told("ospf", whole).problems
        cut_everywhere("ospf", whole)


def test_half_a_message_has_no_verdict_on_its_checksum() -> None:
    leave = bytes.fromhex("1700 08fe e0000001")
    whole, half = fields(entries([ip4(2, leave), ip4(2, leave[:6])]))
    assert (whole["igmp.checksum.status"], half["igmp.checksum.status"]) == (1, 2)
    assert told("igmp", leave[:2]).fields == {"igmp.type": [0x17]}


def test_a_header_that_is_not_whole_is_told_as_far_as_it_goes() -> None:
    assert list(told("ospf", HELLO[:4]).fields) == ["ospf.version", "ospf.msg", "ospf.packet_length"]
    assert list(told("pim", PIM[:3]).fields) == ["pim.version", "pim.type"]


def test_guests_of_igmp_have_their_own_names() -> None:
    # RFC 3488: RGMP Hello; PIM version 1; a multicast traceroute is IGMP's.
    assert not [n for n in told("igmp", bytes.fromhex("ff0000ff00000000")).fields if n.startswith("igmp.")]
    first = told("igmp", bytes.fromhex("14046df4 10000000 ef7b7b7b")).fields
    assert (first["pim.version"], first["pim.cksum"]) == ([1], [0x6DF4])
    assert told("igmp", bytes.fromhex("1f2038a3 e0000001")).fields["igmp.maddr"] == ["224.0.0.1"]


def test_thousands_of_chunks_are_listed_in_order() -> None:
    # RFC 9260: SHUTDOWN ACK chunks of four bytes; every 100th is COOKIE ACK.
    kinds = [11 if n % 100 == 0 else 8 for n in range(5000)]
    packet = bytes(12) + b"".join(bytes([kind, 0, 0, 4]) for kind in kinds)
    (found,) = fields(entries([ip4(132, packet)]))
    assert found["sctp.chunk_type"] == kinds
    assert len(told("sctp", packet).summary) < 400


def test_checksums_of_routers_are_counted() -> None:
    # RFC 1071: the words of each, with the checksum, add up to FFFF; the second of each does not.
    packets = {
        2: bytes.fromhex("1600 07fd e1010101"),
        88: bytes.fromhex("0205 fd96 00000000 00000000 00000000 00000064"),
        89: bytes.fromhex("0205 0018 02020202 00000000 f9de 0000 0000000000000000"),
        103: bytes.fromhex("2000 df93 0001 0002 0069"),
        112: bytes.fromhex("212a bf01 0001 1bcf 02020202"),
    }
    both = [ip4(proto, p) for proto, good in packets.items() for p in (good, good[:1] + b"\xee" + good[2:])]
    lines = listing(entries(both), "CHECKSUM")
    counts = {line.split()[-1]: line.split()[:3] for line in lines[-6:]}
    assert counts.pop("IP") == ["10", "0", "0"]
    assert counts == {name: ["1", "1", "0"] for name in ("IGMP", "EIGRP", "OSPF", "PIM", "VRRP")}
