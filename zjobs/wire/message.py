"""Messages of applications: what stands behind the transport header, told field by field.

A header has a layout and is read for all packets at once.  A message (names inside names, lists of lists) is
walked one at a time, and only for packets that somebody wants to see: a protocol module gives ``decode``, and
takes ``lines`` and ``values`` from here.  What a decoder cannot read ends its message, never the run.
"""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import Chars, from_texts, printable
from zjobs.wire.layout import Layout
from zjobs.wire.listing import Block, Told, Value
from zjobs.wire.protocols import protocols
from zjobs.wire.talk import SAID, STREAM
from zjobs.wire.values import json_bool
from zjobs.wire.walk import Fault, Layer, Telling, Walk

#: Decoders that go deeper than this into lists of lists stop: the message is made to be endless.
DEEPEST = 16
MOST_PROBLEMS = 16


class Problem(NamedTuple):
    """What is wrong with a message: where (an offset in the message), and bytes or values needed and available."""

    kind: Fault
    claimed: str
    at: int
    needed: int
    available: int


class Stop(Exception):
    """The rest of a message cannot be read.

    Never kept: its traceback would keep the whole batch, through object arrays that the garbage collector cannot see.
    """

    def __init__(self, kind: Fault, claimed: str, at: int, needed: int, available: int) -> None:
        super().__init__(claimed)
        self.problem = Problem(kind, claimed, at, needed, available)


class Reader:
    """The bytes of a message from ``at`` to ``end``; numbers are big-endian.

    Reading past the end raises Stop, which the caller of the decoder turns into a problem row.
    """

    __slots__ = ("at", "claimed", "data", "end")

    def __init__(self, data: bytes, at: int = 0, end: int | None = None, claimed: str = "message") -> None:
        self.data = data
        self.at = at
        self.end = len(data) if end is None else end
        self.claimed = claimed

    def __len__(self) -> int:
        left = self.end - self.at
        return left if left > 0 else 0

    def take(self, size: int, claimed: str = "") -> bytes:
        """The next ``size`` bytes."""
        at = self.at
        if not 0 <= size <= self.end - at:
            raise Stop(Fault.SHORT, claimed or self.claimed, at, size, self.end - at)
        self.at = at + size
        return self.data[at : at + size]

    def u8(self) -> int:
        """One byte."""
        at = self.at
        if at >= self.end:
            raise Stop(Fault.SHORT, self.claimed, at, 1, self.end - at)
        self.at = at + 1
        return self.data[at]

    def u16(self) -> int:
        """Two bytes."""
        at = self.at
        if at + 2 > self.end:
            raise Stop(Fault.SHORT, self.claimed, at, 2, self.end - at)
        self.at = at + 2
        return self.data[at] << 8 | self.data[at + 1]

    def u24(self) -> int:
        """Three bytes."""
        return int.from_bytes(self.take(3), "big")

    def u32(self) -> int:
        """Four bytes."""
        return int.from_bytes(self.take(4), "big")

    def u64(self) -> int:
        """Eight bytes."""
        return int.from_bytes(self.take(8), "big")

    def varint(self) -> int:
        """A number of one, two, four or eight bytes, which its first two bits tell (RFC 9000, section 16)."""
        first = self.u8()
        value = first & 0x3F
        for octet in self.take((1 << (first >> 6)) - 1):
            value = value << 8 | octet
        return value

    def rest(self) -> bytes:
        """All that is left."""
        return self.take(len(self))

    def part(self, size: int, claimed: str = "") -> "Reader":
        """The next ``size`` bytes as a reader of their own; offsets stay those of the message."""
        at = self.at
        if not 0 <= size <= self.end - at:
            raise Stop(Fault.SHORT, claimed or self.claimed, at, size, self.end - at)
        self.at = at + size
        return Reader(self.data, at, at + size, claimed or self.claimed)

    def upto(self, size: int, claimed: str = "") -> "Reader":
        """As ``part``, but of a message that was cut only what is there."""
        return self.part(min(size, len(self)), claimed)

    def bad(self, claimed: str, needed: int = 0, available: int = 0) -> Stop:
        """A value that is not allowed, for ``raise``."""
        return Stop(Fault.VALUE, claimed, self.at, needed, available)


class _Place(NamedTuple):
    """Where a value stands in a header read as one number, and under which name it is told."""

    name: str
    end: int
    shift: int
    mask: int
    json: str | None
    flag: bool


@cache
def _places(layout: Layout) -> tuple[_Place, ...]:
    """The values of a layout."""
    places = []
    for f in layout.fields:
        end, (shift, width) = f.offset + f.size, f.bits or (0, 8 * f.size)
        shift += 8 * (layout.size - end)
        places.append(_Place(f.name, end, shift, (1 << width) - 1, f.json, f.json_show is json_bool))
    return tuple(places)


class Message:
    """What one message says: a ``summary`` of a few words, lines of labelled values, fields by Wireshark's names.

    ``asked`` is what the user asked of this protocol (see ``Manner``), ``known`` what the protocol remembers of the
    message (see ``talk.Datagrams``).

    ``lines`` hold (level, pairs): level 1 and deeper are up to three labelled values, level 0 a title, level -1
    text as it stands; what no printer prints is replaced on the page.  ``fields`` hold (name, value) in the order of
    the message.  ``missing`` is how many of its bytes were not traced, ``cut`` that there are such.  ``said`` counts
    what was told for the summary, of which the first ``skip`` were told in an earlier packet.
    """

    __slots__ = (
        "asked", "cut", "fields", "known", "lines", "missing", "partial", "problems", "said", "skip", "summary",
    )  # fmt: skip

    #: Whether lines and fields are wanted, for decoders to which it is much work to say them.
    listed = named = True

    def __init__(self, missing: int = 0, skip: int = 0, asked: tuple[Any, ...] = ()) -> None:
        self.summary = ""
        self.said = 0
        self.skip = skip
        self.lines: list[tuple[int, tuple[tuple[str, str], ...]]] = []
        self.fields: list[tuple[str, object]] = []
        #: What is there of parts that were cut, of which Wireshark shows nothing: conditions ask for it all the same.
        self.partial: list[tuple[str, object]] = []
        self.problems: list[Problem] = []
        self.missing = missing
        self.cut = missing > 0
        self.asked = asked
        self.known: Any = None

    def line(self, label: str, value: object, *more: tuple[str, object], level: int = 1) -> None:
        """A line of up to three labelled values."""
        first = (label, str(value))
        self.lines.append((level, (first, *[(a, str(b)) for a, b in more]) if more else (first,)))

    def title(self, text: str) -> None:
        """A title inside the message."""
        self.lines.append((0, ((text, ""),)))

    def text(self, text: str) -> None:
        """A line as it stands."""
        self.lines.append((-1, ((text, ""),)))

    def field(self, name: str, value: object) -> None:
        """A field under Wireshark's name."""
        self.fields.append((name, value))

    def unshown(self, before: int) -> None:
        """The fields from a place on belong to a part that was cut."""
        self.partial += self.fields[before:]
        del self.fields[before:]

    def header(self, layout: Layout, data: Reader, partly: bool = False) -> dict[str, int]:
        """The fixed part that a layout declares, read at the reader: its values, and its fields under their names.

        Of a header that is not whole, ``partly`` tells what is there, for protocols of which Wireshark does.
        """
        short = partly and len(data) < layout.size
        raw = data.data[data.at : data.end] if short else data.take(layout.size, "header")
        whole = int.from_bytes(raw.ljust(layout.size), "big")
        found = {}
        for place in _places(layout):
            if place.end > len(raw):
                break
            value = found[place.name] = whole >> place.shift & place.mask
            if place.json is not None:
                self.field(place.json, bool(value) if place.flag else value)
        if short:
            data.take(layout.size, "header")
        return found

    def fault(self, claimed: str, at: int, needed: int = 0, available: int = 0, kind: Fault = Fault.VALUE) -> None:
        """A problem that does not end the message; of very many the first are enough."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(kind, claimed, at, needed, available))

    def also(self, summary: str) -> None:
        """One more thing for the summary, after a comma; the same is not said twice running."""
        self.said += 1
        if self.said <= self.skip:
            return
        summary = printable(summary)
        if summary and not self.summary.endswith(summary):
            self.summary += f", {summary}" if self.summary else summary


def _ignored(self: Message, *_: object, **__: object) -> None:
    """Nobody wants it."""


class _Unlisted(Message):
    """A message of which no lines are wanted."""

    __slots__ = ()
    listed = False
    line = title = text = _ignored


class _Unnamed(Message):
    """A message of which no fields are wanted."""

    __slots__ = ()
    named = False
    field = _ignored


class _Summed(_Unlisted, _Unnamed):
    """A message of which only the summary is wanted."""

    __slots__ = ()


_KINDS = {
    Telling.LINES | Telling.FIELDS: Message,
    Telling.LINES: _Unnamed,
    Telling.FIELDS: _Unlisted,
    Telling(0): _Summed,
}


def _json(value: object) -> str:
    """The JSON text of a value; bytes are shown as Wireshark does, in lower-case hex."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, bytes):
        return f'"{value.hex()}"'
    return json.dumps(str(value))


def ascii_text(raw: bytes) -> str:
    """Bytes as ASCII; each of the others becomes U+FFFD, as in Wireshark, whatever code page they were meant in."""
    return raw.decode("ascii", "replace")


#: Bytes without a meaning that are shown; a dump has them all.
_SHOWN = 32


def hexed(raw: bytes) -> str:
    """Bytes in upper-case hex, of very many the first."""
    return raw[:_SHOWN].hex().upper() + ("..." if len(raw) > _SHOWN else "")


def utf8_text(raw: bytes) -> str:
    """Bytes as UTF-8, for the few texts of which it is said or Wireshark takes it; what is none becomes U+FFFD."""
    return raw.decode("utf-8", "replace")


def told(walk: Walk, layer: Layer) -> NDArray[Any]:
    """The message of every occurrence of a layer, an object array (n,); decoded once."""
    found = layer.extra.get("message")
    if found is None:
        found = layer.extra["message"] = _decoded(walk, layer)
    return found


def _decoded(walk: Walk, layer: Layer) -> NDArray[Any]:
    decode = protocols()[layer.name].decode
    asked, wanted = walk.manner.asked.get(layer.name, ()), _KINDS[walk.manner.telling]
    out = np.empty(len(layer), dtype=object)
    problems: dict[tuple[Fault, str], list[tuple[int, int, int, int]]] = {}
    buf = walk.buf
    known = walk.known.get(layer.name)
    # Of a first fragment the rest is elsewhere, and of a quoted packet an error has as much as it likes: they were cut,
    # whatever their own lengths say.
    limits = layer.limit + (layer.fragment | layer.quoted)
    for k, (start, end, limit, state) in enumerate(
        zip(layer.start.tolist(), layer.end.tolist(), limits.tolist(), layer.code.tolist())
    ):
        say = out[k] = wanted(limit - end, state >> SAID if state & STREAM else 0, asked)
        if known is not None:
            say.known = known[state >> 1]
        try:
            decode(Reader(buf[start:end].tobytes()), say, state)
        except Stop as stop:
            # What ABBREV left out is not damage; a message that says it is longer than its packet is.
            if not (say.cut and stop.problem.kind is Fault.SHORT):
                say.problems.append(stop.problem)
        say.summary = printable(say.summary)
        for p in say.problems:
            problems.setdefault((p.kind, p.claimed), []).append((k, p.at, p.needed, p.available))
    for (kind, claimed), rows in problems.items():
        which, at, needed, available = np.array(rows, dtype=np.int64).T
        # A message put together from several packets has no place in the packet that completed it.
        start = layer.start[which]
        base = np.where(start < walk.native, start, walk.origin[layer.rows[which]])
        walk.fault(layer, which, kind, claimed, base + at, needed, available)
    return out


def tell(walk: Walk) -> None:
    """Decode the messages of all layers, so that their problems are known before anything is printed."""
    for layer in walk.layers:
        if hasattr(protocols()[layer.name], "decode"):
            told(walk, layer)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """The listing of all messages: a title with the size of each, then what the decoder tells."""
    module = protocols()[layer.name]
    return [Told(f"{module.TITLE}: ", layer.end - layer.start, told(walk, layer))]


def values(walk: Walk, layer: Layer) -> Iterator[Value]:
    """The fields of all messages; a module's LISTS are lists even where they hold one value."""
    return _columns(layer, [say.fields for say in told(walk, layer)])


def partial(walk: Walk, layer: Layer) -> Iterator[Value]:
    """What is there of parts of messages that were cut, which no export shows."""
    return _columns(layer, [say.partial for say in told(walk, layer)])


def _columns(layer: Layer, fields: list[list[tuple[str, object]]]) -> Iterator[Value]:
    lists = getattr(protocols()[layer.name], "LISTS", ())
    columns: dict[str, tuple[list[int], list[str]]] = {}
    for k, some in enumerate(fields):
        for name, value in some:
            rows, texts = columns.setdefault(name, ([], []))
            rows.append(k)
            texts.append(_json(value))
    for name, (rows, texts) in columns.items():
        if '""' in texts:
            rows, texts = _without_empty(rows, texts)
        yield Value(name, from_texts(texts), np.array(rows, dtype=np.int64), name in lists)


def _without_empty(rows: list[int], texts: list[str]) -> tuple[list[int], list[str]]:
    """Without the empty values that are the only ones of their packets, which Wireshark shows like none."""
    count = Counter(rows)
    kept = [(row, text) for row, text in zip(rows, texts) if text != '""' or count[row] > 1]
    return [row for row, _ in kept], [text for _, text in kept]


def one(app: str, data: bytes, state: int, telling: Telling, asked: tuple[Any, ...] = ()) -> Message:
    """One message on its own, as far as it can be read."""
    decode = getattr(protocols()[app], "decode", None)
    say = _KINDS[telling](True, asked=asked)
    if decode is not None:
        with suppress(Stop):
            decode(Reader(data), say, state)
    return say


def opening(app: str, data: bytes, state: int) -> tuple[str, int]:
    """What a message says whose rest is still to come: a summary, and of how many things."""
    say = one(app, data, state, Telling(0))
    return say.summary, say.said


def summaries(walk: Walk, layer: Layer) -> Chars:
    """A few words on every message, for lists of packets."""
    return from_texts([say.summary for say in told(walk, layer)])
