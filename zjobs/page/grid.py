"""The common print grid of the trace formatter's record lines.

Columns count from 1: level-0 labels start in 2, level-1 labels in 3, the colon stands in 20, the first
value in 22, the second field in 39, the third in 64.  A value with a note (a port and its name) has the
note six columns on.  A value wider than its field pushes the rest right with one blank.
"""

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from zjobs.chars import Chars, constant, printable, same
from zjobs.columns import Bytes, Index, item, items, rows_view, set_columns

VALUE, SECOND, THIRD = 22, 39, 64
NOTE = 28
SECOND_VALUE, SECOND_NOTE = 58, 64
NEWLINE = 10


class Piece(NamedTuple):
    """A text at a column; a string is the same on every line."""

    column: int
    text: Chars | str


def lay(count: int, pieces: list[Piece], template: str = "") -> Chars:
    """Lines with the pieces at their columns, or one blank behind whatever pushed them; ends in a new line."""
    width = len(template)
    for column, text in pieces:
        width = max(width + 1, column - 1) + (len(text) if isinstance(text, str) else text.rows.shape[1])
    width += 1
    #: What all lines have in common.
    base = bytearray(template.encode("ascii").ljust(width))
    highest = blank = len(template.rstrip())
    laid: list[Piece] = []
    for column, text in pieces:
        if highest and highest >= column - 1:
            break
        size = len(text) if isinstance(text, str) else text.longest
        if isinstance(text, str):
            base[column - 1 : column - 1 + size] = text.encode("ascii")
        laid.append(Piece(column, text))
        highest = column - 1 + size if size else highest
    pushed = pieces[len(laid) :]
    reached = _reached(blank, laid)
    if isinstance(reached, int) and not pushed:
        base[reached] = NEWLINE
    out = np.empty((count, width), dtype=np.uint8)
    items(out)[:] = np.frombuffer(base, dtype=item(width))
    for column, text in laid:
        if not isinstance(text, str):
            # Blanks behind the longest text would cover what the base has there.
            set_columns(out, column - 1, text.rows[:, : text.longest])
    if pushed:
        reached = _push(out, reached, pushed)
    if isinstance(reached, int):
        return Chars(out, same(reached + 1, count))
    out.reshape(-1)[np.arange(0, out.size, width) + reached] = NEWLINE
    return Chars(out, reached + 1)


def _reached(blank: int, laid: list[Piece]) -> int | Index:
    """How far each line reaches: behind the last text that it has.  One number if that is known to be the same."""
    if not laid:
        return blank
    column, text = laid[-1]
    if isinstance(text, str) or text.even:
        size = len(text) if isinstance(text, str) else text.longest
        return column - 1 + size if size else _reached(blank, laid[:-1])
    behind = column - 1 + text.lens
    return behind if text.lens.all() else np.where(text.lens > 0, behind, _reached(blank, laid[:-1]))


def _push(out: Bytes, reached: int | Index, pieces: list[Piece]) -> Index:
    """Write pieces one blank behind what is there, if not at their columns; how far each line reaches then."""
    count, width = out.shape
    reached = np.zeros(count, dtype=np.int64) + reached
    first = np.arange(count, dtype=np.int64) * width
    for column, some in pieces:
        text = constant(some, count) if isinstance(some, str) else some
        there = np.flatnonzero(text.lens)
        if there.size:
            starts = np.maximum(reached[there] + 1, column - 1)
            rows_view(out.reshape(-1), text.rows.shape[1])[first[there] + starts] = items(text.rows)[there]
            reached[there] = starts + text.lens[there]
    return reached


def line(count: int, parts: tuple[Any, ...], level: int = 1, indent: int = 0) -> Chars:
    """A line of up to three labelled parts (label, value, note)."""
    label, value, note = parts[0]
    template = f"{' ' * (level + 1)}{label}"
    template = f"{template:<19}: "
    pieces = [Piece(VALUE, value)]
    if note is not None:
        pieces.append(Piece(NOTE, note))
    if len(parts) > 1:
        label, value, note = parts[1]
        if note is None:
            pieces += labelled(SECOND, label, value)
        else:
            pieces.append(Piece(SECOND, f"{label}:"))
            pieces.append(Piece(SECOND_VALUE, value))
            pieces.append(Piece(SECOND_NOTE, note))
    for label, value, _ in parts[2:]:
        pieces += labelled(THIRD, label, value)
    if indent:
        template = " " * indent + template
        pieces = [Piece(p.column + indent, p.text) for p in pieces]
    return lay(count, pieces, template)


def labelled(column: int, label: str, value: Chars) -> list[Piece]:
    """A label and, one blank behind it, its value."""
    if not label:
        return [Piece(column, value)]
    return [Piece(column, f"{label}:"), Piece(column + len(label) + 2, value)]


def text_line(text: str, count: int) -> Chars:
    """The same whole line on every packet."""
    return constant(text + "\n", count)


def message(lines: list[tuple[int, tuple[tuple[str, str], ...]]]) -> str:
    """The lines of one message, with a period for everything that no printer prints."""
    whole = "".join([text(level, pairs) for level, pairs in lines])
    if whole.isascii() and whole.count("\n") == len(lines) and whole.replace("\n", "").isprintable():
        return whole
    return "".join([text(level, tuple((printable(a), printable(b)) for a, b in pairs)) for level, pairs in lines])


@lru_cache(1024)
def _lead(level: int, label: str) -> str:
    return f"{' ' * (level + 1) + label:<19}: "


def text(level: int, pairs: tuple[tuple[str, str], ...]) -> str:
    """A line of one message: up to three labelled values on the grid, a title (level 0), or text as it stands (-1).

    Deeper levels start one column further right each.
    """
    label, value = pairs[0]
    if level < 0:
        return label + "\n"
    if level == 0:
        return f"  {label}\n"
    out = _lead(level, label) + value
    for column, (name, more) in zip((SECOND, THIRD), pairs[1:]):
        shown = f"{name}: {more}" if name else more
        out = f"{out:<{column - 1}}{shown}" if len(out) < column - 1 else f"{out} {shown}"
    return out.rstrip(" ") + "\n"
