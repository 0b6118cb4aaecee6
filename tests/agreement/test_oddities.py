"""Odd packets: zjobs shows of them what tshark shows.

Connections that do what they like, packets with bytes changed and packets cut short must agree in every value;
nests of impossible headers, whose reading depends on where Wireshark happens to break off, nearly so.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import oddities
import pytest
import subject
import witness
from comparison import Tally, known_differences

HERE = Path(__file__).parent
OWN = sorted((HERE.parent / "captures").glob("*.pcap"))

pytestmark = pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")


def compared(path: Path) -> Tally:
    tally = Tally(known=known_differences(HERE / "differences.tsv"))
    ours, theirs = subject.read(path), witness.read(path)
    assert len(ours) == len(theirs)
    for number, (mine, other) in enumerate(zip(ours, theirs, strict=True), 1):
        tally.packet(path.name, number, mine, other, witness.FIELDS)
    return tally


def disagreements(tally: Tally) -> str:
    return "\n".join(str(d) for d in tally.differences[:20])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_connections_that_do_what_they_like(seed: int, tmp_path: Path) -> None:
    tally = compared(oddities.write(tmp_path / "segments.pcap", oddities.segments(seed)))
    assert not tally.differences, disagreements(tally)
    assert tally.compared["tcp.analysis.flags"] > 300
    for kind in ("retransmission", "out_of_order", "spurious_retransmission", "lost_segment", "ack_lost_segment",
                 "duplicate_ack", "zero_window", "window_update", "keep_alive", "window_full"):  # fmt: skip
        assert tally.compared[f"tcp.analysis.{kind}"], f"no segment was {kind}"


def test_packets_with_bytes_changed(tmp_path: Path) -> None:
    # What SNMP and FTP dissectors do to conversation numbers depends on bytes that were changed.
    plain = [c for c in OWN if not c.name.startswith(("snmp", "ftp"))]
    tally = compared(oddities.write(tmp_path / "changed.pcap", list(oddities.changed(plain, 4))))
    assert not tally.differences, disagreements(tally)


def test_packets_cut_short(tmp_path: Path) -> None:
    plain = [c for c in OWN if not c.name.startswith(("snmp", "ftp"))]
    tally = compared(oddities.write(tmp_path / "cut.pcap", list(oddities.cut(plain, 4))))
    assert not tally.differences, disagreements(tally)


def test_nests_of_impossible_headers(tmp_path: Path) -> None:
    tally = compared(oddities.write(tmp_path / "headers.pcap", oddities.headers(5)))
    assert tally.agreed.total() + tally.excused.total() > 0.997 * tally.compared.total(), disagreements(tally)
