"""FTP: active, passive, extended; and what firewalls do to the data connection."""

from __future__ import annotations

import contextlib
import ftplib
import io
import time
from collections.abc import Sequence
from pathlib import Path

from .lab import CLIENT, CLIENT_IP, SERVER, SERVER_IP, SERVER_IP6, Lab, client, inside
from .registry import blob, scenario
from .services import dig, dns_server

FTP_PORTS = "40000-40019"
PAM_SERVICE = Path("/etc/pam.d/zjobs-demo")
OPEN_FTP = f"""ct state established accept
meta l4proto {{ icmp, ipv6-icmp }} accept
udp dport 53 accept
tcp dport {{ 21, 53 }} accept
tcp dport {FTP_PORTS} accept
drop"""
CLOSED_FTP = OPEN_FTP.replace(f"tcp dport {FTP_PORTS} accept\n", "")


def ftp_server(lab: Lab, files: Path, address: str = SERVER_IP) -> None:
    """vsftpd for the user demo, confined to `files`."""
    for name, size in (("report.txt", 2400), ("jes.log", 8000)):
        (files / name).write_bytes(blob(size))
    files.parent.chmod(0o755)
    files.chmod(0o777)
    # Any password would do: nobody but the client of the scenario can reach the server.
    lab.cleanup.callback(PAM_SERVICE.unlink, missing_ok=True)
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
    lab={"ipv6": True},
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


@scenario(
    "ftp-hang.pcap",
    "ftp-hang-server.pcap",
    home=CLIENT_IP,
    other_home=SERVER_IP,
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
