"""Protocols of connections that are told by their first fields: DRDA, MQ, SMB, LPD, HTTP/2, TIME, Finger, rlogin."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from telling import cut_everywhere, told

from zjobs.wire import drda, http2, mq, nbss
from zjobs.wire.layout import PADDING
from zjobs.wire.talk import MOST_HELD, NOT_MINE, SERVER, STREAM, Flow, Measure, Talk

CLIENT, SERVES = STREAM, STREAM | SERVER


def ddm(point: int, kind: int = 1, body: bytes = b"") -> bytes:
    size = 4 + len(body)
    return struct.pack(">HBBHHH", size + 6, 0xD0, kind, 1, size, point) + body


def tsh(kind: int, catcher: bytes = b"TSH ", body: bytes = bytes(18)) -> bytes:
    shared = struct.pack(">II", 1, 2) if catcher[3:] in (b"M", b"\xd4") else b""
    return catcher + struct.pack(">I", 10 + len(shared) + len(body)) + shared + bytes([1, kind]) + body


def session(body: bytes, kind: int = 0) -> bytes:
    return bytes([kind]) + len(body).to_bytes(3, "big") + body


SMB1 = b"\xffSMB" + bytes([0x72]) + bytes(4) + b"\x08" + bytes(22)
SMB2 = b"\xfeSMB" + struct.pack("<HHIHHIIQ", 64, 0, 0xC0000022, 5, 1, 1, 0, 9) + bytes(32)


def frame(kind: int, body: bytes = b"", stream: int = 0, flags: int = 0) -> bytes:
    return len(body).to_bytes(3, "big") + bytes([kind, flags]) + struct.pack(">I", stream) + body


@pytest.mark.parametrize(
    ("protocol", "data", "state", "summary", "line"),
    [
        ("drda", ddm(0x1041) + ddm(0x106D), CLIENT, "drda : EXCSAT, ACCSEC", "  Message          : EXCSAT (1041)"),
        ("drda", ddm(0x2201, 2), SERVES, "drda : ACCRDBRM", "  Message          : ACCRDBRM (2201)"),
        ("mq", tsh(0x86), CLIENT, "mq : MQPUT", "  Segment          : MQPUT (86)"),
        ("mq", tsh(0x95, "TSHM".encode("cp037")), SERVES, "mq : MQGET REPLY", "  Segment          : MQGET REPLY (95)"),
        ("nbss", session(SMB1), CLIENT, "smb : Negotiate request", "  SMB              : Negotiate request"),
        ("nbss", session(SMB2), SERVES, "smb2 : Create response", "  SMB2             : Create response"),
        ("nbss", session(b"", 0x85), CLIENT, "netbios : Keep Alive", "  Type             : Keep Alive"),
        ("lpd", b"\x02LP1\n", CLIENT, "lpr : Receive a printer job", "  Command          : Receive a printer job (02)"),
        ("lpd", b"\x0214 cfA1HOST\n", CLIENT, "lpr : Receive control file", "  Command          : Receive c"),
        ("lpd", b"\0", SERVES, "lpr : accepted", "  Acknowledge      : accepted"),
        ("http2", http2.PREFACE + frame(4), CLIENT, "http2 : preface, SETTINGS", "  Frame            : SETTINGS"),
        # RFC 868: 2,208,988,800 corresponds to 00:00 1 Jan 1970.
        ("time", struct.pack(">I", 2208988800), SERVES, "time : 1970/01/01 00:00:00", "  Time             : 1970/01"),
        ("finger", b"operator\r\n", CLIENT, "finger : request, 10 bytes", "  Request          : operator"),
        ("rlogin", b"secret\r\n", CLIENT, "unix : 8 bytes of client data", "  Client           : 8 bytes"),
    ],
)  # fmt: skip
def test_what_each_says(protocol: str, data: bytes, state: int, summary: str, line: str) -> None:
    found = told(protocol, data, state)
    assert found.summary == summary
    assert any(one.startswith(line) for one in found.lines), found.lines
    assert not found.problems
    cut_everywhere(protocol, data, state)


def test_requests_of_smb_2_that_go_together_are_as_many_as_they_are() -> None:
    one = b"\xfeSMB" + struct.pack("<HHIHHIIQ", 64, 0, 0, 13, 0, 0, 64, 7) + bytes(32)
    found = told("nbss", session(one * 3000), STREAM)
    assert (found.summary, len(found.fields["smb2.cmd"])) == ("smb2 : Echo request", 3000)


def test_of_a_long_message_of_smb_the_beginning_is_told() -> None:
    """What a connection keeps of one is no damage; of a shorter one it is."""
    found = told("nbss", b"\0" + (8 << 20).to_bytes(3, "big") + SMB2.ljust(MOST_HELD, b"x"), SERVES)
    assert (found.summary, found.problems) == ("smb2 : Create response", [])
    assert told("nbss", b"\0\0\xff\xff" + SMB2, SERVES).problems == [("nbss.length", 4)]


def test_what_smb_3_made_of_its_messages() -> None:
    assert told("nbss", session(b"\xfdSMB" + bytes(48)), STREAM).summary == "smb2 : encrypted"
    assert told("nbss", session(b"\xfcSMB" + bytes(48)), STREAM).summary == "smb2 : compressed"


def test_remote_commands_show_nothing_of_what_is_typed() -> None:
    assert "secret" not in "".join(told("rlogin", b"secret\r\n", CLIENT).lines)


@pytest.mark.parametrize(
    ("measure", "data", "length"),
    [
        (drda.measure, ddm(0x1041, body=bytes(90))[:20], 100),
        (drda.measure, b"\0\x0a\x00\x01" + bytes(6), NOT_MINE),
        (drda.measure, b"\0", -10),
        (mq.measure, tsh(0x86), 28),
        (mq.measure, b"TSHX\0\0\0\x20", NOT_MINE),
        (nbss.measure, session(bytes(70_000))[:9], 70_004),
        (nbss.measure, b"\x42\0\0\0", NOT_MINE),
        (http2.measure, frame(0), NOT_MINE),
        (http2.measure, http2.PREFACE, len(http2.PREFACE)),
    ],
)
def test_how_far_a_message_goes(measure: Measure, data: bytes, length: int) -> None:
    talk = Talk("x")
    talk.flows = (Flow(talk, b"", 1), Flow(talk, b"", 2))
    assert measure(data, talk.flows[0]) == length


@pytest.mark.parametrize(
    ("module", "data", "is_it"),
    [
        (drda, ddm(0x1041), True),
        (drda, b"\0\x0b\xd0\x01\0\1\0\4\x10\x41\0", False),
        (mq, tsh(1), True),
        (mq, b"TSHIRT  ", False),
        (nbss, session(SMB1), True),
        (nbss, session(b"\xfdSMB" + bytes(48)), True),
        (nbss, session(b"GET / HTTP"), False),
        (http2, http2.PREFACE, True),
        (http2, http2.PREFACE[:10], False),
    ],
)
def test_the_first_bytes_tell(module: object, data: bytes, is_it: bool) -> None:
    buf = np.concatenate([np.frombuffer(data, dtype=np.uint8), np.zeros(PADDING, dtype=np.uint8)])
    found = module.begins(buf, np.zeros(1, dtype=np.int64), np.full(1, len(data)))  # type: ignore[attr-defined]
    assert found.tolist() == [is_it]
