"""Names as ZOAU takes them: bare, or in the C library's form."""

import re

from mock_zos.datasets import DatasetProblem

_QUALIFIER = r"[A-Z@#$][A-Z0-9@#$-]{0,7}"
_NAME = re.compile(rf"({_QUALIFIER}(?:\.{_QUALIFIER})*)(?:\(([A-Z@#$*][A-Z0-9@#$*]{{0,7}})\))?")


def split(name: str) -> tuple[str, str]:
    """Data set and member; lower case is folded, a name that cannot be one is refused."""
    bare = name.strip().removeprefix("//").strip("'").upper()
    found = _NAME.fullmatch(bare)
    if not found or len(found[1]) > 44:
        raise DatasetProblem(bare, "not a data set name")
    return found[1], found[2] or ""
