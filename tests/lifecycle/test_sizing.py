"""Sizing: the arithmetic, checked against numbers worked out by hand."""

import pytest

from zjobs.cli import run
from zjobs.lifecycle.profile import parse
from zjobs.lifecycle.sizing import CYLINDER, size

HEAD = "name: s\nstack: TCPIP\nreply: true\n"
WRAP = HEAD + "writer: {proc: W, cylinders: 100}\nfilters: [{port: 21}]\n"


def test_a_cylinder_of_a_3390():
    assert CYLINDER == 839_940


def test_wrap_is_sized_in_minutes():
    # 1,000 packets/s of 1,000 bytes, 200 kept: 1,000 x 360 = 360,000 bytes/s; 83,994,000 / 360,000 / 60 = 3.9
    found = size(parse(WRAP), 1000, 1000)
    assert found.bytes_a_second == 360_000
    assert round(found.minutes, 1) == 3.9
    assert (found.needed, found.enough) == (0, True)
    assert "WRAP" in found.steps[-1]


def test_nowrap_is_sized_for_the_whole_run_with_a_reserve():
    text = (
        WRAP.replace("cylinders: 100", "cylinders: 100, wrap: false, datasets: [A.T01, A.T02]") + "stop: {after: 5m}\n"
    )
    found = size(parse(text), 1000, 1000)
    # 300 s x 360,000 x 1.3 / 839,940 = 167.15
    assert found.needed == 168
    assert found.enough
    assert not size(parse(text), 2000, 1000).enough


@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        ("filters: [{port: 21, length: full}]", 1000),
        ("filters: [{port: 21, length: 64}, {port: 20, length: 96}]", 96),
        ("trace: DATTRACE\nfilters: [{port: 21, length: full}]", 1000),
        ("trace: DATTRACE\nfilters: [{port: 21, length: 10}]", 10),
        ("trace: OSAENTA\nfilters: [{portname: OSA1, port: 21}]", 224),
    ],
)
def test_what_is_kept_of_a_packet(filters, kept):
    found = size(parse(WRAP.replace("filters: [{port: 21}]", filters)), 100, 1000, share=50)
    assert found.bytes_a_second == 50 * (kept + 160)


def test_the_plan_prints_it_and_warns(tmp_path, capsys):
    path = tmp_path / "p.yaml"
    path.write_text(WRAP + "stop: {after: 10m}\n", "utf-8")
    assert run(["--host", "files", "capture", "plan", str(path), "--rate", "10"]) == 0
    assert capsys.readouterr().out.count("ZJB0471I") == 5
    assert run(["--host", "files", "capture", "plan", str(path), "--mbit", "100", "--packet", "500"]) == 4
    out = capsys.readouterr().out
    assert "25,000 packets/s x 100 percent" in out
    assert "ZJB0472W" in out
