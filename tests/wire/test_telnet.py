"""Telnet: negotiations of RFC 854 and 2355, data headers of TN3270E, records of the 3270 data stream."""

from __future__ import annotations

import random

import numpy as np
import pytest
from formatted import entries, listing
from packets import ip4, tcp
from telling import cut_everywhere, told

from zjobs.wire import telnet
from zjobs.wire.layout import PADDING
from zjobs.wire.talk import OWN, SERVER, STREAM, Flow, Talk

CLIENT, SERVES = STREAM, STREAM | SERVER
HEADED = OWN


def flow(state: int = SERVES) -> Flow:
    talk = Talk("telnet")
    talk.flows = (Flow(talk, b"\n\0\0\1", 23, state=state), Flow(talk, b"\n\0\0\2", 1025, state=CLIENT))
    return talk.flows[0]


@pytest.mark.parametrize(
    ("data", "line"),
    [
        ("FFFD28", "  Command          : DO TN3270E"),
        ("FFFB18", "  Command          : WILL TERMINAL-TYPE"),
        ("FFFA280802FFF0", "  Negotiation      : SB TN3270E SEND DEVICE-TYPE"),
        ("FFFA280207" + b"IBM-3278-2-E".hex() + "01" + b"LU01".hex() + "FFF0",
         "  Negotiation      : SB TN3270E DEVICE-TYPE REQUEST IBM-3278-2-E CONNECT LU01"),
        ("FFFA2802060504FFF0", "  Negotiation      : SB TN3270E DEVICE-TYPE REJECT REASON INV-DEVICE-TYPE"),
        ("FFFA2803040002FFF0", "  Negotiation      : SB TN3270E FUNCTIONS IS BIND-IMAGE RESPONSES"),
        ("FFFA1801FFF0", "  Negotiation      : SB TERMINAL-TYPE SEND"),
        ("FFFAEE" + "7D" * 32 + "FFF0", "  Negotiation      : SB 238 " + "7D" * 32),
        ("FFFAEE" + "7D" * 900 + "FFF0", "  Negotiation      : SB 238 " + "7D" * 32 + "..."),
    ],
)  # fmt: skip
def test_negotiations_by_name(data: str, line: str) -> None:
    found = told("telnet", bytes.fromhex(data), SERVES)
    assert line in found.lines
    assert found.summary.startswith("telnet : ")


def test_a_data_header_is_recognised_without_its_negotiation() -> None:
    # The two frames of the seed: a first segment with a header, and 96 bytes that go on with the record.
    first = bytes([0, 0, 2, 0, 1, 0xF5, 0xC3, 0x11, 0x40, 0x40]) + "HELLO".encode("cp037") * 200
    assert told("telnet", first, SERVES).summary == "telnet : tn3270e data header"
    assert told("telnet", b"\xc8" * 96, SERVES).summary == "telnet : 96 bytes of telnet data"


def test_the_eight_bytes_of_a_response() -> None:
    found = told("telnet", bytes.fromhex("020000000100FFEF"), CLIENT)
    assert found.summary == "telnet : tn3270e data header"
    assert "   Response        : Positive (device end)" in found.lines
    assert found.fields["tn3270.tn3270e_data_type"] == [2]


def test_a_doubled_ff_is_one_byte_of_data() -> None:
    found = told("telnet", bytes.fromhex("000000FFFF01F5C3FFEF"), SERVES | HEADED)
    assert found.fields["tn3270.tn3270e_seq_number"] == [0xFF01]


def test_orders_and_text_of_a_screen() -> None:
    screen = bytes.fromhex("F5C31150C11DF0") + "LOGON".encode("cp037") + bytes.fromhex("13FFEF")
    lines = told("telnet", bytes(5) + screen, SERVES | HEADED).lines
    assert "   3270 Command    : Erase/Write (F5)" in lines
    assert "    Set Buffer Addr: 1025 (13,66)" in lines
    assert "    Text           : LOGON" in lines


#: What a listing tells of the orders of a screen by the operands of TELNET: 132 columns, and in each form.
FORMS = {
    "FORMAT TELNET(23)": ["Set Buffer Addr: 1025 (13,66)", "Start Field    : attribute F0", "Text           : LOGON"],
    "FORMAT TELNET(23,132,DETAIL)": [
        "Set Buffer Addr: 1025 (8,102)",
        "Start Field    : attribute F0",
        "Text           : LOGON",
    ],
    "FORMAT TELNET(23,,TERSE)": ["Text           : LOGON"],
    "FORMAT TELNET(23,,SUMMARY)": ["Orders         : 2                Text: 5 characters"],
}


@pytest.mark.parametrize("options", FORMS)
def test_screens_as_they_were_asked_for(options: str) -> None:
    screen = bytes(5) + bytes.fromhex("F5C31150C11DF0") + "LOGON".encode("cp037") + bytes.fromhex("FFEF")
    lines = listing(entries([ip4(6, tcp(23, 1025, data=screen))]), options)
    told_of = ("Set", "Start", "Text", "Orders")
    assert [line.strip() for line in lines if line.strip().startswith(told_of)] == FORMS[options]


def test_what_a_terminal_sends() -> None:
    lines = told("telnet", bytes(5) + bytes.fromhex("7D40C1FFEF"), CLIENT | HEADED).lines
    assert "   3270 AID        : Enter (7D)" in lines
    assert "   Cursor          : 1 (1,2)" in lines


def test_agreed_records_wait_until_they_are_whole() -> None:
    one = flow()
    assert telnet.measure(bytes.fromhex("FFFA28030400FFF0"), one) == 8
    assert one.state & HEADED and one.other.state & HEADED
    record = bytes(5) + b"\xf5\xc3" + bytes(100)
    assert telnet.measure(record, one) == -len(record) - 1
    assert telnet.measure(record + b"\xff\xef", one) == len(record) + 2
    # Whole records do not wait for the one behind them.
    assert telnet.measure((record + b"\xff\xef") * 2 + record, one) == 2 * len(record) + 4


def test_one_segment_is_recognised_as_many_are() -> None:
    dice = random.Random(5)
    heads = [b"\xff\xfd", b"\0\0\2\0\1", b"220 ", b"+OK", b"-ERR ", b"abc", b"\x80", b""]
    data = [
        dice.choice(heads) + dice.randbytes(dice.randrange(6)) + dice.choice([b"\xff\xef", b""]) for _ in range(2000)
    ]
    end = np.cumsum([len(one) for one in data])
    buf = np.frombuffer(b"".join(data) + bytes(PADDING), dtype=np.uint8)
    start = np.append(0, end[:-1])
    there = end > start
    many = telnet.begins(buf, start[there], end[there]).tolist()
    assert many == [telnet.likely(one) for one in data if one]
    assert {True, False} == set(many)


def test_cut_at_every_byte() -> None:
    cut_everywhere("telnet", bytes(5) + bytes.fromhex("F5C31150C11DF0290242F141F2C8C913FFEF"), SERVES | HEADED)
    cut_everywhere("telnet", bytes.fromhex("FFFA2802074942FFF0FFFD28"), SERVES)


def test_what_is_asked_of_a_terminal_and_of_its_display() -> None:
    # RFC 1091, RFC 1096; what is asked of its speed (RFC 1079) Wireshark leaves out.
    data = bytes.fromhex("FFFA1801FFF0 FFFA2300FFF0 FFFA2001FFF0 FFFA23FFF0")
    assert told("telnet", data, SERVES).fields["telnet.subcmd"] == [24, 1, 35, 0, 32, 35]
