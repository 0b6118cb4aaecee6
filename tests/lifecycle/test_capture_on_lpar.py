"""Planner and simulated console wired together: the happy path, every undo ladder, every step gone wrong."""

import json

import pytest
from rigs import MEMBER, REPLY, Ear, Faulty, active, lpar, profile

from mock_zos.state import Prompt, Subtrace
from zjobs.errors import HostError, RequestError
from zjobs.host.mock import MockHost
from zjobs.jobs.capture import Job
from zjobs.lifecycle.steps import Outcome
from zjobs.lifecycle.tables import Place, Windows

BRIEF = Windows(count_poll=1, count_polls=1)


def start(host: MockHost, text: str = MEMBER, windows: Windows | None = None) -> tuple[Outcome, Ear]:
    ear = Ear()
    return Job(host, profile(text), ear, windows).start(), ear


def stop(host: MockHost, text: str = MEMBER) -> tuple[Outcome, Ear]:
    ear = Ear()
    return Job(host, profile(text), ear).stop(), ear


def changing(ear: Ear) -> list[str]:
    return [command for command in ear.commands if not command.startswith("D ")]


def test_a_trace_with_a_member_is_started_proved_and_stopped(tmp_path):
    host = lpar(tmp_path / "lpar")
    outcome, ear = start(host)
    assert outcome.place is Place.TRACING
    assert changing(ear) == [
        "TRACE CT,WTRSTART=AESWRT,WRAP",
        "V TCPIP,TCPIP,PKT,CLEAR",
        "V TCPIP,TCPIP,PKT,LINKN=ETH1,ON,FULL,PROT=TCP",
        "V TCPIP,TCPIP,PKT,LINKN=ETH1,ABBREV,PROT=UDP,PORTN=53",
        "TRACE CT,ON,COMP=SYSTCPDA,SUB=(TCPIP),PARM=CTAESPRM",
    ]
    assert ear.messages == ["ZJB0424I", "ZJB0428I", "ZJB0440I"]
    assert active(host) == ["writer AESWRT ACTIVE", "SYSTCPDA ON", "filter ETH1"]
    (opened,) = outcome.opened
    with pytest.raises(HostError, match="in use by job AESWRT"):
        host.open_records(opened)
    outcome, ear = stop(host)
    assert outcome.place is Place.DONE
    assert outcome.written == (opened,)
    assert changing(ear) == [
        "V TCPIP,TCPIP,PKT,OFF",
        "TRACE CT,OFF,COMP=SYSTCPDA,SUB=(TCPIP)",
        "TRACE CT,WTRSTOP=AESWRT,FLUSH",
        "V TCPIP,TCPIP,PKT,CLEAR",
    ]
    assert active(host) == []
    with host.open_records(opened) as records:
        assert sum(len(record) for record in records) > 0


def test_a_trace_with_a_reply_answers_its_own_prompt(tmp_path):
    host = lpar(tmp_path / "lpar")
    outcome, ear = start(host, REPLY)
    assert outcome.place is Place.TRACING
    assert changing(ear)[0] == "TRACE CT,32M,COMP=SYSTCPDA,SUB=(TCPIP)"
    assert changing(ear)[-2:] == ["TRACE CT,ON,COMP=SYSTCPDA,SUB=(TCPIP)", "R 06,WTR=AESWRT,END"]
    assert outcome.seen.trace.buffer == "0032M"
    assert stop(host, REPLY)[0].place is Place.DONE
    assert active(host) == []


def test_a_second_start_and_a_second_stop_change_nothing(tmp_path):
    host = lpar(tmp_path / "lpar")
    start(host)
    outcome, ear = start(host)
    assert (outcome.place, outcome.changed, changing(ear)) == (Place.TRACING, False, [])
    stop(host)
    outcome, ear = stop(host)
    assert (outcome.place, outcome.changed, changing(ear)) == (Place.DONE, False, [])


@pytest.mark.parametrize("text", [MEMBER, REPLY], ids=["member", "reply"])
@pytest.mark.parametrize("fault", ["lost", "unheard", "refused", "before", "after"])
def test_whichever_command_of_a_start_goes_wrong_nothing_stays_on_unknown(tmp_path, text, fault):
    # Up to the filter both forms send the same.
    number, outcomes = (0 if text is MEMBER else 10), []
    while True:
        number += 1
        host = Faulty(lpar(tmp_path / str(number), capture=""), number, fault)
        try:
            outcome, _ = start(host, text, BRIEF)
            outcomes.append(outcome.place)
        except KeyboardInterrupt:
            outcome = None
        if host.count < number:
            break
        if outcome and outcome.place is Place.TRACING:
            assert active(host) == ["writer AESWRT ACTIVE", "SYSTCPDA ON", "filter ETH1"]
        else:
            assert active(host) == []
            assert not (outcome and outcome.left)
        stop(host, text)
        assert active(host) == []
    assert number > 10
    if fault in ("lost", "refused"):
        assert Place.FAILED in outcomes


@pytest.mark.parametrize("fault", ["lost", "unheard", "refused"])
def test_whichever_command_of_a_stop_goes_wrong_it_is_stopped_or_told(tmp_path, fault):
    number = 0
    while True:
        number += 1
        quiet = lpar(tmp_path / str(number), capture="")
        start(quiet, windows=BRIEF)
        host = Faulty(quiet, number, fault)
        outcome, ear = stop(host)
        if host.count < number:
            break
        if active(host):
            assert outcome.left, f"command {number}"
            assert "ZJB0431E" in ear.messages
        stop(quiet)
        assert active(quiet) == []
    assert number > 10


def test_a_missing_procedure_fails_with_nothing_to_undo(tmp_path):
    host = lpar(tmp_path / "lpar")
    outcome, ear = start(host, MEMBER.replace("AESWRT", "NOSUCH"))
    assert outcome.place is Place.FAILED
    assert changing(ear) == ["TRACE CT,WTRSTART=NOSUCH,WRAP"]
    assert ear.messages == ["ZJB0421E"]
    assert active(host) == []


def test_a_procedure_that_cannot_run_is_noticed(tmp_path):
    host = lpar(tmp_path / "lpar")
    jcl = [line.replace("ITTTRCWR", "ITTRCWR") for line in host.read_text("//'USER.PROCLIB(AESWRT)'")]
    host.write_text("//'USER.PROCLIB(AESWRT)'", jcl)
    outcome, ear = start(host)
    assert outcome.place is Place.FAILED
    assert outcome.cause.id == "ZJB0423E"
    assert active(host) == []
    assert changing(ear) == ["TRACE CT,WTRSTART=AESWRT,WRAP"]


def test_a_writer_that_comes_up_too_late_is_stopped_all_the_same(tmp_path):
    host = lpar(tmp_path / "lpar", writer_delay=90_000_000)
    outcome, _ = start(host)
    assert outcome.cause.id == "ZJB0425E"
    assert active(host) == []


def test_an_unknown_link_is_refused_before_anything_is_sent(tmp_path):
    host = lpar(tmp_path / "lpar")
    outcome, ear = start(host, MEMBER.replace("ETH1", "ETH9"))
    assert outcome.cause.id == "ZJB0417E"
    assert changing(ear) == []


def test_a_refused_filter_is_undone(tmp_path):
    """U2: filter off, clear, writer."""
    host = Faulty(lpar(tmp_path / "lpar"), 9, "refused")
    outcome, ear = start(host)
    assert changing(ear)[2].startswith("V TCPIP,TCPIP,PKT,LINKN=ETH1,ON")
    assert outcome.cause.id == "ZJB0421E"
    assert changing(ear)[3:] == ["V TCPIP,TCPIP,PKT,OFF", "V TCPIP,TCPIP,PKT,CLEAR", "TRACE CT,WTRSTOP=AESWRT,FLUSH"]
    assert active(host) == []


def test_a_missing_member_is_undone(tmp_path):
    """U3: filter off, component off, clear, writer."""
    host = lpar(tmp_path / "lpar")
    outcome, ear = start(host, MEMBER.replace("CTAESPRM", "CTNOSUCH"))
    assert outcome.cause.id == "ZJB0421E"
    assert "IEE538I" in dict(outcome.cause.values)["detail"]
    stops = [command for command in changing(ear)[5:] if "OFF" in command or "CLEAR" in command or "STOP" in command]
    assert stops[0] == "V TCPIP,TCPIP,PKT,OFF"
    assert stops[-1] == "TRACE CT,WTRSTOP=AESWRT,FLUSH"
    assert active(host) == []


def test_a_member_that_names_another_writer_is_undone(tmp_path):
    host = lpar(tmp_path / "lpar")
    host.write_text("//'USER.PARMLIB(CTAESPRM)'", ["TRACEOPTS ON"])
    outcome, _ = start(host)
    assert outcome.cause.id == "ZJB0427E"
    assert "connected to no writer" in dict(outcome.cause.values)["missing"]
    assert active(host) == []


def foreign(host: MockHost) -> None:
    """Somebody else traces with a writer of his own."""
    host.write_text(
        "//'USER.PROCLIB(HISWRT)'",
        ["//HISWRT PROC", "//IEFPROC EXEC PGM=ITTTRCWR", "//TRCOUT01 DD DSN=HIS.TRACE,DISP=(NEW,CATLG)"],
    )
    host.write_text("//'USER.PARMLIB(CTHISPRM)'", ["TRACEOPTS ON WTR(HISWRT)"])
    host.oper("TRACE CT,WTRSTART=HISWRT")
    host.sleep(3)
    host.oper("V TCPIP,TCPIP,PKT,ON,FULL,PORTNUM=80")
    assert "ALL" in host.oper("TRACE CT,ON,COMP=SYSTCPDA,SUB=(TCPIP),PARM=CTHISPRM")[0]


def test_a_foreign_trace_is_neither_taken_over_nor_stopped(tmp_path):
    host = lpar(tmp_path / "lpar")
    foreign(host)
    before = active(host)
    outcome, ear = start(host)
    assert (outcome.cause.id, changing(ear)) == ("ZJB0414E", [])
    outcome, ear = stop(host)
    assert changing(ear) == []
    assert "ZJB0419W" in ear.messages
    assert active(host) == before


def test_a_foreign_filter_alone_is_not_stopped_but_reported_when_a_start_clears_it(tmp_path):
    host = lpar(tmp_path / "lpar")
    host.oper("V TCPIP,TCPIP,PKT,LINKN=ETH1,ON,FULL,PORTNUM=80")
    assert changing(stop(host)[1]) == []
    outcome, ear = start(host)
    assert outcome.place is Place.TRACING
    assert "ZJB0418W" in ear.messages
    history = json.loads((host.runs() / "test.json").read_text("utf-8"))["history"]
    assert any("PORTNUM=80" in entry.get("message", "") for entry in history)


def test_a_command_is_on_record_before_it_is_sent_and_its_answer_after(tmp_path):
    class Watching(MockHost):
        seen: list[bool] = []

        def oper(self, command: str, wait_cs: int = 300) -> list[str]:
            if not command.startswith("D "):
                last = json.loads((self.runs() / "test.json").read_text("utf-8"))["history"][-1]
                self.seen.append(last.get("command") == command)
            return super().oper(command, wait_cs)

    host = Watching(lpar(tmp_path / "lpar")._lpar)
    start(host)
    assert host.seen == [True] * 5
    journal = json.loads((host.runs() / "test.json").read_text("utf-8"))
    assert (journal["state"], len(journal["datasets"])) == ("tracing", 1)
    assert journal["history"][-1]["answer"][0].startswith("ITT038I ALL")


def test_anothers_prompt_is_never_answered(tmp_path):
    host = lpar(tmp_path / "lpar")
    with host._lpar._turn() as system:
        system.state.subtraces.append(Subtrace("SYSTCPDA", "TCPIP2"))
        system.state.prompts.append(Prompt("44", "SYSTCPDA", "TCPIP2", "OFF"))
    assert start(host, REPLY)[0].place is Place.TRACING
    assert stop(host, REPLY)[0].place is Place.DONE
    assert active(host) == ["prompt 44"]


def test_a_prompt_whose_answer_is_lost_is_found_by_display(tmp_path):
    """The prompt reaches the console but not the command's answer."""

    class Late(MockHost):
        def oper(self, command: str, wait_cs: int = 300) -> list[str]:
            answer = super().oper(command, wait_cs)
            return [line for line in answer if not command.startswith("TRACE CT,ON") or "ITT006A" not in line]

    host = Late(lpar(tmp_path / "lpar")._lpar)
    outcome, ear = start(host, REPLY)
    assert outcome.place is Place.TRACING
    assert "R 06,WTR=AESWRT,END" in ear.commands


def test_a_component_that_prompts_on_off_is_answered(tmp_path):
    class Asking(MockHost):
        asked = False

        def oper(self, command: str, wait_cs: int = 300) -> list[str]:
            if command.startswith("TRACE CT,OFF") and not self.asked:
                self.asked = True
                return ["*77 ITT066A SPECIFY OPERAND(S) FOR TRACE CT COMMAND."]
            if command == "R 77,END":
                return ["IEE600I REPLY TO 77 IS;END", *super().oper("TRACE CT,OFF,COMP=SYSTCPDA,SUB=(TCPIP)")]
            return super().oper(command, wait_cs)

    host = Asking(lpar(tmp_path / "lpar")._lpar)
    start(host)
    outcome, ear = stop(host)
    assert "R 77,END" in ear.commands
    assert outcome.place is Place.DONE
    assert active(host) == []


def test_no_traffic_is_a_warning_and_the_trace_stays_on(tmp_path):
    host = lpar(tmp_path / "lpar", capture="")
    outcome, ear = start(host)
    assert outcome.place is Place.TRACING
    assert "ZJB0429W" in ear.messages


def test_run_ends_by_time_by_packets_and_by_message(tmp_path):
    for number, (rule, message) in enumerate(
        [("after: 30s", "ZJB0444I"), ("packets: 5", "ZJB0444I"), ("when: {message: ITT110I}", "ZJB0445W")]
    ):
        host = lpar(tmp_path / str(number))
        ear = Ear()
        if message == "ZJB0445W":  # the message never comes: the trace ends because its filter is switched off
            real = MockHost.oper

            def oper(command, wait_cs=300, host=host, real=real):
                if command.startswith("D TCPIP,TCPIP") and host.now().timestamp() > host.begun + 200:
                    real(host, "V TCPIP,TCPIP,PKT,OFF")
                return real(host, command, wait_cs)

            host.begun, host.oper = host.now().timestamp(), oper
        outcome = Job(host, profile(MEMBER.replace("after: 60s", rule)), ear).run()
        assert outcome.place is Place.DONE
        assert message in ear.messages
        assert active(host) == []


def test_run_refuses_what_it_cannot_keep(tmp_path):
    host = lpar(tmp_path / "lpar")
    for text in (
        MEMBER.replace("after: 60s", "after: 60s, when: {finding: ftp.data-connection}"),
        MEMBER.replace("stop: {after: 60s}", ""),
        MEMBER + "reports: [{pcapng: /tmp/x.pcapng}]\n",
    ):
        ear = Ear()
        with pytest.raises(RequestError):
            Job(host, profile(text), ear).run()
        assert ear.commands == []
    start(host)
    with pytest.raises(HostError, match="ZJB0455E"):
        Job(host, profile(), Ear()).run()
    assert active(host)


def test_recover_finishes_a_run_whose_process_died_and_leaves_a_wanted_trace_alone(tmp_path):
    host = lpar(tmp_path / "lpar")
    assert Job(host, profile(), Ear()).recover() is None
    start(host)
    assert Job(host, profile(), Ear()).recover() is None
    assert active(host)
    journal = Job(host, profile(), Ear()).parts[0].journal
    journal.state, journal.process = "running", 2**22 + 1  # a process number that Linux does not give out
    journal.save()
    outcome = Job(host, profile(), Ear()).recover()
    assert outcome.place is Place.DONE
    assert active(host) == []


@pytest.mark.parametrize(
    "denied", ["TRACE CT,WTRSTART", "TRACE CT,ON", "V TCPIP", "V TCPIP,TCPIP,PKT,LINKN", "D TRACE", "D TCPIP"]
)
def test_a_user_without_authority_leaves_nothing_on(tmp_path, denied):
    host = lpar(tmp_path / "lpar", denied=[denied])
    outcome, ear = start(host)
    assert outcome.place is Place.FAILED
    if denied.startswith("D "):
        assert changing(ear) == []
    else:
        assert "IEE345I" in dict(outcome.cause.values)["detail"]
    assert active(host) == []
    assert outcome.left == () or denied.startswith("D ")
