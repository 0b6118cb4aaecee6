"""Counting for STATISTICS: packets and bytes a key, input and output, first and last record.

A counter adds whole batches; keys are 64-bit numbers (or pairs of them), turned into text at the end.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.int64]


@dataclass
class Row:
    """One key's counters; times are nanoseconds since 1970."""

    total: int = 0
    input: int = 0
    input_bytes: int = 0
    output: int = 0
    output_bytes: int = 0
    first: int = 1 << 62
    first_ns: int = 0
    last: int = -1
    last_ns: int = 0

    def add(self, other: "Row") -> None:
        """Add another batch's counters of the same key."""
        self.total += other.total
        self.input += other.input
        self.input_bytes += other.input_bytes
        self.output += other.output
        self.output_bytes += other.output_bytes
        if other.first < self.first:
            self.first, self.first_ns = other.first, other.first_ns
        if other.last > self.last:
            self.last, self.last_ns = other.last, other.last_ns


@dataclass
class Batch:
    """The columns every table counts with: record number, time, whether output, bytes."""

    number: Index
    time_ns: Index
    output: NDArray[np.bool_]
    size: Index


@dataclass
class Counter:
    """Counters by key."""

    rows: dict[int, Row] = field(default_factory=dict)

    def add(self, keys: NDArray[np.int64], batch: Batch, which: Index | None = None) -> None:
        """Count packets (all, or the chosen ones) under their keys; records come in ascending order."""
        if which is not None:
            batch = Batch(*(getattr(batch, n)[which] for n in ("number", "time_ns", "output", "size")))
        if not keys.size:
            return
        order = np.argsort(keys, kind="stable")
        ordered = keys[order]
        edge = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
        out = batch.output[order]
        size = batch.size[order]
        total = np.diff(np.append(edge, keys.size))
        output = np.add.reduceat(out.astype(np.int64), edge)
        all_bytes = np.add.reduceat(size, edge)
        output_bytes = np.add.reduceat(np.where(out, size, 0), edge)
        first = order[edge]
        last = order[np.append(edge[1:], keys.size) - 1]
        columns = zip(
            ordered[edge].tolist(), total.tolist(), output.tolist(), all_bytes.tolist(), output_bytes.tolist(),
            batch.number[first].tolist(), batch.time_ns[first].tolist(), batch.number[last].tolist(),
            batch.time_ns[last].tolist(),
        )  # fmt: skip
        for key, n, n_out, b, b_out, f, f_ns, l, l_ns in columns:
            row = Row(n, n - n_out, b - b_out, n_out, b_out, f, f_ns, l, l_ns)
            if key in self.rows:
                self.rows[key].add(row)
            else:
                self.rows[key] = row

    def sum(self) -> Row:
        """All keys together."""
        total = Row()
        for row in self.rows.values():
            total.add(row)
        return total
