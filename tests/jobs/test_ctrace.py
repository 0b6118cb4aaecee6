"""Statements and decks of IPCS carried out: where they read, where they print, and what they leave alone."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from encoder import packet_records, wrap_pcap
from encoder.containers import packed, rdw, single
from packets import ip4, tcp
from readings import expected, rows, trace_of, write

from mock_zos.lpar import create
from mock_zos.state import State
from zjobs.host import open_host
from zjobs.host.base import DatasetSpec

CAPTURES = Path(__file__).parent.parent / "captures"
TIME_US = 1_708_518_896_000_000


@pytest.fixture(scope="module")
def wrapped():
    return {name: wrap_pcap(CAPTURES / f"{name}.pcap") for name in ("dns", "ftp-hang")}


@pytest.fixture
def sources(tmp_path: Path, wrapped) -> list[str]:
    """--dd for two traces of one system, the later one first."""
    arguments = []
    for dd, name in (("ONE", "ftp-hang"), ("TWO", "dns")):
        path = write(tmp_path / name, rdw(packed(wrapped[name].ctes, length=24)))
        arguments += ["--dd", f"{dd}={path}"]
    return arguments


def deck(tmp_path: Path, text: str) -> Path:
    return write(tmp_path / "deck", text.encode("ascii"))


def numbers(text: str) -> list[tuple[int, str]]:
    """Record numbers and times of the record lines."""
    found = re.findall(r"^ *(\d+) SYS1 +\w+ +[0-9A-F]{8} (\d\d:\d\d:\d\d\.\d{6}) ", text, re.MULTILINE)
    return [(int(number), time) for number, time in found]


def test_a_statement_prints_what_format_prints(tmp_path: Path, zjobs, sources: list[str]) -> None:
    path = tmp_path / "ftp-hang"
    run = zjobs("ctrace", "CTRACE COMP(SYSTCPDA) SUB((TCPIP)) OPTIONS((FTP(20,21))) FULL GMT", path)
    same = zjobs("format", "--full", "--options", "FTP(20,21)", "--comp", "SYSTCPDA", "--sub", "TCPIP", path)
    assert (run.code, run.text) == (same.code, same.text)
    named = zjobs("ctrace", "CTRACE DDNAME(ONE) COMP(SYSTCPDA) OPT((FTP(20,21))) FU", *sources)
    assert named.text == same.text.replace(f" FILE({path})", " FILE(ONE)").replace("FTP(20,21)))", "FTP(20,21)))")


def test_operands_of_the_subcommand_select(tmp_path: Path, zjobs) -> None:
    ctes = [
        c
        for k in range(4)
        for c in packet_records(ip4(6, tcp(1, 2)), time_us=TIME_US + k * 1_000_000, asid=0x40 + k, interface=f"ETH{k}")
    ]
    path = write(tmp_path / "trace", rdw(single(ctes)))

    def chosen(text: str) -> list[str]:
        run = zjobs("ctrace", f"CTRACE COMP(SYSTCPDA) SUMMARY {text}", path)
        assert run.code in (0, 4), run.err
        return re.findall(r"^[IO]T +\d+ \d\d:\d\d:(\d\d)", run.text, re.MULTILINE)

    assert chosen("") == ["56", "57", "58", "59"]
    assert chosen("ASIDLIST(X'41':X'42')") == ["57", "58"]
    assert chosen("ASIDLIST(64)") == ["56"]
    assert chosen("JOBLIST(ETH3 ETH0)") == ["56", "59"]
    assert chosen("JOBNAME(ETH)") == []
    assert chosen("START(02/21/24,12.34.58)") == ["58", "59"]
    assert chosen("STOP(02/21/24,12.34.57.500000)") == ["56", "57"]
    assert chosen("LIMIT(1)") == ["56"]
    assert chosen("ENTIDLIST(5)") == []
    assert chosen("ASIDLIST(X'41':X'42') OPTIONS((NOT RECORDS(2)))") == ["58"]
    assert chosen("JOBLIST(ETH3 ETH0) OPTIONS((NOT RECORDS(1)))") == ["59"]


def test_a_user_exit_needs_its_switch(tmp_path: Path, zjobs, sources: list[str]) -> None:
    path = write(tmp_path / "exit.py", b"def select(table):\n    return table.number == 7\n")
    text = f"CTRACE DDNAME(ONE) COMP(SYSTCPDA) USEREXIT({path})"
    refused = zjobs("ctrace", text, *sources)
    assert (refused.code, refused.err.split()[0], refused.out) == (8, "ZJB0213E", b"")
    assert [n for n, _ in numbers(zjobs("ctrace", text, *sources, "--allow-exit").text)] == [7]


DECK = """\
 PROFILE MSGID
 IPCS NOPARM
 DROPD FILE(ONE)
 SETDEF NOCONFIRM PRINT NOTERM DDNAME(ONE)     /* batch */
 CTRACE COMP(SYSTCPDA) SUB((TCPIP)) +
   OPTIONS((FTP(20,21))) -
   SUMMARY
 CTRACE DDNAME(TWO) COMP(SYSTCPDA) TALLY
 END
 NONSENSE
"""


def test_a_deck_is_carried_out_up_to_its_end(tmp_path: Path, zjobs, sources: list[str]) -> None:
    out = tmp_path / "out"
    run = zjobs("ctrace", "--deck", deck(tmp_path, DECK), *sources, "--out", out)
    assert run.code == 4
    assert run.err.splitlines() == ["ZJB0226W command PROFILE on line 1 is skipped: it is none that concerns a trace"]
    text = out.read_text()
    assert re.findall(r"^COMPONENT TRACE \w+", text, re.MULTILINE) == [
        "COMPONENT TRACE SUMMARY",
        "COMPONENT TRACE TALLY",
    ]
    assert re.findall(r"^ FILE\(\w+\)", text, re.MULTILINE) == [" FILE(ONE)", " FILE(TWO)"]


def test_a_verb_that_is_misspelt_is_told_with_its_near_misses(tmp_path: Path, zjobs, sources: list[str]) -> None:
    run = zjobs("ctrace", "--deck", deck(tmp_path, " CTRCE COMP(SYSTCPDA) TALLY\n END\n"), *sources)
    assert run.code == 4 and "; near: CTRACE" in run.err
    assert "; near: CTRACE" in zjobs("ctrace", "CTRACES COMP(SYSTCPDA)", *sources).err


def test_one_wrong_statement_leaves_nothing_half_done(tmp_path: Path, zjobs, sources: list[str]) -> None:
    out = tmp_path / "out"
    text = DECK.replace("TALLY\n", "OPTIONS((TALY))\n")
    run = zjobs("ctrace", "--deck", deck(tmp_path, text), *sources, "--out", out)
    assert (run.code, out.exists()) == (8, False)
    assert run.err == "ZJB0201E option TALY at position 45 of line 8 is not known; near: TALLY\n"
    unknown = zjobs("ctrace", "--deck", deck(tmp_path, DECK.replace("(TWO)", "(THREE)")), *sources, "--out", out)
    assert (unknown.code, out.exists(), unknown.err.split()[0]) == (8, False, "ZJB0227E")


def test_a_merge_has_the_records_of_all_in_the_order_of_time(tmp_path: Path, zjobs, wrapped) -> None:
    ctes = wrapped["ftp-hang"].ctes
    arguments = []
    for dd, part in (("ONE", ctes[0::2]), ("TWO", ctes[1::2])):
        arguments += ["--dd", f"{dd}={write(tmp_path / dd, rdw(packed(part, length=24)))}"]
    text = (
        " SETDEF NOPRINT TERM\n MERGE\n CTRACE DDNAME(ONE) COMP(SYSTCPDA) SHORT\n"
        " CTRACE DDNAME(TWO) COMP(SYSTCPDA) OPT((TCP FORMAT STAT))\n MERGEEND\n"
    )
    run = zjobs("ctrace", "--deck", deck(tmp_path, text), *arguments)
    assert run.code == 0, run.err
    assert run.text.splitlines()[:4] == [
        "********** MERGED TRACES ***********",
        "01. CTRACE DDNAME(ONE) COMP(SYSTCPDA) SHORT",
        "02. CTRACE DDNAME(TWO) COMP(SYSTCPDA) OPT((TCP FORMAT STAT))",
        "",
    ]
    apart = [
        numbers(zjobs("format", tmp_path / "ONE").text),
        numbers(zjobs("format", tmp_path / "TWO", "--options", "TCP FORMAT").text),
    ]
    merged = numbers(run.text)
    assert [time for _, time in merged] == sorted(time for part in apart for _, time in part)
    assert sorted(merged) == sorted(apart[0] + apart[1])
    assert run.text.count("**** 2026/") == 1
    assert run.text.count("Trace Statistics") == 1
    # Every record is whole: its lines stand together as they do apart.
    blocks = run.text.split("-" * 79 + "\n")
    single_text = zjobs("format", tmp_path / "ONE").text.split("-" * 79 + "\n")
    assert set(single_text[1:]) <= set(blocks)


def test_what_may_not_stand_in_a_merge(tmp_path: Path, zjobs, sources: list[str]) -> None:
    trace = " CTRACE DDNAME(ONE) COMP(SYSTCPDA)"
    for text, word in (
        (f" MERGE\n{trace} OPT((SNIFFER))\n MERGEEND\n", "SNIFFER must not"),
        (f" MERGE\n{trace} OPT((EXPORT))\n MERGEEND\n", "EXPORT must not"),
        (f" MERGE\n{trace}\n", "MERGE is not closed"),
        (f" MERGE\n{trace}\n END\n", "MERGE is not closed"),
        (" MERGEEND\n", "no MERGE"),
        (" MERGE\n MERGEEND\n", "no MERGE"),
        (" MERGE\n CTRACE QUERY DDNAME(ONE)\n MERGEEND\n", "QUERY"),
    ):
        run = zjobs("ctrace", "--deck", deck(tmp_path, text), *sources)
        assert (run.code, run.err.split()[0], run.out) == (8, "ZJB0229E", b""), run.err
        assert word in run.err


def test_copytrc_copies_every_entry_in_the_order_of_time(tmp_path: Path, zjobs, sources: list[str], wrapped) -> None:
    out = tmp_path / "copy"
    text = " COPYTRC INFILE(ONE,TWO) OUTFILE(OUT)\n"
    run = zjobs("ctrace", "--deck", deck(tmp_path, text), *sources, "--dd", f"OUT={out}")
    count = sum(len(w.ctes) for w in wrapped.values())
    assert (run.code, run.err) == (0, f"ZJB0231I {count} trace entries copied to {out}\n")
    items = [i for w in wrapped.values() for i in w.items]
    assert rows(trace_of(out.read_bytes())) == expected(sorted(items, key=lambda i: i.time_us))
    # The entries are the ones of the sources, byte for byte.
    assert out.read_bytes() == rdw(
        sorted((c for w in wrapped.values() for c in w.ctes), key=lambda c: int.from_bytes(c[8:16], "big"))
    )


def test_copytrc_keeps_segments_apart_and_spans_long_entries(tmp_path: Path, zjobs) -> None:
    large = packet_records(ip4(6, tcp(1, 2, data=bytes(range(256)) * 250)), time_us=TIME_US)
    cut = packet_records(ip4(6, tcp(1, 2, data=bytes(5000))), time_us=TIME_US + 1_000_000, max_segment=1000)
    assert len(large) == 1 and len(large[0]) > 2 * 27990 and len(cut) > 3
    path, out = write(tmp_path / "in", b"".join([*large, *cut])), tmp_path / "out"
    dds = ["--dd", f"IN={path}", "--dd", f"OUT={out}"]
    run = zjobs("ctrace", "--deck", deck(tmp_path, "COPYTRC INFILE(IN) OUTFILE(OUT)"), *dds)
    assert run.code == 0, run.err
    assert rows(trace_of(out.read_bytes())) == rows(trace_of(path.read_bytes()))
    data, records = out.read_bytes(), []
    while data:
        size = int.from_bytes(data[:2], "big")
        records.append((data[2], data[4:size]))
        data = data[size:]
    assert [code for code, _ in records] == [1, 3, 2, *([0] * len(cut))]
    assert b"".join(body for _, body in records) == path.read_bytes()


def test_copytrc_selects_and_refuses(tmp_path: Path, zjobs, sources: list[str]) -> None:
    out = ["--dd", f"OUT={tmp_path / 'out'}"]
    text = "COPYTRC INFILE(ONE) OUTFILE(OUT) JOBLIST(EZANTAOS) STOP(11/23/26,02.42.30)"
    run = zjobs("ctrace", "--deck", deck(tmp_path, text), *sources, *out)
    assert run.code == 0, run.err
    found = rows(trace_of((tmp_path / "out").read_bytes()))
    assert found and {r.fmtid for r in found} == {7}
    pcap = ["--dd", f"PCAP={CAPTURES / 'dns.pcap'}"]
    refused = zjobs("ctrace", "--deck", deck(tmp_path, "COPYTRC INFILE(PCAP) OUTFILE(OUT)"), *pcap, *out)
    assert (refused.code, refused.err.split()[0]) == (8, "ZJB0233E")


def test_query_names_what_is_there(tmp_path: Path, zjobs, sources: list[str], wrapped) -> None:
    run = zjobs("ctrace", "CTRACE QUERY", tmp_path / "dns", tmp_path / "ftp-hang")
    assert run.code == 0, run.err
    lines = run.text.splitlines()
    assert lines[0] == "COMPONENT TRACE QUERY SUMMARY"
    counts = [line.split()[:4] for line in lines[3:]]
    assert counts == [["SYSTCPDA", "TCPIP", "SYS1", str(len(wrapped[n].ctes))] for n in ("dns", "ftp-hang")]
    assert zjobs("ctrace", "CTRACE QUERY(SYSTCPOT)", tmp_path / "dns").text.splitlines()[3:] == []
    assert zjobs("ctrace", "CTRACE QUERY SUB((OTHER))", tmp_path / "dns").text.splitlines()[3:] == []


@pytest.mark.parametrize(
    ("arguments", "id"),
    [
        ([], "ZJB0001E"),
        (["PROFILE MSGID"], "ZJB0230E"),
        (["CTRACE COMP(SYSTCPDA)\nEND"], "ZJB0230E"),
        ([""], "ZJB0230E"),
        (["CTRACE COMP(SYSTCPDA)"], "ZJB0228E"),
        (["CTRACE COMP(SYSTCPDA) DDNAME(TRACE)"], "ZJB0227E"),
        (["CTRACE COMP(SYSTCPDA) DDNAME(TRACE)", "--dd", "TRACE"], "ZJB0234E"),
        (["CTRACE COMP(SYSTCPDA) DDNAME(TRACE)", "--dd", "=x"], "ZJB0234E"),
        (["CTRACE COMP(SYSTCPDA) DDNAME(TRACE)", "--dd", "TRACE=/nowhere/x"], "ZJB0101E"),
        (["--deck", "/nowhere/deck"], "ZJB0232E"),
        (["--deck", "/dev/null"], "ZJB0232E"),
    ],
)
def test_requests_that_cannot_be_met(arguments: list[str], id: str, zjobs) -> None:
    run = zjobs("ctrace", *arguments)
    assert (run.code, run.err.split()[0], run.err.count("\n")) == (8, id, 1), run.err


def test_a_system_or_component_that_is_not_there_is_refused(tmp_path: Path, zjobs, sources: list[str]) -> None:
    for text, id in (("COMP(SYSTCPOT)", "ZJB0304E"), ("COMP(SYSTCPDA) SYSNAME(SYS9)", "ZJB0307E")):
        run = zjobs("ctrace", f"CTRACE DDNAME(ONE) {text}", *sources)
        assert (run.code, run.err.split()[0]) == (8, id)
    assert zjobs("ctrace", "CTRACE DDNAME(ONE) COMP(SYSTCPDA) SYSNAME(SYS1)", *sources).code == 0


def test_another_stack_than_the_data_sets_is_told(zjobs, sources: list[str]) -> None:
    run = zjobs("ctrace", "CTRACE DDNAME(ONE) COMP(SYSTCPDA) SUB((TCPIPX)) TALLY", *sources)
    assert (run.code, run.err.split()[0]) == (4, "ZJB0309W")
    assert "TCPIPX" in run.err and "SUBNAME((TCPIP))" in run.text
    same = zjobs("ctrace", "CTRACE DDNAME(ONE) COMP(SYSTCPDA) SUB((TCPIP)) TALLY", *sources)
    assert (same.code, same.err, same.text) == (0, "", run.text)


def test_operands_do_not_rename_what_data_sets_tell(tmp_path: Path, zjobs, wrapped) -> None:
    paths = []
    for name, system in (("dns", "SYS1"), ("ftp-hang", "SYS2")):
        paths.append(write(tmp_path / name, rdw(packed(wrapped[name].ctes, length=24, system=system))))
    run = zjobs("ctrace", "CTRACE COMP(SYSTCPDA) SYSNAME(SYS1) OPTIONS((FORMAT(SUMMARY)))", *paths)
    assert {line.split()[1] for line in run.text.splitlines() if " PACKET " in line} == {"SYS1", "SYS2"}


def test_without_print_and_terminal_nothing_is_printed(tmp_path: Path, zjobs, sources: list[str]) -> None:
    out = tmp_path / "x.csv"
    text = "CTRACE DDNAME(ONE) COMP(SYSTCPDA) NOPRINT NOTERM OPTIONS((EXPORT))"
    run = zjobs("ctrace", text, *sources, "--dd", f"EXPORT={out}")
    assert (run.code, run.out) == (0, b"")
    assert out.read_bytes().count(b"\n") == 91


def test_two_data_sets_of_one_ddname_are_one_trace(tmp_path: Path, zjobs, sources: list[str], wrapped) -> None:
    arguments = [a.replace("TWO=", "ONE=") for a in sources]
    run = zjobs("ctrace", "CTRACE DDNAME(ONE) COMP(SYSTCPDA)", *arguments)
    assert len(numbers(run.text)) == sum(len(w.ctes) for w in wrapped.values())


SYSTEM = {"TRACE": "SYS2.CTRACE", "IPCSPRNT": "USER.LISTING", "EXPORT": "USER.CSV", "SNIFFER": "USER.PCAP",
          "SYSTSIN": "USER.DECK", "OUT": "USER.COPY"}  # fmt: skip


@pytest.fixture
def system(tmp_path: Path, wrapped) -> str:
    """A simulated LPAR on which a job step has allocated what an IPCS job has."""
    lpar = create(tmp_path / "lpar", State(1_700_000_000_000_000), [])
    name = f"mock:{tmp_path / 'lpar'}"
    host = open_host(name)
    specs = {
        "TRACE": DatasetSpec("VB", 27994), "IPCSPRNT": DatasetSpec("FBA", 133), "EXPORT": DatasetSpec("VB", 1028),
        "SNIFFER": DatasetSpec("VB", 1600), "SYSTSIN": DatasetSpec("FB", 80), "OUT": DatasetSpec("VB", 27994),
    }  # fmt: skip
    for dd, dsn in SYSTEM.items():
        host.create(f"//'{dsn}'", specs[dd])
        lpar.allocate(dd, dsn)
    with host.open_records("//'SYS2.CTRACE'", "wb") as out:
        for record in packed(wrapped["ftp-hang"].ctes, length=24):
            out.write(record)
    return name


def test_a_converted_job_reads_and_writes_its_ddnames(system: str, tmp_path: Path, zjobs, wrapped) -> None:
    host = open_host(system)
    host.write_text(
        "//'USER.DECK'",
        [
            " IPCS NOPARM", " SETDEF PRINT NOTERM",
            " CTRACE DDNAME(TRACE) COMP(SYSTCPDA) SUB((TCPIP)) +", "   OPTIONS((EXPORT SNIFFER(1000) FORMAT)) GMT",
            " COPYTRC INFILE(TRACE) OUTFILE(OUT)", " END",
        ],
    )  # fmt: skip
    run = zjobs("--host", system, "ctrace", "--deck", "//DD:SYSTSIN")
    assert run.code == 0, run.err
    assert run.out == b""
    listing = host.read_text("//'USER.LISTING'")
    assert listing[0] == "1COMPONENT TRACE SHORT FORMAT"
    assert " FILE(TRACE)" in [line[1:] for line in listing]
    count = len(wrapped["ftp-hang"].ctes)
    assert any(line.strip() == f"{count + 1} records written to DD:EXPORT" for line in listing)
    rows_of_export = host.read_text("//'USER.CSV'")
    assert len(rows_of_export) == count + 1 and rows_of_export[0].startswith('"Flags ","Packet"')
    with host.open_records("//'USER.COPY'") as records:
        assert list(records) == wrapped["ftp-hang"].ctes
    with host.open_records("//'USER.PCAP'") as records:
        data = b"".join(records)
    assert packets_of(write(tmp_path / "x.pcap", data)) == count


def packets_of(path: Path) -> int:
    """How many packets tcpdump reads; without it, how many packet headers the file has."""
    if shutil.which("tcpdump"):
        done = subprocess.run(["tcpdump", "-nr", str(path)], capture_output=True, check=True)
        assert b"invalid" not in done.stderr and b"truncated" not in done.stderr
        return done.stdout.count(b"\n") - done.stdout.count(b"\n\t")
    data, at, count = path.read_bytes(), 24, 0
    while at < len(data):
        at += 16 + int.from_bytes(data[at + 8 : at + 12], "big")
        count += 1
    return count
