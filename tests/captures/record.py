"""Record the project's own captures: real servers and clients, real kernels, nothing made by hand.

    record.py [NAME...]      record all scenarios, or those named, into this directory; then write README.md

Needs root on Linux with network namespaces, veth, tun and nftables, and Debian's iproute2, ethtool, nftables,
tcpdump, tshark, openssl, curl, vsftpd, dnsmasq-base, bind9-dnsutils, iputils-ping, traceroute, snmp, snmpd,
inetutils-telnet, inetutils-telnetd and python3-aiosmtpd. tc netem is not needed: `lab.py` says what does its work.

Every scenario states what tshark must find in its capture; a recording that does not show it is refused.
"""

from __future__ import annotations

import contextlib
import ftplib
import io
import os
import pty
import random
import select
import smtplib
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab import (
    CLIENT,
    CLIENT_IP,
    DNS_IP,
    ROUTER,
    SERVER,
    SERVER_IP,
    SERVER_IP6,
    Lab,
    client,
    connect,
    hide_host,
    inside,
    run,
    sysctl,
)

HERE = Path(__file__).parent
# The interpreter that has Debian's server packages, which is rarely the one of a virtual environment.
PYTHON = "/usr/bin/python3"
LINGER_NONE = struct.pack("ii", 1, 0)
FTP_PORTS = "40000-40019"
PAM_SERVICE = Path("/etc/pam.d/zjobs-demo")
OPEN_FTP = f"""ct state established accept
meta l4proto {{ icmp, ipv6-icmp }} accept
udp dport 53 accept
tcp dport {{ 21, 53 }} accept
tcp dport {FTP_PORTS} accept
drop"""
CLOSED_FTP = OPEN_FTP.replace(f"tcp dport {FTP_PORTS} accept\n", "")


@dataclass(frozen=True)
class Scenario:
    """One recording; it may give two captures, one from each end."""

    files: tuple[str, ...]
    home: str
    shows: str
    finding: str
    expect: dict[str, int]
    """display filter -> packets that the first capture must have at least; 0: none at all"""
    record: Callable[..., None]


SCENARIOS: list[Scenario] = []


def scenario(
    *files: str, home: str, shows: str, finding: str, expect: dict[str, int]
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    def register(record: Callable[..., None]) -> Callable[..., None]:
        SCENARIOS.append(Scenario(files, home, shows, finding, expect, record))
        return record

    return register


def blob(size: int) -> bytes:
    """Text that looks like a data set: 80-byte records, each with its number."""
    return b"".join(
        b"RECORD %06d ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789".ljust(79) % n + b"\n" for n in range(size // 80)
    )


def ftp_server(lab: Lab, files: Path, address: str = SERVER_IP) -> None:
    """vsftpd for the user demo, confined to `files`."""
    for name, size in (("report.txt", 2400), ("jes.log", 8000)):
        (files / name).write_bytes(blob(size))
    files.parent.chmod(0o755)
    files.chmod(0o777)
    # Any password would do: nobody but the client of the scenario can reach the server.
    PAM_SERVICE.write_text("auth required pam_permit.so\naccount required pam_permit.so\n")
    Path("/run/vsftpd/empty").mkdir(parents=True, exist_ok=True)
    first, last = FTP_PORTS.split("-")
    listen = f"listen=NO\nlisten_ipv6=YES\nlisten_address6={address}" if ":" in address else f"listen_address={address}"
    config = files.parent / "vsftpd.conf"
    config.write_text(
        f"""listen=YES
{listen}
background=NO
local_enable=YES
write_enable=YES
guest_enable=YES
guest_username=ftp
virtual_use_local_privs=YES
local_root={files}
allow_writeable_chroot=YES
chroot_local_user=YES
pam_service_name={PAM_SERVICE.name}
connect_from_port_20=YES
seccomp_sandbox=NO
pasv_min_port={first}
pasv_max_port={last}
connect_timeout=16
ftpd_banner=FTP demo server
"""
    )
    lab.serve("vsftpd", str(config), port=21)


def ftp_login(address: str = SERVER_IP, timeout: float = 60) -> ftplib.FTP:
    ftp = ftplib.FTP(timeout=timeout)
    ftp.connect(address, 21)
    ftp.login("demo", "demo")
    return ftp


def ftp_transfers(ftp: ftplib.FTP) -> None:
    ftp.cwd("/")
    ftp.retrlines("LIST", lambda line: None)
    ftp.retrbinary("RETR report.txt", lambda data: None)
    ftp.storbinary("STOR upload.txt", io.BytesIO(blob(4000)))
    ftp.quit()


@scenario(
    "ftp-passive.pcap",
    home=CLIENT_IP,
    shows="FTP login, passive mode: list, retrieve, store, quit",
    finding="nothing wrong; the data connections belong to the session",
    expect={
        "ftp.response.code == 227": 3,
        "ftp.response.code == 226": 3,
        "ftp-data": 3,
        "tcp.analysis.retransmission": 0,
    },
)
def ftp_passive(lab: Lab, work: Path, out: Sequence[Path]) -> None:
    ftp_server(lab, work)
    lab.capture(out[0], CLIENT)
    with inside(CLIENT):
        ftp_transfers(ftp_login())


@scenario(
    "ftp-active.pcap",
    home=SERVER_IP,
    shows="FTP login, active mode seen at the server: it opens the data connections from port 20",
    finding="nothing wrong",
    expect={"ftp.request.command == PORT": 3, "tcp.flags == 2 && tcp.srcport == 20": 3, "ftp-data": 3},
)
def ftp_active(lab: Lab, work: Path, out: Sequence[Path]) -> None:
    ftp_server(lab, work)
    lab.capture(out[0], SERVER)
    with inside(CLIENT):
        ftp = ftp_login()
        ftp.set_pasv(False)
        ftp_transfers(ftp)


@scenario(
    "ftp-ipv6.pcap",
    home=SERVER_IP6,
    shows="FTP over IPv6 with EPSV, then with EPRT",
    finding="nothing wrong",
    expect={"ftp.response.code == 229": 3, "ftp.request.command == EPRT": 1, "ipv6 && ftp-data": 4, "ip": 0},
)
def ftp_ipv6(lab: Lab, work: Path, out: Sequence[Path]) -> None:
    ftp_server(lab, work, SERVER_IP6)
    lab.capture(out[0], SERVER)
    with inside(CLIENT):
        ftp_transfers(ftp_login(SERVER_IP6))
        ftp = ftp_login(SERVER_IP6)
        ftp.set_pasv(False)
        ftp.retrbinary("RETR report.txt", lambda data: None)
        ftp.quit()


def dns_server(lab: Lab) -> None:
    records = [
        "--host-record=ftp.example.com,198.51.100.20,2001:db8:2::20",
        "--cname=www.example.com,ftp.example.com",
        "--mx-host=example.com,mail.example.com,10",
        "--srv-host=_ldap._tcp.example.com,ftp.example.com,389,0,5",
        "--local=/example.com/",
        "--local=/100.51.198.in-addr.arpa/",
        *(f"--txt-record=big.example.com,{n:02d} {'answer that outgrows a datagram ' * 3}" for n in range(12)),
    ]
    options = ["--no-hosts", "--no-resolv", "--bind-interfaces", "--user=root", "--pid-file=", "--conf-file=/dev/null"]
    lab.serve("dnsmasq", "--keep-in-foreground", *options, f"--listen-address={DNS_IP}", *records, port=53)


def dig(*words: str, server: str = DNS_IP) -> str:
    return client("dig", f"@{server}", "+tries=1", "+nocookie", *words)


@scenario(
    "ftp-hang.pcap",
    "ftp-hang-server.pcap",
    home=CLIENT_IP,
    shows="The demo's story, at the client and at the server: name lookup, ping, a passive FTP session that works; then"
    " a firewall drops the data connection of the next transfers. Control connection and ping go on working",
    finding="FTP data connection without answer: SYN repeated to the port of the 227 reply, which never reaches the"
    " server (compare the two captures); firewall between them",
    expect={
        "dns.qry.name == ftp.example.com": 4,
        "icmp.type == 8": 4,
        "ftp.response.code == 227": 4,
        "ftp-data": 2,
        "tcp.flags == 2 && tcp.analysis.retransmission": 6,
    },
)
def ftp_hang(lab: Lab, work: Path, out: Sequence[Path]) -> None:
    dns_server(lab)
    ftp_server(lab, work)
    lab.firewall(OPEN_FTP)
    lab.capture(out[0], CLIENT)
    lab.capture(out[1], SERVER)
    dig("ftp.example.com", "A")
    dig("ftp.example.com", "AAAA")
    client("ping", "-c", "3", "-i", "0.3", SERVER_IP)
    with inside(CLIENT):
        ftp = ftp_login(timeout=16)
        ftp.retrlines("LIST", lambda line: None)
        ftp.retrbinary("RETR report.txt", lambda data: None)
        time.sleep(1)
        lab.firewall(CLOSED_FTP)
        with contextlib.suppress(TimeoutError):
            ftp.retrbinary("RETR jes.log", lambda data: None)
        ftp.voidcmd("NOOP")
        client("ping", "-c", "2", "-i", "0.3", SERVER_IP)
        with contextlib.suppress(TimeoutError):
            ftp.retrlines("LIST", lambda line: None)
        ftp.quit()


@scenario(
    "ftp-active-hang.pcap",
    home=SERVER_IP,
    shows="FTP in active mode, seen at the server: the client's firewall drops the connection from port 20",
    finding="FTP data connection without answer: the server's SYN is repeated, then 425",
    expect={
        "ftp.request.command == PORT": 1,
        "ftp.response.code == 425": 1,
        "tcp.flags == 2 && tcp.analysis.retransmission": 3,
    },
)
def ftp_active_hang(lab: Lab, work: Path, out: Sequence[Path]) -> None:
    ftp_server(lab, work)
    lab.firewall(OPEN_FTP)
    lab.capture(out[0], SERVER)
    with inside(CLIENT):
        ftp = ftp_login()
        ftp.set_pasv(False)
        with contextlib.suppress(ftplib.Error, OSError):
            ftp.retrlines("LIST", lambda line: None)
        with contextlib.suppress(ftplib.Error, OSError, EOFError):
            ftp.quit()


@scenario(
    "ftp-rejected.pcap",
    home=CLIENT_IP,
    shows="FTP in passive mode: the firewall answers the data connection with ICMP, administratively prohibited",
    finding="data connection refused by a filter at 192.0.2.1, not by the server",
    expect={"icmp.type == 3 && icmp.code == 13": 1, "ftp.response.code == 227": 1, "ftp-data": 0},
)
def ftp_rejected(lab: Lab, work: Path, out: Sequence[Path]) -> None:
    ftp_server(lab, work)
    lab.firewall(CLOSED_FTP.replace("\ndrop", "\nreject with icmpx admin-prohibited"))
    lab.capture(out[0], CLIENT)
    with inside(CLIENT):
        ftp = ftp_login()
        with contextlib.suppress(OSError):
            ftp.retrlines("LIST", lambda line: None)
        ftp.quit()


def certificate(work: Path, *, start: str, end: str) -> tuple[str, str]:
    """Key and self-signed certificate that exist until the scenario ends."""
    key, request, cert, config = (str(work / name) for name in ("key.pem", "request.pem", "cert.pem", "ca.conf"))
    Path(work, "index.txt").touch()
    Path(config).write_text(
        f"[ca]\ndefault_ca=demo\n[demo]\nnew_certs_dir={work}\ndatabase={work}/index.txt\nrand_serial=yes\n"
        "default_md=sha256\npolicy=any\nx509_extensions=ext\n[any]\ncommonName=supplied\norganizationName=optional\n"
        "[ext]\nsubjectAltName=DNS:www.example.com\nbasicConstraints=CA:true\n"
    )
    name = "/O=Example/CN=www.example.com"
    run("openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", request, "-subj", name)
    dates = ["-startdate", start, "-enddate", end]
    run(
        "openssl",
        "ca",
        "-batch",
        "-notext",
        "-config",
        config,
        "-selfsign",
        "-keyfile",
        key,
        "-in",
        request,
        *dates,
        "-out",
        cert,
    )
    return key, cert


def tls(
    lab: Lab, work: Path, out: Path, *, server: Sequence[str], client_: Sequence[str], expired: bool = False
) -> None:
    end = "20210101000000Z" if expired else "20990101000000Z"
    key, cert = certificate(work, start="20200101000000Z", end=end)
    lab.serve(
        "openssl", "s_server", "-accept", f"{SERVER_IP}:443", "-key", key, "-cert", cert, "-www", *server, port=443
    )
    lab.capture(out, CLIENT)
    words = ["openssl", "s_client", "-connect", f"{SERVER_IP}:443", "-servername", "www.example.com", "-CAfile", cert]
    client(*words, "-verify_return_error", "-ign_eof", *client_, data="GET / HTTP/1.0\r\n\r\n")


@scenario(
    "tls12.pcap",
    home=CLIENT_IP,
    shows="TLS 1.2 handshake, a request and its answer",
    finding="nothing wrong; version, cipher and certificate dates can be read",
    expect={"tls.handshake.type == 2": 1, "tls.handshake.type == 11": 1, "tls.app_data": 2},
)
def tls12(lab: Lab, work: Path, out: Sequence[Path]) -> None:
    tls(lab, work, out[0], server=["-tls1_2"], client_=["-tls1_2"])


@scenario(
    "tls13.pcap",
    home=CLIENT_IP,
    shows="TLS 1.3 handshake, a request and its answer",
    finding="nothing wrong; the certificate is encrypted",
    expect={
        "tls.handshake.extensions.supported_version == 0x0304": 2,
        "tls.app_data": 2,
        "tls.handshake.type == 11": 0,
    },
)
def tls13(lab: Lab, work: Path, out: Sequence[Path]) -> None:
    tls(lab, work, out[0], server=["-tls1_3"], client_=["-tls1_3"])


@scenario(
    "tls-version.pcap",
    home=CLIENT_IP,
    shows="The client speaks TLS 1.2 only, the server TLS 1.3 only",
    finding="alert protocol_version (70) from the server: no common version",
    expect={"tls.alert_message.desc == 70": 1, "tls.handshake.type == 2": 0},
)
def tls_version(lab: Lab, work: Path, out: Sequence[Path]) -> None:
    tls(lab, work, out[0], server=["-tls1_3"], client_=["-tls1_2"])


@scenario(
    "tls-cipher.pcap",
    home=CLIENT_IP,
    shows="Client and server have no cipher in common",
    finding="alert handshake_failure (40) from the server; compare the offered ciphers",
    expect={"tls.alert_message.desc == 40": 1, "tls.handshake.type == 1": 1},
)
def tls_cipher(lab: Lab, work: Path, out: Sequence[Path]) -> None:
    tls(
        lab,
        work,
        out[0],
        server=["-tls1_2", "-cipher", "ECDHE-RSA-AES256-GCM-SHA384"],
        client_=["-tls1_2", "-cipher", "AES128-GCM-SHA256"],
    )


@scenario(
    "tls-expired.pcap",
    home=CLIENT_IP,
    shows="TLS 1.2; the server's certificate ended on 2021-01-01",
    finding="alert certificate_expired (45) from the client; the certificate's dates prove it",
    expect={"tls.alert_message.desc == 45": 1, "tls.handshake.type == 11": 1},
)
def tls_expired(lab: Lab, work: Path, out: Sequence[Path]) -> None:
    tls(lab, work, out[0], server=["-tls1_2"], client_=["-tls1_2"], expired=True)


@scenario(
    "dns.pcap",
    home=CLIENT_IP,
    shows="DNS: A, AAAA, CNAME, MX, SRV, PTR, a name that does not exist, an answer cut off and repeated over TCP",
    finding="one name does not exist (NXDOMAIN); one answer needed TCP",
    expect={
        "dns.flags.rcode == 3": 1,
        "dns.flags.truncated == 1 && dns.flags.response == 1": 1,
        "tcp && dns.flags.response == 1": 1,
        "dns.aaaa": 1,
        "dns.mx.mail_exchange": 1,
    },
)
def dns(lab: Lab, work: Path, out: Sequence[Path]) -> None:
    dns_server(lab)
    lab.capture(out[0], CLIENT)
    for words in ("ftp.example.com A", "ftp.example.com AAAA", "www.example.com A", "example.com MX"):
        dig(*words.split())
    dig("_ldap._tcp.example.com", "SRV")
    dig("-x", SERVER_IP)
    dig("nosuchhost.example.com", "A")
    dig("+noedns", "big.example.com", "TXT")


@scenario(
    "dns-timeout.pcap",
    home=CLIENT_IP,
    shows="DNS: a server behind a firewall that never answers, then an address where no server runs",
    finding="queries repeated without an answer from 198.51.100.53; ICMP port unreachable from 198.51.100.20",
    expect={"dns.flags.response == 0": 4, "dns.flags.response == 1": 0, "icmp.type == 3 && icmp.code == 3": 1},
)
def dns_timeout(lab: Lab, work: Path, out: Sequence[Path]) -> None:
    lab.firewall(f"ip daddr {DNS_IP} udp dport 53 drop")
    lab.capture(out[0], CLIENT)
    client("dig", f"@{DNS_IP}", "+tries=3", "+timeout=2", "+nocookie", "ftp.example.com", "A")
    dig("ftp.example.com", "A", server=SERVER_IP)


def http_server(lab: Lab, files: Path, size: int = 12000, address: str = SERVER_IP) -> None:
    (files / "index.html").write_text("<html><body>zjobs demo page</body></html>\n")
    (files / "data.txt").write_bytes(blob(size))
    lab.serve(PYTHON, "-m", "http.server", "80", "--bind", address, "--protocol", "HTTP/1.1", port=80, data=files)


@scenario(
    "http.pcap",
    home=SERVER_IP,
    shows="HTTP/1.1: two pages over one connection, a missing page, HEAD, a method that the server does not know",
    finding="one request answered 404, one 501; no TCP trouble",
    expect={"http.request": 5, "http.response.code == 404": 1, "http.response.code == 501": 1, "tcp.analysis.flags": 0},
)
def http(lab: Lab, work: Path, out: Sequence[Path]) -> None:
    http_server(lab, work)
    lab.capture(out[0], SERVER)
    url = f"http://{SERVER_IP}"
    client("curl", "-s", f"{url}/", f"{url}/data.txt")
    client("curl", "-s", f"{url}/missing.html")
    client("curl", "-sI", f"{url}/data.txt")
    client("curl", "-s", "-d", "key=value", f"{url}/form")


@scenario(
    "smtp.pcap",
    home=SERVER_IP,
    shows="SMTP: EHLO, a message, an unknown command, quit",
    finding="one command refused with 500; the message was accepted",
    expect={"smtp.req.command == ehlo": 1, "smtp.response.code == 354": 1, "smtp.response.code == 500": 1},
)
def smtp(lab: Lab, work: Path, out: Sequence[Path]) -> None:
    lab.serve(PYTHON, "-m", "aiosmtpd", "-n", "-l", f"{SERVER_IP}:25", port=25)
    lab.capture(out[0], SERVER)
    with inside(CLIENT), smtplib.SMTP(SERVER_IP, 25, local_hostname="client.example.com", timeout=20) as session:
        session.ehlo()
        session.docmd("FOO", "bar")
        session.sendmail(
            "demo@example.com", ["operator@example.com"], "Subject: Job ended\r\n\r\nRC=0008\r\n.\r\nSee the log.\r\n"
        )


@scenario(
    "snmp.pcap",
    home=CLIENT_IP,
    shows="SNMP v1 and v2c: get, walk, a name that does not exist, a community that the agent ignores",
    finding="requests with one community are never answered",
    expect={"snmp": 12, "snmp.data == 2": 5, 'snmp.community == "wrong"': 2},
)
def snmp(lab: Lab, work: Path, out: Sequence[Path]) -> None:
    config = work / "snmpd.conf"
    config.write_text(
        f"agentaddress udp:{SERVER_IP}:161\nview system included .1.3.6.1.2.1.1\nrocommunity demo default -V system\n"
        "sysdescr zjobs demo agent\nsysname server.example.com\nsyscontact operator\nsyslocation nowhere\n"
    )
    with inside(SERVER):
        environment = ["env", f"SNMP_PERSISTENT_DIR={work}"]
    lab.serve(*environment, "snmpd", "-C", "-c", str(config), "-f", "-Ln", port=161)
    lab.capture(out[0], CLIENT)
    for version, command, oid in (
        ("1", "snmpget", "1.3.6.1.2.1.1.1.0"),
        ("2c", "snmpget", "1.3.6.1.2.1.1.5.0"),
        ("1", "snmpget", "1.3.6.1.2.1.99.1.0"),
        ("2c", "snmpget", "1.3.6.1.2.1.99.1.0"),
        ("2c", "snmpwalk", "1.3.6.1.2.1.1"),
    ):
        client(command, "-v", version, "-c", "demo", "-On", SERVER_IP, oid)
    client("snmpget", "-v", "2c", "-c", "wrong", "-r", "1", "-t", "1", SERVER_IP, "1.3.6.1.2.1.1.1.0")


@scenario(
    "telnet.pcap",
    home=SERVER_IP,
    shows="Telnet: option negotiation, a login, a command, logout",
    finding="a password crosses the network in clear text",
    expect={"telnet.cmd": 5, "telnet.data": 10},
)
def telnet(lab: Lab, work: Path, out: Sequence[Path]) -> None:
    login = work / "login"
    login.write_text(
        '#!/bin/sh\nprintf "demo system\\r\\nlogin: "; read user\n'
        'printf "Password: "; stty -echo; read word; stty echo\n'
        'printf "\\r\\nREADY\\r\\n"; read command; echo "$command: done"; read end\n'
    )
    login.chmod(0o755)

    def answer(peer: socket.socket) -> None:
        with inside(SERVER):
            subprocess.run(["telnetd", "-h", "-E", str(login)], stdin=peer, stdout=peer, stderr=peer, timeout=30)

    server = lab.listen(23, answer)
    lab.capture(out[0], SERVER)
    with inside(CLIENT):
        environment = {"TERM": "vt100", "PATH": os.environ["PATH"], "USER": "demo"}
        inner, outer = pty.openpty()
        program = subprocess.Popen(["telnet", SERVER_IP], stdin=outer, stdout=outer, stderr=outer, env=environment)
    for prompt, text in (
        (b"login: ", b"demo\r"),
        (b"Password: ", b"demo\r"),
        (b"READY", b"netstat\r"),
        (b"done", b"logoff\r"),
    ):
        _await(inner, prompt)
        for key in text:
            os.write(inner, bytes([key]))
            time.sleep(0.06)
    server.join(20)
    program.wait(20)
    os.close(inner)
    os.close(outer)


def _await(descriptor: int, text: bytes) -> None:
    seen = b""
    while text not in seen and select.select([descriptor], [], [], 20)[0]:
        seen += os.read(descriptor, 1024)


@scenario(
    "tcp-loss-server.pcap",
    "tcp-loss-client.pcap",
    home=SERVER_IP,
    shows="An HTTP download of 60 KB over a 40 ms path that loses about one packet in fifteen each way, at both ends",
    finding="retransmissions and duplicate acknowledgements at the sender, gaps at the receiver; loss between them",
    expect={
        "tcp.srcport == 80 && (tcp.analysis.retransmission || tcp.analysis.out_of_order)": 3,
        "tcp.analysis.duplicate_ack": 3,
        "tcp.options.sack_le": 2,
    },
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
)
def pmtu(lab: Lab, work: Path, out: Sequence[Path]) -> None:
    _upload(lab, out[0])


@scenario(
    "pmtu-black-hole.pcap",
    home=CLIENT_IP,
    shows="The same with a router that sends no ICMP: small packets pass, full-sized ones are repeated for ever",
    finding="only large segments are lost: path MTU black hole",
    expect={"icmp": 0, "tcp.len > 1400 && tcp.analysis.retransmission": 3},
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


LABS: dict[str, dict[str, float]] = {
    "ftp-ipv6": {"ipv6": True},
    "fragments": {"ipv6": True},
    "icmpv6": {"ipv6": True, "link_mtu": 1280},
    "tcp-loss-server": {"delay_ms": 20},
    "tcp-delay": {"delay_ms": 120, "reorder": 9},
    "pmtu": {"link_mtu": 1000},
    "pmtu-black-hole": {"link_mtu": 1000},
}


def count(path: Path, display_filter: str = "") -> int:
    """How many packets tshark sees. Sequence analysis needs the whole file, so the filter is one for display."""
    words = ["tshark", "-r", str(path), "-T", "fields", "-e", "frame.number"]
    done = subprocess.run([*words, *(["-Y", display_filter] if display_filter else [])], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return len(done.stdout.split())


def shortfalls(one: Scenario, directory: Path) -> list[str]:
    """What a capture should show and does not."""
    found = {rule: count(directory / one.files[0], rule) for rule in one.expect}
    return [
        f"{one.files[0]}: {rule}: {found[rule]} packets, expected {least if least else 'none'}"
        for rule, least in one.expect.items()
        if (found[rule] < least if least else found[rule])
    ]


def record(one: Scenario, target: Path) -> None:
    random.seed(one.files[0])
    options = LABS.get(Path(one.files[0]).stem, {})
    with tempfile.TemporaryDirectory(prefix="zjobs-") as name, contextlib.ExitStack() as stack:
        stack.callback(PAM_SERVICE.unlink, missing_ok=True)
        work, files = Path(name), Path(name, "captures")
        files.mkdir()
        (work / "files").mkdir()
        with Lab(**options) as lab:  # type: ignore[arg-type]
            one.record(lab, work / "files", [files / file for file in one.files])
        if missing := shortfalls(one, files):
            keep = Path(tempfile.mkdtemp(prefix="zjobs-refused-"))
            for file in one.files:
                (keep / file).write_bytes((files / file).read_bytes())
            raise SystemExit("\n".join([*missing, f"not recorded; see {keep}"]))
        for file in one.files:
            (target / file).write_bytes((files / file).read_bytes())


def readme(directory: Path) -> str:
    rows = [
        f"| `{file}` | {count(directory / file)} | {one.home} | {one.shows} | {one.finding} |"
        for one in SCENARIOS
        for file in one.files
        if (directory / file).exists()
    ]
    return (HERE / "README.head.md").read_text(encoding="ascii") + "\n".join(rows) + "\n"


def main(names: Sequence[str]) -> None:
    unknown = set(names) - {Path(file).stem for one in SCENARIOS for file in one.files}
    if unknown:
        raise SystemExit(f"no such scenario: {', '.join(sorted(unknown))}")
    hide_host("server.example.com")
    for one in SCENARIOS:
        if not names or {Path(file).stem for file in one.files} & set(names):
            started = time.monotonic()
            record(one, HERE)
            took = time.monotonic() - started
            for file in one.files:
                path = HERE / file
                print(f"{file:28} {count(path):5} packets {path.stat().st_size:7} bytes {took:5.1f} s")
    (HERE / "README.md").write_text(readme(HERE), encoding="ascii")


if __name__ == "__main__":
    main(sys.argv[1:])
