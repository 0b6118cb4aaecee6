"""QUIC: the packets of RFC 9001 and RFC 9369, appendix A; handshakes in pieces, packets behind packets."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest
from initials import CLIENT, SERVER, crypto, initial, sealed
from telling import Told, cut_everywhere, told

from zjobs.wire import _aes, _quic, quic
from zjobs.wire.layout import PADDING
from zjobs.wire.message import Message, Reader, Stop
from zjobs.wire.talk import Datagrams

# A.2: the client's packet before it is protected, and what stands at both ends of it afterwards.
HELLO = bytes.fromhex(
    "060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e868"
    "04fe3a47f06a2b69484c00000413011302010000c000000010000e00000b6578"
    "616d706c652e636f6dff01000100000a00080006001d00170018001000070005"
    "04616c706e000500050100000000003300260024001d00209370b2c9caa47fba"
    "baf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b000302030400"
    "0d0010000e0403050306030203080408050806002d00020101001c0002400100"
    "3900320408ffffffffffffffff05048000ffff07048000ffff08011001048000"
    "75300901100f088394c8f03e51570806048000ffff"
)
HEADER = bytes.fromhex("c300000001088394c8f03e5157080000449e00000002")
STARTS = bytes.fromhex("c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11")
ENDS = bytes.fromhex("e221af44860018ab0856972e194cd934")
# A.3
ANSWER = bytes.fromhex(
    "cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a"
    "5816b6394100f37a1c69797554780bb38cc5a99f5ede4cf73c3ec2493a1839b3"
    "dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84"
    "022f8ef4cdd93795d77d06edbb7aaf2f58891850abbdca3d20398c276456cbc4"
    "2158407dd074ee"
)
# A.4
RETRY = bytes.fromhex("ff000000010008f067a5502a4262b5746f6b656e04a265ba2eff4d829058fb3f0f2496ba")
# RFC 9369, A.2 to A.4
HEADER_2 = bytes.fromhex("d36b3343cf088394c8f03e5157080000449e00000002")
STARTS_2 = bytes.fromhex("d76b3343cf088394c8f03e5157080000449ea0c95e82ffe67b6abcdb4298b485")
ANSWER_2 = bytes.fromhex(
    "dc6b3343cf0008f067a5502a4262b5004075d92faaf16f05d8a4398c47089698"
    "baeea26b91eb761d9b89237bbf87263017915358230035f7fd3945d88965cf17"
    "f9af6e16886c61bfc703106fbaf3cb4cfa52382dd16a393e42757507698075b2"
    "c984c707f0a0812d8cd5a6881eaf21ceda98f4bd23f6fe1a3e2c43edd9ce7ca8"
    "4bed8521e2e140"
)
RETRY_2 = bytes.fromhex("cf6b3343cf0008f067a5502a4262b5746f6b656ec8646ce8bfe33952d955543665dcc7b6")


class Conversation:
    """Datagrams between two ends; what a memory says of them and what the decoder tells."""

    def __init__(self) -> None:
        self.memory = _quic.Memory()
        self.known: list[Any] = [None]
        self.talk = 7

    def hear(self, *datagrams: tuple[bytes, bool], quoted: bool = False) -> list[tuple[str, int, int]]:
        """What one batch of datagrams is, each of the client or of the server (True): name, place and state."""
        raw = [data for data, _ in datagrams]
        buf = np.frombuffer(b"".join(raw) + bytes(PADDING), dtype=np.uint8)
        sizes = np.array([len(one) for one in raw], dtype=np.int64)
        end = np.cumsum(sizes)
        start = end - sizes
        sends = np.array([server for _, server in datagrams], dtype=np.bool_)
        named = quic.begins(buf, start, end)
        talk = np.full(len(raw), self.talk, dtype=np.int64)
        marks = np.full(len(raw), quoted, dtype=np.bool_)
        heard = Datagrams(named, talk, lambda which: sends[which], start, end, end, marks)
        found = self.memory.hear(buf, heard, self.known)
        return [(name, k, s) for name, at, code in found for k, s in zip(at.tolist(), code.tolist())]

    def say(self, data: bytes, server: bool = False) -> Told:
        """What is told of one datagram that is heard now."""
        ((_, _, state),) = self.hear((data, server))
        return self.told(data, state)

    def told(self, data: bytes, state: int) -> Told:
        """What the decoder tells of a datagram that was heard before."""
        say = Message()
        say.known = self.known[state >> 1]
        try:
            quic.decode(Reader(data), say, state)
        except Stop as stop:
            say.problems.append(stop.problem)
        fields: dict[str, list[object]] = {}
        for name, value in say.fields:
            fields.setdefault(name, []).append(value.hex() if isinstance(value, bytes) else value)
        return Told([], fields, say.summary, [(p.claimed, p.at) for p in say.problems])


def test_the_block_cipher_of_its_standard() -> None:
    # FIPS 197, appendix C.1, and the key expansion of appendix A.1
    plain = np.frombuffer(bytes.fromhex("00112233445566778899aabbccddeeff"), dtype=np.uint8)[None]
    found = _aes.encrypt(_aes.expand(bytes(range(16))), np.repeat(plain, 3, axis=0))
    assert {row.tobytes().hex() for row in found} == {"69c4e0d86a7b0430d8cdb78070b4c55a"}
    keys = _aes.expand(bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c"))
    assert keys[10].tobytes().hex() == "d014f9a8c9ee2589e13f0cc8b6630ca6"


def test_the_counter_mode_of_its_standard() -> None:
    # Test cases 1, 2 and 4 of "The Galois/Counter Mode of Operation" (McGrew, Viega)
    none, zero = _aes.expand(bytes(16)), bytes(12)
    assert _aes.opened(none, zero, bytes.fromhex("58e2fccefa7e3061367f1d57a4e7455a"), b"") == b""
    one = bytes.fromhex("0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf")
    assert _aes.opened(none, zero, one, b"") == bytes(16)
    keys = _aes.expand(bytes.fromhex("feffe9928665731c6d6a8f9467308308"))
    nonce = bytes.fromhex("cafebabefacedbaddecaf888")
    beside = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    text = bytes.fromhex(
        "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
        "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47"
    )
    plain = _aes.opened(keys, nonce, text, beside)
    assert plain is not None and plain.hex().startswith("d9313225f88406e5") and len(plain) == 60
    for spoilt in (text[:-1] + b"\0", b"\0" + text[1:], text[:15], b""):
        assert _aes.opened(keys, nonce, spoilt, beside) is None
    assert _aes.opened(keys, nonce, text, beside[1:]) is None


def test_keys_of_the_appendix() -> None:
    ours, theirs = (_quic.initial_keys(CLIENT, 1, server) for server in (False, True))
    assert ours is not None and theirs is not None
    assert ours.payload[0].tobytes().hex() == "1f369613dd76d5467730efcbe3b1a22d"
    assert (ours.iv, ours.header[0].tobytes().hex()) == (
        0xFA044B2F42A3FD3B46FB255C, "9f50449e04a0e810283a1e9933adedd2",
    )  # fmt: skip
    assert theirs.payload[0].tobytes().hex() == "cf3a5331653c364c88f0f379b6067e37"
    assert _quic.initial_keys(CLIENT, 0x12345678, False) is None


@pytest.mark.parametrize(
    ("number", "bits", "largest", "whole"),
    [(0x9B32, 16, 0xA82F30EA, 0xA82F9B32), (0, 8, -1, 0), (0xFF, 8, 0x100, 0xFF), (1, 8, 0xFE, 0x101)],
)
def test_numbers_that_were_cut(number: int, bits: int, largest: int, whole: int) -> None:
    # The first is the example of RFC 9000, appendix A.3.
    assert _quic.whole_number(number, bits, largest) == whole


def test_the_packet_of_the_client() -> None:
    packet = sealed(HEADER, HELLO.ljust(1162, b"\0"))
    assert (packet[:32], packet[-16:], len(packet)) == (STARTS, ENDS, 1200)
    found = told("quic", packet)
    assert found.summary == "quic : Initial, Client Hello"
    expected = {
        "quic.header_form": [1], "quic.fixed_bit": [1], "quic.long.packet_type": [0], "quic.version": [1],
        "quic.dcil": [8], "quic.dcid": [CLIENT.hex()], "quic.scil": [0], "quic.token_length": [0],
        "quic.length": [1182], "quic.packet_length": [1200], "quic.long.reserved": [0],
        "quic.packet_number_length": [3], "quic.packet_number": [2], "quic.frame_type": [6, 0],
        "quic.crypto.offset": [0], "quic.crypto.length": [241], "quic.padding_length": [917],
        "tls.handshake.type": [1], "tls.handshake.extensions_server_name": ["example.com"],
        "tls.handshake.extensions_alpn_str": ["alpn"], "tls.handshake.ciphersuite": [0x1301, 0x1302],
    }  # fmt: skip
    assert {name: found.fields[name] for name in expected} == expected
    assert not [name for name in found.fields if name.startswith("tls.record")]
    assert "   Frame           : CRYPTO           Offset: 0                Length: 241" in found.lines
    assert not found.problems


def test_the_packets_of_the_server() -> None:
    talk = Conversation()
    talk.say(sealed(HEADER, HELLO.ljust(1162, b"\0")))
    found = talk.say(ANSWER, True)
    assert found.summary == "quic : Initial, Server Hello"
    assert found.fields["quic.frame_type"] == [2, 6] and found.fields["quic.packet_number"] == [1]
    assert found.fields["tls.handshake.extensions.supported_version"] == [0x0304]
    # Without the client's nobody has the keys.
    alone = told("quic", ANSWER)
    assert alone.summary == "quic : Initial" and "quic.packet_number" not in alone.fields and not alone.problems


def test_version_2() -> None:
    talk = Conversation()
    packet = sealed(HEADER_2, HELLO.ljust(1162, b"\0"))
    assert packet[:32] == STARTS_2
    found = talk.say(packet)
    assert (found.fields["quic.long.packet_type_v2"], found.summary) == ([1], "quic : Initial, Client Hello")
    assert talk.say(ANSWER_2, True).summary == "quic : Initial, Server Hello"
    retry = talk.say(RETRY_2, True)
    assert retry.summary == "quic : Retry" and not retry.problems


def test_a_retry_and_what_it_answers() -> None:
    talk = Conversation()
    talk.say(initial(HELLO))
    found = talk.say(RETRY, True)
    assert found.fields["quic.retry_token"] == [b"token".hex()]
    assert found.fields["quic.retry_integrity_tag"] == [RETRY[-16:].hex()] and not found.problems
    other = Conversation()
    other.say(initial(HELLO, target=bytes(8)))
    assert other.say(RETRY, True).problems == [("quic.retry_integrity_tag", len(RETRY) - 16)]
    # The client goes on with the server's id, of which new keys are made; the connection is the same.
    header = b"\xc3\0\0\0\1\x08" + SERVER + b"\0\0" + struct.pack(">HI", 0x4000 | 4 + len(HELLO) + 16, 1)
    again = talk.say(sealed(header, HELLO, SERVER))
    assert again.fields["quic.frame_type"] == [6] and again.fields["quic.connection.number"] == [0]
    # It is the same hello, which is told once (RFC 9001, section 4.3).
    assert "tls.handshake.type" not in again.fields
    old = told("quic", b"\xf0\xff\0\0\x18\0\0\2abtoken")
    assert (old.fields["quic.odcid"], old.fields["quic.retry_token"]) == ([b"ab".hex()], [b"token".hex()])


def test_versions_that_a_server_speaks() -> None:
    found = told("quic", b"\x9a\0\0\0\0\1c\1s\0\0\0\1\xff\0\0\x1d\x1a\x2a\x3a\x4a")
    assert found.fields["quic.supported_version"] == [1, 0xFF00001D, 0x1A2A3A4A]
    assert (found.fields["quic.vn.unused"], found.summary) == ([0x1A], "quic : Version Negotiation")
    assert "   Versions        : 1" in found.lines and "                   : reserved" in found.lines


def test_a_hello_in_pieces_is_told_where_it_is_whole() -> None:
    talk = Conversation()
    hello = HELLO[4:]
    first = talk.say(initial(crypto(200, hello[200:]) + b"\1" + crypto(0, hello[:80])))
    assert (first.summary, first.fields["quic.frame_type"]) == ("quic : Initial", [6, 1, 6])
    assert "tls.handshake.type" not in first.fields
    last = talk.say(initial(crypto(60, hello[60:210]), 1))
    assert last.fields["tls.handshake.extensions_server_name"] == ["example.com"]
    assert "tls.handshake.type" not in talk.say(initial(crypto(0, hello), 2)).fields


def test_datagrams_that_nobody_looked_at_are_read_when_they_are_needed() -> None:
    talk = Conversation()
    pieces = [initial(crypto(at, HELLO[4 + at : 104 + at]), at) for at in (0, 100, 200)]
    states = [state for _, _, state in talk.hear(*((one, False) for one in pieces))]
    assert talk.told(pieces[2], states[2]).fields["tls.handshake.type"] == [1]
    # Whatever is looked at, and how often, says the same.
    assert "tls.handshake.type" not in talk.told(pieces[1], states[1]).fields
    assert talk.told(pieces[2], states[2]).fields["tls.handshake.type"] == [1]


def test_packets_behind_packets() -> None:
    talk = Conversation()
    talk.say(initial(HELLO, source=b"client"))
    handshake = b"\xe0\0\0\0\1\x06client\x08" + SERVER + b"\x05hands"
    both = initial(b"\2\0\0\0\0", target=b"client", source=SERVER, server=True) + handshake + b"\x41client" + bytes(30)
    found = talk.say(both, True)
    assert found.summary == "quic : Initial, Handshake, Protected Payload"
    assert found.fields["quic.header_form"] == [1, 1, 0] and found.fields["quic.packet_length"][1:] == [27, 37]
    assert found.fields["quic.dcid"] == [b"client".hex()] * 3 and found.fields["quic.short"] == [True]
    padded = talk.say(handshake + bytes(40), True)
    assert padded.fields["quic.coalesced_padding_data"] == [True] and not padded.problems
    assert talk.say(b"\xd0" + handshake[1:5] + b"\x08" + CLIENT + b"\0\x05early").summary == "quic : 0-RTT"


def test_short_headers_are_known_by_their_conversation() -> None:
    talk = Conversation()
    short = b"\x41" + SERVER + bytes(30)
    assert talk.hear((short, False)) == []
    hello, answer = initial(HELLO, source=b"cl"), initial(HELLO, target=b"cl", source=SERVER, server=True)
    found = talk.hear((short, False), (hello, False), (short, False), (answer, True), (short, False), (b"\x41cl", True))
    assert [(name, at) for name, at, _ in found] == [("quic", 1), ("quic", 3)] + [("quic.short", k) for k in (2, 4, 5)]
    # Before the server answered nobody knows how long its id is.
    assert [state for name, _, state in found if name == "quic.short"] == [1 << 8, 1 << 8 | 8, 1 << 8 | 2]
    # Other protocols between the same ends have no such versions.
    assert talk.hear((b"\x80\x60" + bytes(30), False)) == []
    assert [name for name, _, _ in talk.hear((b"\x80\0\0\0\0\0\0\0\0\0\1", True))] == ["quic"]
    kept = talk.hear((hello, False), quoted=True)[0][2]
    assert talk.told(hello[:40], kept).fields["quic.connection.number"] == [0]


def test_a_packet_that_was_cut_is_read_as_far_as_it_goes() -> None:
    packet = initial(HELLO + bytes(900))
    found = told("quic", packet[:160], 0, len(packet))
    # Fields of a handshake that was cut are told as little as those of TLS over TCP.
    assert any("example.com" in one for one in found.lines) and not found.problems
    assert "tls.handshake.type" not in found.fields
    assert found.fields["quic.packet_number"] == [0] and found.summary == "quic : Initial, Client Hello"
    assert "quic.padding_length" not in told("quic", packet[:400], 0, len(packet)).fields
    # Bytes that mean nothing are not shown.
    spoilt = packet[:30] + bytes(130)
    assert "quic.frame_type" not in told("quic", spoilt, 0, len(packet)).fields


def test_what_an_extension_says_stands_behind_its_name() -> None:
    lines = told("quic", initial(HELLO)).lines
    first = next(k for k, one in enumerate(lines) if one.startswith("     Parameter"))
    assert "quic_transport_parameters" in lines[first - 1]
    # One without lines of its own has what it says beside it.
    assert any(one.startswith("    Extension") and "example.com" in one for one in lines)


def test_the_end_of_a_connection() -> None:
    found = told("quic", initial(b"\x1c\x41\x28\6\4oops" + b"\3\5\1\1\1\0\2\7\1\2"))
    assert found.summary == "quic : Initial, Connection Close (Handshake Failure)"
    assert found.fields["quic.cc.error_code.tls_alert"] == [40] and found.fields["quic.cc.reason_phrase"] == ["oops"]
    assert found.fields["quic.ack.ack_range"] == [2] and found.fields["quic.ack.ecn_ce_count"] == [2]
    assert told("quic", initial(b"\x1c\x02\0\0")).summary.endswith("(CONNECTION_REFUSED)")


def test_what_is_wrong_is_a_problem() -> None:
    whole = initial(HELLO)
    assert told("quic", initial(b"\x08abc")).problems == [("quic.frame_type", 22)]
    assert told("quic", initial(crypto(0, b"hello")[:-2])).problems[0][0] == "quic.crypto.length"
    assert told("quic", initial(crypto(0, b"\2\0\0\2\3\3"))).problems == [("tls.handshake.random", 22)]
    assert told("quic", whole[:-1]).problems[0][0] == "quic.length"
    assert told("quic", whole[:9]).problems[0][0] == "quic.dcil"
    wrong = told("quic", whole[:-1] + bytes((whole[-1] ^ 1,)))
    assert not wrong.problems and "quic.packet_number" not in wrong.fields
    many = b"\xe0\0\0\0\1\0\0\0" * 100
    assert told("quic", many).problems == [("quic.packet_length", 512)]


def test_what_waits_is_bounded() -> None:
    stream = _quic.Stream()
    for at in range(1, 200_000, 1000):
        assert stream.put(at, bytes(1000)) == []
    assert sum(map(len, stream.beyond.values())) <= _quic.MOST_HANDSHAKE
    full = _quic.Stream()
    full.put(0, b"\1\xff\xff\xff" + bytes(70_000))
    assert full.next == 0


def test_what_waits_of_all_connections_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_quic, "MOST_WAITING", 2500)
    room = _quic.Room()
    one, other = _quic.Stream(room), _quic.Stream(room)
    one.put(10, bytes(1000))
    one.put(10, bytes(1500))
    other.put(0, b"\1\0\7\xff" + bytes(900))
    assert (room.left, len(one.beyond[10]), other.next) == (96, 1500, 904)
    other.put(904, bytes(100))
    assert other.next == 904
    # A message that is whole, and a connection that is forgotten, give back what they held.
    one.leave()
    assert room.left == 1596 and one.room.left == 1000
    assert [len(message) for message in other.put(904, bytes(1147))] == [2051]
    assert room.left == 2500


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_quic, "MOST_HELD", 3000)
    talk = Conversation()
    packets = [initial(crypto(k, b"x").ljust(1000, b"\0"), k) for k in range(5)]
    states = [state for _, _, state in talk.hear(*((one, False) for one in packets))]
    assert talk.memory._size <= 3000
    # What was dropped is still told, alone.
    assert talk.told(packets[0], states[0]).fields["quic.packet_number"] == [0]
    monkeypatch.setattr(_quic, "MOST_CONNECTIONS", 1)
    talk.talk = 8
    talk.hear(*((initial(HELLO, target=bytes((k,)) * 9), False) for k in range(20)))
    assert list(talk.memory._talks) == [8] and CLIENT not in talk.memory._initials
    assert len(talk.memory._talks[8]) == len(talk.memory._initials) == _quic.MOST_TOGETHER


def test_cut_at_every_byte() -> None:
    talk = initial(HELLO) + b"\xe0\0\0\0\1\x08" + CLIENT + b"\0\x05hands" + b"\x41" + bytes(40)
    for whole in (talk, RETRY, b"\x9a\0\0\0\0\1c\1s\0\0\0\1", initial(b"\x1c\x02\0\4oops")):
        cut_everywhere("quic", whole)
