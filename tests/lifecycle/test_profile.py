"""Profiles: what is wrong is named with file, line and key; nothing unchecked gets into a command."""

import re
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zjobs import registry
from zjobs.errors import RequestError
from zjobs.jobs.profile import offered
from zjobs.lifecycle.profile import Offered, captures, parse
from zjobs.lifecycle.sides import packet

GOOD = """\
name: ftp-hang
stack: TCPIP
trace: SYSTCPDA
writer:
  proc: AESWRT
  wrap: true
  datasets: ["SYS2.CTRACE.&SYSNAME..D&LYYMMDD..T&LHHMMSS"]
  cylinders: 500
parmlib:
  member: CTAESPRM
  library: USER.PARMLIB
  buffer: 64M
filters:
  - link: ETH1
    protocol: TCP
    ip: 192.0.2.10
    port: 21
    length: full
stop:
  after: 10m
  packets: 100000
  when: {message: "BPXF024I", finding: ftp.data-connection}
reports:
  - full: "SYS2.REPORT.FULL"
  - pcapng: /u/net/ftp-hang.pcapng
"""


def test_a_whole_profile():
    found = parse(GOOD)
    assert (found.name, found.stack, found.component, found.reply) == ("ftp-hang", "TCPIP", "SYSTCPDA", False)
    assert (found.writer.proc, found.writer.cylinders, found.parmlib.buffer) == ("AESWRT", 500, "64M")
    assert (found.stop.after, found.stop.message, found.stop.finding) == (600, "BPXF024I", "ftp.data-connection")
    assert (found.reports[0].kind, found.reports[0].target) == ("full", "SYS2.REPORT.FULL")
    assert packet.on(found) == ["V TCPIP,TCPIP,PKT,LINKN=ETH1,ON,FULL,PROT=TCP,IP=192.0.2.10,PORTN=21"]


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("stack: TCPIP", "stack: TCPIP,X", 2, "stack 'TCPIP,X' is not allowed"),
        ("stack: TCPIP", "stack: ''", 2, "stack"),
        ("proc: AESWRT", "proc: AESWRT123", 5, "writer.proc"),
        ("wrap: true", "wrap: maybe", 6, "true or false"),
        ("wrap: true", "colour: red", 6, "colour is not a key here; allowed: proc, wrap, datasets, cylinders"),
        ("D&LYYMMDD", "D&YESTERDAY", 7, "symbols are &SYSNAME"),
        ("SYS2.CTRACE", "SYS2.CTRACE.MUCHTOO.LONGLONG.NAMESARE.USED", 7, "44 characters"),
        ("cylinders: 500", "cylinders: 0", 8, "from 1 to 65520"),
        ("member: CTAESPRM", "member: AESPRM", 10, "CT and six"),
        ("buffer: 64M", "buffer: 9999M", 12, "1M to 2047M"),
        ("link: ETH1", "link: ETH1,ON", 14, "filters.link 'ETH1,ON' is not allowed"),
        ("link: ETH1", "link: 'ETH1 ON'", 14, "interface name"),
        ("protocol: TCP", "protocol: SCTP", 15, "TCP, UDP, ICMP, ICMPV6"),
        ("ip: 192.0.2.10", "ip: 192.0.2.1000", 16, "an IPv4 or IPv6 address"),
        ("ip: 192.0.2.10", "ip: fe80::1%eth0", 16, "an IPv4 or IPv6 address"),
        ("port: 21", "port: 70000", 17, "from 1 to 65535"),
        ("port: 21", "port: yes", 17, "from 1 to 65535"),
        ("length: full", "length: 0", 18, "ABBREV"),
        ("length: full", "colour: red", 18, "colour is not a key here; allowed: link, protocol"),
        ("length: full", "length: full\n    length: 96", 19, "given twice"),
        ("trace: SYSTCPDA", "trace: ZVM-TRF", 3, "ZVM-TRF"),
        ("after: 10m", "after: soon", 20, "10m"),
        ("message: \"BPXF024I\"", "message: 'A B'", 22, "message id"),
        ("- full:", "- essay:", 24, "essay is not a key here"),
        ("name: ftp-hang", "name: ../../etc", 1, "name"),
        ("parmlib:\n", "reply: true\nparmlib:\n", 11, "give one of them"),
        ("filters:", "filters: [", 13, ""),
    ],
)  # fmt: skip
def test_an_error_names_line_key_and_what_is_allowed(old, new, line, words):
    assert old in GOOD
    with pytest.raises(RequestError) as caught:
        parse(GOOD.replace(old, new, 1), "p.yaml")
    text = str(caught.value)
    assert caught.value.return_code == 8
    assert re.match(r"ZJB040[12]E p\.yaml line ", text)
    if words:
        assert f"p.yaml line {line}: " in text
    assert words in text


@pytest.mark.parametrize("text", ["", "- a", "name: x", ": :", "\t"])
def test_what_is_no_profile_is_refused(text):
    with pytest.raises(RequestError):
        parse(text)


def test_a_trace_of_everything_must_be_asked_for():
    everything = GOOD.replace("link: ETH1\n    ", "").replace("    ip: 192.0.2.10\n    port: 21\n", "")
    with pytest.raises(RequestError, match="unfiltered: true"):
        parse(everything)
    assert packet.on(parse(everything + "unfiltered: true\n")) == ["V TCPIP,TCPIP,PKT,ON,FULL,PROT=TCP"]


def test_nowrap_needs_a_bound():
    nowrap = GOOD.replace("wrap: true", "wrap: false")
    assert not parse(nowrap).writer.wrap
    with pytest.raises(RequestError, match=r"stop\.after or stop\.packets"):
        parse(nowrap.replace("  after: 10m\n  packets: 100000\n", ""))


def test_the_first_setting_of_each_interface_says_on_and_all_interfaces_come_first():
    text = GOOD.replace("stop:\n", "  - {link: ETH1, port: 20}\n  - {port: 53}\n  - {link: ETH2, port: 20}\nstop:\n")
    assert packet.on(parse(text)) == [
        "V TCPIP,TCPIP,PKT,ON,ABBREV,PORTN=53",
        "V TCPIP,TCPIP,PKT,LINKN=ETH1,ON,FULL,PROT=TCP,IP=192.0.2.10,PORTN=21",
        "V TCPIP,TCPIP,PKT,LINKN=ETH1,ABBREV,PORTN=20",
        "V TCPIP,TCPIP,PKT,LINKN=ETH2,ON,ABBREV,PORTN=20",
    ]


def test_a_command_longer_than_a_console_takes_is_refused():
    text = GOOD.replace("link: ETH1", "link: ABCDEFGHIJKLMNOP").replace(
        "port: 21", "source_port: 50000\n    port: 50001"
    )
    text = text.replace("192.0.2.10", "2001:db8:1111:2222:3333:4444:5555:6666/127").replace(
        "stack: TCPIP", "stack: TCPIPABC"
    )
    text = text.replace("length: full", "length: 12345\n    destination_port: 50002\n    discard: all")
    with pytest.raises(RequestError, match="ZJB0403E"):
        packet.on(parse(text))


ODD = st.one_of(
    st.text(max_size=20),
    st.integers(),
    st.booleans(),
    st.text(st.sampled_from("ETH1,=()'* \n\"&;:/."), max_size=12),
    st.none(),
)


@settings(max_examples=150, deadline=None)
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(("link", "protocol", "ip", "port", "length", "discard"), ODD)))
def test_no_filter_however_odd_yields_a_command_outside_the_grammar(values):
    import json

    text = GOOD[: GOOD.index("filters:")] + f"filters: [{json.dumps(values)}]\n"
    try:
        (command,) = packet.on(parse(text))
    except RequestError:
        return
    operand = (
        r"(LINKN=[A-Z@#$][A-Z0-9@#$]{0,15}|ON|FULL|ABBREV(=\d{1,5})?|PROT=(TCP|UDP|ICMP|ICMPV6|\d{1,3})"
        r"|IP=[0-9A-F.:]+(/\d{1,3})?|PORTN=\d{1,5}|DISC=(ALL|\d{1,5}))"
    )
    assert re.fullmatch(rf"V TCPIP,TCPIP,PKT(,{operand})+", command)
    assert len(command) <= 126


BARE = GOOD[: GOOD.index("reports:")]
BUILT = Offered(("full", "summary", "pcapng"), ("ftp.data-connection",))


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ("reports: [{full: A.B}, {parquet: /tmp/x}]\n", "reports.parquet cannot be made by this zjobs"),
        ("reports: [{diagnosis: A.B}]\n", "diagnosis cannot be made by this zjobs; it makes full, summary, pcapng"),
        ("reports: [{colours: A.B}]\n", "colours is not a key here"),
    ],
)
def test_a_report_that_is_not_there_is_refused_with_its_line(more, problem):
    with pytest.raises(RequestError, match=r"ZJB0401E p line \d+: ") as caught:
        captures(BARE + more, "p", BUILT)
    assert problem in str(caught.value)


def test_a_report_and_a_finding_are_accepted_as_soon_as_they_are_there():
    more = Offered((*BUILT.reports, "parquet"), BUILT.findings)
    (found,) = captures(BARE + "reports: [{pcapng: /tmp/x}, {parquet: /tmp/y}]\n", "p", more)
    assert (found.stop.finding, [one.kind for one in found.reports]) == ("ftp.data-connection", ["pcapng", "parquet"])
    with pytest.raises(RequestError, match=r"line \d+: stop.when.finding ftp.data-connection is not among"):
        captures(BARE, "p", Offered(BUILT.reports))


def test_what_is_offered_is_what_the_rooms_hold(monkeypatch):
    rooms = {"zjobs.exports": ("jsonl", "parquet"), "zjobs.cli": ("capture",), "zjobs": ("cli",)}
    monkeypatch.setattr(registry, "names", rooms.__getitem__)
    assert offered() == Offered(("full", "short", "summary", "tally", "jsonl", "parquet"))
    rooms |= {"zjobs.cli": ("capture", "diagnose"), "zjobs": ("cli", "findings")}
    found = {"data_connection": SimpleNamespace(NAME="ftp.data-connection")}
    monkeypatch.setattr(registry, "members", lambda package, having: found if package == "zjobs.findings" else {})
    assert offered() == Offered(
        ("full", "short", "summary", "tally", "diagnosis", "jsonl", "parquet"), ("ftp.data-connection",)
    )
