"""The tables as a whole, and what may import what around them."""

import ast
from pathlib import Path

import pytest

from zjobs.lifecycle.tables import LADDERS, TRANSITIONS, Component, Event, Filter, Place, Writer, after

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("machine", [Writer, Component, Filter])
def test_every_state_can_be_reached_and_left(machine):
    table = TRANSITIONS[machine]
    assert set(table) == set(machine)
    first = next(iter(machine))
    reached, todo = {first}, [first]
    while todo:
        for state in table[todo.pop()].values():
            if state not in reached:
                reached.add(state)
                todo.append(state)
    assert reached == set(machine)
    assert all(first in _reach(table, state) for state in machine)


def _reach(table, start):
    reached, todo = set(), [start]
    while todo:
        for state in table[todo.pop()].values():
            if state not in reached:
                reached.add(state)
                todo.append(state)
    return reached


def test_states_of_different_switches_with_the_same_word_are_kept_apart():
    assert after(Component.ON, Event.CT_OFF) is Component.OFF
    assert after(Filter.ON, Event.CT_OFF) is None


def test_every_ladder_ends_with_the_writer_stopped_or_the_filter_cleared():
    for place, ladder in LADDERS.items():
        assert (not ladder) == (place is Place.IDLE)
        if Place.STOP_CT in ladder:
            assert ladder.index(Place.STOP_CT) < ladder.index(Place.STOP_WRITER), "component off before its writer"


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def test_the_simulated_system_shares_only_the_tables_and_the_host_types():
    for path in (ROOT / "mock_zos").rglob("*.py"):
        own = {name for name in _imports(path) if name.split(".")[0] == "zjobs"}
        assert own <= {"zjobs.lifecycle.tables", "zjobs.host.base"}, path


def test_the_lifecycle_does_no_io():
    for path in (ROOT / "zjobs" / "lifecycle").glob("*.py"):
        forbidden = {"os", "time", "datetime", "pathlib", "subprocess", "socket", "zjobs.host", "mock_zos"}
        assert not {name for name in _imports(path) if name in forbidden or name.startswith("zjobs.host")}, path
