"""What every command is given: the global options."""

from pathlib import Path
from typing import NamedTuple


class Global(NamedTuple):
    """Options before the command: ``host`` as given, a layout file, home addresses, verbosity, debugging."""

    host: str = "auto"
    layout: Path | None = None
    home: tuple[str, ...] = ()
    verbose: bool = False
    debug: bool = False
