"""A counter that stands still, and frames that an OSA lost, are warned of once."""

import pytest
from rigs import CAPTURES, MEMBER, Ear, lpar, profile

from mock_zos.lpar import create
from mock_zos.state import State
from zjobs.cli import run
from zjobs.host.mock import MockHost, open
from zjobs.jobs.capture import Job
from zjobs.lifecycle.messages import Devlinks, Osa, WriterSeen
from zjobs.lifecycle.profile import parse
from zjobs.lifecycle.progress import Progress
from zjobs.lifecycle.steps import Observed

OSA = parse(
    MEMBER[: MEMBER.index("filters:")]
    + "trace: SYSTCPOT\nfilters: [{portname: OSADEV1, port: 21}]\nstop: {after: 8m}\n"
)


def seen(count: int = 0, lost: int = 0, discarded: int = 0) -> Observed:
    osa = Osa("OSADEV1", "ON", count, lost=lost, discarded=discarded)
    return Observed(True, None, WriterSeen(), Devlinks((), (osa,), True), counts={"OSADEV1": count}, whole=True)


def ids(progress: Progress, now: float, **values: int) -> list[str]:
    return [one.id for one in progress.look(seen(**values), OSA, now, patience=300)]


def test_a_flat_counter_is_told_of_once_until_it_rises():
    progress = Progress()
    assert ids(progress, 0, count=5) == []
    assert ids(progress, 299, count=5) == []
    assert ids(progress, 300, count=5) == ["ZJB0479W"]
    assert ids(progress, 900, count=5) == []
    assert ids(progress, 910, count=6) == []
    assert ids(progress, 1209, count=6) == []
    assert ids(progress, 1210, count=6) == ["ZJB0479W"]


def test_lost_and_discarded_frames_are_told_of_once_each():
    progress = Progress()
    assert ids(progress, 0, count=1) == []
    assert ids(progress, 1, count=2, lost=3) == ["ZJB0480W"]
    assert ids(progress, 2, count=3, lost=9) == []
    assert ids(progress, 3, count=4, lost=9, discarded=1) == ["ZJB0480W"]
    assert ids(progress, 4, count=5, lost=99, discarded=99) == []


def test_what_is_remembered_can_be_written_down_and_damage_begins_anew():
    progress = Progress()
    progress.look(seen(5, lost=1), OSA, 0, 300)
    again = Progress.of(vars(progress))
    assert ids(again, 400, count=5, lost=2) == ["ZJB0479W"]
    for damaged in ({"total": 5, "colour": "red"}, {"since": "noon"}):
        assert ids(Progress.of(damaged), 400, count=5) == []


def test_a_run_warns_once_and_is_fine_all_the_same(tmp_path, capsys):
    create(tmp_path / "lpar", State(0), [(CAPTURES / "ftp-hang.pcap", "ETH1")])
    file = tmp_path / "p.yaml"
    file.write_text(MEMBER.replace("after: 60s", "after: 12m"), "utf-8")
    assert run(["--host", f"mock:{tmp_path / 'lpar'}", "capture", "run", str(file)]) == 0
    assert capsys.readouterr().out.count("ZJB0479W test: the counters have not risen for ") == 1


class Losing(MockHost):
    """An OSA that loses more and more frames."""

    lost = 0

    def oper(self, command: str, wait_cs: int = 300) -> list[str]:
        self.lost += 1
        answer = super().oper(command, wait_cs)
        return [line.replace("FRAMESLOST: 0 ", f"FRAMESLOST: {self.lost // 30} ") for line in answer]


def test_frames_lost_are_a_warning_of_a_run(tmp_path):
    ear = Ear()
    Job(Losing(lpar(tmp_path / "lpar")._lpar), OSA, ear).run()
    assert ear.messages.count("ZJB0480W") == 1


def test_status_compares_with_the_last_status(tmp_path, capsys):
    lpar(tmp_path / "lpar")
    system = ["--host", f"mock:{tmp_path / 'lpar'}", "capture"]
    file = tmp_path / "p.yaml"
    file.write_text(MEMBER, "utf-8")
    assert run([*system, "start", str(file)]) == 0
    assert run([*system, "status", str(file)]) == 0
    open(str(tmp_path / "lpar")).sleep(89)
    assert run([*system, "status", str(file)]) == 0
    open(str(tmp_path / "lpar")).sleep(2)
    capsys.readouterr()
    assert run([*system, "status", str(file), "--as", "json"]) == 4
    said = capsys.readouterr()
    assert said.out.startswith("{")
    assert said.err.startswith("ZJB0479W test: the counters have not risen for 9")
    assert run([*system, "status", str(file)]) == 0, "said once"
    assert run([*system, "stop", str(file)]) == 0
    assert run([*system, "status", str(file)]) == 0, "what is off need not count"


@pytest.mark.parametrize("content", ["", "[1]", '{"total": []}', "\xff"])
def test_a_damaged_file_of_counters_is_no_error(tmp_path, content, capsys):
    host = lpar(tmp_path / "lpar")
    job = Job(host, profile(), Ear())
    job.start()
    (host.runs() / "test.counters").write_text(content, "latin-1")
    job.compare(job.look())
