"""Wireless frames: addresses by direction, what data carries, and the headers that adapters put in front."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path

import pytest
from formatted import differences, pcap, subject, witness
from packets import ip4, tcp, udp

pytestmark = pytest.mark.s390x

INSIDE = bytes.fromhex("aaaa03 000000 0800") + ip4(17, udp(4000, 4001, b"inside"))
ONE, TWO, THREE, FOUR = (bytes.fromhex(f"0200000000{n:02x}") for n in range(1, 5))


def frame(control: str, *parts: bytes) -> bytes:
    return bytes.fromhex(control) + b"\x2c\1" + b"".join(parts)


def data(control: str, *parts: bytes) -> bytes:
    """Three addresses, and the number 21 in a field of its own (IEEE 802.11-2020, section 9.3.2.1)."""
    return frame(control, ONE, TWO, THREE, b"\x50\1", *parts)


QUALITY, SUM = b"\5\0", bytes(4)
#: Frames that carry INSIDE.
CARRIERS = {
    "between stations": data("0800", INSIDE),
    "to an access point": data("0801", INSIDE),
    "from an access point": data("0802", INSIDE),
    "between access points": data("0803", FOUR, INSIDE),
    "with an acknowledgement": data("1801", INSIDE),
    "of some quality": data("8801", QUALITY, INSIDE),
    "of some quality, between access points": data("8803", FOUR, QUALITY, INSIDE),
    "with a field of HT": data("8881", QUALITY, bytes(4), INSIDE),
    "with an order": data("0881", INSIDE),
}
#: Frames that carry nothing that can be read.
OTHERS = {
    "beacon": data("8000", bytes(12)),
    "action with a field of HT": data("d080", bytes(4), b"\4\0"),
    "first fragment": data("0805", INSIDE),
    "encrypted": data("0841", bytes(8), INSIDE),
    "no data": data("4801"),
    "no data of some quality": data("c801", QUALITY),
    "acknowledgement": frame("d400", ONE),
    "request to send": frame("b400", ONE, TWO),
    "poll": frame("a410", ONE, TWO),
    "end of a free period": frame("e400", ONE, TWO),
    "block acknowledgement": frame("9400", ONE, TWO, bytes(12)),
}


def radiotap(present: int, fields: bytes, inside: bytes) -> bytes:
    return struct.pack("<BBHI", 0, 0, 8 + len(fields), present) + fields + inside


def ppi(fields: bytes, inside: bytes, flags: int = 0) -> bytes:
    return struct.pack("<BBHI", 0, flags, 8 + len(fields), 105) + fields + inside


PLAIN, TIME = CARRIERS["to an access point"], bytes(8)
COMMON = struct.pack("<HHQH10x", 2, 20, 0, 1)
#: Frames behind headers, by link type; the sums at their ends belong to no packet.
HEADERS = {
    127: (
        radiotap(0, b"", PLAIN),
        radiotap(2, b"\x10", PLAIN + SUM),
        radiotap(3, TIME + b"\x10", PLAIN + SUM),
        radiotap(0x80000002, bytes(4) + b"\x10", PLAIN + SUM),
        radiotap(0x80000003, bytes(8) + TIME + b"\x10", PLAIN + SUM),
        # A header of 26 bytes, filled up to 28.
        radiotap(2, b"\x20", data("8801", QUALITY, bytes(2), INSIDE)),
    ),
    192: (
        ppi(b"", PLAIN),
        ppi(COMMON, PLAIN + SUM),
        ppi(struct.pack("<HH3x", 30000, 3) + COMMON, PLAIN + SUM),
    ),
}
FIELDS = (
    *(f"wlan.fc.{name}" for name in ("version", "type", "subtype", "tods", "fromds", "frag", "retry", "pwrmgt")),
    *(f"wlan.fc.{name}" for name in ("moredata", "protected", "order")),
    *(f"wlan.{name}" for name in ("duration", "ra", "ta", "da", "sa", "bssid", "seq", "frag")),
    *("radiotap.version", "radiotap.pad", "radiotap.length", "ppi.length"),
    *("llc.dsap", "llc.type", "ip.src", "udp.dstport", "udp.length", "eth.src"),
)  # fmt: skip


def read(folder: Path, packets: list[bytes], link: int = 105) -> list[witness.Values]:
    return subject.read(pcap(folder / "frames.pcap", packets, link))


@pytest.mark.parametrize("name", list(CARRIERS))
def test_data_is_read(name: str, tmp_path: Path) -> None:
    (found,) = read(tmp_path, [CARRIERS[name]])
    assert (found["ip.src"], found["udp.dstport"], found["wlan.seq"]) == (["192.0.2.10"], [4001], [21])


def test_what_addresses_mean(tmp_path: Path) -> None:
    """IEEE 802.11-2020, table 9-30: receiver, sender, access point."""
    one, two, three, four = (a.hex(":") for a in (ONE, TWO, THREE, FOUR))
    meanings = {
        "between stations": (one, two, three),
        "to an access point": (three, two, one),
        "from an access point": (one, three, two),
        "between access points": (three, four, None),
    }
    for name, meaning in meanings.items():
        (found,) = read(tmp_path, [CARRIERS[name]])
        told = tuple(found.get(f"wlan.{n}", [None])[0] for n in ("da", "sa", "bssid"))
        assert told == meaning, name


@pytest.mark.parametrize("name", list(OTHERS))
def test_nothing_else_is_taken_for_data(name: str, tmp_path: Path) -> None:
    (found,) = read(tmp_path, [OTHERS[name]])
    assert found["wlan.ra"] == [ONE.hex(":")] and "llc.dsap" not in found


def test_several_frames_in_one_and_meshes_end_there(tmp_path: Path) -> None:
    several = data("8801", b"\x85\0", TWO, ONE, struct.pack(">H", len(INSIDE)), INSIDE)
    mesh = data("8803", FOUR, b"\5\1", bytes(6), INSIDE)
    second = frame("0801", ONE, TWO, THREE, b"\x51\1", INSIDE)
    assert not [found for found in read(tmp_path, [several, mesh, second]) if "llc.dsap" in found]


@pytest.mark.parametrize("link", list(HEADERS))
def test_headers_of_adapters(link: int, tmp_path: Path) -> None:
    for found in read(tmp_path, list(HEADERS[link]), link):
        assert (found["ip.src"], found["wlan.bssid"]) == (["192.0.2.10"], [ONE.hex(":")])


def test_a_sum_behind_a_frame_is_none_of_its_data(tmp_path: Path) -> None:
    """A packet that an adapter cuts into segments has no length: it goes on to the end of the frame."""
    segment = bytearray(ip4(6, tcp(4000, 4001, data=b"inside")))
    segment[2:4] = bytes(2)
    packet = data("0801", INSIDE[:8], bytes(segment))
    for flags, end in ((0, b""), (16, SUM)):
        (found,) = read(tmp_path, [radiotap(2, bytes([flags]), packet + end)], 127)
        assert found["tcp.len"] == [6]


def test_headers_that_end_anywhere(tmp_path: Path) -> None:
    fields = radiotap(0x80000003, bytes(8) + TIME + b"\x10", b"")
    for link, packet in ((127, fields + PLAIN), (192, HEADERS[192][2]), (105, CARRIERS["of some quality"])):
        cut = [packet[:size] for size in range(1, len(packet))]
        found = read(tmp_path, cut, link)
        assert len(found) == len(cut) and not [f for f in found[: len(packet) - len(INSIDE)] if "ip.src" in f]
    # Words that do not end, fields that say they are longer than the header, a length that is too short.
    for link, wrong in (
        (127, radiotap(0xFFFFFFFF, b"\xff" * 400, PLAIN)),
        (127, radiotap(2, b"", PLAIN)),
        (192, ppi(struct.pack("<HH", 2, 0xFFFF), PLAIN)),
        (192, ppi(struct.pack("<HH", 2, 20), PLAIN)),
    ):
        assert read(tmp_path, [wrong], link)[0]["ip.src"] == ["192.0.2.10"]
    assert "wlan.ra" not in read(tmp_path, [struct.pack("<BBHI", 0, 0, 7, 0) + PLAIN], 127)[0]


@pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")
@pytest.mark.parametrize("link", [105, *HEADERS])
def test_tshark_says_the_same(link: int, tmp_path: Path) -> None:
    packets = list(HEADERS.get(link, (*CARRIERS.values(), *OTHERS.values())))
    path = pcap(tmp_path / "frames.pcap", packets, link)
    assert not differences(FIELDS, subject.read(path), witness.read(path, FIELDS))
