"""Counting for STATISTICS: packets and bytes a key, input and output, first and last record.

A counter holds its keys sorted beside columns of counters; a batch is counted by column operations, and
only keys that were never met before cost more.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.int64]


@dataclass
class Batch:
    """The columns every table counts with: record number, time, whether output, bytes."""

    number: Index
    time_ns: Index
    output: NDArray[np.bool_]
    size: Index


_COLUMNS = ("total", "output", "size", "output_size", "first", "first_ns", "last", "last_ns")


@dataclass(frozen=True)
class Row:
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
        number, time_ns, output, size = batch.number, batch.time_ns, batch.output, batch.size
        if which is not None:
            number, time_ns, output, size = number[which], time_ns[which], output[which], size[which]
        low = int(keys.min())
        if low == int(keys.max()):
            # Most traces have one interface, one device, one IP version: nothing to sort out.
            self._one(low, number, time_ns, output, size)
            return
        slots = self._slots(keys)
        c, count = self.columns, self.keys.size
        c["total"] += np.bincount(slots, minlength=count)
        c["output"] += np.bincount(slots[output], minlength=count)
        # Sums of sizes are whole numbers far below 2**53, so the floating-point weights lose nothing.
        c["size"] += np.bincount(slots, size, minlength=count).astype(np.int64)
        c["output_size"] += np.bincount(slots[output], size[output], minlength=count).astype(np.int64)
        c["last"][slots] = number
        c["last_ns"][slots] = time_ns
        new = np.flatnonzero(c["first"][slots] == 0)[::-1]
        c["first"][slots[new]] = number[new]
        c["first_ns"][slots[new]] = time_ns[new]

    def _one(self, key: int, number: Index, time_ns: Index, output: NDArray[np.bool_], size: Index) -> None:
        """Count packets that all have the same key."""
        slot = int(self._slots(np.array([key], dtype=np.int64))[0])
        c = self.columns
        c["total"][slot] += number.size
        c["output"][slot] += int(np.count_nonzero(output))
        c["size"][slot] += int(size.sum())
        c["output_size"][slot] += int(size[output].sum())
        c["last"][slot], c["last_ns"][slot] = number[-1], time_ns[-1]
        if not c["first"][slot]:
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

    def row(self, index: int) -> Row:
        """Counters of the key at ``index``."""
        return Row(*(int(self.columns[name][index]) for name in _COLUMNS))

    def sum(self) -> Row:
        """All keys together (times are not summed)."""
        total, output, size, output_size = (int(self.columns[name].sum()) for name in _COLUMNS[:4])
        return Row(total, output, size, output_size, 0, 0, 0, 0)
