"""The simulated console: commands as operators type them, order rules, what comes later by itself."""

import json
import subprocess
import sys

import pytest

from mock_zos import catalogue
from mock_zos.datasets import DatasetProblem, Datasets
from mock_zos.lpar import Lpar, create
from mock_zos.state import State


@pytest.fixture
def lpar(tmp_path):
    return create(tmp_path / "lpar", State(1_700_000_000_000_000), [])


def ids(lines):
    return [line.split()[0] for line in lines if line[:3] in ("ITT", "IEE", "EZZ", "EZD", "EZA")]


def up(lpar, name="AESWRT"):
    lpar.console(f"TRACE CT,WTRSTART={name}")
    lpar.pass_time(2)


@pytest.mark.parametrize(
    "command",
    [
        "V TCPIP,TCPIP,PKT,ON,IP=192.0.2.10",
        "v tcpip,tcpip,pkt,on,ip=192.0.2.10",
        "VARY TCPIP,TCPIP,PKTTRACE,ON,IPADDR=192.0.2.10",
        "V TCPIP,,PKTT,IPA=192.0.2.10/32,ON",
        "V TCPIP,TCPIP,PKT,LINKN=ETH1,ON,IP=192.0.2.10,SUBN=255.255.255.255",
        "V TCPIP,TCPIP,PKT,INTFNAME=ETH1,ON,IP=192.0.2.10",
    ],
)
def test_a_filter_in_every_spelling(lpar, command):
    assert ids(lpar.console(command)) == ["EZZ0060I", "EZZ0053I"]
    (setting,) = next(link for link in lpar.state.links if link.name == "ETH1").settings
    assert setting.address == "192.0.2.10/32"


@pytest.mark.parametrize(
    "command",
    [
        "V TCPIP,TCPIP,PKT,ON,OFF",
        "V TCPIP,TCPIP,PKT,ON,ON",
        "V TCPIP,TCPIP,PKT,ON,COLOUR=RED",
        "V TCPIP,TCPIP,PKT,ON,PO=21",
        "V TCPIP,TCPIP,PKT,ON,PORTNUM=0",
        "V TCPIP,TCPIP,PKT,ON,PORTNUM",
        "V TCPIP,TCPIP,PKT,ON,PORTNUM=",
        "V TCPIP,TCPIP,PKT,ON=1",
        "V TCPIP,TCPIP,PKT,ON,IP=192.0.2",
        "V TCPIP,TCPIP,PKT,ON,PROT=SCTP",
        "V TCPIP,TCPIP,PKT,LINKN=ETH9,ON",
        "V TCPIP,OTHER,PKT,ON",
        "V TCPIP,TCPIP,OSAENTA,PORTNAME=X,ON",
    ],
)
def test_a_wrong_filter_is_refused_and_sets_nothing(lpar, command):
    assert ids(lpar.console(command))[-1] == "EZZ0059I"
    assert not any(link.settings for link in lpar.state.links)


@pytest.mark.parametrize(
    ("command", "id"),
    [
        ("FOO", "IEE305I"),
        ("", "IEE305I"),
        ("TRACE", "IEE708I"),
        ("TRACE CT", "IEE708I"),
        ("TRACE CT, WTRSTART=AESWRT", "IEE707I"),
        ("V TCPIP,TCPIP,PKT, CLEAR", "IEE707I"),
        ("V TCPIP,TCPIP,PKT,ON,IP=" + "1" * 120, "IEE707I"),
        ("D X", "IEE708I"),
        ("D TCPIP,TCPIP,NETSTAT,HOME", "IEE708I"),
        ("R 12,END", "IEE120I"),
    ],
)
def test_what_is_no_command_is_refused(lpar, command, id):
    assert ids(lpar.console(command))[0] == id


def test_on_begins_anew_and_others_are_ored(lpar):
    for command in ("PKT,LINKN=ETH1,ON,PORTNUM=21", "PKT,LINKN=ETH1,PORTNUM=20"):
        lpar.console(f"V TCPIP,TCPIP,{command}")
    eth1 = lpar.state.links[1]
    assert [one.port for one in eth1.settings] == [21, 20]
    lpar.console("V TCPIP,TCPIP,PKT,LINKN=ETH1,ON,PORTNUM=80")
    assert [one.port for one in lpar.state.links[1].settings] == [80]
    lpar.console("V TCPIP,TCPIP,PKT,OFF")
    assert (lpar.state.links[1].filter, lpar.state.links[0].filter) == ("OFF", "CLEAR")
    assert "PACKET TRACE SETTING" not in "".join(lpar.console("D TCPIP,TCPIP,NETSTAT,DE"))


def test_the_writer_comes_and_goes_later_and_says_so_in_the_log(lpar):
    answer = lpar.console("TRACE CT,WTRSTART=AESWRT,WRAP")
    assert ids(answer) == ["ITT038I", "IEE839I"]
    assert lpar.state.writers[0].status == "STARTING"
    lpar.pass_time(2)
    log = [line.text for line in lpar.log()]
    assert any(line.startswith("ITT110I") for line in log)
    assert any(line.startswith("AHL906I") for line in log)
    assert "NONE" in lpar.console("TRACE CT,WTRSTART=AESWRT")[1]
    lpar.console("TRACE CT,WTRSTOP=AESWRT,FLUSH")
    assert lpar.state.writers[0].status == "STOPPING"
    lpar.pass_time(2)
    assert lpar.state.writers == []
    assert [line.text for line in lpar.log()][-2].startswith("ITT111I")


@pytest.mark.parametrize(
    ("before", "command"),
    [
        ([], "TRACE CT,ON,COMP=SYSTCPDA,SUB=(TCPIP),PARM=CTAESPRM"),  # writer not active
        ([], "TRACE CT,ON,COMP=SYSTCPDA,PARM=CTAESPRM"),  # the head never traces
        ([], "TRACE CT,ON,COMP=SYSTCPXX,SUB=(TCPIP),PARM=CTAESPRM"),
        ([], "TRACE CT,ON,COMP=SYSTCPDA,SUB=(OTHER),PARM=CTAESPRM"),
        ([], "TRACE CT,ON,COMP=SYSTCPDA,SUB=(TCPIP),PARM=CTNOSUCH"),
        ([], "TRACE CT,OFF,COMP=SYSTCPDA,SUB=(TCPIP)"),
        ([], "TRACE CT,WTRSTOP=AESWRT"),
        ([], "TRACE CT,WTRSTART=NOSUCH"),
        ([], "TRACE CT,1K,COMP=SYSTCPDA,SUB=(TCPIP)"),
        ([], "TRACE CT,2000M,COMP=SYSTCPDA,SUB=(TCPIP)"),
        (["up", "TRACE CT,ON,COMP=SYSTCPDA,SUB=(TCPIP),PARM=CTAESPRM"], "TRACE CT,WTRSTOP=AESWRT"),
        (["TRACE CT,WTRSTART=AESWRT"], "TRACE CT,WTRSTOP=AESWRT"),  # still starting
    ],
)
def test_order_rules_are_enforced(lpar, before, command):
    for step in before:
        if step == "up":
            up(lpar)
        else:
            assert "ITT038I ALL" in "\n".join(lpar.console(step))
    answer = "\n".join(lpar.console(command))
    assert "ITT038I NONE" in answer
    assert lpar.state.subtraces[0].mode == ("ON" if "WTRSTOP" in command and "up" in before else "OFF")


def test_the_reply_dialogue(lpar):
    up(lpar)
    (prompt,) = lpar.console("TRACE CT,ON,COMP=SYSTCPDA,SUB=(TCPIP)")
    assert prompt == "*06 ITT006A SPECIFY OPERAND(S) FOR TRACE CT COMMAND."
    assert lpar.outstanding() == [("06", "ITT006A SPECIFY OPERAND(S) FOR TRACE CT COMMAND.")]
    again = lpar.console("R 6,WTR=AESWRT,CONT")
    assert again[0] == "IEE600I REPLY TO 06 IS;WTR=AESWRT,CONT"
    assert again[1].startswith("*07 ITT006A")
    answer = lpar.console("R 07,END")
    assert ids(answer) == ["IEE600I", "ITT038I", "IEE839I"]
    assert (lpar.state.subtraces[0].mode, lpar.state.subtraces[0].writer) == ("ON", "AESWRT")
    assert "NO MESSAGES OUTSTANDING" in lpar.console("D R,L")[1]


def test_a_reply_that_names_no_active_writer_turns_nothing_on(lpar):
    lpar.console("TRACE CT,ON,COMP=SYSTCPDA,SUB=(TCPIP)")
    assert "ITT038I NONE" in "\n".join(lpar.console("R 6,WTR=NOSUCH,END"))
    assert lpar.state.subtraces[0].mode == "OFF"


def test_the_display_has_the_manuals_columns(lpar):
    up(lpar)
    lpar.console("TRACE CT,ON,COMP=SYSTCPDA,SUB=(TCPIP),PARM=CTAESPRM")
    assert lpar.console("D TRACE,COMP=SYSTCPDA,SUB=(TCPIP)")[3:] == [
        "  TRACENAME",
        "  =========",
        "  SYSTCPDA",
        "                      MODE BUFFER HEAD SUBS",
        "                      =====================",
        "                      OFF         HEAD    1",
        "     NO HEAD OPTIONS",
        "  SUBTRACE            MODE BUFFER HEAD SUBS",
        " --------------------------------------------------------------",
        "  TCPIP               ON   0016M",
        "     ASIDS      *NONE*",
        "     JOBNAMES   *NONE*",
        "     OPTIONS    MINIMUM",
        "     WRITER     AESWRT",
    ]


def test_nowrap_stops_when_full_and_wrap_overwrites(tmp_path):
    from test_simulated_filter import CAPTURES
    from trace_entries import entries

    held = {}
    for wrap in ("WRAP", "NOWRAP"):
        lpar = create(tmp_path / wrap, State(0), [(CAPTURES / "tcp-loss-server.pcap", "ETH1")])
        jcl = lpar.datasets.text("USER.PROCLIB", "AESWRT")
        jcl = [line.replace("(CYL,(500,0),,CONTIG)", "(TRK,(1,0))") for line in jcl]
        lpar.datasets.write_text("USER.PROCLIB", jcl, "AESWRT")
        lpar.console(f"TRACE CT,WTRSTART=AESWRT,{wrap}")
        lpar.pass_time(2)
        lpar.console("V TCPIP,TCPIP,PKT,LINKN=ETH1,ON,FULL")
        lpar.console("TRACE CT,ON,COMP=SYSTCPDA,SUB=(TCPIP),PARM=CTAESPRM")
        lpar.attend()
        (dsn,) = lpar.state.writers[0].datasets
        lpar.console("TRACE CT,OFF,COMP=SYSTCPDA,SUB=(TCPIP)")
        lpar.console("TRACE CT,WTRSTOP=AESWRT")
        lpar.pass_time(2)
        held[wrap] = {one.counter for one in entries(lpar.datasets.read(dsn), 40)}
        log = "\n".join(line.text for line in lpar.log())
        assert ("IEC031I" in log, "ITT120I" in log) == (wrap == "NOWRAP",) * 2
        total = lpar.state.links[1].settings[0].count
        assert len(held[wrap]) < total
    assert min(held["NOWRAP"]) == 1
    assert max(held["WRAP"]) == total


def test_separate_processes_work_on_one_system(tmp_path):
    directory = tmp_path / "lpar"
    run = [sys.executable, "-m", "mock_zos"]
    subprocess.run([*run, "init", directory, "--stack", "tcpcs", "--link", "osa1"], check=True, capture_output=True)
    code = "import sys, pathlib, mock_zos.lpar as m; m.Lpar(pathlib.Path(sys.argv[1])).console(sys.argv[2])"
    command = "V TCPIP,TCPCS,PKT,LINKN=OSA1,ON,FULL,PORTNUM=21"
    subprocess.run([sys.executable, "-c", code, directory, command], check=True)
    shown = json.loads(
        subprocess.run([*run, "show", directory, "--as", "json"], check=True, capture_output=True).stdout
    )
    assert [(one["link"], one["port"]) for one in shown["filters"]] == [("OSA1", 21)]
    assert (shown["writers"], shown["components"], shown["wtors"]) == ([], [], [])
    assert any(command in line for line in shown["syslog"])
    assert {one["name"] for one in shown["datasets"]} >= {"SYS1.PROCLIB", "USER.PARMLIB"}


def test_a_turn_that_breaks_off_changes_nothing(lpar, monkeypatch):
    before = lpar.state
    monkeypatch.setattr("mock_zos.stack.settle", lambda system: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        lpar.console("V TCPIP,TCPIP,PKT,ON,FULL")
    assert Lpar(lpar.directory).state == before


def test_every_text_tells_its_source_and_whether_it_is_confirmed():
    for key, entry in catalogue.entries().items():
        assert set(entry) <= {"id", "text", "confirmed", "source"}, key
        assert isinstance(entry["confirmed"], bool), key
        assert entry["source"], key


def test_data_sets_keep_records_and_attributes(tmp_path):
    found = Datasets(tmp_path)
    found.create("A.VB", "VB", 104)
    found.write("A.VB", [b"", b"1", b"x" * 100])
    assert list(found.read("A.VB")) == [b"", b"1", b"x" * 100]
    assert (tmp_path / "A.VB" / "records").read_bytes()[:9] == b"\0\4\0\0\0\5\0\0" + b"1"
    with pytest.raises(DatasetProblem, match="longer than LRECL"):
        found.write("A.VB", [b"x" * 101])
    found.create("A.FB", "FB", 10)
    found.write("A.FB", [b"abc"])
    assert list(found.read("A.FB")) == [b"abc" + bytes(7)]
    found.create("A.PDS", "FB", 80, "PO")
    found.write_text("A.PDS", ["//X JOB"], "MEM")
    assert (tmp_path / "A.PDS" / "members" / "MEM").read_bytes()[:3] == b"\x61\x61\xe7"
    assert found.names("A.*") == ["A.FB", "A.PDS", "A.VB"]
    assert found.names("A.V*") == ["A.VB"]
    found.hold("A.VB", "JOB1")
    for refused in (lambda: list(found.read("A.VB")), lambda: found.delete("A.VB"), lambda: found.rename("A.VB", "B")):
        with pytest.raises(DatasetProblem, match="in use by job JOB1"):
            refused()
    with pytest.raises(DatasetProblem) as caught:
        found.read("NO.SUCH")
    assert caught.value.missing
