"""Link types of capture files: each header once, with a packet behind it, which is found; tshark agrees."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path

import pytest
from formatted import differences, pcap, subject, witness
from packets import ip4, ip6, tcp, udp

INSIDE = ip4(17, udp(4000, 4001, b"inside"))
INSIDE6 = ip6(6, tcp(4000, 4001, 0x18, b"inside"))
FRAME = bytes.fromhex("020000000001 020000000002 0800") + INSIDE
LLC = bytes.fromhex("aaaa03 000000 0800")
#: A data frame of IEEE 802.11.
WIRELESS = bytes.fromhex("0802 0000 020000000001 020000000002 020000000003 1000") + LLC + INSIDE
AVS = bytes.fromhex("80211001 00000040") + bytes(56)
PRISM = struct.pack("<II", 0x44, 144) + bytes(136)
MGC = bytes.fromhex("4d4743")


def erf(kind: int, body: bytes) -> bytes:
    return bytes(8) + struct.pack(">BBHHH", kind, 4, 16 + len(body), 0, len(body)) + body


def filter_log(length: int, family: int, packet: bytes) -> bytes:
    """Numbers of the rule, then what fills the header up to a whole word."""
    return bytes([length, family, 0, 0]) + b"em0".ljust(32, b"\0") + struct.pack(">II", 5, 6) + bytes(
        (length + 3 & ~3) - 44
    ) + packet  # fmt: skip


def tag(kind: int, value: bytes) -> bytes:
    return struct.pack(">HH", kind, len(value)) + value


def hexed(header: str, body: bytes = INSIDE) -> bytes:
    return bytes.fromhex(header) + body


#: Link type and frame; the packet stands at its end.
FRAMES = {
    "arcnet": (7, hexed("0102 d4 00 0001")),
    "arcnet exception": (7, hexed("0102 d4 ff0000 d4 00 0001")),
    "arcnet rfc 1051": (7, hexed("0102 f0")),
    "arcnet linux": (129, hexed("0102 0000 d4 00 0001")),
    "atm rfc 1483": (100, LLC + INSIDE),
    "bridged": (100, hexed("aaaa03 0080c2 0007 0000", FRAME)),
    "nlpid": (100, hexed("fefe03 cf 0021")),
    "nlpid ip": (100, hexed("fefe03 cc")),
    "atm clip": (19, INSIDE6),
    "sunatm llc": (123, hexed("02 01 0020", LLC + INSIDE)),
    "sunatm lane": (123, hexed("01 01 0020 0001", FRAME)),
    "sunatm unknown": (123, hexed("00 01 0020", LLC + INSIDE)),
    "pppoe": (51, hexed("1100 0005 0024 0021")),
    "ppp sent": (204, hexed("01 ff03 0021")),
    "chdlc": (112, hexed("0f00 0800")),
    "enc": (109, hexed("02000000 00000001 00000000")),
    "enc big": (13, hexed("00000018 00000001 00000000", INSIDE6)),
    "pflog": (117, filter_log(61, 2, INSIDE)),
    "pflog 6": (117, filter_log(100, 24, INSIDE6)),
    "prism": (119, PRISM + WIRELESS),
    "prism avs": (119, AVS + WIRELESS),
    "avs": (163, AVS + WIRELESS),
    "ip over fc": (122, hexed("1000020000000001 1000020000000002", LLC + INSIDE)),
    "ip over 1394": (138, bytes(16) + hexed("0800")),
    "tzsp": (128, hexed("01 00 0001 00 290200ff 01", FRAME)),
    "tzsp wireless": (128, hexed("01 01 0012 01", WIRELESS)),
    "docsis": (143, hexed("00 00 0030 5dcd", FRAME)),
    "juniper ml-ppp": (130, MGC + hexed("00 4700000a00000000")),
    "juniper ml-ppp member": (130, MGC + hexed("01 0000 0021")),
    "juniper ml-ppp framed": (130, MGC + hexed("01 ff03 0021")),
    "juniper ml-fr": (131, MGC + hexed("00 4700000a00000000")),
    "juniper ml-fr member": (131, MGC + hexed("00 0000 03 cc")),
    "juniper ggsn": (133, MGC + hexed("00 0600 0500", INSIDE6)),
    "juniper atm2": (135, MGC + hexed("00 0000000000000000", LLC + INSIDE)),
    "juniper atm2 bare": (135, MGC + hexed("01 0000000000000000")),
    "juniper atm2 ethernet": (135, MGC + hexed("00 0000000100000000", FRAME)),
    "juniper atm2 ppp": (135, MGC + hexed("01 0000000000000000 0021")),
    "juniper services": (136, MGC + b"\1" + bytes(16) + INSIDE),
    "juniper atm1": (137, MGC + hexed("01 00000000 03 cc")),
    "juniper pppoe": (167, MGC + hexed("80 0003 030138", FRAME)),
    "juniper without link": (178, MGC + hexed("02 06000000", INSIDE6)),
    "juniper without magic": (178, FRAME),
    "juniper ppp": (179, MGC + hexed("00 ff03 0021")),
    "juniper frame relay": (180, MGC + hexed("00 1841 03 cc")),
    "juniper chdlc": (181, MGC + hexed("00 0f00 0800")),
    "juniper voice": (183, MGC + bytes(19) + INSIDE),
    "juniper tunnel": (200, MGC + b"\0" + FRAME[:14] + ip4(50, bytes(24) + INSIDE)),
    "gfp": (170, hexed("0038 0000 1001 0000", FRAME + bytes(8))),
    "gfp ip": (171, hexed("0026 0000 0010 0000")),
    "erf ethernet": (197, erf(2, bytes(2) + FRAME)),
    "erf extended": (197, erf(0x82, bytes.fromhex("8300000000000000 0400000000000000 0000") + FRAME)),
    "erf chdlc": (197, erf(1, hexed("0f00 0800"))),
    "erf ppp": (197, erf(1, hexed("ff03 0021"))),
    "erf aal5": (197, erf(4, bytes(4) + LLC + INSIDE)),
    "erf ip": (197, erf(22, INSIDE)),
    "ipnet": (226, hexed("01 1a 0001 00000042 00000001 00000000 00000000 00000000", INSIDE6)),
    "netanalyzer": (240, hexed("00043400", FRAME + bytes(4))),
    "exported ip": (252, tag(12, b"ip\0\0") + tag(0, b"") + INSIDE),
    "exported frame": (252, tag(12, b"eth_withoutfcs") + tag(0, b"") + FRAME),
    "epon": (259, hexed("d555 55 0001 00", FRAME)),
    "epon late": (259, hexed("55d555 55 0001 00", FRAME)),
    "redback": (32, bytes(16) + hexed("004a 0004 0018 0018", FRAME)),
    "redback ip": (32, bytes(16) + hexed("003a 0001 0018 0018")),
    "symantec": (99, bytes.fromhex("c0000201 0000 0800") + bytes(36) + INSIDE),
    "symantec 3": (99, bytes.fromhex("c0000201 0000 0000 0000 0800") + bytes(44) + INSIDE),
    "ax.25": (3, hexed("828282828282e0 84848484848461 03 cc")),
    "kiss": (202, hexed("00 828282828282e0 84848484848461 03 cc")),
    "cooked ppp": (113, hexed("0000 0200 0000 0000000000000000 0007 ff03 0021")),
}
#: Wireshark counts connections of frame relay by circuits; it reads a header of ATM behind one of ERF.
_OTHERWISE = ("juniper frame relay", "erf aal5")
#: Bytes behind the packet.
_CHECKED = {"gfp": 8, "netanalyzer": 4}


def block(kind: int, body: bytes) -> bytes:
    size = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + size + body + size


def mixed(path: Path, frames: list[tuple[int, bytes]]) -> Path:
    """A pcapng file with an interface for each link type."""
    links = sorted({link for link, _ in frames})
    out = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    out += b"".join(block(1, struct.pack("<HHI", link, 0, 0)) for link in links)
    for n, (link, data) in enumerate(frames):
        time = 1_708_518_896_000_000 + n
        head = struct.pack("<IIIII", links.index(link), time >> 32, time & 0xFFFFFFFF, len(data), len(data))
        out += block(6, head + data + bytes(-len(data) % 4))
    path.write_bytes(out)
    return path


def test_what_is_inside(tmp_path: Path) -> None:
    found = subject.read(mixed(tmp_path / "links.pcapng", list(FRAMES.values())))
    for name, one in zip(FRAMES, found, strict=True):
        port = one.get("udp.dstport", one.get("tcp.dstport"))
        assert port == [4001], name


def test_cut_at_every_byte(tmp_path: Path) -> None:
    """No part of a header is taken for a packet."""
    cut = [
        (name, (link, data[:size]))
        for name, (link, data) in FRAMES.items()
        for size in range(len(data) - len(INSIDE6 if INSIDE6 in data else INSIDE) - _CHECKED.get(name, 0))
    ]
    found = subject.read(mixed(tmp_path / "cut.pcapng", [frame for _, frame in cut]))
    for (name, _), one in zip(cut, found, strict=True):
        assert not {"udp.srcport", "tcp.srcport"} & one.keys(), name


@pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")
def test_tshark_finds_the_same(tmp_path: Path) -> None:
    path = mixed(tmp_path / "links.pcapng", [f for name, f in FRAMES.items() if name not in _OTHERWISE])
    prefixes = ("frame.", "eth.", "ip.", "ipv6.", "tcp.", "udp.")
    own = (
        "arcnet.src", "arcnet.dst", "atm.vpi", "atm.vci", "osi.nlpid", "enc.af", "enc.spi", "pflog.length", "pflog.af",
        "pflog.action", "pflog.reason", "prism.msgcode", "prism.msglen", "wlancap.magic", "wlancap.length",
        "wlancap.phytype", "ipfc.nh.da", "ipfc.nh.sa", "ap1394.type", "tzsp.version", "tzsp.type", "tzsp.encap",
        "docsis.fctype", "docsis.len", "juniper.magic-number", "juniper.direction", "gfp.pli", "gfp.pti", "gfp.exi",
        "gfp.upi", "ipnet.version", "ipnet.family", "ipnet.htype", "ipnet.pktlen", "ipnet.ifindex", "ipnet.zsrc",
        "netanalyzer.packetstatus", "netanalyzer.port", "netanalyzer.framelen", "redback.context", "redback.flags",
        "redback.length", "redback.protocol", "redback.l3offset", "redback.dataoffset", "symantec.if",
        "symantec.type", "ax25_kiss.cmd", "ax25_kiss.port", "wlan.ta", "llc.dsap", "llc.oui", "sll.ltype",
    )  # fmt: skip
    names = (*(n for n in witness.FIELDS if n.startswith(prefixes)), *own)
    theirs = witness.read(path, names)
    assert not (d := differences(names, subject.read(path), theirs)), "\n".join(d)
    assert not {n for n in own if not any(n in one for one in theirs)}


def test_what_holds_no_packet(tmp_path: Path) -> None:
    """Wrong lengths, other types, what is encrypted: left as data."""
    frames = [
        (117, b"\x20" + filter_log(61, 2, INSIDE)[1:]),
        (163, bytes.fromhex("80211001 00000008") + AVS[8:] + WIRELESS),
        (163, bytes.fromhex("80211001 00ffffff") + AVS[8:] + WIRELESS),
        (32, bytes(16) + hexed("003a 0001 0008 0008")),
        (99, hexed("c0000201 0000 0800 0000 0800")),
        (128, hexed("01 04 0001 01", FRAME)),
        (128, hexed("01 00 0001" + "00" * 200, FRAME)),
        (143, hexed("00 00 0030 0000", FRAME)),
        (143, hexed("01 05 0035 3401800000 ba51", FRAME)),
        (143, hexed("c2 00 0030 f2cf", FRAME)),
        (197, erf(3, INSIDE)),
        (240, hexed("00013400", FRAME + bytes(4))),
        (252, tag(12, b"nothing") + tag(0, b"") + INSIDE),
        (252, tag(12, b"ip") + INSIDE),
        (259, hexed("d555 57 0001 00", FRAME)),
        (202, hexed("01 828282828282e0 84848484848461 03 cc")),
        (3, hexed("828282828282e0 84848484848460 03 cc")),
        (123, hexed("01 01 0020 ff00", FRAME)),
        (137, MGC + hexed("01 80000000")),
        (135, MGC + hexed("01 0000000000000070")),
        (131, MGC + hexed("00 54000000")),
        (131, MGC + hexed("00 4700000003000000")),
        (178, MGC + hexed("02 48a20000")),
    ]
    found = subject.read(mixed(tmp_path / "wrong.pcapng", frames))
    for frame, one in zip(frames, found, strict=True):
        assert not {"udp.srcport", "tcp.srcport"} & one.keys(), frame


def test_an_encrypted_frame_has_addresses(tmp_path: Path) -> None:
    (found,) = subject.read(mixed(tmp_path / "d.pcapng", [(143, hexed("01 05 0035 3401800000 ba51", FRAME))]))
    assert (found["eth.dst"], found["eth.src"]) == (["02:00:00:00:00:01"], ["02:00:00:00:00:02"])


def test_ppp_that_tells_its_direction(tmp_path: Path) -> None:
    frames = [hexed("00 ff03 0021"), hexed("01 ff03 0021"), b""]
    found = subject.read(pcap(tmp_path / "ppp.pcap", frames, 204))
    assert [one["frame.len"] for one in found] == [[38], [38], [0]]
    assert [one.get("zos.direction") for one in found[:2]] == [["in"], ["out"]]


def test_what_nobody_counts_is_no_part_of_a_frame(tmp_path: Path) -> None:
    """Headers of SunATM and ERF; a record that was filled up has the length of the wire."""
    frame = erf(2, bytes(2) + FRAME + bytes(10))
    short = frame[:14] + struct.pack(">H", len(FRAME)) + frame[16:]
    frames = [(123, hexed("02 01 0020", LLC + INSIDE)), (197, short), (197, frame[:40])]
    found = subject.read(mixed(tmp_path / "counted.pcapng", frames))
    assert [(one["frame.len"], one["frame.cap_len"]) for one in found] == [([42], [42]), ([48], [48]), ([60], [22])]
