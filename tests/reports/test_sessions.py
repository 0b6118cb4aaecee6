"""SESSION and STREAM: sessions are printed together, and look as if each had been printed alone."""

from __future__ import annotations

import io
import random
import struct

import pytest
from encoder import data_records, packet_records
from encoder.containers import rdw, single
from packets import ip4, ip6, tcp, udp
from readings import trace_of

from zjobs.jobs.format import Request, write
from zjobs.reports import frame, session, stream
from zjobs.sessions import analysis
from zjobs.trace.grammar import parse

FORMS = ("SESSION", "SESSION(SUMMARY)", "SESSION(STATE)", "SESSION(PIPE)", "STREAM(16,DETAIL)", "STREAM FORMAT")
FIN, SYN, RST, PUSH, ACK = 1, 2, 4, 8, 16
START = 1_700_000_000_000_000
PORTS = range(40000, 40016)


def segment(out: bool, port: int, seq: int, ack: int, flags: int, data: bytes = b"", scale: int = 0) -> bytes:
    """TCP (RFC 9293), with a window scale option (RFC 7323) where there is a scale."""
    options = bytes([1, 3, 3, scale]) if scale else b""
    ports = (port, 80) if out else (80, port)
    size = (5 + len(options) // 4) << 12 | flags
    return struct.pack(">HHIIHHHH", *ports, seq, ack, size, 65535, 0, 0) + options + data


def conversation(dice: random.Random, port: int, wide: bool) -> list[tuple[bool, bytes]]:
    """A few packets between two ends, and who sent each."""
    build, hosts = dice.choice([(ip4, ("192.0.2.10", "198.51.100.20")), (ip6, ("2001:db8::1", "2001:db8::2"))])
    proto = dice.choice((6, 6, 17))
    scale = 14 if wide and port % 2 else 0
    said: list[tuple[bool, bytes]] = []
    if proto == 6 and dice.random() < 0.7:
        said += [(True, segment(True, port, 99, 0, SYN, scale=scale))]
        said += [(False, segment(False, port, 499, 100, SYN | ACK, scale=scale))]
    reached = {True: 100, False: 500}
    for _ in range(dice.randint(1, 12)):
        out = dice.random() < 0.5
        data = bytes(dice.choices(range(32, 127), k=dice.choice((0, 1, 30, 200))))
        if proto == 17:
            said.append((out, udp(*((port, 53) if out else (53, port)), data)))
            continue
        at = reached[out] + dice.choice((0, 0, 0, 0, 50, -30, -1))
        flags = ACK | dice.choice((0, PUSH, PUSH, FIN, RST) if dice.random() < 0.3 else (0, PUSH))
        said.append((out, segment(out, port, at, reached[not out], flags, data)))
        reached[out] = max(reached[out], at + len(data))
    return [(out, build(proto, payload, *(hosts if out else hosts[::-1]))) for out, payload in said]


def trace(seed: int, wide: bool = True) -> tuple[bytes, list[int]]:
    """Conversations that speak by turns, one for each port; and the ports in the order in which they began."""
    dice = random.Random(seed)
    said = {port: conversation(dice, port, wide) for port in PORTS}
    turns = [port for port, packets in said.items() for _ in packets]
    dice.shuffle(turns)
    ctes: list[bytes] = []
    for number, port in enumerate(turns):
        out, packet = said[port].pop(0)
        # The clock of the capture goes back now and then; records stay in the order of the trace buffer.
        time = START + number * 70_000 - dice.choice((0, 0, 0, 90_000))
        ctes += packet_records(packet, time_us=time, put_us=START + number * 70_000, out=out)
    return rdw(single(ctes)), list(dict.fromkeys(turns))


def sessions(data: bytes, options: str) -> str:
    """What a listing says of sessions, from the first one on."""
    sink, request = io.BytesIO(), Request(("x",), options=parse(options))
    write(trace_of(data, selection=request.options.selection), request, sink)
    _, _, text = sink.getvalue().decode("ascii").partition("=" * 79)
    head, rule, body = text.partition("-" * 79)
    assert rule, head
    return body.partition("Session\n")[2] if "STATE" in options else rule + body


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("seed", range(3))
def test_sessions_together_are_the_sessions_alone(form: str, seed: int) -> None:
    data, ports = trace(seed)
    alone = [sessions(data, f"{form} PORT({port})") for port in ports]
    assert sessions(data, form) == "".join(alone)
    assert len(set(alone)) == len(PORTS)


@pytest.mark.parametrize("form", FORMS)
def test_groups_make_no_difference(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data, _ = trace(7, wide=False)
    whole = sessions(data, form)
    monkeypatch.setattr(analysis, "TOGETHER", 5)
    monkeypatch.setattr(session, "_PACKETS", 4)
    monkeypatch.setattr(session, "_SESSIONS", 3)
    monkeypatch.setattr(stream, "_SESSIONS", 3)
    monkeypatch.setattr(stream, "_TOGETHER", 100)
    monkeypatch.setattr(frame, "_TOGETHER", 200)
    assert sessions(data, form) == whole


def test_a_port_used_again_is_a_session_in_its_own_place() -> None:
    def one(port: int, seq: int, flags: int) -> bytes:
        return ip4(6, segment(True, port, seq, 0, flags))

    packets = [one(1111, 1, SYN), one(1111, 2, RST), one(2222, 1, SYN), one(1111, 900, SYN), one(2222, 2, ACK)]
    ctes = [c for k, packet in enumerate(packets) for c in packet_records(packet, time_us=START + k)]
    lines = sessions(rdw(single(ctes)), "SESSION(STATE)").splitlines()
    # Packets, the number of the first one, the port that began.
    found = [(*map(int, line.split()[:2]), int(line.split("-")[-1].split()[0])) for line in lines]
    assert found == [(2, 1, 1111), (2, 3, 2222), (1, 4, 1111)]


def whole(data: bytes, options: str) -> list[str]:
    sink = io.BytesIO()
    write(trace_of(data), Request(("x",), options=parse(options)), sink)
    return sink.getvalue().decode("ascii").splitlines()


def test_socket_data_is_a_session_in_the_order_of_the_trace() -> None:
    """Data-trace records have no headers: nothing is sent twice, and no window is zero."""
    ends = (("192.0.2.10", 1025), ("198.51.100.20", 21))
    said = [(b"USER demo\r\n", False), (b"331 Password?\r\n", True), (b"PASS x\r\n", False)]
    ctes = [
        c
        for k, (text, out) in enumerate(said)
        for c in data_records(
            text, time_us=START + k, out=out,
            src=ends[out][0], dst=ends[not out][0], sport=ends[out][1], dport=ends[not out][1],
        )
    ]  # fmt: skip
    packet = packet_records(ip4(6, tcp(1025, 21, data=b"USER demo\r\n")), time_us=START + 9)
    lines = whole(rdw(single([*ctes, *packet])), "STREAM(128,DETAIL) ASCII")
    assert [line for line in lines if line.startswith("Session:")] == [
        "Session: 198.51.100.20-21 192.0.2.10-1025 TCP Data Trace",
        "Session: 198.51.100.20-21 192.0.2.10-1025 TCP",
    ]
    assert [line for line in lines if line.startswith("Stream buffer: ")] == [
        "Stream buffer: inbound 19 bytes", "Stream buffer: outbound 15 bytes",
        "Stream buffer: inbound 11 bytes", "Stream buffer: outbound 0 bytes",
    ]  # fmt: skip
    assert "000000 55534552 2064656D 6F0D0A50 41535320 |USER demo..PASS |" in lines
    assert [line.split()[2:] for line in lines if line[24:27] in (" I ", " O ")][:3] == [
        ["I", "00000000", "11"], ["O", "00000000", "15"], ["I", "0000000B", "8"],
    ]  # fmt: skip
    (first, *_) = (line for line in whole(rdw(single(ctes)), "SESSION") if " O " in line)
    assert first.split()[:2] == ["O", "15"]
    state = whole(rdw(single(ctes)), "SESSION(STATE)")[-1]
    assert "TCP Data Trace" in state and "ESTABLISHED" not in state
