"""Statements of IPCS: continuation, comments, places, operands cut short, refusals."""

import re

import pytest

from zjobs.errors import RequestError
from zjobs.trace import subcommand
from zjobs.trace.keywords import KEYWORDS
from zjobs.trace.select import Range
from zjobs.trace.statement import Statement, operands, statements
from zjobs.trace.subcommand import Ctrace, Defaults, ctrace


def one(text: str) -> Statement:
    found = statements(text.splitlines())
    assert len(found) == 1
    return found[0]


def read(operand_text: str, defaults: Defaults | None = None) -> Ctrace:
    return ctrace(one(f"CTRACE COMP(SYSTCPDA) {operand_text}"), defaults)


def test_plus_drops_the_leading_blanks_of_the_next_line_and_minus_keeps_them() -> None:
    assert one("CTRACE COMP(SYS+\n   TCPDA) FULL").text == "CTRACE COMP(SYSTCPDA) FULL"
    assert one("CTRACE-\n  FULL").text == "CTRACE  FULL"
    assert [s.text for s in statements(["END +"])] == ["END +"]


def test_a_statement_ends_with_its_line() -> None:
    assert [s.verb for s in statements(["IPCS NOPARM", "", " dropd file(trace)", "END"])] == ["IPCS", "DROPD", "END"]


def test_comments_are_blanks_and_quotes_hold_them() -> None:
    statement = one("CTRACE /* what */ FULL /* not closed")
    assert [o.name for o in operands(statement)] == ["FULL"]
    assert one("CTRACE USEREXIT('a/*b')").text.endswith("('a/*b')")
    assert [s.verb for s in statements(["/* only */", "END"])] == ["END"]


def test_sequence_numbers_are_left_out() -> None:
    line = " CTRACE COMP(SYSTCPDA) FULL".ljust(72) + "00010000"
    assert one(line).text.rstrip() == " CTRACE COMP(SYSTCPDA) FULL"
    kept = " CTRACE COMP(SYSTCPDA) FULL".ljust(72) + "TALLY   "
    assert one(kept).text.rstrip().endswith("TALLY")


def test_places_are_those_of_the_line_that_was_written() -> None:
    statement = one(" CTRACE COMP(SYSTCPDA) +\n   FUL GARBAGE")
    found = list(operands(statement))
    assert [statement.place(o.at) for o in found] == ["9 of line 1", "4 of line 2", "8 of line 2"]
    assert one("CTRACE FULL").place(7) == "8"


def test_defaults_are_short_and_gmt() -> None:
    found = read("")
    assert (found.form, found.clock, found.component, found.subname, found.query) == (
        "SHORT",
        "GMT",
        "SYSTCPDA",
        "",
        None,
    )


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("SUB((TCPIP))", "subname", "TCPIP"),
        ("SUB(TCPIP)", "subname", "TCPIP"),
        ("SYSN(SYSA)", "sysname", "SYSA"),
        ("SHORT", "form", "SHORT"),
        ("FU", "form", "FULL"),
        ("SUM", "form", "SUMMARY"),
        ("TA", "form", "TALLY"),
        ("TALLY FULL", "form", "FULL"),
        ("LOC", "clock", "LOCAL"),
        ("GM", "clock", "GMT"),
        ("Q", "query", ""),
        ("QUERY(SYSTCPDA)", "query", "SYSTCPDA"),
        ("CURRENT", "idle", ("CURRENT",)),
        ("ERROR TCPERROR", "idle", ("ERROR", "TCBERROR")),
        ("TCBERROR", "idle", ("TCBERROR",)),
        ("ALL", "idle", ()),
    ],
)
def test_operands_say_what_is_asked(text: str, field: str, value: object) -> None:
    assert getattr(read(text), field) == value


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("START(02/21/24,12.34.56.789012)", "start_ns", 1_708_518_896_789_012_000),
        ("STOP(02/21/24,12.34.56)", "stop_ns", 1_708_518_896_000_000_000),
        ("LIMIT(5)", "limit", 5),
        ("LIMIT(5) OPTIONS((LIMIT(3)))", "limit", 3),
        ("LIMIT(2) OPTIONS((LIMIT(3)))", "limit", 2),
        ("ENTIDLIST(4,5)", "entry_ids", (4, 5)),
        ("ENT(00000004 8)", "entry_ids", (4, 8)),
        ("JOBLIST(FTPD1,ETH1)", "joblist", ("FTPD1", "ETH1")),
        ("JOB(FTPD1) JOBNAME(IUTIQDIO4)", "joblist", ("FTPD1", "IUTIQDIO")),
        ("ASIDLIST(30,X'40':X'42')", "numbers", {"asid": (Range(30, 30), Range(64, 66))}),
        ("USEREXIT(mine:select)", "exit_before", "mine:select"),
        ("OPTIONS((USEREXIT(mine:select)))", "exit_after", "mine:select"),
        ("OPTIONS((FTP(20,21)))", "ports", (Range(20, 20), Range(21, 21))),
        ("OPTION((FTP(20,21)))", "ports", (Range(20, 20), Range(21, 21))),
        ("OPT((FTP(20,21)))", "ports", (Range(20, 20), Range(21, 21))),
    ],
)
def test_operands_say_which_records(text: str, field: str, value: object) -> None:
    assert getattr(read(text).options.selection, field) == value


@pytest.mark.parametrize(
    ("text", "sources"),
    [
        ("DSNAME('SYS2.CTRACE.X')", ("//'SYS2.CTRACE.X'",)),
        ("DSN(SYS2.CTRACE.X)", ("//'SYS2.CTRACE.X'",)),
        ("DATASET(sys2.ctrace.x)", ("//'SYS2.CTRACE.X'",)),
        ("DDNAME(TRACE)", ("//DD:TRACE",)),
        ("FILE(trace)", ("//DD:TRACE",)),
        ("", ("//DD:OLD",)),
    ],
)
def test_the_source_is_named_or_inherited(text: str, sources: tuple[str, ...]) -> None:
    assert read(text, Defaults(("//DD:OLD",))).defaults.sources == sources


def test_where_print_goes_is_said_or_inherited() -> None:
    old = Defaults(print=True, terminal=False)
    assert read("FLAG(ERROR) TEST NOTEST", old).defaults == old
    assert read("NOPRINT TERM", old).defaults == Defaults(print=False, terminal=True)
    assert read("PRI NOTERM").defaults == Defaults(print=True, terminal=False)


def test_setdef_hands_on_what_concerns_a_trace() -> None:
    text = "SETDEF NOCONFIRM PRINT NOTERM DSNAME('A.B') LENGTH(4) DISPLAY(NOMACHINE) ACTIVE"
    assert subcommand.setdef(one(text), Defaults()) == Defaults(("//'A.B'",), True, False)


def test_copytrc_names_sources_and_target() -> None:
    found = subcommand.copytrc(
        one("COPYTRC TYPE(CTRACE) INFILE(ONE,TWO) OUTDSN(A.B) START(02/21/24,12.34.56)"), Defaults()
    )
    assert (found.sources, found.target) == (("//DD:ONE", "//DD:TWO"), "//'A.B'")
    assert found.selection.start_ns == 1_708_518_896_000_000_000
    assert subcommand.copytrc(one("COPYTRC OUTFILE(OUT)"), Defaults(("//DD:IN",))).sources == ("//DD:IN",)


@pytest.mark.parametrize(
    ("text", "id", "words"),
    [
        ("EXCEPTION", "ZJB0224E", ["position 23", "no exception records"]),
        ("EXC", "ZJB0224E", ["position 23"]),
        ("FULLL", "ZJB0221E", ["position 23", "FULL"]),
        ("S", "ZJB0222E", ["SHORT, START, STOP, SUB, SUMMARY, SYSNAME"]),
        ("NOT", "ZJB0222E", ["NOTERMINAL, NOTEST"]),
        ("FULL)", "ZJB0220E", ["position 27", ")"]),
        ("OPTIONS((FTP(20)", "ZJB0220E", ["position 30", "not closed"]),
        ("OPTIONS((FTPP(20)))", "ZJB0201E", ["FTPP", "position 32", "FTP"]),
        ("OPTIONS((TCP PORT(70000)))", "ZJB0205E", ["70000", "position 41"]),
        ("OPTIONS((TCP) FULL", "ZJB0220E", ["not closed"]),
        ("LIMIT(0)", "ZJB0223E", ["position 29", "1 to 999999999"]),
        ("LIMIT", "ZJB0223E", ["nothing", "LIMIT"]),
        ("ENTIDLIST(4,9)", "ZJB0205E", ["9", "position 35"]),
        ("ASIDLIST(0)", "ZJB0223E", ["1 to 65535"]),
        ("ASIDLIST(X'zz')", "ZJB0223E", ["1 to 65535"]),
        ("SUB((ONE TWO))", "ZJB0223E", ["one name"]),
        ("START(yesterday)", "ZJB0207E", ["yesterday", "position 29"]),
        ("START(02/22/24,00.00.00) STOP(02/21/24,00.00.00)", "ZJB0208E", ["STOP"]),
        ("DSNAME()", "ZJB0223E", ["DSNAME"]),
    ],
)
def test_what_is_wrong_is_one_message_with_its_place(text: str, id: str, words: list[str]) -> None:
    with pytest.raises(RequestError) as refusal:
        read(text)
    assert refusal.value.id == id
    for word in words:
        assert re.search(re.escape(word), str(refusal.value)), str(refusal.value)


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("CTRACE FULL", "ZJB0220E"),
        ("CTRACE COMP(SYSTCPIP)", "ZJB0223E"),
        ("CTRACE COMP", "ZJB0223E"),
    ],
)
def test_a_component_is_needed_and_must_be_a_packet_trace(text: str, id: str) -> None:
    with pytest.raises(RequestError) as refusal:
        ctrace(one(text))
    assert refusal.value.id == id


@pytest.mark.parametrize("name", sorted(subcommand._CTRACE))
def test_every_operand_is_found_by_its_shortest_form(name: str) -> None:
    from zjobs.trace.statement import Operand, named

    meaning = subcommand._CTRACE[name]
    shortest = next(
        name[:n]
        for n in range(1, len(name) + 1)
        if {subcommand._CTRACE[o] for o in subcommand._CTRACE if o.startswith(name[:n])} == {meaning} or n == len(name)
    )
    assert named(one("CTRACE X"), Operand(shortest.lower(), 7), subcommand._CTRACE) == meaning


def test_every_keyword_of_options_is_taken_inside_a_statement() -> None:
    """None is mistaken for something of the statement itself."""
    for name, keyword in KEYWORDS.items():
        if keyword.operand == "none":
            read(f"OPTIONS(({name}))")
