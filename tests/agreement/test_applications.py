"""Every field of every application that zjobs exports is what tshark says of it, or the difference is on record.

``make agree`` prints the table; ``applications.txt`` lists the fields, ``application-differences.tsv`` the differences.
"""

from __future__ import annotations

import shutil

import pytest
import subject
import table

pytestmark = pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")

GROUPS = [table.CAPTURES[k::4] for k in range(4)]


@pytest.mark.parametrize("group", range(len(GROUPS)))
def test_application_fields(group: int) -> None:
    total = table.compare(GROUPS[group])
    assert not total.differences, "\n".join(str(d) for d in total.differences[:20])


def test_no_application_field_escapes() -> None:
    """A field under the name of a protocol that is compared is compared itself."""
    promised = {name.split(".")[0] for name in table.FIELDS}
    exported = {name for path in table.OWN for packet in subject.read(path) for name in packet}
    escaped = {name for name in exported if name.split(".")[0] in promised} - set(table.FIELDS)
    assert not escaped, f"add to applications.txt: {' '.join(sorted(escaped))}"


def test_differences_are_of_these_captures_and_fields() -> None:
    captures = {capture.name for capture in table.CAPTURES}
    if len(captures) == len(table.OWN):
        captures |= {capture for capture, _, _ in table.KNOWN}
    groups = {name.split(".")[0] + ".*" for name in table.FIELDS}
    for capture, _, name in table.KNOWN:
        assert capture in captures and (name in table.FIELDS or name in groups), (capture, name)
