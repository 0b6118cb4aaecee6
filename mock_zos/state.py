"""Everything the simulated LPAR remembers between two commands, as plain values that JSON can hold."""

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass
class WriterJob:
    """An external writer; ``blocks`` counts what was written, ``position`` where the next record goes."""

    name: str
    status: str
    wrap: bool
    datasets: list[str] = field(default_factory=list)
    ddnames: list[str] = field(default_factory=list)
    capacities: list[int] = field(default_factory=list)
    current: int = 0
    sizes: list[int] = field(default_factory=list)
    position: int = 0
    bytes: int = 0
    lost: int = 0
    full: bool = False


@dataclass
class Subtrace:
    """One stack's sublevel of a component; ``pending`` is its unwritten buffer, in base 64."""

    component: str
    sub: str
    mode: str = "OFF"
    buffer: str = "0016M"
    writer: str = ""
    pending: str = ""
    sequence: int = 0
    count: int = 0


@dataclass
class Setting:
    """One PKTTRACE setting of an interface; empty means any."""

    length: int = 0
    protocol: str = ""
    address: str = ""
    source_port: int = 0
    destination_port: int = 0
    port: int = 0
    discard: str = "NONE"
    count: int = 0


@dataclass
class Link:
    """An interface of a stack; ``filter`` is a state of the lifecycle tables, ``port`` the OSA's port name."""

    name: str
    index: int
    kind: str = "IPAQENET"
    filter: str = "CLEAR"
    settings: list[Setting] = field(default_factory=list)
    stack: str = ""
    port: str = ""


@dataclass
class DataTrace:
    """The data trace setting of a stack; ``sockets`` are those whose Start record was written."""

    stack: str
    filter: str = "OFF"
    jobname: str = ""
    address: str = ""
    port: int = 0
    length: int = -1
    count: int = 0
    sockets: list[str] = field(default_factory=list)


@dataclass
class OsaPort:
    """The network traffic analyzer of one OSA; ``filter`` is a state of the lifecycle tables."""

    name: str
    stack: str
    filter: str = "CLEAR"
    filters: dict[str, list[str]] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    nofilter: str = "NONE"
    discard: str = "EXCEPTION"
    frames: int = 0
    databytes: int = 0
    total_frames: int = 0
    total_bytes: int = 0
    since: int = 0


@dataclass
class Job:
    """A job; ``steps`` are what it has still to do, ``output`` its spool by DD name."""

    id: str
    name: str
    status: str = "AC"
    code: str = ""
    steps: list[list[str]] = field(default_factory=list)
    output: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class Prompt:
    """An outstanding WTOR and the trace it was issued for."""

    number: str
    component: str
    sub: str
    turn: str


@dataclass
class Traffic:
    """A capture to replay on a link; ``file`` is a name under DIR/traffic."""

    file: str
    link: str


@dataclass
class Replay:
    """How far the traffic of a stack has come: when it began, and the next packet and frame."""

    stack: str
    start: int
    packet: int = 0
    frame: int = 0


@dataclass
class Due:
    """Something that will happen by itself at ``at`` (microseconds)."""

    at: int
    event: str
    name: str


@dataclass
class State:
    """The whole LPAR.  Times are microseconds since 1970 on its own, virtual clock.

    ``stack`` is the first of ``stacks``; the list holds those that are up.
    """

    now: int
    system: str = "SYSA"
    stack: str = "TCPIP"
    release: str = "V2R5"
    zoau: str = "1.4.0"
    container: str = "packed-prefix"
    home: list[str] = field(default_factory=list)
    writer_delay: int = 1_500_000
    proclib: list[str] = field(default_factory=lambda: ["USER.PROCLIB", "SYS1.PROCLIB"])
    parmlib: list[str] = field(default_factory=lambda: ["USER.PARMLIB", "SYS1.PARMLIB"])
    links: list[Link] = field(default_factory=list)
    traffic: list[Traffic] = field(default_factory=list)
    writers: list[WriterJob] = field(default_factory=list)
    subtraces: list[Subtrace] = field(default_factory=list)
    prompts: list[Prompt] = field(default_factory=list)
    due: list[Due] = field(default_factory=list)
    allocations: dict[str, str] = field(default_factory=dict)
    stacks: list[str] = field(default_factory=list)
    denied: list[str] = field(default_factory=list)
    """Beginnings of commands that the security product refuses."""
    data: list[DataTrace] = field(default_factory=list)
    osas: list[OsaPort] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    next_job: int = 1
    next_reply: int = 6
    next_connect: int = 99
    replays: list[Replay] = field(default_factory=list)

    def to_json(self) -> str:
        return json.dumps(vars(self), default=vars)

    @classmethod
    def from_json(cls, text: str) -> "State":
        raw: dict[str, Any] = json.loads(text)
        for link in raw["links"]:
            link["settings"] = [Setting(**setting) for setting in link["settings"]]
        for name, kind in _LISTS.items():
            raw[name] = [kind(**item) for item in raw[name]]
        return cls(**raw)

    def writer(self, name: str) -> WriterJob | None:
        return next((writer for writer in self.writers if writer.name == name), None)

    def subtrace(self, component: str, sub: str) -> Subtrace | None:
        return next((t for t in self.subtraces if (t.component, t.sub) == (component, sub)), None)

    def links_of(self, stack: str) -> list[Link]:
        return [link for link in self.links if link.stack == stack]

    def connected(self, writer: str) -> list[Subtrace]:
        return [trace for trace in self.subtraces if trace.writer == writer]


_LISTS: dict[str, Any] = {
    "links": Link,
    "traffic": Traffic,
    "replays": Replay,
    "writers": WriterJob,
    "subtraces": Subtrace,
    "prompts": Prompt,
    "due": Due,
    "data": DataTrace,
    "osas": OsaPort,
    "jobs": Job,
}
