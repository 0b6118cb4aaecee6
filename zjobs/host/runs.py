"""Where the journals of capture runs are kept when the host has no place of its own."""

import os
from pathlib import Path


def default_runs() -> Path:
    """``$ZJOBS_RUNS``, else ``.zjobs/runs`` in the home directory."""
    return Path(os.environ.get("ZJOBS_RUNS") or Path.home() / ".zjobs" / "runs")
