"""What the system answers, as values.

Matched are message ids, the word after ITT038I, and labels of reports, never free text: wording changes
between releases.  Reports are read without regard to case and without columns.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

_ID = re.compile(r"^[*@ ]*(?:\d{1,4}\s+(?:R\s+\S+\s+\*?\d+\s+)?)?([A-Z$]{3,5}\d{2,5}[A-Zx]{0,2})\b", re.MULTILINE)
_VERDICT = re.compile(r"\bITT038I\s+(ALL|NONE|SOME)\b")
# One manual page prints ITT066A where the system says ITT006A.
_PROMPT = re.compile(r"^[*@ ]?\s*(\d{1,4})\s+(?:R\s+\S+\s+[*@]?\d+\s+)?ITT0(?:06|66)A\b", re.MULTILINE)
# A value does not end with a colon (the next label does), but an IPv6 network may end with two.
_PAIR = re.compile(r"([A-Z][A-Z /]*?):\s*(::\S*|[^\s:]\S*::|[^\s:](?:\S*[^\s:])?)(?=\s|$)")
_DSN = re.compile(r"[A-Z@#$][A-Z0-9@#$-]{0,7}(?:\.[A-Z@#$][A-Z0-9@#$-]{0,7})+")


class Verdict(Enum):
    """Whether the system did what was asked; SILENT is unknown, and never taken for either."""

    DONE = "done"
    REFUSED = "refused"
    SILENT = "silent"


def ids(lines: Iterable[str]) -> list[str]:
    """Message ids in the order they appear."""
    return _ID.findall("\n".join(lines))


def trace_ct(lines: Iterable[str]) -> Verdict:
    """TRACE CT: ITT038I ALL is success; a console may break the line anywhere between words."""
    text = " ".join(line.strip() for line in lines)
    found = _VERDICT.search(text)
    if found:
        return Verdict.DONE if found[1] == "ALL" else Verdict.REFUSED
    return Verdict.REFUSED if _rejected(text) else Verdict.SILENT


# Messages of profile processing (IP Messages, EZZ0300I to EZZ0345I) come before OBEYFILE's verdict; which of
# them mean an error is not settled, so they decide nothing: the display does.
_PROFILE = re.compile(r"EZZ03[0-4]\dI")


def vary(lines: Iterable[str]) -> Verdict:
    """VARY TCPIP: EZZ0053I is success; any other stack message but the echo EZZ0060I is refusal."""
    lines = list(lines)
    for found in ids(lines):
        if found == "EZZ0053I":
            return Verdict.DONE
        if found.startswith(("EZZ", "EZD")) and found != "EZZ0060I" and not _PROFILE.fullmatch(found):
            return Verdict.REFUSED
    return Verdict.REFUSED if _rejected(" ".join(lines)) else Verdict.SILENT


def _rejected(text: str) -> bool:
    """Messages of the command's own refusal: unknown, not executed, keyword, authority, reply not outstanding."""
    return bool(re.search(r"\b(IEE305I|IEE707I|IEE708I|IEE345I|IEE120I)\b", text))


def prompts(lines: Iterable[str]) -> tuple[str, ...]:
    """Reply numbers of the ITT006A prompts among the lines; a number stays text."""
    return tuple(dict.fromkeys(_PROMPT.findall("\n".join(lines))))


def detail(lines: Iterable[str]) -> str:
    """The refusal in the system's words: the messages that are neither verdict nor echo."""
    shown = [line.strip() for line in lines if (found := ids([line])) and found[0] not in ("IEE839I", "EZZ0060I")]
    return "; ".join(shown) or "no message"


@dataclass(frozen=True)
class Subtrace:
    """A sublevel on DISPLAY TRACE; the head of a TCP/IP component always says OFF and is not looked at."""

    mode: str = ""
    buffer: str = ""
    writer: str = ""

    @property
    def on(self) -> bool:
        return self.mode not in ("", "OFF")


def subtrace(lines: Iterable[str], sub: str) -> Subtrace | None:
    """The state of one sublevel; ``None`` when the display does not have it."""
    rows = [line.upper().split() for line in lines]
    start = next((n for n, row in enumerate(rows) if row[:1] == ["SUBTRACE"]), len(rows))
    found: Subtrace | None = None
    for row in rows[start:]:
        if row[:1] == [sub] and len(row) > 1 and row[1] in ("ON", "OFF", "MIN"):
            found = Subtrace(row[1], row[2] if len(row) > 2 else "")
        elif found and row[:1] == ["WRITER"] and len(row) > 1:
            return Subtrace(found.mode, found.buffer, "" if row[1] == "*NONE*" else row[1])
    return found


@dataclass(frozen=True)
class WriterSeen:
    """An external writer on DISPLAY TRACE,WTR=; ``connected`` names component and sublevel."""

    present: bool = False
    active: bool = False
    connected: tuple[tuple[str, str], ...] = ()


# A writer's name stands at the left of its line; what is connected to it is on lines blank there.
_WRITER_COLUMNS = 12


def writer(lines: Iterable[str], name: str) -> WriterSeen:
    """A writer is up when a line has its name and ACTIVE; absence of the name is not active."""
    found = WriterSeen()
    connected = []
    for line in lines:
        row = line.upper().split()
        if row[:1] == [name]:
            found, row = WriterSeen(True, "ACTIVE" in row), row[2:]
        elif found.present and line[:_WRITER_COLUMNS].strip():
            break  # the next writer
        if found.present and len(row) == 2:
            connected.append((row[0], row[1]))
    return WriterSeen(found.present, found.active, tuple(connected))


@dataclass(frozen=True)
class Setting:
    """One PACKET TRACE SETTING of NETSTAT DEVLINKS, as printed; ``*`` is any."""

    count: int = 0
    protocol: str = "*"
    length: str = ""
    source_port: str = "*"
    destination_port: str = "*"
    port: str = "*"
    ip: str = "*"
    subnet: str = "*"


@dataclass(frozen=True)
class Link:
    """An interface; its settings are those in force."""

    name: str
    settings: tuple[Setting, ...] = ()

    @property
    def count(self) -> int:
        return sum(setting.count for setting in self.settings)


@dataclass(frozen=True)
class Osa:
    """One port in the OSA-EXPRESS NETWORK TRAFFIC ANALYZER section; ``filters`` has the labels that are set."""

    portname: str
    status: str = "OFF"
    frames: int = 0
    databytes: int = 0
    lost: int = 0
    discarded: int = 0
    abbrev: int = 0
    nofilter: str = ""
    filters: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def on(self) -> bool:
        return self.status == "ON"


@dataclass(frozen=True)
class DataTrace:
    """The DATA TRACE SETTING of NETSTAT CONFIG, as printed."""

    count: int = 0
    jobname: str = "*"
    length: str = ""
    ip: str = "*"
    subnet: str = "*"
    port: str = "*"


@dataclass(frozen=True)
class Devlinks:
    """NETSTAT DEVLINKS; not ``whole`` when the report was cut or is no report."""

    links: tuple[Link, ...] = ()
    osas: tuple[Osa, ...] = ()
    whole: bool = False


def devlinks(lines: Iterable[str]) -> Devlinks:
    """Interfaces and their packet trace settings, from pairs of label and value."""
    text = "\n".join(lines).upper()
    links: list[Link] = []
    settings: list[dict[str, str]] | None = None

    def finish() -> None:
        if links and settings:
            links[-1] = Link(links[-1].name, tuple(_setting(one) for one in settings))

    for line in text.splitlines():
        pairs = {label.strip(): value for label, value in _PAIR.findall(line)}
        name = pairs.get("LNKNAME") or pairs.get("INTFNAME")
        if name:
            finish()
            links.append(Link(name))
            settings = None
        elif "PACKET TRACE SETTING" in line:
            settings = settings or []
        elif settings is not None and not pairs.keys() <= _SETTING_LABELS:
            finish()
            settings = None
        elif settings is not None and pairs:
            if "PROTOCOL" in pairs:
                settings.append({})
            if settings:
                settings[-1].update(pairs)
    finish()
    return Devlinks(tuple(links), _osas(text), _whole(text))


def _whole(text: str) -> bool:
    """Whether a NETSTAT report came to its end; fewer records than there are is a cut as well."""
    shown = re.search(r"(\d+) OF (\d+) RECORDS DISPLAYED", text)
    cut = "REPORT TRUNCATED" in text or (shown is not None and int(shown[1]) < int(shown[2]))
    return "END OF THE REPORT" in text and not cut


_FILTER_LABELS = ("DEVICEID", "MAC", "VLANID", "ETHTYPE", "IPADDR", "PROTOCOL", "PORTNUM")
# Old printed reports have a tabulator or a blank in the middle of a word of the headings.
_BLOCK = re.compile(r"OSAENTA\s+(CUMULATIVE|ACTIVE|TRACE\s+SETTINGS|TRACE\s+FILTERS)")


def _osas(text: str) -> tuple[Osa, ...]:
    """The ports of the analyzer section; labels repeat between its blocks, so the block is kept."""
    found: list[Osa] = []
    blocks: dict[str, dict[str, list[str]]] = {}
    block = ""

    def finish(port: str) -> None:
        if port:
            found.append(_port(port, blocks))

    port = last = ""
    for line in text.splitlines():
        pairs = [(label.strip(), value) for label, value in _PAIR.findall(line)]
        heading = _BLOCK.search(line)
        if heading:
            block = heading[1].split()[-1]
        for label, value in pairs:
            if label == "OSA PORTNAME":
                finish(port)
                port, block, blocks = value, "", {}
            elif port:
                blocks.setdefault(block, {}).setdefault(label, []).append(value)
                last = label
        # A second value of a filter stands after its label again, or alone on its line.
        if block == "FILTERS" and not pairs and len(line.split()) == 1 and last in _FILTER_LABELS:
            blocks[block][last].append(line.strip())
    finish(port)
    return tuple(found)


def _port(port: str, blocks: dict[str, dict[str, list[str]]]) -> Osa:
    active, settings, filters = (blocks.get(name, {}) for name in ("ACTIVE", "SETTINGS", "FILTERS"))

    def number(block: dict[str, list[str]], label: str) -> int:
        value = block.get(label, ["0"])[0]
        return int(value) if value.isdigit() else 0

    return Osa(
        port,
        settings.get("STATUS", [""])[0],
        number(active, "FRAMES"),
        number(active, "DATABYTES"),
        number(active, "FRAMESLOST"),
        number(active, "FRAMESDISCARDED"),
        number(settings, "ABBREV"),
        filters.get("NOFILTER", [""])[0],
        {label: tuple(filters[label]) for label in _FILTER_LABELS if filters.get(label, ["*"]) != ["*"]},
    )


_DATA_LABELS = {"JOBNAME", "TRRECCNT", "LENGTH", "IPADDR", "SUBNET", "PORTNUM", "IPADDR/PREFIXLEN"}


def data_trace(lines: Iterable[str]) -> tuple[DataTrace | None, bool]:
    """The data trace setting in NETSTAT CONFIG, if any is in force, and whether the report is whole."""
    text = "\n".join(lines).upper()
    pairs: dict[str, str] | None = None
    for line in text.splitlines():
        if re.search(r"DATA TRACE SETTING", line):
            pairs = {}
        elif pairs is not None:
            new = {label.strip(): value for label, value in _PAIR.findall(line)}
            if not new or not new.keys() <= _DATA_LABELS:
                break
            pairs |= new
    if not pairs:
        return None, _whole(text)
    count = pairs.get("TRRECCNT", "0")
    address, _, prefix = pairs.get("IPADDR/PREFIXLEN", "").partition("/")
    return DataTrace(
        int(count) if count.isdigit() else 0,
        pairs.get("JOBNAME", "*"),
        pairs.get("LENGTH", ""),
        address or pairs.get("IPADDR", "*"),
        prefix or pairs.get("SUBNET", "*"),
        pairs.get("PORTNUM", "*"),
    ), _whole(text)


def bits(mask: str) -> int:
    """Prefix length of a mask, which is printed as an address or as the length itself."""
    return int(mask) if mask.isdigit() else sum(f"{int(part):b}".count("1") for part in mask.split("."))


_SETTING_LABELS = {
    *("PROTOCOL", "TRRECCNT", "PCKLENGTH", "DISCARD", "SRCPORT", "DESTPORT", "PORTNUM", "IPADDR", "SUBNET"),
}


def _setting(pairs: dict[str, str]) -> Setting:
    count = pairs.get("TRRECCNT", "0")
    return Setting(
        int(count) if count.isdigit() else 0,
        pairs.get("PROTOCOL", "*"),
        pairs.get("PCKLENGTH", ""),
        pairs.get("SRCPORT", "*"),
        pairs.get("DESTPORT", "*"),
        pairs.get("PORTNUM", "*"),
        pairs.get("IPADDR", "*"),
        pairs.get("SUBNET", "*"),
    )


def stack_active(lines: Iterable[str], stack: str) -> bool | None:
    """Whether DISPLAY TCPIP lists the stack as active; ``None`` when the answer is no such report."""
    rows = [line.upper().split() for line in lines]
    if not any(row[:1] == ["EZAOP50I"] for row in rows):
        return None
    return any(stack in row and "ACTIVE" in row for row in rows)


def datasets(lines: Iterable[str], message: str) -> tuple[str, ...]:
    """Data set names of the last AHL904I (usable output) or AHL906I (opened output) among log lines."""
    found: list[str] = []
    listing = False
    for line in lines:
        first = ids([line])
        if first:
            listing = first[0] == message
            if listing:
                found = _DSN.findall(line.partition(":")[2])
        elif listing and (name := _DSN.fullmatch(line.strip())):
            found.append(name[0])
    return tuple(found)
