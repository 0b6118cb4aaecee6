"""Every field of every application that zjobs exports is what tshark says of it, or the difference is on record.

``make agree`` prints the table; ``applications.txt`` lists the fields, ``application-differences.tsv`` the differences.
"""

from __future__ import annotations

import shutil

import agree
import pytest
import subject

pytestmark = pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")

GROUPS = [agree.CAPTURES[k::4] for k in range(4)]


@pytest.mark.parametrize("group", range(len(GROUPS)))
def test_application_fields(group: int) -> None:
    total = agree.compare(GROUPS[group])
    assert not total.differences, "\n".join(str(d) for d in total.differences[:20])


def test_no_application_field_escapes() -> None:
    """A field under the name of a protocol that is compared is compared itself."""
    promised = {name.split(".")[0] for name in agree.FIELDS}
    exported = {name for path in agree.OWN for packet in subject.read(path) for name in packet}
    escaped = {name for name in exported if name.split(".")[0] in promised} - set(agree.FIELDS)
    assert not escaped, f"add to applications.txt: {' '.join(sorted(escaped))}"


def test_differences_are_of_these_captures_and_fields() -> None:
    captures = {capture.name for capture in agree.CAPTURES}
    if len(captures) == len(agree.OWN):
        captures |= {capture for capture, _, _ in agree.KNOWN}
    groups = {name.split(".")[0] + ".*" for name in agree.FIELDS}
    for capture, _, name in agree.KNOWN:
        assert capture in captures and (name in agree.FIELDS or name in groups), (capture, name)
