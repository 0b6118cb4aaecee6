"""The dead-man job: submitted before a run, cancelled after its stop, so that no trace outlives its program.

It is found by its name, not by a remembered number: a process that dies between the submission and the
note of it leaves nothing unknown behind.
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from zjobs.errors import HostError
from zjobs.host.base import Host
from zjobs.lifecycle import plan
from zjobs.lifecycle.values import Profile
from zjobs.members.kinds import deadman_name
from zjobs.members.render import members

Teller = Callable[..., None]


def site_templates() -> Path | None:
    """The site's own templates and site.yaml, in which its JOB card stands."""
    named = os.environ.get("ZJOBS_TEMPLATES")
    return Path(named) if named else None


def wanted(profile: Profile, run: bool) -> bool:
    """A run has one unless the profile says none; a start, which is to stay on, only when it is asked for."""
    return profile.deadman > 0 or (run and profile.deadman == 0)


class DeadMan:
    """The one job of all captures of a profile: it is there as long as one of them may be on."""

    def __init__(self, host: Host, profiles: Sequence[Profile]) -> None:
        self.host, self.profiles = host, profiles
        self.needed: set[str] = set()
        """Stacks whose trace may be on."""
        self._armed = False

    def arm(self, profile: Profile, tell: Teller) -> None:
        """Submit it before the first stack is begun; a job of an earlier run would stop this one, so it goes first.

        Raises HostError when the job is not taken: then nothing is started.
        """
        if not self._armed:
            dismiss(self.host, profile, tell)
            (member,) = members(self.profiles, ["deadman"], site_templates())
            job = self.host.submit(member.lines)
            tell("ZJB0460I", job=f"{member.name} {job}", minutes=plan.deadman(profile) // 60)
            self._armed = True
        self.needed.add(profile.stack)

    def release(self, profile: Profile, tell: Teller) -> None:
        """Nothing of this stack is on any more; when nothing of the others is either, the job goes."""
        self.needed.discard(profile.stack)
        if not self.needed:
            dismiss(self.host, profile, tell)
            self._armed = False


def dismiss(host: Host, profile: Profile, tell: Teller) -> None:
    """Cancel every job of that name that waits; one that cannot be cancelled is told, for it will act."""
    try:
        waiting = host.find_jobs(deadman_name(profile))
    except HostError as error:
        if error.id != "ZJB0503E":  # a host without jobs has no dead-man job
            tell("ZJB0462W", job=deadman_name(profile), reason=str(error))
        return
    for job in waiting:
        try:
            host.cancel(job)
        except HostError as error:
            tell("ZJB0462W", job=f"{deadman_name(profile)} {job}", reason=str(error))
        else:
            tell("ZJB0461I", job=f"{deadman_name(profile)} {job}")
