"""Dates and times of day, by the column."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import Chars, by_value, constant, joined, zero_filled

_DAY_NS = 86_400_000_000_000


def time_of_day(ns: NDArray[Any]) -> Chars:
    """hh:mm:ss.mmmmmm of nanoseconds since 1970."""
    us = ns // 1000
    seconds = us // 1_000_000
    return joined(by_value(seconds, _second_text), zero_filled(us - seconds * 1_000_000, 6))


def durations(ns: NDArray[Any]) -> Chars:
    """hh:mm:ss.mmmmmm of spans in nanoseconds; hours go on beyond 24."""
    us = ns // 1000
    return joined(by_value(us // 1_000_000, _span_text), zero_filled(us % 1_000_000, 6))


def _span_text(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}."


def _second_text(seconds: int) -> str:
    minutes = seconds // 60
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}:{seconds % 60:02}."


@lru_cache(4096)
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
