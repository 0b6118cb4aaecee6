"""The scenarios of the recorder: one file per kind, one function per recording."""

from . import ftp, ip, services, tcp, tls
from .lab import Lab, hide_host
from .registry import SCENARIOS, Scenario

_ORDER = [module.__name__ for module in (ftp, tls, services, tcp, ip)]
SCENARIOS.sort(key=lambda one: _ORDER.index(one.record.__module__))

__all__ = ["SCENARIOS", "Lab", "Scenario", "hide_host"]
