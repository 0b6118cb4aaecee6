"""Reports with files beside them, counts and echoes: line for line against samples, or against ours."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from encoder import frame_records, packet_records
from encoder.containers import rdw, single
from packets import ip4, ip6, tcp, udp
from readings import trace_of

from zjobs import __version__
from zjobs.jobs import format
from zjobs.jobs.format import FILES, Request
from zjobs.reports.frame import Output
from zjobs.trace.grammar import parse

from .golden import check

pytestmark = pytest.mark.s390x

DAY = int(datetime(2002, 2, 12, tzinfo=UTC).timestamp()) * 1_000_000


def at(hour: int, minute: int, micros: int) -> int:
    """Microseconds since 1970 of a time on 2002/02/12; seconds are part of ``micros``."""
    return DAY + (hour * 3600 + minute * 60) * 1_000_000 + micros


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    update = bool(request.config.getoption("--update-golden"))
    return lambda name, text: check(name, text.replace(f"zjobs {__version__}", "zjobs"), update)


def run(ctes: list[bytes], options: str, form: str = "SHORT", **asked: object) -> tuple[str, dict[str, bytes]]:
    """The listing, and the files beside it."""
    sink, files = io.BytesIO(), {name: io.BytesIO() for name in FILES}
    request = Request(("x",), form, parse(options), **asked)  # type: ignore[arg-type]
    outputs = {n: Output(f"USER2.{n}", files[n]) for n in files if n in request.reports}
    format.write(trace_of(rdw(single(ctes)), selection=request.options.selection), request, sink, outputs)
    return sink.getvalue().decode("ascii"), {n: f.getvalue() for n, f in files.items()}


def late(entries: list[bytes], fraction: int) -> list[bytes]:
    """The entries put in the buffer a fraction of a microsecond (in 4096ths) later."""
    return [e[:8] + (int.from_bytes(e[8:16], "big") + fraction).to_bytes(8, "big") + e[16:] for e in entries]


def manual_export() -> list[bytes]:
    """41 packets, of which 1, 29, 40 and 41 are those of the manual; times have a part below the microsecond."""
    filler = ip4(17, udp(1, 2))
    source, target = "fec9:c2d4::6:2900:edc:217c", "fec9:c2d4::9:67:115:17"
    first = at(19, 49, 42_788207)
    ctes = late(
        packet_records(
            ip4(17, udp(137, 137, bytes(50)), "9.67.115.17", "9.67.115.63", ident=17158),
            time_us=first, put_us=first, interface="OSAQDIOLINK",
        ),
        3700,
    )  # fmt: skip
    for number in range(2, 28):
        ctes += packet_records(filler, time_us=first + number, put_us=first + number)
    before = at(19, 52, 21_223421)
    ctes += packet_records(filler, time_us=before, put_us=before)
    when = at(19, 52, 21_240160)
    # A type that the formatter has no name for.
    ctes += packet_records(
        ip4(1, bytes([41, 0]) + bytes(34), "9.67.115.69", "9.67.115.5", ident=5971),
        time_us=when, put_us=when, interface="OSAQDIOLINK",
    )  # fmt: skip
    for number in range(30, 39):
        ctes += packet_records(filler, time_us=when + number, put_us=when + number)
    before = at(19, 52, 33_784542)
    ctes += late(packet_records(filler, time_us=before, put_us=before), 3500)
    when = at(19, 52, 39_284802)
    ctes += late(
        packet_records(ip6(17, udp(32810, 33435, bytes(12)), source, target), time_us=when, put_us=when,
                       interface="OSAQDIO46", out=True),
        3700,
    )  # fmt: skip
    when = at(19, 52, 39_284870)
    return ctes + packet_records(
        ip6(58, b"\x87" + bytes(31), source, "ff02::1:ff15:17"), time_us=when, put_us=when, interface="OSAQDIO46",
        out=True,
    )  # fmt: skip


def test_export_rows_of_the_manual(golden) -> None:
    _, files = run(manual_export(), "EXPORT")
    rows = files["EXPORT"].decode("ascii").splitlines()
    golden("manual-export", "\n".join([rows[0], rows[1], rows[29], rows[40], rows[41]]))


def test_export_says_how_much_it_wrote(golden) -> None:
    text, files = run(manual_export(), "EXPORT")
    golden("export-report", text[text.index("Export Report") :])
    assert f"{len(files['EXPORT']):,} bytes written" in text
    assert f"{files['EXPORT'].count(10):,} records written" in text


def mixed() -> list[bytes]:
    """One of each: TCP with flags, UDP, fragments, ICMP, IPv6, no IP at all."""
    syn = tcp(3470, 5000, 0x12, options=b"\x02\x04\x05\xb4")
    whole = udp(4000, 4001, bytes(1600))
    packets = [
        ip4(6, syn, tos=0xC0),
        ip4(6, tcp(3470, 5000, 0x18, b"220 hello")),
        ip4(17, whole[:800], fragment=0x2000, ident=9),
        ip4(17, whole[800:], fragment=100, ident=9),
        ip4(1, b"\x08\0\0\0\0\1\0\1" + bytes(16)),
        ip6(6, tcp(1025, 443, 0x02)),
    ]
    ctes = [c for k, p in enumerate(packets) for c in packet_records(p, time_us=at(8, 0, k * 250_000), out=k % 2 == 0)]
    arp = bytes.fromhex("FFFFFFFFFFFF 02005E000001 0806 0001080006040001 02005E000001 C0000201 000000000000 C0000202")
    return ctes + frame_records(arp, time_us=at(8, 0, 2_000_000))


def test_export_detail(golden) -> None:
    golden("export-detail", run(mixed(), "EXPORT(DETAIL) NOREASSEMBLY")[1]["EXPORT"].decode("ascii"))


def test_a_quote_in_a_name_does_not_end_a_field() -> None:
    text = run(packet_records(ip4(6, tcp(1, 2)), time_us=DAY, interface='A"B'), "EXPORT")[1]["EXPORT"].decode("ascii")
    rows = list(csv.reader(text.splitlines()))
    assert rows[1][5] == 'A"B'.ljust(16)
    assert {len(r) for r in rows} == {12}


def test_option_of_the_manual(golden) -> None:
    text, _ = run(mixed(), "TALLY OPTION FIRST NOREASSEMBLY SNIFFER(4000) TOD")
    golden("manual-option", text[text.index("\nOPTIONS((") + 1 : text.index("\n  ))\n") + 6])


def test_option_with_everything_coded(golden) -> None:
    options = (
        "OPTION HEX BOOTP(68) DNS(5353) EE(12000:12001) FTP(2020 2021) TELNET(1023,132,TERSE) WWW(8080) "
        "CHECKSUM(DETAIL) "
        "CLEANUP(0) DATASIZE(1) DELAYACK(100,300) FLAGS(ANY SYN RST) FORMAT(SUMMARY) GAIN(1,2) LIMIT(99) LOCAL "
        "REASSEMBLY(9000,DETAIL) NOSEGMENT SPEED(1000,10) STATISTICS SUMMARY EXPORT(DETAIL) SNIFFER(64,TCPDUMP) "
        "NOT DUMP(9) "
        "PROTOCOL(6 17) PORT(1:9) IPADDR(192.0.2.0/24-80 2001:db8::1 H) MACADDR(02005E000001) ETHTYPE(0800) VLANID(7) "
        "INTERFACE(OSA*) JOBNAME(FTPD1) DEVTYPE(LOOPBACK) CID(58) QID(2) DISCARD(4096:8191) RECORDS(1:5) IPV4 ARP TCP"
    )
    text, _ = run(mixed(), options)
    golden("option-all", text[text.index("\nOPTIONS((") + 1 : text.index("\n  ))\n") + 6])


def test_format_summary(golden) -> None:
    text, _ = run(mixed(), "FORMAT(SUMMARY)")
    golden("format-summary", text[text.index("-" * 79) :])


def test_reassembly(golden) -> None:
    whole = udp(4000, 4001, bytes(1600))
    ctes = mixed() + [
        c
        for k, p in enumerate(
            (
                ip4(17, whole[:800], fragment=0x2000, ident=10),
                ip4(17, whole[1200:], fragment=150, ident=10),
                ip4(17, whole[800:1200], fragment=0x2000 | 100, ident=11, src="203.0.113.7"),
                ip6(44, b"\x11\0\0\1\0\0\0\7" + whole[:800]),
            )
        )
        for c in packet_records(p, time_us=at(8, 1, k))
    ]
    # Abbreviated: its bytes are not all there.
    ctes += packet_records(ip4(17, whole[:800], fragment=0x2000, ident=12)[:400], time_us=at(8, 2, 0), orig_len=820)
    text, _ = run(ctes, "REASSEMBLY(,DETAIL)", form="TALLY")
    golden("reassembly", text[text.index("=" * 79) : text.index("SYSTCPDA Trace")])


def test_nothing_to_reassemble_is_said_as_in_the_manual() -> None:
    text, _ = run(packet_records(ip4(6, tcp(1, 2)), time_us=DAY), "STATISTICS")
    assert "\nNo packets required reassembly\n" + "=" * 79 + "\nSYSTCPDA Trace Statistics\n" in text


def test_statistics_of_packets(golden) -> None:
    text, _ = run(mixed(), "TALLY", form="TALLY")
    golden("statistics-packets", text[text.index("****") :])


def test_statistics_of_osa_frames(golden) -> None:
    tagged = bytes.fromhex("02005E000002 02005E000001 8100 2007 0800") + ip4(6, tcp(1025, 21, 0x02))
    llc = bytes.fromhex("02005E000003 02005E000001 0010 0404 03") + bytes(13)
    ctes = [
        *frame_records(tagged, time_us=at(8, 0, 0)),
        *frame_records(tagged, time_us=at(8, 0, 1), drop_reason=12),
        *frame_records(llc, time_us=at(8, 0, 2), out=True),
    ]
    text, _ = run(ctes, "", form="TALLY", component="SYSTCPOT")
    golden("statistics-osa", text[text.index("****") :])


def test_sniffer_report_of_the_manual(golden) -> None:
    text, files = run(mixed(), "SNIFFER(60) TALLY")
    head = text[: text.index("\n\n")].splitlines()[-1]
    golden("sniffer-report", head + "\n" + text[text.index("Sniffer Report") :])
    assert f"{len(files['SNIFFER'])} bytes written" in text


def test_checksum_detail(golden) -> None:
    wrong = ip4(17, udp(1, 2, b"abc")[:6] + b"\1\2abc")
    ctes = packet_records(ip4(6, tcp(1, 2)), time_us=at(8, 0, 0)) + packet_records(wrong, time_us=at(8, 0, 1))
    text, _ = run(ctes, "CHECKSUM(DETAIL)")
    golden("checksum-detail", text[text.index("****") :])
