"""Counting for STATISTICS: packets and bytes a key, input and output, first and last record.

A counter holds its keys sorted beside columns of counters; a batch is counted by column operations, and
only keys that were never met before cost more.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.int64]


class Batch(NamedTuple):
    """The columns every table counts with: record number, time, whether output, bytes."""

    number: Index
    time_ns: Index
    output: NDArray[np.bool_]
    size: Index

    def take(self, which: Index) -> "Batch":
        """The packets chosen by an index."""
        return Batch(self.number[which], self.time_ns[which], self.output[which], self.size[which])


_COLUMNS = ("total", "output", "size", "output_size", "first", "first_ns", "last", "last_ns")


class Row(NamedTuple):
    """One key's counters; times are nanoseconds since 1970."""

    total: int
    output: int
    size: int
    output_size: int
    first: int
    first_ns: int
    last: int
    last_ns: int

    @property
    def input(self) -> int:
        """Packets that are not output."""
        return self.total - self.output

    @property
    def input_size(self) -> int:
        """Bytes that are not output."""
        return self.size - self.output_size


class Counter:
    """Counters by key (any int64); keys 0 to ``small`` - 1 have their place from the start."""

    def __init__(self, small: int = 0) -> None:
        self.small = small
        self.keys: Index = np.arange(small, dtype=np.int64)
        self.columns = {name: np.zeros(small, dtype=np.int64) for name in _COLUMNS}

    def __len__(self) -> int:
        return int(self.met().size)

    def met(self) -> Index:
        """Indices of the keys that were counted."""
        return np.flatnonzero(self.columns["total"])

    def add(self, keys: Index, batch: Batch, which: Index | None = None) -> None:
        """Count packets (all, or the chosen ones) under their keys; records come in ascending order."""
        if not keys.size:
            return
        if which is not None:
            batch = batch.take(which)
        number, time_ns, output, size = batch
        low = int(keys.min())
        if low == int(keys.max()):
            # Most traces have one interface, one device, one IP version: nothing to sort out.
            self._one(low, number, time_ns, output, size)
            return
        slots = self._slots(keys)
        c, count = self.columns, self.keys.size
        c["total"] += np.bincount(slots, minlength=count)
        # Sums of sizes are whole numbers far below 2**53, so the floating-point weights lose nothing.
        for name, weight in (("output", output), ("size", size), ("output_size", size * output)):
            c[name] += np.bincount(slots, weight, minlength=count).astype(np.int64)
        # A key may have been counted in later records of the same batch already, as a source and then as a target.
        later = np.flatnonzero(number > c["last"][slots])
        c["last"][slots[later]], c["last_ns"][slots[later]] = number[later], time_ns[later]
        first = c["first"][slots]
        earlier = np.flatnonzero((first == 0) | (number < first))[::-1]
        c["first"][slots[earlier]], c["first_ns"][slots[earlier]] = number[earlier], time_ns[earlier]

    def _one(self, key: int, number: Index, time_ns: Index, output: NDArray[np.bool_], size: Index) -> None:
        """Count packets that all have the same key."""
        slot = int(self._slots(np.array([key], dtype=np.int64))[0])
        c = self.columns
        c["total"][slot] += number.size
        c["output"][slot] += int(np.count_nonzero(output))
        c["size"][slot] += int(size.sum())
        c["output_size"][slot] += int(size[output].sum())
        if number[-1] > c["last"][slot]:
            c["last"][slot], c["last_ns"][slot] = number[-1], time_ns[-1]
        if not 0 < c["first"][slot] <= number[0]:
            c["first"][slot], c["first_ns"][slot] = number[0], time_ns[0]

    def _slots(self, keys: Index) -> Index:
        if self.small and int(keys.min()) >= 0 and int(keys.max()) < self.small:
            return keys
        slots = np.searchsorted(self.keys, keys)
        if self.keys.size:
            missing = self.keys[np.minimum(slots, self.keys.size - 1)] != keys
            if not missing.any():
                return slots
            fresh = np.unique(keys[missing])
        else:
            fresh = np.unique(keys)
        place = np.searchsorted(self.keys, fresh)
        self.keys = np.insert(self.keys, place, fresh)
        self.columns = {name: np.insert(column, place, 0) for name, column in self.columns.items()}
        return np.searchsorted(self.keys, keys)

    def rows(self, which: Index) -> list[Row]:
        """Counters of the keys at these indices."""
        return [Row(*row) for row in zip(*(self.columns[name][which].tolist() for name in _COLUMNS))]

    def sum(self) -> Row:
        """All keys together (times are not summed)."""
        total, output, size, output_size = (int(self.columns[name].sum()) for name in _COLUMNS[:4])
        return Row(total, output, size, output_size, 0, 0, 0, 0)
