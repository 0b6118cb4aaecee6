"""Conditions of our own, beyond OPTIONS: ``--where`` and ``--find``."""

from typing import NamedTuple

from zjobs.messages import render
from zjobs.trace.trace import Trace
from zjobs.wire.walk import Telling


class Filters(NamedTuple):
    """A condition over fields, and texts of which a packet must carry one."""

    where: str = ""
    find: tuple[str, ...] = ()


def apply(trace: Trace, filters: Filters) -> None:
    """Let a trace give only packets that meet the conditions.  Raises RequestError for what cannot be read."""
    # Imported by those who ask for it: most runs have no condition.
    if filters.where:
        from zjobs.sessions import where
        from zjobs.sessions.applications import Applications

        condition = where.parse(filters.where)
        trace.filters.append(lambda: condition.bound(trace))
        # A name that no packet has a field for may be misspelt.
        trace.remarks.append(lambda: [render("ZJB0242I", field=name) for name in condition.missing])
        # Fields of applications are there to be asked for.
        trace.applications = trace.applications or Applications
        trace.manner = trace.manner._replace(telling=trace.manner.telling | Telling.FIELDS)
    if filters.find:
        from zjobs.sessions import find

        wanted = tuple(p for text in filters.find for p in find.patterns(text))
        trace.filters.append(lambda: find.Find(wanted))
