"""The life of a TCP session as the traced system saw it: who opened it, and in which state it begins and ends.

Reference: RFC 9293, section 3.3.2; the words are those of NETSTAT.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zjobs.sessions.packets import ACK, FIN, RST, SYN


@dataclass(frozen=True)
class Life:
    """First and final state of the local side, and whether it is the client (None where nobody can tell)."""

    first: str
    final: str
    client: bool | None


def of(local: NDArray[np.bool_], c: dict[str, NDArray[Any]], ports: tuple[int, int]) -> Life:
    """The life of one session; ``local`` marks packets (n,) of the local side, ``ports`` are local and remote."""
    flags = c["flags"].astype(np.int64)
    asks = np.flatnonzero((flags & SYN > 0) & (flags & ACK == 0))
    answers = np.flatnonzero((flags & SYN > 0) & (flags & ACK > 0))
    client: bool | None
    if asks.size:
        client = bool(local[asks[0]])
    elif answers.size:
        client = not bool(local[answers[0]])
    elif ports[0] == ports[1]:
        client = None
    else:
        # The side with the well-known port is the server.
        client = ports[1] < ports[0]
    first = ("SYN_SENT" if client else "SYN_RECEIVED") if asks.size and asks[0] == 0 else "ESTABLISHED"
    return Life(first, _final(local, c, flags, asks, answers, bool(client)), client)


def _final(
    local: NDArray[np.bool_], c: dict[str, NDArray[Any]], flags: NDArray[np.int64], asks: NDArray[np.int64],
    answers: NDArray[np.int64], client: bool,
) -> str:  # fmt: skip
    if (flags & RST > 0).any():
        at = int(np.flatnonzero(flags & RST > 0)[-1])
        return f"CLOSED (RESET {'SENT' if local[at] else 'RECEIVED'})"
    ended = flags & FIN > 0
    ours, theirs = np.flatnonzero(ended & local), np.flatnonzero(ended & ~local)
    if ours.size or theirs.size:
        acked_ours = bool(ours.size) and _acknowledged(c, ~local, int(c["end"][ours[-1]]))
        acked_theirs = bool(theirs.size) and _acknowledged(c, local, int(c["end"][theirs[-1]]))
        if not theirs.size:
            return "FIN_WAIT_2" if acked_ours else "FIN_WAIT_1"
        if not ours.size:
            return "CLOSE_WAIT"
        active = bool(ours[0] < theirs[0])
        if acked_ours and acked_theirs:
            return f"CLOSED ({'ACTIVE' if active else 'PASSIVE'} CLOSE)"
        if acked_ours:
            return "TIME_WAIT" if active else "CLOSED (PASSIVE CLOSE)"
        return "CLOSING" if active else "LAST_ACK"
    data = (flags & SYN == 0) & (flags & ACK > 0)
    if data.any() or not (asks.size or answers.size):
        return "ESTABLISHED"
    if answers.size:
        return "SYN_RECEIVED"
    return "SYN_SENT" if client else "LISTEN"


def _acknowledged(c: dict[str, NDArray[Any]], by: NDArray[np.bool_], end: int) -> bool:
    return bool((c["acked"][by] >= end).any())
