"""Several links and a writer with several data sets: what is in them is what a tcpdump filter selects on each link."""

import subprocess

import pytest
from rigs import CAPTURES, Ear, active
from test_several_stacks import records

from mock_zos.lpar import create
from mock_zos.state import State
from zjobs.host.mock import open
from zjobs.jobs.capture import Job
from zjobs.lifecycle.profile import parse
from zjobs.lifecycle.tables import Place

FIRST, SECOND, THIRD = "ftp-hang.pcap", "tcp-loss-server.pcap", "tcp-delay.pcap"
PROFILE = """
name: links
stack: TCPIP
writer: {proc: TWOWRT, wrap: WRAP, datasets: [SYS2.A, SYS2.B]}
reply: true
filters:
  - {link: ETH1, protocol: TCP, source_port: 20, length: full}
  - {link: ETH1, port: 53, length: full}
  - {link: ETH2, protocol: TCP, length: full}
stop: {after: 10m}
"""
JCL = [
    *("//TWOWRT   PROC", "//IEFPROC  EXEC PGM=ITTTRCWR,REGION=0K,TIME=1440"),
    *("//TRCOUT01 DD DSN=SYS2.A,DISP=(NEW,CATLG),", "//            SPACE=(TRK,(1,0))"),
    *("//TRCOUT02 DD DSN=SYS2.B,DISP=(NEW,CATLG),", "//            SPACE=(CYL,(5,0))"),
]


def selected(capture, expression):
    command = ["tcpdump", "-n", "-r", str(CAPTURES / capture), "--count", expression]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[0])


@pytest.mark.parametrize("wrap", ["true", "false"])
def test_both_data_sets_hold_what_the_filters_of_both_links_select(tmp_path, wrap):
    traffic = [(CAPTURES / FIRST, "ETH1"), (CAPTURES / SECOND, "ETH2"), (CAPTURES / THIRD, "ETH2")]
    create(tmp_path / "lpar", State(0), traffic)
    host = open(str(tmp_path / "lpar"))
    host.write_text("//'USER.PROCLIB(TWOWRT)'", JCL)
    ear = Ear()
    outcome = Job(host, parse(PROFILE.replace("WRAP", wrap)), ear).run()
    assert outcome.place is Place.DONE
    assert "ZJB0445W" not in ear.messages
    assert active(host) == []
    assert outcome.written == ("SYS2.A", "SYS2.B")
    counts = [records(host, dsn) for dsn in outcome.written]
    assert all(counts)
    chosen = (selected(FIRST, "(tcp src port 20) or port 53"), selected(SECOND, "tcp"), selected(THIRD, "tcp"))
    assert sum(counts) == sum(chosen)
