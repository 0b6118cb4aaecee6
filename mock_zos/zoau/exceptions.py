"""``zoautil_py.exceptions``: two families without a common public root."""

from typing import Any

from mock_zos.zoau.ztypes import ZOAUResponse


class _ZOAUExtendableException(Exception):
    def __init__(self, response: ZOAUResponse) -> None:
        self.response = response
        self.message = response.stderr_response
        super().__init__(self.message)


RESPONDING = (
    *("ZOAUException", "DatasetCreateException", "DatasetFetchException", "DatasetFormatException"),
    *("DatasetWriteException", "GenerationDataGroupDeleteException", "GenerationDataGroupClearException"),
    *("GenerationDataGroupFetchException", "GenerationDataGroupCreateException", "JobFetchException"),
    *("JobSubmitException", "JobCancelException", "JobPurgeException", "DDQueryException"),
    *("VolumeListException", "VolumeInfoException", "MemberFetchException", "VsamClusterFetchException"),
)
"""Carry the utility's answer; none is derived from ``ZOAUException``."""

PLAIN = (
    *("DatasetVerificationError", "DatasetWriteError", "GenerationDataGroupViewInvalidName"),
    *("GenerationDataGroupViewInvalidState", "JobCancelConfirmException", "JobPurgeConfirmException"),
    *("MissingEnvironmentVariable", "MissingFunctionParameter", "MemberFetchInvalidParameter"),
    *("SmdeExtendedAttributesUnavailable", "IspfMemberStatisticsUnavailable", "VsamClusterNameInvalidPattern"),
)

_MADE: dict[str, Any] = {name: type(name, (_ZOAUExtendableException,), {}) for name in RESPONDING}
_MADE |= {name: type(name, (Exception,), {}) for name in PLAIN}
# 1.3 has neither volumes, members nor vsam, and GenerationDataGroupCreateException carries no answer.
_LATER = ("DatasetWriteError", "Volume", "Member", "Vsam", "Smde", "Ispf")
_OLD_CREATE = type("GenerationDataGroupCreateException", (Exception,), {})


def public(release: str) -> dict[str, Any]:
    if release >= "1.4":
        return dict(_MADE)
    return {name: kind for name, kind in _MADE.items() if not name.startswith(_LATER)} | {
        "GenerationDataGroupCreateException": _OLD_CREATE
    }


def failed(kind: str, rc: int, text: str, command: str = "") -> Exception:
    """An exception of the first family with a plausible answer."""
    found: Exception = _MADE[kind](ZOAUResponse(rc, "", text, command, "UTF-8"))
    return found


def plain(kind: str, text: str) -> Exception:
    """An exception of the second family."""
    found: Exception = _MADE[kind](text)
    return found
