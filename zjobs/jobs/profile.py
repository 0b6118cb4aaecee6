"""Reading a capture profile from where the user keeps it."""

from pathlib import Path

from zjobs import registry
from zjobs.errors import RequestError
from zjobs.host.base import Host
from zjobs.host.names import is_dataset
from zjobs.lifecycle import guests
from zjobs.lifecycle.guests import Guest
from zjobs.lifecycle.profile import Offered, captures
from zjobs.lifecycle.values import Profile

LISTINGS = ("full", "short", "summary", "tally")
"""Reports that the formatter makes; the other kinds are exports, and the diagnosis."""


def offered() -> Offered:
    """The reports and findings that this zjobs has: what is there is found by being there."""
    exports = registry.names("zjobs.exports")
    diagnosis = ("diagnosis",) if "diagnose" in registry.names("zjobs.cli") else ()
    findings: tuple[str, ...] = ()
    if "findings" in registry.names("zjobs"):
        findings = tuple(sorted(module.NAME for module in registry.members("zjobs.findings", "NAME").values()))
    return Offered((*LISTINGS, *diagnosis, *exports), findings)


def read(source: str, host: Host) -> tuple[Profile, ...] | Guest:
    """The captures of a profile, one for each stack, or the trace on another system that it describes.

    The profile is a file or, on a host that has them, a data set or member.
    """
    text = text_of(source, host)
    return guests.parse(text, source) if guests.is_guest(text) else captures(text, source, offered())


def text_of(source: str, host: Host) -> str:
    if is_dataset(source):
        return "\n".join(host.read_text(source))
    try:
        return Path(source).read_text("utf-8")
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise RequestError("ZJB0404E", file=source, reason=reason) from error
