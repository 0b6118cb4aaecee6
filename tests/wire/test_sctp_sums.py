"""The checksum of SCTP: CRC32c bit by bit as RFC 9260 has it, Adler-32 of RFC 2960, and what is shown of them."""

from __future__ import annotations

import random
import shutil
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from formatted import block, differences, entries, fields, listing, witnessed
from packets import ip4, ip6

from zjobs.wire import crc

#: RFC 9260, section 3.3.2: an INIT with initiate tag 7, between ports 5000 and 5001.
INIT = bytes.fromhex("13881389 00000009 487b4ed3 01000014 00000007 0000ffff 00030004 00000064")
DATA = bytes.fromhex("13881389 00000009 00000000 00030011 00000064 00010002 00000000 78000000")


def cyclic(data: bytes) -> int:
    """RFC 9260, appendix A, one bit at a time."""
    register = 0xFFFFFFFF
    for octet in data:
        register ^= octet
        for _ in range(8):
            register = register >> 1 ^ (0x82F63B78 if register & 1 else 0)
    return register ^ 0xFFFFFFFF


def summed(packet: bytes) -> bytes:
    bare = packet[:8] + bytes(4) + packet[12:]
    return packet[:8] + struct.pack("<I", cyclic(bare)) + packet[12:]


def summed_by_rfc2960(packet: bytes) -> bytes:
    bare = packet[:8] + bytes(4) + packet[12:]
    return packet[:8] + struct.pack(">I", zlib.adler32(bare)) + packet[12:]


def spoilt(packet: bytes) -> bytes:
    return packet[:-1] + bytes([packet[-1] ^ 1])


BAD_SUM = summed(spoilt(INIT))[8:12].hex().upper()
#: Packets of SCTP, and what Wireshark says of their checksums.
CASES = [
    (INIT, 1), (summed(DATA), 1), (summed(DATA[:12]), 1), (summed_by_rfc2960(DATA), 1), (summed(DATA + b"xyz"), 1),
    (DATA, 0), (spoilt(INIT), 0), (spoilt(summed_by_rfc2960(DATA)), 0),
]  # fmt: skip


@pytest.mark.s390x
@pytest.mark.parametrize(
    ("data", "value"),
    [
        # RFC 3720, appendix B.4; the check value of the catalogues.
        (bytes(32), 0x8A9136AA), (b"\xff" * 32, 0x62A8AB43), (bytes(range(32)), 0x46DD794E),
        (bytes(range(31, -1, -1)), 0x113FDB5C), (b"123456789", 0xE3069283),
    ],
)  # fmt: skip
def test_published_values(data: bytes, value: int) -> None:
    assert cyclic(data) == value
    changed = np.frombuffer(bytes(b ^ 0xFF for b in data[:4]) + data[4:], dtype=np.uint8)
    ((_, rows),) = crc.rows(changed, np.array([0]), np.array([len(data)]))
    assert crc.crc32c(rows).tolist() == [value ^ 0xFFFFFFFF]


@pytest.mark.s390x
def test_stretches_of_every_size_anywhere_in_a_buffer() -> None:
    noise = random.Random(3)
    data = noise.randbytes(70_000)
    sizes = [*range(70), 255, 256, 257, 4095, 4096, 4097, 65_535, 65_536, 65_537]
    start = np.array([noise.randrange(len(data) - size + 1) for size in sizes])
    end = start + sizes
    seen = []
    for which, rows in crc.rows(np.frombuffer(data, dtype=np.uint8), start, end):
        pieces = [data[a:b] for a, b in zip(start[which].tolist(), end[which].tolist(), strict=True)]
        assert crc.adler32(rows, (end - start)[which]).tolist() == [zlib.adler32(piece) for piece in pieces]
        assert all(row.tobytes().endswith(piece) for row, piece in zip(rows, pieces, strict=True))
        assert rows.size <= 1 << 20
        seen += which.tolist()
    assert sorted(seen) == list(range(len(sizes)))


@pytest.mark.s390x
def test_verdicts() -> None:
    told = fields(entries([ip4(132, packet) for packet, _ in CASES] + [ip6(132, INIT)]))
    assert [packet["sctp.checksum.status"] for packet in told] == [*(verdict for _, verdict in CASES), 1]


@pytest.mark.s390x
def test_ten_thousand_packets_of_all_sizes() -> None:
    noise = random.Random(4)
    packets = [summed(noise.randbytes(noise.choice((12, 16, 40, 100)))) for _ in range(200)] * 50
    packets[7777] = spoilt(packets[7777])
    told = fields(entries([ip4(132, packet) for packet in packets]))
    assert [n for n, packet in enumerate(told) if packet["sctp.checksum.status"] != 1] == [7777]


@pytest.mark.s390x
def test_a_checksum_of_bytes_that_are_not_there_is_not_known() -> None:
    whole = ip4(132, INIT)
    (cut,) = fields(entries([whole[:-1]], original=len(whole)))
    assert cut["sctp.checksum.status"] == 2
    first = entries([ip4(132, INIT, fragment=0x2000)])
    assert "  CheckSum         : 487B4ED3 00000000" in block(listing(first), "SCTP")


@pytest.mark.s390x
def test_the_listing_has_both_values_and_names_the_old_one() -> None:
    lines = listing(entries([ip4(132, spoilt(INIT)), ip4(132, summed_by_rfc2960(INIT))]))
    bad, old = (block(lines[at:], "SCTP") for at, line in enumerate(lines) if line.strip().startswith("SCTP: 32"))
    assert bad[-1] == f"  CheckSum         : 487B4ED3 {BAD_SUM}"
    assert old[-2:] == ["  CheckSum         : 3AD503C6 3AD503C6", "  CheckSum by      : RFC 2960, Adler-32"]


@pytest.mark.s390x
def test_the_report_counts_them() -> None:
    lines = listing(entries([ip4(132, packet) for packet, _ in CASES]), "CHECKSUM")
    assert lines[-1].split() == ["5", "3", "0", "SCTP"]
    assert f"Record 7: SCTP checksum error, found 487B4ED3, sum {BAD_SUM}" in lines


@pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")
def test_tshark_gives_the_same_verdicts(tmp_path: Path) -> None:
    packets = [ip4(132, packet) for packet, _ in CASES] + [ip6(132, INIT)]
    names, ours, theirs = witnessed(tmp_path, packets, ("sctp.",), ["-o", "sctp.checksum:automatic"])
    for packet in theirs:
        # Where neither fits, it shows both verdicts.
        packet["sctp.checksum"], packet["sctp.checksum.status"] = (
            sorted(set(packet[name])) for name in ("sctp.checksum", "sctp.checksum.status")
        )
    assert not differences(names, ours, theirs)
    assert "sctp.checksum.status" in names
