"""NTP: packets built after RFC 5905, section 7.3."""

from __future__ import annotations

from telling import cut_everywhere, told

# Server, version 4: 2022/10/17 09:41:06.5 and two more times, root delay 10/256 s.
SERVER = bytes.fromhex(
    "240206ec 00000a00 00000b01 c0000207 e6f7a1b280000000 e6f7a1b300000000 0000000000000000 e6f7a1b440000000".replace(
        " ", ""
    )
)
ANSWER = bytes.fromhex("16820001061800000000000c") + b'version="4"\0'


def test_an_answer_of_a_server() -> None:
    found = told("ntp", SERVER)
    assert found.summary == "NTP : server (v4)"
    assert found.lines == [
        "  Leap Indicator   : no warning       Version: 4               Mode: server",
        "  Stratum          : 2                Poll: 6                  Precision: -20",
        "  Root Delay       : 0.039062         Root Dispersion: 0.042984",
        "  Reference Id     : 192.0.2.7",
        "  Reference Time   : 2022/10/17 09:41:06.500000",
        "  Origin Time      : 2022/10/17 09:41:07.000000",
        "  Receive Time     : none",
        "  Transmit Time    : 2022/10/17 09:41:08.250000",
    ]
    assert found.fields["ntp.xmt"] == ["Oct 17, 2022 09:41:08.250000000 UTC"]


def test_times_after_2036_are_of_the_next_era() -> None:
    assert told("ntp", SERVER[:16] + bytes.fromhex("0000000100000000") + SERVER[24:]).fields["ntp.reftime"] == [
        "Feb  7, 2036 06:28:17.000000000 UTC"
    ]


def test_control_messages() -> None:
    found = told("ntp", ANSWER)
    assert found.summary == "NTP : control (v2) : read variables response"
    assert '  Data             : version="4".' in found.lines


def test_cut_at_every_byte() -> None:
    cut_everywhere("ntp", SERVER + bytes(4) + bytes(16))
    cut_everywhere("ntp", ANSWER)
    cut_everywhere("ntp", bytes.fromhex("1700032a00000000"))
