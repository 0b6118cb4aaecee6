"""The message catalogue: every line an operator can see has an id here.

One file per area; each holds ``MESSAGES``, a mapping from id to ``Message``.  The last letter of an
id is its severity: I information, W warning, E error.  ``docs/messages.md`` is generated from this.
"""

import re
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from string import Formatter
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


class _Texts(Formatter):
    """Format strings of messages."""

    def format_field(self, value: object, format_spec: str) -> str:
        if "|" in format_spec:
            return counted(str(value), format_spec)
        return str(super().format_field(value, format_spec))


_TEXTS = _Texts()


@cache
def catalogue() -> dict[str, Message]:
    """All messages by id."""
    found: dict[str, Message] = {}
    for module in sorted(iter_modules(__path__), key=lambda m: m.name):
        found.update(import_module(f"{__name__}.{module.name}").MESSAGES)
    return found


def render(id: str, /, **values: object) -> str:
    """The full line of message ``id``: the id, a blank, the text with its values."""
    return f"{id} {_TEXTS.format(catalogue()[id].text, **values)}"
