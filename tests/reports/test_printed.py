"""Every keyword that is no filter changes what is printed; the heading's copy of the option text does not count."""

from __future__ import annotations

import csv
import io
from itertools import pairwise
from pathlib import Path

import pytest
from encoder import packet_records
from encoder.containers import rdw, single
from packets import ip4, tcp, udp
from readings import own_files, shared_files, trace_of, write

from zjobs import registry
from zjobs.jobs import format
from zjobs.jobs.format import FILES, Request
from zjobs.jobs.reading import open_trace
from zjobs.options import Global
from zjobs.reports.frame import Output
from zjobs.sessions.applications import Applications
from zjobs.trace.grammar import parse
from zjobs.trace.keywords import KEYWORDS

TIME_US = 1_708_518_896_000_000
_WHOLE = ip4(17, udp(1, 2, bytes(1600)))[20:]
TRACE = rdw(
    single(
        [
            *packet_records(ip4(6, tcp(40000, 40001, data=b"x")), time_us=TIME_US),
            # A datagram of which the last fragment comes, and one of which it does not.
            *packet_records(ip4(17, _WHOLE[:800], fragment=0x2000, ident=9), time_us=TIME_US + 1),
            *packet_records(ip4(17, _WHOLE[800:], fragment=100, ident=9), time_us=TIME_US + 2),
            *packet_records(ip4(17, _WHOLE[:800], fragment=0x2000, ident=10), time_us=TIME_US + 3),
            # A wrong checksum, captured ten seconds before it was put in the buffer.
            *packet_records(ip4(17, udp(1, 2, b"abc")[:6] + b"\1\2abc"), time_us=TIME_US + 70_000_000,
                            put_us=TIME_US + 80_000_000),
            *packet_records(ip4(6, tcp(1, 2, data=b"segment" * 30)), time_us=TIME_US + 81_000_000, max_segment=60),
        ]
    )
)  # fmt: skip


def printed(options: str, form: str = "SHORT", **asked) -> str:
    """The listing without the copy of the option text, and the files beside it."""
    sink, files = io.BytesIO(), {name: io.BytesIO() for name in FILES}
    request = Request(("x",), form, parse(options), **asked)
    trace = trace_of(TRACE, selection=request.options.selection)
    outputs = {name: Output(name, files[name]) for name in files if name in request.reports}
    format.write(trace, request, sink, outputs)
    text = sink.getvalue().decode("ascii")
    head, banner, rest = text.partition(" z/OS TCP/IP Packet Trace Formatter")
    assert banner
    return head.split("\n", 1)[0] + banner + rest + "".join(f.getvalue().decode("latin-1") for f in files.values())


#: What each keyword is coded with, and beside which other words it must make a difference.
CASES = {
    "FORMAT": [("FORMAT(SUMMARY)", "FORMAT"), ("FORMAT", "DUMP")],
    "DUMP": [("DUMP(1)", "DUMP"), ("DUMP", "FORMAT")],
    "FULL": [("FULL", "FORMAT"), ("FULL", "DUMP")],
    "SUMMARY": [("SUMMARY", "FORMAT")],
    "STATISTICS": [("STATISTICS", "FORMAT"), ("STATISTICS(DETAIL)", "STATISTICS")],
    "TALLY": [("TALLY", "STATISTICS")],
    "CHECKSUM": [("CHECKSUM", "FORMAT"), ("CHECKSUM(DETAIL)", "CHECKSUM")],
    "NOCHECKSUM": [("FORMAT CHECKSUM NOCHECKSUM", "FORMAT CHECKSUM")],
    "EXPORT": [("EXPORT", "STATISTICS"), ("EXPORT(DETAIL)", "EXPORT")],
    "OPTION": [("OPTION FORMAT", "FORMAT")],
    "ASCII": [("ASCII", "BOTH")],
    "EBCDIC": [("EBCDIC", "BOTH")],
    "BOTH": [("BOTH", "HEX")],
    "HEX": [("HEX", "BOTH")],
    "GMT": [("FORMAT GMT", "FORMAT LOCAL")],
    "LOCAL": [("FORMAT LOCAL", "FORMAT")],
    "TOD": [("FORMAT TOD", "FORMAT")],
    "SNIFFER": [("SNIFFER", ""), ("SNIFFER(40)", "SNIFFER"), ("SNIFFER(TCPDUMP)", "SNIFFER")],
    "REASSEMBLY": [("REASSEMBLY", ""), ("REASSEMBLY(DETAIL)", "REASSEMBLY"), ("REASSEMBLY(1000)", "REASSEMBLY")],
    "NOREASSEMBLY": [("NOREASSEMBLY", "")],
    "SEGMENT": [("NOSEGMENT SEGMENT", "NOSEGMENT")],
    "NOSEGMENT": [("NOSEGMENT", "")],
    # Thresholds of SESSION and words that change nothing are echoed.
    "DELAYACK": [("OPTION DELAYACK(100)", "OPTION")],
    "GAIN": [("OPTION GAIN(100)", "OPTION")],
    "SPEED": [("OPTION SPEED(100)", "OPTION")],
    "CLEANUP": [("OPTION CLEANUP(100)", "OPTION")],
    "FIRST": [("OPTION FIRST", "OPTION")],
    "TELNET": [("OPTION TELNET(23,132,TERSE)", "OPTION TELNET")],
}


@pytest.mark.parametrize(("options", "without"), [pair for pairs in CASES.values() for pair in pairs])
def test_a_keyword_changes_what_is_printed(options: str, without: str) -> None:
    assert printed(options, utc_offset=7200) != printed(without, utc_offset=7200)


def built() -> set[str]:
    return {
        name
        for module in registry.members("zjobs.reports", "NAME").values()
        for name in (module.NAME, *getattr(module, "ALSO", ()))
    }


def test_every_keyword_that_prints_has_its_case() -> None:
    kinds = {"report", "dump", "style", "translation", "clock", "device", "value", "noted"}
    wanted = {n for n, k in KEYWORDS.items() if k.sets in kinds}
    reports = {n for n in wanted if KEYWORDS[n].sets == "report"} - {"FULL", "TALLY"}
    assert reports <= built()
    # These have tests of their own, each in the file of its name.
    assert wanted <= set(CASES) | {"SESSION", "STREAM", "HPRDIAG", "BASIC"}


def test_words_that_change_nothing_say_so(tmp_path: Path, zjobs) -> None:
    path = write(tmp_path / "trace", TRACE)
    run = zjobs("format", path, "--options", "FIRST CLEANUP(100) TCP", "--out", tmp_path / "out")
    said = [line.split(" ", 1)[0] for line in run.err.splitlines()]
    assert said.count("ZJB0212I") == 2
    assert "FIRST" in run.err and "CLEANUP" in run.err


def test_local_time_follows_the_zone() -> None:
    assert "12:34:56" in printed("FORMAT GMT", utc_offset=7200)
    assert "14:34:56" in printed("FORMAT LOCAL", utc_offset=7200)


def test_translations_differ() -> None:
    texts = {printed(word) for word in ("ASCII", "EBCDIC", "HEX", "BOTH")}
    assert len(texts) == 4


def test_several_reports_stand_in_the_order_of_the_formatter() -> None:
    text = printed("EXPORT SNIFFER TALLY CHECKSUM REASSEMBLY SUMMARY FORMAT OPTION")
    marks = ["OPTIONS((", "**** ", " From Interface", "Checksum Report", "packets required reassembly",
             "Trace Statistics", "Export Report", "Sniffer Report"]  # fmt: skip
    places = [text.index(mark) for mark in marks]
    assert places == sorted(places)


@pytest.mark.parametrize(
    "options", ["FORMAT(SUMMARY)", "EXPORT(DETAIL)", "CHECKSUM(DETAIL)", "SNIFFER(1)", "TALLY REASS"]
)
def test_every_header_of_every_capture_is_printed(options: str) -> None:
    """Long titles, tunnels, damaged packets: nothing that was ever captured stops a report."""
    for path in [*own_files(), *shared_files()]:
        sink, files = io.BytesIO(), {name: io.BytesIO() for name in FILES}
        request = Request((str(path),), "SHORT", parse(options))
        trace = open_trace(request.sources, Global(host="files"), request.options.selection)
        format.write(trace, request, sink, {name: Output(name, files[name]) for name in FILES})
        text = sink.getvalue().decode("ascii")
        if options == "FORMAT(SUMMARY)":
            assert text.count("-" * 79 + "\n") == trace.counts.passed
        if options == "EXPORT(DETAIL)":
            rows = list(csv.reader(files["EXPORT"].getvalue().decode("ascii").splitlines()))
            assert len(rows) == trace.counts.passed + 1 and {len(r) for r in rows} == {21}


def test_a_device_leaves_the_reports_of_the_form() -> None:
    assert " From Interface" in printed("SNIFFER REASSEMBLY")
    assert "Trace Statistics" in printed("SNIFFER", form="TALLY")


#: What a printer would take for an order, or not know: in labels and values of a message, and in a name.
HOSTILE = [
    ip4(6, tcp(40000, 80, 0x18, data=b"GET /\x1b[2J HTTP/1.1\r\nA\0\x1b\x85: \7v\x0bw\r\nB: \xc3\xa9\x1c\r\n\r\n")),
    ip4(17, udp(40000, 53, bytes.fromhex("123401000001000000000000 041b0a00ff 00 0010 0001"))),
    ip4(6, tcp(21, 40001, 0x18, data=b"230 \x1bc\x07 welcome\r\n")),
]


@pytest.mark.parametrize(
    ("form", "options"),
    [("FULL", ""), ("SHORT", "BASIC(DETAIL)"), ("SHORT", "BASIC(SUMMARY)"), ("PACKETS", ""), ("DETAILS", ""),
     ("SEQUENCE", ""), ("SUMMARY", "SESSION(DETAIL) STREAM")],
)  # fmt: skip
def test_nothing_but_what_can_be_printed_is_printed(form: str, options: str) -> None:
    trace = trace_of(rdw([e for k, p in enumerate(HOSTILE) for e in packet_records(p, time_us=TIME_US + k)]))
    trace.applications = Applications
    sink = io.BytesIO()
    format.write(trace, Request(("x",), form, parse(options)), sink)
    text = sink.getvalue().decode("ascii")
    assert all(line.isprintable() for line in text.split("\n"))


def test_a_mask_that_is_no_prefix_is_echoed_as_it_was_coded(tmp_path: Path, zjobs) -> None:
    path = write(tmp_path / "trace", TRACE)
    run = zjobs("format", path, "--options", "OPTION SUMMARY IPADDR(10.0.0.9/255.0.0.255-21 10.0.0.0/255.0.0.0)")
    assert "Ipaddr( /* 2 */ 10.0.0.9/255.0.0.255-21, 10.0.0.0/8, )" in " ".join(run.text.split())


_DAY_US = 86_400_000_000
DAYS = rdw(
    single(
        [
            *packet_records(ip4(17, udp(1, 2, b"a")), time_us=TIME_US),
            *packet_records(ip4(17, udp(1, 2, b"b")), time_us=TIME_US + _DAY_US),
            # A wrong checksum, which CHECKSUM prints, two days later.
            *packet_records(ip4(17, udp(1, 2, b"abc")[:6] + b"\1\2abc"), time_us=TIME_US + 2 * _DAY_US),
            *packet_records(ip4(17, udp(1, 2, b"c")), time_us=TIME_US + 3 * _DAY_US),
        ]
    )
)


@pytest.mark.parametrize(
    ("options", "days"),
    [
        ("SUMMARY", ["21", "22", "23", "24"]),
        ("SUMMARY SESSION", ["21", "22", "23", "24"]),
        # The reports at the end stand under the date of the first record.
        ("SESSION", ["21"]),
        ("STATISTICS STREAM", ["21"]),
        # The days of those records alone that are printed.
        ("CHECKSUM(DETAIL)", ["23"]),
    ],
)
@pytest.mark.parametrize("buffer", [4 << 20, 300])
def test_no_date_stands_above_nothing_and_no_rule_below_another(options: str, days: list[str], buffer: int) -> None:
    sink = io.BytesIO()
    format.write(trace_of(DAYS, buffer=buffer), Request(("x",), "SHORT", parse(options)), sink)
    found = sink.getvalue().decode("ascii").splitlines()
    assert [line[-2:] for line in found if line.startswith("**** 2024/02/")] == days
    assert not [k for k, (one, two) in enumerate(pairwise(found)) if one == two and one.startswith(("====", "**** "))]
    assert not [one for one, two in pairwise(found) if one.startswith("**** ") and two.startswith("**** ")]
    assert found[-1] != found[-2]


@pytest.mark.parametrize(
    ("first", "second", "days"), [("SUMMARY", "SUMMARY", 4), ("SUMMARY", "SESSION", 4), ("SESSION", "STATISTICS", 1)]
)
def test_a_merge_closes_both_traces_with_one_rule(tmp_path: Path, zjobs, first: str, second: str, days: int) -> None:
    path = write(tmp_path / "trace", DAYS)
    parts = [f" CTRACE DDNAME(ONE) COMP(SYSTCPDA) OPTIONS(({options}))\n" for options in (first, second)]
    text = f" SETDEF NOPRINT TERM\n MERGE\n{''.join(parts)} MERGEEND\n"
    run = zjobs("ctrace", "--deck", write(tmp_path / "deck", text.encode("ascii")), "--dd", f"ONE={path}")
    found = run.text.splitlines()
    assert len([line for line in found if line.startswith("**** 2024/02/")]) == days
    assert not [one for one, two in pairwise(found) if one == two and one.startswith("====")]
    assert not [one for one, two in pairwise(found) if one.startswith("**** ") and two.startswith("**** ")]
