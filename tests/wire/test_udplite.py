"""UDP-Lite: ports and applications are those of UDP, the checksum is over what is covered."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path

import pytest
from formatted import block, differences, entries, fields, listing, pcap, subject, witness
from packets import ip4, ip6, udp

QUERY = bytes.fromhex("1234 0100 0001 0000 0000 0000 00 0002 0001")


def lite(sport: int, dport: int, covered: int, checksum: str, data: bytes = b"abcdef") -> bytes:
    return struct.pack(">HHH", sport, dport, covered) + bytes.fromhex(checksum) + data


#: Checksums by RFC 3828, section 3.1, worked out by hand: pseudo header with the length of the datagram, then what is
#: covered.  Name, coverage, checksum, verdict.
SUMS = [
    ("all", 14, "c99a", 1), ("all as zero", 0, "c9a8", 1), ("header", 8, "f3cd", 1), ("an odd byte", 9, "92cc", 1),
    ("wrong", 8, "f3ce", 0), ("wrong of all", 0, "c9a9", 0), ("none", 14, "0000", 4),
    ("less than a header", 7, "f3ce", 2), ("more than there is", 100, "c944", 2),
]  # fmt: skip


@pytest.mark.parametrize(("covered", "checksum", "verdict"), [s[1:] for s in SUMS], ids=[s[0] for s in SUMS])
def test_what_is_covered(covered: int, checksum: str, verdict: int) -> None:
    (found,) = fields(entries([ip4(136, lite(4000, 4001, covered, checksum))]))
    assert (found["udp.length"], found["udp.checksum_coverage"]) == (14, covered)
    assert (found["udp.srcport"], found["udp.dstport"], found["udp.checksum.status"]) == (4000, 4001, verdict)


def test_in_ipv6_and_in_an_error() -> None:
    six = ip6(136, lite(4000, 4001, 9, "23aa"))
    quoted = ip4(1, bytes.fromhex("0303 0000 00000000") + ip4(136, lite(4000, 4001, 14, "c99a")))
    found = fields(entries([six, quoted]))
    assert [one["udp.checksum.status"] for one in found] == [1, 1]


def test_a_conversation_and_its_application() -> None:
    packets = [
        ip4(136, lite(4000, 53, 8, "032f", QUERY)),
        ip4(17, udp(4000, 53, QUERY)),
        ip4(136, lite(1, 2, 0, "0000")),
    ]
    found = fields(entries(packets))
    assert [one["udp.stream"] for one in found] == [0, 0, 1]
    assert [one.get("dns.id") for one in found] == [0x1234, 0x1234, None]


def test_the_listing() -> None:
    told = listing(entries([ip4(136, lite(4000, 4001, 9, "92cc")), ip4(17, udp(4000, 4001, b"x"))]))
    lines = block(told, "UDP-Lite")
    assert any("Checksum Coverage" in line and line.endswith(": 9") for line in lines)
    assert any("92CC FFFF" in line for line in lines)
    assert sum("Checksum Coverage" in line for line in told) == 1 and sum(line.strip() == "UDP" for line in told) == 1


@pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")
def test_tshark_says_the_same_wherever_it_is_cut(tmp_path: Path) -> None:
    whole = [ip4(136, lite(4000, 4001, covered, checksum)) for _, covered, checksum, _ in SUMS]
    whole.append(ip6(136, lite(53, 4000, 25, "7dc6", QUERY)))
    packets = whole + [packet[:size] for packet in whole for size in range(20, len(packet))]
    path = pcap(tmp_path / "lite.pcap", packets)
    names = (*(n for n in witness.FIELDS if n.startswith("udp.")), "dns.id")
    assert not (found := differences(names, subject.read(path), witness.read(path, names))), "\n".join(found)
