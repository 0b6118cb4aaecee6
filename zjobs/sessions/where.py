"""``--where``: a condition over the fields of ``export --as jsonl``, as column operations.

    tcp.port == 21 and ip.src in 10.0.0.0/8 and tcp.flags.syn
    dns.flags.rcode == 3 or http.response.code in {500, 502..504}
    not tls.handshake.extensions_server_name contains "example"

Names are Wireshark's; ``ip.addr``, ``ipv6.addr``, ``eth.addr``, ``tcp.port`` and ``udp.port`` are either end.  A
comparison holds where any occurrence of the field meets it, ``!=`` where all do; a name alone holds where the field is
there and is not false, and the name of a protocol (``dns``, ``tls``) where the packet has a header or a message of it.
``and`` binds closer than ``or``; ``&&``, ``||`` and ``!`` are the same words.
"""

import difflib
import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import Chars
from zjobs.columns import items
from zjobs.errors import RequestError
from zjobs.sessions import fields as tracked
from zjobs.sessions.tracks import Tracker
from zjobs.trace import facts
from zjobs.trace.dissect import Dissection
from zjobs.trace.grammar import near
from zjobs.trace.trace import Trace
from zjobs.wire import message
from zjobs.wire.fields import fields
from zjobs.wire.layout import Field
from zjobs.wire.protocols import protocols
from zjobs.wire.walk import Layer

Mask = NDArray[np.bool_]

#: Names that stand for several fields.
EITHER = {
    "ip.addr": ("ip.src", "ip.dst"), "ipv6.addr": ("ipv6.src", "ipv6.dst"), "eth.addr": ("eth.src", "eth.dst"),
    "tcp.port": ("tcp.srcport", "tcp.dstport"), "udp.port": ("udp.srcport", "udp.dstport"),
}  # fmt: skip

#: Fields whose values are addresses: what is compared with them must be one, or a network.
_ADDRESSES = frozenset({"ip.addr", "ip.src", "ip.dst", "ipv6.addr", "ipv6.src", "ipv6.dst"})

#: Beginnings of names that are no protocol file of their own.
_OTHERS = ("frame", "zos", "tn3270", "icmp", "ip", "tcp", "udp", "eth", "arp", "x509")

#: Values of which a test remembers what it found.
_MOST_KNOWN = 100_000

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
  | (?P<hex>[xX]'[0-9a-fA-F]+')
  | (?P<op>==|!=|<=|>=|&&|\|\||\.\.|[<>!(){},])
  | (?P<word>(?:(?!\.\.)[^\s"'()<>=!&|{},])+)
    )""",
    re.VERBOSE,
)


class Token(NamedTuple):
    """A word of the condition and where it stands (from 1)."""

    kind: str
    text: str
    position: int


Test = Callable[["_Fields"], Mask]


@dataclass
class Where:
    """A compiled condition; called with the batches of a reading in order, it gives a mask of packets (n,).

    ``met`` are the names that occurred so far, so that a name which never does can be told.
    """

    text: str
    names: tuple[str, ...]
    test: Test
    trace: Trace | None = None
    met: set[str] = field(default_factory=set)
    tracker: Tracker | None = None
    #: By test: what was found of values, as they stand in JSON.
    known: dict[Callable[[Any], bool], dict[bytes, bool]] = field(default_factory=dict)

    def bound(self, trace: Trace) -> "Where":
        """The condition for a new reading of a trace."""
        # Following conversations takes longer than everything else: only for fields that come of it.
        follows = any(map(tracked.derived, self.names))
        return Where(self.text, self.names, self.test, trace, self.met, Tracker() if follows else None)

    def __call__(self, found: Dissection) -> Mask:
        return self.test(_Fields(self, found))

    @property
    def missing(self) -> list[str]:
        """Names of which no packet had a field, each with the names that look like it where it is not known."""
        return [f"{name}{_alike(name)}" for name in sorted(set(self.names) - self.met)]


class _Fields:
    """The fields of one batch that a condition names: for each its packets and its values, as JSON texts."""

    def __init__(self, where: Where, found: Dissection) -> None:
        self.count = len(found.table)
        self.known = where.known
        self.columns: dict[str, list[tuple[NDArray[np.int64], Chars]]] = {}
        #: Headers and messages of protocols that the condition names.
        self.layers: list[Layer] = []
        wanted = {part for name in where.names for part in EITHER.get(name, (name,))}
        prefixes = {name.split(".")[0] for name in wanted if "." in name}
        everyone = np.arange(self.count)

        def take(name: str, text: Chars, rows: NDArray[np.int64] | None) -> None:
            if name in wanted and (rows is None or rows.size):
                self.columns.setdefault(name, []).append((everyone if rows is None else rows, text))
                where.met.add(name)
                where.met.update(either for either, parts in EITHER.items() if name in parts)

        if "frame" in prefixes:
            for value in facts.frame(found.table):
                take(value.name, value.text, value.which)
        if "zos" in prefixes and where.trace is not None:
            for value in facts.zos(where.trace, found):
                take(value.name, value.text, value.which)
        for layer in found.layers:
            if len(layer) and not wanted.isdisjoint(_names(layer.name)):
                where.met.update(_names(layer.name))
                self.layers.append(layer)
            if not _related(layer.name, prefixes):
                continue
            told = fields(found.walk, layer)
            if hasattr(protocols()[layer.name], "decode"):
                told = chain(told, message.partial(found.walk, layer))
            for value in told:
                take(value.name, value.text, layer.rows if value.which is None else layer.rows[value.which])
        if where.tracker is not None:
            for one in tracked.of(found, where.tracker.track(found)):
                take(one.name, one.text, one.rows)

    def has(self, protocol: str) -> Mask:
        """Packets that have a header or a message of a protocol."""
        mask = np.zeros(self.count, dtype=np.bool_)
        for layer in self.layers:
            if protocol in _names(layer.name):
                mask[layer.rows] = True
        return mask

    def any(self, name: str, holds: Callable[[Any], bool]) -> Mask:
        """Packets in which some occurrence of a field has a value that ``holds``; asked once a distinct value."""
        mask = np.zeros(self.count, dtype=np.bool_)
        known = self.known.setdefault(holds, {})
        if len(known) > _MOST_KNOWN:
            known.clear()
        for part in EITHER.get(name, (name,)):
            for rows, text in self.columns.get(part, ()):
                for which, raw in _distinct(text):
                    answer = known.get(raw)
                    if answer is None:
                        answer = known[raw] = holds(json.loads(raw))
                    if answer:
                        mask[rows[which]] = True
        return mask


def _related(layer: str, prefixes: set[str]) -> bool:
    """Whether a layer may have fields with one of these beginnings."""
    names = {"telnet": ("telnet", "tn3270"), "ip": ("ip",), "quic": ("quic", "tls")}.get(layer, _names(layer))
    return any(p in names or p not in protocols() for p in prefixes)


def _names(layer: str) -> tuple[str, str]:
    """A layer and the protocol that it is a part of: some headers of QUIC are a layer of their own."""
    return layer, layer.split(".")[0]


def _distinct(text: Chars) -> Iterator[tuple[NDArray[np.int64], bytes]]:
    """The different JSON texts of a column with the places that have each."""
    if not text.rows.shape[1] or not text.lens.size:
        return
    distinct, inverse = np.unique(items(text.rows), return_inverse=True)
    order = np.argsort(inverse.reshape(-1), kind="stable")
    bounds = np.searchsorted(inverse.reshape(-1)[order], np.arange(distinct.size + 1))
    for k in range(distinct.size):
        which = order[bounds[k] : bounds[k + 1]]
        yield which, text.rows[which[0]][: text.lens[which[0]]].tobytes()


def _declared(protocol: str) -> dict[str, Field]:
    """Fields of a header by Wireshark name, as its layout declares them; what messages say is not declared."""
    module = protocols().get(protocol)
    if module is None or hasattr(module, "decode"):
        return {}
    return {f.json: f for f in module.LAYOUT.fields if f.json}


def _alike(name: str) -> str:
    """Near misses of a name whose protocol is known, among the names that are known before anything is read."""
    protocol = name.split(".")[0]
    known = {*_declared(protocol), *EITHER, *_ADDRESSES, *tracked.names()}
    if name in known or "." not in name:
        return ""
    return near(name, sorted(k for k in known if k.startswith(f"{protocol}.")))


def _numeric(name: str) -> bool:
    """Whether the values of a field are known to be numbers."""
    name = EITHER.get(name, (name,))[0]
    declared = _declared(name.split(".")[0]).get(name)
    return declared is not None and declared.json_show is None and declared.kind[0] in "ul"


def parse(text: str) -> Where:
    """Compile a condition.  Raises RequestError with the position of what cannot be read."""
    parser = _Parser(text)
    test = parser.alternatives()
    parser.end()
    return Where(text, tuple(dict.fromkeys(parser.names)), test)


class _Parser:
    """Recursive descent over the words of a condition."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.names: list[str] = []
        self.tokens = list(self._tokens())
        self.at = 0
        self.depth = 0

    def _tokens(self) -> Iterator[Token]:
        at = 0
        while self.text[at:].strip():
            match = _TOKEN.match(self.text, at)
            if match is None:
                at += len(self.text[at:]) - len(self.text[at:].lstrip())
                raise self._error(at + 1, f"{self.text[at]} is not part of a condition")
            kind = str(match.lastgroup)
            yield Token(kind, match[kind], match.start(kind) + 1)
            at = match.end()

    def _error(self, position: int, detail: str) -> RequestError:
        return RequestError("ZJB0240E", position=position, detail=detail)

    def _peek(self) -> Token:
        if self.at < len(self.tokens):
            return self.tokens[self.at]
        return Token("end", "", len(self.text) + 1)

    def _next(self) -> Token:
        token = self._peek()
        self.at += 1
        return token

    def _accept(self, *words: str) -> bool:
        token = self._peek()
        if token.kind in ("op", "word") and token.text.lower() in words:
            self.at += 1
            return True
        return False

    def end(self) -> None:
        """Nothing may be left."""
        token = self._peek()
        if token.kind != "end":
            raise self._error(token.position, f"{token.text} where and, or, or the end was expected")

    def alternatives(self) -> Test:
        """``a or b``."""
        tests = [self._together()]
        while self._accept("or", "||"):
            tests.append(self._together())
        return tests[0] if len(tests) == 1 else lambda f: np.logical_or.reduce([t(f) for t in tests])

    def _together(self) -> Test:
        tests = [self._single()]
        while self._accept("and", "&&"):
            tests.append(self._single())
        return tests[0] if len(tests) == 1 else lambda f: np.logical_and.reduce([t(f) for t in tests])

    def _single(self) -> Test:
        self.depth += 1
        if self.depth > 50:
            raise self._error(self._peek().position, "parentheses are nested too deeply")
        try:
            if self._accept("not", "!"):
                inner = self._single()
                return lambda f: ~inner(f)
            if self._accept("("):
                test = self.alternatives()
                if not self._accept(")"):
                    raise self._error(self._peek().position, "a parenthesis is not closed")
                return test
            return self._comparison()
        finally:
            self.depth -= 1

    def _comparison(self) -> Test:
        token = self._next()
        name = token.text.lower()
        if token.kind == "word" and name in protocols():
            self.names.append(name)
            return lambda f: f.has(name)
        if token.kind != "word" or "." not in name:
            raise self._error(
                token.position, f"{token.text or 'the end'} where a field or a protocol was expected, such as ip.src"
            )
        known = sorted({*protocols(), *_OTHERS})
        if name.split(".")[0] not in known:
            near = difflib.get_close_matches(name.split(".")[0], known, 3, 0.5)
            hint = f"; near: {', '.join(near)}" if near else ""
            raise self._error(token.position, f"{token.text} is no field of a known protocol{hint}")
        self.names.append(name)
        operator = self._peek()
        if operator.text in ("==", "!=", "<", "<=", ">", ">="):
            self.at += 1
            return self._compared(name, operator.text)
        if self._accept("in"):
            holds = self._members(name)
            return _asked(name, lambda v: any(h(v) for h in holds))
        if self._accept("contains"):
            part = self._value()
            return _asked(name, lambda v: part in str(v))
        if self._accept("matches"):
            try:
                pattern = re.compile(self._value(), re.IGNORECASE)
            except re.error as error:
                raise self._error(operator.position, f"not a regular expression: {error}") from error
            return _asked(name, lambda v: pattern.search(str(v)) is not None)
        return _asked(name, lambda v: v is not False)

    def _compared(self, name: str, operator: str) -> Test:
        position = self._peek().position
        value = self._value()
        if operator in ("==", "!="):
            equal = _equal(value)
            self._possible(name, value, position)
            if operator == "==":
                return _asked(name, equal)
            # As in Wireshark: "ip.addr != x" is no packet of x, not each packet with another host, which all have.
            return lambda f: f.any(name, _there) & ~f.any(name, equal)
        number = _number(value)
        if number is None:
            raise self._error(position, f"{value} is not a number; {operator} compares numbers")
        ops: dict[str, Callable[[float], bool]] = {
            "<": number.__gt__, "<=": number.__ge__, ">": number.__lt__, ">=": number.__le__,
        }  # fmt: skip
        holds = ops[operator]
        return _asked(name, lambda v: (n := _number(v)) is not None and holds(n))

    def _possible(self, name: str, value: str, position: int) -> None:
        """Refuse what no value of the field can be equal to: it is misspelt, and would find nothing."""
        if name in _ADDRESSES and not _network(value):
            raise self._error(position, f"{value} is no address and no network; {name} is compared with one")
        if _numeric(name) and _number(value) is None:
            raise self._error(position, f"{value} is not a number; {name} is one")

    def _members(self, name: str) -> list[Callable[[Any], bool]]:
        """``{a, b, c..d}``, or one network or range."""
        if not self._accept("{"):
            return [self._member(name)]
        holds = [self._member(name)]
        while self._accept(","):
            holds.append(self._member(name))
        if not self._accept("}"):
            raise self._error(self._peek().position, "a list is not closed with }")
        return holds

    def _member(self, name: str) -> Callable[[Any], bool]:
        position = self._peek().position
        low = self._value()
        if not self._accept(".."):
            self._possible(name, low, position)
            return _equal(low)
        high = self._value()
        first, last = _number(low), _number(high)
        if first is None or last is None or first > last:
            raise self._error(position, f"{low}..{high} is no range of numbers")
        return lambda v: (n := _number(v)) is not None and first <= n <= last

    def _value(self) -> str:
        token = self._next()
        if token.kind == "text":
            return re.sub(r"\\(.)", r"\1", token.text[1:-1])
        if token.kind == "hex":
            return f"0x{token.text[2:-1]}"
        if token.kind != "word":
            raise self._error(token.position, f"{token.text or 'the end'} where a value was expected")
        return token.text


def _there(value: Any) -> bool:
    return True


def _asked(name: str, holds: Callable[[Any], bool]) -> Test:
    return lambda f: f.any(name, holds)


def _number(value: Any) -> float | None:
    """A value as a number: decimal or 0x hex (as which X'hex' is read), true and false as 1 and 0."""
    if isinstance(value, bool | int | float):
        return float(value)
    text = str(value).strip().lower()
    if text in ("true", "false"):
        return float(text == "true")
    try:
        return float(int(text, 16)) if text.startswith("0x") else float(text)
    except ValueError:
        return None


def _equal(text: str) -> Callable[[Any], bool]:
    """Equality with a value as written: a network, an address, a number or a text, whatever case."""
    net = _network(text)
    if net is not None:
        return lambda v: (a := _address(v)) is not None and a.version == net.version and _inside(a, net)
    number = _number(text)
    lowered = text.lower()

    def holds(value: Any) -> bool:
        if number is not None and not isinstance(value, str):
            return float(value) == number
        return str(value).lower() == lowered

    return holds


def _network(text: str) -> IPv4Network | IPv6Network | None:
    """An address or a network as written; a number alone is none."""
    with suppress(ValueError):
        return ip_network(text, strict=False) if "." in text or ":" in text else None
    return None


def _inside(address: IPv4Address | IPv6Address, net: Any) -> bool:
    return address in net if not isinstance(net, IPv6Network) or isinstance(address, IPv6Address) else False


def _address(value: Any) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(value) if isinstance(value, str) else None
    except ValueError:
        return None
