"""What is remembered of QUIC: connections by their ids, keys of Initial packets, and the handshake put together.

Reference: RFC 9001, section 5 (keys and protection of packets); RFC 9369, section 3.3 (version 2); RFC 9000, sections
5.1 (connection ids) and 7.2.  Which packet belongs to which connection is told as Wireshark tells it
(epan/dissectors/packet-quic.c).

Nothing is decrypted when a datagram is heard, only when somebody wants to see it or one behind it: what is kept until
then are the datagrams themselves, as many as there is room for.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes, items, windows
from zjobs.wire import _aes
from zjobs.wire.talk import Datagrams

Index = NDArray[np.int64]

#: Kinds of packets with a long header, as version 1 numbers them; those without a kind of their own.
INITIAL, EARLY, HANDSHAKE, RETRY = range(4)
NEGOTIATION, SHORT = 4, 5

LONG = 0x80
#: Bytes of a Version Negotiation: first byte, version, two ids without bytes, a version.
_LEAST = 11
LONGEST_ID = 20
VERSION_2 = 0x6B3343CF
#: What Google spoke before there was a version 1: packets are protected alike, the frames are its own.
GOOGLE = (0x51303530, 0x54303530, 0x54303531)
_KINDS_2 = (RETRY, INITIAL, EARLY, HANDSHAKE)

#: Connections and conversations that are remembered; the oldest is forgotten first.
MOST_CONNECTIONS = 20_000
#: Connections of one conversation.
MOST_TOGETHER = 8
#: Bytes of datagrams that wait to be read, for all connections, and what each takes beside them.
MOST_HELD, _BESIDE = 16 << 20, 512
#: Bytes of handshakes that wait for others, of one direction and of all; Initial packets of a datagram that are
#: decrypted.
MOST_HANDSHAKE, MOST_WAITING = 1 << 16, 32 << 20
MOST_OPENED = 8

#: Where the sample for the protection of the header begins behind the packet number, and its size (RFC 9001, 5.4.2).
_SAMPLE, _SAMPLED = 4, 16


def kind_of(first: int, version: int) -> int:
    """The kind of a packet with a long header, as version 1 numbers it (RFC 9369, section 3.2)."""
    if not version:
        return NEGOTIATION
    kind = first >> 4 & 3
    return _KINDS_2[kind] if version == VERSION_2 else kind


def is_reserved(version: int) -> bool:
    """Versions that no endpoint speaks, sent to be refused (RFC 9000, section 15)."""
    return version & 0x0F0F0F0F == 0x0A0A0A0A


# Keys


class Keys(NamedTuple):
    """What protects packets of one direction: keys of all rounds for headers and for payloads, (11, 16) each."""

    header: Bytes
    payload: Bytes
    iv: int


#: Salts by the first draft that has them, newest first (RFC 9001, section 5.2; draft-ietf-quic-tls-29, -23 and -21).
_SALTS = (
    (33, bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a")),
    (29, bytes.fromhex("afbfec289993d24c9e9786f19c6111e04390a899")),
    (23, bytes.fromhex("c3eef712c72ebb5a11a7d2432bb46365bef9f502")),
    (21, bytes.fromhex("7fbcdb0e7c66bbe9193a96cd21519ebd7a02644a")),
)
_OTHER_SALTS = dict(
    zip(
        (VERSION_2, *GOOGLE),
        (
            bytes.fromhex("0dede3def700a6db819381be6e269dcbf9bd2ed9"),
            bytes.fromhex("504574efd066fe2f9d945cfcdbd3a7f0d3b56b45"),
            bytes.fromhex("7ff579e5acd072915580304c43a2367c60488310"),
            bytes.fromhex("7a4edef4e7ccee5fa4506c19124fc8ccda6e033d"),
        ),
    )
)
_DRAFTS, _NEWEST = 0xFF0000, 34
#: Versions that are drafts under other names: Facebook's.
_STAND_FOR = {1: _NEWEST, 0xFACEB001: 22, 0xFACEB002: 27, 0xFACEB00E: 27}
#: Endpoints that ask with a version that nobody speaks protect it as if it were this draft, as Wireshark found.
_RESERVED = 29
#: Versions that are known, beside drafts.
VERSIONS = (*_OTHER_SALTS, *_STAND_FOR)


def draft(version: int) -> int:
    """The draft that a version is; 0 is none."""
    if is_reserved(version):
        return _RESERVED
    return version & 0xFF if version >> 8 == _DRAFTS else _STAND_FOR.get(version, 0)


def _salt(version: int) -> bytes | None:
    number = draft(version)
    if number > _NEWEST:
        return None
    return _OTHER_SALTS.get(version) or next((salt for first, salt in _SALTS if first <= number), None)


def _label(secret: bytes, label: str, size: int) -> bytes:
    """HKDF-Expand-Label with SHA-256, which gives enough for all that is made here (RFC 8446, section 7.1)."""
    full = b"tls13 " + label.encode("ascii")
    info = size.to_bytes(2, "big") + bytes((len(full),)) + full + b"\0"
    return _hmac(secret, info + b"\1")[:size]


def _hmac(key: bytes, data: bytes) -> bytes:
    # Loaded by those who decrypt: it takes longer than all that a trace without QUIC needs of this room.
    import hmac

    return hmac.digest(key, data, "sha256")


@lru_cache(256)
def initial_keys(cid: bytes, version: int, server: bool) -> Keys | None:
    """Keys of Initial packets: of the id that the client chose for the server (RFC 9001, section 5.2)."""
    salt = _salt(version)
    if salt is None:
        return None
    secret = _label(_hmac(salt, cid), "server in" if server else "client in", 32)
    name = "quicv2" if version == VERSION_2 else "quic"
    key, iv, header = (_label(secret, f"{name} {what}", size) for what, size in (("key", 16), ("iv", 12), ("hp", 16)))
    return Keys(_aes.expand(header), _aes.expand(key), int.from_bytes(iv, "big"))


#: Bits of the first byte that are zero, frames that fill, and those that say something in an Initial packet.
_RESERVED_BITS, _FILLING, _FRAMES = 0x0C, b"\0\1", b"\2\3\6\x1c"


class Opened(NamedTuple):
    """A packet without its protection: its first byte, size and value of its number, and the frames in it."""

    first: int
    size: int
    number: int
    frames: bytes


def opened(keys: Keys, packet: bytes, number_at: int, largest: int, whole: bool = True) -> Opened | None:
    """A packet of which the number stands at ``number_at``, if its tag is right; RFC 9001, sections 5.3 and 5.4.

    Of a packet that is not ``whole`` there is no tag; it is right if what comes out looks like it.
    """
    sample = packet[number_at + _SAMPLE : number_at + _SAMPLE + _SAMPLED]
    if len(sample) < _SAMPLED:
        return None
    mask = _aes.encrypt(keys.header, np.frombuffer(sample, dtype=np.uint8)[None])[0].tobytes()
    first = packet[0] ^ mask[0] & 0x0F
    size = (first & 3) + 1
    raw = bytes(a ^ b for a, b in zip(packet[number_at : number_at + size], mask[1:]))
    number = whole_number(int.from_bytes(raw, "big"), 8 * size, largest)
    at = number_at + size
    nonce = (keys.iv ^ number).to_bytes(_aes.NONCE, "big")
    if whole:
        frames = _aes.opened(keys.payload, nonce, packet[at:], bytes((first,)) + packet[1:number_at] + raw)
    else:
        frames = _aes.beginning(keys.payload, nonce, packet[at:])
        if first & _RESERVED_BITS or frames.lstrip(_FILLING)[:1] not in _FRAMES:
            return None
    return None if frames is None else Opened(first, size, number, frames)


#: Key and nonce of the tags of Retry packets by the first draft that has them, newest first, and those of version 2
#: (RFC 9001, section 5.8; RFC 9369, section 3.3.3; draft-ietf-quic-tls-29 and -25).
_RETRY_KEYS = (
    (33, "be0c690b9f66575a1d766b54e368c84e461599d35d632bf2239825bb"),
    (29, "ccce187ed09a09d05728155a6cb96be1e54930f97f2136f0530a8c1c"),
    (25, "4d32ecdb2a2133c841e4043df27d44304d1611d05513a552c587d575"),
)
_RETRY_KEY_2 = "8fb4b01b56ac48e260fbcbcead7ccc92d86969bc2d7c6d9990efb04a"


def answers(version: int, retry: bytes, cid: bytes) -> bool:
    """Whether the tag of a Retry is that of an answer to a packet with this id; yes where it cannot be told."""
    number = draft(version)
    known = _RETRY_KEY_2 if version == VERSION_2 else next((k for first, k in _RETRY_KEYS if first <= number), "")
    if not known or number > _NEWEST:
        return True
    key, nonce = bytes.fromhex(known[:32]), bytes.fromhex(known[32:])
    beside = bytes((len(cid),)) + cid + retry[: -_aes.TAG]
    return _aes.opened(_aes.expand(key), nonce, retry[-_aes.TAG :], beside) is not None


def whole_number(number: int, bits: int, largest: int) -> int:
    """A packet number of which the last bits are known (RFC 9000, appendix A.3); ``largest`` is -1 before the first."""
    expected, window = largest + 1, 1 << bits
    found = expected & -window | number
    if found <= expected - window // 2 and found < (1 << 62) - window:
        return found + window
    return found - window if found > expected + window // 2 and found >= window else found


# Connections


class Room:
    """How much may still wait, of the handshakes of all connections of a reading."""

    def __init__(self) -> None:
        self.left = MOST_WAITING


@dataclass(slots=True, eq=False, repr=False)
class Stream:
    """The handshake of one direction: bytes in order of which no message is whole yet, and those behind a hole."""

    room: Room = field(default_factory=Room)
    next: int = 0
    waiting: bytearray = field(default_factory=bytearray)
    beyond: dict[int, bytes] = field(default_factory=dict)

    def put(self, at: int, data: bytes) -> list[bytes]:
        """Bytes at an offset; the messages that they complete, each with its head of four bytes."""
        if at > self.next:
            if len(data) > len(self.beyond.get(at, b"")) and self._fits(len(data)):
                self.room.left -= len(data) - len(self.beyond.get(at, b""))
                self.beyond[at] = data
            return []
        self._add(at, data)
        for start in sorted(self.beyond):
            if start > self.next:
                break
            piece = self.beyond.pop(start)
            self.room.left += len(piece)
            self._add(start, piece)
        return list(self._whole())

    def _add(self, at: int, data: bytes) -> None:
        fresh = data[self.next - at :]
        if fresh and self._fits(len(fresh)):
            self.room.left -= len(fresh)
            self.waiting += fresh
            self.next += len(fresh)

    def _size(self) -> int:
        return len(self.waiting) + sum(map(len, self.beyond.values()))

    def _fits(self, size: int) -> bool:
        return size <= self.room.left and self._size() + size <= MOST_HANDSHAKE

    def _whole(self) -> Iterator[bytes]:
        while len(self.waiting) >= 4:
            size = 4 + int.from_bytes(self.waiting[1:4], "big")
            if size > len(self.waiting):
                return
            yield bytes(self.waiting[:size])
            del self.waiting[:size]
            self.room.left += size

    def leave(self) -> None:
        """Give back the room; whoever still has this stream uses one of its own."""
        self.room.left += self._size()
        self.room = Room()
        self.room.left -= self._size()


@dataclass(slots=True, eq=False, repr=False)
class Connection:
    """A connection: its number, which end of the conversation serves, the ids that its ends chose for themselves and
    the one that the client chose for the server; for each end (the server's second) its handshake and the largest
    number of its Initial packets.  ``past`` says from which place of the batch on ids were what.
    """

    number: int
    server_first: bool
    past: list[tuple[int, bytes, bytes]] = field(default_factory=list)
    client: bytes = b""
    server: bytes = b""
    initial: bytes = b""
    streams: tuple[Stream, Stream] = field(default_factory=lambda: (Stream(), Stream()))
    largest: list[int] = field(default_factory=lambda: [-1, -1])
    unread: list["Datagram"] = field(default_factory=list)

    def ids(self, server: bool, most: int) -> Iterator[tuple[int, int, bytes]]:
        """The ids by which packets of one end find the other, each with the places from which and up to which."""
        for k, (since, client, own) in enumerate(self.past):
            upto = self.past[k + 1][0] if k + 1 < len(self.past) else most
            yield since, upto, client if server else own


@dataclass(slots=True, eq=False, repr=False)
class Datagram:
    """A datagram of a connection as it was when it came: who sent it, the id of the keys, the length of the id in
    packets with a short header, the id that a Retry answers, and how long the datagram was.

    ``opened`` are its Initial packets without protection, by where they start, ``messages`` what its frames completed
    of the handshake, by where they stand.  ``raw`` is held until it was read.
    """

    connection: Connection
    server: bool
    initial: bytes
    short: int = 0
    answered: bytes = b""
    claimed: int = 0
    raw: bytes = b""
    opened: dict[int, Opened | None] = field(default_factory=dict)
    messages: dict[int, list[bytes]] = field(default_factory=dict)

    def before(self) -> Iterator["Datagram"]:
        """Datagrams of the connection that came before this one and were not read yet, in order."""
        unread = self.connection.unread
        if self in unread:
            while (earlier := unread.pop(0)) is not self:
                yield earlier
                earlier.raw = b""
            self.raw = b""

    def open(self, version: int, at: int, packet: bytes, number_at: int, whole: bool) -> Opened | None:
        """The Initial packet that starts at an offset."""
        if at not in self.opened and len(self.opened) < MOST_OPENED:
            keys = initial_keys(self.initial, version, self.server)
            largest = self.connection.largest
            found = opened(keys, packet, number_at, largest[self.server], whole) if keys is not None else None
            if found is not None:
                largest[self.server] = max(largest[self.server], found.number)
            self.opened[at] = found
        return self.opened.get(at)

    def begun(self, offset: int, data: bytes) -> bytes:
        """The message that the beginning of a CRYPTO frame continues, as far as it is there."""
        stream = self.connection.streams[self.server]
        return bytes(stream.waiting) + data if offset == stream.next else b""

    def put(self, at: int, offset: int, data: bytes) -> list[bytes]:
        """What a CRYPTO frame that stands at ``at`` adds to the handshake; the messages that it completes."""
        if at not in self.messages:
            self.messages[at] = self.connection.streams[self.server].put(offset, data)
        return self.messages[at]


def alone(cid: bytes) -> Datagram:
    """A datagram of which nothing is known: if it is the first of a client, its keys are made of its own id."""
    return Datagram(Connection(-1, False, initial=cid), False, cid)


class Head(NamedTuple):
    """The beginning of a packet with a long header."""

    kind: int
    version: int
    target: bytes
    source: bytes


def head(data: bytes) -> Head | None:
    """The head at the start of some bytes, if all of it is there; ids that are too long are none, as in Wireshark."""
    size = data[5] if len(data) > 5 else len(data)
    behind = 6 + size
    if behind >= len(data):
        return None
    source = data[behind + 1 : behind + 1 + data[behind]]
    version = int.from_bytes(data[1:5], "big")
    ids = (cid if len(cid) <= LONGEST_ID else b"" for cid in (data[6:behind], source))
    return Head(kind_of(data[0], version), version, *ids)


class Memory:
    """The connections of one reading."""

    def __init__(self) -> None:
        self._count = 0
        #: Connections by the conversation of their datagrams, oldest first, and by their ids.
        self._talks: dict[int, list[Connection]] = {}
        self._clients: dict[bytes, Connection] = {}
        self._servers: dict[bytes, Connection] = {}
        self._initials: dict[bytes, Connection] = {}
        self._held: deque[tuple[int, Datagram]] = deque()
        self._size = 0
        self._room = Room()
        self._known = np.zeros(0, dtype=np.int64)
        self._changed: list[Connection] = []

    def hear(self, buf: Bytes, heard: Datagrams, told: list[object]) -> list[tuple[str, Index, Index]]:
        """Which datagrams are QUIC: those that look like it, and from then on all of their conversations, but for such
        with long headers that are none.

        For each protocol (long and short headers) their places and what its state says; ``told`` gets what is known of
        those with long headers, for the decoder.
        """
        fresh = self._opened(heard)
        mine = np.flatnonzero(heard.named | np.isin(heard.talk, self._known))
        if fresh:
            # What came before the first that looked like it is not known to be any.
            since = np.array([fresh.get(talk, 0) for talk in heard.talk[mine].tolist()], dtype=np.int64)
            mine = mine[mine >= since]
        long = buf[heard.start[mine]] >= LONG
        kept = ~long | heard.named[mine]
        kept[~kept] = _negotiates(buf, heard.start[mine[~kept]], heard.end[mine[~kept]])
        mine, long = mine[kept], long[kept]
        if not mine.size:
            return []
        first = heard.first(mine)
        codes = np.zeros(mine.size, dtype=np.int64)
        for k in np.flatnonzero(long).tolist():
            codes[k] = len(told) * 2
            told.append(self._long(buf, heard, int(mine[k]), bool(first[k])))
        short = np.flatnonzero(~long)
        if short.size:
            codes[short] = self._short(buf, heard, mine[short], first[short])
        for connection in self._changed:
            connection.past = [(0, connection.client, connection.server)]
        self._changed.clear()
        return [("quic", mine[long], codes[long]), ("quic.short", mine[short], codes[short])]

    def _opened(self, heard: Datagrams) -> dict[int, int]:
        """Conversations that speak QUIC for the first time, each with the place of the first that looks like it."""
        fresh: dict[int, int] = {}
        for k in np.flatnonzero(heard.named & ~heard.quoted).tolist():
            talk = int(heard.talk[k])
            if talk not in self._talks:
                self._talks[talk] = []
                fresh[talk] = k
        if fresh:
            while len(self._talks) > MOST_CONNECTIONS:
                for connection in self._talks.pop(next(iter(self._talks))):
                    self._forget(connection)
            self._known = np.fromiter(self._talks, np.int64, len(self._talks))
        return fresh

    def _forget(self, connection: Connection) -> None:
        for ids, cid in (
            (self._clients, connection.client),
            (self._servers, connection.server),
            (self._initials, connection.initial),
        ):
            if ids.get(cid) is connection:
                del ids[cid]
        for stream in connection.streams:
            stream.leave()

    def _long(self, buf: Bytes, heard: Datagrams, k: int, first: bool) -> Datagram | None:
        """A datagram that starts with a long header: its connection, which it may begin or change."""
        start, end = int(heard.start[k]), int(heard.end[k])
        front = head(buf[start : min(end, start + 5 + 2 * 256)].tobytes())
        talk = int(heard.talk[k])
        if front is None:
            return None
        connection, server = self._find(front, talk, first)
        if heard.quoted[k]:
            # What an error quotes was sent before.
            size = int(heard.limit[k]) - start
            return None if connection is None else Datagram(connection, server, connection.initial, claimed=size)
        answered = connection.initial if connection is not None and front.kind == RETRY else b""
        connection = self._updated(connection, server, front, talk, first)
        if connection is None:
            return None
        ids = (connection.client, connection.server)
        if connection.past[-1:] != [(0, *ids)]:
            connection.past.append((k, *ids))
            self._changed.append(connection)
        short = len(connection.client if server else connection.server)
        out = Datagram(connection, server, connection.initial, short, answered, int(heard.limit[k]) - start)
        if front.kind == INITIAL:
            out.raw = buf[start:end].tobytes()
            connection.unread.append(out)
            self._hold(out)
        return out

    def _hold(self, datagram: Datagram) -> None:
        self._held.append((len(datagram.raw) + _BESIDE, datagram))
        self._size += len(datagram.raw) + _BESIDE
        while self._size > MOST_HELD:
            size, oldest = self._held.popleft()
            self._size -= size
            oldest.raw = b""
            if oldest in oldest.connection.unread:
                oldest.connection.unread.remove(oldest)

    def _find(self, front: Head, talk: int, first: bool) -> tuple[Connection | None, bool]:
        """The connection of a packet, and whether its server sent it."""
        target = front.target
        if front.kind == EARLY and target:
            return self._initials.get(target), False
        found, server = self._by_id(target, first) if target else self._latest(talk, first)
        if front.kind == INITIAL and target and not server:
            found = found or self._initials.get(target)
            if found is not None and target != found.initial and not target.startswith(found.server):
                # The client begins anew, behind a Version Negotiation perhaps.
                found = None
        return found, server

    def _by_id(self, target: bytes, first: bool) -> tuple[Connection | None, bool]:
        found = self._clients.get(target)
        if found is None:
            return self._servers.get(target), False
        return found, target not in self._servers or found.server_first == first

    def _latest(self, talk: int, first: bool) -> tuple[Connection | None, bool]:
        known = self._talks.get(talk)
        return (known[-1], known[-1].server_first == first) if known else (None, False)

    def _updated(
        self, connection: Connection | None, server: bool, front: Head, talk: int, first: bool
    ) -> Connection | None:
        """The connection with the ids of a packet: those that its sender chose."""
        kind = front.kind
        if kind == INITIAL and not server:
            if connection is None:
                connection = Connection(self._count, not first)
                connection.streams = (Stream(self._room), Stream(self._room))
                self._count += 1
                together = self._talks.setdefault(talk, [])
                together.append(connection)
                if len(together) > MOST_TOGETHER:
                    self._forget(together.pop(0))
            elif connection.initial or not front.target:
                return connection
            else:
                # The answer to a Retry: the server chooses again as well.
                self._servers.pop(connection.server, None)
                connection.server = b""
            if front.source:
                connection.client = front.source
                self._clients[front.source] = connection
            if front.target:
                connection.initial = front.target
                self._initials[front.target] = connection
        elif connection is not None and server and kind in (INITIAL, RETRY, HANDSHAKE):
            if kind == RETRY:
                self._initials.pop(connection.initial, None)
                connection.initial = b""
            if front.source and not connection.server:
                connection.server = front.source
                self._servers[front.source] = connection
        return connection

    # Short headers

    def _short(self, buf: Bytes, heard: Datagrams, mine: Index, first: NDArray[np.bool_]) -> Index:
        """For each datagram with a short header the length of its id, and above it one more than the number of its
        connection, both 0 where that is not known; see ``quicshort``.
        """
        out = np.zeros(mine.size, dtype=np.int64)
        start, room = heard.start[mine] + 1, heard.end[mine] - heard.start[mine] - 1
        ends = heard.talk[mine] << 1 | first
        order = np.argsort(ends, kind="stable")
        bounds = np.flatnonzero(np.diff(ends[order], prepend=ends[order[0]] - 1, append=ends[order[-1]] + 1))
        for low, high in zip(bounds[:-1].tolist(), bounds[1:].tolist()):
            here = order[low:high]
            one = int(here[0])
            for connection in reversed(self._talks.get(int(heard.talk[mine[one]]), [])):
                server = connection.server_first == bool(first[one])
                for since, upto, cid in connection.ids(server, heard.start.size):
                    fits = here[(out[here] == 0) & (mine[here] >= since) & (mine[here] < upto)]
                    fits = fits[room[fits] >= len(cid)]
                    out[fits[_same(buf, start[fits], cid)]] = connection.number + 1 << 8 | len(cid)
        rest = np.flatnonzero(out == 0)
        if rest.size:
            out[rest] = self._moved(buf, start[rest], room[rest])
        return out

    def _moved(self, buf: Bytes, start: Index, room: Index) -> Index:
        """Datagrams of connections that go on between other ends: they are known by their ids alone."""
        out = np.zeros(start.size, dtype=np.int64)
        lengths = {len(cid) for ids in (self._clients, self._servers) for cid in ids}
        for length in sorted(lengths - {0}, reverse=True):
            here = np.flatnonzero((out == 0) & (room > length))
            distinct, inverse = np.unique(items(windows(buf, start[here], length)), return_inverse=True)
            found = [self._clients.get(cid.tobytes()) or self._servers.get(cid.tobytes()) for cid in distinct]
            codes = [0 if one is None else one.number + 1 << 8 | length for one in found]
            if any(codes):
                out[here] = np.array(codes, dtype=np.int64)[inverse.reshape(-1)]
        return out


def _negotiates(buf: Bytes, start: Index, end: Index) -> NDArray[np.bool_]:
    """Where the version is that of a Version Negotiation (RFC 9000, section 17.2.1)."""
    return np.asarray((windows(buf, start + 1, 4) == 0).all(axis=1) & (end - start >= _LEAST))


def _same(buf: Bytes, start: Index, cid: bytes) -> NDArray[np.bool_]:
    """Where the bytes are those of an id."""
    return np.asarray((windows(buf, start, len(cid)) == np.frombuffer(cid, dtype=np.uint8)).all(axis=1))
