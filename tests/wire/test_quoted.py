"""What an ICMP error quotes: headers, and messages of datagrams as far as the router sent them back."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from formatted import differences, entries, fields, witnessed
from packets import ip4, udp
from readings import trace_of

from zjobs.sessions.applications import Applications
from zjobs.wire import message

#: RFC 1035, section 4.1: a question for the address of example.org.
QUESTION = bytes.fromhex("1234 0100 0001 0000 0000 0000 07 6578616d706c65 03 6f7267 00 0001 0001")
QUOTED = ip4(17, udp(40000, 53, QUESTION))


def unreachable(quoted: bytes) -> bytes:
    """RFC 792: destination port unreachable; its checksum is not looked at here."""
    return ip4(1, bytes.fromhex("0303 0000 00000000") + quoted, "198.51.100.20", "192.0.2.10")


@pytest.mark.s390x
def test_a_router_quotes_as_much_as_it_likes() -> None:
    (whole,) = fields(entries([unreachable(QUOTED)]))
    assert whole["dns.qry.name"] == "example.org"
    for size in range(28, len(QUOTED)):
        trace = trace_of(entries([unreachable(QUOTED[:size])]))
        trace.applications = Applications
        walk = next(trace.dissections()).walk
        message.tell(walk)
        # What is missing was left out by the router, and is no damage.
        assert not walk.problems.what, size
    # A name that points at itself is wrong, wherever it stands.
    looped = ip4(17, udp(40000, 53, QUESTION[:12] + bytes.fromhex("c00c 0001 0001")))
    (found,) = fields(entries([unreachable(looped)]))
    assert "zos.problem" in found


@pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")
def test_tshark_tells_the_same_of_quoted_datagrams(tmp_path: Path) -> None:
    packets = [unreachable(QUOTED), unreachable(QUOTED[:28]), ip4(17, udp(40000, 53, QUESTION))]
    names, ours, theirs = witnessed(tmp_path, packets, ("dns.", "udp.", "ip."), ["-o", "ip.check_checksum:TRUE"])
    assert "dns.qry.name" in names
    assert not differences([n for n in names if "checksum" not in n and n != "udp.stream"], ours, theirs)
