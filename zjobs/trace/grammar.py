"""The text of OPTIONS((...)), read: keywords, abbreviations, lists, ranges; every refusal with its position."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Network, IPv6Network, ip_network

from zjobs.errors import RequestError
from zjobs.trace.keywords import FLAG_NAMES, KEYWORDS, SYNONYMS, Keyword
from zjobs.trace.select import Address, Range, Selection

_MOST_VALUES = 16


@dataclass(frozen=True)
class Word:
    """A keyword as written, with its operands and where it stands in the text (from 1)."""

    text: str
    position: int
    operands: tuple[tuple[str, int], ...] | None = None


@dataclass(frozen=True)
class Options:
    """What OPTIONS((...)) asks for: which packets, which reports, how they look."""

    text: str = ""
    selection: Selection = field(default_factory=Selection)
    reports: tuple[str, ...] = ()
    details: dict[str, str] = field(default_factory=dict)
    dump_size: int | None = None
    translation: str = ""
    clock: str = ""
    tod: bool = False
    checksum: bool = True
    ports: dict[str, tuple[int, ...]] = field(default_factory=dict)


def parse(text: str) -> Options:
    """Read option text, with or without OPTIONS(( )) around it.  Raises RequestError with the position."""
    inner, shift = _unwrapped(text)
    options = Options(text=inner.strip())
    for word in _words(inner, shift):
        keyword = _keyword(word)
        if not keyword.built:
            raise RequestError("ZJB0204E", keyword=keyword.name, position=word.position)
        options = _apply(options, keyword, word)
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
    at = start
    while at < end:
        if text[at] in " ,()\n\r\t":
            at += 1
            continue
        first = at
        while at < end and text[at] not in " ,()\n\r\t":
            at += 1
        yield text[first:at], shift + first + 1


def _keyword(word: Word) -> Keyword:
    name = word.text.upper()
    if name in KEYWORDS:
        return KEYWORDS[name]
    if name in SYNONYMS:
        return KEYWORDS[SYNONYMS[name]]
    found = sorted(k for k in KEYWORDS if k.startswith(name))
    meanings = {(KEYWORDS[k].sets, KEYWORDS[k].default, KEYWORDS[k].operand) for k in found}
    if len(found) == 1 or (found and len(meanings) == 1 and KEYWORDS[found[0]].sets != "report"):
        return KEYWORDS[found[0]]
    if found:
        raise RequestError("ZJB0203E", keyword=word.text, position=word.position, choices=", ".join(found))
    raise RequestError("ZJB0201E", keyword=word.text, position=word.position, near=_near(name, list(KEYWORDS)))


def _near(name: str, names: list[str]) -> str:
    close = difflib.get_close_matches(name, names, 3, 0.6)
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
            ranges = _numbers(keyword, word) if word.operands else tuple(Range(int(p), int(p)) for p in keyword.default)
            if not ranges:
                raise RequestError("ZJB0206E", keyword=keyword.name, position=word.position, allowed="0 to 65535")
            ports = dict(options.ports)
            if keyword.sets == "application":
                ports[keyword.name] = tuple(r.low for r in ranges)
            return replace(options, ports=ports, selection=replace(select, ports=select.ports + ranges))
        case "report" | "dump":
            return _report(options, keyword, word)
        case "translation":
            _no_operand(keyword, word)
            return replace(options, translation=keyword.name, reports=_plus(options.reports, "DUMP"))
        case "clock":
            return replace(options, clock=keyword.name)
        case "style":
            return _style(options, keyword, word)
        case "limit":
            return replace(options, selection=replace(select, limit=_one(keyword, word)))
        case "datasize":
            return replace(options, selection=replace(select, datasize=_one(keyword, word)))
        case "invert":
            return replace(options, selection=replace(select, invert=True))
        case "flags":
            flags, every = _flags(keyword, word)
            return replace(options, selection=replace(select, flags=select.flags + flags, all_flags=every))
        case "interface" | "jobname":
            names = tuple(t.upper() for t, _ in _listed(keyword, word))
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
    details = dict(options.details)
    if keyword.operand == "choice":
        chosen = str(keyword.default[0])
        for text, at in word.operands or ():
            found = [str(c) for c in keyword.default if str(c).startswith(text.upper())]
            if len(found) != 1:
                raise RequestError(
                    "ZJB0205E",
                    value=text,
                    keyword=keyword.name,
                    position=at,
                    allowed=" or ".join(map(str, keyword.default)),
                )
            chosen = found[0]
        details[keyword.name] = chosen
    elif keyword.name == "DUMP":
        size = _one(keyword, word) if word.operands else None
        return replace(options, dump_size=size, reports=_plus(options.reports, "DUMP"))
    else:
        _no_operand(keyword, word)
    names = {"FULL": ("FORMAT", "DUMP"), "TALLY": ("STATISTICS",)}.get(keyword.name, (keyword.name,))
    if keyword.name == "TALLY":
        details["STATISTICS"] = "DETAIL"
    reports = options.reports
    for name in names:
        reports = _plus(reports, name)
    return replace(options, reports=reports, details=details)


def _plus(reports: tuple[str, ...], name: str) -> tuple[str, ...]:
    return reports if name in reports else (*reports, name)


def _style(options: Options, keyword: Keyword, word: Word) -> Options:
    if keyword.name != "REASSEMBLY":
        _no_operand(keyword, word)
    for text, at in word.operands or ():
        # Only what is built may be asked for: whole datagrams, and no report of their pieces.
        if text != "65535" and not "SUMMARY".startswith(text.upper()):
            raise RequestError(
                "ZJB0205E",
                value=text,
                keyword=keyword.name,
                position=at,
                allowed="65535,SUMMARY (other forms are not built)",
            )
    match keyword.name:
        case "TOD":
            return replace(options, tod=True)
        case "NOCHECKSUM":
            return replace(options, checksum=False)
        case "NOREASSEMBLY":
            return replace(options, selection=replace(options.selection, reassemble=False))
    return options


def _no_operand(keyword: Keyword, word: Word) -> None:
    if word.operands is not None:
        raise RequestError(
            "ZJB0205E", value="(...)", keyword=keyword.name, position=word.position, allowed="no operand"
        )


def _listed(keyword: Keyword, word: Word) -> tuple[tuple[str, int], ...]:
    if not word.operands:
        raise RequestError("ZJB0206E", keyword=keyword.name, position=word.position, allowed="a list in parentheses")
    if len(word.operands) > _MOST_VALUES:
        raise RequestError(
            "ZJB0205E", value=f"{len(word.operands)} values", keyword=keyword.name, position=word.position,
            allowed=f"1 to {_MOST_VALUES} values",
        )  # fmt: skip
    return word.operands


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
        low = _number(low_text, base)
        high = _number(high_text, base) if colon else low
    except ValueError:
        low, high = 1, 0
    if not keyword.low <= low <= high <= keyword.high:
        allowed = f"{keyword.low} to {keyword.high}, or low:high"
        raise RequestError("ZJB0205E", value=text, keyword=keyword.name, position=at, allowed=allowed)
    return Range(low, high)


def _number(text: str, base: int) -> int:
    upper = text.upper()
    if upper.startswith("X'") and upper.endswith("'"):
        return int(upper[2:-1], 16)
    if not text.isalnum():
        raise ValueError(text)
    return int(text, base)


def _flags(keyword: Keyword, word: Word) -> tuple[tuple[str, ...], bool]:
    flags: list[str] = []
    every = True
    for text, at in _listed(keyword, word):
        name = text.upper()
        if name in ("ALL", "ANY"):
            every = name == "ALL"
            continue
        if name not in FLAG_NAMES:
            allowed = ", ".join(("ALL", "ANY", *FLAG_NAMES))
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
            port = int(port_text)
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
        return (_network(ip_network(body, strict=False), port),)
    except ValueError as error:
        allowed = "an address such as 192.0.2.1, 192.0.2.0/24, 192.0.2.1-21, 2001:db8::/32, X'C0000201', or a letter"
        raise RequestError("ZJB0205E", value=text, keyword="IPADDR", position=at, allowed=allowed) from error


def _network(net: IPv4Network | IPv6Network, port: int | None) -> Address:
    value, mask = int(net.network_address), int(net.netmask)
    low = (1 << 64) - 1
    return Address(net.version, value >> 64, value & low, mask >> 64, mask & low, port)
