"""A capture profile: YAML in, frozen values out, every key checked before anything is sent.

Values go into operator commands, so they are admitted by pattern and never quoted or escaped: a value
such as ``ETH1,ON`` is refused here and cannot become an operand.
"""

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, NoReturn

import yaml

from zjobs.errors import RequestError


@dataclass(frozen=True)
class Filter:
    """One packet trace setting: its conditions are ANDed; a profile's settings are ORed.  ``length`` 0 is FULL."""

    link: str = ""
    protocol: str = ""
    ip: str = ""
    port: int = 0
    source_port: int = 0
    destination_port: int = 0
    length: int = 200
    discard: str = ""

    @property
    def selective(self) -> bool:
        """Whether it narrows the trace to an address, a port or one interface."""
        return bool(self.link or self.ip or self.port or self.source_port or self.destination_port)


@dataclass(frozen=True)
class Writer:
    """The external writer's procedure, and what the procedure is to say."""

    proc: str
    wrap: bool = True
    datasets: tuple[str, ...] = ("SYS2.CTRACE.&SYSNAME..D&LYYMMDD..T&LHHMMSS",)
    cylinders: int = 100


@dataclass(frozen=True)
class Parmlib:
    """The CTncccxx member that connects the component to the writer."""

    member: str
    library: str = "USER.PARMLIB"
    buffer: str = ""


@dataclass(frozen=True)
class Stop:
    """When a run ends; the first that happens does it."""

    after: int = 0
    packets: int = 0
    message: str = ""
    finding: str = ""


@dataclass(frozen=True)
class Report:
    """One thing to make of the trace when it has ended."""

    kind: str
    target: str


@dataclass(frozen=True)
class Profile:
    """Everything zjobs knows of a capture before it starts."""

    name: str
    stack: str
    writer: Writer
    filters: tuple[Filter, ...]
    component: str = "SYSTCPDA"
    parmlib: Parmlib | None = None
    buffer: str = ""
    unfiltered: bool = False
    stop: Stop = field(default=Stop())
    reports: tuple[Report, ...] = ()

    @property
    def reply(self) -> bool:
        """Whether the writer is named in a reply to ITT006A instead of in a member."""
        return self.parmlib is None


REPORTS = ("full", "short", "summary", "tally", "diagnosis", "pcapng", "jsonl", "csv", "parquet")

_NAME8 = r"[A-Z@#$][A-Z0-9@#$]{0,7}"
# Keys that belong to traces which have no planner yet; named so that nobody thinks they were understood.
_LATER = {
    "jobname": "data (DATTRACE)",
    "portname": "OSA (OSAENTA)",
    "deviceid": "OSA (OSAENTA)",
    "mac": "OSA (OSAENTA)",
    "vlanid": "OSA (OSAENTA)",
    "ethtype": "OSA (OSAENTA)",
    "frames": "OSA (OSAENTA)",
    "data": "OSA (OSAENTA)",
    "time": "OSA (OSAENTA)",
    "nofilter": "OSA (OSAENTA)",
}
_LATER_TRACES = {
    "SYSTCPOT": "OSA (OSAENTA)",
    "ZVM-TRF": "z/VM (TRSOURCE)",
    "LINUX-TCPDUMP": "Linux (tcpdump)",
}


class _Wrong(ValueError):
    """A value that a check does not admit; the text says what it admits."""


def _pattern(pattern: str, allowed: str, fold: bool = True) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        text = str(value).upper() if fold else str(value)
        if isinstance(value, (dict, list, bool)) or not re.fullmatch(pattern, text):
            raise _Wrong(allowed)
        return text

    return check


def _whole(low: int, high: int) -> Callable[[Any], int]:
    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise _Wrong(f"a whole number from {low} to {high}")
        return value

    return check


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _Wrong("true or false")
    return value


def _protocol(value: Any) -> str:
    text = str(value).upper()
    if text in ("TCP", "UDP", "ICMP", "ICMPV6"):
        return text
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 255:
        return text
    raise _Wrong("TCP, UDP, ICMP, ICMPV6 or a number from 0 to 255")


def _ip(value: Any) -> str:
    try:
        if not isinstance(value, str) or "%" in value:
            raise ValueError
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        raise _Wrong("an IPv4 or IPv6 address, with /prefix for a network") from None
    return str(network if "/" in value else network.network_address).upper()


def _length(value: Any) -> int:
    if str(value).upper() == "FULL":
        return 0
    try:
        return _whole(1, 65535)(value)
    except _Wrong:
        raise _Wrong("full, or the bytes to keep of each packet (ABBREV) from 1 to 65535") from None


def _discard(value: Any) -> str:
    text = str(value).upper()
    if text in ("NONE", "ALL") or (isinstance(value, int) and not isinstance(value, bool) and 0 < value <= 65535):
        return text
    raise _Wrong("none, all, or one discard reason code")


def _duration(value: Any) -> int:
    found = re.fullmatch(r"(\d{1,6})([smh])", str(value).strip().lower())
    seconds = int(found[1]) * {"s": 1, "m": 60, "h": 3600}[found[2]] if found else 0
    if not 0 < seconds <= 7 * 86400:
        raise _Wrong("a time such as 90s, 10m or 2h, a week at most")
    return seconds


def _buffer(value: Any) -> str:
    text = str(value).upper()
    found = re.fullmatch(r"(\d{1,4})([KM])", text)
    # MVS System Commands, TRACE CT: nnnnK is 1 to 9999, nnnnM is 1 to 2047.
    if not found or not 1 <= int(found[1]) <= (9999 if found[2] == "K" else 2047):
        raise _Wrong("a size such as 64M: 1K to 9999K, 1M to 2047M")
    return text


def _trace_dataset(value: Any) -> str:
    allowed = "a data set name of at most 44 characters after symbols such as &SYSNAME or &LHHMMSS are replaced"
    text = str(value).upper()
    widths = {"SYSNAME": "X" * 8, "LYYMMDD": "D" * 6, "LHHMMSS": "D" * 6, "YYMMDD": "D" * 6, "HHMMSS": "D" * 6}

    def stand_in(found: re.Match[str]) -> str:
        if found[1] not in widths:
            raise _Wrong(f"{allowed}; symbols are " + " ".join(f"&{name}" for name in widths))
        return widths[found[1]]

    plain = re.sub(r"&([A-Z0-9]+)\.?", stand_in, text)
    if len(plain) > 44 or not re.fullmatch(rf"{_NAME8}(\.{_NAME8})+", plain):
        raise _Wrong(allowed)
    return text


def _dsn(value: Any) -> str:
    text = str(value).upper()
    if len(text) > 44 or not re.fullmatch(rf"{_NAME8}(\.{_NAME8})*", text):
        raise _Wrong("a data set name of at most 44 characters")
    return text


class _Key(NamedTuple):
    check: Callable[[Any], Any]
    required: bool = False


_NAME = _Key(_pattern(r"[a-z0-9][a-z0-9_-]{0,31}", "1 to 32 of a-z 0-9 - _", fold=False), required=True)
_JOB = _pattern(_NAME8, "1 to 8 of A-Z 0-9 @ # $, not beginning with a digit")
_LINK = _pattern(r"[A-Z@#$][A-Z0-9@#$]{0,15}", "an interface name: 1 to 16 of A-Z 0-9 @ # $")
_PORT = _whole(1, 65535)

_FILTER = {
    "link": _Key(_LINK),
    "protocol": _Key(_protocol),
    "ip": _Key(_ip),
    "port": _Key(_PORT),
    "source_port": _Key(_PORT),
    "destination_port": _Key(_PORT),
    "length": _Key(_length),
    "discard": _Key(_discard),
}
_WRITER = {
    "proc": _Key(_JOB, required=True),
    "wrap": _Key(_boolean),
    "datasets": _Key(_trace_dataset),
    "cylinders": _Key(_whole(1, 65520)),
}
# MVS Initialization and Tuning Reference: the members are CTncccxx.
_PARMLIB = {
    "member": _Key(_pattern(r"CT[A-Z0-9@#$]{6}", "8 characters: CT and six of A-Z 0-9 @ # $"), required=True),
    "library": _Key(_dsn),
    "buffer": _Key(_buffer),
}
_WHEN = {
    "message": _Key(_pattern(r"[A-Z$#@][A-Z0-9$#@]{3,9}", "a message id such as BPXF024I")),
    "finding": _Key(_pattern(r"[a-z0-9]+([.-][a-z0-9-]+)*", "a finding such as ftp.data-connection", fold=False)),
}
_TARGET = _pattern(
    r"(//'[^',; ]{1,60}'|//DD:[A-Z0-9@#$]{1,8}|[^'\"\n]{1,200})", "a path or a data set name", fold=False
)
_TOP = ("name", "stack", "trace", "writer", "parmlib", "reply", "buffer", "filters", "unfiltered", "stop", "reports")


class _Reader:
    """Walks the YAML tree, which still knows its lines."""

    def __init__(self, file: str) -> None:
        self.file = file

    def wrong(self, node: yaml.Node, key: str, problem: str) -> NoReturn:
        line = node.start_mark.line + 1
        raise RequestError("ZJB0401E", file=self.file, line=line, key=key, problem=problem)

    def mapping(self, node: yaml.Node, key: str) -> dict[str, tuple[yaml.Node, yaml.Node]]:
        if not isinstance(node, yaml.MappingNode):
            self.wrong(node, key, "must be a mapping of keys to values")
        found: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        for name, value in node.value:
            if name.value in found:
                self.wrong(name, str(name.value), "is given twice")
            found[str(name.value)] = (name, value)
        return found

    def items(self, node: yaml.Node, key: str) -> list[yaml.Node]:
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            self.wrong(node, key, "must be a list with at least one item")
        return list(node.value)

    def value(self, node: yaml.Node, key: str, check: Callable[[Any], Any]) -> Any:
        plain = yaml.SafeLoader("").construct_document(node)
        try:
            return check(plain)
        except _Wrong as wrong:
            self.wrong(node, key, f"{plain!r} is not allowed; allowed: {wrong}")

    def unknown(self, node: yaml.Node, key: str, allowed: object) -> NoReturn:
        if key in _LATER:
            line = node.start_mark.line + 1
            raise RequestError("ZJB0402E", file=self.file, line=line, key=key, kind=_LATER[key])
        self.wrong(node, key, f"is not a key here; allowed: {', '.join(allowed)}")  # type: ignore[arg-type]

    def fields(self, node: yaml.Node, key: str, known: Mapping[str, _Key]) -> dict[str, Any]:
        """Checked values of a mapping whose keys are ``known``."""
        found = self.mapping(node, key)
        values: dict[str, Any] = {}
        for name, (place, value) in found.items():
            if name not in known:
                self.unknown(place, name, known)
            values[name] = self.value(value, f"{key}.{name}" if key else name, known[name].check)
        for name in (name for name, one in known.items() if one.required and name not in found):
            self.wrong(node, key, f"needs the key {name}")
        return values


def parse(text: str, file: str = "profile") -> Profile:
    """The profile in ``text``; ``file`` is named in errors."""
    reader = _Reader(file)
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "is not YAML"
        raise RequestError(
            "ZJB0401E", file=file, line=mark.line + 1 if mark else 1, key="YAML", problem=problem
        ) from None
    if root is None:
        raise RequestError("ZJB0401E", file=file, line=1, key="profile", problem="is empty")
    top = reader.mapping(root, "profile")
    for name, (place, _) in top.items():
        if name not in _TOP:
            reader.unknown(place, name, _TOP)
    for name in ("name", "stack", "writer", "filters"):
        if name not in top:
            reader.wrong(root, "profile", f"needs the key {name}")
    return _profile(reader, {name: value for name, (_, value) in top.items()}, root)


def _profile(reader: _Reader, top: dict[str, yaml.Node], root: yaml.Node) -> Profile:
    _trace(reader, top)
    unfiltered = reader.value(top["unfiltered"], "unfiltered", _boolean) if "unfiltered" in top else False
    parmlib, buffer = _connection(reader, top, root)
    stop = _stop(reader, top["stop"]) if "stop" in top else Stop()
    writer = _writer(reader, top["writer"])
    if not writer.wrap and not (stop.after or stop.packets):
        # A NOWRAP writer stops silently when its space is used up.
        reader.wrong(top["writer"], "writer.wrap", "false needs stop.after or stop.packets: the space is bounded")
    return Profile(
        reader.value(top["name"], "name", _NAME.check),
        reader.value(top["stack"], "stack", _JOB),
        writer,
        _filters(reader, top["filters"], unfiltered),
        parmlib=parmlib,
        buffer=buffer,
        unfiltered=unfiltered,
        stop=stop,
        reports=_reports(reader, top["reports"]) if "reports" in top else (),
    )


def _trace(reader: _Reader, top: dict[str, yaml.Node]) -> None:
    if "trace" not in top:
        return
    value = str(top["trace"].value).upper()
    if value in _LATER_TRACES:
        line = top["trace"].start_mark.line + 1
        raise RequestError("ZJB0402E", file=reader.file, line=line, key=f"trace: {value}", kind=_LATER_TRACES[value])
    if value != "SYSTCPDA":
        reader.wrong(top["trace"], "trace", f"{value!r} is not allowed; allowed: SYSTCPDA")


def _connection(reader: _Reader, top: dict[str, yaml.Node], root: yaml.Node) -> tuple[Parmlib | None, str]:
    reply = reader.value(top["reply"], "reply", _boolean) if "reply" in top else False
    if reply == ("parmlib" in top):
        reader.wrong(
            top.get("parmlib", root), "parmlib", "or reply: true says how the writer is connected; give one of them"
        )
    if reply:
        return None, reader.value(top["buffer"], "buffer", _buffer) if "buffer" in top else ""
    if "buffer" in top:
        reader.wrong(top["buffer"], "buffer", "goes with reply: true; with a member it is parmlib.buffer")
    return Parmlib(**reader.fields(top["parmlib"], "parmlib", _PARMLIB)), ""


def _writer(reader: _Reader, node: yaml.Node) -> Writer:
    found = reader.mapping(node, "writer")
    datasets: tuple[str, ...] = ()
    if "datasets" in found:
        items = reader.items(found["datasets"][1], "writer.datasets")
        if len(items) > 16:
            reader.wrong(found["datasets"][1], "writer.datasets", "takes 16 data sets at most (TRCOUT01 to TRCOUT16)")
        datasets = tuple(reader.value(item, "writer.datasets", _trace_dataset) for item in items)
        if len(set(datasets)) < len(datasets):
            reader.wrong(found["datasets"][1], "writer.datasets", "names a data set twice")
        node = yaml.MappingNode(
            node.tag, [pair for pair in node.value if pair[0].value != "datasets"], node.start_mark, node.end_mark
        )
    values = reader.fields(node, "writer", _WRITER)
    if datasets:
        values["datasets"] = datasets
    return Writer(**values)


def _filters(reader: _Reader, node: yaml.Node, unfiltered: bool) -> tuple[Filter, ...]:
    items = reader.items(node, "filters")
    if len(items) > 16:
        reader.wrong(node, "filters", "takes 16 settings at most")
    filters = []
    for item in items:
        filters.append(Filter(**reader.fields(item, "filters", _FILTER)))
        if not filters[-1].selective and not unfiltered:
            # Most lost data comes from traces without filters (IP Diagnosis Guide, tips for packet trace).
            reader.wrong(
                item, "filters", "needs link, ip or a port; a trace of everything is asked for by unfiltered: true"
            )
    return tuple(filters)


def _stop(reader: _Reader, node: yaml.Node) -> Stop:
    known = {"after": _Key(_duration), "packets": _Key(_whole(1, 2**31)), "when": _Key(lambda value: value)}
    values = reader.fields(node, "stop", known)
    values.pop("when", None)
    found = reader.mapping(node, "stop")
    when = reader.fields(found["when"][1], "stop.when", _WHEN) if "when" in found else {}
    return Stop(**values, **when)


def _reports(reader: _Reader, node: yaml.Node) -> tuple[Report, ...]:
    reports = []
    for item in reader.items(node, "reports"):
        values = reader.fields(item, "reports", {kind: _Key(_TARGET) for kind in REPORTS})
        if len(values) != 1:
            reader.wrong(item, "reports", "each item is one kind and its target")
        reports += [Report(kind, target) for kind, target in values.items()]
    return tuple(reports)
