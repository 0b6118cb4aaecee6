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


def test_what_stands_behind_the_times() -> None:
    plain = bytes([0x24, 1, 6, 0xEC]) + bytes(44)
    refused = told("ntp", plain + bytes(4)).fields
    assert refused["ntp.keyid"] == ["00000000"] and "ntp.mac" not in refused
    # RFC 7822: an extension of 16 bytes, then key and digest.
    whole = plain + bytes.fromhex("0104 0010") + bytes(12) + b"\0\0\0\5" + bytes(range(16))
    found = told("ntp", whole)
    assert (found.fields["ntp.keyid"], found.fields["ntp.mac"]) == (["00000005"], [bytes(range(16)).hex()])
    older = told("ntp", bytes([0x1C]) + plain[1:] + b"\0\0\0\5" + bytes(21)).fields
    assert older["ntp.mac"] == ["00" * 21]
    assert [p for p, _ in told("ntp", plain + bytes(28)).problems] == ["ntp.ext.length"]
    cut_everywhere("ntp", whole)


def test_associations_of_a_server() -> None:
    answer = bytes.fromhex("16 81 0045 0618 0000 0000 0008") + bytes.fromhex("bebd 961a bebc 8011")
    found = told("ntp", answer).fields
    assert found["ntp.ctrl.associd"] == [0, 0xBEBD, 0xBEBC]
    assert found["ntp.ctrl.status"] == [0x0618, 0x961A, 0x8011]
    cut_everywhere("ntp", answer)
