"""SNMP: messages encoded by hand after RFC 1157, 3416 and 3412, and by an independent encoder."""

from __future__ import annotations

import numpy as np
from formatted import entries, fields
from packets import ip4, udp
from scapy.asn1.asn1 import ASN1_OID, ASN1_STRING
from scapy.layers.snmp import SNMP, SNMPget, SNMPresponse, SNMPvarbind
from telling import cut_everywhere, told

from zjobs.wire import ber, snmp
from zjobs.wire.layout import PADDING
from zjobs.wire.message import Reader


def tlv(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    assert len(body) < 256
    return bytes([tag, len(body)] if len(body) < 128 else [tag, 0x81, len(body)]) + body


SYS_NAME = bytes.fromhex("06082b06010201010500")
GET = tlv(
    0x30, b"\2\1\0", tlv(4, b"public"),
    tlv(0xA0, b"\2\2\4\xd2", b"\2\1\0", b"\2\1\0", tlv(0x30, tlv(0x30, SYS_NAME, b"\5\0"))),
)  # fmt: skip


def response(*values: bytes, community: bytes = b"secret", status: int = 0) -> bytes:
    variables = [tlv(0x30, SYS_NAME, value) for value in values]
    return tlv(
        0x30, b"\2\1\1", tlv(4, community),
        tlv(0xA2, b"\2\1\7", b"\2\1" + bytes([status]), b"\2\1\0", tlv(0x30, *variables)),
    )  # fmt: skip


VALUES = (
    b"\2\1\xff", b"\4\3abc", b"\4\2\0\1", tlv(6, b"\x2b\6\1"), b"\x40\4\xc0\0\2\7", b"\x41\5\0\xff\xff\xff\xff",
    b"\x42\1\5", b"\x43\3\1\0\0", b"\x46\2\1\0", b"\x80\0", b"\x81\0", b"\x82\0",
)  # fmt: skip
TRAP = tlv(
    0x30, b"\2\1\0", tlv(4, b"public"),
    tlv(0xA4, tlv(6, b"\x2b\6\1\4\1\2"), b"\x40\4\xc0\0\2\1", b"\2\1\6", b"\2\1\x63", b"\x43\1\x64", tlv(0x30)),
)  # fmt: skip
ENGINE = bytes.fromhex("80000009 03 020000000001".replace(" ", ""))


def secured(flags: int, data: bytes) -> bytes:
    user = tlv(0x30, tlv(4, ENGINE), b"\2\1\3", b"\2\1\4", tlv(4, b"operator"), tlv(4, bytes(12)), tlv(4))
    head = tlv(0x30, b"\2\1\x09", b"\2\2\5\xdc", b"\4\1" + bytes([flags]), b"\2\1\3")
    return tlv(0x30, b"\2\1\3", head, tlv(4, user), data)


def test_a_request_is_worded_as_the_analyzer_does() -> None:
    found = told("snmp", GET)
    assert found.summary == "SNMP : Community - public(v1) : pdu - GetRequest"
    assert found.lines == [
        "  Version          : v1               Community: public",
        "  PDU              : GetRequest       Request Id: 1234",
        "  Error Status     : noError          Error Index: 0",
        "  Name             : 1.3.6.1.2.1.1.5.0",
        "   Null            :",
    ]
    assert found.fields["snmp.name"] == ["1.3.6.1.2.1.1.5.0"]
    assert found.fields["snmp.variable_bindings"] == [1]


def test_a_community_that_is_a_password_stays_out_of_listings() -> None:
    found = told("snmp", response(b"\5\0"))
    assert found.summary == "SNMP : Community - ********(v2c) : pdu - GetResponse"
    assert "secret" not in "".join(found.lines)
    assert found.fields["snmp.community"] == ["secret"]


def test_every_type_of_value() -> None:
    fields = told("snmp", response(*VALUES)).fields
    assert fields["snmp.value.int"] == [-1]
    assert fields["snmp.value.octets"] == ["616263", "0001"]
    assert fields["snmp.value.oid"] == ["1.3.6.1"]
    assert fields["snmp.value.ipv4"] == ["192.0.2.7"]
    assert fields["snmp.value.counter"] == [0xFFFFFFFF, 256]
    assert (fields["snmp.value.g32"], fields["snmp.value.timeticks"]) == ([5], [65536])
    assert fields["snmp.noSuchObject"] == fields["snmp.noSuchInstance"] == fields["snmp.endOfMibView"] == [True]


def test_errors_and_traps_by_name() -> None:
    assert told("snmp", response(b"\5\0", status=2)).summary.endswith("(noSuchName)")
    found = told("snmp", TRAP)
    assert "  Agent            : 192.0.2.1        Generic Trap: enterpriseSpecific Specific Trap: 99" in found.lines
    assert found.fields["snmp.enterprise"] == ["1.3.6.1.4.1.2"]


def test_version_3_says_who_and_not_with_what_key() -> None:
    scope = tlv(0x30, tlv(4, ENGINE), tlv(4, b"ctx"), GET[13:])
    found = told("snmp", secured(5, scope))
    assert found.summary == "SNMP : User - operator(v3) : pdu - GetRequest"
    assert found.fields["snmp.engineid.mac"] == ["02:00:00:00:00:01"] * 2
    assert found.fields["snmp.contextName"] == ["ctx"]
    closed = told("snmp", secured(7, tlv(4, b"\1\2\3")))
    assert closed.summary == "SNMP : User - operator(v3) : encrypted pdu"
    assert closed.fields["snmp.encryptedPDU"] == ["010203"]
    assert bytes(12).hex() not in "".join(closed.lines)


def test_an_independent_encoder() -> None:
    variable = SNMPvarbind(oid=ASN1_OID("1.3.6.1.4.1.2.6.19"), value=ASN1_STRING(b"z/OS"))
    for pdu, name in ((SNMPget, "GetRequest"), (SNMPresponse, "GetResponse")):
        found = told("snmp", bytes(SNMP(community="public", PDU=pdu(id=99, varbindlist=[variable]))))
        assert found.summary.endswith(f"pdu - {name}")
        assert found.fields["snmp.request_id"] == [99]
        assert found.fields["snmp.name"] == ["1.3.6.1.4.1.2.6.19"]


def test_a_list_that_was_cut_is_not_counted() -> None:
    whole = response(tlv(0x02, b"\1"), tlv(0x02, b"\2"))
    assert told("snmp", whole).fields["snmp.variable_bindings"] == [2]
    assert told("snmp", whole[:-1], original=len(whole)).fields["snmp.variable_bindings"] == [0]


def test_random_data_on_the_port_is_not_asked() -> None:
    payloads = [GET, secured(5, b"\5\0"), b"\x30", b"", bytes(20), b"\x30\x80\2\1\0", b"\x30\x05\2\1\x09\0\0", TRAP]
    buf = np.frombuffer(b"".join(payloads) + bytes(PADDING), dtype=np.uint8)
    sizes = np.array([len(p) for p in payloads])
    end = np.cumsum(sizes)
    assert snmp.begins(buf, end - sizes, end).tolist() == [True, True, False, False, False, False, False, True]


def test_numbers_of_an_object_identifier() -> None:
    assert ber.identifier(Reader(bytes.fromhex("883703"))) == "2.999.3"
    assert ber.identifier(Reader(bytes.fromhex("2b"))) == "1.3"


def test_lengths_that_lie_are_problems() -> None:
    assert [p for p, _ in told("snmp", b"\x30\x09\2\1\0\4\x84\xff\xff\xff\xff").problems] == ["snmp.community"]
    longer = bytearray(GET)
    longer[26] += 16
    assert [p for p, _ in told("snmp", bytes(longer)).problems] == ["snmp.variable_bindings"]
    assert [p for p, _ in told("snmp", b"\x30\x80" + GET[2:]).problems] == ["message"]
    assert [p for p, _ in told("snmp", tlv(0x30, b"\2\1\0", b"\4\0", b"\x05\0")).problems] == ["snmp.data"]


def test_cut_at_every_byte() -> None:
    for whole in (GET, response(*VALUES), TRAP, secured(5, tlv(0x30, tlv(4, ENGINE), tlv(4), GET[13:]))):
        cut_everywhere("snmp", whole)


def test_engine_times_are_never_negative() -> None:
    whole = secured(0, tlv(0x30, tlv(4, ENGINE), tlv(4), response())).replace(b"\2\1\3\2\1\4", b"\2\1\xdd\2\1\xdd")
    found = told("snmp", whole).fields
    assert found["snmp.msgAuthoritativeEngineBoots"] == found["snmp.msgAuthoritativeEngineTime"] == [221]


def test_a_lower_port_that_is_known_decides_whose_stream_it_is() -> None:
    # To Wireshark a conversation of SNMP has another number from its second packet on; one of NTP (RFC 5905) has not.
    both = [ip4(17, udp(123, 162, bytes(48))), ip4(17, udp(5000, 162, bytes(8)))]
    assert [found["udp.stream"] for found in fields(entries([p for p in both for _ in range(2)]))] == [0, 0, 1, 2]
