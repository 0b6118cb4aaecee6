"""Counters against a count record by record."""

from __future__ import annotations

import io

import numpy as np
import pytest
from encoder import data_records
from hypothesis import given
from hypothesis import strategies as st
from readings import trace_of

from zjobs.jobs.format import Request, write
from zjobs.reports.tally import Batch, Counter, Row
from zjobs.trace.grammar import parse

pytestmark = pytest.mark.s390x

PACKETS = st.lists(st.tuples(st.integers(-2, 5), st.integers(-2, 5), st.booleans(), st.integers(0, 9000)), max_size=40)


def one_by_one(packets: list[tuple[int, int, bool, int]]) -> dict[int, Row]:
    """Every packet under its source and, if that is another, under its target."""
    rows: dict[int, Row] = {}
    for number, (source, target, output, size) in enumerate(packets, 1):
        for key in {source, target}:
            old = rows.get(key, Row(0, 0, 0, 0, number, number * 1000, 0, 0))
            rows[key] = Row(
                old.total + 1, old.output + output, old.size + size, old.output_size + size * output,
                old.first, old.first_ns, number, number * 1000,
            )  # fmt: skip
    return rows


@pytest.mark.parametrize("small", [0, 8])
@given(packets=PACKETS, length=st.integers(1, 15))
def test_keys_that_are_source_and_target(small: int, packets: list[tuple[int, int, bool, int]], length: int) -> None:
    packets = [(abs(s), abs(t), o, z) for s, t, o, z in packets] if small else packets
    counter = Counter(small)
    for low in range(0, len(packets), length):
        part = packets[low : low + length]
        source, target, output, size = (np.array(column) for column in zip(*part, strict=True))
        number = np.arange(low + 1, low + 1 + len(part))
        batch = Batch(number, number * 1000, output, size)
        counter.add(source, batch)
        other = np.flatnonzero(source != target)
        counter.add(target[other], batch, other)
    met = counter.met()
    assert dict(zip(counter.keys[met].tolist(), counter.rows(met), strict=True)) == one_by_one(packets)


@pytest.mark.parametrize("ends", [("2001:db8::8000:0:0:1", "192.0.2.1"), ("192.0.2.1", "2001:db8::8000:0:0:1")])
def test_a_damaged_address_beside_one_of_version_4(ends: tuple[str, str]) -> None:
    """A record without headers has its addresses in the trace header, where either may be anything."""
    records = data_records(b"x", time_us=1_708_518_896_000_000, src=ends[0], dst=ends[1])
    trace, sink = trace_of(b"".join(records)), io.BytesIO()
    write(trace, Request(("x",), "TALLY", parse("STATISTICS(DETAIL)")), sink)
    text = sink.getvalue().decode("ascii")
    table = text[text.index("Ip Address Report") :].splitlines()[2:4]
    assert {line.split()[-1] for line in table} == {"2001:DB8::8000:0:0:1", "::FFFF:C000:201"}
