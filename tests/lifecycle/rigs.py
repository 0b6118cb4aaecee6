"""A capture wired to a simulated LPAR, with faults between the two."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from mock_zos.lpar import create
from mock_zos.state import State
from zjobs.host.mock import MockHost, open
from zjobs.lifecycle.profile import parse
from zjobs.lifecycle.steps import Issue, Tell
from zjobs.lifecycle.values import Profile

CAPTURES = Path(__file__).parents[1] / "captures"

MEMBER = """
name: test
stack: TCPIP
writer: {proc: AESWRT}
parmlib: {member: CTAESPRM}
filters:
  - {link: ETH1, protocol: TCP, length: full}
  - {link: ETH1, protocol: UDP, port: 53}
stop: {after: 60s}
"""
REPLY = MEMBER.replace("parmlib: {member: CTAESPRM}", "reply: true\nbuffer: 32M")


@cache
def profile(text: str = MEMBER) -> Profile:
    return parse(text, "test.yaml")


def lpar(directory: Path, capture: str = "ftp-passive.pcap", **options: object) -> MockHost:
    """A host over a new LPAR."""
    traffic = [(CAPTURES / capture, "ETH1")] if capture else []
    create(directory, State(1_700_000_000_000_000, **options), traffic)
    return open(str(directory))


@dataclass
class Ear:
    """Remembers what a capture said and did."""

    messages: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)

    def told(self, message: Tell) -> None:
        self.messages.append(message.id)

    def issued(self, step: Issue) -> None:
        self.commands.append(step.command)

    def answered(self, step: Issue, lines: tuple[str, ...]) -> None: ...

    def logged(self, lines: tuple[str, ...]) -> None: ...


class Faulty(MockHost):
    """A host on which the command with one number goes wrong.

    ``lost`` never reaches the system, ``unheard`` is carried out but its answer is lost, ``refused`` is
    answered with a refusal, ``before`` and ``after`` end the process's work around it.
    """

    def __init__(self, host: MockHost, number: int, fault: str) -> None:
        super().__init__(host._lpar)
        self.number, self.fault, self.count = number, fault, 0

    def oper(self, command: str, wait_cs: int = 300) -> list[str]:
        self.count += 1
        if self.count != self.number:
            return super().oper(command, wait_cs)
        if self.fault == "before":
            raise KeyboardInterrupt
        if self.fault == "lost":
            return []
        if self.fault == "refused":
            if command.startswith("V "):
                return ["EZZ0059I VARY PKTTRACE COMMAND FAILED: NOT AUTHORIZED"]
            return ["ITT0xxI SOMETHING", "ITT038I NONE OF THE TRANSACTIONS REQUESTED VIA THE TRACE CT COMMAND"]
        answer = super().oper(command, wait_cs)
        if self.fault == "after":
            raise KeyboardInterrupt
        return [] if self.fault == "unheard" else answer


def active(host: MockHost) -> list[str]:
    """Everything that is on in the LPAR, asked of the LPAR itself."""
    state = host._lpar.state
    return [
        *(f"writer {writer.name} {writer.status}" for writer in state.writers),
        *(f"{trace.component} {trace.mode}" for trace in state.subtraces if trace.mode != "OFF"),
        *(f"filter {link.name}" for link in state.links if link.filter == "ON"),
        *(f"data trace {one.stack}" for one in state.data if one.filter == "ON"),
        *(f"osa {port.name}" for port in state.osas if port.filter == "ON"),
        *(f"prompt {prompt.number}" for prompt in state.prompts),
    ]
