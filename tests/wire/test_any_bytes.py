"""Every decoder on bytes that nobody meant for it: whatever they are, there is a message and no exception."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telling import told

from zjobs.wire.layout import PADDING
from zjobs.wire.protocols import protocols
from zjobs.wire.talk import SERVER, STREAM, Flow, Talk
from zjobs.wire.walk import Telling

DECODERS = sorted(name for name, module in protocols().items() if hasattr(module, "decode"))
MEASURES = sorted(name for name, module in protocols().items() if hasattr(module, "measure"))
STATES = (0, 106, STREAM, STREAM | SERVER, STREAM | 4, STREAM | 8, STREAM | SERVER | 12)

#: Bytes that decoders know, so that more than the first of them is met.
WORDS = st.sampled_from([
    b"\x16\x03\x01", b"\xff\xfa", b"\xff\xf0", b"\xff\xef", b"\r\n", b"HTTP/1.1 ", b"GET ", b"227 (1,2,3,4,5,6)",
    b"\xc0\x0c", b"\x00\x01", b"\x30\x82", b"\x02\x01", b"\x04\x06public", b"\xa0", b"\x01\x01\x06\x00",
    b"\x63\x82\x53\x63", b"\xd0\x01", b"TSH ", b"\xfeSMB", b"\xe2\xd4\xc3\xd9", b"\x04\x04\xbf", b"\x00" * 8,
    b"\xff" * 8, b"PORT ", b"\x29\x00",
])  # fmt: skip
JUNK = st.lists(st.one_of(st.binary(max_size=24), WORDS), max_size=12).map(b"".join)


@pytest.mark.parametrize("name", DECODERS)
@settings(max_examples=60, deadline=None)
@given(data=JUNK, state=st.sampled_from(STATES), more=st.integers(0, 3000))
def test_a_decoder_survives(name: str, data: bytes, state: int, more: int) -> None:
    found = told(name, data, state, len(data) + more)
    assert all(line.isascii() and line.isprintable() for line in found.lines)
    assert found.summary.isascii() and (not found.summary or found.summary.isprintable())
    # What is not wanted is not told, and changes nothing else.
    for telling in (Telling.LINES, Telling.FIELDS, Telling(0)):
        less = told(name, data, state, len(data) + more, telling)
        assert (less.summary, less.problems) == (found.summary, found.problems)
        assert less.lines == (found.lines if Telling.LINES in telling else [])
        assert less.fields == (found.fields if Telling.FIELDS in telling else {})


@pytest.mark.parametrize("name", MEASURES)
@settings(max_examples=60, deadline=None)
@given(data=JUNK.filter(bool))
def test_a_measure_survives(name: str, data: bytes) -> None:
    talk = Talk(name)
    talk.flows = (Flow(talk, b"\n\0\0\1", 1025), Flow(talk, b"\n\0\0\2", 21, state=STREAM | SERVER))
    for flow in talk.flows:
        length = protocols()[name].measure(data, flow)
        assert isinstance(length, int)
        # What asks for more must ask for more than there is, or it would be asked for ever.
        assert length >= 0 or -length > len(data), (name, length, data)


@pytest.mark.parametrize("name", sorted(n for n, m in protocols().items() if hasattr(m, "begins")))
def test_begins_looks_no_further_than_the_buffer(name: str) -> None:
    rng = np.random.default_rng(1)
    buf = np.concatenate([rng.integers(0, 256, 4000, dtype=np.uint8), np.zeros(PADDING, dtype=np.uint8)])
    start = np.arange(0, 4000)
    end = np.minimum(start + rng.integers(1, 60, start.size), 4000)
    found = protocols()[name].begins(buf, start, end)
    assert found.dtype == np.bool_ and found.shape == start.shape
    assert found.mean() < 0.5
