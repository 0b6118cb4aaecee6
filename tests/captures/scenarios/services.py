"""Name service, web, mail, management, terminal."""

from __future__ import annotations

import os
import pty
import select
import smtplib
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from .lab import CLIENT, CLIENT_IP, DNS_IP, SERVER, SERVER_IP, Lab, client, inside
from .registry import PYTHON, blob, scenario


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
    lab.serve("env", f"SNMP_PERSISTENT_DIR={work}", "snmpd", "-C", "-c", str(config), "-f", "-Ln", port=161)
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
        end = peer.fileno()
        with inside(SERVER):
            subprocess.run(["telnetd", "-h", "-E", str(login)], stdin=end, stdout=end, stderr=end, timeout=30)

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
