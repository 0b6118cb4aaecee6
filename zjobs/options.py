"""What every command is given: the global options."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Global:
    """Options before the command: ``host`` as given, a layout file, home addresses, verbosity, debugging."""

    host: str = "auto"
    layout: Path | None = None
    home: tuple[str, ...] = ()
    verbose: bool = False
    debug: bool = False
