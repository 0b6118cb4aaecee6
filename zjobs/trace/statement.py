"""IPCS and TSO statements as text: continuation, comments, operands with their places.

Reference: TSO/E Command Reference, "Continuing a line"; IPCS Commands.  A line that ends in ``+`` goes on with the
next one without its leading blanks, one that ends in ``-`` with them.  Columns 73 to 80 of 80-column lines are left
out where they hold a sequence number.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from zjobs.errors import RequestError
from zjobs.trace.grammar import near


@dataclass(frozen=True)
class Statement:
    """One statement on one line, comments blanked out; ``origin`` is the (line, column) of each character, from 1."""

    text: str
    origin: tuple[tuple[int, int], ...]
    single: bool = False

    def place(self, at: int) -> str:
        """Where a character of the text stands in what the user wrote."""
        line, column = self.origin[min(max(at, 0), len(self.origin) - 1)]
        return str(column) if self.single else f"{column} of line {line}"

    @property
    def line(self) -> int:
        """The line on which it starts."""
        return self.origin[self._start][0]

    @property
    def verb(self) -> str:
        """The command, in upper case."""
        return self.text.split()[0].split("(", 1)[0].upper()

    @property
    def _start(self) -> int:
        return len(self.text) - len(self.text.lstrip())

    @property
    def after_verb(self) -> int:
        """Where the operands start."""
        return self._start + len(self.verb)


@dataclass(frozen=True)
class Operand:
    """A keyword as written, with what stands in its parentheses (None without any), and where both start."""

    name: str
    at: int
    value: str | None = None
    value_at: int = 0


def statements(lines: Iterable[str]) -> list[Statement]:
    """The statements of a deck, or of one argument that may hold several lines."""
    found = []
    text: list[str] = []
    origin: list[tuple[int, int]] = []
    strip = False
    rows = [_without_number(line) for line in lines]
    for number, row in enumerate(rows, 1):
        body = row.rstrip()
        goes_on = body[-1:] in ("+", "-") and number < len(rows)
        if goes_on:
            strip_next, body = body[-1] == "+", body[:-1]
        start = len(body) - len(body.lstrip()) if strip else 0
        text += body[start:]
        origin += [(number, column) for column in range(start + 1, len(body) + 1)]
        if goes_on:
            strip = strip_next
            continue
        strip = False
        joined = _without_comments("".join(text))
        if joined.strip():
            found.append(Statement(joined, tuple(origin), len(rows) == 1))
        text, origin = [], []
    return found


def _without_number(line: str) -> str:
    line = line.rstrip("\r\n")
    return line[:72] if len(line) == 80 and line[72:].isdigit() else line


def _without_comments(text: str) -> str:
    out, at, quoted = [], 0, False
    while at < len(text):
        if text[at] == "'":
            quoted = not quoted
        if not quoted and text.startswith("/*", at):
            end = text.find("*/", at + 2)
            end = len(text) if end < 0 else end + 2
            out.append(" " * (end - at))
            at = end
            continue
        out.append(text[at])
        at += 1
    return "".join(out)


def operands(statement: Statement) -> Iterator[Operand]:
    """The operands behind the verb.  Raises RequestError where parentheses do not match."""
    text, at = statement.text, statement.after_verb
    while at < len(text):
        if text[at] in " ,":
            at += 1
            continue
        if text[at] in "()":
            detail = f"{text[at]} where an operand was expected"
            raise RequestError("ZJB0220E", command=statement.verb, place=statement.place(at), detail=detail)
        start = at
        while at < len(text) and text[at] not in " ,()":
            at += 1
        name, behind = text[start:at], at
        while behind < len(text) and text[behind] == " ":
            behind += 1
        if behind < len(text) and text[behind] == "(":
            close = _closing(statement, behind)
            yield Operand(name, start, text[behind + 1 : close], behind + 1)
            at = close + 1
        else:
            yield Operand(name, start)


def _closing(statement: Statement, start: int) -> int:
    depth = 0
    for at in range(start, len(statement.text)):
        depth += {"(": 1, ")": -1}.get(statement.text[at], 0)
        if depth == 0:
            return at
    raise RequestError(
        "ZJB0220E", command=statement.verb, place=statement.place(start), detail="( is not closed"
    )  # fmt: skip


def named(statement: Statement, operand: Operand, names: Mapping[str, str]) -> str:
    """What an operand, written out or cut short, means; ``names`` maps its spellings to that."""
    name = operand.name.upper()
    if name in names:
        return names[name]
    spelled = sorted(n for n in names if n.startswith(name))
    if len({names[n] for n in spelled}) == 1:
        return names[spelled[0]]
    place = statement.place(operand.at)
    if spelled:
        choices = ", ".join(spelled)
        raise RequestError("ZJB0222E", operand=operand.name, command=statement.verb, place=place, choices=choices)
    raise RequestError(
        "ZJB0221E", operand=operand.name, command=statement.verb, place=place, near=near(name, names)
    )  # fmt: skip


def inner(operand: Operand) -> tuple[str, int]:
    """What stands in double parentheses, and where it starts; single ones do as well."""
    value = operand.value or ""
    body = value.strip()
    start = operand.value_at + len(value) - len(value.lstrip())
    if body.startswith("(") and body.endswith(")"):
        return body[1:-1], start + 1
    return body, start
