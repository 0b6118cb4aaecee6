"""One profile, several stacks: each has its own writer, member and filter; they are traced together or not at all."""

import json
import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from rigs import CAPTURES, Ear, active

from mock_zos import faults
from mock_zos.lpar import create
from mock_zos.state import State
from zjobs.cli import run
from zjobs.errors import HostError, RequestError
from zjobs.host.mock import MockHost, open
from zjobs.jobs.capture import Job
from zjobs.lifecycle.profile import captures
from zjobs.lifecycle.tables import Place
from zjobs.members.render import members

BOTH = """
name: both
stacks:
  - {stack: TCPIP, writer: {proc: AESWRT}, parmlib: {member: CTAESPRM}}
  - {stack: TCPIPB, writer: {proc: AESWRTB}, reply: true, filters: [{link: ETH2, port: 53, length: full}]}
filters: [{link: ETH1, protocol: TCP, length: full}]
stop: {after: 90s}
"""


@pytest.fixture
def host(tmp_path):
    traffic = [(CAPTURES / "ftp-hang.pcap", "ETH1"), (CAPTURES / "dns.pcap", "ETH2:TCPIPB")]
    create(tmp_path / "lpar", State(0), traffic)
    return open(str(tmp_path / "lpar"))


def job(host, text=BOTH):
    ear = Ear()
    return Job(host, captures(text), ear), ear


def changing(ear):
    return [command for command in ear.commands if not command.startswith("D ")]


def records(host, dsn):
    """Trace entries in a data set, counted without zjobs: after 40 bytes of prefix each begins with its length."""
    count = 0
    for record in host.datasets.read(dsn):
        at = 40
        while at + 2 <= len(record) and (length := struct.unpack_from(">H", record, at)[0]):
            count, at = count + 1, at + length
    return count


def selected(capture: str, expression: str) -> int:
    """Packets that tcpdump selects."""
    command = ["tcpdump", "-n", "-r", str(CAPTURES / capture), "--count", expression]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(done.stdout.split()[0])


def test_each_stack_is_started_proved_and_stopped_in_order(host):
    one, ear = job(host)
    assert one.start().place is Place.TRACING
    assert [command for command in changing(ear) if "WTRSTART" in command or "CT,ON" in command] == [
        "TRACE CT,WTRSTART=AESWRT,WRAP",
        "TRACE CT,ON,COMP=SYSTCPDA,SUB=(TCPIP),PARM=CTAESPRM",
        "TRACE CT,WTRSTART=AESWRTB,WRAP",
        "TRACE CT,ON,COMP=SYSTCPDA,SUB=(TCPIPB)",
    ]
    assert ear.messages == ["ZJB0424I", "ZJB0428I", "ZJB0424I", "ZJB0428I", "ZJB0440I"]
    assert len([what for what in active(host) if what.endswith("ON") or what.endswith("ACTIVE")]) == 4
    host.sleep(120)
    two, ear = job(host)
    outcome = two.stop()
    assert changing(ear)[0] == "V TCPIP,TCPIPB,PKT,OFF"
    assert outcome.place is Place.DONE
    assert active(host) == []
    first, second = outcome.written
    assert records(host, first) == selected("ftp-hang.pcap", "ip and tcp")
    assert records(host, second) == selected("dns.pcap", "port 53")


def test_a_stack_that_must_not_be_traced_keeps_the_others_untouched(host):
    host.oper("TRACE CT,WTRSTART=AESWRTB")
    one, ear = job(host)
    outcome = one.start()
    assert (outcome.place, outcome.cause.id) == (Place.FAILED, "ZJB0415E")
    assert changing(ear) == []
    assert outcome.changed is False
    assert "ZJB0415E" in ear.messages


def test_a_stack_that_fails_takes_the_others_with_it(host):
    host.write_text("//'USER.PROCLIB(AESWRTB)'", ["//AESWRTB PROC", "//IEFPROC EXEC PGM=NOSUCH"])
    one, ear = job(host)
    outcome = one.start()
    assert (outcome.place, outcome.cause.id, outcome.left) == (Place.FAILED, "ZJB0423E", ())
    assert "ZJB0481I" in ear.messages
    assert active(host) == []
    assert [part.journal.state for part in job(host)[0].parts] == ["done", "done"]


def test_a_second_start_starts_only_what_is_not_on(host):
    job(host)[0].start()
    again, ear = job(host)
    outcome = again.start()
    assert (outcome.changed, changing(ear), ear.messages) == (False, [], ["ZJB0410I", "ZJB0410I"])
    part = job(host)[0].parts[1]
    part.stop()
    one, ear = job(host)
    assert one.start().place is Place.TRACING
    assert changing(ear)[0] == "TRACE CT,WTRSTART=AESWRTB,WRAP"
    with pytest.raises(HostError, match="ZJB0455E both TCPIP is"):
        job(host)[0].run()
    assert job(host)[0].stop().place is Place.DONE
    assert active(host) == []


def test_a_run_ends_for_all_when_one_of_them_ends(host):
    class Ending(MockHost):
        count = 0

        def oper(self, command: str, wait_cs: int = 300) -> list[str]:
            self.count += 1
            if self.count == 60:
                self.lpar.act(lambda system: setattr(system.state.subtrace("SYSTCPDA", "TCPIPB"), "mode", "OFF"))
            return super().oper(command, wait_cs)

    one, ear = job(Ending(host.lpar), BOTH.replace("90s", "2h"))
    outcome = one.run()
    assert outcome.place is Place.DONE
    assert ear.messages.count("ZJB0445W") == 1
    assert active(host) == []


def test_one_dead_man_job_stops_all_and_goes_with_the_last(host):
    class Dead(MockHost):
        def oper(self, command: str, wait_cs: int = 300) -> list[str]:
            if command == "V TCPIP,TCPIPB,PKT,OFF":
                raise KeyError("the program ends without a word")
            return super().oper(command, wait_cs)

    one, ear = job(Dead(host.lpar))
    with pytest.raises(KeyError):
        one.run()
    assert host.find_jobs("BOTHD")
    assert active(host)
    host.sleep(3600)
    assert active(host) == []
    assert job(host)[0].recover().place is Place.DONE
    one, ear = job(host)
    assert one.run().place is Place.DONE
    assert ear.messages.count("ZJB0460I") == ear.messages.count("ZJB0461I") == 1
    assert host.find_jobs("BOTHD") == []


@pytest.mark.parametrize("part", [0, 1])
def test_a_start_that_died_between_two_stacks_is_recovered_as_a_whole(host, part):
    one, _ = job(host)
    one.parts[0].start("starting")
    if part:
        one.parts[1].start("starting")
        one.parts[0].journal.end("tracing")
    for other in one.parts:
        other.journal.process = 2**22 + 1  # a process number that Linux does not give out
        if other.journal.state:
            other.journal.save()
    assert job(host)[0].recover().place is Place.DONE
    assert active(host) == []


def test_an_interrupt_stops_those_that_were_begun(host):
    class Interrupted(MockHost):
        def oper(self, command: str, wait_cs: int = 300) -> list[str]:
            if command.startswith("V TCPIP,TCPIPB,PKT,LINKN"):
                raise KeyboardInterrupt
            return super().oper(command, wait_cs)

    with pytest.raises(KeyboardInterrupt):
        job(Interrupted(host.lpar))[0].start()
    assert active(host) == []


def test_one_of_the_stacks_ends_in_the_middle(host):
    one, _ = job(host)
    one.start()
    faults.cause(host.lpar, "stack-ends")
    outcome = job(host)[0].stop()
    assert outcome.left == ()
    assert active(host) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("AESWRTB", "AESWRT", "stacks.writer.proc AESWRT is used by stack TCPIP already"),
        ("stack: TCPIPB", "stack: TCPIP", "stacks.stack TCPIP is used"),
        ("reply: true", "parmlib: {member: CTAESPRM}", "stacks.parmlib.member CTAESPRM is used"),
        ("name: both", "name: both\nwriter: {proc: AESWRT}", "writer is said for each stack"),
        ("reply: true", "colour: red", "stacks.colour is not a key here"),
        ("writer: {proc: AESWRTB}, ", "", "needs the key writer"),
        ("stacks:", "stack: [TCPIP, TCPIPB]\nstacks:", "stack is said for each stack"),
    ],
)
def test_what_two_stacks_cannot_share_is_refused(old, new, problem):
    with pytest.raises(RequestError, match="ZJB0401E profile line") as caught:
        captures(BOTH.replace(old, new))
    assert problem in str(caught.value)


def test_a_list_of_stacks_is_pointed_to_the_right_key():
    text = "name: x\nstack: [TCPIP, TCPIPB]\nwriter: {proc: A}\nreply: true\nfilters: [{port: 1}]\n"
    with pytest.raises(RequestError, match="line 2: stack names one stack; several go under stacks"):
        captures(text)


def test_one_stack_under_stacks_is_like_any_other():
    text = BOTH.replace(BOTH[BOTH.index("  - {stack: TCPIPB") : BOTH.index("filters: [{link: ETH1")], "")
    (one,) = captures(text)
    assert (one.part, one.label, one.stack) == (0, "both", "TCPIP")


def test_members_of_each_stack_and_of_all():
    made = members(captures(BOTH))
    assert [(one.kind, one.name) for one in made] == [
        *(("proc", "AESWRT"), ("proc", "AESWRTB"), ("parmlib", "CTAESPRM"), ("commands", "BOTHC")),
        *(("ipcs", "BOTH1I"), ("ipcs", "BOTH2I"), ("batch", "BOTHZ"), ("stc", "BOTHS"), ("deadman", "BOTHD")),
    ]
    stops = [line for line in made[-1].lines if line.startswith("/V") or line.startswith("/TRACE")]
    assert stops[0] == "/V TCPIP,TCPIPB,PKT,OFF"
    assert stops[-1] == "/V TCPIP,TCPIP,PKT,CLEAR"


def test_status_of_several_from_the_command_line(host, tmp_path, capsys):
    file = tmp_path / "both.yaml"
    file.write_text(BOTH, "utf-8")
    system = f"mock:{host.lpar.directory}"
    assert run(["--host", system, "capture", "plan", str(file)]) == 0
    assert "to stop TCPIPB:" in capsys.readouterr().out
    assert run(["--host", system, "capture", "start", str(file)]) == 0
    assert run(["--host", system, "capture", "status", str(file)]) == 0
    out = capsys.readouterr().out
    assert "both TCPIP TRACING" in out
    assert "both TCPIPB TRACING" in out
    assert run(["--host", system, "capture", "status", str(file), "--as", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(one["name"], one["place"]) for one in found["stacks"]] == [("TCPIP", "TRACING"), ("TCPIPB", "TRACING")]
    assert run(["--host", system, "capture", "stop", str(file)]) == 0
    assert active(host) == []


def test_one_report_is_made_of_the_data_sets_of_all(host, tmp_path, capsys):
    file = tmp_path / "both.yaml"
    file.write_text(BOTH + "reports: [{tally: SYS2.REPORT.BOTH}]\n", "utf-8")
    assert shutil.which("tcpdump")
    assert run(["--host", f"mock:{host.lpar.directory}", "capture", "run", str(file)]) == 0
    shown = "\n".join(host.read_text("//'SYS2.REPORT.BOTH'"))
    count = selected("ftp-hang.pcap", "ip and tcp") + selected("dns.pcap", "port 53")
    assert str(count) in shown
    assert Path(host.lpar.directory, "runs", "both.TCPIPB.json").is_file()
    capsys.readouterr()
