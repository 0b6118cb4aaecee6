"""Reading a capture profile from where the user keeps it."""

from pathlib import Path

from zjobs.errors import RequestError
from zjobs.host.base import Host
from zjobs.host.names import is_dataset
from zjobs.lifecycle.profile import parse
from zjobs.lifecycle.values import Profile


def read(source: str, host: Host) -> Profile:
    """The profile in a file or, on a host that has them, a data set or member."""
    if is_dataset(source):
        return parse("\n".join(host.read_text(source)), source)
    try:
        return parse(Path(source).read_text("utf-8"), source)
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise RequestError("ZJB0404E", file=source, reason=reason) from error
