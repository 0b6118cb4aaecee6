"""The filter side of each kind of trace, one file each: its commands, its display, what is whose.

Every file has the same functions in the same order (:class:`Side`); nothing else in the lifecycle knows
what kind a trace is of.
"""

from collections.abc import Iterable
from importlib import import_module
from typing import Any, NamedTuple, Protocol, cast

from zjobs.lifecycle.steps import Observed, Tell
from zjobs.lifecycle.values import Kind, Profile


class Former(NamedTuple):
    """A setting that was in force before: where, in words, and the command that puts it back."""

    where: str
    words: str
    command: str


class Side(Protocol):
    """What a file of this room does for its kind of trace."""

    def clear(self, profile: Profile) -> list[str]:
        """Commands that erase old settings."""

    def on(self, profile: Profile) -> list[str]:
        """Commands that set the filter and turn it on, in order."""

    def off(self, profile: Profile) -> list[str]:
        """Commands that turn it off."""

    def display(self, profile: Profile) -> str:
        """The command whose answer shows what is in force."""

    def observe(self, lines: Iterable[str], profile: Profile) -> dict[str, Any]:
        """Fields of ``Observed`` from the display: what is in force, its counts, whether all was shown."""

    def obstacles(self, seen: Observed, profile: Profile) -> list[Tell]:
        """Why the filter cannot be set now."""

    def former(self, seen: Observed, profile: Profile) -> list[Former]:
        """Settings of somebody else that a start clears."""

    def own(self, seen: Observed, profile: Profile) -> bool:
        """Whether everything in force is this profile's."""

    def effective(self, command: str, seen: Observed, profile: Profile) -> bool:
        """Whether one of the commands of ``on`` has taken effect."""

    def spent(self, seen: Observed, profile: Profile) -> dict[str, int]:
        """Records of a trace that has ended by a limit of its own already."""

    def shown(self, seen: Observed) -> list[tuple[str, str]]:
        """Name and words of each setting, for the status screen."""


_SIDES = {Kind.PACKET: "packet", Kind.DATA: "data", Kind.OSA: "osa"}


def of(profile: Profile) -> Side:
    """The side of a profile's kind of trace."""
    return cast(Side, import_module(f"{__name__}.{_SIDES[profile.kind]}"))
