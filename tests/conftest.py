"""What every test folder shares: the record builder, the captures, and the command line run in and out of process."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

# So that `from encoder import ...` and `from readings import ...` work from every folder.
sys.path.insert(0, str(Path(__file__).parent))

from readings import ROOT, SHARED_CAPTURES, own_files, shared_files


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--update-golden`` rewrites the golden listings that are ours."""
    parser.addoption("--update-golden", action="store_true", help="rewrite golden files whose text is ours")


def pytest_report_header() -> str:
    """Say whether the captures of other projects take part."""
    found = shared_files()
    return f"shared captures: {len(found) or 'none'} in {SHARED_CAPTURES}"


@pytest.fixture(scope="session")
def own_captures() -> list[Path]:
    """Captures of this project."""
    return own_files()


@pytest.fixture(scope="session")
def shared_captures() -> list[Path]:
    """Captures beside the repository; the test is skipped, and says so, where there are none."""
    found = shared_files()
    if not found:
        pytest.skip(f"no shared captures in {SHARED_CAPTURES}")
    return found


@dataclass(frozen=True)
class Run:
    """What one run of the command line did."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        """What it printed."""
        return self.out.decode("ascii")


@pytest.fixture
def zjobs(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Run]:
    """The command line in this process: ``zjobs("format", path)``; ``stdin`` is given as bytes."""
    from zjobs.cli import run

    def call(*arguments: object, stdin: bytes = b"") -> Run:
        kept, err = io.BytesIO(), io.StringIO()
        # Text and bytes of a command end up in one place, as on a real standard output.
        out = io.TextIOWrapper(kept, encoding="ascii", write_through=True)
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
            code = run([str(a) for a in arguments])
        out.flush()
        return Run(code, kept.getvalue(), err.getvalue())

    return call


@pytest.fixture(scope="session")
def zjobs_process() -> Callable[..., Run]:
    """The command line in a process of its own, as users run it."""

    def call(*arguments: object, stdin: bytes = b"", cwd: Path | None = None, timeout: float = 60) -> Run:
        command = [sys.executable, "-m", "zjobs", *(str(a) for a in arguments)]
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
        done = subprocess.run(
            command, input=stdin, capture_output=True, timeout=timeout, cwd=cwd, env={**os.environ, "PYTHONPATH": path}
        )
        return Run(done.returncode, done.stdout, done.stderr.decode("utf-8", "replace"))

    return call
