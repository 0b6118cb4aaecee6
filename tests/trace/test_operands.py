"""Operands that are not built are refused, never ignored."""

import pytest

from zjobs.errors import RequestError
from zjobs.trace.grammar import parse


@pytest.mark.parametrize("text", ["REASSEMBLY(576)", "REASS(65535,DETAIL)", "SEGMENT(1)", "NOREASSEMBLY(1)", "TOD(1)"])
def test_operands_that_are_not_built_are_refused(text: str) -> None:
    with pytest.raises(RequestError) as refusal:
        parse(text)
    assert refusal.value.id == "ZJB0205E"


@pytest.mark.parametrize("text", ["REASSEMBLY", "REASSEMBLY(65535)", "REASS(65535,SUM)", "SEGMENT"])
def test_operands_that_say_what_is_done_anyway_are_taken(text: str) -> None:
    assert parse(text).selection.reassemble
