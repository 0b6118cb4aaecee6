"""What TCP does when packets are lost, late, unwelcome or unanswered."""

from __future__ import annotations

import contextlib
import socket
import struct
import time
from collections.abc import Sequence
from pathlib import Path

from .lab import CLIENT, CLIENT_IP, ROUTER, SERVER, SERVER_IP, Lab, client, connect, inside, run
from .registry import blob, scenario
from .services import http_server

LINGER_NONE = struct.pack("ii", 1, 0)


@scenario(
    "tcp-loss-server.pcap",
    "tcp-loss-client.pcap",
    home=SERVER_IP,
    other_home=CLIENT_IP,
    shows="An HTTP download of 60 KB over a 40 ms path that loses about one packet in fifteen each way, at both ends",
    finding="retransmissions and duplicate acknowledgements at the sender, gaps at the receiver; loss between them",
    expect={
        "tcp.srcport == 80 && (tcp.analysis.retransmission || tcp.analysis.out_of_order)": 3,
        "tcp.analysis.duplicate_ack": 3,
        "tcp.options.sack_le": 2,
    },
    lab={"delay_ms": 20},
)
def tcp_loss(lab: Lab, work: Path, out: Sequence[Path]) -> None:
    http_server(lab, work, 60000)
    lab.firewall("ip protocol tcp numgen inc mod 15 9 drop")
    lab.capture(out[0], SERVER)
    lab.capture(out[1], CLIENT)
    client("curl", "-s", "-m", "60", f"http://{SERVER_IP}/data.txt")


@scenario(
    "tcp-delay.pcap",
    home=CLIENT_IP,
    shows="HTTP over a 120 ms path on which every ninth packet overtakes others",
    finding="round trip of about 240 ms; segments out of order, none lost; repetitions were needless",
    expect={
        "tcp.analysis.out_of_order": 5,
        "tcp.analysis.initial_rtt > 0.2": 1,
    },
    lab={"delay_ms": 120, "reorder": 9},
)
def tcp_delay(lab: Lab, work: Path, out: Sequence[Path]) -> None:
    http_server(lab, work, 48000)
    with inside(ROUTER):
        # Address resolution would count as part of the first round trip.
        run("ping", "-c", "1", SERVER_IP)
    lab.capture(out[0], CLIENT)
    client("curl", "-s", "-m", "60", f"http://{SERVER_IP}/data.txt")


@scenario(
    "tcp-zero-window.pcap",
    home=SERVER_IP,
    shows="The client's program does not read for six seconds: its window closes, the server probes (with an old"
    " sequence number, as Linux does); then the client reads on",
    finding="zero window: the application at 192.0.2.10 does not read; the network is not the cause",
    expect={"tcp.analysis.zero_window": 2, "tcp.analysis.keep_alive": 3, "tcp.analysis.window_update": 1},
)
def tcp_zero_window(lab: Lab, work: Path, out: Sequence[Path]) -> None:
    server = lab.listen(5000, lambda peer: peer.sendall(blob(24000)))
    lab.capture(out[0], SERVER)
    with connect(5000, [(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)]) as sock:
        time.sleep(6)
        while sock.recv(4096):
            pass
    server.join(20)


@scenario(
    "tcp-reset.pcap",
    home=CLIENT_IP,
    shows="Four resets: a closed port; a server that aborts amid its answer; a client that leaves early; a firewall"
    " that answers in the server's name (its TTL is one higher)",
    finding="connection refused on port 81; aborted by the server; aborted by the client; refused by something nearer"
    " than the server on port 8443",
    expect={"tcp.flags.reset == 1": 4, "tcp.flags.reset == 1 && ip.ttl == 64 && ip.src == 198.51.100.20": 1},
)
def tcp_reset(lab: Lab, work: Path, out: Sequence[Path]) -> None:
    def abort(peer: socket.socket) -> None:
        peer.recv(100)
        peer.sendall(blob(1600))
        time.sleep(0.3)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NONE)

    def go_on(peer: socket.socket) -> None:
        for _ in range(8):
            peer.sendall(blob(800))
            time.sleep(0.1)

    aborting, talking = lab.listen(5001, abort), lab.listen(5002, go_on)
    lab.firewall("tcp dport 8443 reject with tcp reset")
    lab.capture(out[0], CLIENT)
    with contextlib.suppress(OSError):
        connect(81)
    with connect(5001) as sock, contextlib.suppress(ConnectionResetError):
        sock.sendall(b"HELLO\n")
        while sock.recv(4096):
            pass
    with connect(5002) as sock:
        sock.recv(400)
    with contextlib.suppress(OSError):
        connect(8443)
    aborting.join(10)
    talking.join(10)


@scenario(
    "tcp-silent-peer.pcap",
    home=CLIENT_IP,
    shows="An idle connection is forgotten by a firewall, which drops what comes next: the client repeats its data with"
    " doubled pauses until it gives up",
    finding="the peer stopped answering after it had answered before; data retransmitted without an acknowledgement",
    expect={"tcp.analysis.retransmission && tcp.len > 0": 5, "tcp.analysis.keep_alive": 1},
)
def tcp_silent_peer(lab: Lab, work: Path, out: Sequence[Path]) -> None:
    def echo(peer: socket.socket) -> None:
        peer.settimeout(30)
        while data := peer.recv(400):
            peer.sendall(data)

    lab.listen(5003, echo)
    lab.capture(out[0], CLIENT)
    idle = [(socket.IPPROTO_TCP, name, 1) for name in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL)]
    options = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1), *idle, (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 12000)]
    with connect(5003, options) as sock:
        sock.sendall(b"first request\n")
        sock.recv(400)
        time.sleep(2.5)
        lab.firewall("drop")
        sock.sendall(b"second request\n")
        with contextlib.suppress(OSError):
            sock.recv(400)
