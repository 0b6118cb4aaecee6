"""Answers of the system, quoted from printed console logs and manuals, and what is read from them."""

import pytest

from zjobs.lifecycle import messages
from zjobs.lifecycle.messages import Setting, Subtrace, Verdict, WriterSeen

ALL = "ITT038I ALL OF THE TRANSACTIONS REQUESTED VIA THE TRACE CT COMMAND WERE SUCCESSFULLY EXECUTED."
IEE839I = """\
IEE839I ST=(ON,0256K,03584K) AS=ON  BR=OFF EX=ON  MT=(ON,024K)
        ISSUE DISPLAY TRACE CMD FOR SYSTEM AND COMPONENT TRACE STATUS
        ISSUE DISPLAY TRACE,TT CMD FOR TRANSACTION TRACE STATUS"""

# IP Diagnosis Guide, display of a socket API trace.
SYSTCPIP = """\
IEE843I 14.27.14  TRACE DISPLAY 099
        SYSTEM STATUS INFORMATION
 ST=(ON,0064K,00064K) AS=ON  BR=OFF EX=ON  MT=(ON,064K)
  TRACENAME
  =========
  SYSTCPIP
                      MODE BUFFER HEAD SUBS
                      =====================
                      OFF         HEAD    1
     NO HEAD OPTIONS
  SUBTRACE            MODE BUFFER HEAD SUBS
 -------------------------------------------------------
  TCPIPROC            ON   0008M
     ASIDS      *NONE*
     JOBNAMES   EZASOKJS
     OPTIONS    SOCKAPI
     WRITER     CTW"""

# The same guide, packet trace with two stacks defined.
SYSTCPDA = """\
IEE843I 11.33.06  TRACE DISPLAY 099
        SYSTEM STATUS INFORMATION
 ST=(ON,0064K,00064K) AS=ON  BR=OFF EX=ON  MT=(ON,064K)
  TRACENAME
  =========
  SYSTCPDA
                      MODE BUFFER HEAD SUBS
                      =====================
                      OFF         HEAD    2
     NO HEAD OPTIONS
  SUBTRACE            MODE BUFFER HEAD SUBS
 --------------------------------------------------------------
  TCPCS2              ON   0016M
     ASIDS      *NONE*
     JOBNAMES   *NONE*
     OPTIONS    MINIMUM
     WRITER     PTTCP"""

DEVLINKS = """\
EZD0101I NETSTAT CS V2R5 TCPIP 412
DEVNAME: OSADEV1           DEVTYPE: MPCIPA
  DEVSTATUS: READY
  LNKNAME: ETH1              LNKTYPE: IPAQENET    LNKSTATUS: READY
    ACTMTU: 1492
  ROUTING PARAMETERS:
    MTU SIZE: 01492             METRIC: 00
    DESTADDR: 0.0.0.0           SUBNETMASK: 255.255.255.0
  PACKET TRACE SETTING:
    PROTOCOL: TCP              TRRECCNT: 00001374  PCKLENGTH: FULL
    DISCARD: NONE
    SRCPORT:  *                DESTPORT: *         PORTNUM: *
    IPADDR:   192.0.2.10       SUBNET:   255.255.255.255
  MULTICAST SPECIFIC:
    MULTICAST CAPABILITY: YES
3 OF 3 RECORDS DISPLAYED
END OF THE REPORT"""


def lines(text: str) -> list[str]:
    return text.splitlines()


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ([ALL, *lines(IEE839I)], Verdict.DONE),
        ([ALL[:60], ALL[60:]], Verdict.DONE),
        (["ITT038I NONE OF THE TRANSACTIONS REQUESTED VIA THE TRACE CT COMMAND WERE"], Verdict.REFUSED),
        (["ITT038I SOME OF THE TRANSACTIONS"], Verdict.REFUSED),
        (["IEE345I TRACE    AUTHORITY INVALID, FAILED BY SECURITY PRODUCT"], Verdict.REFUSED),
        (lines(IEE839I), Verdict.SILENT),
        ([], Verdict.SILENT),
        (["ITT038I", "ALL OF THE TRANSACTIONS"], Verdict.DONE),
    ],
)
def test_trace_ct(answer, verdict):
    assert messages.trace_ct(answer) is verdict


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (["EZZ0060I PROCESSING COMMAND: VARY TCPIP,,PKT", "EZZ0053I COMMAND VARY PKTTRACE COMPLETED"], Verdict.DONE),
        (["EZZ0060I PROCESSING COMMAND: VARY TCPIP,,PKT"], Verdict.SILENT),
        (["EZZ0059I VARY PKTTRACE COMMAND FAILED: NOT AUTHORIZED"], Verdict.REFUSED),
        (["EZZ0054I SOMETHING ELSE", "EZZ0053I COMMAND VARY PKTTRACE COMPLETED"], Verdict.REFUSED),
        (["IEE305I VRY COMMAND INVALID"], Verdict.REFUSED),
        ([], Verdict.SILENT),
    ],
)
def test_vary(answer, verdict):
    assert messages.vary(answer) is verdict


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("*06 ITT006A SPECIFY OPERAND(S) FOR TRACE CT COMMAND.", "06"),
        ("@0123 ITT006A SPECIFY OPERAND(S)", "0123"),
        (" 7 ITT066A SPECIFY OPERAND(S)", "7"),
        ("06 R SYSTEM *06 ITT006A SPECIFY OPERAND(S)", "06"),
    ],
)
def test_a_prompt_in_every_spelling(line, number):
    assert messages.prompts(["IEE112I 14.00.00 PENDING REQUESTS 001", line]) == (number,)


def test_other_prompts_are_not_taken():
    assert messages.prompts(["*07 IEE094D SPECIFY OPERAND(S) FOR DUMP COMMAND", "SEE ITT006A FOR MORE"]) == ()


def test_the_subtrace_carries_the_state_and_the_head_does_not():
    assert messages.subtrace(lines(SYSTCPIP), "TCPIPROC") == Subtrace("ON", "0008M", "CTW")
    assert messages.subtrace(lines(SYSTCPDA), "TCPCS2") == Subtrace("ON", "0016M", "PTTCP")
    assert messages.subtrace(lines(SYSTCPDA), "TCPCS") is None


def test_writers():
    text = """\
IEE843I 14.29.40  TRACE DISPLAY 105
        SYSTEM STATUS INFORMATION
 ST=(ON,0064K,00064K) AS=ON  BR=OFF EX=ON  MT=(ON,064K)
  WRITER    STATUS    HEAD      COMPONENT SUBNAME
 --------------------------------------------------------------
  AESWRT    ACTIVE
                                SYSTCPDA  TCPIP"""
    assert messages.writer(lines(text), "AESWRT") == WriterSeen(True, True, (("SYSTCPDA", "TCPIP"),))
    assert messages.writer(lines(text), "AESWR") == WriterSeen()
    both = text + "\n  HISWRT    ACTIVE\n                                SYSTCPIP  TCPIP2"
    assert messages.writer(lines(both), "AESWRT").connected == (("SYSTCPDA", "TCPIP"),)
    assert messages.writer(lines(both), "HISWRT").connected == (("SYSTCPIP", "TCPIP2"),)


@pytest.mark.parametrize("fold", [str.upper, str.lower, str.title])
def test_devlinks_in_any_case(fold):
    found = messages.devlinks(lines(fold(DEVLINKS)))
    assert found.whole
    (link,) = found.links
    setting = Setting(1374, "TCP", "FULL", "*", "*", "*", "192.0.2.10", "255.255.255.255")
    assert (link.name, link.settings, link.count) == ("ETH1", (setting,), 1374)


def test_devlinks_sums_ored_settings_and_takes_interfaces():
    block = "\n".join(lines(DEVLINKS)[8:13])
    text = DEVLINKS.replace(block, block + "\n" + block).replace("LNKNAME: ETH1 ", "INTFNAME: OSA6 ")
    (link,) = messages.devlinks(lines(text)).links
    assert (link.name, len(link.settings), link.count) == ("OSA6", 2, 2748)


def test_a_cut_report_is_not_whole():
    assert not messages.devlinks(lines(DEVLINKS)[:-1]).whole
    cut = "REPORT TRUNCATED DUE TO GREATER THAN 65533 LINES OF OUTPUT"
    assert not messages.devlinks([*lines(DEVLINKS)[:-1], cut]).whole
    assert not messages.devlinks(lines(DEVLINKS.replace("3 OF 3", "2 OF 3"))).whole
    assert not messages.devlinks([]).whole


def test_datasets_of_a_writer():
    log = [
        "AHL906I THE OUTPUT BLOCK SIZE OF 27998 WILL BE USED FOR OUTPUT DATA SETS:",
        "        SYS2.CTRACE.D250102.T142702",
        "ITT110I INITIALIZATION OF CTRACE WRITER AESWRT COMPLETE.",
        "AHL904I THE FOLLOWING TRACE DATASETS CONTAIN TRACE DATA : SYS2.A.B",
        "        SYS2.CTRACE.D250102.T142702",
        "ITT111I CTRACE WRITER AESWRT TERMINATED BECAUSE OF A WTRSTOP REQUEST.",
        "        SYS2.NOT.ONE",
    ]
    assert messages.datasets(log, "AHL906I") == ("SYS2.CTRACE.D250102.T142702",)
    assert messages.datasets(log, "AHL904I") == ("SYS2.A.B", "SYS2.CTRACE.D250102.T142702")


def test_stacks():
    report = ["EZAOP50I TCPIP STATUS REPORT 12", "    1   TCPIP        CS V2R5    ACTIVE", "EZAOP41I DONE"]
    assert messages.stack_active(report, "TCPIP") is True
    assert messages.stack_active(report, "TCPIP2") is False
    assert messages.stack_active([], "TCPIP") is None
