"""ZOAU's own host over a stand-in of its package: ``--host fakezoau:DIR`` on a simulated LPAR.

Every call goes through ``host/zoau.py`` as on z/OS; only clock, system name and journals are the LPAR's.
"""

from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from zjobs.errors import HostError
from zjobs.host.zoau import ZoauHost

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def open(argument: str = "") -> "FakeZoauHost":
    """The host of ``--host fakezoau:DIR``; installs the stand-in in this process."""
    simulated = import_module("mock_zos.lpar")
    try:
        lpar = simulated.Lpar(Path(argument))
    except simulated.NotAnLpar as error:
        raise HostError("ZJB0511E", directory=argument or "''", reason=error) from None
    import_module("mock_zos.zoau").install(lpar)
    return FakeZoauHost(lpar)


class FakeZoauHost(ZoauHost):
    """ZOAU on a simulated LPAR, in its virtual time."""

    name = "fakezoau"

    def __init__(self, lpar: Any) -> None:
        super().__init__()
        self.lpar = lpar

    def now(self) -> datetime:
        return _EPOCH + timedelta(microseconds=self.lpar.state.now)

    def sleep(self, seconds: float) -> None:
        self.lpar.pass_time(seconds)

    def system(self) -> str:
        return str(self.lpar.state.system)

    def runs(self) -> Path:
        return Path(self.lpar.directory) / "runs"
