"""A message that cannot be read costs its batch no longer than any other: nothing of it is kept."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

from zjobs.wire import message
from zjobs.wire.layout import PADDING
from zjobs.wire.walk import Walk

pytestmark = pytest.mark.s390x

#: One question, of which nothing is there.
QUERY = bytes.fromhex("1234 0100 0001 0000 0000 0000")


def walked(payload: bytes) -> weakref.ref[Walk]:
    buf = np.concatenate([np.frombuffer(payload, dtype=np.uint8), np.zeros(PADDING, dtype=np.uint8)])
    zero, end = np.zeros(1, dtype=np.int64), np.full(1, len(payload), dtype=np.int64)
    walk = Walk(buf, zero)
    walk.begin("dns", zero, zero, end, end, zero)
    walk.run()
    message.tell(walk)
    assert walk.problems.what
    return weakref.ref(walk)


def test_a_damaged_message_keeps_nothing() -> None:
    seen = walked(QUERY)
    gc.collect()
    assert seen() is None
