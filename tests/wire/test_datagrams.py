"""TFTP, RIP, RIPng, syslog and NetBIOS: messages built after RFC 1350, 2453, 2080, 3164 and 1002."""

from __future__ import annotations

import struct

import pytest
from telling import cut_everywhere, told

READ = b"\0\1rfc1350.txt\0octet\0blksize\x001400\0"
# RFC 2453: a password, a route that can be reached and one that cannot.
RIP = (
    b"\2\2\0\0" + b"\xff\xff\0\2" + b"secret".ljust(16, b"\0")
    + struct.pack(">HH4s4s4sI", 2, 7, bytes((192, 0, 2, 0)), bytes((255, 255, 255, 0)), bytes(4), 1)
    + struct.pack(">HH4s4s4sI", 2, 0, bytes((198, 51, 100, 0)), bytes((255, 255, 255, 0)), bytes((192, 0, 2, 9)), 16)
)  # fmt: skip
DIGEST = (
    b"\1\2\0\0" + b"\xff\xff\0\3" + struct.pack(">HBBI", 44, 1, 20, 99) + bytes(8)
    + struct.pack(">HH12sI", 0, 0, bytes(12), 16) + b"\xff\xff\0\1" + bytes(range(20))
)  # fmt: skip
RIPNG = (
    b"\2\1\0\0" + bytes.fromhex("20010db8") + bytes(12) + b"\0\7\x20\x02"
    + bytes.fromhex("fe80") + bytes(13) + b"\1\0\0\0\xff"
)  # fmt: skip
SYSLOG = b"<34>Oct 11 22:14:15 mymachine su: 'su root' failed\n"
# RFC 1001, section 14.1: "The NetBIOS name", without the misprint of the second letter.
NAME = b"\x20FEGIGFCAEOGFHEECEJEPFDCAGOGBGNGF\0"
QUERY = struct.pack(">HHHHHH", 9, 0x0110, 1, 0, 0, 0) + NAME + struct.pack(">HH", 32, 1)
STATUS = (
    struct.pack(">HHHHHH", 9, 0x8400, 0, 1, 0, 0) + NAME + struct.pack(">HHIH", 33, 1, 0, 1 + 18 + 6) + b"\1"
    + b"ZOS".ljust(15) + b"\x20" + b"\x84\0" + bytes.fromhex("020000000001")
)  # fmt: skip
DATAGRAM = struct.pack(">BBH4sHHH", 17, 0x0A, 7, bytes((192, 0, 2, 1)), 138, 70, 0) + NAME + b"\xc0\x0e"
ALL = {
    "tftp": (READ, b"\0\3\0\5data", b"\0\5\0\1none\0", b"\0\6blksize\x001400\0"),
    "rip": (RIP, DIGEST),
    "ripng": (RIPNG,),
    "syslog": (SYSLOG,),
    "nbns": (QUERY, STATUS),
    "nbdgm": (DATAGRAM,),
}


def test_a_name_of_blanks_keeps_them() -> None:
    blank = DATAGRAM[:14] + b"\x20" + b"CA" * 15 + b"BN\0" + b"\xc0\x0e"
    assert told("nbdgm", blank).fields["nbdgm.destination_name"] == [" " * 15 + "<1d>"]


def test_tftp_tells_file_block_and_error() -> None:
    found = told("tftp", READ)
    assert found.summary == "TFTP : Read Request"
    assert found.lines == [
        "  Operation        : Read Request     File: rfc1350.txt        Mode: octet",
        "  Option           : blksize          Value: 1400",
    ]
    assert told("tftp", b"\0\3\0\5data").summary == "TFTP : Data block 5"
    assert told("tftp", b"\0\5\0\1none\0").summary == "TFTP : Error (File not found)"
    assert [p for p, _ in told("tftp", b"\0\1file").problems] == ["tftp.source_file", "tftp.type"]


def test_rip_shows_routes_and_no_password() -> None:
    found = told("rip", RIP)
    assert found.summary == "RIP : Response (v2)"
    assert found.lines[1:4] == [
        "  Authentication   : Password         Password: ********",
        "  Address          : 192.0.2.0        Mask: 255.255.255.0      Metric: 1",
        "   Next Hop        : 0.0.0.0          Tag: 7                   Family: 2",
    ]
    assert "unreachable" in found.lines[4]
    assert "secret" not in "".join(found.lines)
    assert found.fields["rip.auth.passwd"] == ["secret"]


def test_rip_finds_the_digest_behind_the_routes() -> None:
    found = told("rip", DIGEST)
    assert found.fields["rip.authentication_data"] == [bytes(range(20)).hex()]
    assert found.fields["rip.family"] == [0]
    assert not found.problems
    lying = bytearray(DIGEST)
    lying[8:10] = b"\0\1"
    assert "rip.authentication_data" not in told("rip", bytes(lying)).fields


def test_ripng() -> None:
    assert told("ripng", RIPNG).lines[1:] == [
        "  Prefix           : 2001:DB8::/32    Tag: 7                   Metric: 2",
        "  Next Hop         : FE80::1",
    ]


def test_syslog_has_facility_and_severity() -> None:
    found = told("syslog", SYSLOG)
    assert found.summary == "SYSLOG : auth.crit"
    assert found.fields["syslog.facility"] == [4]
    assert [p for p, _ in told("syslog", b"<x>").problems] == ["syslog.level"]
    padded = told("syslog", b"<34>text\0\0\0")
    assert padded.fields["syslog.msg"] == ["text"] and not padded.problems
    bare = told("syslog", b"text")
    assert bare.fields == {"syslog.msg": ["text"]} and bare.problems


def test_names_of_netbios() -> None:
    found = told("nbns", QUERY)
    assert found.fields["nbns.name"] == ["The NetBIOS nam<65>"]
    assert found.summary == "nbns : Name query The NetBIOS nam<65>"
    found = told("nbns", STATUS)
    assert "   Name            : ZOS<20> (Server service) Flags: 8400" in found.lines
    assert found.fields["nbns.unit_id"] == ["02:00:00:00:00:01"]
    for odd in (b"\0", b"\1>\0", b"\4<xx>\0"):
        assert told("nbns", QUERY[:12] + odd + QUERY[-4:]).fields["nbns.type"] == [32]
    assert told("nbdgm", DATAGRAM).fields["nbdgm.destination_name"] == ["The NetBIOS nam<65>"]


def test_a_record_of_netbios_that_was_cut_has_no_fields() -> None:
    fixed = 12 + len(NAME) + 10
    cut = told("nbns", STATUS[: fixed - 1], 0, len(STATUS))
    assert "nbns.name" not in cut.fields and "nbns.ttl" not in cut.fields and cut.fields["nbns.count.answers"] == [1]
    assert told("nbns", STATUS[:fixed], 0, len(STATUS)).fields["nbns.type"] == [33]


@pytest.mark.parametrize("protocol", list(ALL))
def test_cut_at_every_byte(protocol: str) -> None:
    for whole in ALL[protocol]:
        cut_everywhere(protocol, whole)
