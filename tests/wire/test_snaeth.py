"""SNA behind EtherType 80D5: the LLC frame of the length that is said, whatever stands behind it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from encoder.records import frame_records
from formatted import TIME_US, block, differences, fields, listing, pcap, subject, witness
from readings import trace_of

ETHERNET = "020000000001 020000000002 80d5 "
#: Service access points 4, an I frame: FID 2, a request header, ACTLU; filled up to 60 bytes.
ACTLU = bytes.fromhex(ETHERNET + "0010 00 0404 0000 2d0000020001 6b8000 0d0201") + bytes(27)
READY = bytes.fromhex(ETHERNET + "0004 00 0405 0101") + bytes(39)
SABME = bytes.fromhex(ETHERNET + "0003 01 04047f") + bytes(40)
LONG = bytes.fromhex(ETHERNET + "0040 00 0404 0101")
NONE = bytes.fromhex(ETHERNET + "0000 00 0404 0101") + bytes(39)


def frames(packets: list[bytes], original: int = 0) -> bytes:
    """A bare trace of OSAENTA frames."""
    return b"".join(
        entry
        for n, p in enumerate(packets)
        for entry in frame_records(p, time_us=TIME_US + n, count=n + 1, orig_len=max(original, len(p)))
    )


def problems(data: bytes) -> list[tuple[str, str, int, int]]:
    found = next(trace_of(data).dissections()).walk.problems
    return [
        (what[0], what[2], need, have)
        for what, needs, haves in zip(found.what, found.needed, found.available, strict=True)
        for need, have in zip(needs.tolist(), haves.tolist(), strict=True)
    ]


@pytest.mark.s390x
def test_an_activation() -> None:
    lines = listing(frames([ACTLU]))
    assert block(lines, "SNA over")[1:] == ["  Length           : 16               Padding: 00"]
    assert block(lines, "LLC")[2] == "  Control          : 00 I"
    assert "  Request Code     : 0D ACTLU" in block(lines, "SNA Request/Response Unit")
    # What fills the frame is not told as part of the unit.
    assert block(lines, "SNA Request/Response Unit")[0] == " SNA Request/Response Unit: 3"
    assert not problems(frames([ACTLU, READY, SABME]))


@pytest.mark.s390x
def test_lengths_that_cannot_be() -> None:
    assert problems(frames([LONG])) == [("snaeth", "snaeth.len", 64, 4)]
    assert problems(frames([NONE])) == [("snaeth", "snaeth.len", 3, 0)]
    (none,) = fields(frames([NONE]))
    assert "llc.dsap" not in none


@pytest.mark.s390x
def test_cut_at_every_byte() -> None:
    for end in range(15, 33):
        cut, abbreviated = frames([ACTLU[:end]]), frames([ACTLU[:end]], len(ACTLU))
        assert problems(cut)[0][0] == "snaeth", end
        # Abbreviated, only a header that is not whole is a problem.
        assert all(what == "header" for _, what, _, _ in problems(abbreviated)), end
        assert listing(cut) and listing(abbreviated)
    assert not problems(frames([ACTLU[:33]]))


@pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")
def test_tshark_says_the_same(tmp_path: Path) -> None:
    names = (
        "eth.type",
        "snaeth.len",
        "snaeth.padding",
        "llc.dsap",
        "llc.ssap",
        "llc.control",
        "sna.th.fid",
        "sna.th.snf",
    )
    path = pcap(tmp_path / "sna.pcap", [ACTLU, READY, SABME, LONG, NONE, ACTLU[:15], ACTLU[:16], ACTLU[:18]], 1)
    assert not differences(names, subject.read(path), witness.read(path, names, ("-n",)))
