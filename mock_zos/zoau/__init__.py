"""A stand-in for ``zoautil_py`` that works on a simulated LPAR; installed only by :func:`install`.

Signatures, result types and units are those of the two release families zjobs supports (1.3.6 and
1.4.0).  It is closed: an unknown keyword is a TypeError and an unknown attribute an AttributeError, where
the real package would swallow the one and a mock the other.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from mock_zos.lpar import Lpar
from mock_zos.zoau import catalogue, datasets, exceptions, gdgs, jobs, mvscmd, opercmd, records, zsystem, ztypes

RELEASES = ("1.3.6", "1.4.0")
_ROOMS = {
    "datasets": datasets.functions,
    "jobs": jobs.functions,
    "opercmd": opercmd.functions,
    "zsystem": zsystem.functions,
    "mvscmd": mvscmd.functions,
    "zoau_io": records.functions,
}
# Modules that 1.3 does not have.
_LATER = {"members": catalogue.members, "volumes": catalogue.volumes, "vsam": catalogue.vsam}
_PLAIN = {"exceptions": exceptions, "ztypes": ztypes}


def modules(lpar: Lpar, release: str) -> dict[str, ModuleType]:
    """The package and its modules, by full name."""
    package = ModuleType("zoautil_py")
    vars(package).update(ZOAU_API_VERSION=release, __version__=release, __path__=[])
    found = {"zoautil_py": package}
    rooms = {**_ROOMS, **(_LATER if release >= "1.4" else {})}
    made = {name: functions(lpar, release) for name, functions in rooms.items()}
    made["gdgs"] = gdgs.functions(lpar, release, made["datasets"])
    for name, functions in made.items():
        module = ModuleType(f"zoautil_py.{name}")
        vars(module).update(functions)
        found[module.__name__] = module
    for name, plain in _PLAIN.items():
        module = ModuleType(f"zoautil_py.{name}")
        vars(module).update(plain.public(release))
        found[module.__name__] = module
    for full, module in found.items():
        if full != "zoautil_py":
            setattr(package, full.partition(".")[2], module)
    return found


def install(lpar: Lpar, release: str = "") -> dict[str, ModuleType]:
    """Make ``import zoautil_py`` find the stand-in, in this process, from now on."""
    found = modules(lpar, release or lpar.state.zoau)
    sys.modules.update(found)
    return found


def uninstall() -> None:
    """Take it out again."""
    for name in [name for name in sys.modules if name.split(".")[0] == "zoautil_py"]:
        del sys.modules[name]


@contextmanager
def installed(lpar: Lpar, release: str = "") -> Iterator[None]:
    """Installed for a while."""
    install(lpar, release)
    try:
        yield
    finally:
        uninstall()
