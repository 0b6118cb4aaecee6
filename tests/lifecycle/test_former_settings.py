"""Settings that were in force before a trace: told, kept with the run, and put back when the profile says so."""

import json

import pytest
from rigs import MEMBER, Ear, Faulty, active, lpar, profile

from mock_zos.state import Setting
from zjobs.host.mock import MockHost
from zjobs.jobs.capture import Job
from zjobs.lifecycle.profile import parse
from zjobs.lifecycle.steps import Outcome
from zjobs.lifecycle.tables import Place, Windows

BRIEF = Windows(count_poll=1, count_polls=1)
RESTORE = MEMBER + "restore: true\n"
THEIRS = [
    "V TCPIP,TCPIP,PKT,LINKN=ETH1,ON,FULL,PROT=TCP,PORTN=80",
    "V TCPIP,TCPIP,PKT,LINKN=ETH1,ABBREV=200,IP=192.0.2.0/24,SRCP=53",
]
SETTINGS = [Setting(0, "TCP", port=80), Setting(200, "", "192.0.2.0/24", 53)]


def traced(host: MockHost) -> list[Setting]:
    """Settings in force on ETH1, their counts aside."""
    (link,) = [one for one in host.lpar.state.links if one.name == "ETH1"]
    return [Setting(**(vars(one) | {"count": 0})) for one in link.settings] if link.filter == "ON" else []


def theirs(tmp_path, commands: list[str] = THEIRS) -> MockHost:
    host = lpar(tmp_path / "lpar", capture="")
    for command in commands:
        host.oper(command)
    return host


def go(host: MockHost, verb: str, text: str = RESTORE) -> tuple[Outcome, Ear]:
    ear = Ear()
    return getattr(Job(host, profile(text), ear, BRIEF), verb)(), ear


def test_they_are_put_back_by_another_process_at_the_stop(tmp_path):
    host = theirs(tmp_path)
    assert traced(host) == SETTINGS
    _, ear = go(host, "start")
    assert ear.messages.count("ZJB0476I") == 2
    assert traced(host) != SETTINGS
    assert json.loads((host.runs() / "test.json").read_text("utf-8"))["former"] == THEIRS
    outcome, ear = go(host, "stop")
    assert (outcome.place, outcome.left) == (Place.DONE, ())
    assert ear.commands[-7:-5] == THEIRS
    assert ear.messages.count("ZJB0478I") == 2
    assert traced(host) == SETTINGS
    outcome, ear = go(host, "stop")
    assert [command for command in ear.commands if not command.startswith("D ")] == [], "once is enough"
    assert traced(host) == SETTINGS


def test_without_being_asked_they_are_only_told(tmp_path):
    host = theirs(tmp_path)
    _, ear = go(host, "start", MEMBER)
    assert ear.messages.count("ZJB0418W") == 2
    _, ear = go(host, "stop", MEMBER)
    assert traced(host) == []
    assert not {"ZJB0478I", "ZJB0477W"} & {*ear.messages}


def test_a_start_that_failed_before_it_cleared_anything_leaves_them_and_counts_them_as_theirs(tmp_path):
    host = theirs(tmp_path)
    text = RESTORE.replace("AESWRT", "NOSUCH")
    outcome, ear = go(host, "start", text)
    assert (outcome.place, outcome.left) == (Place.FAILED, ())
    assert traced(host) == SETTINGS
    assert not [command for command in ear.commands if command in THEIRS]


@pytest.mark.parametrize("fault", ["lost", "unheard", "refused", "before"])
def test_whichever_command_goes_wrong_nothing_else_stays_on(tmp_path, fault):
    number = 0
    while True:
        number += 1
        quiet = theirs(tmp_path / str(number))
        go(quiet, "start")
        host = Faulty(quiet, number, fault)
        try:
            _, ear = go(host, "stop")
        except KeyboardInterrupt:
            ear = Ear()
        if host.count < number:
            break
        go(quiet, "recover")
        go(quiet, "stop")
        on = [what for what in active(quiet) if what != "filter ETH1"]
        assert on == [], f"command {number}"
        assert traced(quiet) == SETTINGS or "ZJB0477W" in ear.messages, f"command {number}"
    assert number > 15


def test_settings_that_somebody_made_in_the_meantime_are_not_overridden(tmp_path):
    host = theirs(tmp_path)
    go(host, "start")
    other = Setting(port=443)

    class Busy(MockHost):
        def oper(self, command: str, wait_cs: int = 300) -> list[str]:
            answer = super().oper(command, wait_cs)
            if command == "V TCPIP,TCPIP,PKT,CLEAR":
                super().oper("V TCPIP,TCPIP,PKT,LINKN=ETH1,ON,FULL,PORTN=443")
            return answer

    _, ear = go(Busy(host.lpar), "stop")
    assert traced(host) == [other]
    assert "ZJB0478I" not in ear.messages


def test_own_settings_left_over_are_not_taken_for_somebodys(tmp_path):
    host = theirs(tmp_path, [])
    job = Job(host, profile(RESTORE), Ear(), BRIEF)
    job.start()
    host.oper("TRACE CT,OFF,COMP=SYSTCPDA,SUB=(TCPIP)")
    host.oper("TRACE CT,WTRSTOP=AESWRT,FLUSH")
    host.sleep(10)
    _, ear = go(host, "start")
    assert "ZJB0476I" not in ear.messages
    go(host, "stop")
    assert active(host) == []


def test_data_and_osa_settings_are_put_back_as_well(tmp_path):
    head = RESTORE[: RESTORE.index("filters:")]
    for number, (trace, filters, command) in enumerate(
        [
            ("DATTRACE", "{port: 21}", "V TCPIP,TCPIP,DAT,ON,FULL,IP=192.0.2.10,PORTN=80"),
            ("SYSTCPOT", "{portname: OSADEV1, port: 21}", "V TCPIP,TCPIP,OSAENTA,PORTNAME=OSADEV1,VLANID=7"),
        ]
    ):
        found = parse(head + f"trace: {trace}\nfilters: [{filters}]\nrestore: true\n")
        host = theirs(tmp_path / str(number), [command])
        before = host.lpar.state
        ear = Ear()
        assert Job(host, found, ear, BRIEF).start().place is Place.TRACING
        assert "ZJB0476I" in ear.messages
        ear = Ear()
        assert Job(host, found, ear, BRIEF).stop().place is Place.DONE
        assert "ZJB0478I" in ear.messages, trace
        after = host.lpar.state
        assert after.data == before.data
        shown = [[(one.filter, one.filters) for one in state.osas] for state in (before, after)]
        assert shown == ([[], []] if trace == "DATTRACE" else [[("OFF", {"VLANID": ["7"]})]] * 2)


def test_a_start_after_one_that_was_broken_off_still_knows_them(tmp_path):
    host = theirs(tmp_path)
    (part,) = Job(Faulty(host, 8, "after"), profile(RESTORE), Ear(), BRIEF).parts
    with pytest.raises(KeyboardInterrupt):  # with the CLEAR; a part alone does not undo what it began
        part.start("starting")
    assert traced(host) == []
    host.oper("TRACE CT,WTRSTOP=AESWRT,FLUSH")
    host.sleep(10)
    assert go(host, "start")[0].place is Place.TRACING
    go(host, "stop")
    assert traced(host) == SETTINGS
