"""Record the project's own captures: real servers and clients, real kernels, nothing made by hand.

    record.py [NAME...]      record all scenarios, or those named, into this directory; then write README.md
    record.py --readme       only write README.md

Needs root on Linux with network namespaces, veth, tun and nftables, and Debian's iproute2, ethtool, nftables,
tcpdump, tshark, openssl, curl, vsftpd, dnsmasq-base, bind9-dnsutils, iputils-ping, traceroute, snmp, snmpd,
inetutils-telnet, inetutils-telnetd and python3-aiosmtpd. tc netem is not needed: `scenarios/lab.py` says what does its
work.

Every scenario states what tshark must find in its capture; a recording that does not show it is refused.
"""

from __future__ import annotations

import functools
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from scenarios import SCENARIOS, Lab, Scenario, hide_host

HERE = Path(__file__).parent


@functools.cache
def counts(path: Path, *rules: str) -> list[int]:
    """How many packets tshark finds for each display filter, in one run."""
    table = ",".join(["io,stat,0", *rules])
    done = subprocess.run(["tshark", "-q", "-r", str(path), "-z", table], capture_output=True, text=True)
    rows = [line for line in done.stdout.splitlines() if "<>" in line]
    if done.returncode or len(rows) != 1:
        raise RuntimeError(done.stderr + done.stdout)
    # | from <> to | frames | bytes | frames | bytes | ...
    return [int(cell) for cell in rows[0].strip("| ").split("|")[1::2]]


def packets(paths: Sequence[Path]) -> list[int]:
    """How many packets capinfos finds in each file."""
    command = ["capinfos", "-TrcM", *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [int(line.rsplit("\t", 1)[1]) for line in done.stdout.splitlines()]


def shortfalls(one: Scenario, directory: Path) -> list[str]:
    """What a capture should show and does not."""
    found = counts(directory / one.files[0], *one.expect)
    return [
        f"{one.files[0]}: {rule}: {seen} packets, expected {least if least else 'none'}"
        for seen, (rule, least) in zip(found, one.expect.items(), strict=True)
        if (seen < least if least else seen)
    ]


def record(one: Scenario, target: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="zjobs-") as name:
        work, files = Path(name, "files"), Path(name, "captures")
        work.mkdir()
        files.mkdir()
        with Lab(**one.lab) as lab:  # type: ignore[arg-type]
            one.record(lab, work, [files / file for file in one.files])
        missing = shortfalls(one, files)
        if missing:
            target = Path(tempfile.mkdtemp(prefix="zjobs-refused-"))
        for file in one.files:
            (target / file).write_bytes((files / file).read_bytes())
        if missing:
            raise SystemExit("\n".join([*missing, f"not recorded; see {target}"]))


def readme(directory: Path) -> str:
    rows = []
    sizes = iter(packets([directory / file for one in SCENARIOS for file in one.files]))
    for one in SCENARIOS:
        for at, (file, home) in enumerate(zip(one.files, one.homes)):
            texts = (one.shows, one.finding) if at == 0 else (f"`{one.files[0]}` at the other end", "see there")
            rows.append(f"| `{file}` | {next(sizes)} | {home} | {' | '.join(texts)} |\n")
    return (HERE / "README.head.md").read_text(encoding="ascii") + "".join(rows)


def main(names: Sequence[str]) -> None:
    if names != ["--readme"]:
        record_all(names)
    (HERE / "README.md").write_text(readme(HERE), encoding="ascii")


def record_all(names: Sequence[str]) -> None:
    unknown = set(names) - {Path(file).stem for one in SCENARIOS for file in one.files}
    if unknown:
        raise SystemExit(f"no such scenario: {', '.join(sorted(unknown))}")
    hide_host("server.example.com")
    for one in SCENARIOS:
        if names and not {Path(file).stem for file in one.files} & set(names):
            continue
        started = time.monotonic()
        record(one, HERE)
        took = time.monotonic() - started
        for file in one.files:
            path = HERE / file
            print(f"{file:28} {packets([path])[0]:5} packets {path.stat().st_size:7} bytes {took:5.1f} s")


if __name__ == "__main__":
    main(sys.argv[1:])
