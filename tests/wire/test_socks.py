"""SOCKS: every message of the negotiation, the protocol behind it, and tshark on the same packets."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path

import pytest
from formatted import differences, entries, fields, witnessed
from packets import ip4
from telling import cut_everywhere, told

from zjobs.wire import socks
from zjobs.wire.talk import NOT_MINE, OWN, SERVER, STREAM, Flow, Talk

CLIENT, PROXY = STREAM, STREAM | SERVER
USER, TOKEN, COMMAND, CALLED = (k * OWN for k in range(1, 5))
GET = b"GET /a HTTP/1.0\r\nHost: h\r\n\r\n"
BANNER = b"220 mail\r\n"


def talk(*said: str | bytes, port: int = 40000) -> list[bytes]:
    """What a client and its proxy say in turn; hex, or bytes as they are."""
    seq, out = [1000, 5000], []
    for k, one in enumerate(said):
        data = bytes.fromhex(one) if isinstance(one, str) else one
        way = k % 2
        ends = (port, 1080)[:: 1 - 2 * way]
        head = struct.pack(">HHIIHHHH", *ends, seq[way], seq[1 - way], 0x5018, 8192, 0, 0)
        seq[way] += len(data)
        out.append(ip4(6, head + data, *("192.0.2.1", "198.51.100.1")[:: 1 - 2 * way]))
    return out


#: RFC 1928: methods, a connection to 198.51.100.2; by name behind a password (RFC 1929); to an IPv6 address.
DIRECT = ("050100", "0500", "05010001 c6336402 0050", "05000001 c6336401 1234")
NAMED = (
    "05020002", "0502", "0104 75736572 04 70617373", "0100", "05010003 0b 6578616d706c652e636f6d 0019",
    "05000001 00000000 0000",
)  # fmt: skip
SIX = (*DIRECT[:2], "05010004 20010db8000000000000000000000001 0050", "05000004 20010db8000000000000000000000002 1234")
#: RFC 1961: tokens, then that nothing is protected.
TOKENS = ("050101", "0501", "0101 0003 616263", "0101 0000", *DIRECT[2:])
#: SOCKS 4 with a user, and 4A with a name.
FOUR = ("0401 0050 c6336402 7573657200", "005a 0050 c6336402")
FOUR_A = ("0401 0050 00000001 7573657200 6578616d706c652e636f6d00", "005a 0050 c6336402")
REFUSED = (*DIRECT[:3], "05050001 00000000 0000")
BOUND = (*DIRECT[:2], "05020001 c6336402 0015", DIRECT[3])
TALKS = {
    "direct": DIRECT, "named": NAMED, "six": SIX, "tokens": TOKENS, "four": FOUR, "four a": FOUR_A, "refused": REFUSED,
    "no method": ("050100", "05ff"), "bound": BOUND, "denied": (FOUR[0], "005b 0050 c6336402"),
    "failed": ("050101", "0501", "0101 0001 61", "01ff"), "unknown": (*DIRECT[:2], "05010009 0050"),
}  # fmt: skip


def test_what_a_negotiation_tells() -> None:
    found = fields(entries(talk(*NAMED)))
    assert found[0]["socks.auth_method"] == [0, 2] and found[1]["socks.auth_accepted_method"] == 2
    assert (found[2]["socks.username"], found[2]["socks.password"]) == ("user", "pass")
    assert (found[4]["socks.command"], found[4]["socks.remote_name"], found[4]["socks.port"]) == (1, "example.com", 25)
    assert found[5]["socks.results"] == 0


@pytest.mark.parametrize("name", ["direct", "six", "tokens", "four", "four a"])
def test_the_port_behind_the_proxy_names_the_protocol(name: str) -> None:
    found = fields(entries(talk(*TALKS[name], GET)))
    assert found[-1]["http.request.uri"] == "/a" and "socks.version" not in found[-1]


def test_a_server_that_speaks_first_behind_the_proxy() -> None:
    packets = talk(*NAMED, b"", BANNER)
    found = fields(entries(packets))
    assert found[-1]["smtp.response.code"] == 220


@pytest.mark.parametrize("name", ["refused", "no method", "bound", "denied", "failed"])
def test_nothing_is_handed_on_without_a_connection(name: str) -> None:
    found = fields(entries(talk(*TALKS[name], b"EHLO zos.example.org\r\n")))
    assert "smtp.req.command" not in found[-1]


def test_a_bound_port_that_was_called_is_a_connection() -> None:
    found = fields(entries(talk(*BOUND, b"", "05000001 c6336402 0014", GET)))
    assert found[5]["socks.remote_host_port"] == 20 and found[6]["http.request.uri"] == "/a"


def test_messages_in_pieces() -> None:
    whole = [bytes.fromhex(one) for one in DIRECT]
    pieces: list[bytes] = []
    for asked, answer in zip(whole[::2], whole[1::2], strict=True):
        pieces += [asked[:1], b"", asked[1:], answer[:1], b"", answer[1:]]
    found = fields(entries(talk(*pieces, GET)))
    assert [one.get("socks.version") for one in found] == [None, None, 5, None, None, 5] * 2 + [None]
    assert found[8]["socks.port"] == 80 and found[-1]["http.request.uri"] == "/a"


def _flow(serves: bool, kind: int) -> Flow:
    one = Talk("socks")
    one.flows = (Flow(one, b"\0" * 4, 1), Flow(one, b"\0" * 4, 2, state=PROXY))
    flow = one.flows[serves]
    flow.state |= kind
    return flow


@pytest.mark.parametrize(
    ("serves", "kind", "data", "length"),
    [
        (False, 0, "05", -2), (False, 0, "0401", -9), (False, 0, "0401 0050 c6336402 75", -10),
        (False, 0, "0401 0050 00000001 7500 61", -12), (False, 0, "16", NOT_MINE), (True, 0, "05", -2),
        (True, 0, "00", -8), (True, 0, "48", NOT_MINE), (False, USER, "01", -2), (False, USER, "0102 6161", -5),
        (False, USER, "0102 6161 03", -8), (False, USER, "05", NOT_MINE), (True, USER, "01", -2),
        (True, TOKEN, "01", -4),
        (True, TOKEN, "01ff", 2), (True, TOKEN, "0101 0003", -7), (True, TOKEN, "05", NOT_MINE),
        (False, COMMAND, "0501", -5), (False, COMMAND, "05010003 05", -12), (False, COMMAND, "05010004 05", -22),
        (False, 0, "050100 05", 3), (True, CALLED, "05000001 00", -10), (True, COMMAND, "47", NOT_MINE),
    ],
)  # fmt: skip
def test_how_far_a_message_goes(serves: bool, kind: int, data: str, length: int) -> None:
    assert socks.measure(bytes.fromhex(data), _flow(serves, kind)) == length


@pytest.mark.parametrize("name", list(TALKS))
def test_cut_at_every_byte(name: str) -> None:
    kinds = (
        (0, COMMAND) if name not in ("named", "tokens", "failed") else (0, USER if name == "named" else TOKEN, COMMAND)
    )
    for k, one in enumerate(TALKS[name]):
        state = (PROXY if k % 2 else CLIENT) | (kinds[min(k // 2, len(kinds) - 1)])
        cut_everywhere("socks", bytes.fromhex(one), state)


def test_the_listing_shows_no_password() -> None:
    found = told("socks", bytes.fromhex(NAMED[2]), CLIENT | USER)
    assert found.summary == "socks : user user" and not any("pass" in line for line in found.lines)
    assert told("socks", bytes.fromhex(NAMED[4]), CLIENT | COMMAND).summary == "socks : Connect example.com:25"
    both = told("socks", bytes.fromhex(DIRECT[0] + DIRECT[2]), CLIENT)
    assert both.summary == "socks : methods, socks : Connect 198.51.100.2:80"
    assert told("socks", b"\x16\x03\x01", CLIENT).problems == [("socks.version", 0)]
    assert told("socks", b"\x16\x03\x01", CLIENT | COMMAND).problems == [("socks.version", 0)]


@pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")
@pytest.mark.parametrize("name", [n for n in TALKS if n != "failed"])
def test_tshark_says_the_same(name: str, tmp_path: Path) -> None:
    """Of the negotiation; behind it Wireshark repeats the request in every packet."""
    names, ours, theirs = witnessed(tmp_path, talk(*TALKS[name]), ("socks.",), [])
    assert names and not (found := differences(names, ours, theirs)), "\n".join(found)


def test_another_use_of_the_port() -> None:
    found = fields(entries(talk(b"hello", "0500", b"\x04\x09hello")))
    assert [one.get("socks.version") for one in found] == [None] * 3
