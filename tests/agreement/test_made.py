"""Protocols that no capture shows whole: packets made by an independent encoder, or by hand, and put to tshark."""

from __future__ import annotations

import shutil
from pathlib import Path

import agree
import made
import oddities
import pytest
import subject
import witness
from comparison import Tally

pytestmark = pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")


@pytest.mark.parametrize("name", list(made.PACKETS))
def test_both_readers_say_the_same(name: str, tmp_path: Path) -> None:
    packets = [(oddities.START + k, packet, 0) for k, packet in enumerate(made.PACKETS[name])]
    path = oddities.write(tmp_path / "made.pcap", packets)
    fields = tuple(f for f in (*witness.FIELDS, *agree.FIELDS) if f.startswith(f"{name}."))
    tally = Tally(known=agree.KNOWN)
    readings = zip(subject.read(path), witness.read(path, fields, agree.OPTIONS), strict=True)
    for number, (ours, theirs) in enumerate(readings, 1):
        lowered = {n: [v.lower() if isinstance(v, str) else v for v in ours[n]] for n in fields if n in ours}
        tally.packet("made", number, lowered, theirs, fields)
    assert not tally.differences, "\n".join(map(str, tally.differences))
    unseen = set(fields) - set(tally.compared) - made.NOT_MADE.get(name, set())
    assert not unseen


def test_texts_in_other_code_pages(tmp_path: Path) -> None:
    packets = [(oddities.START + k, packet, 0) for k, packet in enumerate(made.FOREIGN)]
    path = oddities.write(tmp_path / "made.pcap", packets)
    fields = (*agree.FIELDS, "icmpv6.opt.dnssl")
    tally = Tally(known=agree.KNOWN)
    for number, (ours, theirs) in enumerate(zip(subject.read(path), witness.read(path, fields), strict=True), 1):
        lowered = {n: [v.lower() if isinstance(v, str) else v for v in ours[n]] for n in fields if n in ours}
        tally.packet("made", number, lowered, theirs, fields)
    assert not tally.differences, "\n".join(map(str, tally.differences))
    assert {"ftp.request.arg", "snmp.community", "syslog.msg", "dhcpv6.search_list_entry", "icmpv6.opt.dnssl"} < set(
        tally.compared
    )
