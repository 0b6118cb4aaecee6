"""DHCP and DHCPv6: messages built after RFC 2131 and RFC 8415."""

from __future__ import annotations

import pytest
from telling import cut_everywhere, told

pytestmark = pytest.mark.s390x

MAC = bytes.fromhex("020000000001")


def dhcp(options: bytes, op: int = 1, sname: bytes = b"", file: bytes = b"", cookie: str = "63825363") -> bytes:
    head = bytes([op, 1, 6, 0]) + bytes.fromhex("3903f326 0005 8000".replace(" ", "")) + bytes(4)
    return (
        head + bytes((192, 0, 2, 10, 192, 0, 2, 1)) + bytes(4) + MAC + bytes(10) + sname.ljust(64, b"\0")
        + file.ljust(128, b"\0") + bytes.fromhex(cookie) + options
    )  # fmt: skip


OFFER = dhcp(bytes.fromhex("350102 0104ffffff00 33040000 0e10 3604c0000201 0304c0000201 ff".replace(" ", "")), 2)


def test_an_offer() -> None:
    found = told("dhcp", OFFER)
    assert found.summary == "DHCP : Offer"
    assert found.lines == [
        "  Operation        : Boot Reply       Hardware Type: 1         Hops: 0",
        "  Transaction Id   : 3903F326         Seconds: 5               Flags: 8000",
        "  Client IP        : 0.0.0.0          Your IP: 192.0.2.10",
        "  Server IP        : 192.0.2.1        Relay IP: 0.0.0.0",
        "  Hardware Address : 020000000001",
        "  Message Type     : Offer",
        "  Subnet Mask      : 255.255.255.0",
        "  Lease Time       : 3600",
        "  Server Id        : 192.0.2.1",
        "  Router           : 192.0.2.1",
    ]
    assert found.fields["dhcp.option.value"] == ["02", "ffffff00", "00000e10", "c0000201", "c0000201"]
    assert not found.problems


def test_what_an_option_holds_may_be_wrong() -> None:
    # RFC 3925, section 4: a sub-option longer than the data of its vendor; the next option is read.
    found = told("dhcp", dhcp(bytes.fromhex("7d08 00000403 03 69 64 41 3504c0000201 ff")))
    assert found.fields["dhcp.option.type"] == [125, 53, 0]
    assert found.fields["dhcp.option.suboption_length"] == [100]
    assert [name for name, _ in found.problems] == ["dhcp.option.suboption_length"]


def test_of_one_that_was_cut() -> None:
    """Wireshark looks for the type in the options before it shows anything; padding may be cut."""
    padded = OFFER + bytes(20)
    assert told("dhcp", padded[:-1], original=len(padded)).fields["dhcp.id"] == [0x3903F326]
    cut = told("dhcp", OFFER[:-1], original=len(OFFER))
    assert not cut.fields and "  Router           : 192.0.2.1" in cut.lines
    bare = dhcp(bytes(60), cookie="00000000")
    assert told("dhcp", bare[:280], original=300).fields["dhcp.id"] == [0x3903F326]
    assert not told("dhcp", bare[:280], original=301).fields
    assert told("dhcp", bare[:34], original=300).fields and not told("dhcp", bare[:33], original=300).fields


def test_without_the_cookie_it_is_bootp() -> None:
    found = told("dhcp", dhcp(b"", cookie="00000000", file=b"kernel"))
    assert found.summary == "BOOTP : Boot Request"
    assert found.fields["dhcp.file"] == ["kernel"]


def test_options_go_on_in_the_names() -> None:
    found = told("dhcp", dhcp(b"\x35\1\1\x34\1\1\xff", file=b"\x0c\4zos1\xff", sname=b"boot"))
    assert found.fields["dhcp.option.hostname"] == ["zos1"]
    assert found.fields["dhcp.server"] == ["boot"]
    assert "dhcp.file" not in found.fields
    both = told("dhcp", dhcp(b"\x34\1\3\xff", file=b"\x38\1f\xff", sname=b"\x38\1s\xff"))
    assert both.fields["dhcp.option.message"] == ["s", "f"]


def test_options_with_parts_of_their_own() -> None:
    # RFC 4702, section 2: the server is to do the updates, the name as in DNS messages; and the older form.
    encoded = bytes.fromhex("510b 05 0000") + b"\4host\2zz"
    plain = bytes.fromhex("5109 00 ffff") + b"host.z"
    # RFC 3004, section 4; RFC 3925, section 4.
    classes, one = b"\x4d\7\3abc\2de", b"\x4d\4text"
    vendor = bytes.fromhex("7d0d 00000de9 08 05 02") + b"42" + bytes.fromhex("06 02 ff00")
    found = told("dhcp", dhcp(encoded + plain + classes + one + vendor + b"\xff"))
    assert found.lines[5:] == [
        "  Client FQDN      : host.zz Flags 05",
        "  Client FQDN      : host.z Flags 00",
        "  User Class       : abc, de",
        "  User Class       : text",
        "  Vendor Options   : Enterprise 3561, Sub-option 5 42, Sub-option 6 FF00",
    ]
    assert found.fields["dhcp.fqdn.name"] == ["host.zz", "host.z"]
    assert found.fields["dhcp.fqdn.e"] == [True, False]
    assert found.fields["dhcp.option.vi.enterprise"] == [3561]
    assert found.fields["dhcp.option.suboption_length"] == [2, 2]
    wrong = bytes.fromhex("7d08 00000de9 03 05 09 41 ff")
    assert [p for p, _ in told("dhcp", dhcp(wrong)).problems] == ["dhcp.option.suboption_length"]


def test_seconds_with_the_low_byte_first() -> None:
    assert told("dhcp", OFFER).fields["dhcp.secs"] == [5]
    assert told("dhcp", OFFER[:8] + b"\x1a\0" + OFFER[10:]).fields["dhcp.secs"] == [26]


def test_an_option_longer_than_the_message_is_a_problem() -> None:
    assert [p for p, _ in told("dhcp", dhcp(b"\x0c\x40zos1")).problems] == ["dhcp.option.length"]
    assert [p for p, _ in told("dhcp", dhcp(b"\x79\5\x21\1\2\3\4\xff")).problems] == [
        "dhcp.option.classless_static_route"
    ]


# RFC 8415: Reply with an address, its status inside, and a list of domains.
INSIDE = (
    bytes.fromhex("00050018") + bytes.fromhex("20010db8000000000000000000000001") + bytes.fromhex("0000000a00000014")
)
REPLY = (
    bytes.fromhex("07123456") + bytes.fromhex("0003002800000007000000010000000 2".replace(" ", "")) + INSIDE
    + bytes.fromhex("00180 00d".replace(" ", "")) + b"\7example\3org\0"
)  # fmt: skip


def test_options_inside_options() -> None:
    found = told("dhcpv6", REPLY)
    assert found.summary == "DHCPv6 : Reply"
    assert found.lines == [
        "  Message Type     : Reply            Transaction Id: 123456",
        "  IA NA            : 00000007, T1 1, T2 2",
        "   IA Address      : 2001:DB8::1, preferred 10, valid 20",
        "  Domain Search    : example.org.",
    ]
    assert found.fields["dhcpv6.option.type"] == [3, 5, 24]


def test_an_option_that_was_cut_is_not_told() -> None:
    found = told("dhcpv6", REPLY[:-1], original=len(REPLY))
    assert found.fields["dhcpv6.option.type"] == [3, 5] and not found.problems


def test_relays_in_relays_come_to_an_end() -> None:
    whole = REPLY
    for _ in range(40):
        whole = b"\x0c\0" + bytes(32) + b"\0\x09" + len(whole).to_bytes(2, "big") + whole
    found = told("dhcpv6", whole)
    assert [p for p, _ in found.problems] == ["dhcpv6.option.type"]
    assert len(found.fields["dhcpv6.hopcount"]) < 40


def test_cut_at_every_byte() -> None:
    cut_everywhere("dhcp", OFFER)
    cut_everywhere("dhcp", dhcp(bytes.fromhex("510b 05 0000 04686f7374 02 7a7a 7d0b 00000de9 06 05 04 34323433 ff")))
    cut_everywhere("dhcpv6", REPLY)
    cut_everywhere("dhcpv6", b"\x0c\0" + bytes(32) + b"\0\x09\0" + bytes([len(REPLY)]) + REPLY)


def test_a_name_that_is_a_part_of_one() -> None:
    # RFC 4704, section 4.2: without the root at its end.
    name = bytes.fromhex("0027 0006 01") + b"\x04host"
    whole = bytes.fromhex("0027 0007 01") + b"\x04host\0"
    assert told("dhcpv6", b"\1\0\0\1" + name).fields["dhcpv6.client_domain"] == ["host"]
    assert told("dhcpv6", b"\1\0\0\1" + whole).fields["dhcpv6.tld"] == ["host."]
