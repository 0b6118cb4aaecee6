"""Traces of z/VM and Linux: their command texts, the runner, and that tcpdump understands the filters."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from zjobs.cli import run
from zjobs.errors import RequestError
from zjobs.lifecycle import guests
from zjobs.lifecycle.profile import parse as parse_zos
from zjobs.members.render import script

ROOT = Path(__file__).parents[2]
ZVM = "name: vm\ntrace: zvm-trf\nstack: TCPIP\n"
LINUX = "name: lx\ntrace: linux-tcpdump\nlinux: {file: /tmp/x.pcap}\n"


def linux(filters, more=""):
    return guests.parse(f"{LINUX}filters: {json.dumps(filters)}\n{more}")


def test_the_sequence_of_zvm_with_its_stop():
    found = guests.parse(ZVM + "filters: [{link: ETH0, length: 256}]\nzvm: {pages: 1000, keep: 4, to: MAINT}\n")
    assert found.start == (
        "NETSTAT OBEY PACKETTRACESIZE 256",
        "NETSTAT OBEY TRACEONLY ETH0 ENDTRACEONLY",
        "CP TRSOURCE ID TCP TYPE GT BLOCK FOR USER TCPIP",
        "CP TRSAVE FOR ID TCP DASD TO MAINT SIZE 1000 KEEP 4",
        "CP TRSOURCE ENABLE ID TCP",
    )
    assert found.stop == (
        "NETSTAT OBEY PACKETTRACESIZE 0",
        "NETSTAT OBEY TRACEONLY ENDTRACEONLY",
        "CP TRSOURCE DISABLE ID TCP",
        "CP TRSOURCE DROP ID TCP",
    )
    assert any("16 MB" in note for note in found.notes)


def test_zvm_warns_of_few_bytes_and_of_the_default_files():
    found = guests.parse(ZVM + "filters: [{link: ETH0, length: 64}, {link: ETH1, length: 32}]\n")
    assert found.start[:2] == ("NETSTAT OBEY PACKETTRACESIZE 64", "NETSTAT OBEY TRACEONLY ETH0 ETH1 ENDTRACEONLY")
    assert [("2 MB" in note, "cut" in note) for note in found.notes[:2]] == [(True, False), (False, True)]


EXPRESSIONS = [
    ({}, ""),
    ({"protocol": "TCP", "ip": "192.0.2.10", "port": 21}, "tcp and host 192.0.2.10 and port 21"),
    ({"protocol": "ICMPV6"}, "icmp6"),
    ({"protocol": 47, "ip": "2001:DB8::/32"}, "(ip proto 47 or ip6 proto 47) and net 2001:db8::/32"),
    ({"source_port": 20, "destination_port": 1024}, "src port 20 and dst port 1024"),
]


@pytest.mark.parametrize(("filters", "expression"), EXPRESSIONS)
def test_a_filter_as_an_expression_that_tcpdump_takes(filters, expression):
    found = linux([{"link": "enc600", "length": "full", **filters}])
    words = shlex.split(found.start[0].partition(">")[0])
    assert words[1:10] == ["tcpdump", "-i", "enc600", "-n", "-U", "-s", "0", "-w", "/tmp/x.pcap"]
    assert words[10:] == ([expression] if expression else [])
    if expression and shutil.which("tcpdump"):
        done = subprocess.run(["tcpdump", "-d", "-y", "EN10MB", expression], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_each_interface_has_a_tcpdump_and_a_file():
    filters = [{"link": "enc600", "port": 21, "length": 96}, {"link": "enc700"}, {"link": "enc600", "port": 20}]
    found = linux(filters, "stop: {after: 90s, packets: 5}\n")
    assert len(found.start) == len(found.stop) == 2
    assert "-s 214 -w /tmp/x-enc600.pcap -c 5 -G 90 -W 1 'port 21 or port 20'" in found.start[0]
    assert "/tmp/x-enc700.pcap" in found.start[1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (ZVM + "filters: [{link: ETH0, port: 21}]\n", "chooses by device only"),
        (ZVM + "filters: [{link: 'ETH0 ENDTRACEONLY'}]\n", "link"),
        (ZVM + "filters: [{port: 21}]\n", "link"),
        (LINUX + "filters: [{link: 'eth0; rm -rf /'}]\n", "link"),
        (LINUX.replace("/tmp/x.pcap", "/tmp/$(id)") + "filters: [{link: eth0}]\n", "file"),
        (LINUX + "filters: [{link: eth0}]\nrunner: ssh linux1\n", "{command}"),
        (LINUX + "filters: [{link: eth0}]\nrunner: '{command}'\n", "{command}"),
        (LINUX + "filters: [{link: eth0}]\nwriter: {proc: X}\n", "writer is not a key here"),
        ("name: lx\ntrace: linux-tcpdump\nfilters: [{link: eth0}]\n", "needs the key linux"),
    ],
)
def test_what_is_refused(text, words):
    with pytest.raises(RequestError, match=re.escape(words)):
        guests.parse(text)


def test_a_guest_is_told_from_a_trace_here():
    assert guests.is_guest("# x\nname: a\ntrace: 'zvm-trf'\n")
    assert not guests.is_guest("name: a\ntrace: SYSTCPDA\n")
    assert not guests.is_guest("name: a\n")
    with pytest.raises(RequestError, match="ZJB0402E"):
        parse_zos(ZVM + "writer: {proc: A}\nreply: true\nfilters: [{link: ETH0}]\n")


RUNNER = """
import sys
with open({log!r}, "a") as log:
    log.write(sys.argv[1] + "\\n")
print("done")
sys.exit(7 if {bad!r} and {bad!r} in sys.argv[1] else 0)
"""


def runner(tmp_path, bad=""):
    """A command of the site that notes what it is to run, and fails for one of them."""
    program, log = tmp_path / "runner.py", tmp_path / "log"
    program.write_text(RUNNER.format(log=str(log), bad=bad), "utf-8")
    profile = tmp_path / "vm.yaml"
    text = f"{ZVM}filters: [{{link: ETH0}}]\nstop: {{after: 1s}}\nrunner: '{sys.executable} {program} {{command}}'\n"
    profile.write_text(text, "utf-8")
    return str(profile), log


def test_a_runner_is_given_each_command_as_one_word(tmp_path, capsys):
    profile, log = runner(tmp_path)
    found = guests.parse(Path(profile).read_text("utf-8"))
    for verb, commands in (("start", found.start), ("status", found.status), ("stop", found.stop)):
        log.unlink(missing_ok=True)
        assert run(["--host", "files", "capture", verb, profile]) == 0
        assert tuple(log.read_text("utf-8").splitlines()) == commands
    log.unlink()
    assert run(["--host", "files", "capture", "run", profile]) == 0
    assert tuple(log.read_text("utf-8").splitlines()) == found.start + found.stop
    assert all(line.startswith("ZJB") for line in capsys.readouterr().out.splitlines())


def test_a_start_that_fails_is_undone_and_a_stop_goes_on(tmp_path, capsys):
    profile, log = runner(tmp_path, bad="TRSOURCE ID")
    found = guests.parse(Path(profile).read_text("utf-8"))
    assert run(["--host", "files", "capture", "start", profile]) == 12
    assert tuple(log.read_text("utf-8").splitlines()) == found.start[:3] + found.stop
    assert "ZJB0466E CP TRSOURCE ID" in capsys.readouterr().out
    profile, log = runner(tmp_path, bad="DISABLE")
    log.unlink()
    assert run(["--host", "files", "capture", "stop", profile]) == 4
    assert tuple(log.read_text("utf-8").splitlines()) == found.stop


def test_without_a_runner_the_commands_are_only_shown(capsys):
    for example in ("zvm-packets", "linux-ftp"):
        path = f"{ROOT}/examples/{example}.yaml"
        assert run(["--host", "files", "capture", "plan", path]) == 0
        out = capsys.readouterr().out
        found = guests.parse(Path(path).read_text("utf-8"))
        for command in found.start + found.status + found.stop:
            assert command in out
        assert run(["--host", "files", "capture", "start", path]) == 12
        assert "ZJB0469E" in capsys.readouterr().err


def test_scripts_hold_every_command(tmp_path):
    for example, suffix in (("zvm-packets", ".exec"), ("linux-ftp", ".sh")):
        found = guests.parse((ROOT / "examples" / f"{example}.yaml").read_text("utf-8"))
        made = script(found)
        assert made.path == Path("scripts") / f"{example}{suffix}"
        text = "\n".join(made.lines)
        assert all(command in text for command in found.start + found.status + found.stop)
    (tmp_path / "x.sh").write_text(text, "utf-8")
    assert subprocess.run(["sh", "-n", str(tmp_path / "x.sh")]).returncode == 0
    assert text.isascii()
