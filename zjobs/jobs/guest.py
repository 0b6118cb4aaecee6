"""A trace on z/VM or Linux, run through a command of the site's own."""

import shlex
import subprocess
import time
from collections.abc import Callable

from zjobs.errors import HostError, RequestError
from zjobs.lifecycle.guests import Guest
from zjobs.messages import render

Say = Callable[[str], None]
# A runner that hangs is a system that does not answer.
_PATIENCE = 60.0


class GuestJob:
    """Starts, watches and stops one trace; without a runner it says what would have to be done."""

    def __init__(self, guest: Guest, say: Say, sleep: Callable[[float], None] = time.sleep) -> None:
        self.guest, self.say, self._sleep = guest, say, sleep

    def start(self) -> int:
        """Run the start commands; when one fails, those of the stop."""
        for command in self.guest.start:
            if problem := self._issue(command):
                self.say(render("ZJB0466E", command=command, problem=problem))
                self.stop()
                return 12
        self.say(render("ZJB0467I", name=self.guest.name, system=self.guest.system))
        return 0

    def stop(self) -> int:
        """Run every stop command, whatever the ones before said."""
        failed = 0
        for command in self.guest.stop:
            if problem := self._issue(command):
                self.say(render("ZJB0468W", command=command, problem=problem))
                failed = 4
        return failed

    def status(self) -> int:
        code = 0
        for command in self.guest.status:
            if problem := self._issue(command):
                self.say(render("ZJB0468W", command=command, problem=problem))
                code = 4
        return code

    def run(self) -> int:
        """Start, wait, stop."""
        if not self.guest.after:
            raise RequestError("ZJB0447E")
        code = self.start()
        if code:
            return code
        try:
            self._sleep(self.guest.after)
        finally:
            code = self.stop()
        return code

    def _issue(self, command: str) -> str:
        """Run one command; what went wrong, if anything did."""
        if not self.guest.runner:
            raise HostError("ZJB0469E", name=self.guest.name, system=self.guest.system)
        self.say(render("ZJB0437I", command=command))
        words = [command if word == "{command}" else word for word in shlex.split(self.guest.runner)]
        try:
            done = subprocess.run(
                words, capture_output=True, text=True, errors="replace", timeout=_PATIENCE, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"{words[0]}: {error}"
        for line in done.stdout.splitlines():
            self.say(render("ZJB0451I", text=line))
        return "" if not done.returncode else f"return code {done.returncode} {done.stderr.strip()}".strip()
