"""Members: what the manuals' models say, columns and characters of JCL, and the committed ones."""

import re
from pathlib import Path

import pytest

from mock_zos.lpar import create
from mock_zos.state import State
from zjobs.cli import run
from zjobs.errors import RequestError
from zjobs.host import open_host
from zjobs.host.mock import MockHost
from zjobs.jobs.members import write
from zjobs.lifecycle.profile import parse
from zjobs.members.kinds import KINDS
from zjobs.members.render import members

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "ftp-hang.yaml"

PROFILE = """
name: two-stacks
stack: TCPCS
writer: {proc: PTWRT, wrap: false, cylinders: 30, datasets: [NET.TRACE.T01, NET.TRACE.T02]}
parmlib: {member: CTPTWR00, buffer: 64M}
filters: [{ip: 192.0.2.10, port: 21, length: full}]
stop: {after: 5m}
"""


def one(kind, text=PROFILE, **options):
    (member,) = members(parse(text), [kind], **options)
    return member


def test_the_committed_members_are_what_the_example_gives():
    made = {member.path: "\n".join(member.lines) + "\n" for member in members(parse(EXAMPLE.read_text("utf-8")))}
    for path, text in made.items():
        assert (ROOT / path).read_text("utf-8") == text, f"run: zjobs members {EXAMPLE.relative_to(ROOT)} --to ."
    folders = {kind.folder for kind in KINDS.values()}
    assert {path.relative_to(ROOT) for folder in folders for path in (ROOT / folder).iterdir()} == set(made)


def test_the_writer_procedure_is_the_manuals_model():
    statements = [line for line in one("proc", EXAMPLE.read_text("utf-8")).lines if not line.startswith("//*")]
    assert statements == [
        "//AESWRT   PROC",
        "//IEFPROC  EXEC PGM=ITTTRCWR,REGION=0K,TIME=1440",
        "//TRCOUT01 DD DSN=SYS2.CTRACE.&SYSNAME..D&LYYMMDD..T&LHHMMSS,",
        "//            DISP=(NEW,CATLG),UNIT=SYSDA,",
        "//            SPACE=(CYL,(500,0),,CONTIG),DSORG=PS",
    ]


def test_nowrap_has_secondary_space_and_each_data_set_its_dd():
    text = "\n".join(one("proc").lines)
    assert re.findall(r"TRCOUT0\d DD DSN=\S+", text) == [
        "TRCOUT01 DD DSN=NET.TRACE.T01,",
        "TRCOUT02 DD DSN=NET.TRACE.T02,",
    ]
    assert text.count("SPACE=(CYL,(30,3)),DSORG=PS") == 2
    assert not re.search(r"^//[^*].*(RLSE|RECFM|LRECL|BLKSIZE|DPRTY)", text, re.MULTILINE)


def test_the_parmlib_member_connects_and_does_not_start_the_writer():
    text = re.sub(r"/\*.*?\*/", "", "\n".join(one("parmlib").lines)).split()
    assert text == ["TRACEOPTS", "ON", "WTR(PTWRT)", "BUFSIZE(64M)"]


def test_a_reply_needs_no_parmlib_member():
    text = PROFILE.replace("parmlib: {member: CTPTWR00, buffer: 64M}", "reply: true")
    assert "parmlib" not in {member.kind for member in members(parse(text))}
    with pytest.raises(RequestError, match="ZJB0602E"):
        one("parmlib", text)
    lines = one("commands", text).lines
    assert "TRACE CT,ON,COMP=SYSTCPDA,SUB=(TCPCS)" in lines
    assert "R nn,WTR=PTWRT,END" in lines


def test_ipcs_gets_the_ports_of_the_filter():
    text = "\n".join(one("ipcs").lines)
    assert " CTRACE DDNAME(TRACE) COMP(SYSTCPDA) SUB((TCPCS)) +\n   OPTIONS((PORT(21))) FULL GMT\n END\n/*" in text
    assert "SYS1.SBLSCLI0" in text


def test_jcl_is_within_column_71_upper_case_and_ebcdic():
    for text in (PROFILE, EXAMPLE.read_text("utf-8")):
        for member in members(parse(text)):
            assert len(member.name) <= 8
            for line in member.lines:
                assert len(line) <= 71 or not line.startswith("//"), line
                assert line.encode("cp037").decode("cp1047") == line
                if line.startswith("//") and "'" not in line:
                    assert line == line.upper()
            if KINDS[member.kind].suffix == ".jcl":
                continued = [n for n, line in enumerate(member.lines) if line.startswith("//") and line.endswith(",")]
                assert all(re.match(r"// {2,13}\S", member.lines[n + 1]) for n in continued)


def test_a_statement_beyond_column_71_is_refused(tmp_path):
    (tmp_path / "proc.j2").write_text("//{{ member }} PROC " + "X" * 60 + "\n", "utf-8")
    with pytest.raises(RequestError, match="ZJB0603E PTWRT line 1"):
        one("proc", templates=tmp_path)
    (tmp_path / "proc.j2").write_text("//lower PROC\n", "utf-8")
    with pytest.raises(RequestError, match="ZJB0604E"):
        one("proc", templates=tmp_path)


def test_a_site_overrides_one_template_and_keeps_the_others(tmp_path):
    (tmp_path / "proc.j2").write_text("//{{ member }} PROC OURS\n", "utf-8")
    assert one("proc", templates=tmp_path).lines == ("//PTWRT PROC OURS",)
    assert one("parmlib", templates=tmp_path).lines == one("parmlib").lines


def test_members_go_into_a_library_and_start_a_trace_from_there(tmp_path):
    create(tmp_path / "lpar", State(1_700_000_000_000_000), [])
    host = open_host(f"mock:{tmp_path / 'lpar'}")
    profile = parse(PROFILE.replace("stack: TCPCS", "stack: TCPIP"))
    write(members(profile, ["proc"]), "//'SYS1.PROCLIB'", host)
    ((_, place),) = write(members(profile, ["parmlib"]), "//'USER.PARMLIB'", host)
    assert place == "//'USER.PARMLIB(CTPTWR00)'"
    assert "ALL" in host.oper("TRACE CT,WTRSTART=PTWRT,NOWRAP")[0]
    host.sleep(3)
    assert "ALL" in host.oper("TRACE CT,ON,COMP=SYSTCPDA,SUB=(TCPIP),PARM=CTPTWR00")[0]
    state = host._lpar.state
    assert (state.writers[0].datasets, state.subtraces[0].buffer) == (["NET.TRACE.T01", "NET.TRACE.T02"], "0064M")
    with pytest.raises(RequestError, match="ZJB0605E"):
        write(members(profile, ["proc"]), "//'USER.PROCLIB(X)'", host)


def test_jobs_can_be_submitted_and_members_that_are_none_cannot(tmp_path, capsys):
    create(tmp_path / "l", State(0), [])
    host = f"mock:{tmp_path / 'l'}"
    assert run(["--host", host, "members", str(EXAMPLE), "--only", "deadman", "--submit"]) == 0
    assert "ZJB0608I job FTPHANGD submitted as JOB00001" in capsys.readouterr().out
    assert open_host(host).find_jobs("FTPHANGD") == ["JOB00001"]
    assert run(["--host", host, "members", str(EXAMPLE), "--only", "proc", "--submit"]) == 8
    assert "ZJB0609E" in capsys.readouterr().err


def test_the_dead_man_job_stops_a_trace_that_nobody_else_stops(tmp_path):
    create(tmp_path / "l", State(0), [])
    host = open_host(f"mock:{tmp_path / 'l'}")
    for command in (
        "TRACE CT,WTRSTART=AESWRT,WRAP",
        "V TCPIP,TCPIP,PKT,LINKN=ETH1,ON,FULL,PROT=TCP",
        "TRACE CT,ON,COMP=SYSTCPDA,SUB=(TCPIP),PARM=CTAESPRM",
    ):
        host.oper(command)
        host.sleep(3)
    assert host.lpar.state.writers[0].status == "ACTIVE"
    job = host.submit(one("deadman", EXAMPLE.read_text("utf-8")).lines)
    host.sleep(25 * 60 - 5)
    assert host.lpar.state.subtrace("SYSTCPDA", "TCPIP").mode == "ON"
    host.sleep(20)
    state = host.lpar.state
    assert (state.writers, state.subtrace("SYSTCPDA", "TCPIP").mode) == ([], "OFF")
    assert {link.filter for link in state.links} == {"CLEAR"}
    assert host.job_state(job).code == 0
    assert any("EZZ0053I" in line for line in host.spool(job, "ISFOUT"))


def test_the_layout_probe_is_made_only_when_asked_for():
    assert "layout-probe" not in {member.kind for member in members(parse(PROFILE))}
    (probe,) = members(parse(PROFILE), ["layout-probe"])
    text = "\n".join(probe.lines)
    assert '#include "ezbypthh"' in text
    assert all(f'F("{field}"' in text for field in ("len", "flag", "tlen", "infname", "time", "src", "dst", "plen"))
    assert max(map(len, probe.lines)) <= 72
    assert all(line.encode("cp037").decode("cp1047") == line for line in probe.lines)


def test_the_dead_man_job_of_a_run_has_the_sites_job_card(tmp_path, monkeypatch):
    create(tmp_path / "l", State(0), [])
    site = tmp_path / "site"
    site.mkdir()
    original = (ROOT / "zjobs" / "members" / "templates" / "site.yaml").read_text("utf-8")
    (site / "site.yaml").write_text(original.replace("jobclass: A", "jobclass: Q"), "utf-8")
    monkeypatch.setenv("ZJOBS_TEMPLATES", str(site))
    taken = []
    monkeypatch.setattr(MockHost, "submit", lambda self, jcl: taken.append(list(jcl)) or "JOB00001")
    assert run(["--host", f"mock:{tmp_path / 'l'}", "capture", "run", str(EXAMPLE)]) in (0, 4)
    assert ",CLASS=Q," in taken[0][0]
