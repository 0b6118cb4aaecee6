"""OPTIONS((...)): every keyword that selects is held against a trace in which some records match and some do not."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
from encoder import data_records, frame_records, old_record, packet_records
from encoder.containers import rdw, single
from packets import ip4, ip6, tcp, udp
from readings import trace_of

from zjobs.errors import RequestError
from zjobs.jobs.reading import join
from zjobs.trace.grammar import parse
from zjobs.trace.keywords import FLAG_NAMES, KEYWORDS, SYNONYMS
from zjobs.trace.origin import ByteOrigin
from zjobs.trace.select import Range
from zjobs.trace.table import Context
from zjobs.wire import pthdr, walk
from zjobs.wire.layout import Field, Layout
from zjobs.wire.pthdr import HeaderLayout

pytestmark = pytest.mark.s390x

TIME_US = 1_708_518_896_000_000
PLAIN = ip4(6, tcp(40000, 40001, data=b"x"))

#: For each keyword a packet that it selects, as trace entries; a plain TCP packet between high ports is the other one.
ECHO = b"\x08\0\0\0\0\1\0\1"
SELECTS: dict[str, tuple[str, list[bytes]]] = {}


def selects(options: str, packet: bytes, **header) -> None:
    SELECTS[options] = (options, packet_records(packet, time_us=TIME_US + 5, count=2, **header))


for _address in ("ADDRESS", "IPADDR", "ADDR"):
    selects(f"{_address}(203.0.113.7)", ip4(6, tcp(40000, 40001), src="203.0.113.7"))
selects("IPADDR(203.0.113.0/24)", ip4(6, tcp(40000, 40001), dst="203.0.113.9"))
selects("IPADDR(203.0.113.0/255.255.255.0)", ip4(6, tcp(40000, 40001), dst="203.0.113.9"))
selects("IPADDR(203.0.113.9/0.0.0.255)", ip4(6, tcp(40000, 40001), dst="198.51.100.9"))
selects("IPADDR(203.0.0.9/255.0.0.255)", ip4(6, tcp(40000, 40001), dst="203.0.113.9"))
selects("IPADDR(192.0.2.10-21)", ip4(6, tcp(21, 40001)))
selects("IPADDR(X'CB007107')", ip4(6, tcp(40000, 40001), src="203.0.113.7"))
selects("IPADDR(2001:db8::/32)", ip6(6, tcp(40000, 40001)))
selects("IPADDR(M)", ip4(17, udp(40000, 40001), dst="224.0.0.5"))
selects("BROADCAST", ip4(17, udp(40000, 40001), dst="255.255.255.255"))
selects("CLASSA", ip4(17, udp(40000, 40001), dst="10.0.0.1"))
selects("CLASSB", ip4(17, udp(40000, 40001), dst="172.16.0.1"))
selects("CLASSD", ip4(17, udp(40000, 40001), dst="224.0.0.1"))
selects("CLASSE", ip4(17, udp(40000, 40001), dst="240.0.0.1"))
selects("HOST", ip4(17, udp(40000, 40001), dst="0.0.0.7"))
selects("LINKLOCAL", ip6(58, bytes(8), src="fe80::1"))
selects("SITELOCAL", ip6(58, bytes(8), src="fec0::1"))
selects("LOOPBACK", ip4(6, tcp(40000, 40001), src="127.0.0.1", dst="127.0.0.1"))
selects("LOOPBACK6", ip6(6, tcp(40000, 40001), src="::1", dst="::1"))
selects("MULTICAST", ip6(17, udp(40000, 40001), dst="ff02::1"))
for _name, _keyword in KEYWORDS.items():
    # The ports of an application, each of them on its own, and another one that is coded.
    if _keyword.sets == "application":
        for _port in _keyword.default:
            selects(f"{_name} /* {_port} */".split(" /*")[0] if _port == _keyword.default[0] else f"{_name}({_port})",
                    ip4(17, udp(40000, int(_port))))  # fmt: skip
        selects(f"{_name}(7777)", ip4(6, tcp(7777, 40000)))
selects("PORT(5000)", ip4(6, tcp(5000, 40000)))
selects("PORT(4990:5010)", ip4(6, tcp(40000, 5000)))
for _name, _number in (("ICMP", 1), ("IGMP", 2), ("UDP", 17), ("ESP", 50), ("OSPFI", 89), ("OSPF", 89)):
    selects(_name, ip4(_number, bytes(24)))
selects("AH", ip4(51, b"\x06\x04" + bytes(22) + tcp(1, 2)))
selects("ICMP6", ip6(58, b"\x80\0" + bytes(6)))
selects("ICMPV6", ip6(58, b"\x80\0" + bytes(6)))
selects("PROTOCOL(47)", ip4(47, bytes(24)))
selects("INTERFACE(OSA2)", PLAIN, interface="OSA2")
selects("LINKNAME(OSA*)", PLAIN, interface="OSA2")
selects("IPV6", ip6(6, tcp(40000, 40001)))
selects("DATASIZE(100)", ip4(6, tcp(40000, 40001, data=bytes(100))))
selects("IPID(X'BEEF')", ip4(6, tcp(40000, 40001), ident=0xBEEF))
selects("IPID(beef)", ip4(6, tcp(40000, 40001), ident=0xBEEF))
selects("QOS(6)", ip4(6, tcp(40000, 40001), tos=0xC0))
selects("TRAFFICCLASS(32)", ip6(6, tcp(40000, 40001), tclass=32))
selects("DISCARD(4096:8191)", PLAIN, drop_reason=4102)
SELECTS["DATTRACE"] = ("DATTRACE", data_records(b"data", time_us=TIME_US + 5))
SELECTS["JOBNAME(FTPD*)"] = ("JOBNAME(FTPD*)", data_records(b"data", time_us=TIME_US + 5, jobname="FTPD1"))
SELECTS["CID(58)"] = ("CID(58)", data_records(b"data", time_us=TIME_US + 5, cid=0x58))
SELECTS["RECORDS(2)"] = ("RECORDS(2)", packet_records(PLAIN, time_us=TIME_US + 5))
SELECTS["RECORDS(2:9)"] = ("RECORDS(2:9)", packet_records(PLAIN, time_us=TIME_US + 5))
SELECTS["RECORDS(2-9)"] = ("RECORDS(2-9)", packet_records(PLAIN, time_us=TIME_US + 5))
_ARP = b"\xff" * 6 + bytes(6) + b"\x08\x06" + bytes.fromhex("0001080006040001") + bytes(20)
SELECTS["ARP"] = ("ARP", frame_records(_ARP, time_us=TIME_US + 5))
SELECTS["ETHTYPE(0806)"] = ("ETHTYPE(0806)", frame_records(_ARP, time_us=TIME_US + 5))
_VLAN = b"\xff" * 6 + bytes(6) + b"\x81\x00\x00\x07\x08\x00" + PLAIN
SELECTS["VLANID(7)"] = ("VLANID(7)", frame_records(_VLAN, time_us=TIME_US + 5))
_MACS = bytes.fromhex("02005E0000010200000000FF0800") + PLAIN
for _mac in ("02005E000001", "0200000000FF", "X'0200000000FF'", "020000000000:0200000000FF"):
    SELECTS[f"MACADDR({_mac})"] = ("", frame_records(_MACS, time_us=TIME_US + 5))
selects("QID(3)", PLAIN, qid=3)
selects("QID(2:4)", PLAIN, qid=3)
selects("DEVTYPE(LOOPBACK)", PLAIN, device_type=34)
selects("DEVTYPE(IPAQENET6 34)", PLAIN, device_type=34)
selects("DEVTYPE(34)", PLAIN, device_type=34)

FLAG_PACKETS = {
    "ABBREV": packet_records(PLAIN[:40], time_us=TIME_US + 5, orig_len=41),
    "IN": packet_records(PLAIN, time_us=TIME_US + 5, out=False),
    "IPV6": packet_records(ip6(6, tcp(1, 2)), time_us=TIME_US + 5),
    "FIN": packet_records(ip4(6, tcp(1, 2, 0x11)), time_us=TIME_US + 5),
    "PSH": packet_records(ip4(6, tcp(1, 2, 0x18)), time_us=TIME_US + 5),
    "RST": packet_records(ip4(6, tcp(1, 2, 0x14)), time_us=TIME_US + 5),
    "SYN": packet_records(ip4(6, tcp(1, 2, 0x12)), time_us=TIME_US + 5),
    "URG": packet_records(ip4(6, tcp(1, 2, 0x30)), time_us=TIME_US + 5),
    "DF": packet_records(ip4(6, tcp(1, 2), fragment=0x4000), time_us=TIME_US + 5),
    "FIC": packet_records(ip4(17, udp(1, 2, bytes(8)), fragment=0x2000), time_us=TIME_US + 5),
    "MIC": packet_records(ip4(17, bytes(16), fragment=0x2001), time_us=TIME_US + 5),
    "LIC": packet_records(ip4(17, bytes(16), fragment=0x0002), time_us=TIME_US + 5),
    "IC": packet_records(ip4(17, bytes(16), fragment=0x0002), time_us=TIME_US + 5),
    "HOME": packet_records(ip4(6, tcp(1, 2), src="192.0.2.1", dst="192.0.2.1"), time_us=TIME_US + 5),
    "IPO": packet_records(ip4(6, tcp(1, 2), options=b"\x01\x01\x01\x00"), time_us=TIME_US + 5),
    "IPEXT": packet_records(ip6(0, b"\x3b\x00\x01\x04" + bytes(4)), time_us=TIME_US + 5),
    "TCPO": packet_records(ip4(6, tcp(1, 2, options=b"\x02\x04\x05\xb4")), time_us=TIME_US + 5),
    "PING": packet_records(ip4(1, ECHO), time_us=TIME_US + 5),
    "SEG": packet_records(ip4(6, tcp(1, 2, data=bytes(100))), time_us=TIME_US + 5, max_segment=60),
    "OFFLOAD": packet_records(PLAIN, time_us=TIME_US + 5, off_seg_len=1448),
    "TUNNEL": packet_records(ip4(4, PLAIN), time_us=TIME_US + 5),
    "ZWIN": packet_records(ip4(6, tcp(1, 2, window=0)), time_us=TIME_US + 5),
    "RSM": packet_records(ip4(17, udp(1, 2, bytes(16))[:16], fragment=0x2000, ident=9), time_us=TIME_US + 4)
    + packet_records(ip4(17, bytes(8), fragment=0x0002, ident=9), time_us=TIME_US + 5),
}
#: What the plain packet has too: these select both, and their opposite is proved by another packet.
COMMON_FLAGS = {"FULL", "OUT", "IPV4", "ACK", "OIC"}


def chosen(options: str, *ctes: bytes) -> list[int]:
    """Numbers of the records that pass."""
    trace = trace_of(rdw(single(list(ctes))), selection=parse(options).selection)
    return [int(n) for found in trace.dissections() for n in found.table.number]


def plain(at: int = 0) -> list[bytes]:
    return packet_records(PLAIN, time_us=TIME_US + at, out=True)


@pytest.mark.parametrize("options", SELECTS)
def test_a_keyword_selects_what_it_names_and_nothing_else(options: str) -> None:
    _, entry = SELECTS[options]
    assert chosen(options, *plain(), *entry) == [2]


@pytest.mark.parametrize("options", ["TCP", "PACKETTRACE", "PKTTRACE", "IPV4", "CLASSC"])
def test_keywords_that_select_the_plain_packet(options: str) -> None:
    other = data_records(b"x", time_us=TIME_US + 5, src="2001:db8::1", dst="2001:db8::2", proto=17)
    assert chosen(options, *plain(), *other) == [1]


@pytest.mark.parametrize("name", [n for n in FLAG_NAMES if n in FLAG_PACKETS])
def test_a_flag_selects_what_it_names(name: str) -> None:
    found = chosen(f"FLAGS({name})", *plain(), *FLAG_PACKETS[name])
    assert found and 1 not in found


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("FULL", FLAG_PACKETS["ABBREV"]),
        ("OUT", FLAG_PACKETS["IN"]),
        ("IPV4", FLAG_PACKETS["IPV6"]),
        ("ACK", packet_records(ip4(6, tcp(1, 2, 0x02)), time_us=TIME_US + 5, out=True)),
        ("OIC", FLAG_PACKETS["LIC"]),
    ],
)
def test_flags_that_the_plain_packet_has(name: str, other: list[bytes]) -> None:
    assert chosen(f"FLAGS({name})", *plain(), *other) == [1]


def test_every_flag_has_its_test() -> None:
    assert set(FLAG_NAMES) == set(FLAG_PACKETS) | COMMON_FLAGS


def test_every_keyword_that_selects_has_its_test() -> None:
    tested = {k.split("(")[0] for k in SELECTS} | {"TCP", "PACKETTRACE", "PKTTRACE", "IPV4", "CLASSC"}
    # These have tests of their own below: what they select is no property of one packet.
    tested |= {"FLAGS", "NOT", "LIMIT", "X25", "DEVICEID", "ELEMENT", "USEREXIT"}
    others = {"report", "dump", "style", "translation", "clock", "device", "value", "noted"}
    wanted = {n for n, k in KEYWORDS.items() if k.sets not in others}
    assert wanted == tested & wanted


def test_x25_selects_records_of_entry_id_2() -> None:
    old = [old_record(PLAIN, time_us=TIME_US + 5, fmtid=2), old_record(PLAIN, time_us=TIME_US + 6, fmtid=1)]
    assert chosen("X25", *plain(), *old) == [2]


def with_device_id(tmp_path: Path) -> HeaderLayout:
    """A header layout that names a device id, where the built-in one has the trace count."""
    data = json.loads(pthdr.BUILTIN.read_text(encoding="ascii"))
    data["fields"].append({"name": "deviceid", "off": 68, "fmt": "u32", "label": "Device id"})
    path = tmp_path / "layout.json"
    path.write_text(json.dumps(data), encoding="ascii")
    return pthdr.load(path)


def test_a_device_id_is_selected_where_the_layout_has_one(tmp_path: Path) -> None:
    ctes = [
        *packet_records(PLAIN, time_us=TIME_US, count=0x00010203),
        *packet_records(PLAIN, time_us=TIME_US + 5, count=9),
    ]
    origin = ByteOrigin("trace", lambda: io.BytesIO(rdw(single(ctes))))
    for text in ("DEVICEID(00010203)", "DEVICEID(X'00010203')", "DEVICEID(00010200:000102FF)"):
        trace = join([origin], Context(with_device_id(tmp_path)), parse(text).selection)
        assert [int(n) for found in trace.dissections() for n in found.table.number] == [1]


@pytest.mark.parametrize(
    ("options", "id", "word"),
    [("DEVICEID(00010203)", "ZJB0210E", "deviceid"), ("DEVTYPE(CTC)", "ZJB0211E", "IPAQENET")],
)
def test_what_the_layout_does_not_tell_is_refused_and_not_ignored(options: str, id: str, word: str) -> None:
    with pytest.raises(RequestError, match=word) as refused:
        chosen(options, *plain())
    assert refused.value.id == id


def test_an_element_address_is_looked_for_in_sna_headers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A transmission header is any layer with the columns oef and def: destination first, in four bytes each."""
    header = ModuleType("transmission")
    fields = (Field("def", "u32", 0), Field("oef", "u32", 4))
    header.__dict__.update(
        NAME="fid", TITLE="TH", FOUND={}, LAYOUT=Layout("TH", fields, 8), reach=lambda walk, layer: None
    )
    known = {**walk.protocols(), "fid": header}
    numbers = {**walk.selectors(), "ethertype": {**walk.selectors()["ethertype"], 0x80D5: "fid"}}
    monkeypatch.setattr(walk, "protocols", lambda: known)
    monkeypatch.setattr(walk, "selectors", lambda: numbers)
    frames = [
        bytes(12) + b"\x80\xd5" + (k).to_bytes(4, "big") + (0xA0 + k).to_bytes(4, "big") + bytes(20) for k in range(4)
    ]
    ctes = [c for k, frame in enumerate(frames) for c in frame_records(frame, time_us=TIME_US + k)]
    assert chosen("ELEMENT(2)", *ctes) == [3]
    assert chosen("ELEMENT(X'A1')", *ctes) == [2]
    assert chosen("ELEMENT(A0:A1 3)", *ctes) == [1, 2, 4]
    assert chosen("ELEMENT(7)", *ctes) == []
    assert chosen("ELEMENT(2)", *plain()) == []


EXIT = """
def select(table):
    return table.number % 2 == 0
"""


def test_a_user_exit_is_called_behind_the_filters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "trace_exits.py"
    path.write_text(EXIT, encoding="ascii")
    monkeypatch.syspath_prepend(str(tmp_path))
    ctes = [c for k in range(6) for c in plain(k)]
    for name in (str(path), "trace_exits:select"):
        select = replace(parse(f"USEREXIT({name}) RECORDS(2:5)").selection, allow_exit=True)
        trace = trace_of(rdw(single(ctes)), selection=select)
        assert [int(n) for found in trace.dissections() for n in found.table.number] == [2, 4]
    with pytest.raises(RequestError, match="ZJB0213E"):
        chosen(f"USEREXIT({path})", *ctes)


def test_the_exit_of_ctrace_is_called_in_front_of_the_filters(tmp_path: Path) -> None:
    path = tmp_path / "seen.py"
    path.write_text("SEEN = []\n\n\ndef select(table):\n    SEEN.extend(table.number)\n    return table.number > 2\n")
    select = replace(parse("RECORDS(1:3)").selection, allow_exit=True, exit_before=str(path))
    trace = trace_of(rdw(single([c for k in range(5) for c in plain(k)])), selection=select)
    assert [int(n) for found in trace.dissections() for n in found.table.number] == [3]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("def other(table):\n    return table.number > 0\n", "no function select"),
        ("import nowhere_at_all\n", "ModuleNotFoundError"),
        ("def select(table):\n    raise KeyError(table)\n", "KeyError"),
        ("def select(table):\n    return True\n", "one truth value"),
        ("def select(table):\n    return table.number\n", "one truth value"),
        ("def select(\n", "SyntaxError"),
    ],
)
def test_an_exit_that_fails_is_one_message(tmp_path: Path, text: str, word: str) -> None:
    path = tmp_path / "exit.py"
    path.write_text(text, encoding="ascii")
    select = replace(parse(f"USEREXIT({path})").selection, allow_exit=True)
    with pytest.raises(RequestError, match=word) as refused:
        list(trace_of(rdw(single(plain())), selection=select).dissections())
    assert refused.value.id == "ZJB0214E"


def test_nosegment_shows_the_first_segment_and_no_other() -> None:
    large = packet_records(ip4(6, tcp(1, 2, data=bytes(1000))), time_us=TIME_US + 5, max_segment=400)
    assert len(large) == 3
    trace = trace_of(rdw(single([*plain(), *large, *plain(9)])), selection=parse("NOSEGMENT").selection)
    rows = [(int(n), int(e - s)) for t in trace.tables() for n, s, e in zip(t.number, t.data_start, t.data_end)]
    assert rows == [(1, len(PLAIN)), (2, 400), (3, len(PLAIN))]
    assert (trace.counts.segmented, trace.counts.incomplete) == (3, 0)
    assert chosen("NOSEGMENT FLAGS(SEG)", *plain(), *large) == [2]
    assert chosen("SEGMENT FLAGS(SEG)", *plain(), *large) == [2]
    assert chosen("NOSEGMENT SEGMENT", *large) == [1]


def test_reassembly_takes_the_longest_datagram_to_join() -> None:
    whole = ip4(17, udp(1, 2, bytes(1600)))[20:]
    pieces = [ip4(17, whole[:800], fragment=0x2000, ident=9), ip4(17, whole[800:], fragment=100, ident=9)]
    ctes = [c for k, p in enumerate(pieces) for c in packet_records(p, time_us=TIME_US + k)]
    assert chosen("FLAGS(RSM)", *ctes) == [2]
    assert chosen("FLAGS(RSM) REASSEMBLY(1608)", *ctes) == [2]
    assert chosen("FLAGS(RSM) REASSEMBLY(1607)", *ctes) == []


def test_lists_are_ored_and_kinds_are_anded() -> None:
    ctes = [*plain(), *packet_records(ip4(17, udp(53, 9)), time_us=TIME_US + 1),
            *packet_records(ip4(6, tcp(53, 9)), time_us=TIME_US + 2)]  # fmt: skip
    assert chosen("PORT(53 40000)", *ctes) == [1, 2, 3]
    assert chosen("PORT(53) TCP", *ctes) == [3]
    assert chosen("TCP UDP", *ctes) == [1, 2, 3]
    assert chosen("PORT(53) PORT(40000)", *ctes) == [1, 2, 3]
    assert chosen("DNS UDP", *ctes) == [2]


def test_not_turns_the_whole_combination_round() -> None:
    ctes = [*plain(), *packet_records(ip4(17, udp(53, 9)), time_us=TIME_US + 1)]
    assert chosen("NOT UDP PORT(53)", *ctes) == [1]
    assert chosen("NOT", *ctes) == [1, 2]


def test_flags_all_and_any() -> None:
    syn_ack = packet_records(ip4(6, tcp(1, 2, 0x12)), time_us=TIME_US + 5)
    syn = packet_records(ip4(6, tcp(1, 2, 0x02)), time_us=TIME_US + 6)
    assert chosen("FLAGS(SYN ACK)", *plain(), *syn_ack, *syn) == [2]
    assert chosen("FLAGS(ALL SYN ACK)", *plain(), *syn_ack, *syn) == [2]
    assert chosen("FLAGS(ANY SYN ACK)", *plain(), *syn_ack, *syn) == [1, 2, 3]


def test_without_reassembly_nothing_is_reassembled() -> None:
    assert chosen("FLAGS(RSM)", *FLAG_PACKETS["RSM"]) == [2]
    assert chosen("FLAGS(RSM) NOREASSEMBLY", *FLAG_PACKETS["RSM"]) == []


def test_limit_start_stop_and_entry_ids() -> None:
    ctes = [c for n in range(9) for c in plain(n * 1_000_000)]
    assert chosen("LIMIT(4)", *ctes) == [1, 2, 3, 4]
    select = parse("").selection
    second = 1_000_000_000
    bounded = replace(select, start_ns=TIME_US * 1000 + 2 * second, stop_ns=TIME_US * 1000 + 6 * second)
    trace = trace_of(b"".join(ctes), selection=bounded)
    numbers = [int(n) for t in trace.tables() for n in t.number]
    # Records are put in the buffer 3 us after capture; numbers start behind START.
    assert numbers == [1, 2, 3, 4]
    only = replace(select, entry_ids=(5,))
    mixed = [*plain(), *data_records(b"x", time_us=TIME_US + 9)]
    assert [int(f) for t in trace_of(b"".join(mixed), selection=only).tables() for f in t.fmtid] == [5]


#: Keywords of the published formatter, so that none is merely unknown.
_PUBLISHED = (
    "ADDR AH ARP BOOTP BROADCAST CID CLASSA CLASSB CLASSC CLASSD CLASSE DATASIZE DATTRACE DEVICEID DEVTYPE DISCARD "
    "DNS DOMAIN EE ELEMENT ESP ETHTYPE FINGER FIRST FLAGS FTP GOPHER HOST HTTP WWW ICMP ICMP6 ICMPV6 IGMP OSPF "
    "OSPFI TCP UDP IKE INTERFACE LINKNAME IPADDR IPID IPV4 IPV6 JOBNAME LIMIT LINKLOCAL SITELOCAL LOOPBACK "
    "LOOPBACK6 MACADDR MULTICAST NAT NOT NTP PACKETTRACE PKTTRACE PORT PROTOCOL QID QOS RECORDS RIP ROUTER RPC SASP "
    "SMTP SNMP TELNET TFTP TIME TRAFFICCLASS USEREXIT VLANID X25 ASCII EBCDIC BOTH HEX BASIC CHECKSUM NOCHECKSUM "
    "CLEANUP DELAYACK DUMP EXPORT FORMAT FULL GAIN GMT LOCAL HPRDIAG OPTION REASSEMBLY NOREASSEMBLY SEGMENT "
    "NOSEGMENT SESSION SNIFFER SPEED STATISTICS STREAM SUMMARY TALLY TOD"
)


@pytest.mark.parametrize("name", _PUBLISHED.split())
def test_every_published_keyword_is_known(name: str) -> None:
    assert name in KEYWORDS or name in SYNONYMS


@pytest.mark.parametrize(
    ("short", "name"),
    [
        ("DISCAR(1)", "DISCARD"),
        ("DI(1)", "DISCARD"),
        ("IPA(1.2.3.4)", "IPADDR"),
        ("PROT(6)", "PROTOCOL"),
        ("RECORD(1)", "RECORDS"),
    ],
)
def test_keywords_may_be_cut(short: str, name: str) -> None:
    operand = short[short.index("(") :]
    assert parse(short).selection == parse(name + operand).selection


def test_separators_case_and_the_wrapping_are_free() -> None:
    wanted = parse("FTP(20,21) PORT(67 68)").selection
    for text in ("ftp(20 21),port(67,68)", "OPTIONS((FTP(20,21) PORT(67 68)))", " FTP ( 20 , 21 )\n PORT(67 68) "):
        assert parse(text).selection == wanted
    assert wanted.ports == (Range(20, 20), Range(21, 21), Range(67, 67), Range(68, 68))


def test_sixteen_values_are_the_most() -> None:
    numbers = " ".join(str(n) for n in range(1, 17))
    assert len(parse(f"PORT({numbers})").selection.ports) == 16
    with pytest.raises(RequestError, match="17 values"):
        parse(f"PORT({numbers} 17)")
