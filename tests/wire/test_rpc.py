"""ONC RPC: calls and replies built after RFC 5531, arguments after RFC 1833."""

from __future__ import annotations

import struct

import numpy as np
from telling import cut_everywhere, told
from tokens import MADE, MAKES, MIC, SKEW, USED, USES, VERIFIER, gss_call, record

from zjobs.wire import rpc
from zjobs.wire.layout import PADDING
from zjobs.wire.talk import STREAM, Flow, Talk

UNIX = struct.pack(">II4sIIII", 9, 3, b"zos\0", 7, 8, 1, 10)
GETPORT = (
    struct.pack(">IIIIII", 0x1234, 0, 2, 100000, 2, 3) + struct.pack(">II", 1, len(UNIX)) + UNIX + bytes(8)
    + struct.pack(">IIII", 100003, 3, 17, 0)
)  # fmt: skip
GETADDR = (
    struct.pack(">IIIIII", 7, 0, 2, 100000, 3, 3)
    + bytes(16)
    + struct.pack(">II", 100005, 3)
    + b"\0\0\0\3udp\0"
    + bytes(8)
)
DONE = struct.pack(">IIIIIII", 0x1234, 1, 0, 0, 0, 0, 2049)


def a_flow() -> Flow:
    talk = Talk("rpc")
    talk.flows = (Flow(talk, bytes(4), 40000), Flow(talk, bytes(4), 111))
    return talk.flows[0]


def test_a_call_by_name() -> None:
    found = told("rpc", GETPORT)
    assert found.summary == "RPC : call PORTMAP v2 GETPORT"
    assert found.lines == [
        "  Type             : Call             Transaction Id: 00001234",
        "  Program          : PORTMAP          Version: 2               Procedure: GETPORT",
        "  Credentials      : UNIX             Length: 28",
        "   Machine         : zos              UID: 7                   GID: 8",
        "  Verifier         : NULL             Length: 0",
        "  Asked Program    : NFS              Version: 3               Protocol: 17",
        "  Port             : 0",
    ]
    assert told("rpc", GETADDR).fields["portmap.rpcb.netid"] == ["udp"]


def test_calls_that_are_passed_on() -> None:
    # RFC 1833, section 3.1: CALLIT of portmap, BCAST and INDIRECT of rpcbind.
    for version, procedure in ((2, 5), (3, 5), (4, 10)):
        head = struct.pack(">IIIIII", 7, 0, 2, 100000, version, procedure) + bytes(16)
        found = told("rpc", head + struct.pack(">IIII", 100004, 2, 1, 0))
        assert (found.fields["portmap.prog"], found.fields["portmap.version"]) == ([100004], [2])
        assert not found.problems


def test_replies() -> None:
    assert told("rpc", DONE).summary == "RPC : reply (success)"
    assert told("rpc", struct.pack(">IIIIII", 1, 1, 1, 0, 2, 2)).summary == "RPC : reply (RPC version mismatch)"
    mismatch = told("rpc", struct.pack(">IIIIIIII", 1, 1, 0, 0, 0, 2, 2, 4))
    assert (mismatch.fields["rpc.programversion.min"], mismatch.fields["rpc.programversion.max"]) == ([2], [4])


def test_records_of_a_connection() -> None:
    parts = struct.pack(">I", 20) + GETPORT[:20] + struct.pack(">I", 0x80000000 + len(GETPORT) - 20) + GETPORT[20:]
    flow = a_flow()
    assert rpc.measure(parts + DONE, flow) == len(parts)
    assert rpc.measure(parts[:24], flow) == -28
    assert rpc.measure(b"\0\0\0\0", flow) == 0
    found = told("rpc", parts + struct.pack(">I", 0x80000000 + len(DONE)) + DONE, STREAM)
    assert found.summary == "RPC : call PORTMAP v2 GETPORT, RPC : reply (success)"
    assert found.fields["rpc.lastfrag"] == [False, True, True]
    assert not found.problems


def test_lengths_that_lie() -> None:
    assert [p for p, _ in told("rpc", GETPORT[:28] + b"\0\0\2\0" + GETPORT[32:]).problems] == ["rpc.auth.length"]
    many = GETPORT[:52] + b"\xff\xff\xff\xff" + GETPORT[56:]
    assert len(told("rpc", many).fields["rpc.auth.gid"]) == 2


def test_calls_back_of_nfs_are_recognised() -> None:
    # The first number of those that are for the user (RFC 5531, section 8.4); NFS 4.0 calls clients back with it.
    call = struct.pack(">IIIIIIIIII", 1, 0, 2, 1 << 30, 1, 0, 0, 0, 0, 0)
    assert told("rpc", call).summary == "RPC : call NFS CB v1 0"
    buf = np.frombuffer(call.ljust(len(call) + PADDING, b"\0"), dtype=np.uint8)
    assert rpc.begins(buf, np.array([0]), np.array([len(call)])).all()


def test_random_data_is_not_asked() -> None:
    marked = struct.pack(">I", 0x80000000 + len(GETPORT)) + GETPORT
    payloads = [GETPORT, DONE, marked, bytes(40), b"\x01" * 40, b"GET / HTTP/1.1\r\nHost: example.org\r\n"]
    buf = np.frombuffer(b"".join(payloads) + bytes(PADDING), dtype=np.uint8)
    end = np.cumsum([len(p) for p in payloads])
    start = end - np.array([len(p) for p in payloads])
    assert rpc.begins(buf, start, end).tolist() == [True, True, True, False, False, False]


def test_cut_at_every_byte() -> None:
    for whole in (GETPORT, GETADDR, DONE):
        cut_everywhere("rpc", whole)
    cut_everywhere("rpc", struct.pack(">I", 0x80000000 + len(GETPORT)) + GETPORT, STREAM)


def test_the_port_in_a_reply_of_portmap() -> None:
    reply = struct.pack(">7I", 5, 1, 0, 0, 0, 0, 2049)
    assert told("rpc", reply, 111 * 2).fields["portmap.port"] == [2049]
    assert "portmap.port" not in told("rpc", reply, 2049 * 2).fields


def test_the_port_in_a_reply_over_tcp_is_known_from_the_call() -> None:
    flow = a_flow()
    mark = struct.pack(">I", 0x80000000 + len(DONE))
    rpc.measure(struct.pack(">I", 0x80000000 + len(GETPORT)) + GETPORT, flow)
    assert told("rpc", mark + DONE, flow.other.state).fields["portmap.port"] == [2049]
    rpc.measure(struct.pack(">I", 0x80000000 + len(GETADDR)) + GETADDR, flow)
    assert "portmap.port" not in told("rpc", mark + DONE, flow.other.state).fields


def test_a_context_of_rpcsec_gss() -> None:
    asked = told("rpc", record(MAKES), STREAM)
    assert asked.summary == "RPC : call NFS v4 COMPOUND, Kerberos : AP-REQ"
    assert asked.fields["rpc.authgss.procedure"] == [1]
    made = told("rpc", record(MADE), STREAM | rpc._MADE)
    assert made.summary == "RPC : reply (success), Kerberos : KRB-ERROR (clock skew too great)"
    assert made.fields["spnego.krb5.tok_id"] == [0x0404, 3]
    assert made.fields["rpc.authgss.token_length"] == [len(MIC), 15 + len(SKEW)]
    assert made.fields["rpc.authgss.window"] == [128]
    for whole, state in ((USES, 0), (USED, rpc._SEALED)):
        assert told("rpc", record(whole), STREAM | state).fields["spnego.krb5.tok_id"] == [0x0404, 0x0405]
    assert told("rpc", record(USED), STREAM).fields["spnego.krb5.tok_id"] == [0x0404]


def test_replies_of_rpcsec_gss_are_known_from_their_calls() -> None:
    flow = a_flow()
    for call, expected in ((MAKES, rpc._MADE), (USES, rpc._SEALED), (gss_call(0, 1, VERIFIER, b""), 0), (GETPORT, 0)):
        assert rpc.measure(record(call), flow) == len(record(call))
        assert flow.other.state & (rpc._MADE | rpc._SEALED) == expected
    rpc.measure(record(MAKES), flow)
    assert flow.keep == 0
    rpc.measure(record(MADE), flow.other)
    assert flow.other.keep == 0
    rpc.measure(record(USES), flow)
    assert flow.keep > 0


def test_rpcsec_gss_cut_at_every_byte() -> None:
    for whole, state in ((MAKES, 0), (MADE, rpc._MADE), (USES, 0), (USED, rpc._SEALED)):
        cut_everywhere("rpc", record(whole), STREAM | state)


def test_versions_that_there_are_not() -> None:
    # Who looks for programs asks the known ones; of others a call must look likely.
    likely = {(100000, 104316, 0): True, (100003, 3, 200): True, (123456, 150, 0): False, (123456, 3, 0): True}
    for call, is_it in likely.items():
        data = struct.pack(">III", 1, 0, 2) + struct.pack(">III", *call) + bytes(16)
        buf = np.frombuffer(data.ljust(len(data) + PADDING, b"\0"), dtype=np.uint8)
        assert rpc.begins(buf, np.array([0]), np.array([len(data)])).tolist() == [is_it], call
