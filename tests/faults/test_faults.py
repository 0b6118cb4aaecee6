"""A sample of the fault table, a few real kills, and the proof that the table notices what is wrong."""

import random
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import table

from zjobs.cli import run
from zjobs.errors import RequestError
from zjobs.host import open_host
from zjobs.lifecycle.machine import Capture
from zjobs.lifecycle.tables import Place


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return table.template(tmp_path_factory.mktemp("faults") / "base")


@pytest.mark.parametrize("kind", table.KINDS)
def test_no_fault_leaves_a_trace_on_untold(base, tmp_path, kind):
    """One step of every fault, another one each day the seed is changed."""
    chance = random.Random(kind)
    for number, fault in enumerate(table.FAULTS):
        found = table.case(base, tmp_path / str(number), kind, fault, chance.randint(1, 40))
        assert not found.wrong, f"{kind} {fault}: {found.wrong}"


@pytest.mark.parametrize("step", [6, 7, 9, 12, 14, 17])
@pytest.mark.parametrize("fault", ["refused", "killed-after", "stack-ends", "disk-full"])
def test_each_command_of_a_start(base, tmp_path, fault, step):
    assert not table.case(base, tmp_path / "case", "reply", fault, step).wrong


@pytest.mark.parametrize("step", range(1, 6))
@pytest.mark.parametrize("fault", ["killed-before", "killed-after", "disk-full"])
def test_a_start_that_only_looked_leaves_the_settings_of_others(base, tmp_path, fault, step):
    """Nothing of it was ever on, so ``recover`` has nothing to clear."""
    assert not table.case(base, tmp_path / "case", "restore", fault, step).wrong


def test_a_stop_that_forgets_the_writer_is_noticed(base, tmp_path, monkeypatch):
    def forgets(self):
        return
        yield

    monkeypatch.setattr(Capture, "_stop_writer", forgets)
    found = table.case(base, tmp_path / "case", "packet", "split", 1)
    assert any("after recover: ['writer AESWRT ACTIVE']" in text for text in found.wrong)


def test_a_list_that_hides_what_is_left_is_noticed(base, tmp_path, monkeypatch):
    whole = Capture._finish

    def silent(self, ladder, cause):
        outcome = yield from whole(self, ladder[:1], cause)
        return type(outcome)(Place.DONE, outcome.seen)

    monkeypatch.setattr(Capture, "_finish", silent)
    found = table.case(base, tmp_path / "case", "packet", "split", 1)
    assert any(text.startswith("left untold") for text in found.wrong)


def test_real_kills():
    wrong, places = table.kills(4, seed=7)
    assert wrong == []
    assert places.total() == 4


def test_a_host_that_goes_wrong_can_be_asked_for(base, tmp_path, capsys):
    shutil.copytree(base, tmp_path / "l")
    profile = tmp_path / "p.yaml"
    profile.write_text(table.KINDS["packet"], "utf-8")
    assert run(["--host", f"faulty:refused,6:mock:{tmp_path / 'l'}", "capture", "run", str(profile)]) == 12
    assert "ZJB0421E TRACE CT,WTRSTART=AESWRT,WRAP was refused: IEE345I" in capsys.readouterr().err
    for spec in ("faulty:", "faulty:nonsense,1:mock:x", "faulty:lost:mock:x", "faulty:lost,1:files"):
        with pytest.raises(RequestError, match="ZJB0514E"):
            open_host(spec)
