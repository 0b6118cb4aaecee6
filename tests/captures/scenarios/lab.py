"""A client, a router and a server in network namespaces, with tcpdump on the links between them.

    client eth0 192.0.2.10, 2001:db8:1::10  --  router  --  eth0 198.51.100.20 and .53, 2001:db8:2::20 server

Loss and firewalls are nftables rules in the router. Delay and reordering come from a wire in user space (two TAP
devices with a queue between them) instead of tc netem, which many kernels are built without; the packets are the ones
that the kernels at its ends made. Checksum and segmentation offload is off, so checksums and segment sizes are those
of a real wire.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import heapq
import os
import select
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

CLIENT, ROUTER, SERVER = "client", "router", "server"
CLIENT_IP, SERVER_IP, DNS_IP = "192.0.2.10", "198.51.100.20", "198.51.100.53"
CLIENT_IP6, SERVER_IP6 = "2001:db8:1::10", "2001:db8:2::20"
OFFLOADS = ("tx", "rx", "sg", "tso", "gso", "gro")
CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWUTS = 0x40000000, 0x00020000, 0x04000000
TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 2, 0x1000

_libc = ctypes.CDLL(None, use_errno=True)


def hide_host(name: str) -> None:
    """Servers greet with the host's name and ask its resolver: the captures must not tell of the machine they were
    made on. From here on this process sees a host name, a hosts file and a resolver of its own."""
    if _libc.unshare(CLONE_NEWUTS | CLONE_NEWNS):
        raise OSError(ctypes.get_errno(), "unshare")
    socket.sethostname(name)
    run("mount", "--make-rprivate", "/")
    for path, text in (("/etc/hosts", f"{SERVER_IP} {name}\n"), ("/etc/resolv.conf", f"nameserver {DNS_IP}\n")):
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(text)
            file.flush()
            run("mount", "--bind", file.name, path)


def run(*command: str, timeout: float = 90, check: bool = True, data: str = "") -> str:
    done = subprocess.run(command, input=data, capture_output=True, text=True, timeout=timeout, errors="replace")
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.returncode}: {done.stderr or done.stdout}")
    return done.stdout + done.stderr


@contextlib.contextmanager
def inside(role: str) -> Iterator[None]:
    """Sockets and processes made in here belong to the namespace of `role` and stay in it."""
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    target = os.open(f"/run/netns/zjobs-{role}", os.O_RDONLY)
    try:
        _setns(target)
        yield
    finally:
        _setns(before)
        os.close(target)
        os.close(before)


def _setns(descriptor: int) -> None:
    if _libc.setns(descriptor, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


def sysctl(name: str, value: int) -> None:
    """Set a value of the current namespace; one that this kernel does not have is left alone."""
    path = Path("/proc/sys/net") / name
    if path.exists():
        path.write_text(str(value))


class Lab:
    """One scenario's network. Everything it starts ends with it."""

    def __init__(self, *, ipv6: bool = False, delay_ms: float = 0, reorder: int = 0, link_mtu: int = 1500) -> None:
        self.ipv6, self.delay, self.reorder, self.link_mtu = ipv6, delay_ms / 1000, reorder, link_mtu
        self._processes: list[subprocess.Popen[bytes]] = []
        self._dumps: list[subprocess.Popen[bytes]] = []
        self._stop = threading.Event()
        self.cleanup = contextlib.ExitStack()
        self._wire: threading.Thread | None = None

    def __enter__(self) -> Lab:
        try:
            self._build()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.end_capture()
        for process in reversed(self._processes):
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.cleanup.close()
        self._stop.set()
        if self._wire:
            self._wire.join()
        for role in (CLIENT, ROUTER, SERVER):
            run("ip", "netns", "del", f"zjobs-{role}", check=False)

    def _build(self) -> None:
        for role in (CLIENT, ROUTER, SERVER):
            run("ip", "netns", "add", f"zjobs-{role}")
            with inside(role):
                sysctl("ipv6/conf/all/disable_ipv6", int(not self.ipv6))
                sysctl("ipv6/conf/default/disable_ipv6", int(not self.ipv6))
                sysctl("ipv4/ip_forward", int(role == ROUTER))
                sysctl("ipv6/conf/all/forwarding", int(role == ROUTER))
                # Linux repeats a SYN every second at first; most systems, z/OS among them, back off from the start.
                sysctl("ipv4/tcp_syn_linear_timeouts", 0)
                run("ip", "link", "set", "lo", "up")
        with inside(ROUTER):
            run("ip", "link", "add", "c0", "type", "veth", "peer", "name", "eth0", "netns", "zjobs-client")
            if not self.delay:
                run("ip", "link", "add", "s0", "type", "veth", "peer", "name", "eth0", "netns", "zjobs-server")
        if self.delay:
            self._start_wire()
        self._link(CLIENT, "eth0", "02:00:00:00:00:10", f"{CLIENT_IP}/24", f"{CLIENT_IP6}/64")
        self._link(ROUTER, "c0", "02:00:00:00:00:01", "192.0.2.1/24", "2001:db8:1::1/64")
        self._link(ROUTER, "s0", "02:00:00:00:01:01", "198.51.100.1/24", "2001:db8:2::1/64")
        self._link(SERVER, "eth0", "02:00:00:00:01:20", f"{SERVER_IP}/24", f"{DNS_IP}/24", f"{SERVER_IP6}/64")
        for role, gateway, gateway6 in (
            (CLIENT, "192.0.2.1", "2001:db8:1::1"),
            (SERVER, "198.51.100.1", "2001:db8:2::1"),
        ):
            with inside(role):
                run("ip", "route", "add", "default", "via", gateway)
                if self.ipv6:
                    run("ip", "-6", "route", "add", "default", "via", gateway6)
        with inside(ROUTER):
            run("ip", "link", "set", "s0", "mtu", str(self.link_mtu))
        if self.ipv6:
            # Link-local addresses and multicast groups are announced for a while after a link comes up.
            time.sleep(4)

    def _link(self, role: str, name: str, mac: str, *addresses: str) -> None:
        with inside(role):
            for feature in OFFLOADS:
                run("ethtool", "-K", name, feature, "off", check=False)
            run("ip", "link", "set", name, "address", mac, "up")
            for value in addresses:
                if ":" not in value:
                    run("ip", "address", "add", value, "dev", name)
                elif self.ipv6:
                    run("ip", "address", "add", value, "dev", name, "nodad")

    def _start_wire(self) -> None:
        ends = []
        for role, name in ((ROUTER, "s0"), (SERVER, "eth0")):
            with inside(role):
                descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
                fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
                ends.append(descriptor)
        self._wire = threading.Thread(target=self._carry, args=(ends[0], ends[1]), daemon=True)
        self._wire.start()

    def _carry(self, one: int, other: int) -> None:
        """Each frame leaves at the other end `delay` later; every `reorder`-th one overtakes those before it."""
        queue: list[tuple[float, int, int, bytes]] = []
        count = 0
        while not self._stop.is_set():
            wait = max(0.0, queue[0][0] - time.monotonic()) if queue else 0.2
            for descriptor in select.select([one, other], [], [], wait)[0]:
                frame, count = os.read(descriptor, 65536), count + 1
                delay = self.delay * (0.4 if self.reorder and count % self.reorder == 0 else 1)
                heapq.heappush(queue, (time.monotonic() + delay, count, other if descriptor == one else one, frame))
            while queue and queue[0][0] <= time.monotonic():
                _, _, target, frame = heapq.heappop(queue)
                # An end that is not up yet refuses the frame, as a wire without a light would.
                with contextlib.suppress(OSError):
                    os.write(target, frame)
        os.close(one)
        os.close(other)

    def capture(self, path: Path, role: str) -> None:
        """Record the link of `role` into `path` until the lab ends or `end_capture`."""
        with inside(role):
            dump = subprocess.Popen(
                ["tcpdump", "-i", "eth0", "-n", "-U", "--immediate-mode", "-Z", "root", "-w", str(path)],
                stderr=subprocess.PIPE,
            )
        self._dumps.append(dump)
        assert dump.stderr
        for line in dump.stderr:
            if b"listening on" in line:
                return
        raise RuntimeError("tcpdump does not listen")

    def end_capture(self) -> None:
        if self._dumps:
            time.sleep(0.4 + 2 * self.delay)
        for dump in self._dumps:
            dump.send_signal(signal.SIGINT)
            dump.communicate(timeout=10)
        self._dumps.clear()

    def firewall(self, rules: str, *, output: str = "") -> None:
        """Replace the rules of what the router forwards, and of what it sends itself. One rule a line."""
        chains = [("forward", rules), ("output", output)]
        text = "".join(
            f"chain {name} {{\ntype filter hook {name} priority 0; policy accept;\n{body}\n}}\n"
            for name, body in chains
            if body
        )
        with inside(ROUTER):
            run("nft", "-f", "-", data=f"flush ruleset\ntable inet zjobs {{\n{text}}}\n")

    def serve(self, *command: str, port: int, role: str = SERVER, data: Path | None = None) -> None:
        """Start a server and wait until its port is open, without a packet of ours on the wire."""
        with inside(role):
            self._processes.append(
                subprocess.Popen(
                    command, cwd=data, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
                )
            )
            for _ in range(100):
                if f":{port} " in run("ss", "-Hltun"):
                    return
                time.sleep(0.1)
        raise RuntimeError(f"{command[0]} does not open port {port}")

    def listen(self, port: int, answer: Callable[[socket.socket], None], *, connections: int = 1) -> threading.Thread:
        """A server of our own: `answer` gets each of `connections` connections."""
        with inside(SERVER):
            server = socket.create_server((SERVER_IP, port))

        def accept() -> None:
            with server:
                for _ in range(connections):
                    peer, _ = server.accept()
                    with peer, contextlib.suppress(OSError):
                        answer(peer)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        return thread


def client(*command: str, check: bool = False, timeout: float = 90, data: str = "") -> str:
    """Run a program on the client. Many of them fail on purpose."""
    with inside(CLIENT):
        return run(*command, check=check, timeout=timeout, data=data)


def connect(port: int, options: Sequence[tuple[int, int, int]] = ()) -> socket.socket:
    with inside(CLIENT):
        sock = socket.socket()
        for level, name, value in options:
            sock.setsockopt(level, name, value)
        sock.settimeout(60)
        sock.connect((SERVER_IP, port))
    return sock
