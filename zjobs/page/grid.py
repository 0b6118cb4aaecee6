"""The common print grid of the trace formatter's record lines.

Columns count from 1: level-0 labels start in 2, level-1 labels in 3, the colon stands in 20, the first
value in 22, the second field in 39, the third in 64.  A value with a note (a port and its name) has the
note six columns on.  A value wider than its field pushes the rest right with one blank.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import BLANK, Chars, constant
from zjobs.columns import items, rows_view

VALUE, SECOND, THIRD = 22, 39, 64
NOTE = 28
SECOND_VALUE, SECOND_NOTE = 58, 64
NEWLINE = 10


class Piece(NamedTuple):
    """A text at a column."""

    column: int
    text: Chars


def lay(count: int, pieces: list[Piece], template: str = "") -> Chars:
    """Lines with the pieces at their columns, or one blank behind whatever pushed them; ends in a new line."""
    raw = template.encode("ascii")
    widest = len(raw)
    for column, text in pieces:
        widest = max(widest + 1, column - 1) + text.rows.shape[1]
    base = np.full(widest + 1, BLANK, dtype=np.uint8)
    base[: len(raw)] = np.frombuffer(raw, dtype=np.uint8)
    out = np.empty((count, base.size), dtype=np.uint8)
    items(out)[:] = items(base[None])
    highest = len(template.rstrip())
    #: How far each line reaches; one number as long as all reach as far.
    reached: NDArray[np.int64] | int = highest
    pushed = False
    for column, text in pieces:
        w = text.rows.shape[1]
        if not w or not count:
            continue
        at = column - 1
        if not pushed and highest + (1 if highest else 0) <= at:
            items(out[:, at : at + w])[:] = items(text.rows)
            starts: NDArray[np.int64] | int = at
        else:
            pushed = True
            starts = np.maximum(reached + 1, at)
            _scatter(out, np.broadcast_to(starts, count), text)
        if text.everywhere:
            reached = starts + w
            highest = max(highest, at + w)
            continue
        # A text that is nowhere empty says alone how far its line reaches.
        behind = starts + text.lens
        reached = behind if text.lens.all() else np.where(text.lens > 0, behind, reached)
        highest = max(highest, at + int(text.lens.max()))
    out.reshape(-1)[np.arange(0, out.size, base.size) + reached] = NEWLINE
    return Chars(out, np.broadcast_to(reached + 1, count))


def _scatter(out: NDArray[np.uint8], at: NDArray[np.int64], text: Chars) -> None:
    width = out.shape[1]
    w = text.rows.shape[1]
    where = np.flatnonzero(text.lens > 0)
    flat = rows_view(out.reshape(-1), w)
    flat[where * width + at[where]] = items(text.rows)[where]


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
            pieces += _labelled(SECOND, label, value)
        else:
            pieces.append(Piece(SECOND, constant(f"{label}:", count)))
            pieces.append(Piece(SECOND_VALUE, value))
            pieces.append(Piece(SECOND_NOTE, note))
    for label, value, _ in parts[2:]:
        pieces += _labelled(THIRD, label, value)
    if indent:
        template = " " * indent + template
        pieces = [Piece(p.column + indent, p.text) for p in pieces]
    return lay(count, pieces, template)


def _labelled(column: int, label: str, value: Chars) -> list[Piece]:
    """A label and, one blank behind it, its value."""
    if not label:
        return [Piece(column, value)]
    return [Piece(column, constant(f"{label}:", value.lens.size)), Piece(column + len(label) + 2, value)]


def text_line(text: str, count: int) -> Chars:
    """The same whole line on every packet."""
    return constant(text + "\n", count)


def text(level: int, pairs: tuple[tuple[str, str], ...]) -> str:
    """A line of one message: up to three labelled values on the grid, a title (level 0), or text as it stands (-1).

    Deeper levels start one column further right each.
    """
    label, value = pairs[0]
    if level < 0:
        return label + "\n"
    if level == 0:
        return f"  {label}\n"
    out = f"{' ' * (level + 1)}{label}"
    out = f"{out:<19}: {value}"
    for column, (name, more) in zip((SECOND, THIRD), pairs[1:]):
        shown = f"{name}: {more}" if name else more
        out = f"{out:<{column - 1}}{shown}" if len(out) < column - 1 else f"{out} {shown}"
    return out.rstrip() + "\n"
