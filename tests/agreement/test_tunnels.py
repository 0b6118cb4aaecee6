"""Tunnels, each built once from its specification: what is inside is found, and nothing else."""

from __future__ import annotations

import shutil
import struct
import zlib
from pathlib import Path

import oddities
import pytest
import subject
import witness
from comparison import Tally
from oddities import ethernet, ipv4, ipv6, tcp, udp

pytestmark = pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")

INSIDE = ipv4(6, tcp(40000, 41000, 1, 1, 16, 8192, b"data"), "10.9.8.7", "10.9.8.6")
INSIDE6 = ipv6(6, tcp(40000, 41000, 1, 1, 16, 8192, b"data"))


def deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


#: How each packet is built, and how many TCP headers are in it.
TUNNELS = {
    # RFC 2003, RFC 4213, RFC 2473
    "4in4": (ethernet(0x0800, ipv4(4, INSIDE)), 1),
    "6in4": (ethernet(0x0800, ipv4(41, INSIDE6)), 1),
    "4in6": (ethernet(0x86DD, ipv6(4, INSIDE)), 1),
    # RFC 2784; RFC 2890 with checksum, key and sequence number
    "gre": (ethernet(0x0800, ipv4(47, struct.pack(">HH", 0, 0x0800) + INSIDE)), 1),
    "gre-key": (ethernet(0x0800, ipv4(47, struct.pack(">HH", 0x3000, 0x86DD) + bytes(8) + INSIDE6)), 1),
    "gre-ethernet": (ethernet(0x0800, ipv4(47, struct.pack(">HH", 0, 0x6558) + ethernet(0x0800, INSIDE))), 1),
    # RFC 7348: flag I, network 5
    "vxlan": (ethernet(0x0800, ipv4(17, udp(50000, 4789, b"\x08\0\0\0\0\0\5\0" + ethernet(0x0800, INSIDE)))), 1),
    # RFC 3032: two labels, the second at the bottom of the stack
    "mpls": (ethernet(0x8847, bytes.fromhex("000100400002014000")[:8] + INSIDE), 1),
    # RFC 2516, RFC 1661
    "pppoe": (ethernet(0x8864, struct.pack(">BBHHH", 0x11, 0, 9, 2 + len(INSIDE), 0x0021) + INSIDE), 1),
    # RFC 4380: origin indication, then IPv6
    "teredo": (ethernet(0x0800, ipv4(17, udp(3544, 50001, bytes(2) + bytes(6) + INSIDE6))), 1),
    # IEEE 802.1ad: service tag, customer tag
    "qinq": (ethernet(0x88A8, struct.pack(">HHHH", 100, 0x8100, 0x2000 | 200, 0x0800) + INSIDE), 1),
    # RFC 3948: ESP behind UDP port 4500
    "esp-in-udp": (ethernet(0x0800, ipv4(17, udp(4500, 4500, struct.pack(">II", 0x1234, 7) + bytes(24)))), 0),
    # RFC 3173 with DEFLATE (RFC 2394)
    "ipcomp": (ethernet(0x0800, ipv4(108, struct.pack(">BBH", 4, 0, 2) + deflated(INSIDE))), 1),
    # RFC 4302: twelve bytes of integrity value
    "ah": (ethernet(0x0800, ipv4(51, struct.pack(">BBHII", 6, 4, 0, 1, 2) + bytes(12) + INSIDE[20:])), 1),
}


@pytest.mark.parametrize("name", list(TUNNELS))
def test_what_is_inside(name: str, tmp_path: Path) -> None:
    packet, count = TUNNELS[name]
    path = oddities.write(tmp_path / "tunnel.pcap", [(oddities.START, packet, 0)])
    (ours,), (theirs,) = subject.read(path), witness.read(path)
    tally = Tally()
    tally.packet(name, 1, ours, theirs, witness.FIELDS)
    assert not tally.differences, "\n".join(map(str, tally.differences))
    assert len(ours.get("tcp.srcport", [])) == count
    if name == "esp-in-udp":
        assert ours["esp.spi"] == [0x1234]
