"""IKE: messages built after RFC 7296 and RFC 2408."""

from __future__ import annotations

import struct

import numpy as np
from telling import cut_everywhere, told

from zjobs.wire import isakmp
from zjobs.wire.layout import PADDING


def payload(following: int, body: bytes) -> bytes:
    return struct.pack(">BBH", following, 0, 4 + len(body)) + body


def message(version: int, exchange: int, flags: int, first: int, body: bytes, length: int = 0) -> bytes:
    head = struct.pack(">BBBBII", first, version, exchange, flags, 7, length or 28 + len(body))
    return bytes(range(1, 17)) + head + body


TRANSFORMS = payload(3, b"\1\0\0\x0c\x80\x0e\1\0") + payload(0, b"\4\0\0\x13")
INIT = message(0x20, 34, 8, 33, (
    payload(40, payload(0, b"\1\1\0\2" + TRANSFORMS)) + payload(41, bytes(range(32))) + payload(0, b"\0\0\0\x0e")
))  # fmt: skip
# RFC 2409, appendix A: 3DES-CBC, MD5, pre-shared key, group 2, 28800 seconds.
MAIN = message(0x10, 2, 0, 1, payload(13, struct.pack(">II", 1, 1) + payload(0, b"\0\1\0\1" + payload(
    0, b"\1\1\0\0" + bytes.fromhex("8001000580020001800300018004000 2800b0001000c000400007080".replace(" ", ""))
))) + payload(0, b"draft"))  # fmt: skip


def test_version_2_names_payloads_and_transforms() -> None:
    found = told("isakmp", INIT)
    assert found.summary == "IKEv2 : IKE_SA_INIT request : NO_PROPOSAL_CHOSEN"
    assert found.lines[:4] == [
        "  Initiator SPI    : 0102030405060708 Responder SPI: 090A0B0C0D0E0F10",
        "  Version          : 2.0              Exchange: IKE_SA_INIT    Flags: 08",
        "  Message Id       : 00000007         Length: 104",
        "  Payload          : Security Association Length: 32",
    ]
    assert any(line.split(": ", 1)[1] == "ENCR AES-CBC, Key Length 256" for line in found.lines if "ENCR" in line)
    assert found.fields["isakmp.tf.id.dh"] == [19]
    assert not found.problems


def test_version_1_names_attributes() -> None:
    found = told("isakmp", MAIN)
    assert found.summary == "IKEv1 : Main Mode"
    words = "1, Encryption 3DES-CBC, Hash MD5, Authentication Pre-shared key, Group MODP-1024, Life Type Seconds"
    assert any(f"{words}, Life Duration 28800" in line for line in found.lines)
    assert any(line.endswith("Vendor          : draft") for line in found.lines)


def test_what_is_encrypted_is_said_so() -> None:
    assert told("isakmp", message(0x10, 32, 1, 8, bytes(24))).summary == "IKEv1 : Quick Mode : encrypted"
    assert told("isakmp", message(0x20, 35, 32, 46, payload(35, bytes(24)))).summary == (
        "IKEv2 : IKE_AUTH response : encrypted"
    )


def test_lengths_that_lie() -> None:
    assert [p for p, _ in told("isakmp", message(0x20, 34, 8, 40, b"\0\0\0\0")).problems] == ["isakmp.payloadlength"]
    assert [p for p, _ in told("isakmp", message(0x20, 34, 8, 40, b"\0\0\0\x40abc")).problems] == [
        "isakmp.payloadlength"
    ]
    assert [p for p, _ in told("isakmp", message(0x20, 34, 8, 0, b"", 5000)).problems] == ["isakmp.length"]


def test_a_payload_that_says_too_little_ends_nothing_but_itself() -> None:
    # An association without a proposal, one of two bytes, a vendor's name shorter than its header, and a whole one.
    body = payload(1, struct.pack(">II", 1, 1)) + payload(13, b"\0\0") + b"\x0d\0\0\3" + payload(0, b"zjobs!")
    found = told("isakmp", message(0x10, 2, 0, 1, body))
    assert found.fields["isakmp.typepayload"] == [1, 1, 13, 13]
    assert [p for p, _ in found.problems] == ["isakmp.prop.number", "isakmp.payloadlength", "isakmp.payloadlength"]


def test_a_value_of_which_a_part_is_there_is_not_told() -> None:
    found = told("isakmp", message(0x10, 2, 0, 13, b"\0\0\1\0zjobs!"))
    assert found.fields["isakmp.payloadlength"] == [256]
    assert "isakmp.vid_bytes" not in found.fields


def test_random_data_on_the_port_is_not_asked() -> None:
    payloads = [INIT, MAIN, bytes(40), INIT[:17] + b"\x30" + INIT[18:], INIT[:18] + b"\xee" + INIT[19:]]
    payloads += [INIT[:24] + bytes(3) + b"\x1b" + INIT[28:], INIT[:22]]
    buf = np.frombuffer(b"".join(payloads) + bytes(PADDING), dtype=np.uint8)
    end = np.cumsum([len(p) for p in payloads])
    start = end - np.array([len(p) for p in payloads])
    assert isakmp.begins(buf, start, end).tolist() == [True, True, False, False, True, False, True]


def test_cut_at_every_byte() -> None:
    for whole in (INIT, MAIN, message(0x20, 37, 8, 42, payload(0, b"\3\4\0\2SPI1SPI2"))):
        cut_everywhere("isakmp", whole)
