"""HPRDIAG: what each connection and transport did, against figures known from how the packets were made."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from encoder import ee, packet_records
from packets import ip4, udp

from zjobs.reports.hprdiag import sequence

from .golden import check

TIME_US = 1_708_518_896_000_000
LOCAL, REMOTE = "192.0.2.10", "198.51.100.20"


def trace() -> bytes:
    """An XID exchange, a transport that loses 20 bytes and sends 10 again, a link that is lost."""
    out = []

    def send(port: int, data: bytes, outbound: bool, tos: int) -> None:
        ends = (LOCAL, REMOTE) if outbound else (REMOTE, LOCAL)
        packet = ip4(17, udp(port, port, data), *ends, tos=tos)
        out.extend(packet_records(packet, time_us=TIME_US + len(out), out=outbound, count=len(out) + 1))

    def nlp(outbound: bool, **header: object) -> None:
        data = header.pop("data", b"")
        second = header.pop("slow", 0)
        body = ee.nhdr(priority=2, second=second) + ee.thdr(data, **header)
        send(12002, ee.ldlc(ee.UI, body), outbound, 0x80)

    for outbound in (True, False):
        send(12000, ee.ldlc(ee.XID_POLL, ee.xid3(), dsap=4, ssap=4 if outbound else 5), outbound, 0xC0)
    nlp(True, data=b"a" * 10, bsn=0xFFFFFFFA)
    nlp(True, data=b"b" * 10, bsn=4)
    nlp(True, data=b"d" * 10, bsn=34)
    nlp(False, tcid=7, bsn=0, segments=ee.status(14, flags=0x80) + ee.rate(1, 1, 5000, 6))
    nlp(True, data=b"b" * 10, bsn=4, first=0x32)
    nlp(True, data=b"e" * 10, bsn=44, slow=4)
    nlp(False, tcid=7, bsn=0, segments=ee.status(54, flags=0x40) + ee.rate(1, 0, 8000, 6))
    send(12001, ee.ldlc(ee.UI, ee.nhdr(priority=0) + ee.thdr(b"z", tcid=9)), True, 0x20)
    for _ in range(3):
        send(12000, ee.ldlc(ee.TEST_POLL, dsap=4, ssap=4), True, 0xC0)
    send(12000, ee.ldlc(ee.DISC, dsap=4, ssap=4), True, 0xC0)
    send(12000, ee.ldlc(ee.DM, dsap=4, ssap=5), False, 0xC0)
    return b"".join(out)


@pytest.mark.parametrize("form", ["DETAIL", "SUMMARY"])
def test_the_report(form: str, listing: Callable[..., str], request: pytest.FixtureRequest) -> None:
    text = listing(trace(), options=f"HPRDIAG({form})")
    text = text[text.index("HPR Diagnosis Report") :]
    assert all(len(line) <= 132 for line in text.splitlines())
    check(f"hprdiag-{form.lower()}", text, bool(request.config.getoption("--update-golden")))


def test_what_is_lost_and_sent_again_over_batches() -> None:
    """Two connections mixed, one of which wraps, read whole and in pieces: the same sums."""
    source = np.random.default_rng(4)
    code = source.integers(0, 2, 400)
    size = source.integers(0, 50, 400)
    bsn, place = np.zeros(400, dtype=np.int64), [0xFFFFF000, 5]
    for k in range(400):
        step = int(source.integers(-60, 60)) if source.random() < 0.2 else 0
        bsn[k] = place[code[k]] + step & 0xFFFFFFFF
        place[code[k]] = place[code[k]] + step + int(size[k]) & 0xFFFFFFFF
    again, late, ends = sequence(code, bsn, size, np.array([-1, -1]))
    wanted = [[0, 0], [0, 0]]
    expected: dict[int, int] = {}
    for k in range(400):
        c = int(code[k])
        if not size[k]:
            continue
        ahead = (int(bsn[k]) - expected.get(c, int(bsn[k])) + (1 << 31) & 0xFFFFFFFF) - (1 << 31)
        wanted[c][0] += min(max(-ahead, 0), int(size[k]))
        wanted[c][1] += max(ahead, 0)
        if ahead + size[k] > 0:
            expected[c] = int(bsn[k] + size[k]) & 0xFFFFFFFF
    assert [[int(again[code == c].sum()), int(late[code == c].sum())] for c in (0, 1)] == wanted
    assert ends.tolist() == [expected[0], expected[1]]
    carried, sums = np.array([-1, -1]), np.zeros(2, dtype=np.int64)
    for low in range(0, 400, 37):
        here = slice(low, low + 37)
        one, other, carried = sequence(code[here], bsn[here], size[here], carried)
        sums += (one.sum(), other.sum())
    assert sums.tolist() == [again.sum(), late.sum()]


def test_a_trace_without_enterprise_extender(listing: Callable[..., str]) -> None:
    data = b"".join(packet_records(ip4(17, udp(1, 2, b"x")), time_us=TIME_US))
    assert listing(data, options="HPRDIAG").splitlines()[-1] == (
        "      0 EE connection(s) found, 0 transport direction(s)"
    )
