"""Figures of both sides of sessions: sums and means, also of times that lie decades apart."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from zjobs.sessions.analysis import Sessions
from zjobs.sessions.sides import Sides


class Two:
    """Two sessions, of which the second has one side only."""

    session = np.array([0, 0, 0, 0, 1])

    def __len__(self) -> int:
        return 2

    def __getitem__(self, name: str) -> Any:
        return np.array([0, 1, 1, 1, 0])


def test_a_mean_of_times_whose_sum_is_too_large() -> None:
    # A capture whose first packet has no time: what is measured from it is 44 years, in nanoseconds.
    years = 1_404_740_117_382_891_000
    sides = Sides(cast(Sessions, Two()))
    sides.side = np.repeat(sides.side, 3)
    with np.errstate(all="raise"):
        found = sides.mean(np.repeat([5, years, years, years, 7], 3), np.ones(15, dtype=np.bool_))
    np.testing.assert_allclose(found, [[5.0, years], [7.0, -1.0]])
