"""Putting the members of a profile where they are wanted."""

from pathlib import Path

from zjobs.errors import RequestError
from zjobs.host import names
from zjobs.host.base import Host
from zjobs.members.kinds import KINDS
from zjobs.members.render import Member


def write(members: list[Member], target: str, host: Host) -> list[tuple[Member, str]]:
    """Write members below a directory, or into a library; where each went."""
    if names.is_dataset(target):
        return [(member, _to_library(member, target, host)) for member in members]
    return [(member, _to_directory(member, Path(target))) for member in members]


def submit(made: list[Member], host: Host) -> list[tuple[Member, str]]:
    """Submit members that are jobs; the id of each.  Raises RequestError when one is none."""
    for member in made:
        if member.kind not in KINDS or not KINDS[member.kind].job:
            raise RequestError("ZJB0609E", kind=member.kind, jobs=" ".join(name for name in KINDS if KINDS[name].job))
    return [(member, host.submit(member.lines)) for member in made]


def _to_library(member: Member, target: str, host: Host) -> str:
    library = names.parse(target)
    if library.member or library.dd or host.dataset_info(target).dsorg not in ("PO", "PDS", "PDSE", "LIBRARY", "PO-E"):
        raise RequestError("ZJB0605E", target=target)
    written = names.Name(library.dsn, member.name).quoted
    host.write_text(written, member.lines)
    return written


def _to_directory(member: Member, directory: Path) -> str:
    path = directory / member.path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{line}\n" for line in member.lines), "utf-8")
    except OSError as error:
        raise RequestError("ZJB0607E", target=path, reason=error.strerror) from error
    return str(path)
