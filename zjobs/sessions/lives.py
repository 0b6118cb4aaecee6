"""The lives of TCP sessions as the traced system saw them: who opened them, in which states they begin and end.

Reference: RFC 9293, section 3.3.2; the words are those of NETSTAT.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from zjobs.sessions.analysis import Index, Mask, Sessions
from zjobs.sessions.packets import ACK, FIN, RST, SYN
from zjobs.sessions.sides import Sides

_NEVER = -(1 << 50)


class Lives(NamedTuple):
    """Columns (m,): ``first`` and ``final`` state of the local side, and whether that is the ``client``: 1, 0, or -1
    where nobody can tell.  What they say of sessions that are not TCP means nothing.
    """

    first: NDArray[np.str_]
    final: NDArray[np.str_]
    client: Index


def of(sessions: Sessions) -> Lives:
    """The lives of all sessions."""
    flags, sent = sessions["flags"], sessions["sent"]
    syn, ack, fin = (flags & bit > 0 for bit in (SYN, ACK, FIN))
    place = np.arange(flags.size)
    sides = Sides(sessions)
    asks, answers = (_earlier(sides.first(place, syn & mask)) for mask in (~ack, ack))
    ours, theirs = sessions.ports.T
    # The side with the well-known port is the server.
    client = np.where(ours == theirs, -1, theirs < ours)
    client = np.where(answers >= 0, ~sent[answers], client)
    client = np.where(asks >= 0, sent[asks], client)
    opened = np.where(client == 1, "SYN_SENT", "SYN_RECEIVED")
    first = np.where(asks == sessions.start[:-1], opened, "ESTABLISHED")
    reset = sides.last(place, flags & RST > 0).max(axis=1)
    final = np.where(reset >= 0, np.where(sent[reset], "CLOSED (RESET SENT)", "CLOSED (RESET RECEIVED)"), "")
    spoken = sides.number(~syn & ack).any(axis=1) | (asks < 0) & (answers < 0)
    waiting = np.where(answers >= 0, "SYN_RECEIVED", np.where(client == 1, "SYN_SENT", "LISTEN"))
    begun = np.where(spoken, "ESTABLISHED", waiting)
    final = np.where(final == "", np.where(sides.number(fin).any(axis=1), _closing(sessions, sides, fin), begun), final)
    return Lives(first, final, client)


def _closing(sessions: Sessions, sides: Sides, fin: Mask) -> NDArray[np.str_]:
    """The final states of sessions in which a FIN was seen."""
    began = sides.first(np.arange(fin.size), fin)
    theirs_there, ours_there = (began >= 0).T
    # What one side closed is acknowledged by the other one.
    acknowledged = sides.most(sessions["acked"], sides.all, _NEVER)[:, ::-1] >= sides.last(sessions["end"], fin)
    theirs_done, ours_done = acknowledged.T
    active = began[:, 1] < began[:, 0]
    closed = np.where(active, "CLOSED (ACTIVE CLOSE)", "CLOSED (PASSIVE CLOSE)")
    return np.select(
        [~theirs_there, ~ours_there, ours_done & theirs_done, ours_done],
        [
            np.where(ours_done, "FIN_WAIT_2", "FIN_WAIT_1"),
            np.full(active.size, "CLOSE_WAIT"),
            closed,
            np.where(active, "TIME_WAIT", "CLOSED (PASSIVE CLOSE)"),
        ],
        np.where(active, "CLOSING", "LAST_ACK"),
    )


def _earlier(places: Index) -> Index:
    """The first of the places on both sides; -1 if there is none."""
    return np.asarray(np.where((places >= 0).all(axis=1), places.min(axis=1), places.max(axis=1)))
