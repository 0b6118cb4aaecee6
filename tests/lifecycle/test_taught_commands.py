"""The commands an operator gives by hand, as slides for operators teach them: all are in the plan."""

import pytest

from zjobs.lifecycle import guests, plan
from zjobs.lifecycle.profile import parse
from zjobs.lifecycle.tables import LADDERS, Place, Windows
from zjobs.members.render import members

PACKET = """
name: seed
stack: TCPIP
writer: {proc: AESWRT}
parmlib: {member: CTAESPRM}
filters: [{link: ETH1, protocol: TCP, ip: 192.0.2.10, length: full}]
"""
OSA = PACKET.replace("{link: ETH1, protocol: TCP, ip: 192.0.2.10, length: full}", "{portname: OSA1, nofilter: all}")
OSA = OSA.replace("writer:", "trace: SYSTCPOT\nwriter:")
# With the stack named, which a system with two stacks needs, and without the blanks that scanning put in.
PACKET_COMMANDS = """
TRACE CT,WTRSTART=AESWRT
V TCPIP,TCPIP,PKT,CLEAR
V TCPIP,TCPIP,PKT,LINKN=ETH1,ON,FULL,PROT=TCP,IP=192.0.2.10
TRACE CT,ON,COMP=SYSTCPDA,SUB=(TCPIP),PARM=CTAESPRM
V TCPIP,TCPIP,PKT,OFF
TRACE CT,OFF,COMP=SYSTCPDA,SUB=(TCPIP)
TRACE CT,WTRSTOP=AESWRT,FLUSH
D TRACE,WTR=AESWRT
D TCPIP,TCPIP,NETSTAT,DE
"""
OSA_COMMANDS = """
TRACE CT,WTRSTART=AESWRT
V TCPIP,TCPIP,OSAENTA,PORTNAME=OSA1,CLEAR
V TCPIP,TCPIP,OSAENTA,PORTNAME=OSA1,ON,NOFILTER=ALL
TRACE CT,ON,COMP=SYSTCPOT,SUB=(TCPIP),PARM=CTAESPRM
V TCPIP,TCPIP,OSAENTA,PORTNAME=OSA1,OFF
TRACE CT,OFF,COMP=SYSTCPOT,SUB=(TCPIP)
TRACE CT,WTRSTOP=AESWRT,FLUSH
D TRACE,WTR=AESWRT
D TCPIP,TCPIP,NETSTAT,DE
"""


@pytest.mark.parametrize(("text", "wanted"), [(PACKET, PACKET_COMMANDS), (OSA, OSA_COMMANDS)], ids=["packet", "osa"])
def test_every_command_is_planned_in_its_order_and_in_the_members(text, wanted):
    profile, windows = parse(text), Windows()
    steps = [
        *plan.starting(profile, windows),
        *plan.stopping(profile, windows, LADDERS[Place.TRACING]),
        *plan.looking(profile, windows),
    ]
    commands = iter(step.command for step in steps)
    for line in wanted.split("\n")[1:-1]:
        # Defaults are said aloud (WRAP), and limits are added: the text begins as taught.
        assert any(command == line or command.startswith(line + ",") for command in commands), line
    (member,) = members(profile, ["commands"])
    for line in wanted.split("\n")[1:-1]:
        assert any(one == line or one.startswith(line + ",") for one in member.lines), line


def test_the_writer_procedure_the_member_and_the_formatting_job():
    profile = parse(PACKET)
    made = {member.kind: "\n".join(member.lines) for member in members(profile)}
    assert "EXEC PGM=ITTTRCWR,REGION=0K,TIME=1440" in made["proc"]
    assert made["parmlib"].split("*/")[-1].split() == ["TRACEOPTS", "ON", "WTR(AESWRT)"]
    for line in ("//SYSPROC  DD DISP=SHR,DSN=SYS1.SBLSCLI0", " IPCS NOPARM", " DROPD FILE(TRACE)"):
        assert line in made["ipcs"]
    assert "CTRACE DDNAME(TRACE) COMP(SYSTCPOT)" in "\n".join(members(parse(OSA), ["ipcs"])[0].lines)


def test_the_sequence_of_zvm():
    text = "name: seed\ntrace: zvm-trf\nstack: TCPIP\nfilters: [{link: ETH0, length: 256}]\n"
    found = guests.parse(text)
    commands = [command.removeprefix("CP ") for command in found.start + found.stop]
    for line in (
        "NETSTAT OBEY PACKETTRACESIZE 256",
        "NETSTAT OBEY TRACEONLY ETH0 ENDTRACEONLY",
        "TRSOURCE ID TCP TYPE GT BLOCK FOR USER TCPIP",
        "TRSOURCE ENABLE ID TCP",
        "NETSTAT OBEY PACKETTRACESIZE 0",
        "NETSTAT OBEY TRACEONLY ENDTRACEONLY",
        "TRSOURCE DISABLE ID TCP",
    ):
        assert line in commands
