"""Conditions of our own, beyond OPTIONS: ``--where`` and ``--find``."""

from dataclasses import dataclass, field

from zjobs.messages import render
from zjobs.sessions import find, where
from zjobs.sessions.applications import Applications
from zjobs.trace.trace import Trace


@dataclass(frozen=True)
class Filters:
    """A condition over fields, and texts of which a packet must carry one."""

    where: str = ""
    find: tuple[str, ...] = ()


@dataclass
class Applied:
    """The conditions as they were applied to a trace; ``lines`` are warnings once it was read."""

    condition: where.Where | None = None
    met: set[str] = field(default_factory=set)

    def lines(self) -> list[str]:
        """Names of which no packet had a field."""
        if self.condition is None:
            return []
        return [render("ZJB0212I", field=name) for name in self.condition.missing]


def apply(trace: Trace, filters: Filters) -> Applied:
    """Let a trace give only packets that meet the conditions.  Raises RequestError for what cannot be read."""
    applied = Applied()
    if filters.where:
        condition = applied.condition = where.parse(filters.where)
        trace.filters.append(lambda: condition.bound(trace))
        # Fields of applications are there to be asked for.
        trace.applications = trace.applications or Applications
    if filters.find:
        wanted = tuple(p for text in filters.find for p in find.patterns(text))
        trace.filters.append(lambda: find.Find(wanted))
    return applied
