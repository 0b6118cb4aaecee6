"""The text of OPTIONS((...)), read: keywords, abbreviations, lists, ranges; every refusal with its position."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_network
from typing import NamedTuple

from zjobs.errors import RequestError
from zjobs.trace.keywords import DEVICE_TYPES, FLAG_NAMES, KEYWORDS, SYNONYMS, Keyword
from zjobs.trace.select import Address, Range, Selection
from zjobs.wire import ldlc

_MOST_VALUES = 16


class Word(NamedTuple):
    """A keyword as written, with its operands and where it stands in the text (from 1)."""

    text: str
    position: int
    operands: tuple[tuple[str, int], ...] | None = None


@dataclass(frozen=True)
class Options:
    """What OPTIONS((...)) asks for: which packets, which reports, how they look.

    ``reports`` replace those of SHORT, FULL, SUMMARY and TALLY; ``devices`` run beside them.  ``details`` is the
    form asked of a report, ``values`` are the operands of a keyword by their place; ``positions`` say where the
    text asks for a report.
    """

    text: str = ""
    selection: Selection = field(default_factory=Selection)
    reports: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    details: dict[str, str] = field(default_factory=dict)
    values: dict[str, tuple[int | str, ...]] = field(default_factory=dict)
    positions: dict[str, int] = field(default_factory=dict)
    noted: tuple[str, ...] = ()
    dump_size: int | None = None
    translation: str = ""
    clock: str = ""
    tod: bool = False
    checksum: bool = True
    #: Ports of applications by keyword, each number, and as they were coded.
    ports: dict[str, tuple[int, ...]] = field(default_factory=dict)
    coded: dict[str, tuple[Range, ...]] = field(default_factory=dict)

    @property
    def stand_ins(self) -> dict[int, int]:
        """UDP ports that are decoded as others: those of EE, in the order of the usual ones."""
        return dict(zip(self.ports.get("EE", ()), ldlc.PORTS))

    @property
    def asked(self) -> dict[str, tuple[int | str, ...]]:
        """What protocols are asked to do, by their NAME: how wide a terminal's screen is, how its records are told."""
        return {"telnet": self.value("TELNET")[1:]} if "TELNET" in self.values else {}

    def value(self, name: str) -> tuple[int | str, ...]:
        """The operands of a keyword by their place, with its defaults where it was not coded."""
        return self.values.get(name, tuple(p.default for p in KEYWORDS[name].parts))

    def detail(self, name: str) -> str:
        """DETAIL, SUMMARY or what else the form of a report is called."""
        words = [v for v, p in zip(self.value(name), KEYWORDS[name].parts) if p.words]
        return self.details.get(name, str(words[0]))


def parse(text: str) -> Options:
    """Read option text, with or without OPTIONS(( )) around it.  Raises RequestError with the position."""
    inner, shift = _unwrapped(text)
    options = Options(text=inner.strip())
    for word in _words(inner, shift):
        options = _apply(options, find(word.text, word.position), word)
    return options


def _unwrapped(text: str) -> tuple[str, int]:
    head = text.lstrip()
    upper = head.upper()
    for name in ("OPTIONS", "OPTION"):
        if upper.startswith(name) and head[len(name) :].lstrip().startswith("(("):
            start = text.index("((") + 2
            end = text.rstrip()
            if not end.endswith("))"):
                raise RequestError("ZJB0202E", position=len(end), detail="OPTIONS(( is not closed by ))")
            return end[start:-2], start
    return text, 0


def _words(text: str, shift: int) -> Iterator[Word]:
    at = 0
    while at < len(text):
        if text[at] in " ,\n\r\t":
            at += 1
            continue
        if text[at] in "()":
            raise RequestError("ZJB0202E", position=shift + at + 1, detail=f"{text[at]} where a keyword was expected")
        start = at
        while at < len(text) and text[at] not in " ,()\n\r\t":
            at += 1
        name = text[start:at]
        after = at
        while after < len(text) and text[after] == " ":
            after += 1
        operands: list[tuple[str, int]] | None = None
        if after < len(text) and text[after] == "(":
            close = _closing(text, after, shift)
            operands = list(_values(text, after + 1, close, shift))
            at = close + 1
        yield Word(name, shift + start + 1, None if operands is None else tuple(operands))


def _closing(text: str, start: int, shift: int) -> int:
    depth = 0
    for at in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if depth == 0:
            return at
    raise RequestError("ZJB0202E", position=shift + start + 1, detail="( is not closed")


def _values(text: str, start: int, end: int, shift: int) -> Iterator[tuple[str, int]]:
    """Operands with their positions; one that is left out between commas is empty."""
    at = start
    open_ = True
    while at < end:
        if text[at] == ",":
            if open_:
                yield "", shift + at + 1
            open_ = True
        if text[at] in " ,()\n\r\t":
            at += 1
            continue
        open_ = False
        first = at
        while at < end and text[at] not in " ,()\n\r\t":
            at += 1
        yield text[first:at], shift + first + 1


def find(text: str, position: int) -> Keyword:
    """The keyword that a word, written out or cut short, names.  Raises RequestError with the near misses."""
    name = text.upper()
    if name in KEYWORDS:
        return KEYWORDS[name]
    if name in SYNONYMS:
        return KEYWORDS[SYNONYMS[name]]
    found = sorted(k for k in KEYWORDS if k.startswith(name))
    meanings = {(KEYWORDS[k].sets, KEYWORDS[k].default, KEYWORDS[k].operand) for k in found}
    if len(found) == 1 or (found and len(meanings) == 1 and KEYWORDS[found[0]].sets in _ALIKE):
        return KEYWORDS[found[0]]
    if found:
        raise RequestError("ZJB0203E", keyword=text, position=position, choices=", ".join(found))
    raise RequestError("ZJB0201E", keyword=text, position=position, near=near(name, KEYWORDS))


#: Kinds of which two keywords with the same defaults mean the same (DNS and DOMAIN, ICMP6 and ICMPV6).
_ALIKE = ("address", "application", "protocol", "interface", "type")


def near(name: str, names: Iterable[str]) -> str:
    """``; near: A, B``: the names that look like a word that is none, for a message."""
    # Imported where somebody mistyped a word.
    import difflib

    close = difflib.get_close_matches(name, list(names), 3, 0.6)
    return f"; near: {', '.join(close)}" if close else ""


def _apply(options: Options, keyword: Keyword, word: Word) -> Options:
    select = options.selection
    match keyword.sets:
        case "address":
            if keyword.operand == "none":
                _no_operand(keyword, word)
                new = tuple(_addresses(str(p), word.position) for p in keyword.default)
                added = tuple(a for group in new for a in group)
            else:
                added = tuple(a for text, at in _listed(keyword, word) for a in _addresses(text, at))
            return replace(options, selection=replace(select, addresses=select.addresses + added))
        case "port" | "application":
            if keyword.parts:
                options = _parts(options, keyword, word)
                port = int(options.value(keyword.name)[0])
                ranges: tuple[Range, ...] = (Range(port, port),)
            elif word.operands:
                ranges = _numbers(keyword, word)
            else:
                ranges = tuple(Range(int(p), int(p)) for p in keyword.default)
            if not ranges:
                raise RequestError("ZJB0206E", keyword=keyword.name, position=word.position, allowed="0 to 65535")
            if keyword.sets == "application":
                each = tuple(n for r in ranges for n in range(r.low, r.high + 1))
                coded = {**options.coded, keyword.name: ranges}
                options = replace(options, ports={**options.ports, keyword.name: each}, coded=coded)
            return replace(options, selection=replace(select, ports=select.ports + ranges))
        case "report" | "dump":
            return _report(options, keyword, word)
        case "device":
            options = _parts(options, keyword, word)
            select = _joining(options, keyword, select)
            return replace(options, devices=_plus(options.devices, keyword.name), selection=select)
        case "value":
            return _parts(options, keyword, word)
        case "noted":
            if not keyword.parts:
                _no_operand(keyword, word)
            return replace(_parts(options, keyword, word), noted=_plus(options.noted, keyword.name))
        case "exit":
            return replace(options, selection=replace(select, exit_after=_exit(keyword, word)))
        case "devtype":
            return replace(options, selection=replace(select, devtypes=select.devtypes + _devices(keyword, word)))
        case "translation":
            _no_operand(keyword, word)
            return replace(options, translation=keyword.name, reports=_plus(options.reports, "DUMP"))
        case "clock":
            _no_operand(keyword, word)
            return replace(options, clock=keyword.name)
        case "style":
            return _style(options, keyword, word)
        case "limit":
            return replace(options, selection=replace(select, limit=_one(keyword, word)))
        case "datasize":
            return replace(options, selection=replace(select, datasize=_one(keyword, word)))
        case "invert":
            _no_operand(keyword, word)
            return replace(options, selection=replace(select, invert=True))
        case "flags":
            flags, every = _flags(keyword, word)
            return replace(options, selection=replace(select, flags=select.flags + flags, all_flags=every))
        case "interface" | "jobname":
            names = tuple(_name(keyword, text, at) for text, at in _listed(keyword, word))
            both = {keyword.sets + "s": getattr(select, keyword.sets + "s") + names}
            return replace(options, selection=replace(select, **both))
        case "layer":
            return replace(options, selection=replace(select, layers=(*select.layers, str(keyword.default[0]))))
    # What is left are lists of numbers: protocol, version, type, record, cid, ipid, qos, tclass, discard, vlan ...
    if keyword.operand == "none":
        _no_operand(keyword, word)
        ranges = tuple(Range(int(n), int(n)) for n in keyword.default)
    else:
        ranges = _numbers(keyword, word)
    numbers = dict(select.numbers)
    numbers[keyword.sets] = numbers.get(keyword.sets, ()) + ranges
    return replace(options, selection=replace(select, numbers=numbers))


def _report(options: Options, keyword: Keyword, word: Word) -> Options:
    if keyword.parts:
        options = _parts(options, keyword, word)
    elif keyword.name == "DUMP":
        size = _one(keyword, word) if word.operands else None
        options = replace(options, dump_size=size)
    else:
        _no_operand(keyword, word)
    details = dict(options.details)
    names = {"FULL": ("FORMAT", "DUMP"), "TALLY": ("STATISTICS",)}.get(keyword.name, (keyword.name,))
    if keyword.name == "TALLY":
        details["STATISTICS"] = "DETAIL"
    if keyword.name == "CHECKSUM":
        options = replace(options, checksum=True)
    reports, positions = options.reports, dict(options.positions)
    for name in names:
        reports = _plus(reports, name)
        positions.setdefault(name, word.position)
    return replace(options, reports=reports, details=details, positions=positions)


def _parts(options: Options, keyword: Keyword, word: Word) -> Options:
    """Operands by their place; a word finds its place by itself, and what is left out has its default."""
    values: list[int | str | None] = [None] * len(keyword.parts)
    place = 0
    for text, at in word.operands or ():
        free = [k for k, p in enumerate(keyword.parts) if p.words and values[k] is None and text]
        if text and not text[0].isdigit() and free:
            values[free[0]] = _word(keyword, text, at, keyword.parts[free[0]].words)
            place = max(place, free[0] + 1)
            continue
        if place >= len(keyword.parts) or (text and keyword.parts[place].words):
            allowed = ", ".join(p.allowed for p in keyword.parts) or "no operand"
            raise RequestError("ZJB0205E", value=text or ",", keyword=keyword.name, position=at, allowed=allowed)
        if text:
            part = keyword.parts[place]
            number = _decimal(text)
            if not (part.low <= number <= part.high or number == part.also):
                raise RequestError(
                    "ZJB0205E", value=text, keyword=keyword.name, position=at, allowed=part.allowed
                )  # fmt: skip
            values[place] = number
        place += 1
    taken = tuple(p.default if v is None else v for v, p in zip(values, keyword.parts))
    details = dict(options.details)
    for value, part in zip(taken, keyword.parts):
        if part.words and keyword.sets in ("report", "device"):
            details[keyword.name] = str(value)
    return replace(options, values={**options.values, keyword.name: taken}, details=details)


def _decimal(text: str) -> int:
    """A number, or -1, which no keyword takes."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else -1


def _word(keyword: Keyword, text: str, at: int, words: tuple[str, ...]) -> str:
    found = [w for w in words if w.startswith(text.upper())]
    if len(found) != 1:
        raise RequestError(
            "ZJB0205E", value=text, keyword=keyword.name, position=at, allowed=" or ".join(words)
        )  # fmt: skip
    return found[0]


def _joining(options: Options, keyword: Keyword, select: Selection) -> Selection:
    """REASSEMBLY: whether and up to which size fragments are joined."""
    if keyword.name != "REASSEMBLY":
        return select
    size, form = options.value("REASSEMBLY")
    return replace(select, reassemble=True, longest=int(size), list_joined=form == "DETAIL")


def _exit(keyword: Keyword, word: Word) -> str:
    operands = [text for text, _ in word.operands or () if text]
    if len(operands) > 1 or word.operands is None:
        raise RequestError("ZJB0206E", keyword=keyword.name, position=word.position, allowed="one name")
    return operands[0] if operands else ""


def _devices(keyword: Keyword, word: Word) -> tuple[str, ...]:
    """Names of interface types, which may be cut short, or code numbers."""
    out = []
    for text, at in _listed(keyword, word):
        name = text.upper()
        found = [name] if name in DEVICE_TYPES else [d for d in DEVICE_TYPES if d.startswith(name)]
        if 0 <= _decimal(name) <= 255:
            found = [name]
        if len(found) != 1:
            allowed = f"a code from 0 to 255, or {', '.join(DEVICE_TYPES)}{near(name, DEVICE_TYPES)}"
            raise RequestError("ZJB0205E", value=text, keyword=keyword.name, position=at, allowed=allowed)
        out.append(found[0])
    return tuple(out)


def _plus(reports: tuple[str, ...], name: str) -> tuple[str, ...]:
    return reports if name in reports else (*reports, name)


def _style(options: Options, keyword: Keyword, word: Word) -> Options:
    _no_operand(keyword, word)
    select = options.selection
    match keyword.name:
        case "TOD":
            return replace(options, tod=True)
        case "NOCHECKSUM":
            return replace(options, checksum=False, reports=tuple(r for r in options.reports if r != "CHECKSUM"))
        case "NOREASSEMBLY":
            devices = tuple(d for d in options.devices if d != "REASSEMBLY")
            return replace(options, devices=devices, selection=replace(select, reassemble=False))
    # SEGMENT and NOSEGMENT: whether the segments of one packet are joined.
    return replace(options, selection=replace(select, segments=keyword.name == "SEGMENT"))


def _no_operand(keyword: Keyword, word: Word) -> None:
    if word.operands is not None:
        raise RequestError(
            "ZJB0205E", value="(...)", keyword=keyword.name, position=word.position, allowed="no operand"
        )


def _listed(keyword: Keyword, word: Word) -> tuple[tuple[str, int], ...]:
    operands = tuple((text, at) for text, at in word.operands or () if text)
    if not operands:
        raise RequestError("ZJB0206E", keyword=keyword.name, position=word.position, allowed="a list in parentheses")
    if len(operands) > _MOST_VALUES:
        raise RequestError(
            "ZJB0205E", value=f"{len(operands)} values", keyword=keyword.name, position=word.position,
            allowed=f"1 to {_MOST_VALUES} values",
        )  # fmt: skip
    return operands


def _name(keyword: Keyword, text: str, at: int) -> str:
    """A name, which may end in ``*``; one that is too long would never match."""
    if len(text.removesuffix("*")) > keyword.high:
        allowed = f"a name of {keyword.low} to {keyword.high} characters, * at its end for any"
        raise RequestError("ZJB0205E", value=text, keyword=keyword.name, position=at, allowed=allowed)
    return text.upper()


def _one(keyword: Keyword, word: Word) -> int:
    ranges = _numbers(keyword, word)
    if len(ranges) != 1 or ranges[0].low != ranges[0].high:
        raise RequestError("ZJB0206E", keyword=keyword.name, position=word.position, allowed="one number")
    return ranges[0].low


def _numbers(keyword: Keyword, word: Word) -> tuple[Range, ...]:
    return tuple(_range(keyword, text, at) for text, at in _listed(keyword, word))


def _range(keyword: Keyword, text: str, at: int) -> Range:
    base = 16 if keyword.operand == "hexes" else 10
    low_text, colon, high_text = text.partition(":")
    if not colon and keyword.sets == "record" and "-" in text:
        low_text, colon, high_text = text.partition("-")
    try:
        low = _number(low_text, base, keyword.digits)
        high = _number(high_text, base, keyword.digits) if colon else low
    except ValueError:
        low, high = 1, 0
    if not keyword.low <= low <= high <= keyword.high:
        allowed = f"{keyword.low} to {keyword.high}" + ("" if keyword.operand == "size" else ", or low:high")
        if base == 16:
            digits = f"{keyword.digits} hex digits" if keyword.digits else f"0 to {keyword.high:X} in hex"
            allowed = f"{digits}, or low:high"
        raise RequestError("ZJB0205E", value=text, keyword=keyword.name, position=at, allowed=allowed)
    return Range(low, high)


def _number(text: str, base: int, digits: int = 0) -> int:
    upper = text.upper()
    if upper.startswith("X'") and upper.endswith("'"):
        upper, base = upper[2:-1], 16
    if not (upper.isascii() and upper.isalnum()) or (digits and len(upper) != digits):
        raise ValueError(text)
    return int(upper, base)


def _flags(keyword: Keyword, word: Word) -> tuple[tuple[str, ...], bool]:
    flags: list[str] = []
    every = True
    for text, at in _listed(keyword, word):
        name = text.upper()
        if name in ("ALL", "ANY"):
            every = name == "ALL"
            continue
        if name not in FLAG_NAMES:
            allowed = f"{', '.join(('ALL', 'ANY', *FLAG_NAMES))}{near(name, FLAG_NAMES)}"
            raise RequestError("ZJB0205E", value=text, keyword=keyword.name, position=at, allowed=allowed)
        flags.append(name)
    return tuple(flags), every


_LETTERS = {
    "A": ("0.0.0.0/1",),
    "B": ("128.0.0.0/2",),
    "C": ("192.0.0.0/3",),
    "D": ("224.0.0.0/4",),
    "E": ("240.0.0.0/4",),
    "L": ("127.0.0.0/8", "::1/128"),
    "M": ("224.0.0.0/4", "FF00::/8"),
    "O": ("255.255.255.255/32",),
    "*": ("0.0.0.0/0", "::/0"),
}


def _addresses(text: str, at: int) -> tuple[Address, ...]:
    """Addresses of one operand: ipv4[/mask|/nn][-port], ipv6[/nnn], X'hhhhhhhh', or a letter."""
    body, dash, port_text = text.partition("-")
    port: int | None = None
    try:
        if dash:
            port = _decimal(port_text)
            if not 0 <= port <= 65535:
                raise ValueError(port_text)
        upper = body.upper()
        if upper == "H":
            return (Address(4, 0, 0, 0, 0, port, host_only=True),)
        if upper in _LETTERS:
            return tuple(_network(ip_network(n), port) for n in _LETTERS[upper])
        if upper.startswith("X'") and upper.endswith("'"):
            digits = upper[2:-1]
            if len(digits) not in (8, 32):
                raise ValueError(digits)
            size = 32 if len(digits) == 8 else 128
            return (_network(ip_network((int(digits, 16), size)), port),)
        address, slash, mask = body.partition("/")
        if slash and "." in mask:
            # A mask says which bits are compared, and need not be a prefix: Python takes 0.0.0.255 for one.
            bits = int(IPv4Address(mask))
            return (Address(4, 0, int(IPv4Address(address)) & bits, 0, bits, port),)
        return (_network(ip_network(body, strict=False), port),)
    except ValueError as error:
        allowed = "an address such as 192.0.2.1, 192.0.2.0/24, 192.0.2.1-21, 2001:db8::/32, X'C0000201', or a letter"
        raise RequestError("ZJB0205E", value=text, keyword="IPADDR", position=at, allowed=allowed) from error


def _network(net: IPv4Network | IPv6Network, port: int | None) -> Address:
    value, mask = int(net.network_address), int(net.netmask)
    low = (1 << 64) - 1
    return Address(net.version, value >> 64, value & low, mask >> 64, mask & low, port)
