"""Measure zjobs against tshark, tcpdump and capinfos: the same packets, the same run, whole processes, text to a file.

Each pair of commands is run in turns (A B A B ...), so that a machine whose speed drifts slows both.  Writes
bench/RESULTS.md; ``python bench/run.py --quick`` prints only, with fewer rounds.
"""

import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
WORK = HERE / "made"
BIN = Path(sys.executable).parent
sys.path.insert(0, str(HERE))

from generate import repeated  # noqa: E402


@dataclass(frozen=True)
class Pair:
    """One comparison: what zjobs does, what the other program does, and the ratio that is asked for (0 is none)."""

    title: str
    packets: int
    ours: tuple[str, ...]
    theirs: tuple[str, ...]
    target: float


#: {trace} and {pcap} are the generated files, {messages} has packets of the project's own captures, most of which
#: carry a message of an application; the ratio is their time over ours.
PAIRS = (
    Pair("FULL", 100_000, ("format", "--full", "{trace}"), ("tshark", "-r", "{pcap}", "-V", "-x"), 8),
    Pair("FULL", 100_000, ("format", "--full", "{trace}"), ("tcpdump", "-nvvv", "-X", "-r", "{pcap}"), 3),
    Pair("SUMMARY", 1_000_000, ("format", "--summary", "{trace}"), ("tshark", "-r", "{pcap}"), 5),
    Pair("SUMMARY", 1_000_000, ("format", "--summary", "{trace}"), ("tcpdump", "-n", "-r", "{pcap}"), 1.5),
    Pair("TALLY", 1_000_000, ("format", "--tally", "{trace}"), ("tshark", "-q", "-z", "conv,tcp", "-r", "{pcap}"), 10),
    Pair("TALLY", 1_000_000, ("format", "--tally", "{trace}"), ("capinfos", "{pcap}"), 2),
    Pair("PACKETS of port 21", 1_000_000, ("format", "--packets", "--where", "tcp.port==21", "{trace}"),
         ("tshark", "-r", "{pcap}", "-Y", "tcp.port==21"), 0),
    Pair("PACKETS, messages", 60_000, ("format", "--packets", "{messages}"), ("tshark", "-r", "{messages}"), 0),
    Pair("FULL, messages", 60_000, ("format", "--full", "{messages}"), ("tshark", "-r", "{messages}", "-V", "-x"), 0),
)  # fmt: skip

#: Captures whose packets are repeated.
CAPTURES = ("dns", "ftp-active", "ftp-ipv6", "http", "smtp", "snmp", "telnet", "tls12", "tls13")

#: What is measured for its memory: every listing at both sizes.
MEMORY = tuple((form, count) for form in ("--full", "--summary", "--tally") for count in (100_000, 1_000_000))


@dataclass(frozen=True)
class Run:
    """One finished process: wall and CPU seconds, peak memory in MB."""

    wall: float
    cpu: float
    memory: float


def run(command: list[str], out: Path) -> Run:
    """Run a whole process with its output in a new file."""
    with out.open("wb") as sink, open(os.devnull, "wb") as quiet:  # noqa: PTH123
        start = time.perf_counter()
        child = subprocess.Popen(command, stdout=sink, stderr=quiet, stdin=subprocess.DEVNULL)
        _, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 4):
        raise SystemExit(f"{command[0]} ended with {child.returncode}")
    out.unlink()
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def files(count: int) -> dict[str, str]:
    """The generated files of one size; made once."""
    trace, pcap = WORK / f"bench-{count}.trc", WORK / f"bench-{count}.pcap"
    if not (trace.exists() and pcap.exists()):
        # The peak memory of a process counts what its parent had when it was made: this one stays small.
        subprocess.run([sys.executable, str(HERE / "generate.py"), str(count), str(WORK)], check=True)
    return {"trace": str(trace), "pcap": str(pcap)}


def messages(count: int) -> dict[str, str]:
    """The file of repeated packets; made once."""
    made = WORK / f"messages-{count}.pcap"
    if not made.exists():
        WORK.mkdir(exist_ok=True)
        own = HERE.parent / "tests" / "captures"
        repeated([own / f"{name}.pcap" for name in CAPTURES], count, made)
    return {"messages": str(made)}


def filled(words: tuple[str, ...], count: int) -> list[str]:
    """A command with the names of the files in it."""
    names = messages(count) if "{messages}" in words else files(count)
    return [w.format(**names) for w in words]


def ours(words: tuple[str, ...], count: int) -> list[str]:
    """The zjobs command line."""
    return [str(BIN / "zjobs"), *filled(words, count)]


def compare(pair: Pair, rounds: int) -> str:
    """One row of the result: medians and the spread of the ratios."""
    out = WORK / "out.txt"
    ratios, mine, other = [], [], []
    for turn in range(rounds + 1):
        a = run(ours(pair.ours, pair.packets), out)
        b = run(filled(pair.theirs, pair.packets), out)
        if turn:
            mine.append(a)
            other.append(b)
            ratios.append(b.wall / a.wall)
    words = " ".join(w for w in pair.theirs if not w.startswith("{") and w != "-r")
    middle = statistics.median(ratios)
    asked, verdict = f"{pair.target:g}", "met" if middle >= pair.target else "missed"
    if not pair.target:
        asked = verdict = ""
    return (
        f"| {pair.title} | {pair.packets:,} | {statistics.median(r.wall for r in mine):.2f} | `{words}` | "
        f"{statistics.median(r.wall for r in other):.2f} | {middle:.1f} ({min(ratios):.1f} to {max(ratios):.1f}) | "
        f"{asked} | {verdict} |"
    )


def versions() -> list[str]:
    """What was measured, on what."""
    import numpy

    from zjobs import __version__

    def first(*command: str) -> str:
        found = subprocess.run(command, capture_output=True, text=True, check=False)
        lines = (found.stdout or found.stderr).splitlines()
        return lines[0] if lines else command[0]

    return [
        f"zjobs {__version__}, Python {platform.python_version()}, NumPy {numpy.__version__}",
        first("tshark", "--version"),
        first("tcpdump", "--version"),
        first("capinfos", "--version"),
        f"{platform.system()} on {platform.machine()}, {os.cpu_count()} processors",
    ]


def main() -> None:
    """Measure everything and write the results."""
    quick = "--quick" in sys.argv
    missing = [p for p in ("tshark", "tcpdump", "capinfos") if shutil.which(p) is None]
    if missing:
        raise SystemExit(f"not installed: {', '.join(missing)}")
    lines = ["# Results", "", "Made by `make bench`; whole processes, text to a file, wall seconds, medians.", ""]
    lines += [f"- {v}" for v in versions()]
    lines += ["", "| listing | packets | zjobs s | other | other s | ratio (spread) | asked | |"]
    lines += ["| --- | ---: | ---: | --- | ---: | ---: | ---: | --- |"]
    for pair in PAIRS:
        rounds = 2 if quick else (7 if pair.packets <= 100_000 else 5)
        lines.append(compare(pair, rounds))
        print(lines[-1], flush=True)
    lines += ["", "Peak memory of one process:", "", "| listing | packets | MB |", "| --- | ---: | ---: |"]
    for form, count in MEMORY:
        used = run(ours(("format", form, "{trace}"), count), WORK / "out.txt")
        lines.append(f"| {form} | {count:,} | {used.memory:.0f} |")
        print(lines[-1], flush=True)
    start = [run([str(BIN / "zjobs"), "--version"], WORK / "out.txt").wall for _ in range(9)]
    lines += ["", f"`zjobs --version`: {statistics.median(start):.3f} s."]
    print(lines[-1])
    if not quick:
        (HERE / "RESULTS.md").write_text("\n".join(lines) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
