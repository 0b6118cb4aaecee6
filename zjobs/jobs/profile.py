"""Reading a capture profile from where the user keeps it."""

from pathlib import Path

from zjobs.errors import RequestError
from zjobs.host.base import Host
from zjobs.host.names import is_dataset
from zjobs.lifecycle import guests
from zjobs.lifecycle.guests import Guest
from zjobs.lifecycle.profile import parse
from zjobs.lifecycle.values import Profile


def read(source: str, host: Host) -> Profile:
    """The profile in a file or, on a host that has them, a data set or member."""
    return parse(text_of(source, host), source)


def read_any(source: str, host: Host) -> Profile | Guest:
    """The profile of a trace here, or of one on another system."""
    text = text_of(source, host)
    return guests.parse(text, source) if guests.is_guest(text) else parse(text, source)


def text_of(source: str, host: Host) -> str:
    if is_dataset(source):
        return "\n".join(host.read_text(source))
    try:
        return Path(source).read_text("utf-8")
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise RequestError("ZJB0404E", file=source, reason=reason) from error
