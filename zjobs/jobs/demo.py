"""The whole story on a simulated LPAR: start a trace, prove it, stop it, read it."""

import re
from collections.abc import Callable
from importlib import import_module
from importlib.resources import as_file, files
from io import BytesIO
from pathlib import Path

from zjobs.errors import RequestError
from zjobs.host.base import Host
from zjobs.jobs import format
from zjobs.jobs.capture import Job
from zjobs.jobs.reading import open_trace
from zjobs.lifecycle import messages, sides
from zjobs.lifecycle.profile import parse
from zjobs.lifecycle.steps import Act, Issue, Tell
from zjobs.lifecycle.tables import Place
from zjobs.lifecycle.values import Profile
from zjobs.messages import render
from zjobs.options import Global
from zjobs.trace import grammar
from zjobs.words import counted

Say = Callable[[str], None]

PROFILE = """\
name: demo
stack: TCPIP
trace: SYSTCPDA
writer: {proc: AESWRT, wrap: true}
parmlib: {member: CTAESPRM}
filters:
  - {link: ETH1, ip: 198.51.100.20, length: full}
"""
REPORT = "//'USER.REPORT.FULL'"
_HOME = "192.0.2.10"
_QUIET = 40  # seconds after which the recorded traffic has passed
_SUMMARY_LINES = 10
# A packet's first line in SUMMARY: direction and protocol, number, time of day; a second line follows.
_PACKET = re.compile(r"[IO]\S?\s+\d+ \d\d:")
_NOISE = ("IEE839I", "EZZ0060I")


def run(directory: Path, say: Say, full: bool = False) -> int:
    """Tell the story in ``directory``; the return code.  ``full`` shows every line the console answers."""
    if directory.exists() and any(directory.iterdir()):
        raise RequestError("ZJB0457E", directory=directory)
    host = _lpar(directory)
    profile = parse(PROFILE, "demo")
    teller = Teller(host, profile, say, full)
    teller.chapter("A simulated LPAR")
    say(f"  system {host.system()}, stack {profile.stack}, interface ETH1, home address {_HOME}")
    say("  An FTP client on it will look up a server, ping it, list a directory, and then hang.")
    say("  Real packets, recorded between real programs, pass when the trace records.")
    teller.chapter("Look first, then start: writer, filter, component")
    job = Job(host, profile, teller)
    outcome = job.start()
    if outcome.place is not Place.TRACING:
        return 12
    teller.chapter("The problem is reproduced; does the trace count?")
    host.sleep(_QUIET)
    teller.quote(host, f"D TCPIP,{profile.stack},NETSTAT,DE,FORMAT=LONG,MAX=*", "PACKET TRACE SETTING", 5)
    teller.chapter("Stop: filter, component, writer")
    stopped = Job(host, profile, teller).stop()
    if stopped.place is not Place.DONE or not stopped.written:
        return 12
    return _read(host, directory, stopped.written[0], teller)


def _lpar(directory: Path) -> Host:
    mock, state = import_module("mock_zos.lpar"), import_module("mock_zos.state")
    with as_file(files("mock_zos").joinpath("traffic/ftp-hang.pcap")) as capture:
        mock.create(directory, state.State(0, home=[_HOME]), [(capture, "ETH1")])
    host: Host = import_module("zjobs.host.mock").open(str(directory))
    return host


def _read(host: Host, directory: Path, dsn: str, teller: "Teller") -> int:
    """Read the trace data set back: SUMMARY, one packet in FULL, and the whole FULL listing as a report data set."""
    say, source = teller.say, f"//'{dsn}'"
    settings = Global(host=f"mock:{directory}", home=(_HOME,))
    teller.chapter("Read the trace data set, without IPCS: connections that were asked for last")
    info = host.dataset_info(source)
    say(f"  {dsn}  RECFM={info.recfm} LRECL={info.lrecl}\n")
    say(f"  zjobs format --summary --options 'FLAGS(SYN)' {source}\n")
    lines = _listing(settings, source, "SUMMARY", "FLAGS(SYN)")
    packets = [n for n, line in enumerate(lines) if _PACKET.match(line)]
    columns = next((line for line in lines if line.startswith("DP ")), "")
    for line in [columns, *lines[packets[-_SUMMARY_LINES // 2] : packets[-1] + 2]]:
        say(f"  {line}")
    number = lines[packets[-1]].split()[1]
    teller.chapter("The last of them in full")
    say(f"  zjobs format --full --options 'RECORDS({number})' {source}\n")
    lines = _listing(settings, source, "FULL", f"RECORDS({number})")
    rules = [n for n, line in enumerate(lines) if line.startswith("-----") and " " not in line]
    for line in lines[rules[0] + 1 :]:
        if line.startswith("====="):
            break
        say(f"  {line}".rstrip())
    teller.chapter("Everything, as a report data set")
    code, told = format.run(format.Request((source,), form="FULL", target=REPORT), settings)
    for line in told:
        say(f"  {line}")
    made = host.dataset_info(REPORT)
    with host.open_records(REPORT) as records:
        count = sum(1 for _ in records)
    say(f"  zjobs format --full {source} --out {REPORT}\n")
    shown = counted(count, "line")
    say(f"  {made.name}  RECFM={made.recfm} LRECL={made.lrecl}, {shown} in EBCDIC with ASA carriage control")
    return code


def _listing(settings: Global, source: str, form: str, options: str) -> list[str]:
    """The lines of a listing."""
    asked = grammar.parse(options)
    trace = open_trace((source,), settings, asked.selection)
    text = BytesIO()
    format.write(trace, format.Request((source,), form=form, options=asked), text)
    return text.getvalue().decode("ascii").splitlines()


class Teller:
    """Shows a capture as it happens: each command with what it was for or what it found."""

    def __init__(self, host: Host, profile: Profile, say: Say, full: bool) -> None:
        self.host, self.profile, self.say, self.full = host, profile, say, full
        self._chapters = 0

    def chapter(self, title: str) -> None:
        self._chapters += 1
        self.say(f"\n{self._chapters}. {title}\n" if self._chapters > 1 else f"{self._chapters}. {title}\n")

    def told(self, message: Tell) -> None:
        self.say("  " + render(message.id, **dict(message.values)))

    def issued(self, step: Issue) -> None: ...

    def answered(self, step: Issue, lines: tuple[str, ...]) -> None:
        if step.act is Act.LOOK and not self.full:
            self.say(f"  {step.command:<52} {self._found(step.command, lines)}")
            return
        self.say(f"  {step.command}")
        self._show(lines)

    def logged(self, lines: tuple[str, ...]) -> None:
        """The unsolicited messages of the writer, which no command is answered with."""
        held = False
        for line in lines:
            found = messages.ids([line])
            held = bool(found and found[0].startswith(("ITT1", "AHL", "IEF4"))) or (held and line.startswith("    "))
            if held:
                self.say(f"      {line}")

    def quote(self, host: Host, command: str, heading: str, count: int) -> None:
        """Some lines of a report, from a heading on."""
        lines = host.oper(command)
        start = next((n for n, line in enumerate(lines) if heading in line), 0)
        self.say(f"  {command}")
        for line in lines if self.full else lines[start : start + count]:
            self.say(f"    {line}")

    def _show(self, lines: tuple[str, ...]) -> None:
        hidden = False
        for line in lines:
            found = messages.ids([line])
            hidden = found[0] in _NOISE if found else hidden
            if not hidden or self.full:
                self.say(f"      {line}")

    def _found(self, command: str, lines: tuple[str, ...]) -> str:
        """What a display says, in a few words."""
        profile = self.profile
        if "NETSTAT" in command:
            counts = sides.of(profile).observe(lines, profile)["counts"]
            told = [f"{counted(count, 'packet')} on {link}" for link, count in counts.items()]
            return ", ".join(told) or "no filter in force"
        if "WTR=" in command:
            writer = messages.writer(lines, profile.writer.proc)
            connected = ", ".join(" ".join(pair) for pair in writer.connected)
            state = "active" if writer.active else "starting or ending" if writer.present else "not active"
            return state + (f", connected to {connected}" if connected else "")
        if "COMP=" in command:
            trace = messages.subtrace(lines, profile.stack)
            return f"{trace.mode}, writer {trace.writer or 'none'}" if trace else "not defined"
        if command.startswith("D R"):
            return ", ".join(messages.prompts(lines)) or "no prompt outstanding"
        return f"{profile.stack} is {'active' if messages.stack_active(lines, profile.stack) else 'not active'}"
