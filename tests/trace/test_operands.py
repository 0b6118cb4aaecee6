"""Operands of OPTIONS keywords: places, ranges, defaults; what no keyword takes is refused with its position."""

import re

import pytest

from zjobs.errors import RequestError
from zjobs.trace.grammar import parse
from zjobs.trace.keywords import KEYWORDS
from zjobs.trace.select import Range

#: For each keyword with operands by their place: texts and what they mean.
PLACES = {
    "FORMAT": [("FORMAT", ("DETAIL",)), ("FORM(SUM)", ("SUMMARY",))],
    "STATISTICS": [("STAT", ("SUMMARY",)), ("STATISTICS(D)", ("DETAIL",))],
    "CHECKSUM": [("CHECKSUM", ("SUMMARY",)), ("CHECKSUM(DETAIL)", ("DETAIL",))],
    "EXPORT": [("EXPORT", ("SUMMARY",)), ("EXP(DETAIL)", ("DETAIL",))],
    "SESSION": [("SESS", ("DETAIL",)), ("SESSION(PIPE)", ("PIPE",)), ("SESSION(ST)", ("STATE",))],
    "STREAM": [("STREAM", (128, "SUMMARY")), ("STREAM(16 DETAIL)", (16, "DETAIL")), ("STREAMS(512)", (512, "SUMMARY"))],
    "HPRDIAG": [("HPR", ("DETAIL",)), ("HPRDIAG(SUMMARY)", ("SUMMARY",))],
    "BASIC": [("BASIC", ("DETAIL",)), ("BASIC(S)", ("SUMMARY",))],
    "SNIFFER": [
        ("SNIFFER", (65535, "ETHERNET")), ("SNIFFER(27956 ETHERNET)", (27956, "ETHERNET")),
        ("SNIF(TCPDUMP)", (65535, "TCPDUMP")), ("SNIFFER(,TOK)", (65535, "TOKENRING")),
    ],
    "REASSEMBLY": [
        ("REASSEMBLY", (65535, "SUMMARY")), ("REASS(576,DETAIL)", (576, "DETAIL")),
        ("REASSEMBLY(DETAIL)", (65535, "DETAIL")),
    ],
    "DELAYACK": [("DELAYACK(10)", (10, 200)), ("DELAYACK(1000,10)", (1000, 10)), ("DEL(,300)", (200, 300))],
    "GAIN": [("GAIN", (125, 250)), ("GAIN(0,1000)", (0, 1000))],
    "SPEED": [("SPEED(100)", (100, 10)), ("SPEED(100 1000)", (100, 1000))],
    "CLEANUP": [("CLEANUP", (500,)), ("CLEANUP(100)", (100,)), ("CLEAN(0)", (0,)), ("CLEANUP(1048576)", (1048576,))],
    "TELNET": [
        ("TELNET", (23, 80, "")), ("TELNET(1023 132 TERSE)", (1023, 132, "TERSE")), ("TELNET(,132)", (23, 132, "")),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("name", "text", "values"), [(n, t, v) for n, cases in PLACES.items() for t, v in cases])
def test_operands_find_their_places(name: str, text: str, values: tuple[int | str, ...]) -> None:
    options = parse(text)
    assert options.values[name] == options.value(name) == values


def test_every_keyword_with_places_is_tried() -> None:
    assert set(PLACES) == {n for n, k in KEYWORDS.items() if k.parts}


@pytest.mark.parametrize("name", PLACES)
def test_defaults_hold_where_a_keyword_is_not_coded(name: str) -> None:
    assert parse("").value(name) == tuple(p.default for p in KEYWORDS[name].parts)


@pytest.mark.parametrize(
    ("text", "position", "allowed"),
    [
        ("STREAM(15)", 8, "16 to 512"),
        ("STREAM(513)", 8, "16 to 512"),
        ("STREAM(128,FULL)", 12, "DETAIL or SUMMARY"),
        ("STREAM(128,DETAIL,SUMMARY)", 19, "16 to 512, DETAIL or SUMMARY"),
        ("SESSION(S)", 9, "DETAIL or PIPE or STATE or SUMMARY"),
        ("SESSION(1)", 9, "DETAIL or PIPE or STATE or SUMMARY"),
        ("DELAYACK(9)", 10, "10 to 1000"),
        ("DELAYACK(10,1001)", 13, "10 to 1000"),
        ("GAIN(1001)", 6, "0 to 1000"),
        ("SPEED(0)", 7, "1 to 1000000"),
        ("CLEANUP(99)", 9, "100 to 1048576 or 0"),
        ("CLEANUP(1048577)", 9, "100 to 1048576 or 0"),
        ("REASSEMBLY(575)", 12, "576 to 65535"),
        ("SNIFFER(0)", 9, "1 to 65535"),
        ("SNIFFER(100,NAI)", 13, "ETHERNET or TOKENRING or TCPDUMP"),
        ("TELNET(65536)", 8, "0 to 65535"),
        ("SEGMENT(1)", 1, "no operand"),
        ("NOSEGMENT(1)", 1, "no operand"),
        ("NOREASSEMBLY(1)", 1, "no operand"),
        ("FIRST(1)", 1, "no operand"),
        ("TOD(1)", 1, "no operand"),
        ("GMT(1)", 1, "no operand"),
        ("NOT(1)", 1, "no operand"),
        ("MACADDR(1234)", 9, "12 hex digits"),
        ("DEVICEID(1234)", 10, "8 hex digits"),
        ("ELEMENT(123456789)", 9, "0 to FFFFFFFF in hex"),
        ("QID(256)", 5, "0 to 255"),
        ("DEVTYPE(IPAQENT)", 9, "near: IPAQENET"),
        ("DEVTYPE(IPAQ)", 9, "IPAQTR"),
    ],
)
def test_what_a_keyword_does_not_take_is_refused(text: str, position: int, allowed: str) -> None:
    with pytest.raises(RequestError, match=re.escape(allowed)) as refusal:
        parse(text)
    assert refusal.value.id == "ZJB0205E"
    assert refusal.value.values["position"] == position


def test_names_of_device_types_may_be_cut_short() -> None:
    assert parse("DEVTYPE(CL,LOOPBACK 34)").selection.devtypes == ("CLAW", "LOOPBACK", "34")


def test_the_last_of_two_opposites_holds() -> None:
    assert parse("NOREASSEMBLY REASSEMBLY").selection.reassemble
    assert not parse("REASSEMBLY NOREASSEMBLY").selection.reassemble
    assert parse("REASSEMBLY NOREASSEMBLY").devices == ()
    assert parse("CHECKSUM NOCHECKSUM").reports == ()
    assert parse("NOCHECKSUM CHECKSUM").reports == ("CHECKSUM",)


def test_devices_replace_no_report() -> None:
    assert parse("SNIFFER REASSEMBLY").reports == ()
    assert parse("SNIFFER REASSEMBLY").devices == ("SNIFFER", "REASSEMBLY")


def test_telnet_selects_its_port() -> None:
    assert parse("TELNET(1023,132)").selection.ports == (Range(1023, 1023),)


@pytest.mark.parametrize("text", ["STREAM(,)", "PORT(1,,2)", "FTP(20,,21)"])
def test_what_is_left_out_between_commas_has_its_default(text: str) -> None:
    parse(text)
    assert parse("PORT(1,,2)").selection.ports == (Range(1, 1), Range(2, 2))


@pytest.mark.parametrize(("text", "choices"), [("NO", "NOCHECKSUM"), ("DE", "DELAYACK"), ("S", "SESSION")])
def test_a_word_cut_too_short_is_ambiguous(text: str, choices: str) -> None:
    with pytest.raises(RequestError, match=choices) as refusal:
        parse(text)
    assert refusal.value.id == "ZJB0203E"


@pytest.mark.parametrize("name", KEYWORDS)
def test_every_keyword_is_found_by_its_shortest_form(name: str) -> None:
    """The shortest start of a name that no other keyword has; the keyword itself where another one goes on."""
    shortest = next(
        (name[:n] for n in range(1, len(name)) if [k for k in KEYWORDS if k.startswith(name[:n])] == [name]), name
    )
    from zjobs.trace.grammar import find

    assert find(shortest, 1) is find(name, 1)
    assert find(name.lower(), 1).name == name
