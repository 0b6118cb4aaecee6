"""Packet traces of other systems: the TCP/IP server of z/VM (TRSOURCE to TRF), and tcpdump on Linux.

The same profile describes them; their commands are values like every other.  Nothing here needs z/OS:
they are printed, or run by a command of the site's own (``runner``).
"""

import re
import shlex
from dataclasses import dataclass
from typing import Any

from zjobs.lifecycle import checks
from zjobs.lifecycle.profile import ELSEWHERE, NAME, Key, Reader
from zjobs.lifecycle.values import Filter

_VM_DEVICE = checks.pattern(r"[A-Z@#$][A-Z0-9@#$]{0,15}", "a device name of the DEVICE statement: 1 to 16 characters")
_LINUX_LINK = checks.pattern(
    r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,14}", "an interface name such as enc600, or any", fold=False
)
_PATH = checks.pattern(r"/[A-Za-z0-9_./-]{1,200}", "an absolute path of letters, digits and _ . / -", fold=False)
_PACKET = {
    "protocol": Key(checks.protocol),
    "ip": Key(checks.ip),
    "port": Key(checks.port),
    "source_port": Key(checks.port),
    "destination_port": Key(checks.port),
    "length": Key(checks.length),
}
_ZVM = {
    "id": Key(checks.job),
    "pages": Key(checks.whole(1, 999999)),
    "keep": Key(checks.whole(1, 9999)),
    "to": Key(checks.job),
}
_LINUX = {"file": Key(_PATH, required=True), "header": Key(checks.whole(0, 64))}
_STOP = {"after": Key(checks.duration), "packets": Key(checks.whole(1, 2**31)), "size": Key(checks.size)}
_TOP = ("name", "trace", "stack", "filters", "zvm", "linux", "stop", "runner")
# A z/VM trace of fewer bytes cuts TCP options and the start of TLS.
_SHORT = 128
_JUMBO = 9000
_PAGE = 4096


@dataclass(frozen=True)
class Guest:
    """A trace on another system: its commands by what they are for, and who runs them."""

    name: str
    system: str
    start: tuple[str, ...]
    status: tuple[str, ...]
    stop: tuple[str, ...]
    after: int = 0
    runner: str = ""
    notes: tuple[str, ...] = ()


def is_guest(text: str) -> bool:
    """Whether a profile is for another system; what it says besides is not looked at here."""
    found = re.search(r"^trace:\s*[\"']?([\w-]+)", text, re.MULTILINE)
    return bool(found) and found is not None and found[1].upper() in ELSEWHERE


def parse(text: str, file: str = "profile") -> Guest:
    """The guest trace in ``text``; every key is checked as in a z/OS profile."""
    reader = Reader(file)
    found = reader.root(text)
    for name, (place, _) in found.items():
        if name not in _TOP:
            reader.wrong(place, name, f"is not a key here; allowed: {', '.join(_TOP)}")
    first = next(iter(found.values()))[0]
    for name in ("name", "trace", "filters"):
        if name not in found:
            reader.wrong(first, "profile", f"needs the key {name}")
    top = {name: value for name, (_, value) in found.items()}
    system = str(top["trace"].value).upper()
    vm = system == "ZVM-TRF"
    link = Key(_VM_DEVICE if vm else _LINUX_LINK, required=True)
    filters = []
    for item in reader.items(top["filters"], "filters"):
        filters.append(Filter(**reader.fields(item, "filters", {"link": link, **_PACKET})))
        if vm and {*reader.fields(item, "filters", {"link": link, **_PACKET})} - {"link", "length"}:
            reader.wrong(item, "filters", "takes link and length: the trace of z/VM chooses by device only")
    stop: dict[str, Any] = reader.fields(top["stop"], "stop", _STOP) if "stop" in top else {}
    runner = reader.value(top["runner"], "runner", _runner) if "runner" in top else ""
    name = reader.value(top["name"], "name", NAME.check)
    after = stop.get("after", 0)
    if vm:
        stack = reader.value(top["stack"], "stack", checks.job) if "stack" in top else "TCPIP"
        options = reader.fields(top["zvm"], "zvm", _ZVM) if "zvm" in top else {}
        return _zvm(name, stack, filters, options, after, runner)
    if "linux" not in top:
        reader.wrong(first, "profile", "needs the key linux, with the file to write")
    return _linux(name, filters, reader.fields(top["linux"], "linux", _LINUX), stop, runner)


def _runner(value: Any) -> str:
    text = str(value)
    try:
        words = shlex.split(text)
    except ValueError:
        words = []
    if words.count("{command}") != 1 or words[0] == "{command}":
        raise checks.Wrong("a command with the word {command} once, such as: ssh linux1 {command}")
    return text


def _zvm(name: str, stack: str, filters: list[Filter], options: dict[str, Any], after: int, runner: str) -> Guest:
    """TCP/IP Diagnosis Guide for z/VM, packet trace; CP Commands, TRSOURCE and TRSAVE."""
    identity = options.get("id", "TCP")
    size = _JUMBO if any(not one.length for one in filters) else max(one.length for one in filters)
    pages, keep = options.get("pages", 0), options.get("keep", 0)
    save = []
    notes = []
    if pages or keep:
        pages, keep = pages or 256, keep or 2
        to = f" TO {options['to']}" if "to" in options else ""
        save = [f"CP TRSAVE FOR ID {identity} DASD{to} SIZE {pages} KEEP {keep}"]
        notes.append(f"TRSAVE keeps {keep} files of {pages} pages: {keep * pages * _PAGE / (1 << 20):.0f} MB")
    else:
        notes.append("without zvm.pages and zvm.keep CP keeps 2 files of 256 pages: 2 MB, then the oldest is lost")
    if size < _SHORT:
        notes.append(f"{size} bytes of a packet cut TCP options and TLS; {_SHORT} is better")
    devices = " ".join(dict.fromkeys(one.link for one in filters))
    return Guest(
        name,
        "z/VM",
        (
            f"NETSTAT OBEY PACKETTRACESIZE {size}",
            f"NETSTAT OBEY TRACEONLY {devices} ENDTRACEONLY",
            f"CP TRSOURCE ID {identity} TYPE GT BLOCK FOR USER {stack}",
            *save,
            f"CP TRSOURCE ENABLE ID {identity}",
        ),
        (f"CP QUERY TRSOURCE ID {identity}", f"CP QUERY TRSAVE ID {identity}", "CP QUERY TRFILES"),
        (
            "NETSTAT OBEY PACKETTRACESIZE 0",
            "NETSTAT OBEY TRACEONLY ENDTRACEONLY",
            f"CP TRSOURCE DISABLE ID {identity}",
            f"CP TRSOURCE DROP ID {identity}",
        ),
        after,
        runner,
        (*notes, "the spool file is read with TRF2TCPD, whose pcap file zjobs reads"),
    )


def _linux(name: str, filters: list[Filter], options: dict[str, Any], stop: dict[str, Any], runner: str) -> Guest:
    """tcpdump, one for each interface; -U writes every packet as it comes, so that nothing is lost at the end."""
    start, status, ends = [], [], []
    links = list(dict.fromkeys(one.link for one in filters))
    for link in links:
        own = [one for one in filters if one.link == link]
        file = options["file"] if len(links) == 1 else _numbered(options["file"], link)
        full = any(not one.length for one in own)
        snap = 0 if full else max(one.length for one in own) + options.get("header", 14)
        words = ["tcpdump", "-i", link, "-n", "-U", "-s", str(snap), "-w", file]
        words += ["-c", str(stop["packets"])] if "packets" in stop else []
        if "after" in stop:
            words += ["-G", str(stop["after"]), "-W", "1"]
        elif "size" in stop:
            words += ["-C", str(-(-stop["size"] // 1_000_000)), "-W", "2"]
        expression = " or ".join(dict.fromkeys(_expression(one, len(own) > 1) for one in own))
        words += [expression] if all(_expression(one, False) for one in own) else []
        command = shlex.join(words)
        start.append(f"nohup {command} >/dev/null 2>{file}.log & echo $! >{file}.pid")
        status.append(f"kill -0 $(cat {file}.pid) && ls -l {file}")
        ends.append(f"kill -INT $(cat {file}.pid); rm -f {file}.pid")
    notes = ("the capture file is a source for zjobs format, diagnose and export",)
    return Guest(name, "Linux", tuple(start), tuple(status), tuple(ends), stop.get("after", 0), runner, notes)


def _numbered(file: str, link: str) -> str:
    stem, dot, suffix = file.rpartition(".")
    return f"{stem}-{link}.{suffix}" if dot and "/" not in suffix else f"{file}-{link}"


def _expression(one: Filter, several: bool) -> str:
    """A pcap filter expression: conditions of one filter are ANDed."""
    protocol = {"": "", "ICMPV6": "icmp6"}.get(one.protocol, one.protocol.lower())
    if protocol.isdigit():
        protocol = f"(ip proto {protocol} or ip6 proto {protocol})"
    parts = [
        protocol,
        f"{'net' if '/' in one.ip else 'host'} {one.ip.lower()}" if one.ip else "",
        f"src port {one.source_port}" if one.source_port else "",
        f"dst port {one.destination_port}" if one.destination_port else "",
        f"port {one.port}" if one.port else "",
    ]
    text = " and ".join(part for part in parts if part)
    return f"({text})" if several and " and " in text else text
