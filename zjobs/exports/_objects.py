"""JSON objects by columns: a field of thousands of packets becomes text at once.

Every field is added for the packets that have it.  A field that occurs several times in a packet (a
tunnel, a packet quoted by an ICMP error, repeated options) becomes a list in order of depth.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import Chars, constant, from_texts, joined
from zjobs.columns import Bytes
from zjobs.weave import Weave

Index = NDArray[np.int64]

#: Pieces that are joined before they are placed: two a field.
_RUN = 24
#: Lists of more values are put together one by one: of the others, pieces are placed rank by rank.
_LONG = 64


class _Part(NamedTuple):
    rows: Index | None
    text: Chars


@dataclass
class _Column:
    parts: list[_Part] = field(default_factory=list)
    many: bool = False


class Objects:
    """n objects under construction; fields come out in the order in which their names were first added."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._columns: dict[str, _Column] = {}

    def add(self, name: str, text: Chars, rows: Index | None = None, many: bool = False) -> None:
        """Values of one field: of all objects, or of the objects ``rows`` (ascending, repeats allowed)."""
        if rows is not None and not rows.size:
            return
        column = self._columns.setdefault(name, _Column())
        column.parts.append(_Part(rows, text))
        column.many |= many

    def render(self) -> Bytes:
        """One line an object."""
        weave = Weave(self.count)
        opening = "{"
        run: list[Chars] = []
        rows: Index | None = None
        for name, column in self._columns.items():
            label = f'{opening}"{name}":'
            opening = ","
            part = column.parts[0]
            alone = len(column.parts) == 1 and not column.many and _distinct(part.rows)
            # Fields that the same packets have are put together first and placed at once.
            if run and (not alone or len(run) >= _RUN or not _same(rows, part.rows)):
                weave.add(joined(*run), rows)
                run = []
            if alone:
                rows = part.rows
                run += [constant(label, part.text.lens.size), part.text]
            else:
                self._several(weave, label, column)
        if run:
            weave.add(joined(*run), rows)
        weave.add(constant("}\n", self.count))
        return weave.render()

    def _several(self, weave: Weave, label: str, column: _Column) -> None:
        everyone = np.arange(self.count, dtype=np.int64)
        rows = np.concatenate([everyone if p.rows is None else p.rows for p in column.parts])
        order = np.argsort(rows, kind="stable")
        rows = rows[order]
        text = _stacked([p.text for p in column.parts]).take(order)
        first = np.flatnonzero(np.concatenate([[True], rows[1:] != rows[:-1]]))
        counts = np.diff(np.append(first, rows.size))
        listed = np.ones(first.size, dtype=np.bool_) if column.many else counts > 1
        alone = first[~listed]
        if alone.size:
            weave.add(joined(constant(label, alone.size), text.take(alone)), rows[alone])
        long = listed & (counts > _LONG)
        for start, count in zip(first[long].tolist(), counts[long].tolist()):
            values = text.take(np.arange(start, start + count))
            body = b",".join(row[:size].tobytes() for row, size in zip(values.rows, values.lens.tolist()))
            weave.add(from_texts([f"{label}[{body.decode('ascii')}]"]), rows[start : start + 1])
        listed &= ~long
        open_lists, sizes = first[listed], counts[listed]
        # One piece a rank: the first values of all lists, then the second ones, ...
        for rank in range(int(sizes.max(initial=0))):
            has = sizes > rank
            at = open_lists[has] + rank
            before = constant(f"{label}[" if rank == 0 else ",", at.size)
            weave.add(joined(before, text.take(at)), rows[at])
        if open_lists.size:
            weave.add(constant("]", open_lists.size), rows[open_lists])


def _same(a: Index | None, b: Index | None) -> bool:
    if a is None or b is None:
        return a is b
    return a is b or (a.size == b.size and bool((a == b).all()))


def _distinct(rows: Index | None) -> bool:
    return rows is None or bool((rows[1:] > rows[:-1]).all())


def _stacked(texts: list[Chars]) -> Chars:
    """Texts one under the other."""
    if len(texts) == 1:
        return texts[0]
    width = max(t.rows.shape[1] for t in texts)
    rows = np.zeros((sum(t.lens.size for t in texts), width), dtype=np.uint8)
    at = 0
    for t in texts:
        rows[at : at + t.lens.size, : t.rows.shape[1]] = t.rows
        at += t.lens.size
    return Chars(rows, np.concatenate([t.lens for t in texts]))
