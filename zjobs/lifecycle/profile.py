"""A capture profile: YAML in, frozen values out, every key and combination checked before anything is sent."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple, NoReturn

import yaml

from zjobs.errors import RequestError
from zjobs.lifecycle import checks
from zjobs.lifecycle.limits import LIMITS
from zjobs.lifecycle.values import (
    DataFilter,
    Filter,
    Kind,
    Obeyfile,
    OsaFilter,
    Parmlib,
    Profile,
    Report,
    Stop,
    Writer,
)

REPORTS = ("full", "short", "summary", "tally", "diagnosis", "pcapng", "jsonl", "csv", "parquet")
"""What the design names; what can be made is up to :class:`Offered`."""


class Offered(NamedTuple):
    """What this zjobs can make of a trace, and what it can find in one."""

    reports: tuple[str, ...]
    findings: tuple[str, ...] = ()


class Key(NamedTuple):
    """How one key is checked; ``many`` values may stand in a list, ``raw`` ones are taken as written."""

    check: Callable[[Any], Any]
    required: bool = False
    many: int = 0
    raw: bool = False


NAME = Key(checks.pattern(r"[a-z0-9][a-z0-9_-]{0,31}", "1 to 32 of a-z 0-9 - _", fold=False), required=True)

_PACKET = {
    "link": Key(checks.link),
    "protocol": Key(checks.protocol),
    "ip": Key(checks.ip),
    "port": Key(checks.port),
    "source_port": Key(checks.port),
    "destination_port": Key(checks.port),
    "length": Key(checks.length),
    "discard": Key(checks.discard),
}
_DATA = {
    "jobname": Key(checks.job),
    "ip": Key(checks.ip),
    "port": Key(checks.port),
    "length": Key(checks.data_length),
}
_OSA = {
    "portname": Key(checks.job, required=True),
    "nofilter": Key(checks.nofilter),
    "discard": Key(checks.osa_discard),
    "length": Key(checks.whole(*LIMITS.osa_abbrev)),
    "data": Key(checks.whole(1, LIMITS.osa_most)),
    "frames": Key(checks.whole(1, LIMITS.osa_most)),
    "time": Key(checks.whole(*LIMITS.osa_minutes)),
    "deviceid": Key(checks.deviceid, many=LIMITS.osa_values, raw=True),
    "mac": Key(checks.mac, many=LIMITS.osa_values, raw=True),
    "vlanid": Key(checks.vlan, many=LIMITS.osa_values),
    "ethtype": Key(checks.ethtype, many=LIMITS.osa_values, raw=True),
    "ip": Key(checks.ip, many=2 * LIMITS.osa_values),
    "protocol": Key(checks.protocol, many=LIMITS.osa_values),
    "port": Key(checks.port, many=LIMITS.osa_values),
}
_FILTER_KEYS: Mapping[Kind, Mapping[str, Key]] = {Kind.PACKET: _PACKET, Kind.DATA: _DATA, Kind.OSA: _OSA}
_WRITER = {
    "proc": Key(checks.job, required=True),
    "wrap": Key(checks.boolean),
    # TRCOUT01 to TRCOUT16 (MVS Diagnosis: Tools and Service Aids, external writer).
    "datasets": Key(checks.trace_dataset, many=16),
    "cylinders": Key(checks.whole(1, 65520)),
}
# MVS Initialization and Tuning Reference: the members are CTncccxx.
_PARMLIB = {
    "member": Key(checks.pattern(r"CT[A-Z0-9@#$]{6}", "8 characters: CT and six of A-Z 0-9 @ # $"), required=True),
    "library": Key(checks.dsn),
    "buffer": Key(checks.buffer),
}
_OBEYFILE = {"library": Key(checks.dsn, required=True), "member": Key(checks.job, required=True)}
_STOP = {
    "after": Key(checks.duration),
    "packets": Key(checks.whole(1, 2**31)),
    "size": Key(checks.size),
    "when": Key(lambda value: value),
}
_WHEN = {
    "message": Key(checks.pattern(r"[A-Z$#@][A-Z0-9$#@]{3,9}", "a message id such as BPXF024I")),
    "finding": Key(checks.pattern(r"[a-z0-9]+([.-][a-z0-9-]+)*", "a finding such as ftp.data-connection", fold=False)),
}
_TARGET = checks.pattern(
    r"(//'[^',; ]{1,60}'|//DD:[A-Z0-9@#$]{1,8}|[^'\"\n]{1,200})", "a path or a data set name", fold=False
)
_OF_STACK = ("stack", "writer", "parmlib", "reply", "buffer", "filters", "obeyfile")
"""What each stack of several says for itself; the last ones may stand above for all of them."""
_OF_ALL = ("reply", "buffer", "filters")
_TOP = (*("name", "trace", "stacks"), *_OF_STACK, *("unfiltered", "restore", "stop", "deadman", "reports"))
_TRACES = {
    "SYSTCPDA": None,
    "SYSTCPOT": Kind.OSA,
    "PKTTRACE": Kind.PACKET,
    "DATTRACE": Kind.DATA,
    "OSAENTA": Kind.OSA,
}
ELSEWHERE = ("ZVM-TRF", "LINUX-TCPDUMP")
"""Traces of other systems; their profiles are another kind of profile (:mod:`zjobs.lifecycle.guests`)."""


class Reader:
    """Walks the YAML tree, which still knows its lines."""

    def __init__(self, file: str) -> None:
        self.file = file

    def wrong(self, node: yaml.Node, key: str, problem: str) -> NoReturn:
        line = node.start_mark.line + 1
        raise RequestError("ZJB0401E", file=self.file, line=line, key=key, problem=problem)

    def root(self, text: str) -> dict[str, tuple[yaml.Node, yaml.Node]]:
        """The keys of the whole document."""
        try:
            root = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            problem = getattr(error, "problem", None) or "is not YAML"
            line = mark.line + 1 if mark else 1
            raise RequestError("ZJB0401E", file=self.file, line=line, key="YAML", problem=problem) from None
        if root is None:
            raise RequestError("ZJB0401E", file=self.file, line=1, key="profile", problem="is empty")
        return self.mapping(root, "profile")

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

    def value(self, node: yaml.Node, key: str, check: Callable[[Any], Any], raw: bool = False) -> Any:
        if raw and isinstance(node, yaml.ScalarNode):
            plain = node.value  # 0777 is four hexadecimal digits here and no octal number
        else:
            plain = yaml.SafeLoader("").construct_document(node)
        try:
            return check(plain)
        except checks.Wrong as wrong:
            self.wrong(node, key, f"{plain!r} is not allowed; allowed: {wrong}")

    def many(self, node: yaml.Node, key: str, wanted: Key) -> tuple[Any, ...]:
        """One value or a list of them, none twice."""
        items = self.items(node, key) if isinstance(node, yaml.SequenceNode) else [node]
        if len(items) > wanted.many:
            self.wrong(node, key, f"takes {wanted.many} values at most")
        values = tuple(self.value(item, key, wanted.check, wanted.raw) for item in items)
        if len({*values}) < len(values):
            self.wrong(node, key, "names a value twice")
        return values

    def fields(self, node: yaml.Node, key: str, known: Mapping[str, Key]) -> dict[str, Any]:
        """Checked values of a mapping whose keys are ``known``."""
        found = self.mapping(node, key)
        values: dict[str, Any] = {}
        for name, (place, value) in found.items():
            if name not in known:
                self.wrong(place, name, f"is not a key here; allowed: {', '.join(known)}")
            whole, wanted = f"{key}.{name}" if key else name, known[name]
            values[name] = (
                self.many(value, whole, wanted) if wanted.many else self.value(value, whole, wanted.check, wanted.raw)
            )
        for name in (name for name, one in known.items() if one.required and name not in found):
            self.wrong(node, key, f"needs the key {name}")
        return values


def parse(text: str, file: str = "profile") -> Profile:
    """The profile in ``text``, which is of one stack."""
    (found,) = captures(text, file)
    return found


def captures(text: str, file: str = "profile", offered: Offered | None = None) -> tuple[Profile, ...]:
    """The captures of the profile in ``text``, one for each stack; ``file`` is named in errors.

    With ``offered`` a report or a finding that is not there is an error as well.
    """
    reader = Reader(file)
    found = reader.root(text)
    for name, (place, _) in found.items():
        if name not in _TOP:
            reader.wrong(place, name, f"is not a key here; allowed: {', '.join(_TOP)}")
    first = next(iter(found.values()))[0]
    top = {name: value for name, (_, value) in found.items()}
    if "stacks" not in top:
        _needed(reader, top, first, ("name", "stack", "writer", "filters"))
        return (_profile(reader, top, first, offered),)
    return _several(reader, top, found, first, offered)


def _needed(reader: Reader, top: Mapping[str, yaml.Node], place: yaml.Node, names: tuple[str, ...]) -> None:
    for name in names:
        if name not in top:
            reader.wrong(place, "profile", f"needs the key {name}")


def _several(
    reader: Reader,
    top: dict[str, yaml.Node],
    found: dict[str, tuple[yaml.Node, yaml.Node]],
    first: yaml.Node,
    offered: Offered | None,
) -> tuple[Profile, ...]:
    """One capture a stack: a writer serves one component of one stack (IP Diagnosis Guide, external writer)."""
    for name in (name for name in _OF_STACK if name in top and name not in _OF_ALL):
        reader.wrong(found[name][0], name, "is said for each stack, below stacks")
    items = reader.items(top["stacks"], "stacks")
    if len(items) > LIMITS.stacks:
        reader.wrong(top["stacks"], "stacks", f"takes {LIMITS.stacks} stacks at most")
    made: list[Profile] = []
    for number, item in enumerate(items, 1):
        own = reader.mapping(item, "stacks")
        for name, (place, _) in own.items():
            if name not in _OF_STACK:
                reader.wrong(place, f"stacks.{name}", f"is not a key here; allowed: {', '.join(_OF_STACK)}")
        values = {name: node for name, node in top.items() if name != "stacks"}
        if "parmlib" in own or "reply" in own:
            values.pop("reply", None)
        values |= {name: node for name, (_, node) in own.items()}
        _needed(reader, values, item, ("name", "stack", "writer", "filters"))
        one = replace(_profile(reader, values, item, offered), part=number if len(items) > 1 else 0)
        _apart(reader, item, one, made)
        made.append(one)
    return tuple(made)


def _apart(reader: Reader, item: yaml.Node, one: Profile, others: list[Profile]) -> None:
    """Two captures of one profile share nothing that only one of them can have."""
    for other in others:
        for key, mine, its in (
            ("stack", one.stack, other.stack),
            ("writer.proc", one.writer.proc, other.writer.proc),
            ("parmlib.member", one.parmlib and one.parmlib.member, other.parmlib and other.parmlib.member),
            ("obeyfile", one.obeyfile, other.obeyfile),
        ):
            if mine and mine == its:
                shown = f"{mine.library}({mine.member})" if isinstance(mine, Obeyfile) else mine
                reader.wrong(item, f"stacks.{key}", f"{shown} is used by stack {other.stack} already")
        # Two writers that start at different times make different names of a time of day, and of nothing else.
        for dsn in {*one.writer.datasets} & {*other.writer.datasets}:
            if not re.search("HHMMSS", dsn):
                reader.wrong(item, "stacks.writer.datasets", f"{dsn} is used by stack {other.stack} already")
        if one.kind is Kind.OSA and (ports := {p.portname for p in one.osas} & {p.portname for p in other.osas}):
            # One OSAENTA trace of an OSA at a time, whichever stack asks for it.
            reader.wrong(item, "stacks.filters.portname", f"{min(ports)} is traced by stack {other.stack} already")


def _profile(reader: Reader, top: dict[str, yaml.Node], first: yaml.Node, offered: Offered | None) -> Profile:
    kind = _kind(reader, top)
    unfiltered = reader.value(top["unfiltered"], "unfiltered", checks.boolean) if "unfiltered" in top else False
    parmlib, buffer = _connection(reader, top, first)
    stop = _stop(reader, top["stop"], offered) if "stop" in top else Stop()
    if isinstance(top["stack"], yaml.SequenceNode):
        reader.wrong(top["stack"], "stack", "names one stack; several go under stacks, each with its own writer")
    writer = Writer(**reader.fields(top["writer"], "writer", _WRITER))
    if not writer.wrap and not (stop.after or stop.packets or stop.size):
        # A NOWRAP writer stops silently when its space is used up.
        reader.wrong(top["writer"], "writer.wrap", "false needs stop.after or stop.packets or stop.size")
    chosen = {Kind.PACKET: _packets, Kind.DATA: _data, Kind.OSA: _osas}[kind](reader, top["filters"], unfiltered)
    if stop.size and kind is not Kind.OSA and not _bounded(chosen):
        reader.wrong(top["stop"], "stop.size", "needs a length in every filter: only packets are counted")
    return Profile(
        reader.value(top["name"], "name", NAME.check),
        reader.value(top["stack"], "stack", checks.job),
        writer,
        kind=kind,
        parmlib=parmlib,
        buffer=buffer,
        unfiltered=unfiltered,
        stop=stop,
        obeyfile=Obeyfile(**reader.fields(top["obeyfile"], "obeyfile", _OBEYFILE)) if "obeyfile" in top else None,
        deadman=reader.value(top["deadman"], "deadman", checks.deadman) if "deadman" in top else 0,
        reports=_reports(reader, top["reports"], offered) if "reports" in top else (),
        restore=reader.value(top["restore"], "restore", checks.boolean) if "restore" in top else False,
        **chosen,
    )


def _bounded(chosen: dict[str, Any]) -> bool:
    if "data" in chosen:
        return bool(chosen["data"].length >= 0)
    return all(one.length for one in chosen["filters"])


def _kind(reader: Reader, top: dict[str, yaml.Node]) -> Kind:
    """What ``trace`` says; packet or data trace of SYSTCPDA follow from the filters."""
    value = str(top["trace"].value).upper() if "trace" in top else "SYSTCPDA"
    if value in ELSEWHERE:
        line = top["trace"].start_mark.line + 1
        raise RequestError("ZJB0402E", file=reader.file, line=line, trace=value)
    if value not in _TRACES:
        allowed = ", ".join([*_TRACES, *(name.lower() for name in ELSEWHERE)])
        reader.wrong(top["trace"], "trace", f"{value!r} is not allowed; allowed: {allowed}")
    named = _TRACES[value]
    if named:
        return named
    keys = {
        name.value
        for item in (top["filters"].value if isinstance(top["filters"], yaml.SequenceNode) else [])
        if isinstance(item, yaml.MappingNode)
        for name, _ in item.value
    }
    if "portname" in keys and "trace" not in top:
        return Kind.OSA
    return Kind.DATA if "jobname" in keys else Kind.PACKET


def _connection(reader: Reader, top: dict[str, yaml.Node], first: yaml.Node) -> tuple[Parmlib | None, str]:
    reply = reader.value(top["reply"], "reply", checks.boolean) if "reply" in top else False
    if reply == ("parmlib" in top):
        reader.wrong(
            top.get("parmlib", first), "parmlib", "or reply: true says how the writer is connected; give one of them"
        )
    if reply:
        return None, reader.value(top["buffer"], "buffer", checks.buffer) if "buffer" in top else ""
    if "buffer" in top:
        reader.wrong(top["buffer"], "buffer", "goes with reply: true; with a member it is parmlib.buffer")
    return Parmlib(**reader.fields(top["parmlib"], "parmlib", _PARMLIB)), ""


def _packets(reader: Reader, node: yaml.Node, unfiltered: bool) -> dict[str, Any]:
    items = reader.items(node, "filters")
    if len(items) > LIMITS.ored_settings:
        reader.wrong(node, "filters", f"takes {LIMITS.ored_settings} settings at most")
    filters = []
    for item in items:
        filters.append(Filter(**reader.fields(item, "filters", _PACKET)))
        if not filters[-1].selective and not unfiltered:
            # Most lost data comes from traces without filters (IP Diagnosis Guide, tips for packet trace).
            reader.wrong(
                item, "filters", "needs link, ip or a port; a trace of everything is asked for by unfiltered: true"
            )
    return {"filters": tuple(filters)}


def _data(reader: Reader, node: yaml.Node, unfiltered: bool) -> dict[str, Any]:
    items = reader.items(node, "filters")
    if len(items) > 1:
        # IP System Administrator's Commands, VARY DATTRACE: ON clears all settings previously defined.
        reader.wrong(items[1], "filters", "takes one item for a data trace: each ON clears the one before")
    found = DataFilter(**reader.fields(items[0], "filters", _DATA))
    if not (found.jobname or found.ip or found.port or unfiltered):
        reader.wrong(
            items[0], "filters", "needs jobname, ip or port; a trace of everything is asked for by unfiltered: true"
        )
    return {"filters": (), "data": found}


def _osas(reader: Reader, node: yaml.Node, unfiltered: bool) -> dict[str, Any]:
    osas: list[OsaFilter] = []
    for item in reader.items(node, "filters"):
        found = OsaFilter(**reader.fields(item, "filters", _OSA))
        if found.portname in {one.portname for one in osas}:
            # Filters of a port accumulate, so two items would not be ORed as they are elsewhere.
            reader.wrong(item, "filters.portname", f"{found.portname} has an item already; give its values as lists")
        for version, family in ((4, "IPv4"), (6, "IPv6")):
            if sum((":" in address) == (version == 6) for address in found.ip) > LIMITS.osa_values:
                reader.wrong(item, "filters.ip", f"takes {LIMITS.osa_values} {family} addresses at most")
        if not found.chosen and found.nofilter != "ALL":
            reader.wrong(item, "filters", "needs a filter; a trace of all frames is asked for by nofilter: all")
        osas.append(found)
    return {"filters": (), "osas": tuple(osas)}


def _stop(reader: Reader, node: yaml.Node, offered: Offered | None) -> Stop:
    values = reader.fields(node, "stop", _STOP)
    values.pop("when", None)
    found = reader.mapping(node, "stop")
    when = reader.fields(found["when"][1], "stop.when", _WHEN) if "when" in found else {}
    if offered and when.get("finding", "") not in ("", *offered.findings):
        problem = f"{when['finding']} is not among the findings of this zjobs: {' '.join(offered.findings) or 'none'}"
        reader.wrong(found["when"][1], "stop.when.finding", problem)
    return Stop(**values, **when)


def _reports(reader: Reader, node: yaml.Node, offered: Offered | None) -> tuple[Report, ...]:
    reports = []
    known = dict.fromkeys((*REPORTS, *(offered.reports if offered else ())), Key(_TARGET))
    for item in reader.items(node, "reports"):
        values = reader.fields(item, "reports", known)
        if len(values) != 1:
            reader.wrong(item, "reports", "each item is one kind and its target")
        for kind in values:
            if offered and kind not in offered.reports:
                problem = f"cannot be made by this zjobs; it makes {', '.join(offered.reports)}"
                reader.wrong(item, f"reports.{kind}", problem)
        reports += [Report(kind, target) for kind, target in values.items()]
    return tuple(reports)
