"""What a protocol remembers of a TCP connection: one Talk a connection, one Flow a direction.

A protocol that needs more than one segment at a time has ``measure(data, flow) -> int``: the length of the
message at the start of ``data``, also when not all of it is there; NOT_MINE when that is none of its messages;
``-n`` when at least n bytes are needed to tell; TO_THE_END when the message ends with the connection.  It is asked in
order, so it may remember things in ``flow.state`` (given to the decoder) and ``flow.talk.notes``, say with
``flow.keep`` that the first bytes of a long message are enough and with ``flow.again`` that it wants to see the whole
message as well, and hand the connection over to another protocol with ``flow.talk.app``.

A protocol of datagrams that needs more than one of them has a ``Memory`` (see ``Datagrams``).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

NOT_MINE = 0
TO_THE_END = 1 << 40

#: Bytes that a message may hold while it waits for its rest; of a longer one its decoder gets the beginning.
MOST_HELD = 1 << 20

#: ``Flow.keep`` of bytes that belong to no message and are skipped.
NOTHING = -1

#: Bits of ``Flow.state`` that tell a decoder that its bytes come from a connection, and that a server sent them;
#: the others, from OWN on, are the protocol's.  A datagram has twice the port that named the protocol instead.
STREAM, SERVER, OWN = 1, 2, 4

#: How far up in the state of a decoder stands the number of messages that were announced where they began.
SAID = 16

Measure = Callable[[bytes, "Flow"], int]


@dataclass(slots=True, eq=False, repr=False)
class Waiting:
    """A message of which not all bytes are here.

    ``base`` is the sequence number of its first byte, ``length`` its length where that is known (0 is not), ``keep``
    how many bytes of it are wanted (0 is all).  ``parts`` are its bytes by offset, ``holes`` what is missing, as
    (from, to).  ``said`` is the number of messages in it that were announced when it began, ``again`` says that
    ``measure`` wants to see it whole.
    """

    base: int
    length: int
    keep: int = 0
    parts: dict[int, bytes] = field(default_factory=dict)
    holes: list[tuple[int, int]] = field(default_factory=list)
    said: int = 0
    again: bool = False

    def put(self, at: int, data: bytes) -> None:
        """Bytes at an offset, as far as they are wanted."""
        if self.keep:
            data = data[: max(self.keep - at, 0)]
        if data:
            self.parts[at] = data

    def fill(self, at: int, data: bytes) -> None:
        """Bytes that may fill holes."""
        left = []
        for low, high in self.holes:
            first, last = max(low, at), min(high, at + len(data))
            if first >= last:
                left.append((low, high))
                continue
            self.put(first, data[first - at : last - at])
            left += [(a, b) for a, b in ((low, first), (last, high)) if a < b]
        self.holes = left

    def bytes(self) -> bytes:
        """All bytes, in order."""
        return b"".join(self.parts[at] for at in sorted(self.parts))


@dataclass(slots=True, eq=False, repr=False)
class Flow:
    """One direction: ``next`` is the sequence number that continues it; ``open`` is the message that is not whole
    yet, ``holed`` are those behind which others were found already.  ``first`` is the number that was met first, and
    ``lost`` says that bytes are missing and no message was found behind them yet.

    ``address`` (4 or 16 bytes) and ``port`` are the sender's.  ``keep`` and ``again`` are what ``measure`` asks for.
    """

    talk: "Talk"
    address: bytes
    port: int
    next: int = -1
    first: int = -1
    lost: bool = False
    open: Waiting | None = None
    holed: list[Waiting] = field(default_factory=list)
    keep: int = 0
    again: bool = False
    state: int = STREAM

    @property
    def serves(self) -> bool:
        """Whether the sender is the server."""
        return bool(self.state & SERVER)

    @property
    def other(self) -> "Flow":
        """The other direction."""
        a, b = self.talk.flows
        return b if self is a else a


@dataclass(slots=True, eq=False, repr=False)
class Talk:
    """A connection: the protocol it speaks, both directions, and what the protocol remembers."""

    app: str
    before: str = ""
    """The protocol that handed the connection over, for the case that it gets it back (CCC of FTP), or that TLS was
    taken off before the packets were traced."""
    flows: tuple[Flow, ...] = ()
    notes: dict[str, Any] = field(default_factory=dict)
    expected: list[tuple[bytes, int, str]] = field(default_factory=list)
    """Ends (address, port) that another connection will have, and the protocol that it will speak."""
    behind: int = 0
    """The port behind a proxy that handed the connection on, until the first bytes from there were looked at."""


class Datagrams(NamedTuple):
    """Datagrams that a protocol with a ``Memory`` is asked about, columns (n,) in the order of the packets.

    ``named`` are those that its ``begins`` takes, ``talk`` a number for each conversation, ``first`` tells for some of
    them whether the end sends that stands first in it, ``quoted`` are those inside errors.

    ``Memory().hear(buf, datagrams, told)`` gives protocols with the places that are theirs, also such as no ``begins``
    would know, and the state of each; ``told`` keeps what a decoder is to know (``Message.known``), the state of which
    is twice its place there: that of a datagram is even.
    """

    named: NDArray[np.bool_]
    talk: NDArray[np.int64]
    first: Callable[[NDArray[np.int64]], NDArray[np.bool_]]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    limit: NDArray[np.int64]
    quoted: NDArray[np.bool_]
