"""A host that goes wrong on purpose: ``--host faulty:FAULT,STEP[,SEED]:mock:DIR``, to practise and to test.

Everything is passed on to another host, except that the command with number STEP (the first is 1) meets
the fault.  Faults of the console happen here; those of the system (``mock_zos/faults.py``) are done to
the simulated LPAR just before the command.
"""

import os
import random
import signal
from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from typing import Any, cast

from zjobs.errors import HostError, RequestError
from zjobs.host.base import Host, LogLine

CONSOLE = {
    "lost": "the command does not reach the system",
    "unheard": "the command is carried out, its answer is lost",
    "late": "the answer comes with that of the next command",
    "split": "lines of the answer are broken in two",
    "reordered": "messages of the answer come in another order",
    "doubled": "every message of the answer comes twice",
    "noise": "messages of others come between those of the answer",
    "refused": "the security product refuses the command",
    "busy": "the console is in use by another program",
    "log": "from here on the system log cannot be read",
    "killed-before": "the process is killed before the command",
    "killed-after": "the process is killed after the command",
}
_NOISE = [
    "$HASP100 PAYROLL  ON INTRDR",
    "ITT110I INITIALIZATION OF CTRACE WRITER HISWRT COMPLETE.",
    "*71 IEE094D SPECIFY OPERAND(S) FOR DUMP COMMAND",
]


def open(argument: str = "") -> "FaultyHost":
    """The host of ``--host faulty:FAULT,STEP[,SEED]:HOST``."""
    from zjobs.host import open_host

    what, _, inner = argument.partition(":")
    fault, _, numbers = what.partition(",")
    step, _, seed = numbers.partition(",")
    known = [*CONSOLE, *import_module("mock_zos.faults").FAULTS]
    if fault not in known or not step.isdigit() or (seed and not seed.isdigit()) or not inner.startswith("mock:"):
        raise RequestError("ZJB0514E", argument=argument, faults=" ".join(known))
    return FaultyHost(open_host(inner), fault, int(step), int(seed or 0), kill)


def kill() -> None:
    """The end of a process that nobody can catch."""
    os.kill(os.getpid(), signal.SIGKILL)


class FaultyHost:
    """Another host, one of whose commands goes wrong."""

    def __init__(self, host: Host, fault: str, step: int, seed: int, kill: Callable[[], None]) -> None:
        self.host, self.fault, self.step, self._kill = host, fault, step, kill
        self.count = 0
        self.random = random.Random(f"{seed} {fault} {step}")
        self._held: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.host, name)

    def oper(self, command: str, wait_cs: int = 300) -> list[str]:
        self.count += 1
        held, self._held = self._held, []
        if self.count != self.step:
            return held + self.host.oper(command, wait_cs)
        if self.fault == "lost":
            return held
        if self.fault == "busy":
            raise HostError("ZJB0510E", reason="BGYSC0806I the console name is in use")
        if self.fault == "refused":
            return [f"IEE345I {command.split()[0]:<8} AUTHORITY INVALID, FAILED BY SECURITY PRODUCT"]
        if self.fault == "killed-before":
            self._kill()
        if self.fault not in CONSOLE:
            import_module("mock_zos.faults").cause(cast(Any, self.host).lpar, self.fault, self.random.random())
        answer = self.host.oper(command, wait_cs)
        if self.fault == "killed-after":
            self._kill()
        return held + self._changed(answer)

    def _changed(self, answer: list[str]) -> list[str]:
        if self.fault == "unheard":
            return []
        if self.fault == "late":
            self._held = answer
            return []
        if self.fault == "split":
            return [part for line in answer for part in self._broken(line)]
        if self.fault in ("reordered", "doubled", "noise"):
            blocks = _blocks(answer)
            if self.fault == "reordered":
                self.random.shuffle(blocks)
            if self.fault == "doubled":
                blocks = [block for block in blocks for _ in (1, 2)]
            if self.fault == "noise":
                for text in _NOISE:
                    blocks.insert(self.random.randrange(len(blocks) + 1), [text])
            return [line for block in blocks for line in block]
        return answer

    def _broken(self, line: str) -> list[str]:
        """A console breaks a long line between words; short ones stay whole."""
        blanks = [at for at, letter in enumerate(line) if letter == " " and at > 40 and line[:at].strip()]
        if not blanks:
            return [line]
        at = self.random.choice(blanks)
        return [line[:at], " " * 8 + line[at:].lstrip()]

    def syslog(self, since: datetime) -> list[LogLine]:
        if self.fault == "log" and self.count >= self.step:
            raise HostError("ZJB0506E", operation="reading", name="the system log", reason="not authorised")
        return self.host.syslog(since)


def _blocks(answer: list[str]) -> list[list[str]]:
    """Messages with the lines that belong to them."""
    blocks: list[list[str]] = []
    for line in answer:
        word = line.split(" ", 1)[0]
        if not blocks or (word[:3].isalpha() and word.isupper() and word[-1:] == "I" and any(map(str.isdigit, word))):
            blocks.append([])
        blocks[-1].append(line)
    return blocks
