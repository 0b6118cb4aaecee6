"""Enterprise Extender and SNA: published samples line by line, literal bytes, every byte cut, tshark as a witness."""

from __future__ import annotations

import random
import re
import shutil
import struct
from pathlib import Path

import pytest
from encoder import ee
from formatted import block, datagram, differences, entries, listing, witnessed
from readings import trace_of
from telling import cut_everywhere, told

from zjobs.reports import _packet_row
from zjobs.sessions.applications import Applications
from zjobs.wire.sna import sense

pytestmark = pytest.mark.s390x

# spec: protocols C4.2, published with its meaning by a formatter of another maker.
SAMPLE = bytes.fromhex(
    "32540110 00020000 000AD100 00000000 00010B41 00040900 00000007 000E0AF4"
    "C1D7D7D5 4BD4D6D6 D5102900 28110C08 04F0F6F0 F0F0F609 06E2D5C1 E2E3C1D9"
    "03084011 0FE2D5C1 E2E3C1D9 40D3C9D4 C9E3C5C4"
)
# spec: protocols C4.2, second sample: the first 32 bytes of another published XID.
SECOND = bytes.fromhex("3245056150080000 0084C00000000000 01010B0000010900 00000007000E0DF4")


def test_the_verified_sample_line_for_line() -> None:
    assert len(SAMPLE) == 84
    assert told("xid", SAMPLE).lines == [
        "  XID Header",
        "  Format           : T2.1 to T2.1 4 5 exchanges Sending Node Type: T2.0 or T2.1",
        "  Length           : 84               Block Number: 0x011      ID: 0x00002",
        "  XID Sender Node Flags",
        "    INIT-SELF may be sent to XID sender",
        "    Independent PLU partners supported (BIND without INIT)",
        "    Sender can generate BIND segments",
        "    Sender can receive BIND segments",
        "    ACTPU for SSCP-PU session requested",
        "    Sender is not a network node",
        "    Prenegotiation exchange state",
        "    Nonactivation exchange secondary-initiated supported",
        "  BIND Support Flags",
        "    Adaptive BIND pacing support as a BIND sender SUPPORTED",
        "    Adaptive BIND pacing support as a BIND receiver SUPPORTED",
        "    Sender can receive ACTPU with PU capabilities",
        "    Adaptive BIND pacing support can be overridden by partner",
        "  TG Number        : 0",
        "  DLC Type         : non-channel",
        "  Non-Channel link properties",
        "    XID Sender is using ABM on link",
        "    XID Sender is secondary link station",
        "    Link station transmit-receive capability : two-way simultaneous",
        "  Maximum BTU Length: 1033",
        "  Profile          : 0",
        "  Maximum I Frame  : 7",
        "  Control Vector 0x0E Network Name",
        "   Network Type    : CP name",
        "   Name            : APPN.MOON",
        "  Control Vector 0x10 Product ID",
        "   Product Class   : non-IBM Software",
        "    Software Level : 06.00.06",
        "    Common Name    : SNASTAR",
        "    Program Number :",
        "    Vendor Id      : SNASTAR LIMITED",
    ]


def test_the_second_sample_as_far_as_it_was_published() -> None:
    found = told("xid", SECOND, original=0x45)
    assert "    ACTPU suppression requested" in found.lines
    assert "    Negotiation-proceeding exchange" in found.lines
    assert "  TG Number        : 1" in found.lines
    assert "  Maximum BTU Length: 265" in found.lines
    assert "  Maximum I Frame  : 7" in found.lines


#: seed: "EE XID Init Packet: Packet Details", parts 1 and 2 (letters that the scan of it lost are put back).
SEED = """
Enterprise Extender Headers
LDLC : Local SAP:05 Remote SAP:04 Response:XID
XID Header
Format : T2.1 to T2.1 4 5 exchanges Sending Node Type : T4 or T5
Length : 128 Block Number : 0xFFF ID : 0x91171
XID Sender Node Flags
WHOLE-BIND-PIUs required
ACTPU suppression requested
Networking capabilities indicator (sender is a network node)
Prenegotiation exchange state
Nonactivation exchange secondary-initiated supported
CP name change supported
BIND Support Flags
Adaptive BIND pacing support as a BIND sender SUPPORTED
Adaptive BIND pacing support as a BIND receiver NOT SUPPORTED
Adaptive BIND pacing support can be overridden by partner
TG Number : 0
DLC Type : non-channel
Non-Channel link properties
XID Sender is using ABM on link
XID Sender could be primary or secondary link station (negotiable)
Link station transmit-receive capability : two-way simultaneous
Maximum BTU Length : 32767
Maximum I Frame : 0
Control Vector 0x0E Network Name
Network Type : PU Name
Name : WCD9
Control Vector 0x0E Network Name
Network Type : CP name
Name : NETMECH.M59N0
Control Vector 0x46 TG Descriptor
TG Identifier SF
TG Number : 0
TG Partner Node CP Name :
Control Vector 0x10 Product ID
Product Class : IBM Software
Product Class : IBM Hardware
""".strip().splitlines()

_PRODUCTS = ee.kl(0x10, b"\0" + ee.lt(0x11, b"\x04") + ee.lt(0x11, b"\x01"))
_NAMES = ee.name_vector(0xF1, "WCD9") + ee.name_vector(0xF4, "NETMECH.M59N0")
#: The rest of the 128 bytes is a vector of which the seed shows nothing.
_SHORT = ee.xid3(_NAMES + ee.tg_vector() + _PRODUCTS, length=128)
SEED_XID = _SHORT + ee.kl(0x61, bytes(128 - len(_SHORT) - 2))


def test_the_packet_of_the_seed() -> None:
    """Every line of the seed is there, in its order; bits that are off are told too."""
    assert len(SEED_XID) == 128
    packet = datagram(12000, ee.ldlc(ee.XID_POLL, SEED_XID, dsap=0x04, ssap=0x05), tos=0xC0)
    assert len(packet) == 159
    lines = [re.sub(r" *: *", " : ", " ".join(line.split())).strip() for line in listing(entries([packet]))]
    wanted = [re.sub(r" *: *", " : ", line).strip() for line in SEED]
    at = 0
    for line in wanted:
        assert line in lines[at:], line
        at = lines.index(line, at) + 1


def test_what_lists_say() -> None:
    packets = [
        datagram(12000, ee.ldlc(ee.XID_POLL, SEED_XID, dsap=0x04, ssap=0x05)),
        datagram(12000, ee.ldlc(ee.XID_POLL, dsap=0x04, ssap=0x04)),
        datagram(12000, ee.ldlc(ee.DISC, dsap=0x04, ssap=0x04)),
        datagram(12002, ee.ldlc(ee.UI, ee.nhdr() + ee.thdr(b"x" * 9, bsn=0x100, first=0x10))),
        datagram(12000, ee.ldlc(ee.UI, ee.nhdr(b"\x80", mode=5, priority=3, second=0x10) + b"\x03")),
    ]
    trace = trace_of(entries(packets))
    trace.applications = Applications
    (found,) = trace.dissections()
    ((_, lines),) = _packet_row.lines(found, [], 1)
    assert [line.removesuffix("\n") for line in lines.texts()] == [
        "EE : LDLC XID Response, prenegotiation, CP NETMECH.M59N0",
        "EE : LDLC null XID Command",
        "EE : LDLC DISC Command",
        "EE : NLP high TCID=1122334455667788 BSN=00000100 len=9",
        "EE : NLP XID complete request",
    ]


def test_an_hpr_packet_line_for_line() -> None:
    segments = ee.status(0x1000, flags=0x80, report=7, acked=6, spans=(0x1100, 0x1200)) + ee.rate(
        1, 2, 5000, 6, reply=3
    )
    unit = ee.fid5(9, ee.rh(0x6B, 0x80) + bytes.fromhex("32FE08060000"))
    data = ee.nhdr(bytes.fromhex("D0A1"), priority=1, second=0x04) + ee.thdr(
        unit, bsn=0x100, first=0x38, segments=segments
    )
    lines = listing(entries([datagram(12002, ee.ldlc(ee.UI, data))]))
    assert lines[lines.index(" Enterprise Extender Headers") :] == [
        " Enterprise Extender Headers",
        "  LDLC             : Local SAP:C8 Remote SAP:C8 Command:UI",
        "  Priority         : 2 (high)",
        "",
        " HPR Network Layer Header",
        "  Switching Mode   : automatic network routing Priority: medium",
        "  Congestion       : minor            Time Sensitive: no",
        "  Routing          : D0A1FF",
        "  Mismatch         : transmission priority is not the one of port 12002 (high)",
        "",
        " RTP Transport Header",
        "  TCID             : 1122334455667788 BSN: 00000100            Data Length: 21",
        "  Flags            : Start of message, End of message, Status requested, Optional segments",
        "  Data Offset      : 60",
        "",
        " RTP Optional Segments: 40",
        "  Status Segment (0E)",
        "   Status          : Gap detected     Received: 00001000       Spans: 1",
        "   Status Report   : 7                Status Ack: 6",
        "   Received Span   : 00001100 - 00001200",
        "  Adaptive Rate-Based Segment (22)",
        "   ARB Message     : rate reply       Action: slowdown1        Mode: base",
        "   Request         : 0                Reply: 3",
        "   Field 1         : 5000",
        "   Field 2         : 6",
        "",
        " SNA Transmission Header",
        "  Format Id        : FID5             Mapping: whole BIU       Flow: normal",
        "  Sequence Number  : 9                Session Address: 0102030405060708",
        "",
        " SNA Request/Response Header",
        "  RH               : Request OIC RQD1 Category: session control",
        "  Flags            : FI",
        "",
        " SNA Request/Response Unit: 6",
        "  Request Code     : 32 UNBIND",
        "   Type            : FE session failure",
        "   Sense Data      : 08060000 resource unknown",
    ]


def bind() -> bytes:
    """LU type 2, windows 7 and 3, sizes 256 and 1024, a screen of 24x80 and 43x80, names of both ends."""
    fixed = bytes.fromhex("310103 03B1903080 8703 8587 8703 02".replace(" ", ""))
    usage = bytes(5) + bytes([24, 80, 43, 80, 0x7F]) + bytes(1)
    plu, slu = "USIBMSC.TSO1".encode("cp037"), "USIBMSC.LUA3".encode("cp037")
    return (
        fixed
        + usage
        + b"\0"
        + bytes([len(plu)])
        + plu
        + b"\0"
        + b"\0"
        + bytes([len(slu)])
        + slu
        + ee.kl(0x60, bytes.fromhex("E4E2C1D3F0F1F2F3") + bytes([4]) + "CPA1".encode("cp037"))
    )


def test_a_bind_line_for_line() -> None:
    found = told("ru", bind(), 0x6B * 2)
    assert found.lines == [
        "  Request Code     : 31 BIND",
        "   Type            : non-negotiable   Format: 0",
        "   FM Profile      : 03               TS Profile: 03",
        "   Primary         : chains, may end bracket, either response",
        "   Secondary       : chains, exception response",
        "   Mode            : flip-flop        brackets, bracket rule 1",
        "   Secondary Window: 7/3              Pacing: fixed",
        "   Secondary RU    : 256              Primary RU: 1024",
        "   Primary Window  : 7/3",
        "   LU Type         : 2",
        "   Screen          : 24x80            Alternate: 43x80         Mode: 7F",
        "   PLU Name        : USIBMSC.TSO1",
        "   SLU Name        : USIBMSC.LUA3",
        "  Control Vector 0x60 FQPCID",
        "   PCID            : E4E2C1D3F0F1F2F3",
        "   CP Name         : CPA1",
    ]
    assert found.summary == "SNA : BIND, PLU USIBMSC.TSO1, SLU USIBMSC.LUA3"


def test_units_of_sessions_with_the_control_point() -> None:
    assert told("ru", bytes.fromhex("810620") + b"x", 0x0B * 2).summary == "SNA : NOTIFY"
    assert told("ru", bytes.fromhex("08210000 31"), (0xEF | 0x100) * 2).summary == (
        "sense 08210000, SNA : BIND negative response"
    )
    attach = told("ru", bytes.fromhex("0705020300") + b"xx" + bytes.fromhex("000412F1"), 0x0B * 2)
    assert attach.summary == "SNA : FMH-5 attach, GDS null data"


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("0809003A", "0809003A unexpected null XID"),
        ("08060001", "08060001 resource unknown"),
        ("80990000", "80990000 path error"),
        ("00080000", "00080000 user sense data"),
        ("FF000000", "FF000000"),
    ],
)
def test_sense_data_by_the_most_exact_text(code: str, text: str) -> None:
    assert sense(bytes.fromhex(code)) == text


def test_a_negotiation_error_tells_where_and_why() -> None:
    error = ee.kl(0x22, bytes.fromhex("000A 07 10160031".replace(" ", "")))
    found = told("xid", ee.xid3(error))
    assert found.lines[-3:] == [
        "  Control Vector 0x22 XID negotiation error",
        "   Byte Offset     : 10               Bit Offset: 7",
        "   Sense Data      : 10160031 no HPR capabilities vector (61)",
    ]
    assert found.summary.endswith("XID negotiation error 10160031")


@pytest.mark.parametrize(
    ("protocol", "payload", "state"),
    [
        ("xid", SAMPLE, 0),
        ("xid", SEED_XID, 6),
        ("xid", bytes.fromhex("1111") + bytes(15), 0),
        ("xid", bytes.fromhex("2110") + bytes(4) + bytes([4]) + bytes(3) + ee.kl(0x60, bytes(8)), 0),
        ("rtpseg", ee.segment(0x0D, bytes.fromhex("010198000000") + ee.lt(0x26, b"ab", pad=True)), 4),
        ("rtpseg", ee.segment(0x14, ee.lt(0x83, bytes(14) + ee.lt(0x46, b"a")) + bytes(3) + ee.lt(0x85, bytes(2))), 4),
        ("rtpseg", ee.status(1, spans=(1, 2, 3, 4)) + ee.rate(0, 1, 1, 2, 3, 4), 4),
        ("rtpseg", bytes([3, 5, 0x80, 0, 0]) + ee.segment(0x12, bytes(2) + bytes.fromhex("08010000")), 6),
        ("ru", bind(), 0x6B * 2),
        ("ru", bytes.fromhex("0705020300") + bytes(2) + bytes.fromhex("000412F1"), 0x0B * 2),
        ("gds", bytes.fromhex("000612CE0102000412C1"), 0),
    ],
)
def test_cut_at_every_byte(protocol: str, payload: bytes, state: int) -> None:
    told(protocol, payload, state)
    cut_everywhere(protocol, payload, state)


@pytest.mark.parametrize("protocol", ["xid", "rtpseg", "ru", "gds"])
def test_random_bytes_are_only_problems(protocol: str) -> None:
    source = random.Random(18)
    states = {"xid": (0, 6), "rtpseg": (2, 4, 6), "ru": tuple(range(0, 1024, 34)), "gds": (0,)}
    for _ in range(300):
        payload = source.randbytes(source.randrange(1, 120))
        told(protocol, payload, source.choice(states[protocol]))


def whole_packets() -> list[bytes]:
    """Every header of the room in packets of its own."""
    unit = ee.rh(0x6B) + bind()
    segments = ee.status(0x1000, spans=(1, 2)) + ee.rate(2, 0, 1, 2)
    return [
        datagram(12000, ee.ldlc(ee.XID_POLL, SEED_XID, dsap=0x04, ssap=0x05)),
        datagram(12000, ee.ldlc(ee.XID, SAMPLE, dsap=0x04, ssap=0x04)),
        datagram(12001, ee.ldlc(ee.UI, ee.nhdr(priority=3) + ee.thdr(ee.fid5(1, unit), first=0x70, segments=segments))),
        datagram(12001, ee.ldlc(ee.UI, ee.fid2(5, 6, 9, unit, odai=1), dsap=4, ssap=4)),
        datagram(12001, ee.ldlc(ee.UI, ee.fid4((2, 0x20), (1, 0x10), 3, ee.rh(0x83, 0x90) + b"x"), dsap=4, ssap=4)),
        datagram(12001, ee.ldlc(ee.UI, ee.fid2(5, 6, 9, b"middle", mapping=0), dsap=4, ssap=4)),
        datagram(12003, ee.ldlc(ee.UI, bytes([0x1C, 0]) + struct.pack(">HHHH", 1, 2, 3, 4) + ee.rh(3), dsap=4, ssap=4)),
        datagram(12003, ee.ldlc(ee.UI, bytes([0x3C, 0x77]) + ee.rh(0x4B, 0xA1, 0xFF) + b"\xc9", dsap=4, ssap=4)),
        datagram(12004, ee.ldlc(ee.UI, bytes([0xF0, 0, 1, 2, 0, 9]) + bytes(20), dsap=4, ssap=4)),
        datagram(12000, ee.ldlc(ee.UI, ee.nhdr(b"\x80", mode=5, second=0x1E) + b"\x04")),
        datagram(12002, ee.ldlc(ee.UI, ee.nhdr() + ee.thdr(b"x" * 30, first=0x02, second=0x80))),
        datagram(12000, ee.ldlc(ee.TEST_POLL, b"hello", dsap=4, ssap=5)),
    ]


def test_every_packet_cut_at_every_byte_and_abbreviated() -> None:
    for packet in whole_packets():
        pieces = [packet[:n] for n in range(28, len(packet))]
        assert listing(entries(pieces), "FORMAT")
        short = listing(entries(pieces, len(packet)), "FORMAT")
        assert not [line for line in short if " *** " in line and "(header)" not in line], packet.hex()


def test_lying_lengths_are_problems_in_place() -> None:
    data = bytearray(ee.nhdr() + ee.thdr(b"x" * 8))
    at = len(ee.nhdr())
    data[at + 10 : at + 12] = b"\0\1"
    lines = listing(entries([datagram(12002, ee.ldlc(ee.UI, bytes(data)))]))
    assert [line for line in lines if " *** " in line] == [
        " *** thdr: a length that contradicts the packet at offset 53: 4 needed, 28 available (sna.nlp.thdr.offset)"
    ]
    endless = listing(entries([datagram(12002, ee.ldlc(ee.UI, b"\xc4\0" + bytes(40)))]))
    assert any("sna.nlp.nhdr.anr" in line for line in endless)


def test_other_traffic_at_the_ports_is_not_taken_for_it() -> None:
    lines = listing(entries([datagram(12002, bytes.fromhex("C8C8FF00")), datagram(12002, b"")]))
    assert not any("Enterprise Extender" in line or " *** " in line for line in lines)


def test_ports_of_a_configured_base() -> None:
    data = entries([datagram(15002, ee.ldlc(ee.UI, ee.nhdr() + ee.thdr(b"x")))])
    assert not any("Enterprise Extender" in line for line in listing(data))
    lines = listing(data, "EE(15000:15004) FORMAT")
    assert "  Priority         : 2 (high)" in block(lines, "Enterprise Extender Headers")


def test_an_element_selects_by_either_end() -> None:
    data = entries(whole_packets())
    for value, count in (("10", 1), ("20", 1), ("30", 0)):
        assert sum("FID4" in line for line in listing(data, f"ELEMENT({value}) FORMAT")) == count


@pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")
def test_tshark_agrees(tmp_path: Path) -> None:
    """All fields of LLC and SNA that zjobs tells, on every packet, with all their values."""
    decode = [x for port in range(12000, 12005) for x in ("-d", f"udp.port=={port},llc")]
    names, ours, theirs = witnessed(tmp_path, whole_packets(), ("llc.", "sna."), decode)
    assert len(names) > 120
    # A middle segment has no request header (packet 6); tshark reads one all the same.
    theirs[5] = {n: v for n, v in theirs[5].items() if not n.startswith("sna.rh.")}
    assert not differences(names, ours, theirs)
