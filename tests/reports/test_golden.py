"""Listings against published samples, line for line."""

import struct
from datetime import UTC, datetime

import pytest
from encoder.containers import bdw, packed, rdw
from encoder.records import packet_records

from zjobs import __version__

from .conftest import Listing
from .golden import check

OWNER = bytes.fromhex(
    "45000034AD044000400623F289482B6E89482BCF6E69001555C6AF34000000008002FFFE91D20000020405B40103030001010402"
)
MANUAL_UDP = bytes.fromhex(
    "45000038000E00004011A6FB0943714109255003"
    "040100350024AD0B"
    "9D4A0100000100000000000002773303" "69626D03636F6D00001C0001"
)  # fmt: skip
MANUAL_ICMP = bytes.fromhex("45000028000040003E015914092A6947092A6826080055920B3F0000AEBCDB3D03340A0000000000")
EXAMPLE = bytes.fromhex(
    "009A00000096000000920010000000 04DEAF3D6AC0614000005C000127000024"
    "E3C1D7F0404040404040404040404040DEAF3D6AC06110000000000000000000"
    "0000FFFF0A01010200000000000000000000FFFF0A0100020000000000000001"
    "00010000007F62C0001E0024000000020000000045000024000140004001 25D3"
    "0A0101020A010002080018FA12340001" "30313233343536370092"
)  # fmt: skip


def us(*when: int) -> int:
    """Microseconds since 1970 of a UTC date and time."""
    return int(datetime(*when, tzinfo=UTC).timestamp() * 1_000_000 + 0.5)  # type: ignore[misc,arg-type]


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))


def owner() -> bytes:
    time = us(2008, 2, 22, 20, 48, 42, 883162)
    ctes = packet_records(
        OWNER, time_us=time, put_us=time + 13, interface="ETH1", device_type=1, out=False, tcb=0, asid=0, if_index=4
    )
    return rdw(packed(ctes))


@pytest.mark.s390x
def test_owner_record(records: Listing, update: bool) -> None:
    check("owner-full", records(owner(), form="FULL", first=804059, sysname="ADCD"), update)


@pytest.mark.s390x
def test_owner_heading(listing: Listing, update: bool) -> None:
    text = listing(owner(), form="FULL", sysname="ADCD", options="FTP(20,21)", component="SYSTCPDA", subname="TCPIP")
    head = text[: text.index("-" * 79)].replace(f"z/OS TCP/IP Packet Trace Formatter, zjobs {__version__}", "BANNER")
    check("owner-heading", head, update)


@pytest.mark.s390x
def test_manual_udp(records: Listing, update: bool) -> None:
    time = us(2002, 2, 12, 23, 39, 11, 873539)
    ctes = packet_records(
        MANUAL_UDP, time_us=time, put_us=time + 2, interface="TR1", device_type=2, out=True, if_index=0
    )
    check("manual-udp", records(rdw(packed(ctes)), first=3, sysname="MVSJ"), update)


@pytest.mark.s390x
def test_manual_dump(records: Listing, update: bool) -> None:
    ctes = packet_records(MANUAL_ICMP, time_us=us(2004, 1, 1))
    text = records(rdw(packed(ctes)), options="DUMP")
    check("manual-dump", text[text.index(" IP Header") :], update)


def _tcp(
    source: str, target: str, ident: int, sport: int, dport: int, seq: int, ack: int, flags: int, data: bytes
) -> bytes:
    ends = b"".join(bytes(map(int, a.split("."))) for a in (source, target))
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 40 + len(data), ident, 0, 64, 6, 0) + ends
    return ip + struct.pack(">HHIIBBHHH", sport, dport, seq, ack, 0x50, flags, 32768, 0, 0) + data


@pytest.mark.s390x
def test_manual_summary(listing: Listing, update: bool) -> None:
    first = _tcp("10.7.1.61", "192.168.248.44", 0x19E6, 3470, 5000, 1452693653, 0, 0x02, b"")
    fourth = _tcp(
        "192.168.248.44", "10.7.1.61", 0x4E3D, 5000, 3470, 3454024896, 1452693654, 0x18, b"220- Wel".ljust(47, b"x")
    )
    one, two = us(2004, 1, 26, 14, 18, 0, 447462), us(2004, 1, 26, 14, 18, 1, 111074)
    ctes = packet_records(first, time_us=one, put_us=one, out=True) + packet_records(fourth, time_us=two, put_us=two)
    text = listing(rdw(packed(ctes)), form="SUMMARY")
    check("manual-summary", text[text.index("****") :], update)


@pytest.mark.s390x
def test_worked_example(records: Listing, update: bool) -> None:
    """The worked example of the trace format, read from its literal bytes."""
    check("worked-example", records(EXAMPLE, form="FULL"), update)


@pytest.mark.s390x
@pytest.mark.parametrize("framed", [rdw, bdw])
def test_framing_makes_no_difference(records: Listing, framed: object) -> None:
    ctes = packet_records(OWNER, time_us=us(2008, 2, 22))
    assert records(framed(packed(ctes)), form="FULL") == records(rdw(packed(ctes)), form="FULL")  # type: ignore[operator]
