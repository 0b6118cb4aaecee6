"""The systems zjobs can work on, behind one port (:mod:`zjobs.host.base`).

A host is one file here with ``def open(argument: str) -> Host``; ``--host NAME:ARGUMENT`` selects it.
"""

import sys

from zjobs.errors import RequestError
from zjobs.host.base import Host
from zjobs.registry import members


def open_host(spec: str = "auto") -> Host:
    """The host that ``--host`` names; ``auto`` is ZOAU on z/OS and plain files elsewhere."""
    if spec == "auto":
        spec = "zoau" if sys.platform == "zos" else "files"
    name, _, argument = spec.partition(":")
    hosts = members(__name__, having="open")
    if name not in hosts:
        raise RequestError("ZJB0501E", spec=spec)
    host: Host = hosts[name].open(argument)
    return host
