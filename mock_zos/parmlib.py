"""A CTncccxx member of PARMLIB: TRACEOPTS and what follows (MVS Initialization and Tuning Reference)."""

import re
from typing import NamedTuple


class Options(NamedTuple):
    """The options of one member."""

    on: bool
    writer: str
    buffer: str


class SyntaxProblem(Exception):
    """The member is not one that component trace accepts."""


_WORD = re.compile(r"([A-Z]+)(?:\(([^()]*)\))?\s*")


def parse(lines: list[str]) -> Options:
    """The options of a member; its statements lie in columns 1 to 71."""
    text = re.sub(r"/\*.*?\*/", " ", "\n".join(line[:71] for line in lines), flags=re.DOTALL).upper().strip()
    at, words = 0, []
    while at < len(text):
        word = _WORD.match(text, at)
        if not word:
            raise SyntaxProblem(f"UNEXPECTED TEXT {text[at : at + 8]}")
        words.append((word[1], word[2]))
        at = word.end()
    if not words or words[0] != ("TRACEOPTS", None):
        raise SyntaxProblem("TRACEOPTS IS MISSING")
    known = {"ON", "OFF", "WTR", "BUFSIZE", "ASID", "JOBNAME", "OPTIONS"}
    for keyword, _ in words[1:]:
        if keyword not in known:
            raise SyntaxProblem(f"KEYWORD {keyword}")
    options = dict(words[1:])
    if ("ON" in options) == ("OFF" in options):
        raise SyntaxProblem("ON OR OFF IS NEEDED")
    return Options("ON" in options, options.get("WTR") or "", options.get("BUFSIZE") or "")
