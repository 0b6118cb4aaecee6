"""The texts of the simulated console, from ``catalogue.yaml``."""

from functools import cache
from importlib.resources import files
from typing import TypedDict

import yaml


class Entry(TypedDict, total=False):
    """One message: its lines, and how sure its wording is."""

    id: str
    text: list[str]
    confirmed: bool
    source: str


@cache
def entries() -> dict[str, Entry]:
    """All messages by key; the key is the message id unless the entry gives another."""
    found: dict[str, Entry] = yaml.safe_load(files("mock_zos").joinpath("catalogue.yaml").read_text("utf-8"))
    return found


def message(key: str, /, **values: object) -> list[str]:
    """The lines of a message as a console shows them."""
    entry = entries()[key]
    first, *rest = (line.format(**values) for line in entry["text"])
    return [f"{entry.get('id', key)} {first}", *rest]
