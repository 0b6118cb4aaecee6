"""``zoautil_py.members``, ``volumes`` and ``vsam``, which came with ZOAU 1.4."""

from typing import Any

from mock_zos.datasets import DatasetProblem
from mock_zos.lpar import Lpar
from mock_zos.zoau.exceptions import failed, plain
from mock_zos.zoau.names import split

VOLUMES = ("VOL001", "VOL002")
"""Volumes of the simulated system; every data set has space on both."""


class Member:
    """A member; extended attributes and ISPF statistics were never recorded."""

    def __init__(self, name: str) -> None:
        self.name, self.is_alias, self.association = name, False, None

    def _extended(self) -> Any:
        raise plain("SmdeExtendedAttributesUnavailable", f"{self.name} has no extended attributes")

    def _statistics(self) -> Any:
        raise plain("IspfMemberStatisticsUnavailable", f"{self.name} has no ISPF statistics")

    ccsid = property(_extended)
    user_modified = property(_extended)
    time_modified = property(_extended)
    ispf_statistics = property(_statistics)


class Volume:
    """A volume; what the simulation does not know of it is not there."""

    def __init__(self, serial: str) -> None:
        self.volume_serial = serial


class VsamCluster:
    """A cluster with its components; the simulated system has none."""


def members(lpar: Lpar, release: str) -> dict[str, Any]:
    def fetch_members(
        dataset_name: str, /, member_pattern: str = "*", *, debug: bool = False, verbose: bool = False
    ) -> list[Member]:
        try:
            found = lpar.datasets.members(split(dataset_name)[0], member_pattern)
        except DatasetProblem as problem:
            raise failed("MemberFetchException", 8, f"BGYSC1103E {problem}") from None
        return [Member(name) for name in found]

    return {"fetch_members": fetch_members, "Member": Member}


def volumes(lpar: Lpar, release: str) -> dict[str, Any]:
    def list_volumes(volume_serial: str | None = None) -> list[Volume]:
        found = [serial for serial in VOLUMES if volume_serial in (None, serial)]
        if not found:
            raise failed("VolumeInfoException", 8, f"BGYSC6300E volume {volume_serial} is not there")
        return [Volume(serial) for serial in found]

    def getIPLVolumeSerial() -> str:
        return VOLUMES[0]

    return {"list_volumes": list_volumes, "getIPLVolumeSerial": getIPLVolumeSerial, "Volume": Volume}


def vsam(lpar: Lpar, release: str) -> dict[str, Any]:
    def fetch_cluster(name: str) -> VsamCluster:
        try:
            dsn = split(name)[0]
        except DatasetProblem as problem:
            raise plain("VsamClusterNameInvalidPattern", str(problem)) from None
        raise failed("VsamClusterFetchException", 8, f"BGYSC1103E no cluster {dsn}")

    return {"fetch_cluster": fetch_cluster, "VsamCluster": VsamCluster}
