"""The witness is checked first: against the worked example of the specification and by undoing what it did."""

from __future__ import annotations

import ast
import struct
from pathlib import Path
from typing import Any

import pytest

from . import captures, containers, records
from .containers import BODIES, CONTAINERS, DATA_SETS

# Section 6 of the trace format: ICMP echo request, outbound on TAP0, 10.1.1.2 -> 10.1.0.2, in a raw block.
EXAMPLE = bytes.fromhex("""
    009A0000 00960000 0092001000000004 DEAF3D6AC0614000 005C000127000024
    E3C1D7F0404040404040404040404040 DEAF3D6AC0611000 0000000000000000
    0000FFFF0A010102 0000000000000000 0000FFFF0A010002 0000000000000001
    00010000007F62C0001E002400000002 00000000
    450000240001400040 0125D30A0101020A010002 080018FA12340001 3031323334353637 0092
""")
PACKET = EXAMPLE[8 + 16 + 92 : -2]
# 2024-02-21 12:34:56.789009 UTC
TIME_US = 1_708_518_896_789_009


def example_records(packet: bytes = PACKET, **options: Any) -> list[bytes]:
    return records.packet_records(packet, time_us=TIME_US, interface="TAP0", out=True, **options)


def sample(count: int = 40) -> list[bytes]:
    """Entries of many sizes, each different from all others."""
    return [
        example_records(struct.pack(">20sI", PACKET, n) + bytes([n % 256]) * (37 * n % 901), count=n + 1)[0]
        for n in range(count)
    ]


def chain(data: bytes) -> list[bytes]:
    """Entries one after the other up to zero fill; the trailing length must agree."""
    found, at = [], 0
    while at + 2 <= len(data) and (size := int.from_bytes(data[at : at + 2], "big")):
        entry = data[at : at + size]
        assert entry[-2:] == data[at : at + 2]
        found.append(entry)
        at += size
    return found


def unframe(data: bytes) -> list[tuple[int, bytes]]:
    """(segment code, body) of what stands after each RDW or SDW; they must tile the data exactly."""
    found, at = [], 0
    while at < len(data):
        size, code, zero = struct.unpack_from(">HBB", data, at)
        assert size >= 4 and zero == 0 and at + size <= len(data)
        found.append((code, data[at + 4 : at + size]))
        at += size
    return found


def test_worked_example_byte_for_byte() -> None:
    assert records.tod(TIME_US) == 0xDEAF3D6AC0611000
    assert containers.bdw(example_records()) == EXAMPLE
    assert containers.rdw(example_records()) == EXAMPLE[4:]
    assert CONTAINERS["bare"](example_records()) == EXAMPLE[8:]


def test_segmented_variant() -> None:
    packet = PACKET[:20] + bytes(range(256)) * 78 + bytes(12)
    packet = (packet + b"\x77" * 40000)[:40000]
    first, second = example_records(packet, max_segment=20000)
    for seq, entry in enumerate((first, second)):
        assert len(entry) == 16 + 92 + 20000 + 2
        assert entry[18] == seq
        assert entry[21:24] == bytes.fromhex("009C40")
        assert entry[98:100] == bytes.fromhex("9C40")
        assert entry[40:48] == bytes.fromhex("DEAF3D6AC0611000")
    assert first[108:-2] + second[108:-2] == packet
    assert second[8:16] > first[8:16], "the second segment reaches the buffer later"


def test_segment_numbers_wrap_to_one() -> None:
    numbers = [entry[18] for entry in example_records(PACKET + bytes(2 * 300), max_segment=2)]
    assert numbers[:2] == [0, 1]
    assert numbers[254:258] == [254, 255, 1, 2]


def test_a_packet_larger_than_an_entry_is_segmented_unasked() -> None:
    entries = example_records(PACKET + bytes(65_499))
    assert [len(entry) <= records.MAX_CTE for entry in entries] == [True, True]
    assert sum(len(entry) - 110 for entry in entries) == 65_536


def test_abbreviated_variant() -> None:
    (entry,) = example_records(PACKET[:28], orig_len=36)
    assert len(entry) == 138 == int.from_bytes(entry[:2], "big") == int.from_bytes(entry[-2:], "big")
    assert entry[21:24] == bytes.fromhex("00001C")
    assert entry[98:100] == bytes.fromhex("0024")


def test_odd_data_is_padded_by_one_zero_byte() -> None:
    (entry,) = example_records(PACKET[:27])
    assert entry[21:24] == bytes.fromhex("00001B")
    assert entry[:2] == entry[-2:] == bytes.fromhex("008A")
    assert entry[108:-2] == PACKET[:27] + b"\0"


def test_ports_and_ipv6_addresses() -> None:
    source, target = bytes.fromhex("20010db8") + bytes(11) + b"\1", bytes.fromhex("20010db8") + bytes(11) + b"\2"
    hop_by_hop = bytes([17, 0, 1, 4, 0, 0, 0, 0])
    udp = struct.pack(">HHHH", 4660, 53, 8, 0)
    packet = struct.pack(">IHBB", 0x60000000, 16, 0, 64) + source + target + hop_by_hop + udp
    (entry,) = records.packet_records(packet, time_us=TIME_US)
    assert entry[20] == 53
    assert entry[48:80] == source + target
    assert entry[80:84] == bytes.fromhex("12340035")
    assert entry[89] == 17
    later_fragment = packet[:6] + bytes([44, 64]) + packet[8:40] + bytes.fromhex("1100000800000001") + udp
    (entry,) = records.packet_records(later_fragment, time_us=TIME_US)
    assert entry[80:84] == bytes(4)
    assert entry[89] == 17


def test_shorter_header_has_no_discard_reason() -> None:
    (old,), (new,) = example_records(header_len=88), example_records(drop_reason=4102)
    assert old[16:18] == b"\0\x58"
    assert old[104:-2] == PACKET
    assert new[104:106] == bytes.fromhex("1006")


def test_data_trace_record() -> None:
    (entry,) = records.data_records(b"USER demo\r\n", time_us=TIME_US, jobname="FTPD1", cid=0x58)
    assert entry[4:8] == bytes.fromhex("00000005")
    assert entry[24:40] == bytes.fromhex("C6E3D7C4F1404040 02 01 06 00 00000058")
    assert entry[48:84] == bytes.fromhex("00000000000000000000FFFFC000020A 00000000000000000000FFFFC6336414 04010015")
    assert entry[108:-2] == b"USER demo\r\n\0"


def test_link_frame_and_smc_records() -> None:
    (frame,) = records.frame_records(bytes(12) + b"\x08\x06" + bytes(28), time_us=TIME_US, vlan=100)
    assert frame[4:8] == bytes.fromhex("00000007")
    assert frame[90:92] == bytes.fromhex("0064")
    (smc,) = records.smc_records(b"\x04LLC", time_us=TIME_US)
    assert smc[4:8] == bytes.fromhex("00000008")
    assert smc[16:18] == (92 + 78).to_bytes(2, "big")
    assert smc[108:112] == bytes.fromhex("004E0001")
    assert smc[112 + 68 : 112 + 74] == bytes.fromhex("515253414243")
    assert smc[16 + 170 : -2] == b"\x04LLC"
    (uncounted,) = records.smc_records(b"\x04LLC", time_us=TIME_US, extension_counted=False)
    assert uncounted[16:18] == b"\0\x5c"
    assert uncounted[18:] == smc[18:]


def test_packed_records_are_full_and_hold_whole_entries() -> None:
    entries = sample(90)
    for name, length in (("packed", 0), ("packed-prefix8", 8), ("packed-prefix24", 24), ("packed-prefix40", 40)):
        bodies = BODIES[name](entries)
        assert len(bodies) > 1
        assert {len(body) for body in bodies} == {27990}
        assert [entry for body in bodies for entry in chain(body[length:])] == entries
    assert BODIES["packed-prefix24"](entries)[0][:24] == "SYSTCPDATCPIP   SYS1    ".encode("cp037")
    assert len({body[:40] for body in BODIES["packed-prefix40"](entries)}) > 1


def test_sliced_buffers_straddle_records_and_join_again() -> None:
    entries = sample(300)
    for name, length in (("sliced", 0), ("sliced-prefix24", 24)):
        bodies = BODIES[name](entries)
        joined = b"".join(body[length:] for body in bodies)
        assert len(joined) % 65536 == 0
        assert [e for at in range(0, len(joined), 65536) for e in chain(joined[at : at + 65536])] == entries
        assert any(body[length : length + 2] != b"\0\0" and not _starts_entry(body[length:]) for body in bodies)


def _starts_entry(body: bytes) -> bool:
    return body[2:8] == bytes.fromhex("001000000004")


@pytest.mark.parametrize("name", sorted(BODIES))
def test_framed_forms_hold_the_same_bodies(name: str) -> None:
    bodies = BODIES[name](sample())
    assert unframe(CONTAINERS[f"rdw-{name}"](sample())) == [(0, body) for body in bodies]
    blocks = unframe(CONTAINERS[f"bdw-{name}"](sample()))
    assert [record for _, block in blocks for record in unframe(block)] == [(0, body) for body in bodies]
    assert all(len(block) + 4 <= 27998 for _, block in blocks)
    assert CONTAINERS[f"nordw-{name}"](sample()) == b"".join(bodies)


@pytest.mark.parametrize("name", ["vbs-packed-prefix24", "vbs-buffer", "vs-packed"])
def test_spanned_segments_join_again(name: str) -> None:
    data = CONTAINERS[name](sample(120))
    pieces = [p for _, block in unframe(data) for p in unframe(block)] if name.startswith("vbs") else unframe(data)
    joined: list[bytes] = []
    expected: dict[int, set[int | None]] = {0: {None, 0, 2}, 1: {None, 0, 2}, 2: {1, 3}, 3: {1, 3}}
    before = None
    for code, part in pieces:
        assert before in expected[code]
        if code in (0, 1):
            joined.append(part)
        else:
            joined[-1] += part
        before = code
    assert {code for code, _ in pieces} >= {1, 2, 3}
    unspanned: dict[str, containers.Bodies] = {"vbs-buffer": containers.buffers, "vs-packed": containers.packed}
    bodies = unspanned.get(name, BODIES["packed-prefix24"])
    assert joined == bodies(sample(120))


def test_wrap_truncation_garbage_and_turns() -> None:
    entries = sample(9)
    assert BODIES["wrapped-single"](entries) == entries[6:] + entries[:6]
    assert containers.truncated(b"abcdef", 4) == b"abcd"
    mixed = BODIES["garbage-records"](entries)
    assert [body for body in mixed if body in entries] == entries
    assert len(mixed) == 13
    broken = CONTAINERS["garbage-bytes"](entries)
    at = [broken.index(entry) for entry in entries]
    assert at == sorted(at)
    with pytest.raises((AssertionError, struct.error)):
        unframe(broken)
    first, second = DATA_SETS["two-single"](entries)
    assert [body for _, body in unframe(first)] == entries[0::2]
    assert [body for _, body in unframe(second)] == entries[1::2]
    for name in DATA_SETS:
        assert len(DATA_SETS[name](sample(60))) == 2


def test_length_prefix_does_not_count_itself() -> None:
    assert containers.length4([b"abc", b""]) == b"\0\0\0\3abc\0\0\0\0"


def test_2cutc_is_a_pcapng_with_its_heads(tmp_path: Path) -> None:
    entries = sample(3)
    path = tmp_path / "export.pcapng"
    for name, size in (("2cutc", 0), ("2cutc-extension", 16)):
        path.write_bytes(CONTAINERS[name](entries))
        frames = list(captures.read_capture(path))
        assert [frame.data[16 + size :] for frame in frames] == entries
        assert {frame.data[:16] for frame in frames} == {b"2cUTC\0" + bytes([0, size]) + b"SYSTCPDA"}
        assert {(frame.linktype, frame.time_us) for frame in frames} == {(147, TIME_US + 3)}


def _pcap(order: str, magic: int, linktype: int, frames: list[tuple[int, int, bytes, int]]) -> bytes:
    head = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, linktype)
    return head + b"".join(
        struct.pack(order + "IIII", seconds, fraction, len(data), original) + data
        for seconds, fraction, data, original in frames
    )


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("magic", "unit"), [(0xA1B2C3D4, 1), (0xA1B23C4D, 1000)])
def test_pcap_of_either_byte_order_and_resolution(tmp_path: Path, order: str, magic: int, unit: int) -> None:
    ethernet, vlan = bytes(12) + b"\x08\x00", bytes(12) + bytes.fromhex("8100a0640800")
    nonsense = PACKET[:2] + b"\xff\xff" + PACKET[4:]
    arp = bytes(12) + b"\x08\x06" + bytes(28)
    frames = [
        (TIME_US // 1_000_000, 789_009 * unit, ethernet + PACKET + bytes(10), 60),
        (TIME_US // 1_000_000, 789_010 * unit, vlan + PACKET[:28], 54),
        (TIME_US // 1_000_000, 789_011 * unit, arp, 42),
        (TIME_US // 1_000_000, 789_012 * unit, ethernet + nonsense + bytes(10), 60),
        (5, 7 * unit, ethernet + PACKET, 50),
    ]
    path = tmp_path / "sample.pcap"
    path.write_bytes(_pcap(order, magic, 1, frames))
    padded, tagged, other, odd, ancient = captures.wrap_pcap(path, interface="TAP0", home=["10.1.1.2"]).items
    assert padded.ctes == example_records(tcb=0x007F62C0)
    assert (padded.packet, padded.orig_len, padded.time_us, padded.out) == (PACKET, 36, TIME_US, True)
    assert (tagged.packet, tagged.orig_len, tagged.vlan, tagged.abbreviated) == (PACKET[:28], 36, 100, True)
    assert (other.packet, other.fmtid, other.ctes[0][108:-2]) == (arp, 7, arp)
    assert (odd.packet, odd.orig_len) == (nonsense + bytes(10), 46)
    assert ancient.time_us == 946_684_805_000_007


@pytest.mark.parametrize(
    ("linktype", "head"),
    [
        (101, b""),
        (0, struct.pack("<I", 2)),
        (0, struct.pack(">I", 2)),
        (113, bytes(14) + b"\x08\x00"),
        (276, b"\x08\x00" + bytes(18)),
        (1, bytes(12) + bytes.fromhex("88a8006481000065") + b"\x08\x00"),
    ],
)
def test_link_headers_are_taken_off(tmp_path: Path, linktype: int, head: bytes) -> None:
    path = tmp_path / "sample.pcap"
    path.write_bytes(_pcap("<", 0xA1B2C3D4, linktype, [(TIME_US // 1_000_000, 0, head + PACKET, len(head) + 36)]))
    assert [item.packet for item in captures.wrap_pcap(path).items] == [PACKET]


def test_frames_of_other_links_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "sample.pcap"
    path.write_bytes(_pcap("<", 0xA1B2C3D4, 105, [(TIME_US // 1_000_000, 0, bytes(40), 40)]))
    wrapped = captures.wrap_pcap(path)
    assert (wrapped.ctes, wrapped.skipped) == ([], [1])


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("resolution", "units"), [(b"\6", 10**6), (b"\x09", 10**9), (b"\x8a", 2**10)])
def test_pcapng_blocks_and_time_units(tmp_path: Path, order: str, resolution: bytes, units: int) -> None:
    def block(kind: int, body: bytes) -> bytes:
        body += bytes(-len(body) % 4)
        return struct.pack(order + "II", kind, len(body) + 12) + body + struct.pack(order + "I", len(body) + 12)

    ticks = TIME_US * units // 10**6
    tsresol = struct.pack(order + "HH", 9, 1) + resolution + bytes(3) + bytes(4)
    data = block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))
    data += block(1, struct.pack(order + "HHI", 101, 0, 0) + tsresol)
    data += block(5, bytes(12))
    data += block(6, struct.pack(order + "IIIII", 0, ticks >> 32, ticks & 0xFFFFFFFF, 36, 36) + PACKET)
    data += block(3, struct.pack(order + "I", 36) + PACKET)
    path = tmp_path / "sample.pcapng"
    path.write_bytes(data)
    frames = list(captures.read_capture(path))
    assert [(frame.number, frame.data, frame.orig_len) for frame in frames] == [(1, PACKET, 36), (2, PACKET, 36)]
    assert {frame.time_us for frame in frames} == {ticks * 10**6 // units}


def test_the_witness_imports_nothing_of_the_accused() -> None:
    for path in Path(__file__).parent.glob("*.py"):
        tree = ast.parse(path.read_text(encoding="ascii"))
        names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        names |= {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and not n.level}
        assert not {name for name in names if name.split(".")[0] in {"zjobs", "mock_zos", "scapy", "dpkt", "numpy"}}
