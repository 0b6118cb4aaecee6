"""zjobs capture, members and demo from the command line: texts, return codes, one system over many processes."""

import json
import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from mock_zos.lpar import Lpar
from zjobs.cli import run

ROOT = Path(__file__).parents[2]
EXAMPLE = str(ROOT / "examples" / "ftp-hang.yaml")
CAPTURE = ROOT / "tests" / "captures" / "ftp-hang.pcap"


@pytest.fixture
def system(tmp_path):
    directory = tmp_path / "lpar"
    command = [sys.executable, "-m", "mock_zos", "init", directory, "--traffic", CAPTURE, "--home", "192.0.2.10"]
    subprocess.run(command, check=True, capture_output=True)
    return f"mock:{directory}"


def shown(system):
    directory = system.removeprefix("mock:")
    command = [sys.executable, "-m", "mock_zos", "show", directory, "--as", "json"]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def quiet(found):
    return not (found["writers"] or found["components"] or found["filters"] or found["wtors"])


def test_start_status_and_stop_in_separate_processes(system, tmp_path):
    zjobs = [sys.executable, "-m", "zjobs", "--host", system, "capture"]
    for verb, code in (("start", 0), ("status", 0), ("start", 0)):
        done = subprocess.run([*zjobs, verb, EXAMPLE], capture_output=True, text=True)
        assert done.returncode == code, done.stderr
        assert all(line.startswith("ZJB") for line in done.stdout.splitlines())
    found = shown(system)
    assert [one["status"] for one in found["writers"]] == ["ACTIVE"]
    done = subprocess.run([*zjobs, "stop", EXAMPLE], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert quiet(shown(system))
    dsn = re.search(r"ZJB0441I ftp-hang is stopped; trace data set (\S+)", done.stdout)[1]
    selected = subprocess.run(["tcpdump", "-nr", CAPTURE, "tcp"], check=True, capture_output=True, text=True).stdout
    count = 0
    for record in Lpar(Path(system.removeprefix("mock:"))).datasets.read(dsn):
        at = 40
        while at + 2 <= len(record) and (length := struct.unpack_from(">H", record, at)[0]):
            count, at = count + 1, at + length
    assert count == len(selected.splitlines())


def test_run_ends_fine_and_leaves_nothing_on(system, capsys):
    assert run(["--host", system, "capture", "run", EXAMPLE]) == 0
    assert "ZJB0444I stopping ftp-hang: 600 seconds have passed" in capsys.readouterr().out
    assert quiet(shown(system))
    assert run(["--host", system, "capture", "recover", EXAMPLE]) == 0


def test_status_as_json(system, capsys):
    assert run(["--host", system, "capture", "status", EXAMPLE, "--as", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["place"], found["trace"]["mode"]) == ("IDLE", "OFF")


def test_a_plan_needs_no_system(capsys):
    assert run(["--host", "files", "capture", "plan", EXAMPLE]) == 0
    out = capsys.readouterr().out
    assert out.index("WTRSTART") < out.index("PKT,CLEAR") < out.index(",ON,FULL") < out.index("TRACE CT,ON")


@pytest.mark.parametrize(
    ("old", "new", "code", "id"),
    [
        ("link: ETH1", "link: ETH9", 8, "ZJB0417E"),
        ("AESWRT", "NOSUCH", 12, "ZJB0421E"),
        ("stack: TCPIP", "stack: OTHER", 12, "ZJB0412E"),
        ("link: ETH1", "link: ETH1,ON", 8, "ZJB0401E"),
    ],
)
def test_return_codes_and_one_line_of_reason(system, tmp_path, capsys, old, new, code, id):
    profile = tmp_path / "p.yaml"
    profile.write_text(Path(EXAMPLE).read_text("utf-8").replace(old, new), "utf-8")
    assert run(["--host", system, "capture", "start", str(profile)]) == code
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(id)
    assert quiet(shown(system))


def test_capture_off_the_host_is_refused(capsys):
    assert run(["--host", "files", "capture", "status", EXAMPLE]) == 12
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("ZJB0503E")
    assert len(said.err.splitlines()) == 1


def test_a_profile_that_is_not_there(capsys):
    assert run(["--host", "files", "capture", "plan", "/no/such.yaml"]) == 8
    assert capsys.readouterr().err.startswith("ZJB0404E")


def test_members_to_a_directory_and_to_the_screen(tmp_path, capsys):
    assert run(["--host", "files", "members", EXAMPLE, "--to", str(tmp_path)]) == 0
    assert (tmp_path / "procs" / "AESWRT.jcl").exists()
    assert capsys.readouterr().out.count("ZJB0601I") == 5
    assert run(["--host", "files", "members", EXAMPLE, "--only", "proc"]) == 0
    assert capsys.readouterr().out == (tmp_path / "procs" / "AESWRT.jcl").read_text("utf-8")


def test_the_demonstration_tells_the_whole_story(tmp_path, capsys):
    keep = tmp_path / "kept"
    assert run(["demo", "--keep", str(keep)]) == 0
    out = capsys.readouterr().out
    for said in ("TRACE CT,WTRSTART=AESWRT,WRAP", "ITT110I", "TRRECCNT: 00000084", "ZJB0441I"):
        assert said in out
    assert quiet(shown(f"mock:{keep}"))
    assert run(["demo", "--keep", str(keep)]) == 8
