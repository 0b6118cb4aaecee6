"""--where and --find: what they select, and what they say of what they cannot read."""

from __future__ import annotations

import io
import json
import struct
from pathlib import Path

import pytest
from readings import TESTS

from zjobs.errors import RequestError
from zjobs.exports import jsonl
from zjobs.jobs.filters import Filters, apply
from zjobs.jobs.reading import open_trace
from zjobs.options import Global
from zjobs.sessions import where

FTP = TESTS / "captures" / "ftp-passive.pcap"
DNS = TESTS / "captures" / "dns.pcap"
TELNET = TESTS / "captures" / "telnet.pcap"


def objects(source: Path, filters: Filters | None = None, buffer: int = 0) -> list[dict[str, object]]:
    trace = open_trace([str(source)], Global(host="files"))
    trace.context.buffer = buffer or trace.context.buffer
    if filters:
        apply(trace, filters)
    sink = io.BytesIO()
    jsonl.write(trace, sink)
    return [json.loads(line) for line in sink.getvalue().splitlines()]


def has(packet: dict[str, object], name: str, value: object) -> bool:
    found = packet.get(name)
    return value in found if isinstance(found, list) else found == value


@pytest.mark.parametrize(
    ("condition", "source", "expected"),
    [
        ("tcp.port == 21", FTP, lambda p: 21 in (p.get("tcp.srcport"), p.get("tcp.dstport"))),
        ("tcp.flags.syn", FTP, lambda p: p.get("tcp.flags.syn") is True),
        ("not tcp.flags.syn", FTP, lambda p: p.get("tcp.flags.syn") is not True),
        ("ip.src in 192.0.2.0/24", FTP, lambda p: str(p.get("ip.src", "")).startswith("192.0.2.")),
        ("ip.addr == 198.51.100.20 && tcp.len > 0", FTP,
         lambda p: "198.51.100.20" in (p.get("ip.src"), p.get("ip.dst")) and int(str(p.get("tcp.len") or 0)) > 0),
        ("ftp.response.code in {220, 330..331}", FTP, lambda p: p.get("ftp.response.code") in (220, 330, 331)),
        ('ftp.request.command == "pasv" or ftp.response.code == 227', FTP,
         lambda p: p.get("ftp.request.command") == "PASV" or p.get("ftp.response.code") == 227),
        ("tcp.seq == 1 and (tcp.stream != 0)", FTP, lambda p: p.get("tcp.seq") == 1 and p.get("tcp.stream") != 0),
        ("dns.qry.name contains example", DNS, lambda p: "example" in str(p.get("dns.qry.name", ""))),
        ("dns.qry.name matches '^ftp[.]'", DNS, lambda p: str(p.get("dns.qry.name", "")).startswith("ftp.")),
        ("dns.a == 198.51.100.20", DNS, lambda p: has(p, "dns.a", "198.51.100.20")),
        ("dns and udp.srcport == 53", DNS, lambda p: "dns.id" in p and p.get("udp.srcport") == 53),
        ("not ftp", FTP, lambda p: not any(name.startswith("ftp.") for name in p)),
        ("frame.number <= 3", DNS, lambda p: int(str(p["frame.number"])) <= 3),
        ("eth.addr == FF:FF:FF:FF:FF:FF", DNS,
         lambda p: "ff:ff:ff:ff:ff:ff" in (p.get("eth.src"), p.get("eth.dst"))),
    ],
)  # fmt: skip
def test_a_condition_gives_what_the_fields_say(condition: str, source: Path, expected: object) -> None:
    everything = objects(source)
    wanted = [p["frame.number"] for p in everything if expected(p)]  # type: ignore[operator]
    found = [p["frame.number"] for p in objects(source, Filters(condition))]
    assert found == wanted
    assert 0 < len(wanted) < len(everything)


@pytest.mark.parametrize(
    ("condition", "position", "word"),
    [
        ("tcp.port ==", 12, "value"),
        ("tcq.port == 1", 1, "tcp"),
        ("tcp.port == 21 and", 19, "field"),
        ("(tcp.port == 21", 16, "parenthesis"),
        ("tcp.port == 21 udp.port", 16, "and"),
        ("ip.ttl in {1, 2", 16, "list"),
        ("ip.ttl in 9..3", 11, "range"),
        ("ip.ttl > much", 10, "number"),
        ("tcp.port == ftp", 13, "number"),
        ("tcp.dstport in {21, ftp}", 21, "number"),
        ("ip.src == 192.0.2", 11, "no address"),
        ("ip.addr in {192.0.2.1, 192.0.2.300}", 24, "no address"),
        ("ipv6.dst in 2001:db8::/129", 13, "no address"),
        ("ip.dst != nowhere.example", 11, "no address"),
        ("ip.src ~ 3", 8, "~"),
        ("dns.qry.name matches '('", 14, "expression"),
        ("(" * 60 + "ip.ttl" + ")" * 60, 51, "nested"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_position(condition: str, position: int, word: str) -> None:
    with pytest.raises(RequestError) as caught:
        where.parse(condition)
    assert caught.value.id == "ZJB0240E"
    assert caught.value.values["position"] == position
    assert word in str(caught.value.values["detail"])


def test_a_name_that_occurs_nowhere_is_told() -> None:
    trace = open_trace([str(DNS)], Global(host="files"))
    apply(trace, Filters("dns.flags.rcod == 3 or ip.ttl == 64"))
    assert sum(len(found.table) for found in trace.dissections())
    (line,) = [line for remark in trace.remarks for line in remark()]
    assert line.startswith("ZJB0242I") and "dns.flags.rcod" in line


@pytest.mark.parametrize(
    ("name", "hint"),
    [("udp.prot", "near: udp.port"), ("udp.lenght", "near: udp.length"), ("ip.adr", "ip.addr"),
     ("tcp.analysis.retransmision", "retransmission"), ("tcp.srcport", ""), ("sctp", "")],
)  # fmt: skip
def test_a_name_that_is_misspelt_is_told_with_its_near_misses(name: str, hint: str) -> None:
    assert where.parse(name).missing[0].startswith(f"{name}; near: " if hint else name)
    assert hint in where.parse(name).missing[0]


def test_numbers_are_written_in_hex_as_c_and_as_ibm_do() -> None:
    for condition in ("tcp.flags == X'12'", "tcp.flags == 0x12", "tcp.flags in {x'12', 255}", "tcp.flags == 18"):
        found = objects(FTP, Filters(condition))
        assert found and {p["tcp.flags"] for p in found} == {18}
    with pytest.raises(RequestError):
        where.parse("tcp.flags == X'1G'")


def test_unequal_means_no_occurrence_is_equal() -> None:
    everything = objects(DNS)
    for condition, keys, value in (
        ("ip.src != 192.0.2.0/24", ("ip.src",), "192.0.2.10"),
        ("udp.port != 37343", ("udp.srcport", "udp.dstport"), 37343),
    ):
        wanted = [p["frame.number"] for p in everything if keys[0] in p and all(p.get(k) != value for k in keys)]
        assert [p["frame.number"] for p in objects(DNS, Filters(condition))] == wanted != []


def carried(packet: dict[str, object], source: Path) -> bytes:
    """The bytes of a packet, by its number, from the file itself."""
    from encoder import read_capture

    number = int(str(packet["frame.number"]))
    return next(f.data for k, f in enumerate(read_capture(source), 1) if k == number)


def test_text_is_found_where_it_is_carried() -> None:
    found = objects(FTP, Filters(find=("PASV",)))
    assert found and all(b"PASV" in carried(p, FTP) for p in found)
    assert {p["frame.number"] for p in found} == {
        p["frame.number"] for p in objects(FTP) if p.get("ftp.request.command") == "PASV"
    }


def segments(path: Path, parts: list[bytes]) -> Path:
    """A stream of TCP in which the parts follow each other (RFC 791, RFC 9293)."""
    import struct

    data = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)
    seq = 1000
    for k, part in enumerate(parts):
        body = struct.pack(">HHIIHHHH", 1025, 9999, seq, 0, 0x5010, 8192, 0, 0) + part
        head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), k, 0, 64, 6, 0) + b"\xc0\0\2\1\xc6\x33\x64\1"
        data += struct.pack("<IIII", 1_700_000_000 + k, 0, 20 + len(body), 20 + len(body)) + head + body
        seq += len(part)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("page", ["ascii", "cp037", "cp500", "cp1140", "utf-16-be"])
@pytest.mark.parametrize("cut", [1, 3, 5])
def test_text_is_found_in_every_code_page_and_across_segments(tmp_path: Path, page: str, cut: int) -> None:
    raw = "NEEDLE".encode(page)
    source = segments(tmp_path / "a", [b"\x01" * 9 + raw[:cut], raw[cut:] + b"\x02" * 9, b"nothing"])
    for buffer in (0, 64):
        found = objects(source, Filters(find=("NEEDLE",)), buffer)
        assert [p["frame.number"] for p in found] == [2]


def test_a_gap_between_segments_joins_nothing(tmp_path: Path) -> None:
    source = segments(tmp_path / "a", [b"....NEE", b"DLE...."])
    raw = bytearray(source.read_bytes())
    # The second packet's sequence number, 100 further on.
    at = raw.rindex((1007).to_bytes(4, "big"))
    raw[at : at + 4] = (1107).to_bytes(4, "big")
    source.write_bytes(raw)
    assert objects(source, Filters(find=("NEEDLE",))) == []


def test_hex_is_found_as_it_is(tmp_path: Path) -> None:
    source = segments(tmp_path / "a", [b"\x00\xca\xfe\x00", b"\xca", b"\xfe"])
    assert [p["frame.number"] for p in objects(source, Filters(find=("X'CAFE'",)))] == [1, 3]


@pytest.mark.parametrize("text", ["X'CAF'", "X''", "", "X'zz'"])
def test_what_cannot_be_searched_for_is_refused(text: str) -> None:
    with pytest.raises(RequestError) as caught:
        apply(open_trace([str(DNS)], Global(host="files")), Filters(find=(text,)))
    assert caught.value.id == "ZJB0241E"


@pytest.mark.parametrize(
    "condition", ["tls.handshake.type == 1", 'tls.handshake.extensions_server_name == "www.example.com"']
)
def test_a_condition_sees_what_is_there_of_a_message_that_was_cut(condition: str, tmp_path: Path) -> None:
    """JSON tells nothing of it, as Wireshark; a trace that was abbreviated is asked all the same."""
    whole = (TESTS / "captures" / "tls12.pcap").read_bytes()
    expected = [p["frame.number"] for p in objects(TESTS / "captures" / "tls12.pcap", Filters(condition))]
    out, at = whole[:24], 24
    while at < len(whole):
        time, size, original = whole[at : at + 8], *struct.unpack_from("<II", whole, at + 8)
        kept = whole[at + 16 : at + 16 + min(size, 200)]
        out += time + struct.pack("<II", len(kept), original) + kept
        at += 16 + size
    cut = tmp_path / "cut.pcap"
    cut.write_bytes(out)
    found = objects(cut, Filters(condition))
    assert [p["frame.number"] for p in found] == expected != []
    assert not any(name.startswith("tls.handshake") for p in found for name in p)
