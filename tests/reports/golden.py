"""Golden listings: what is printed, held against a file that says where its text comes from.

A golden file starts with lines ``# ...``: its source.  One whose source is a published sample is never
rewritten by ``--update-golden``; those that are ours are.
"""

from pathlib import Path

HERE = Path(__file__).parent / "golden"
PUBLISHED = "# source: published"


def check(name: str, listing: str, update: bool) -> None:
    """Compare a listing with golden file ``name``, trailing blanks apart."""
    path = HERE / f"{name}.txt"
    head, expected = _split(path.read_text(encoding="ascii")) if path.exists() else ("# source: ours\n", None)
    if update and not head.startswith(PUBLISHED):
        path.write_text(head + "\n".join(_lines(listing)) + "\n", encoding="ascii")
        return
    assert expected is not None, f"{path} does not exist; make it with: make golden"
    assert _lines(listing) == _lines(expected)


def _split(text: str) -> tuple[str, str]:
    lines = text.splitlines(keepends=True)
    count = next((k for k, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return "".join(lines[:count]), "".join(lines[count:])


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.rstrip("\n").split("\n")]
