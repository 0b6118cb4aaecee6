"""The message catalogue: every line an operator can see has an id here.

One file per area; each holds ``MESSAGES``, a mapping from id to ``Message``.  The last letter of an
id is its severity: I information, W warning, E error.  ``docs/messages.md`` is generated from this.
"""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import NamedTuple


class Message(NamedTuple):
    """One message: its text (a format string), why it appears, and what to do about it."""

    text: str
    why: str
    action: str = "None; the message is for information."


@cache
def catalogue() -> dict[str, Message]:
    """All messages by id."""
    found: dict[str, Message] = {}
    for module in sorted(iter_modules(__path__), key=lambda m: m.name):
        found.update(import_module(f"{__name__}.{module.name}").MESSAGES)
    return found


def render(id: str, /, **values: object) -> str:
    """The full line of message ``id``: the id, a blank, the text with its values."""
    return f"{id} {catalogue()[id].text.format(**values)}"
