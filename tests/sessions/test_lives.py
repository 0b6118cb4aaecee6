"""States of a TCP connection as its local side lives through them (RFC 9293, section 3.3.2)."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_tracks import ACK, FIN, SYN, capture, segment

from zjobs.jobs.reading import open_trace
from zjobs.options import Global
from zjobs.sessions import lives
from zjobs.sessions.analysis import Analysis
from zjobs.sessions.packets import Packets

RST = 4
ASK, ANSWER = segment(True, 1000, 0, SYN), segment(False, 5000, 1001, SYN | ACK)
OPEN = [ASK, ANSWER, segment(True, 1001, 5001, ACK)]
#: The client closes, and is acknowledged; the server closes, and is acknowledged; each before the other one did.
CLIENT_FIN, CLIENT_DONE = segment(True, 1001, 5001, FIN | ACK), segment(False, 5001, 1002, ACK)
SERVER_FIN, SERVER_DONE = segment(False, 5001, 1001, FIN | ACK), segment(True, 1001, 5002, ACK)
LAST_FIN, LAST_DONE = segment(False, 5001, 1002, FIN | ACK), segment(True, 1002, 5002, ACK)

CASES = [
    # Packets, then the final state where the client is the traced system, and where the server is.
    ([ASK], "SYN_SENT", "LISTEN"),
    ([ASK, ANSWER], "SYN_RECEIVED", "SYN_RECEIVED"),
    (OPEN, "ESTABLISHED", "ESTABLISHED"),
    ([*OPEN, CLIENT_FIN], "FIN_WAIT_1", "CLOSE_WAIT"),
    ([*OPEN, CLIENT_FIN, CLIENT_DONE], "FIN_WAIT_2", "CLOSE_WAIT"),
    ([*OPEN, CLIENT_FIN, LAST_FIN], "TIME_WAIT", "LAST_ACK"),
    ([*OPEN, CLIENT_FIN, LAST_FIN, LAST_DONE], "CLOSED (ACTIVE CLOSE)", "CLOSED (PASSIVE CLOSE)"),
    ([*OPEN, SERVER_FIN, SERVER_DONE], "CLOSE_WAIT", "FIN_WAIT_2"),
    ([*OPEN, CLIENT_FIN, SERVER_FIN], "CLOSING", "LAST_ACK"),
    ([*OPEN, segment(True, 1001, 5001, RST)], "CLOSED (RESET SENT)", "CLOSED (RESET RECEIVED)"),
    ([*OPEN, CLIENT_FIN, segment(False, 5001, 0, RST)], "CLOSED (RESET RECEIVED)", "CLOSED (RESET SENT)"),
]


def lives_of(path: Path, home: str) -> lives.Lives:
    packets = Packets()
    for found in open_trace([str(path)], Global(host="files", home=(home,))).dissections():
        packets.add(found)
    (found,) = Analysis(packets).parts()
    return lives.of(found)


@pytest.mark.parametrize(("packets", "client", "server"), CASES)
def test_final_states(tmp_path: Path, packets: list[bytes], client: str, server: str) -> None:
    path = capture(tmp_path / "a", packets)
    for home, first, final, is_client in (
        ("192.0.2.1", "SYN_SENT", client, 1),
        ("198.51.100.1", "SYN_RECEIVED", server, 0),
    ):
        life = lives_of(path, home)
        assert (life.first.tolist(), life.final.tolist(), life.client.tolist()) == ([first], [final], [is_client])


def test_many_sessions_live_their_own_lives(tmp_path: Path) -> None:
    """All cases in one trace, by turns: every connection ends as it does alone."""
    packets = []
    for turn in range(max(len(case[0]) for case in CASES)):
        for k, (own, _, _) in enumerate(CASES):
            if turn < len(own):
                raw = own[turn]
                place = raw.index((40000).to_bytes(2, "big"))
                packets.append(raw[:place] + (41000 + k).to_bytes(2, "big") + raw[place + 2 :])
    life = lives_of(capture(tmp_path / "a", packets), "192.0.2.1")
    assert life.final.tolist() == [client for _, client, _ in CASES]


@pytest.mark.parametrize(("port", "client"), [(40000, 1), (70, 0), (80, -1)])
def test_without_a_syn_the_well_known_port_is_the_server(tmp_path: Path, port: int, client: int) -> None:
    life = lives_of(capture(tmp_path / "a", [segment(True, 1, 1, ACK, port=port)]), "192.0.2.1")
    assert (life.first.tolist(), life.client.tolist()) == (["ESTABLISHED"], [client])
