"""Data and OSA traces: command texts, the 126-character rule, displays, and a whole capture of each."""

import json
import re

import dpkt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rigs import CAPTURES, Ear, active, lpar

from mock_zos.lpar import create
from mock_zos.state import State
from zjobs.errors import RequestError
from zjobs.host.base import DatasetSpec
from zjobs.host.mock import open as open_mock
from zjobs.jobs.capture import Job
from zjobs.lifecycle import messages, plan, sides
from zjobs.lifecycle.messages import DataTrace, WriterSeen
from zjobs.lifecycle.profile import parse
from zjobs.lifecycle.sides import osa, packet
from zjobs.lifecycle.steps import Observed
from zjobs.lifecycle.tables import Place, Windows

HEAD = """
name: test
stack: TCPIP
writer: {proc: AESWRT}
parmlib: {member: CTAESPRM}
stop: {after: 60s}
"""
OSA = HEAD + "trace: SYSTCPOT\n"


def profile(filters, head=HEAD):
    return parse(f"{head}filters: {json.dumps(filters)}\n")


def starting(one):
    return [step.command for step in plan.starting(one, Windows())]


def test_the_data_trace_of_a_job():
    found = profile([{"jobname": "FTPD1", "ip": "192.0.2.0/24", "port": 21, "length": 64}])
    assert starting(found) == [
        "TRACE CT,WTRSTART=AESWRT,WRAP",
        "V TCPIP,TCPIP,DAT,ON,ABBREV=64,JOBNAME=FTPD1,IP=192.0.2.0/24,PORTN=21",
        "TRACE CT,ON,COMP=SYSTCPDA,SUB=(TCPIP),PARM=CTAESPRM",
    ]
    assert sides.of(found).off(found) == ["V TCPIP,TCPIP,DAT,OFF"]


def test_without_a_jobname_the_trace_says_that_it_is_one_of_data():
    found = profile([{"port": 21, "length": "full"}], HEAD + "trace: DATTRACE\n")
    assert starting(found)[1] == "V TCPIP,TCPIP,DAT,ON,FULL,PORTN=21"


@pytest.mark.parametrize(
    ("filters", "head", "words"),
    [
        ([{"jobname": "A"}, {"jobname": "B"}], HEAD, "one item for a data trace"),
        ([{"jobname": "A", "link": "ETH1"}], HEAD, "link is not a key here; allowed: jobname, ip, port, length"),
        ([{"jobname": "A,B"}], HEAD, "jobname"),
        ([{"length": 5}], HEAD + "trace: DATTRACE\n", "needs jobname, ip or port"),
        ([{"portname": "OSA1"}], OSA, "nofilter: all"),
        ([{"portname": "OSA1", "nofilter": "none"}], OSA, "nofilter: all"),
        ([{"ip": "192.0.2.1"}], OSA, "needs the key portname"),
        ([{"portname": "OSA1", "ip": "192.0.2.1"}, {"portname": "OSA1", "port": 1}], OSA, "has an item already"),
        ([{"portname": "OSA1", "port": list(range(1, 10))}], OSA, "takes 8 values at most"),
        ([{"portname": "OSA1", "ip": [f"192.0.2.{n}" for n in range(9)]}], OSA, "8 IPv4 addresses"),
        ([{"portname": "OSA1", "port": [21, 21]}], OSA, "twice"),
        ([{"portname": "OSA1", "port": 21, "time": 10081}], OSA, "from 1 to 10080"),
        ([{"portname": "OSA1", "port": 21, "length": 481}], OSA, "from 64 to 480"),
        ([{"portname": "OSA1", "mac": "02-00"}], OSA, "12 hexadecimal digits"),
        ([{"portname": "OSA1", "vlanid": 4095}], OSA, "0 to 4094"),
        ([{"portname": "OSA1", "ethtype": "IPX"}], OSA, "IPV4, IPV6, ARP, SNA"),
        ([{"portname": "OSA1,ON", "port": 21}], OSA, "portname"),
    ],
)
def test_what_a_filter_does_not_take(filters, head, words):
    with pytest.raises(RequestError, match=re.escape(words)):
        profile(filters, head)


def test_an_osa_trace_has_limits_even_when_the_profile_gives_none():
    found = profile([{"portname": "OSA4", "nofilter": "all"}], OSA)
    assert starting(found)[1:3] == [
        "V TCPIP,TCPIP,OSAENTA,PORTNAME=OSA4,CLEAR",
        "V TCPIP,TCPIP,OSAENTA,PORTNAME=OSA4,ON,NOFILTER=ALL,ABBREV=224,DATA=256,TIME=6",
    ]
    assert starting(found)[3] == "TRACE CT,ON,COMP=SYSTCPOT,SUB=(TCPIP),PARM=CTAESPRM"


def test_every_parameter_of_an_osa_trace_is_sent_one_value_of_a_kind_at_a_time_and_on_comes_last():
    text = OSA + (
        "filters:\n  - {portname: OSA4, discard: 12, length: 480, data: 2, frames: 3, time: 4,"
        " deviceid: [0000000E, 777],"
        " mac: '02:00:00:00:00:0a', vlanid: [all, 5], ethtype: [0806, IPV4, 0777], ip: ['192.0.2.1', '2001:db8::/32'],"
        " protocol: [TCP, 17], port: [20, 21]}\n"
    )
    with pytest.raises(RequestError, match="deviceid"):
        parse(text)
    commands = osa.on(parse(text.replace(", 777]", ", 00000777]")))
    assert all(len(command) <= 126 for command in commands)
    given_ = [word for command in commands for word in command.split(",")[4:]]
    wanted = (
        "ON DISCARD=12 ABBREV=480 DATA=2 FRAMES=3 TIME=4 DEVICEID=0000000E DEVICEID=00000777 MAC=02000000000A "
        "VLANID=ALL VLANID=5 ETHTYPE=0806 ETHTYPE=IPV4 ETHTYPE=0777 IP=192.0.2.1 IP=2001:DB8::/32 "
        "PROTO=TCP PROTO=17 PORTN=20 PORTN=21"
    )
    assert sorted(given_) == sorted(wanted.split())
    for command in commands:
        kinds = [word.partition("=")[0] for word in command.split(",")]
        assert len(kinds) == len({*kinds})
        assert ("ON" in kinds) == (command is commands[-1])


LONG = {
    **{"link": "A234567890123456", "protocol": "ICMPV6", "ip": "2001:db8:1111:2222:3333:4444:5555:6666"},
    **{"source_port": 65535, "destination_port": 65534, "port": 65533, "discard": 65535},
}


def test_full_is_dropped_where_there_is_no_room_for_a_default():
    one = {**LONG, "length": "full"}
    del one["discard"], one["source_port"], one["protocol"]
    (command,) = packet.on(profile([one]))
    assert len(command) == 113
    assert ",FULL," in command
    (command,) = packet.on(profile([{**one, "protocol": "ICMPV6", "source_port": 1, "destination_port": 6553}]))
    assert len(command) == 126, "131 with FULL"
    assert ",FULL" not in command


def test_a_filter_too_long_for_a_command_goes_into_a_member(tmp_path):
    with pytest.raises(RequestError, match="ZJB0403E"):
        packet.on(profile([LONG]))
    head = HEAD + "obeyfile: {library: USER.TCPPARMS, member: ZJOBEY}\n"
    found = profile([{**LONG, "link": "ETH1"}, {"link": "ETH1", "port": 21, "length": "full"}], head)
    assert packet.on(found) == ["V TCPIP,TCPIP,OBEYFILE,DSN=USER.TCPPARMS(ZJOBEY)"]
    host = lpar(tmp_path / "lpar", capture="ftp-hang.pcap")
    ear = Ear()
    assert Job(host, found, ear, Windows(count_poll=1)).start().cause.id == "ZJB0463E"
    assert not [command for command in ear.commands if not command.startswith("D ")]
    host.create("//'USER.TCPPARMS'", DatasetSpec("FB", 80, dsorg="PO"))
    ear = Ear()
    assert Job(host, found, ear).start().place is Place.TRACING
    lines = host.read_text("//'USER.TCPPARMS(ZJOBEY)'")
    assert max(map(len, lines)) <= 71
    assert " ".join(lines).split()[:4] == ["PKTTRACE", "ON", "LINKN=ETH1", "ABBREV"]
    settings_ = next(link for link in host._lpar.state.links if link.name == "ETH1").settings
    assert [(one.port, one.length) for one in settings_] == [(65533, 200), (21, 0)]
    assert "ZJB0464I" in ear.messages
    assert Job(host, found, Ear()).stop().place is Place.DONE
    assert active(host) == []


# IP Diagnosis Guide and the SHARE slides: two printed displays; the second as its scan gives it.
PRINTED = """\
EZD0101I NETSTAT CS V1R12 TCPIP 378
OSA-EXPRESS NETWORK TRAFFIC ANAL\tYZER INFORMATION:
OSA PORTNAME: DR281920\tOSA DEVSTATUS: READY
OSA INTFNAME: EZANTADR281920\tOSA INTFSTATUS: READY
OSA SPEED: 1000\tOSA AUTHORIZATION: LOGICAL PARTITION
OSAENTA CUMULATIVE TRACE STAT\tTISTICS:
DATAMEGS: 1\tFRAMES: 3625
DATABYTES: 1641283\tFRAMESDISCARDED: 0
FRAMESLOST: 0\t
OSAENTA ACTIVE TRACE STATISTI\tICS:
DATAMEGS: 0\tFRAMES: 23
DATABYTES: 6148\tFRAMESDISCARDED: 0
FRAMESLOST: 0\tTIMEACTIVE: 2
OSAENTA TRACE SETTINGS:\tSTATUS: ON
DATAMEGSLIMIT: 2147483647\tFRAMESLIMIT: 2147483647
ABBREV: 480\tTIMELIMIT: 10080
DISCARD: NONE\t
OSAENTA TRACE FILTERS:\tNOFILTER: ALL
DEVICEID: *
MAC: *
VLANID: *
ETHTYPE: *
IPADDR: *
PROTOCOL: *
PORTNUM: *
OSA-Express Network Traffic Analyzer Information:
OSA PortName: QDIO4101 OSA DevStatus: Ready
OSA IntfName: EZANTAQDIO4101 OSA IntfStatus: Ready
OSA Speed: 1000 OSA Authorization: Logical Partition
OSAENTA Cumulative Trace Statistics:
DataMegs: 0 Frames: 8
DataBytes: 760 FramesDiscarded: 4
FramesLost: 0
OSAENTA Active Trace Statistics:
DataMegs: 0 Frames: 8
DataBytes: 760 FramesDiscarded: 4
FramesLost: 7 TimeActive: 8
OSAENTA Trace Settings: Status: Off
DataMegsLimit: 1024 FramesLimit: 2147483647
Abbrev: 224 TimeLimit: 10080
Discard: ALL
OSAENTA Trace Filters: Nofilter: NONE
DeviceID: *
Mac: *
VLANid: *
ETHType: *
IPAddr: 9.1.27.2
        2001:DB8::
Protocol: TCP
PortNum: 20
PortNum: 21
1 OF 1 RECORDS DISPLAYED
END OF THE REPORT"""


def test_printed_displays_of_osa_traces():
    seen = messages.devlinks(PRINTED.splitlines())
    first, second = seen.osas
    assert seen.whole
    assert (first.portname, first.on, first.frames, first.databytes, first.lost) == ("DR281920", True, 23, 6148, 0)
    assert (first.abbrev, first.nofilter, first.filters) == (480, "ALL", {})
    assert (second.portname, second.on, second.frames, second.lost) == ("QDIO4101", False, 8, 7)
    assert second.filters == {"IPADDR": ("9.1.27.2", "2001:DB8::"), "PROTOCOL": ("TCP",), "PORTNUM": ("20", "21")}
    shown = osa.shown(Observed(True, None, WriterSeen(), seen))
    assert shown[0] == ("DR281920", "OSA ON, all frames, first 480 bytes: 23 frames")
    assert shown[1][1].endswith("7 LOST, 4 DISCARDED")


def test_the_data_trace_setting_in_a_configuration_report():
    text = "EZD0101I NETSTAT CS V2R5 TCPIP 412\nTCP CONFIGURATION TABLE:\n  DEFAULTRCVBUFSIZE: 00016384\n"
    assert messages.data_trace((text + "END OF THE REPORT").splitlines()) == (None, True)
    text += (
        "Data Trace Setting:\n  JobName: FTPD1  TrRecCnt: 00000017  Length: 00064\n"
        "  IpAddr: 192.0.2.0  SubNet: 255.255.255.0  PortNum: 21\nAUTOLOG CONFIGURATION INFORMATION: X\n"
    )
    found, whole = messages.data_trace(text.splitlines())
    assert found == DataTrace(17, "FTPD1", "00064", "192.0.2.0", "255.255.255.0", "21")
    assert not whole
    one = profile([{"jobname": "FTPD1", "ip": "192.0.2.0/24", "port": 21, "length": 64}])
    seen = Observed(True, None, WriterSeen(), data=found)
    assert sides.of(one).own(seen, one)
    assert not sides.of(one).own(seen, profile([{"jobname": "OTHER"}]))


def frames(selected):
    with (CAPTURES / "ftp-hang.pcap").open("rb") as file:
        return sum(1 for _, data in dpkt.pcap.Reader(file) if selected(dpkt.ethernet.Ethernet(data)))


@pytest.mark.parametrize(
    ("filters", "selected"),
    [
        ({"nofilter": "all"}, lambda frame: True),
        ({"ethtype": "ARP"}, lambda frame: frame.type == dpkt.ethernet.ETH_TYPE_ARP),
        (
            {"protocol": "TCP", "port": [21, 20]},
            lambda frame: (
                isinstance(frame.data, dpkt.ip.IP)
                and isinstance(frame.data.data, dpkt.tcp.TCP)
                and bool({20, 21} & {frame.data.data.sport, frame.data.data.dport})
            ),
        ),
    ],
    ids=["all", "arp", "ports"],
)
def test_an_osa_trace_holds_the_frames_its_filters_select(tmp_path, filters, selected):
    host = lpar(tmp_path / "lpar", capture="ftp-hang.pcap")
    found = profile([{"portname": "OSADEV1", **filters}], OSA)
    outcome = Job(host, found, Ear()).run()
    assert outcome.place is Place.DONE
    assert active(host) == []
    assert host._lpar.state.osas[0].frames == frames(selected) > 0
    assert host._lpar.state.osas[0].filters == {}


def test_an_osa_trace_that_reaches_a_limit_is_stopped_and_told(tmp_path):
    host = lpar(tmp_path / "lpar", capture="ftp-hang.pcap")
    ear = Ear()
    outcome = Job(host, profile([{"portname": "OSADEV1", "nofilter": "all", "frames": 5}], OSA), ear).run()
    assert outcome.place is Place.DONE
    assert {"ZJB0465W", "ZJB0445W"} <= {*ear.messages}
    assert any("EZD0019I" in line.text for line in host.syslog(host.now().replace(year=2000)))
    assert active(host) == []


def test_an_osa_that_somebody_traces_is_left_alone(tmp_path):
    host = lpar(tmp_path / "lpar", capture="ftp-hang.pcap")
    host.oper("V TCPIP,TCPIP,OSAENTA,PORTNAME=OSADEV1,ON,PORTN=80")
    found = profile([{"portname": "OSADEV1", "port": 21}], OSA)
    assert Job(host, found, Ear()).start().cause.id == "ZJB0458E"
    Job(host, found, Ear()).stop()
    assert host._lpar.state.osas[0].filter == "ON"


def test_a_data_trace_records_start_data_and_end_of_a_jobs_sockets(tmp_path):
    host = open_mock(str(create(tmp_path / "l", State(0), [(CAPTURES / "ftp-passive.pcap", "ETH1")]).directory))
    found = profile([{"port": 21, "length": "full"}], HEAD.replace("after: 60s", "after: 5m") + "trace: DATTRACE\n")
    outcome = Job(host, found, Ear()).run()
    assert outcome.place is Place.DONE
    assert active(host) == []
    with host.open_records(f"//'{outcome.written[0]}'") as records:
        raw = b"".join(records)
    states = [raw[at + 16 + 19] for at in range(len(raw) - 40) if raw[at + 2 : at + 8] == b"\0\x10\0\0\0\x05"]
    assert states[0] == 1
    assert states.count(1) == states.count(2) == 1
    assert raw.count(b"USER demo\r\n") == 1


def test_two_stacks_are_traced_apart(tmp_path):
    traffic = [(CAPTURES / "ftp-passive.pcap", "ETH1"), (CAPTURES / "http.pcap", "ETH2:TCPIP2")]
    host = open_mock(str(create(tmp_path / "l", State(0), traffic).directory))
    host.write_text(
        "//'USER.PROCLIB(WRT2)'",
        ["//WRT2 PROC", "//IEFPROC EXEC PGM=ITTTRCWR", "//TRCOUT01 DD DSN=SYS2.SECOND,DISP=(NEW,CATLG)"],
    )
    host.write_text("//'USER.PARMLIB(CTWRT200)'", ["TRACEOPTS ON WTR(WRT2)"])
    one = profile([{"link": "ETH1", "length": "full"}])
    two = HEAD.replace("TCPIP", "TCPIP2").replace("AESWRT", "WRT2").replace("CTAESPRM", "CTWRT200").replace("test", "b")
    other = profile([{"link": "ETH2", "length": "full"}], two)
    assert Job(host, one, Ear()).start().place is Place.TRACING
    assert Job(host, other, Ear()).start().place is Place.TRACING
    assert [(t.sub, t.mode, t.writer) for t in host._lpar.state.subtraces if t.component == "SYSTCPDA"] == [
        ("TCPIP", "ON", "AESWRT"),
        ("TCPIP2", "ON", "WRT2"),
    ]
    assert Job(host, one, Ear()).stop().place is Place.DONE
    assert active(host) == ["writer WRT2 ACTIVE", "SYSTCPDA ON", "filter ETH2"]
    assert Job(host, other, Ear()).stop().place is Place.DONE
    assert active(host) == []


ODD = st.one_of(
    st.integers(-5, 70000),
    st.sampled_from(
        ["all", "full", "TCP", "OSA1", "192.0.2.1", "2001:db8::/32", "0806", "02000000000A", "ARP", "FTPD1"]
    ),
    st.text(alphabet=st.sampled_from("AZ09,()=' *#;:/."), max_size=14),
    st.lists(st.integers(1, 65535), max_size=9),
)
OPERAND = (
    r"(PORTNAME=[A-Z@#$][A-Z0-9@#$]{0,7}|ON|FULL|ABBREV(=\d{1,5})?|JOBNAME=[A-Z@#$][A-Z0-9@#$]{0,7}|IP=[0-9A-F.:]+(/\d{1,3})?"
    r"|PORTN=\d{1,5}|PROTO=(TCP|UDP|ICMP|ICMPV6|\d{1,3})|NOFILTER=(ALL|NONE)|DISCARD=(EXCEPTION|ALL|NONE|\d{1,4})"
    r"|(DATA|FRAMES|TIME)=\d{1,10}|DEVICEID=[0-9A-F]{8}|MAC=[0-9A-F]{12}|VLANID=(ALL|\d{1,4})"
    r"|ETHTYPE=(IPV4|IPV6|ARP|SNA|[0-9A-F]{4}))"
)


VALID = {
    "jobname": ["FTPD1"],
    "ip": ["192.0.2.1", "2001:db8::/32"],
    "port": [21, 65535],
    "source_port": [20],
    "link": ["ETH1"],
    "length": [64, 224],
    "portname": ["OSADEV1"],
    "nofilter": ["all"],
    "discard": ["none", 7],
    "data": [1],
    "time": [10080],
    "mac": ["02000000000A"],
    "vlanid": ["all", 7],
    "ethtype": ["ARP", "0806"],
    "protocol": ["TCP", 17],
    "deviceid": ["0000000E"],
}


@st.composite
def mostly_valid(draw, keys):
    """Values that their keys take, and now and then an odd one among them."""
    values = draw(st.fixed_dictionaries({}, optional={key: st.sampled_from(VALID[key]) for key in keys}))
    if draw(st.booleans()):
        values[draw(st.sampled_from(keys))] = draw(ODD)
    return values


KEYS = "jobname ip port length portname nofilter discard data time mac vlanid ethtype protocol deviceid"


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["DATTRACE", "OSAENTA"]),
    mostly_valid(KEYS.split()),
)
def test_no_filter_however_odd_yields_a_command_outside_the_grammar(kind, values):
    known = {"jobname", "ip", "port", "length"} if kind == "DATTRACE" else {*values} - {"jobname"}
    try:
        found = profile([{key: values[key] for key in values if key in known}], HEAD + f"trace: {kind}\n")
    except RequestError:
        return
    for command in sides.of(found).on(found):
        assert re.fullmatch(rf"V TCPIP,TCPIP,(DAT|OSAENTA)(,{OPERAND})+", command), command
        assert len(command) <= 126


@pytest.fixture(scope="module")
def console(tmp_path_factory):
    """A console whose stack has every interface and port that an odd profile can name."""
    made = create(tmp_path_factory.mktemp("grammar") / "l", State(0), [(CAPTURES / "dns.pcap", "ETH1")])
    return made


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["PKTTRACE", "DATTRACE", "OSAENTA"]),
    mostly_valid([*KEYS.split(), "link", "source_port"]),
)
def test_the_simulated_console_takes_whatever_a_profile_yields(console, kind, values):
    """Its parser is not ours: a command it does not understand would be one of them."""
    known = {
        "PKTTRACE": {"link", "ip", "port", "source_port", "length", "protocol", "discard"},
        "DATTRACE": {"jobname", "ip", "port", "length"},
        "OSAENTA": {*KEYS.split()} - {"jobname"},
    }[kind]
    chosen = {key: values[key] for key in values if key in known}
    fixed = {"OSAENTA": {"portname": "OSADEV1"}, "PKTTRACE": {"link": "ETH1"}}.get(kind, {})
    try:
        found = profile([chosen | fixed], HEAD + f"trace: {kind}\n")
    except RequestError:
        return
    side = sides.of(found)
    for command in [*side.clear(found), *side.on(found), *side.off(found), *side.clear(found)]:
        answer = console.console(command)
        assert answer[-1].startswith("EZZ0053I"), (command, answer)


def test_two_writers_take_two_components_of_one_stack(tmp_path):
    host = lpar(tmp_path / "lpar", capture="ftp-hang.pcap")
    host.write_text(
        "//'USER.PROCLIB(WRT2)'",
        ["//WRT2 PROC", "//IEFPROC EXEC PGM=ITTTRCWR", "//TRCOUT01 DD DSN=SYS2.SECOND,DISP=(NEW,CATLG)"],
    )
    host.write_text("//'USER.PARMLIB(CTWRT200)'", ["TRACEOPTS ON WTR(WRT2)"])
    one = profile([{"link": "ETH1", "length": "full"}])
    other = HEAD.replace("AESWRT", "WRT2").replace("CTAESPRM", "CTWRT200").replace("test", "b") + "trace: SYSTCPOT\n"
    two = profile([{"portname": "OSADEV1", "nofilter": "all"}], other)
    assert Job(host, one, Ear()).start().place is Place.TRACING
    assert Job(host, two, Ear()).start().place is Place.TRACING
    first = Job(host, one, Ear()).stop()
    assert active(host) == ["writer WRT2 ACTIVE", "SYSTCPOT ON", "osa OSADEV1"]
    second = Job(host, two, Ear()).stop()
    assert active(host) == []
    for outcome, component in ((first, "SYSTCPDA"), (second, "SYSTCPOT")):
        with host.open_records(f"//'{outcome.written[0]}'") as records:
            assert all(record[:8].decode("cp1047") == component for record in records)
