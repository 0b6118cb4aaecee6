"""The kinds of member that a profile gives: a template, a name, and where it is kept."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from zjobs.lifecycle.values import Kind as Kind_
from zjobs.lifecycle.values import Profile


@dataclass(frozen=True)
class Kind:
    """``name`` gives the member name, ``folder`` and ``suffix`` its place in a directory; JCL is checked as JCL."""

    about: str
    name: Callable[[Profile], str]
    folder: str
    suffix: str = ".jcl"
    wanted: Callable[[Profile], bool] = lambda profile: True
    job: bool = False
    """Whether it is a job that can be submitted."""
    asked: bool = False
    """Whether it is made only when it is asked for by name."""
    each: bool = False
    """Whether each stack of several has its own."""


_NUMBERED = "I"
"""Letters of the kinds that each stack has one of."""


def _after_profile(letter: str) -> Callable[[Profile], str]:
    """Seven characters of the profile's name and a letter; before the letter the number of a stack of several."""

    def name(profile: Profile) -> str:
        plain = re.sub(r"[^A-Z0-9]", "", profile.name.upper()) or "TRACE"
        plain = "Z" + plain if plain[0].isdigit() else plain
        number = str(profile.part) if letter in _NUMBERED and profile.part else ""
        return plain[: 7 - len(number)] + number + letter

    return name


KINDS: Mapping[str, Kind] = {
    "proc": Kind("procedure of the external writer", lambda profile: profile.writer.proc, "procs", each=True),
    "parmlib": Kind(
        "PARMLIB member that connects the component to the writer",
        lambda profile: profile.parmlib.member if profile.parmlib else "",
        "parmlib_samples",
        ".txt",
        lambda profile: profile.parmlib is not None,
        each=True,
    ),
    "commands": Kind("operator commands to start, watch and stop", _after_profile("C"), "jcl", ".txt"),
    "ipcs": Kind("job that formats the trace with IPCS", _after_profile("I"), "jcl", job=True, each=True),
    "batch": Kind("job that runs the capture with zjobs", _after_profile("Z"), "jcl", job=True),
    "stc": Kind("procedure of a started task that runs the capture", _after_profile("S"), "procs"),
    "deadman": Kind("job that stops the trace after a time, whatever happens", _after_profile("D"), "jcl", job=True),
    "obeyfile": Kind(
        "profile statements for VARY OBEYFILE",
        lambda profile: profile.obeyfile.member if profile.obeyfile else "",
        "jcl",
        ".txt",
        lambda profile: profile.obeyfile is not None and profile.kind is Kind_.PACKET,
        each=True,
    ),
    "layout-probe": Kind(
        "job that reads the offsets of the packet trace header from the system's own C header",
        lambda _: "ZJBPROBE",
        "jcl",
        job=True,
        asked=True,
    ),
}

GUESTS: Mapping[str, tuple[str, str]] = {"z/VM": ("zvm", ".exec"), "Linux": ("linux", ".sh")}
"""Template and suffix of the script for a trace on another system."""


def deadman_name(profile: Profile) -> str:
    """The name of the profile's dead-man job."""
    return KINDS["deadman"].name(profile)
