"""The message catalogue: every line an operator can see has an id here.

One file per area; each holds ``MESSAGES``, a mapping from id to ``Message``.  The last letter of an
id is its severity: I information, W warning, E error.  ``docs/messages.md`` is generated from this.
"""

import re
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import NamedTuple

from zjobs.words import counted


class Message(NamedTuple):
    """One message: its text (a format string), why it appears, and what to do about it.

    ``{count:packet is|packets are}`` in the text is the count and the words that go with it.
    """

    text: str
    why: str
    action: str = "None; the message is for information."

    @property
    def shown(self) -> str:
        """The text for readers: of words that depend on a count, those of many."""
        return re.sub(r"(\{\w+):[^{}|]*\|([^{}]*)\}", r"\1} \2", self.text)


class _Value:
    """A value of a message, which knows the words that go with a count."""

    def __init__(self, value: object) -> None:
        self.value = value

    def __format__(self, spec: str) -> str:
        return counted(str(self.value), spec) if "|" in spec else format(self.value, spec)

    def __repr__(self) -> str:
        return repr(self.value)


@cache
def catalogue() -> dict[str, Message]:
    """All messages by id."""
    found: dict[str, Message] = {}
    for module in sorted(iter_modules(__path__), key=lambda m: m.name):
        found.update(import_module(f"{__name__}.{module.name}").MESSAGES)
    return found


def render(id: str, /, **values: object) -> str:
    """The full line of message ``id``: the id, a blank, the text with its values."""
    return f"{id} {catalogue()[id].text.format(**{name: _Value(value) for name, value in values.items()})}"
