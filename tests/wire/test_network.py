"""IGMP, OSPF, SCTP, VRRP, PIM and EIGRP: messages built after RFC 3376, 2328, 9260, 5798, 7761 and 7868."""

from __future__ import annotations

import struct

import pytest
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
