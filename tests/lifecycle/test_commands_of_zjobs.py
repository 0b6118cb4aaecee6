"""zjobs capture, members and demo from the command line: texts, return codes, one system over many processes."""

import json
import re
import socket
import struct
import subprocess
import sys
from pathlib import Path

import dpkt
import pytest

from mock_zos.__main__ import summary
from mock_zos.lpar import Lpar, create
from mock_zos.state import State
from zjobs.cli import run
from zjobs.host import open_host
from zjobs.lifecycle.guests import is_guest

ROOT = Path(__file__).parents[2]
EXAMPLE = str(ROOT / "examples" / "ftp-hang.yaml")
CAPTURE = ROOT / "tests" / "captures" / "ftp-hang.pcap"


@pytest.fixture
def system(tmp_path):
    directory = tmp_path / "lpar"
    create(directory, State(0, home=["192.0.2.10"]), [(CAPTURE, "ETH1")])
    return f"mock:{directory}"


def shown(system):
    return summary(Lpar(Path(system.removeprefix("mock:"))))


def packets(selected):
    """How many IPv4 packets of the capture an independent reader selects."""
    with CAPTURE.open("rb") as file:
        frames = [dpkt.ethernet.Ethernet(frame) for _, frame in dpkt.pcap.Reader(file)]
    return sum(selected(frame.data) for frame in frames if isinstance(frame.data, dpkt.ip.IP))


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
    count = 0
    for record in Lpar(Path(system.removeprefix("mock:"))).datasets.read(dsn):
        at = 40
        while at + 2 <= len(record) and (length := struct.unpack_from(">H", record, at)[0]):
            count, at = count + 1, at + length
    assert count == packets(lambda ip: ip.p == dpkt.ip.IP_PROTO_TCP)


def test_run_ends_fine_and_leaves_nothing_on(system, capsys):
    assert run(["--host", system, "capture", "run", EXAMPLE]) == 0
    out = capsys.readouterr().out
    assert "ZJB0444I stopping ftp-hang: 600 seconds have passed" in out
    assert "ZJB0453I full report written to //'SYS2.REPORT.FULL'" in out
    report = open_host(system).read_text("//'SYS2.REPORT.FULL'")
    assert report[0] == "1COMPONENT TRACE FULL FORMAT"
    assert quiet(shown(system))
    assert run(["--host", system, "capture", "recover", EXAMPLE]) == 0


@pytest.mark.parametrize("commands", [1, 6, 9, 11, 16])
def test_a_run_killed_in_the_middle_is_recovered_with_nothing_left_on(system, capsys, commands):
    """The process dies without a word after so many commands (SIGKILL), as when its job is forced."""
    code = f"""
import os, signal, sys
from zjobs.cli import run
from zjobs.host.mock import MockHost
real, count = MockHost.oper, 0
def oper(self, command, wait_cs=300):
    global count
    count += 1
    if count == {commands}:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(self, command, wait_cs)
MockHost.oper = oper
sys.exit(run(sys.argv[1:]))
"""
    done = subprocess.run(
        [sys.executable, "-c", code, "--host", system, "capture", "run", EXAMPLE], capture_output=True
    )
    assert done.returncode == -9
    before = shown(system)
    assert run(["--host", system, "capture", "recover", EXAMPLE]) in (0, 4)
    assert quiet(shown(system))
    assert {one["name"] for one in before["datasets"]} <= {one["name"] for one in shown(system)["datasets"]}
    capsys.readouterr()
    assert run(["--host", system, "capture", "recover", EXAMPLE]) == 0
    assert "ZJB0448I" in capsys.readouterr().out
    assert run(["--host", system, "capture", "start", EXAMPLE]) == 0


def test_an_ended_process_stops_its_trace(system):
    """SIGTERM: the stop sequence runs before the process ends."""
    code = """
import os, signal, sys
from zjobs.cli import run
from zjobs.host.mock import MockHost
real = MockHost.sleep
def sleep(self, seconds):
    real(self, seconds)
    if seconds == 10 and any(trace.mode == "ON" for trace in self._lpar.state.subtraces):
        os.kill(os.getpid(), signal.SIGTERM)
MockHost.sleep = sleep
sys.exit(run(sys.argv[1:]))
"""
    zjobs = [sys.executable, "-c", code, "--host", system, "capture", "run", EXAMPLE]
    done = subprocess.run(zjobs, capture_output=True, text=True)
    assert done.returncode == 12, done.stderr
    assert "ZJB0003E" in done.stderr
    assert "Traceback" not in done.stderr
    assert quiet(shown(system))


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
    assert capsys.readouterr().out.count("ZJB0601I") == 7
    assert run(["--host", "files", "members", EXAMPLE, "--only", "proc"]) == 0
    assert capsys.readouterr().out == (tmp_path / "procs" / "AESWRT.jcl").read_text("utf-8")


def test_the_demonstrations_traffic_is_the_projects_own_recording():
    assert (ROOT / "mock_zos" / "traffic" / CAPTURE.name).read_bytes() == CAPTURE.read_bytes(), f"copy {CAPTURE} there"


def test_the_demonstration_tells_the_whole_story(tmp_path, capsys):
    keep = tmp_path / "kept"
    assert run(["demo", "--keep", str(keep)]) == 0
    out = capsys.readouterr().out
    server = socket.inet_aton("198.51.100.20")
    count = packets(lambda ip: server in (ip.src, ip.dst))
    counted = f"TRRECCNT: {count:08}"
    for said in ("TRACE CT,WTRSTART=AESWRT,WRAP", "ITT110I", counted, "ZJB0441I", "USER.REPORT.FULL"):
        assert said in out
    assert quiet(shown(f"mock:{keep}"))
    assert "SYN" in out[out.index("DP   Nr") :]
    report = open_host(f"mock:{keep}").read_text("//'USER.REPORT.FULL'")
    assert sum("Packet Trace" in line and "00000004" in line for line in report) == count
    assert run(["demo", "--keep", str(keep)]) == 8


HERE = [path for path in sorted((ROOT / "examples").glob("*.yaml")) if not is_guest(path.read_text("utf-8"))]


@pytest.mark.parametrize("example", HERE, ids=lambda path: path.stem)
def test_every_example_runs(tmp_path, capsys, example):
    traffic = [(CAPTURE, "ETH1"), (CAPTURE.with_name("dns.pcap"), "ETH2:TCPIPB")]
    create(tmp_path / "lpar", State(0, home=["192.0.2.10"]), traffic)
    system = f"mock:{tmp_path / 'lpar'}"
    assert run(["--host", system, "capture", "run", str(example)]) == 0
    assert quiet(shown(system))
    assert run(["--host", "files", "members", str(example)]) == 0
    capsys.readouterr()


def test_packets_that_come_late_are_no_warning_of_a_run(tmp_path, capsys):
    """A name lookup long before the transfer: when the trace is proved, nothing has matched yet."""
    raw = bytearray(CAPTURE.read_bytes())
    lookup = raw.index(b"\x08\x00\x45") - 12 - 16  # the first IP packet in the file
    raw[lookup : lookup + 4] = (int.from_bytes(raw[lookup : lookup + 4], "little") - 100).to_bytes(4, "little")
    (tmp_path / "late.pcap").write_bytes(raw)
    create(tmp_path / "lpar", State(0), [(tmp_path / "late.pcap", "ETH1")])
    assert run(["--host", f"mock:{tmp_path / 'lpar'}", "capture", "run", EXAMPLE]) == 0
    out = capsys.readouterr().out
    assert "ZJB0429W" in out
    assert "ZJB0441I" in out
