"""Whether a trace that is on goes on counting: what two looks at its counters tell.

Pure values: the time is given, and what is remembered from look to look can be written down
(``capture status`` is another process each time).
"""

from dataclasses import dataclass, field
from typing import Any

from zjobs.lifecycle.steps import Observed, Tell, tell
from zjobs.lifecycle.values import Profile

_LOSSES = (("lost", "FRAMESLOST"), ("discarded", "FRAMESDISCARDED"))


@dataclass
class Progress:
    """Counts at the last look and when they last rose (seconds); what was warned of already."""

    total: int = -1
    since: float = 0
    flat: bool = False
    """Whether the counter that stands still now was told of; it is told of again when it has risen since."""
    losses: dict[str, int] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)

    def look(self, seen: Observed, profile: Profile, now: float, patience: float) -> list[Tell]:
        """What is worth a warning after another look at a trace that is on."""
        return [*self._flat(seen, profile, now, patience), *self._losses(seen, profile)]

    def _flat(self, seen: Observed, profile: Profile, now: float, patience: float) -> list[Tell]:
        total = sum(seen.counts.values())
        if total != self.total:
            self.total, self.since, self.flat = total, now, False
            return []
        if self.flat or now - self.since < patience:
            return []
        self.flat = True
        shown = ", ".join(f"{count:,} on {name}" for name, count in seen.counts.items()) or "none in force"
        return [tell("ZJB0479W", name=profile.label, seconds=int(now - self.since), counts=shown)]

    def _losses(self, seen: Observed, profile: Profile) -> list[Tell]:
        found = []
        for osa in (one for one in seen.devlinks.osas if one.portname in seen.counts):
            for attribute, label in _LOSSES:
                key, count = f"{osa.portname} {label}", getattr(osa, attribute)
                # ON sets the statistics to zero; whatever they show was counted by this trace.
                grown, self.losses[key] = count > self.losses.get(key, 0), count
                if grown and key not in self.told:
                    self.told.append(key)
                    found.append(tell("ZJB0480W", name=profile.label, what=f"{label} of {osa.portname} is {count:,}"))
        return found

    @classmethod
    def of(cls, plain: dict[str, Any]) -> "Progress":
        """From what :func:`vars` of one gave; what cannot be understood begins anew."""
        try:
            made = cls(**plain)
            made.since = float(made.since)
        except (TypeError, ValueError):
            return cls()
        return made
