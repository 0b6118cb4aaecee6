"""SMC: CLC messages on TCP and LLC messages of SMC records; offsets of RFC 7609, tshark as a witness."""

from __future__ import annotations

import random
import shutil
import struct
from pathlib import Path

import pytest
from encoder import smc_extension, smc_records
from formatted import TIME_US, differences, entries, fields, listing, pcap, witness, witnessed
from packets import ip4, tcp, udp
from telling import cut_everywhere, told

pytestmark = pytest.mark.s390x

R, D = bytes.fromhex("E2D4C3D9"), bytes.fromhex("E2D4C3C4")
GID = bytes.fromhex("FE800000000000000001020304050607")
MAC = bytes.fromhex("020304050607")


def clc(kind: int, body: bytes, flags: int = 0x10, catcher: bytes = R) -> bytes:
    return catcher + struct.pack(">BHB", kind, 8 + len(body) + 4, flags) + body + catcher


# RFC 7609, appendix A.2.1 to A.2.4: 52, 68, 68 and 28 bytes.
PROPOSAL = clc(1, bytes(range(8)) + GID + MAC + b"\0\0" + bytes([255, 255, 255, 0, 24, 0, 0, 0]))
PREFIXED = clc(1, bytes(8) + GID + MAC + b"\0\0" + bytes([255, 0, 0, 0, 8, 0, 0, 1]) + GID + bytes([64]))
#: SMC-R and SMC-D: forty bytes for ISM stand in front of the mask.
BOTH = clc(1, bytes(8) + GID + MAC + b"\0\x28" + struct.pack(">QH30x", 0x7788, 0x0123) + PREFIXED[40:-4], 0x13)
_QP = bytes.fromhex("000A0B") + bytes.fromhex("11223344") + b"\x07" + bytes.fromhex("55667788") + b"\x35\0"
ACCEPT = clc(2, bytes(range(8)) + GID + MAC + _QP + bytes.fromhex("0102030405060708") + b"\0" + b"\0\1\2", 0x18)
CONFIRM = clc(3, ACCEPT[8:-4])
DECLINE = clc(4, bytes(range(8)) + bytes.fromhex("03030000") + b"\x10\0\0\0")
ACCEPT_D = clc(2, struct.pack(">QQBBHI", 0x1122, 0x3344, 1, 0x20, 0, 9) + bytes(12), 0x19, D)

CONFIRM_LINK = bytes([1, 44, 0, 0x80]) + MAC + GID + bytes.fromhex("000A0B01AABBCCDD02") + bytes(9)
ADD_LINK = bytes([2, 44, 0, 0x00]) + MAC + bytes(2) + GID + bytes.fromhex("000A0B0205000102") + bytes(8)
ADD_CONT = bytes([3, 44, 0, 0, 2, 1, 0, 0]) + bytes(range(16)) + bytes(20)
DELETE_LINK = bytes([4, 44, 0, 0x60, 1]) + bytes.fromhex("00010000") + bytes(35)
CONFIRM_RKEY = bytes([6, 44, 0, 0, 1]) + bytes(range(12)) + bytes([2]) + bytes(range(12)) + bytes(14)
DELETE_RKEY = bytes([9, 44, 0, 0, 2, 0, 0, 0]) + bytes.fromhex("1111111122222222") + bytes(28)
TEST_LINK = bytes([7, 44, 0, 0x80]) + bytes(40)
TEST_LINK_2 = bytes([0x27, 0, 44, 0]) + bytes(40)
CURSORS = (
    bytes([0xFE, 44])
    + struct.pack(">HIHHIHHI", 5, 0xAABBCCDD, 0, 1, 0x100, 0, 2, 0x80)
    + bytes([0x90, 0x40])
    + bytes(18)
)
MESSAGES = [CONFIRM_LINK, ADD_LINK, ADD_CONT, DELETE_LINK, CONFIRM_RKEY, DELETE_RKEY, TEST_LINK]


def test_sizes_are_those_of_the_rfc() -> None:
    assert [len(m) for m in (PROPOSAL, ACCEPT, CONFIRM, DECLINE, ACCEPT_D)] == [52, 68, 68, 28, 48]
    assert {len(m) for m in (*MESSAGES, TEST_LINK_2, CURSORS)} == {44}


def test_a_proposal_line_for_line() -> None:
    found = told("smc", PROPOSAL, 1)
    assert found.lines == [
        "  SMC-R Proposal",
        "  Length           : 52               Version: 1               Flags: 10",
        "  Type             : SMC-R",
        "   Client Peer Id  : 0001020304050607 GID: FE80::1:203:405:607",
        "   MAC             : 020304050607     Subnet Offset: 0",
        "   Subnet Mask     : 255.255.255.0    Bits: 24                 IPv6 Prefixes: 0",
    ]
    assert found.summary == "SMC : SMC-R Proposal"


def test_a_decline_tells_why() -> None:
    assert told("smc", DECLINE, 1).summary == "SMC : SMC-R Decline, diagnosis 03030000"


def handshake(port: int, last: bytes, after: bytes) -> bytes:
    """The handshake and what the application says then, all on one connection."""
    out, seq = [], {True: 100, False: 900}
    for client, data in ((True, PROPOSAL), (False, ACCEPT), (True, last), (False, after)):
        sport, dport = (40000, port) if client else (port, 40000)
        head = bytearray(tcp(sport, dport, 0x18, data))
        head[4:12] = struct.pack(">II", seq[client], seq[not client])
        seq[client] += len(data)
        ends = ("192.0.2.10", "198.51.100.20") if client else ("198.51.100.20", "192.0.2.10")
        out.append(ip4(6, bytes(head), *ends))
    return entries(out)


@pytest.mark.parametrize("port", [5000, 21, 23])
def test_the_eye_catcher_tells_more_than_the_port(port: int) -> None:
    rows = fields(handshake(port, CONFIRM, b"shared memory from here"))
    assert [row.get("smc.clc_msg") for row in rows[:3]] == [1, 2, 3]
    assert not any(name.startswith(("ftp.", "telnet.")) for row in rows[:3] for name in row)


def test_after_a_decline_the_application_speaks() -> None:
    rows = fields(handshake(21, DECLINE, b"220 ready\r\n"))
    assert rows[2]["smc.peer.diag.info"] == 0x03030000
    assert rows[3]["ftp.response.code"] == 220


@pytest.mark.parametrize("payload", [PROPOSAL, PREFIXED, BOTH, ACCEPT, CONFIRM, DECLINE, ACCEPT_D, PROPOSAL + DECLINE])
def test_clc_cut_at_every_byte(payload: bytes) -> None:
    assert not told("smc", payload, 1).problems
    cut_everywhere("smc", payload, 1)


@pytest.mark.parametrize("payload", [*MESSAGES, TEST_LINK_2, CURSORS])
def test_llc_cut_at_every_byte(payload: bytes) -> None:
    assert not told("smcllc", payload).problems
    cut_everywhere("smcllc", payload)


def test_random_bytes_are_only_problems() -> None:
    source = random.Random(7609)
    for _ in range(300):
        data = source.randbytes(source.randrange(60))
        told("smcllc", data)
        told("smc", R + data, 1)


FIRST = "  Local Conn Id    : 0A0B0C0D         Remote Conn Id: 1A1B1C1D"


def test_an_smc_r_record_line_for_line() -> None:
    data = b"".join(smc_records(DELETE_LINK, time_us=TIME_US, out=True))
    lines = listing(data)
    assert lines[lines.index(FIRST) :] == [
        "  Local Conn Id    : 0A0B0C0D         Remote Conn Id: 1A1B1C1D",
        "  Local GID        : 2021222324252627 Remote GID: 3031323334353637",
        "  Local QP         : 414243           Remote QP: 515253",
        "",
        " SMC LLC: 44",
        "  LLC Message      : 04 Delete Link   Length: 44               Version: 1",
        "   Flags           : 60               Response: no",
        "   All Links       : yes              Orderly: yes",
        "   Link Number     : 01               Reason Code: 00010000",
        "   Reason          : lost path",
    ]


def test_an_smc_d_record_has_cursors() -> None:
    extension = smc_extension(smc_d=True)
    data = b"".join(
        smc_records(b"rows of a table", time_us=TIME_US, interface="EZAISM01", proto=6, extension=extension)
    )
    lines = listing(data)
    assert lines[lines.index(FIRST) :][:5] == [
        "  Local Conn Id    : 0A0B0C0D         Remote Conn Id: 1A1B1C1D",
        "  Local GID        : 2021222324252627 Remote GID: 3031323334353637",
        "  Producer Cursor  : 00000100         Producer Wrap: 1",
        "  Consumer Cursor  : 00000080         Consumer Wrap: 1",
        "  Producer Flags   : 00               Connection State: 00",
    ]
    assert not any("LLC" in line for line in lines)


@pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")
def test_tshark_agrees_on_clc(tmp_path: Path) -> None:
    messages = [PROPOSAL, PREFIXED, BOTH, ACCEPT, CONFIRM, DECLINE, ACCEPT_D]
    packets = [ip4(6, tcp(40000 + n, 5000, 0x18, m)) for n, m in enumerate(messages)]
    names, ours, theirs = witnessed(tmp_path, packets, ("smc.",), [])
    assert len(names) > 30
    # tshark reads the mask only where the SMC-D part stands in front of it; RFC 7609 knows none.
    for row in ours[:2]:
        for name in [n for n in row if n.startswith(("smc.outgoing", "smc.proposal.ipv6"))]:
            del row[name]
    # It has one name for the version of all messages.
    for row in theirs[3:]:
        row.pop("smc.proposal.smc.version", None)
    assert not differences(names, ours, theirs)


@pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")
def test_tshark_agrees_on_llc(tmp_path: Path) -> None:
    """tshark finds LLC messages in RoCEv2 only: the same bytes behind a base transport header (opcode 4, send only)."""
    base = bytes([4, 0, 0xFF, 0xFF, 0, 0, 0x0A, 0x0B, 0, 0, 0, 1])
    packets = [ip4(17, udp(50000, 4791, base + m + bytes(4))) for m in MESSAGES]
    records = b"".join(e for m in MESSAGES for e in smc_records(m, time_us=TIME_US))
    told_fields = [told("smcllc", m).fields for m in MESSAGES]
    names = tuple(sorted({n for row in told_fields for n in row}))
    assert len(names) > 30 and len(fields(records)) == len(MESSAGES)
    theirs = witness.read(pcap(tmp_path / "llc.pcap", packets), names, ("-n",))
    # tshark sees no reserved bytes in front of the keys of a continuation; RFC 7609, appendix A.3.3, has two.
    names = tuple(n for n in names if "RTok1" not in n)
    ours = [{n: [int(v) if isinstance(v, bool) else v for v in row[n]] for n in row} for row in told_fields]
    assert not differences(names, ours, theirs)
