"""Which protocols there are, and what leads to each: known before any of them is loaded.

A reading loads the protocols that it meets, ten or twenty of them; ``names/protocols.json`` says what leads to the
others.  It is written by ``make docs`` and compared by a test.  A file of this room that it does not know is loaded to
see what it is.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from pkgutil import get_data
from types import ModuleType
from typing import Any, NamedTuple

from zjobs import registry

_ROOM = "zjobs.wire"


class Entry(NamedTuple):
    """One protocol: its file, the numbers of each selector ("ip.proto", "ethertype" ...) that lead to it, and the
    transports on which its first bytes tell, whatever the port.
    """

    module: str
    found: Mapping[str, tuple[int, ...]]
    anywhere: tuple[str, ...]


class _Protocols(Mapping[str, ModuleType]):
    """Every protocol by its NAME; its module is loaded when it is asked for."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self._entries = entries
        self._loaded: dict[str, ModuleType] = {}

    def __getitem__(self, name: str) -> ModuleType:
        if name not in self._loaded:
            self._loaded[name] = registry.member(_ROOM, self._entries[name].module)
        return self._loaded[name]

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


@cache
def protocols() -> Mapping[str, ModuleType]:
    """Every protocol module of this room by its NAME."""
    return _Protocols(_entries())


@cache
def selectors() -> dict[str, dict[int, str]]:
    """For each selector ("ip.proto", "ethertype" ...), which number leads to which protocol."""
    table: dict[str, dict[int, str]] = defaultdict(dict)
    for name, entry in _entries().items():
        for selector, numbers in entry.found.items():
            for number in numbers:
                table[selector][number] = name
    return dict(table)


@cache
def anywhere(transport: str) -> tuple[str, ...]:
    """Protocols that are recognised on any port of a transport."""
    return tuple(name for name, entry in _entries().items() if transport in entry.anywhere)


def read() -> dict[str, dict[str, Any]]:
    """What ``names/protocols.json`` should say: for each file the NAME, FOUND and ANYWHERE of its protocol, if any."""
    known: dict[str, dict[str, Any]] = {}
    for file in registry.names(_ROOM):
        module = registry.member(_ROOM, file)
        known[file] = {}
        if hasattr(module, "NAME"):
            found = {selector: sorted(numbers) for selector, numbers in module.FOUND.items()}
            known[file] = {"name": module.NAME, "found": found, "anywhere": sorted(getattr(module, "ANYWHERE", ()))}
    return known


@cache
def _entries() -> dict[str, Entry]:
    """Every protocol by its NAME, in the order of the files."""
    known: dict[str, dict[str, Any]] = {}
    with suppress(FileNotFoundError):
        known = json.loads(get_data(f"{_ROOM}.names", "protocols.json") or b"{}")
    if not known.keys() >= set(registry.names(_ROOM)):
        known = read()
    entries = {}
    for file in registry.names(_ROOM):
        if one := known[file]:
            found = {selector: tuple(numbers) for selector, numbers in one["found"].items()}
            entries[str(one["name"])] = Entry(file, found, tuple(one["anywhere"]))
    return entries
