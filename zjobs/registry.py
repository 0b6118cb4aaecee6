"""One file per thing, found by being there.

A room's modules are its registry: to add a protocol, a report, a finding, an export, a source, a host
or a command, add one file.  A file that cannot be imported is an error that names the file, never a
thing that silently vanishes.
"""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType


@cache
def names(package: str) -> tuple[str, ...]:
    """Names of the modules in ``package`` without importing them; a leading underscore hides a helper."""
    path = import_module(package).__path__
    return tuple(sorted(m.name for m in iter_modules(path) if not m.name.startswith("_")))


@cache
def members(package: str, having: str) -> dict[str, ModuleType]:
    """Modules of ``package`` that define the attribute ``having``, by module name."""
    found = {name: import_module(f"{package}.{name}") for name in names(package)}
    return {name: module for name, module in found.items() if hasattr(module, having)}


def member(package: str, name: str) -> ModuleType:
    """One module of ``package``; the others are not imported."""
    return import_module(f"{package}.{name}")
