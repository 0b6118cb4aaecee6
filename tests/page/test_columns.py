"""What is done to thousands of places at once, against the same done one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zjobs.columns import above, among, distinct

pytestmark = pytest.mark.s390x


@given(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=20))
def test_distinct_numbers(values: list[int]) -> None:
    assert distinct(np.array(values, dtype=np.int64)) == sorted(set(values))


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64])
def test_distinct_numbers_at_both_ends_of_a_type(kind: type) -> None:
    info = np.iinfo(kind)
    values = [info.max, info.min, info.max, info.max - 1]
    assert distinct(np.array(values, dtype=kind)) == sorted(set(values))
    assert distinct(np.array(values[2:], dtype=kind)) == [info.max - 1, info.max]
    assert above(np.array(values[2:], dtype=kind), info.max - 1).tolist() == [1, 0]


@given(st.lists(st.integers(0, 255), max_size=30), st.sets(st.integers(-3, 300), max_size=6))
def test_among(values: list[int], few: set[int]) -> None:
    assert among(np.array(values, dtype=np.uint8), few).tolist() == [v in few for v in values]
