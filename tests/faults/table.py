"""Every fault at every step of every kind of trace: how the run ended, what it left, what recover found.

``python tests/faults/table.py`` prints the table (``make faults``); ``test_faults.py`` runs a sample of it.
A case is a run on a simulated LPAR of its own.  Its letters:

D  done              F  failed, nothing left        L  failed, and told truly what was left
K  killed            E  refused by an error, nothing started or everything stopped again
!  wrong: something stayed on untold, was told but not there, or was still on after ``recover``
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "lifecycle"))

from rigs import CAPTURES, Ear, active

from mock_zos import faults
from mock_zos.lpar import create
from mock_zos.state import State
from zjobs.errors import ZjobsError
from zjobs.host.faulty import CONSOLE, FaultyHost
from zjobs.host.mock import MockHost, open
from zjobs.jobs._journal import UNFINISHED
from zjobs.jobs.capture import Job
from zjobs.lifecycle.profile import captures
from zjobs.lifecycle.tables import Place, Windows
from zjobs.lifecycle.values import Profile

WINDOWS = Windows(count_poll=20, count_polls=1)
_HEAD = "name: test\nstack: TCPIP\nstop: {after: 45s}\nwriter: {proc: AESWRT}\n"
_MEMBER = _HEAD + "parmlib: {member: CTAESPRM}\n"
_TWO = _MEMBER.replace("AESWRT", "TWOWRT").replace("CTAESPRM", "CTTWO000").replace("}\nparm", ", wrap: false}\nparm")
KINDS = {
    "packet": _MEMBER + "filters: [{link: ETH1, protocol: TCP, length: full}]\n",
    "reply": _HEAD + "reply: true\nbuffer: 32M\nfilters: [{link: ETH1, length: full}]\n",
    "links": _TWO + "filters: [{link: ETH1, port: 21}, {link: ETH2, length: full}, {link: ETH1, port: 53}]\n",
    "data": _MEMBER + "trace: DATTRACE\nfilters: [{port: 21, length: full}]\n",
    "stacks": _HEAD.replace("stack: TCPIP\n", "").replace("writer: {proc: AESWRT}\n", "stacks:\n")
    + "  - {stack: TCPIP, writer: {proc: AESWRT}, parmlib: {member: CTAESPRM}}\n"
    + "  - {stack: TCPIPB, writer: {proc: AESWRTB}, reply: true, filters: [{link: ETH3, port: 53}]}\n"
    + "filters: [{link: ETH1, protocol: TCP, length: full}]\n",
    "restore": _MEMBER + "restore: true\nfilters: [{link: ETH1, protocol: TCP, length: full}]\n",
    "osa": _MEMBER + "trace: SYSTCPOT\nfilters: [{portname: OSADEV1, port: [21, 53]}]\n",
}
THEIR_PORT = 8080
"""Somebody has set this port on ETH2 before, in the runs of a profile that restores settings."""
CHANGING = ("filters-off", "filters-changed", "stack-ends")
"""Faults that do something to the settings of others as well."""
FAULTS = (*CONSOLE, *faults.FAULTS, "disk-full")
"""``disk-full``: from that command on, the record of the run cannot be written."""


class Killed(BaseException):
    """Stands for SIGKILL inside this process."""


class Dying(FaultyHost):
    """A process that is killed does nothing any more; what it had written so far is what recover finds."""

    dead: dict[str, bytes] | None = None

    def __init__(self, host: MockHost, fault: str, step: int, seed: int) -> None:
        super().__init__(host, fault, step, seed, self._die)

    def _die(self) -> None:
        self.dead = {path.name: path.read_bytes() for path in self.host.runs().glob("*.json")}
        raise Killed

    def __getattr__(self, name: str) -> object:
        if self.dead is not None and name not in ("runs", "name"):
            raise Killed
        return super().__getattr__(name)

    def oper(self, command: str, wait_cs: int = 300) -> list[str]:
        if self.dead is not None:
            raise Killed
        if self.fault == "disk-full":
            self.count += 1
            if self.count == self.step:
                _obstacle(self.host).mkdir(parents=True, exist_ok=True)
            return list(self.host.oper(command, wait_cs))
        return super().oper(command, wait_cs)


def _obstacle(host: MockHost) -> Path:
    """What stands in the way of the record's next version; with several stacks, of that of the last one."""
    several = (host.runs() / "test.TCPIPB.json").exists()
    return host.runs() / ("test.TCPIPB.new" if several else "test.new")


@dataclass
class Result:
    """How a case ended; ``wrong`` says what is not as it must be."""

    letter: str
    wrong: list[str] = field(default_factory=list)
    commands: int = 0


@cache
def profile(kind: str) -> tuple[Profile, ...]:
    return captures(KINDS[kind])


def template(directory: Path) -> Path:
    """An LPAR to copy: two links, a second writer with two small data sets, a second stack."""
    dns = CAPTURES / "dns.pcap"
    traffic = [(CAPTURES / "ftp-hang.pcap", "ETH1"), (dns, "ETH2"), (dns, "ETH3:TCPIPB")]
    made = create(directory, State(0), traffic)
    outputs = [
        line
        for number in (1, 2)
        for line in (
            f"//TRCOUT0{number} DD DSN=SYS2.CTRACE.T&LHHMMSS..N{number},",
            "//            DISP=(NEW,CATLG),SPACE=(TRK,(2,1))",
        )
    ]
    made.datasets.write_text("USER.PROCLIB", ["//TWOWRT PROC", "//IEFPROC EXEC PGM=ITTTRCWR", *outputs], "TWOWRT")
    made.datasets.write_text("USER.PARMLIB", ["TRACEOPTS ON WTR(TWOWRT)"], "CTTWO000")
    return directory


def ours(host: MockHost) -> list[str]:
    """What is on of this capture; another user's prompt is not, nor are settings of others."""
    state = host.lpar.state
    foreign = {f"prompt {one.number}" for one in state.prompts if one.sub == "OMPROUTE"}
    foreign |= {f"filter {one.name}" for one in state.links if THEIR_PORT in [s.port for s in one.settings]}
    return [one for one in active(host) if one not in foreign]


def case(base: Path, directory: Path, kind: str, fault: str, step: int, seed: int = 0) -> Result:
    """One run with one fault, then recover."""
    shutil.copytree(base, directory)
    quiet = open(str(directory))
    if kind == "restore":
        quiet.oper(f"V TCPIP,TCPIP,PKT,LINKN=ETH2,ON,FULL,PORTN={THEIR_PORT}")
    host = Dying(quiet, fault, step, seed)
    wrong: list[str] = []
    told = Ear()
    try:
        outcome = Job(host, profile(kind), told, WINDOWS).run()
    except Killed:
        letter = "K"
        for name, content in (host.dead or {}).items():
            (quiet.runs() / name).write_bytes(content)
    except ZjobsError as error:
        letter = "E"
        if ours(quiet) and not _told(quiet):
            wrong.append(f"{error.id}, and on untold: {ours(quiet)}")
    else:
        letter = "D" if outcome.place is Place.DONE else "L" if outcome.left else "F"
        if outcome.place not in (Place.DONE, Place.FAILED):
            wrong.append(f"ended in {outcome.place}")
        wrong += _untrue(ours(quiet), outcome.left)
    if _obstacle(quiet).is_dir():
        _obstacle(quiet).rmdir()
    kept = set(quiet.datasets.names())
    ear = Ear()
    Job(quiet, profile(kind), ear, WINDOWS).recover()
    gone = kind == "restore" and fault not in CHANGING and "filter ETH2" not in active(quiet)
    if gone and "ZJB0477W" not in told.messages + ear.messages:
        wrong.append(f"their settings are gone, untold: {told.messages}, {ear.messages}")
    if ours(quiet):
        wrong.append(f"after recover: {ours(quiet)}, {ear.messages}")
    if waiting := quiet.find_jobs("TESTD"):
        wrong.append(f"dead-man job {waiting} waits")
    if lost := kept - set(quiet.datasets.names()):
        wrong.append(f"data sets lost: {lost}")
    return Result(letter, wrong, host.count)


def _told(host: MockHost) -> bool:
    return any('"state": "failed"' in path.read_text("utf-8") for path in host.runs().glob("*.json"))


def _untrue(on: list[str], left: tuple[str, ...]) -> list[str]:
    """Where the list of what was left differs from what is on."""
    signs = {"writer": "writer", "filter": "settings in force", "data": "settings in force", "osa": "settings in force"}
    signs |= {"prompt": "ITT006A", "SYSTCPDA": "SYSTCPDA TCPIP", "SYSTCPOT": "SYSTCPOT TCPIP is"}
    wrong = []
    for one in on:
        if not any(signs[one.split()[0]] in what or what.startswith("unknown") for what in left):
            wrong.append(f"left untold: {one}")
    for what in left:
        if not what.startswith("unknown") and not any(signs[one.split()[0]] in what for one in on):
            wrong.append(f"told but not there: {what}")
    return wrong


def cases(base: Path, work: Path) -> Iterator[tuple[str, str, int]]:
    """Every kind, fault and step; a run without a fault tells how many steps there are."""
    for kind in KINDS:
        count = case(base, work / f"{kind}-count", kind, "lost", 10**6).commands
        for fault in FAULTS:
            if fault == "limit" and kind != "osa":
                continue
            for step in range(1, count + 1):
                yield kind, fault, step


def kills(count: int, seed: int, kind: str = "packet") -> tuple[list[str], Counter[str]]:
    """Real processes, killed at random moments: what was wrong afterwards, and where each stood when it died."""
    chance, wrong, places = random.Random(seed), list[str](), Counter[str]()
    with tempfile.TemporaryDirectory(prefix="zjobs-kill-") as name:
        work = Path(name)
        base, file = template(work / "base"), work / "test.yaml"
        file.write_text(KINDS[kind], "utf-8")
        shutil.copytree(base, work / "whole")
        process = _run(work / "whole", file)
        begun = _begins(work / "whole")
        whole = _begins(work / "whole", '"state": "done"') - begun
        if code := process.wait():
            return [f"the run itself ended {code}"], places
        for number in range(count):
            directory = work / f"kill{number}"
            shutil.copytree(base, directory)
            process = _run(directory, file)
            # Python starts for longer than the run takes: the moments count from the first record on.
            _begins(directory)
            time.sleep(whole * chance.random())
            process.kill()
            process.wait()
            host = open(str(directory))
            kept = set(host.datasets.names())
            journal = Job(host, profile(kind), Ear(), WINDOWS).parts[0].journal
            places[journal.place if journal.state in UNFINISHED else journal.state or "not begun"] += 1
            Job(host, profile(kind), Ear(), WINDOWS).recover()
            if left := ours(host) + host.find_jobs("TESTD") + sorted(kept - set(host.datasets.names())):
                wrong.append(f"kill {number}: {left}")
    return wrong, places


def _begins(directory: Path, said: str = "") -> float:
    """Wait for the first record of a run, or for one that says something; the time it was seen."""
    until = time.monotonic() + 30
    # Of several stacks the first is begun first and stopped last.
    records = [directory / "runs" / name for name in ("test.json", "test.TCPIP.json")]
    while time.monotonic() < until and not any(one.exists() and said in one.read_text("utf-8") for one in records):
        time.sleep(0.001)
    return time.monotonic()


def _run(directory: Path, file: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "zjobs", "--host", f"mock:{directory}", "capture", "run", str(file)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def table(limit: int, seed: int, killed: int) -> int:
    """Print the table; the number of wrong cases."""
    begun, letters, wrong = time.monotonic(), Counter[str](), []
    root = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="zjobs-faults-", dir=root) as name:
        work = Path(name)
        base = template(work / "base")
        planned = list(cases(base, work))
        if len(planned) > limit:
            planned = sorted(random.Random(seed).sample(planned, limit), key=planned.index)
        print(f"{len(planned)} cases; letters: D done, F failed, L left and told, K killed, E error, ! wrong")
        rows: dict[tuple[str, str], dict[int, str]] = {}
        for number, (kind, fault, step) in enumerate(planned):
            directory = work / f"case{number}"
            try:
                result = case(base, directory, kind, fault, step, seed)
            except Exception as error:
                result = Result("!", [f"{type(error).__name__}: {error}"])
            shutil.rmtree(directory, ignore_errors=True)
            wrong += [f"{kind} {fault} step {step}: {text}" for text in result.wrong]
            letter = "!" if result.wrong else result.letter
            letters[letter] += 1
            rows.setdefault((kind, fault), {})[step] = letter
    width = max(max(row) for row in rows.values())
    print(f"\n{'kind':<8}{'fault':<17}steps 1 to {width}, one letter each")
    for (kind, fault), row in rows.items():
        print(f"{kind:<8}{fault:<17}{''.join(row.get(step, ' ') for step in range(1, max(row) + 1))}")
    print("\n" + ", ".join(f"{letter} {count}" for letter, count in sorted(letters.items())))
    print(f"{len(planned)} cases, {len(wrong)} wrong, {time.monotonic() - begun:.0f} s")
    if killed:
        begun = time.monotonic()
        failed, places = kills(killed, seed)
        wrong += failed
        print(f"SIGKILL at {killed} random moments: {killed - len(failed)} recovered, {time.monotonic() - begun:.0f} s")
        print("  they died at " + ", ".join(f"{place} {number}" for place, number in places.most_common()))
    for text in wrong[:40]:
        print(f"  {text}")
    return len(wrong)


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--cases", type=int, default=10**6, help="at most so many, chosen by the seed")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--kills", type=int, default=50)
    options = asked.parse_args()
    sys.exit(1 if table(options.cases, options.seed, options.kills) else 0)
