"""Figures of both sides of many sessions at once: what inbound packets, and what outbound ones, amount to."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from zjobs.sessions.analysis import Sessions

Index = NDArray[np.int64]
Mask = NDArray[np.bool_]

_LEAST = np.iinfo(np.int64).min


class Sides:
    """Sums over packets by session and side.

    All figures are (m, 2): what came in, and what the local end sent.  ``which`` (n,) marks the packets that count.
    """

    def __init__(self, sessions: Sessions) -> None:
        self.count = 2 * len(sessions)
        self.side = sessions.session * 2 + sessions["sent"]
        self.all = np.ones(self.side.size, dtype=np.bool_)

    def number(self, which: Mask) -> Index:
        """How many packets."""
        return np.bincount(self.side[which], minlength=self.count).reshape(-1, 2)

    def total(self, values: NDArray[Any], which: Mask) -> Index:
        """The sum of whole numbers; below 2**53 it is exact."""
        sums = np.bincount(self.side[which], weights=values[which], minlength=self.count)
        return sums.astype(np.int64).reshape(-1, 2)

    def mean(self, values: NDArray[Any], which: Mask, none: float = -1.0) -> NDArray[np.float64]:
        """The mean, also of numbers whose sum no whole number holds; ``none`` where there is none."""
        sums = np.bincount(self.side[which], weights=values[which], minlength=self.count).reshape(-1, 2)
        number = self.number(which)
        out = np.full(sums.shape, none)
        np.divide(sums, number, out=out, where=number > 0)
        return out

    def first(self, values: NDArray[Any], which: Mask) -> Index:
        """The value of the first packet; -1 where there is none."""
        return self._written(np.flatnonzero(which)[::-1], values)

    def last(self, values: NDArray[Any], which: Mask) -> Index:
        """The value of the last packet; -1 where there is none."""
        return self._written(np.flatnonzero(which), values)

    def _written(self, rows: Index, values: NDArray[Any]) -> Index:
        """Of several values for one place the one that is written last stays."""
        out = np.full(self.count, -1, dtype=np.int64)
        out[self.side[rows]] = values[rows]
        return out.reshape(-1, 2)

    def most(self, values: NDArray[Any], which: Mask, none: int = -1) -> Index:
        """The greatest value; ``none`` where there is none."""
        out = np.full(self.count, _LEAST, dtype=np.int64)
        np.maximum.at(out, self.side[which], values[which].astype(np.int64))
        return np.where(out == _LEAST, none, out).reshape(-1, 2)

    def least(self, values: NDArray[Any], which: Mask, none: int = -1) -> Index:
        """The smallest value; ``none`` where there is none."""
        return -self.most(-values.astype(np.int64), which, -none)
