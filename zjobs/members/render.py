"""Members from templates, checked for what JCL and a card image can hold."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, StrictUndefined

from zjobs.errors import RequestError
from zjobs.lifecycle import plan
from zjobs.lifecycle.guests import Guest
from zjobs.lifecycle.sides import packet
from zjobs.lifecycle.tables import LADDERS, Place, Windows
from zjobs.lifecycle.values import Kind, Profile
from zjobs.members.kinds import GUESTS, KINDS

# MVS JCL Reference: statements end at column 71; 72 is for continuation, 73 to 80 for sequence numbers.
_LAST_COLUMN = 71
_CARD = 80

_EXPECTED = {
    "RESIZE": "ITT038I ALL",
    "START_WRITER": "ITT038I ALL, THEN ITT110I",
    "CLEAR_FILTER": "EZZ0053I",
    "SET_FILTER": "EZZ0053I",
    "CONNECT": "ITT038I ALL",
    "ASK": "ITT006A WITH THE NUMBER NN TO REPLY TO",
    "REPLY": "IEE600I, THEN ITT038I ALL",
    "STOP_FILTER": "EZZ0053I",
    "STOP_TRACE": "ITT038I ALL; TO ITT006A, IF IT COMES, REPLY R NN,END",
    "STOP_WRITER": "ITT038I ALL, THEN AHL904I WITH THE DATA SET AND ITT111I",
}


@dataclass(frozen=True)
class Member:
    """One member: its kind, its name, its lines."""

    kind: str
    name: str
    lines: tuple[str, ...]

    @property
    def path(self) -> Path:
        """Where it is kept below a directory."""
        if self.kind not in KINDS:
            return Path("scripts") / self.name
        kind = KINDS[self.kind]
        return Path(kind.folder) / f"{self.name}{kind.suffix}"


def _environment(templates: Path | None) -> Environment:
    loaders = [FileSystemLoader(templates)] if templates else []
    return Environment(
        loader=ChoiceLoader([*loaders, PackageLoader("zjobs.members")]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )


def script(guest: Guest, templates: Path | None = None) -> Member:
    """The script that starts and stops a trace on another system."""
    template, suffix = GUESTS[guest.system]
    text = _environment(templates).get_template(f"{template}.j2").render(guest=guest)
    return Member(template, f"{guest.name}{suffix}", tuple(text.splitlines()))


def members(
    profiles: Profile | Sequence[Profile], only: Iterable[str] = (), templates: Path | None = None
) -> list[Member]:
    """The members of a profile, or those of the kinds in ``only``; ``templates`` overrides by file name."""
    captures = (profiles,) if isinstance(profiles, Profile) else tuple(profiles)
    environment = _environment(templates)
    made = []
    for name in only or (name for name, kind in KINDS.items() if not kind.asked):
        kind = KINDS[name]
        wanted = [one for one in captures if kind.wanted(one)]
        if only and not wanted:
            raise RequestError("ZJB0602E", kind=name, name=captures[0].name)
        for group in [(one,) for one in wanted] if kind.each else [captures]:
            member = kind.name(group[0])
            text = environment.get_template(f"{name}.j2").render(member=member, **_values(group, environment))
            made.append(Member(name, member, tuple(text.splitlines())))
            _check(made[-1])
    return made


def _values(group: tuple[Profile, ...], environment: Environment) -> dict[str, Any]:
    """What a template is given: one capture, or the steps of all in a member that they share."""
    windows, profile = Windows(), group[0]
    looks = [step for one in group for step in plan.looking(one, windows)]
    source, _, _ = environment.loader.get_source(environment, "site.yaml")  # type: ignore[union-attr]
    return {
        "profile": profile,
        "site": yaml.safe_load(source),
        "look": list(dict.fromkeys(looks)),
        "start": [step for one in group for step in plan.starting(one, windows)],
        "stop": [step for one in reversed(group) for step in plan.stopping(one, windows, LADDERS[Place.TRACING])],
        "expected": _EXPECTED,
        "statements": packet.statements(profile) if profile.kind is Kind.PACKET else [],
        "minutes": plan.deadman(profile) // 60,
        "seconds": plan.deadman(profile),
        "ports": ",".join(dict.fromkeys(_ports(profile))),
    }


def _ports(profile: Profile) -> list[str]:
    """The ports that the filters name, for IPCS."""
    found = [one.port for one in profile.filters] + [profile.data.port]
    found += [port for one in profile.osas for port in one.port]
    return [str(port) for port in found if port]


def _check(member: Member) -> None:
    """JCL within column 71 and upper case; every line on a card; every character in code page 1047 and ASCII."""
    jcl = KINDS[member.kind].suffix == ".jcl"
    for number, line in enumerate(member.lines, 1):
        statement = jcl and line.startswith("//")
        limit = _LAST_COLUMN if statement or not jcl else _CARD
        if len(line) > limit and member.kind != "commands":
            raise RequestError("ZJB0603E", member=member.name, line=number, length=len(line), limit=limit)
        if not line.isascii() or (statement and "'" not in line and line != line.upper()):
            raise RequestError("ZJB0604E", member=member.name, line=number)
