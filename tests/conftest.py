"""Options and paths that all tests share."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--update-golden`` rewrites the golden listings that are ours."""
    parser.addoption("--update-golden", action="store_true", help="rewrite golden files whose text is ours")
