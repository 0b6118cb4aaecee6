"""Dates and times of day, by the column."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import Chars, by_value, constant, joined, zero_filled

_DAY_NS = 86_400_000_000_000


def time_of_day(ns: NDArray[Any]) -> Chars:
    """hh:mm:ss.mmmmmm of nanoseconds since 1970."""
    us = (ns % _DAY_NS) // 1000
    count = us.size
    seconds, micro = us // 1_000_000, us % 1_000_000
    out = np.full((count, 15), ord(":"), dtype=np.uint8)
    for at, value in ((0, seconds // 3600), (3, seconds // 60 % 60), (6, seconds % 60)):
        out[:, at : at + 2] = zero_filled(value, 2).rows
    out[:, 8] = ord(".")
    out[:, 9:15] = zero_filled(micro, 6).rows
    return Chars(out, np.full(count, 15, dtype=np.int64))


def day_text(day: int) -> str:
    """yyyy/mm/dd of a day number since 1970."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)).strftime("%Y/%m/%d")


def dates(ns: NDArray[Any]) -> Chars:
    """yyyy/mm/dd."""
    return by_value(ns // _DAY_NS, day_text)


def stamps(ns: NDArray[Any]) -> Chars:
    """yyyy/mm/dd hh:mm:ss.mmmmmm."""
    return joined(dates(ns), constant(" ", ns.size), time_of_day(ns))


def days(ns: NDArray[Any]) -> NDArray[np.int64]:
    """Day numbers since 1970."""
    return np.asarray(ns // _DAY_NS)
