"""What cannot be read or asked is refused: one line with a message id, return code 8, nothing half-written."""

from __future__ import annotations

import bz2
import lzma
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from encoder import wrap_pcap
from encoder.containers import rdw, single
from readings import ROOT, own_files, write

CTES = wrap_pcap(next(p for p in own_files() if p.stem == "dns")).ctes
TRACE = rdw(single(CTES))
#: What a transfer in text mode leaves: translated, zeros gone, line ends put in.
AS_TEXT = TRACE.decode("cp037").encode("ascii", "replace").replace(b"\0", b"") + b"\r\n" * 400


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return write(tmp_path / "good", TRACE)


def refused(run, id: str, *words: str) -> None:
    assert run.code == 8
    assert run.err.startswith(f"{id} ") and run.err.count("\n") == 1, run.err
    for word in words:
        assert word in run.err, run.err


def ebcdic(text: str) -> bytes:
    return text.encode("cp037")


FOREIGN = {
    "empty": (b"", "ZJB0102E", "empty"),
    "bzip2": (bz2.compress(TRACE), "ZJB0103E", "bzip2"),
    "xz": (lzma.compress(TRACE), "ZJB0103E", "xz"),
    "pack": (b"\x02\x01\x6d\x5a\x0c\x00\x6d\x5e\x00\x00\x6d\x5a" + bytes(range(200)), "ZJB0103E", "AMATERSE"),
    "spack": (b"\x05\x00\x00\x50\x0c\x00\x6d\x5e\x00\x00\x00\x50" + bytes(range(200)), "ZJB0103E", "AMATERSE"),
    "xmit": (b"\x50\xe0" + ebcdic("INMR01") + bytes(80), "ZJB0103E", "RECEIVE"),
    "dump": (ebcdic("DR1 ") + bytes(4156), "ZJB0103E", "COPYTRC"),
    "dump-2": (ebcdic("DR2 ") + bytes(4156), "ZJB0103E", "COPYTRC"),
    "dump-with-rdw": (b"\x10\x44\x00\x00" + ebcdic("DR2 ") + bytes(4156), "ZJB0103E", "COPYTRC"),
    "gtf": (rdw([b"\x00\x01" + bytes([k]) * 60 for k in range(1, 12)]), "ZJB0103E", "GTFTRACE"),
    "text": (AS_TEXT, "ZJB0103E", "text mode"),
    "letter": (b"Dear colleague, please find the trace attached.\n" * 30, "ZJB0103E", "text mode"),
    "one-byte": (b"x", "ZJB0114E", "1 byte"),
    "other": (random.Random(1).randbytes(5000), "ZJB0114E", "no trace entry"),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_foreign_files(name: str, tmp_path: Path, zjobs) -> None:
    data, id, word = FOREIGN[name]
    path = write(tmp_path / name, data)
    for command in (("format", path), ("inspect", path)):
        run = zjobs(*command)
        refused(run, id, str(path), word)
        assert run.out == b""


def test_missing_source(tmp_path: Path, zjobs) -> None:
    refused(zjobs("format", tmp_path / "nowhere"), "ZJB0101E", "No such file")


def test_directory(tmp_path: Path, zjobs) -> None:
    refused(zjobs("format", tmp_path), "ZJB0101E", "directory")


def with_stdin(stdin) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    command = [sys.executable, "-m", "zjobs", "format", "-"]
    environment = {**os.environ, "PYTHONPATH": path}
    return subprocess.run(command, stdin=stdin, capture_output=True, text=True, timeout=60, env=environment)


@pytest.mark.skipif(not Path("/dev/zero").is_char_device(), reason="there is no /dev/zero")
def test_a_device_without_an_end(tmp_path: Path, good: Path, zjobs) -> None:
    for command in ("format", "inspect"):
        refused(zjobs(command, "/dev/zero"), "ZJB0101E", "/dev/zero", "character device")
    link = tmp_path / "link"
    link.symlink_to("/dev/zero")
    refused(zjobs("format", good, link), "ZJB0101E", "character device")
    with Path("/dev/zero").open("rb") as endless:
        run = with_stdin(endless)
    assert (run.returncode, run.stdout) == (8, "")
    assert run.stderr.startswith("ZJB0101E source standard input") and "character device" in run.stderr
    # The empty device is a source that holds nothing.
    refused(zjobs("format", "/dev/null"), "ZJB0102E", "/dev/null")
    assert "ZJB0119I" in zjobs("format", good, "/dev/null").err


def test_a_terminal_is_read_to_its_end() -> None:
    main, terminal = os.openpty()
    os.write(main, b"no trace at all\n\4\4\4")
    run = with_stdin(terminal)
    os.close(terminal)
    os.close(main)
    assert run.returncode == 8
    assert "character device" not in run.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_unreadable_file(good: Path, zjobs) -> None:
    good.chmod(0)
    refused(zjobs("format", good), "ZJB0101E", "Permission")


def test_a_zip_that_is_cut(tmp_path: Path, zjobs) -> None:
    refused(zjobs("format", write(tmp_path / "cut.zip", b"PK\x03\x04" + bytes(30))), "ZJB0101E")


def test_a_choice_that_is_missing_is_one_line(zjobs) -> None:
    refused(zjobs("list"), "ZJB0001E", "protocols, reports")


def test_local_without_a_zone_is_told(good: Path, zjobs) -> None:
    for arguments in (["--local"], ["--options", "LOCAL SUMMARY"]):
        run = zjobs("format", *arguments, good)
        assert (run.code, run.err.split()[0]) == (0, "ZJB0310I")
        assert zjobs("format", *arguments, "--utc-offset", "-05:00", good).err == ""


def test_unwritable_target_leaves_nothing(tmp_path: Path, good: Path, zjobs) -> None:
    target = tmp_path / "no" / "such" / "place.txt"
    refused(zjobs("format", good, "--out", target), "ZJB0301E", "Nothing was written")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["good"]


def test_a_refused_source_leaves_no_target(tmp_path: Path, zjobs) -> None:
    bad = write(tmp_path / "bad", bytes(2 << 20))
    run = zjobs("format", bad, "--out", tmp_path / "report")
    refused(run, "ZJB0102E")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bad"]


def test_a_failure_keeps_the_old_target(tmp_path: Path, zjobs) -> None:
    bad = write(tmp_path / "bad", bytes(2 << 20))
    old = write(tmp_path / "report", b"the last good report\n")
    assert zjobs("format", bad, "--out", old).code == 8
    assert old.read_bytes() == b"the last good report\n"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bad", "report"]


def test_no_output_takes_the_place_of_a_source(tmp_path: Path, good: Path, zjobs) -> None:
    before = good.read_bytes()
    link = tmp_path / "link"
    link.symlink_to(good)
    statement = "CTRACE COMP(SYSTCPDA) SHORT"
    for arguments in (
        ("format", good, "--out", good),
        ("format", "--tally", good, "--out", link),
        ("format", "--tally", good, "--sniffer", link),
        ("format", "--tally", good, "--export", tmp_path / "." / "good"),
        ("export", good, "--as", "jsonl", "--out", good),
        ("inspect", good, "--out", good),
        ("ctrace", statement, good, "--out", good),
        ("ctrace", statement, good, "--dd", f"IPCSPRNT={good}"),
    ):
        refused(zjobs(*arguments), "ZJB0308E", "read from it", "Nothing was written")
        assert good.read_bytes() == before and link.is_symlink(), arguments


def test_two_outputs_have_two_places(tmp_path: Path, good: Path, zjobs) -> None:
    one = tmp_path / "one"
    refused(zjobs("format", "--tally", good, "--out", one, "--sniffer", one), "ZJB0308E", "another output")
    refused(zjobs("format", "--tally", good, "--sniffer", one, "--export", one), "ZJB0308E", "another output")
    assert not one.exists()
    assert zjobs("format", "--tally", good, "--out", os.devnull, "--export", os.devnull).code == 0


def test_a_replaced_target_keeps_its_mode_and_its_link(tmp_path: Path, good: Path, zjobs) -> None:
    old, link = write(tmp_path / "report", b"last night\n"), tmp_path / "link"
    old.chmod(0o600)
    link.symlink_to(old)
    assert zjobs("format", good, "--out", link).code == 0
    assert link.is_symlink() and old.read_bytes().startswith(b"COMPONENT TRACE")
    assert old.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everything")
def test_a_target_that_may_not_be_written_stays(tmp_path: Path, good: Path, zjobs) -> None:
    old = write(tmp_path / "report", b"last night\n")
    old.chmod(0o400)
    refused(zjobs("format", good, "--out", old), "ZJB0301E", "Permission")
    assert old.read_bytes() == b"last night\n"


@pytest.mark.parametrize(
    ("options", "id", "words"),
    [
        ("TPC", "ZJB0201E", ["TPC", "position 1", "TCP"]),
        ("TCP IPADR(1.2.3.4)", "ZJB0201E", ["position 5", "IPADDR"]),
        ("S", "ZJB0203E", ["ambiguous", "SUMMARY"]),
        ("RECORDS(10:5)", "ZJB0205E", ["10:5", "position 9"]),
        ("PORT(70000)", "ZJB0205E", ["70000", "65535"]),
        ("IPADDR(1.2.3)", "ZJB0205E", ["1.2.3"]),
        ("PORT", "ZJB0206E", ["PORT"]),
        ("PORT(", "ZJB0202E", ["not closed"]),
        (")", "ZJB0202E", ["position 1"]),
        ("TCP(6)", "ZJB0205E", ["no operand"]),
        ("FLAGS(SNY)", "ZJB0205E", ["SYN", "near: SYN"]),
        ("INTERFACE(OSAQDIO4,ABCDEFGHIJKLMNOPQ)", "ZJB0205E", ["position 20", "1 to 16 characters"]),
        ("LINKNAME(ABCDEFGHIJKLMNOPQ*)", "ZJB0205E", ["1 to 16 characters"]),
        ("JOBNAME(TOOLONG12)", "ZJB0205E", ["TOOLONG12", "1 to 8 characters"]),
        ("DEVTYPE(\u00b2)", "ZJB0205E", ["a code from 0 to 255"]),
        ("IPADDR(192.0.2.1-+21)", "ZJB0205E", ["192.0.2.1-+21"]),
        ("IPADDR(192.0.2.1/255.255.0.256)", "ZJB0205E", ["255.255.0.256"]),
        ("LIMIT(0)", "ZJB0205E", ["allowed: 1 to 999999999\n"]),
    ],
)
def test_options_that_cannot_be_read(options: str, id: str, words: list[str], good: Path, zjobs) -> None:
    refused(zjobs("format", good, "--options", options), id, *words)


@pytest.mark.parametrize(
    ("arguments", "id"),
    [
        (["--start", "2024-01-02T00:00:00", "--stop", "2024-01-01T00:00:00"], "ZJB0208E"),
        (["--start", "yesterday"], "ZJB0207E"),
        (["--start", "13/01/24,00.00.00"], "ZJB0207E"),
        (["--entidlist", "9"], "ZJB0205E"),
        (["--limit", "0"], "ZJB0001E"),
        (["--limit", "many"], "ZJB0001E"),
        (["--fulll"], "ZJB0001E"),
        (["--comp", "SYSTCPIP"], "ZJB0304E"),
        (["--code-page", "utf-8"], "ZJB0001E"),
        (["--utc-offset", "noon"], "ZJB0001E"),
    ],
)
def test_requests_that_cannot_be_met(arguments: list[str], id: str, tmp_path: Path, zjobs) -> None:
    from encoder.containers import packed

    named = write(tmp_path / "named", rdw(packed(CTES, length=24)))
    run = zjobs("format", named, *arguments)
    refused(run, id)


@pytest.mark.parametrize(
    "layout",
    [
        "",
        "[]",
        "{}",
        '{"name": "x", "base_len": 92, "fields": []}',
        '{"name": "x", "base_len": 92, "fields": [{"name": "len", "off": 0, "fmt": "u17"}]}',
        '{"name": "x", "base_len": "many", "fields": [{"name": "len", "off": 0, "fmt": "u16"}]}',
        '{"name": "x", "base_len": 92, "fields": [{"name": "len", "off": -2, "fmt": "u16"}]}',
        "\xff\xfe",
    ],
)
def test_bad_layout_file(layout: str, tmp_path: Path, good: Path, zjobs) -> None:
    path = write(tmp_path / "layout.json", layout.encode("latin-1"))
    refused(zjobs("--layout", path, "format", good), "ZJB0106E", str(path))


def test_layout_that_reaches_beyond_its_header(tmp_path: Path, good: Path, zjobs) -> None:
    text = (ROOT / "zjobs" / "wire" / "layouts" / "pthdr-92.json").read_text()
    path = write(tmp_path / "layout.json", text.replace('"off": 90', '"off": 91').encode())
    refused(zjobs("--layout", path, "format", good), "ZJB0106E", "offseglen")


def test_layout_that_is_not_there(tmp_path: Path, good: Path, zjobs) -> None:
    refused(zjobs("--layout", tmp_path / "none.json", "format", good), "ZJB0106E", "No such file")


def test_a_command_that_is_not_there(zjobs) -> None:
    refused(zjobs("formt", "x"), "ZJB0001E", "format")


def test_a_name_that_no_file_can_have_is_told(zjobs, good: Path) -> None:
    for name in ("n" * 5000, "./" + "n" * 5000):
        refused(zjobs("format", name), "ZJB0101E", "File name too long")
        refused(zjobs("format", "--out", name, good), "ZJB0301E", "File name too long")


def test_a_real_process_ends_alike(tmp_path: Path, zjobs_process) -> None:
    """Return code, one line on standard error, nothing on standard output, no traceback: as a batch job sees it."""
    run = zjobs_process("format", tmp_path / "nowhere")
    refused(run, "ZJB0101E")
    assert run.out == b""


def test_standard_output_on_a_full_disk(good: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full")
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "zjobs", "format", "--full", str(good)]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, cwd=ROOT, timeout=60, check=False)
    assert done.returncode == 8
    lines = done.stderr.decode().splitlines()
    assert len(lines) == 1 and lines[0].startswith("ZJB0302E standard output cannot be written: No space left")


def test_a_closed_standard_output_is_told(good: Path) -> None:
    command = ["sh", "-c", 'exec "$0" -m zjobs format --full "$1" >&-', sys.executable, str(good)]
    done = subprocess.run(command, stderr=subprocess.PIPE, cwd=ROOT, timeout=60, check=False)
    assert done.returncode == 8
    lines = done.stderr.decode().splitlines()
    assert len(lines) == 1 and lines[0].startswith("ZJB0302E standard output cannot be written: it is closed")


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path, good: Path) -> None:
    big = write(tmp_path / "big", TRACE * 200)
    script = f"{ROOT}/.venv/bin/python -m zjobs format --full {big} | head -1"
    if not (ROOT / ".venv" / "bin" / "python").exists():
        pytest.skip("no .venv")
    done = subprocess.run(["sh", "-c", script], capture_output=True, cwd=ROOT, timeout=60)
    assert done.stdout.count(b"\n") == 1
    assert done.stderr == b""
