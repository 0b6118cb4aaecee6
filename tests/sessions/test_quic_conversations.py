"""QUIC in a trace: conversations over batches, conditions over its fields, packets that were abbreviated."""

from __future__ import annotations

import io
import json
import struct
from pathlib import Path
from typing import Any

import pytest
from initials import SERVER, crypto, initial

from zjobs.exports import jsonl
from zjobs.jobs.reading import open_trace
from zjobs.options import Global
from zjobs.sessions.applications import Applications
from zjobs.sessions.where import parse

HELLO = b"\1\0\0\x29\3\3" + bytes(32) + b"\0\0\2\x13\1\1\0"


def datagram(client: bool, payload: bytes, port: int = 40000) -> bytes:
    ends = (bytes((192, 0, 2, 1)), bytes((198, 51, 100, 1)))
    ports = (port, 443)
    if not client:
        ends, ports = ends[::-1], ports[::-1]
    body = struct.pack(">HHHH", *ports, 8 + len(payload), 0) + payload
    return struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), 1, 0, 64, 17, 0) + b"".join(ends) + body


def capture(path: Path, packets: list[bytes], most: int = 65535) -> Path:
    data = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)
    for k, packet in enumerate(packets):
        kept = packet[:most]
        data += struct.pack("<IIII", 1_700_000_000 + k, 0, len(kept), len(packet)) + kept
    path.write_bytes(data)
    return path


def read(path: Path, buffer: int = 0) -> list[dict[str, Any]]:
    """The fields of every packet, read ``buffer`` bytes at a time."""
    trace = open_trace([str(path)], Global(host="files"))
    trace.context.buffer = buffer or trace.context.buffer
    sink = io.BytesIO()
    jsonl.write(trace, sink)
    return [json.loads(line) for line in sink.getvalue().splitlines()]


PACKETS = [
    datagram(True, b"\x41" + SERVER + bytes(30)),
    datagram(True, initial(crypto(0, HELLO[:30]), source=b"client")),
    datagram(True, initial(crypto(30, HELLO[30:]), 1, source=b"client")),
    datagram(False, initial(b"\2\1\0\0\0", target=b"client", source=SERVER, server=True)),
    datagram(True, b"\x61" + SERVER + bytes(30)),
    datagram(False, b"\x41client" + bytes(30)),
    datagram(False, b"\x41client" + bytes(30), 40001),
    datagram(False, b"\x80\x60" + bytes(30)),
]


def test_a_conversation_is_followed_over_batches(tmp_path: Path) -> None:
    path = capture(tmp_path / "a", PACKETS)
    whole = read(path)
    assert read(path, 256) == whole
    numbers = [packet.get("quic.connection.number") for packet in whole]
    assert numbers == [None, 0, 0, 0, 0, 0, None, None]
    assert [packet.get("quic.dcid") for packet in whole][4:6] == [[SERVER.hex()], [b"client".hex()]]
    assert [packet.get("tls.handshake.type") for packet in whole][1:3] == [None, [1]]
    assert whole[4]["quic.spin_bit"] and whole[4]["quic.short"]


@pytest.mark.parametrize(
    ("condition", "packets"),
    [
        ("quic", [1, 2, 3, 4, 5]),
        ("quic.short", [4, 5]),
        ("quic.packet_number == 1", [2]),
        ("tls.handshake.type == 1", [2]),
        ("quic.header_form == 0", [4, 5]),
    ],
)
def test_conditions_over_fields(tmp_path: Path, condition: str, packets: list[int]) -> None:
    trace = open_trace([str(capture(tmp_path / "a", PACKETS))], Global(host="files"))
    trace.applications = Applications
    trace.filters.append(lambda: parse(condition))
    found = [int(n) for batch in trace.dissections() for n in batch.table.number.tolist()]
    assert [n - 1 for n in found] == packets


def test_what_was_left_out_of_a_hello_does_not_hide_its_beginning(tmp_path: Path) -> None:
    payload = initial(crypto(0, HELLO) + bytes(900))
    (found,) = read(capture(tmp_path / "a", [datagram(True, payload)], 28 + 80))
    assert found["tls.handshake.type"] == [1] and found["quic.packet_length"] == [len(payload)]


def test_frames_with_and_without_a_tag_are_one_conversation(tmp_path: Path) -> None:
    mac, tag = bytes(12), b"\x81\0\0\7"
    frames = [mac + b"\x08\0" + PACKETS[2], mac + tag + b"\x08\0" + PACKETS[1], mac + b"\x08\0" + PACKETS[3]]
    data = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    other = datagram(True, initial(crypto(0, HELLO[:30]), target=b"another!"), 50000)
    for k, frame in enumerate([mac + tag + b"\x08\0" + other, *frames]):
        data += struct.pack("<IIII", 1_700_000_000 + k, 0, len(frame), len(frame)) + frame
    (tmp_path / "a").write_bytes(data)
    found = read(tmp_path / "a")
    assert [packet["quic.connection.number"] for packet in found] == [0, 1, 1, 1]
    assert [packet.get("tls.handshake.type") for packet in found[1:]] == [None, [1], None]
