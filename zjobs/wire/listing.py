"""What a header says on paper: lines of labelled values.  Where they go on the page is ``page``'s business."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import Chars, constant, joined


class Item(NamedTuple):
    """A label and a value; ``note`` is a second, closely related value (the name of a port)."""

    label: str
    value: Chars
    note: Chars | None = None


class Line(NamedTuple):
    """Up to three items side by side.

    ``level`` 0 starts one column further left (the title of a block).  ``which`` are the occurrences that
    have the line, and the items hold values for these only; None is every occurrence.
    """

    items: tuple[Item, ...]
    level: int = 1
    which: NDArray[np.int64] | None = None


class Title(NamedTuple):
    """A block title on a line of its own, behind a blank line."""

    text: str
    which: NDArray[np.int64] | None = None


class Dump(NamedTuple):
    """Bytes ``start`` to ``end`` of the buffer under a label, in hex with an ASCII translation."""

    label: str
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    which: NDArray[np.int64] | None = None


class Told(NamedTuple):
    """Messages, decoded one by one (see ``message``): a title with the size of each, and their lines.

    ``messages`` is an object array of :class:`zjobs.wire.message.Message`.
    """

    title: str
    size: NDArray[np.int64]
    messages: NDArray[Any]
    which: NDArray[np.int64] | None = None


Block = Line | Title | Dump | Told


def item(label: str, value: Chars, note: Chars | None = None) -> Item:
    """An item; reads better than the constructor in listings."""
    return Item(label, value, note)


def line(*items: Item, level: int = 1, which: NDArray[np.int64] | None = None) -> Line:
    """A line of items."""
    return Line(items, level, which)


def line_if(mask: NDArray[np.bool_], *items: Item) -> Line:
    """A line that only some occurrences have; the items cover all of them."""
    rows = np.flatnonzero(mask)
    chosen = (Item(i.label, i.value.take(rows), None if i.note is None else i.note.take(rows)) for i in items)
    return Line(tuple(chosen), 1, rows)


def dump_if(mask: NDArray[np.bool_], label: str, start: NDArray[np.int64], end: NDArray[np.int64]) -> Dump:
    """A dump that only some occurrences have."""
    rows = np.flatnonzero(mask)
    return Dump(label, start[rows], end[rows], rows)


def pair(packet: Chars, computed: Chars) -> Chars:
    """A checksum as the formatter prints it: the value in the packet, a blank, the folded sum over the bytes."""
    return joined(packet, constant(" ", packet.lens.size), computed)


class Value(NamedTuple):
    """A field as Wireshark names it: JSON texts of some occurrences of a layer.

    ``which`` are occurrence indices (n,), ascending, repeated where a field occurs several times; None is
    every occurrence once.  ``many`` makes the field a list even where it occurs once.
    """

    name: str
    text: Chars
    which: NDArray[np.int64] | None = None
    many: bool = False


def when(name: str, mask: NDArray[np.bool_], text: Chars, many: bool = False) -> Value:
    """A value that only some occurrences have; ``text`` covers all occurrences."""
    rows = np.flatnonzero(mask)
    return Value(name, text.take(rows), rows, many)
