"""PKTTRACE settings select what tcpdump selects with an equivalent expression, and the data set holds just that."""

import shutil
import subprocess
from pathlib import Path

import pytest
from trace_entries import entries

from mock_zos.lpar import Lpar, create
from mock_zos.state import State

CAPTURES = Path(__file__).parents[1] / "captures"
pytestmark = pytest.mark.skipif(not shutil.which("tcpdump"), reason="tcpdump is not installed")

IP = "(ip or ip6)"
CASES = [
    ("ftp-passive.pcap", "", IP),
    ("ftp-passive.pcap", "PROT=TCP", "tcp"),
    ("ftp-passive.pcap", "PROT=6,PORTN=21", "tcp port 21"),
    ("ftp-passive.pcap", "SRCP=21", "src port 21"),
    ("ftp-passive.pcap", "DEST=21", "dst port 21"),
    ("ftp-passive.pcap", "IP=198.51.100.20,PORTN=21", "host 198.51.100.20 and port 21"),
    ("ftp-hang.pcap", "IP=198.51.100.0/24", "net 198.51.100.0/24"),
    ("ftp-hang.pcap", "IP=198.51.100.53,SUBN=255.255.255.255", "host 198.51.100.53"),
    ("ftp-hang.pcap", "PROT=UDP", "udp"),
    ("ftp-hang.pcap", "PROT=ICMP", "icmp"),
    ("ftp-ipv6.pcap", "IP=2001:DB8:2::20,PORTN=21", "host 2001:db8:2::20 and port 21"),
    ("ftp-ipv6.pcap", "IP=2001:DB8::/32,PROT=TCP", "ip6 net 2001:db8::/32 and tcp"),
    ("icmpv6.pcap", "PROT=ICMPV6", "icmp6 or (ip6 protochain 58)"),
    ("fragments.pcap", "PROT=UDP", "(ip proto 17) or (ip6 protochain 17)"),
    ("dns.pcap", "PORTN=53", "port 53"),
    ("http.pcap", "PROT=TCP,PORTN=80", "tcp port 80"),
]


def tcpdump(capture: Path, expression: str, into: Path) -> list[bytes]:
    """IP packets that tcpdump selects, Ethernet frame and padding removed."""
    subprocess.run(["tcpdump", "-nr", capture, "-w", into, expression], check=True, capture_output=True)
    raw, at, found = into.read_bytes(), 24, []
    assert raw[20:24] == b"\1\0\0\0", "captures here are Ethernet"
    while at < len(raw):
        held = int.from_bytes(raw[at + 8 : at + 12], "little")
        packet = raw[at + 30 : at + 16 + held]
        total = int.from_bytes(packet[2:4], "big") if packet[0] >> 4 == 4 else int.from_bytes(packet[4:6], "big") + 40
        found.append(packet[:total])
        at += 16 + held
    return found


def trace(directory: Path, capture: Path, settings: list[str], **options: object) -> tuple[Lpar, str]:
    """A whole trace by console commands; the data set it was written to."""
    lpar = create(directory, State(0, **options), [(capture, "ETH1")])
    lpar.console("TRACE CT,WTRSTART=AESWRT")
    lpar.pass_time(2)
    for number, setting in enumerate(settings):
        on = "LINKN=ETH1" + (",ON" if not number else "")
        answer = lpar.console(f"V TCPIP,TCPIP,PKT,{on}{',' if setting else ''}{setting}")
        assert answer[-1].startswith("EZZ0053I"), answer
    assert "ITT038I ALL" in lpar.console("TRACE CT,ON,COMP=SYSTCPDA,SUB=(TCPIP),PARM=CTAESPRM")[0]
    (dsn,) = lpar.state.writers[0].datasets
    lpar.attend()
    lpar.console("V TCPIP,TCPIP,PKT,OFF")
    lpar.console("TRACE CT,OFF,COMP=SYSTCPDA,SUB=(TCPIP)")
    lpar.console("TRACE CT,WTRSTOP=AESWRT,FLUSH")
    lpar.pass_time(2)
    return lpar, dsn


@pytest.mark.parametrize(("name", "setting", "expression"), CASES)
def test_the_data_set_holds_what_tcpdump_selects(tmp_path, name, setting, expression):
    wanted = tcpdump(CAPTURES / name, expression, tmp_path / "wanted.pcap")
    lpar, dsn = trace(tmp_path / "lpar", CAPTURES / name, [setting])
    found = [one.data[: one.traced] for one in entries(lpar.datasets.read(dsn), 40)]
    assert wanted, "the case selects nothing, so it proves nothing"
    assert found == wanted
    assert sum(one.count for link in lpar.state.links for one in link.settings) == len(wanted)


def test_two_settings_are_ored_and_a_packet_is_traced_once(tmp_path):
    capture = CAPTURES / "ftp-hang.pcap"
    wanted = tcpdump(capture, "udp or host 198.51.100.20", tmp_path / "wanted.pcap")
    lpar, dsn = trace(tmp_path / "lpar", capture, ["PROT=UDP", "IP=198.51.100.20"])
    assert [one.data[: one.traced] for one in entries(lpar.datasets.read(dsn), 40)] == wanted


def test_abbrev_keeps_headers_and_tells_the_whole_length(tmp_path):
    capture = CAPTURES / "ftp-passive.pcap"
    whole = tcpdump(capture, "tcp", tmp_path / "wanted.pcap")
    lpar, dsn = trace(tmp_path / "lpar", capture, ["ABBREV=48,PROT=TCP"])
    found = list(entries(lpar.datasets.read(dsn), 40))
    assert [one.original for one in found] == [len(packet) for packet in whole]
    for one, packet in zip(found, whole, strict=True):
        headers = 20 + (packet[32] >> 4) * 4
        assert one.traced == min(len(packet), max(48, headers))
        assert one.data[: one.traced] == packet[: one.traced]


def test_times_direction_interface_and_counter_are_the_captures(tmp_path):
    capture = CAPTURES / "ftp-passive.pcap"
    lpar, dsn = trace(tmp_path / "lpar", capture, ["PROT=TCP"], home=["192.0.2.10"])
    found = list(entries(lpar.datasets.read(dsn), 40))
    times = subprocess.run(
        ["tcpdump", "-nr", capture, "-tt", "tcp"], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    wanted = [int(line.split()[0].replace(".", "")) for line in times]
    assert [(one.tod >> 12) - 2208988800_000000 for one in found] == wanted
    assert all((one.flags & 1) == (one.source[-4:] == bytes([192, 0, 2, 10])) for one in found)
    assert {one.flags & 1 for one in found} == {0, 1}
    assert [one.counter for one in found] == list(range(1, len(found) + 1))
    assert {(one.interface, one.device, one.format) for one in found} == {("ETH1", 39, 4)}


@pytest.mark.parametrize(
    ("name", "home"),
    [
        ("ftp-passive.pcap", ["198.51.100.20"]),
        ("ftp-ipv6.pcap", ["2001:db8:2::20"]),
        ("dns.pcap", ["198.51.100.53"]),
    ],
)
def test_the_home_address_is_guessed_from_who_is_called(tmp_path, name, home):
    lpar = create(tmp_path / "lpar", State(0), [(CAPTURES / name, "ETH1")])
    assert lpar.state.home == home
