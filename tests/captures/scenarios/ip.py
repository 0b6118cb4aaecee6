"""ICMP, path MTU, fragments, neighbour discovery, ARP."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from .lab import CLIENT, CLIENT_IP, SERVER, SERVER_IP, SERVER_IP6, Lab, client, connect, inside, run, sysctl
from .registry import blob, scenario


@scenario(
    "icmp.pcap",
    home=CLIENT_IP,
    shows="Ping; an expired TTL; traceroute; UDP to a closed port; a host that does not exist; a forbidden one",
    finding="port unreachable; host unreachable and administratively prohibited, both said by the router 192.0.2.1",
    expect={
        "icmp.type == 0": 3,
        "icmp.type == 11": 3,
        "icmp.type == 3 && icmp.code == 3": 2,
        "icmp.type == 3 && icmp.code == 1": 1,
        "icmp.type == 3 && icmp.code == 13": 1,
    },
)
def icmp(lab: Lab, work: Path, out: Sequence[Path]) -> None:
    lab.firewall("ip daddr 198.51.100.66 reject with icmp type admin-prohibited")
    lab.capture(out[0], CLIENT)
    client("ping", "-c", "3", "-i", "0.3", SERVER_IP)
    client("ping", "-c", "1", "-t", "1", "-W", "1", SERVER_IP)
    client("traceroute", "-n", "-q", "2", SERVER_IP)
    with inside(CLIENT):
        for address, port in ((SERVER_IP, 514), ("198.51.100.77", 514), ("198.51.100.66", 514)):
            with socket.socket(type=socket.SOCK_DGRAM) as sock:
                sock.sendto(b"<13>zjobs: message", (address, port))
                time.sleep(4 if address.endswith("77") else 0.3)


@scenario(
    "pmtu.pcap",
    home=CLIENT_IP,
    shows="An upload meets a link with an MTU of 1000: ICMP fragmentation needed, smaller segments, success",
    finding="path MTU 1000 learned from 192.0.2.1",
    expect={"icmp.type == 3 && icmp.code == 4 && icmp.mtu == 1000": 1, "tcp.len == 948": 5, "tcp.len > 1400": 1},
    lab={"link_mtu": 1000},
)
def pmtu(lab: Lab, work: Path, out: Sequence[Path]) -> None:
    _upload(lab, out[0])


@scenario(
    "pmtu-black-hole.pcap",
    home=CLIENT_IP,
    shows="The same with a router that sends no ICMP: small packets pass, full-sized ones are repeated for ever",
    finding="only large segments are lost: path MTU black hole",
    expect={"icmp": 0, "tcp.len > 1400 && tcp.analysis.retransmission": 3},
    lab={"link_mtu": 1000},
)
def pmtu_black_hole(lab: Lab, work: Path, out: Sequence[Path]) -> None:
    lab.firewall("", output="icmp type destination-unreachable drop")
    _upload(lab, out[0])


def _upload(lab: Lab, out: Path) -> None:
    def take(peer: socket.socket) -> None:
        peer.settimeout(15)
        peer.sendall(b"READY\n")
        while peer.recv(4096):
            pass
        peer.sendall(b"DONE\n")

    server = lab.listen(5004, take)
    lab.capture(out, CLIENT)
    with connect(5004, [(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 12000)]) as sock, contextlib.suppress(OSError):
        sock.recv(100)
        sock.sendall(b"BEGIN\n")
        time.sleep(0.2)
        sock.sendall(blob(16000))
        sock.shutdown(socket.SHUT_WR)
        sock.recv(100)
    server.join(20)


@scenario(
    "fragments.pcap",
    home=CLIENT_IP,
    shows="IPv4 and IPv6 fragments: large pings and UDP datagrams, answered; then all but first fragments are dropped",
    finding="fragments of datagrams to port 7 are lost: reassembly time exceeded from 198.51.100.20",
    expect={
        "ip.flags.mf == 1": 6,
        "ipv6.fraghdr.offset > 0": 3,
        "icmp.type == 0": 1,
        "icmpv6.type == 129": 1,
        "icmp.type == 11 && icmp.code == 1": 1,
    },
    lab={"ipv6": True},
)
def fragments(lab: Lab, work: Path, out: Sequence[Path]) -> None:
    with inside(SERVER):
        sysctl("ipv4/ipfrag_time", 3)
        server = socket.socket(type=socket.SOCK_DGRAM)
        server.bind((SERVER_IP, 7))

    def echo() -> None:
        with contextlib.suppress(OSError):
            while True:
                data, peer = server.recvfrom(65536)
                server.sendto(data, peer)

    threading.Thread(target=echo, daemon=True).start()
    lab.capture(out[0], CLIENT)
    client("ping", "-c", "2", "-i", "0.3", "-s", "4000", SERVER_IP)
    client("ping", "-c", "2", "-i", "0.3", "-s", "4000", SERVER_IP6)
    with inside(CLIENT), socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.settimeout(5)
        sock.sendto(blob(6000), (SERVER_IP, 7))
        sock.recv(65536)
        lab.firewall("ip frag-off & 0x1fff != 0 drop")
        sock.sendto(blob(6000), (SERVER_IP, 7))
        time.sleep(5)
    server.close()


@scenario(
    "icmpv6.pcap",
    home="2001:db8:1::10",
    shows="An IPv6 host comes up (duplicate address detection, group reports, router solicitation), resolves its"
    " neighbours, pings, traces a route, meets a closed port, an unknown host and a packet too big",
    finding="no router answers the solicitation; port unreachable; address unreachable; path MTU 1280",
    expect={
        "icmpv6.type == 135": 3,
        "icmpv6.type == 136": 1,
        "icmpv6.type == 133": 1,
        "icmpv6.type == 143": 1,
        "icmpv6.type == 129": 2,
        "icmpv6.type == 3": 1,
        "icmpv6.type == 1 && icmpv6.code == 4": 1,
        "icmpv6.type == 1 && icmpv6.code == 3": 1,
        "icmpv6.type == 2": 1,
    },
    lab={"ipv6": True, "link_mtu": 1280},
)
def icmpv6(lab: Lab, work: Path, out: Sequence[Path]) -> None:
    with inside(CLIENT):
        run("ip", "link", "set", "eth0", "down")
        run("ip", "link", "set", "eth0", "up")
        # The link must be up for tcpdump to listen; the announcements come a moment later.
        lab.capture(out[0], CLIENT)
        run("ip", "address", "add", "2001:db8:1::10/64", "dev", "eth0")
        time.sleep(6)
        run("ip", "-6", "route", "add", "default", "via", "2001:db8:1::1")
    client("ping", "-c", "2", "-i", "0.3", SERVER_IP6)
    client("ping", "-c", "2", "-i", "0.3", "-s", "1400", "-M", "do", SERVER_IP6)
    client("traceroute", "-6", "-n", "-q", "1", SERVER_IP6)
    with inside(CLIENT):
        for address in (SERVER_IP6, "2001:db8:2::77"):
            with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
                sock.sendto(b"<13>zjobs: message", (address, 514))
                time.sleep(4 if address.endswith("77") else 0.3)


@scenario(
    "arp.pcap",
    home=CLIENT_IP,
    shows="ARP: the gateway resolved, the announcement of a new adapter address, a neighbour that does not exist",
    finding="nobody answers for 192.0.2.99; frames without IP are listed as what they are",
    expect={"arp.opcode == 1": 4, "arp.opcode == 2": 1, "arp.isgratuitous": 1, "icmp": 8},
)
def arp(lab: Lab, work: Path, out: Sequence[Path]) -> None:
    lab.capture(out[0], CLIENT)
    client("ping", "-c", "2", "-i", "0.3", SERVER_IP)
    with inside(CLIENT):
        sysctl("ipv4/conf/eth0/arp_notify", 1)
        run("ip", "link", "set", "eth0", "address", "02:00:00:00:00:11")
    client("ping", "-c", "2", "-i", "0.3", SERVER_IP)
    client("ping", "-c", "2", "-W", "1", "192.0.2.99")
