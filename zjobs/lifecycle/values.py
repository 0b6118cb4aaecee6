"""What a profile says, as frozen values: everything zjobs knows of a capture before it starts."""

from dataclasses import dataclass, field
from enum import StrEnum

from zjobs.lifecycle.limits import LIMITS


class Kind(StrEnum):
    """What is traced, by the command that chooses it."""

    PACKET = "PKTTRACE"
    DATA = "DATTRACE"
    OSA = "OSAENTA"

    @property
    def component(self) -> str:
        """The component whose trace is turned on; data trace shares the packet trace's."""
        return "SYSTCPOT" if self is Kind.OSA else "SYSTCPDA"


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
class DataFilter:
    """The data trace setting of a stack (VARY DATTRACE); empty is any, ``length`` -1 is FULL."""

    jobname: str = ""
    ip: str = ""
    port: int = 0
    length: int = 200


@dataclass(frozen=True)
class OsaFilter:
    """The trace of one OSA port: what it keeps, when it stops by itself, what it chooses.

    Values of one kind are ORed, different kinds are ANDed; without any, ``nofilter`` decides.
    """

    portname: str
    nofilter: str = ""
    discard: str = ""
    length: int = LIMITS.osa_keep
    data: int = LIMITS.osa_data
    frames: int = 0
    time: int = 0
    deviceid: tuple[str, ...] = ()
    mac: tuple[str, ...] = ()
    vlanid: tuple[str, ...] = ()
    ethtype: tuple[str, ...] = ()
    ip: tuple[str, ...] = ()
    protocol: tuple[str, ...] = ()
    port: tuple[int, ...] = ()

    @property
    def chosen(self) -> dict[str, tuple[str, ...]]:
        """Filter values by the label that NETSTAT DEVLINKS shows them under."""
        found = {
            "DEVICEID": self.deviceid,
            "MAC": self.mac,
            "VLANID": self.vlanid,
            "ETHTYPE": self.ethtype,
            "IPADDR": self.ip,
            "PROTOCOL": self.protocol,
            "PORTNUM": tuple(str(port) for port in self.port),
        }
        return {label: values for label, values in found.items() if values}


@dataclass(frozen=True)
class Obeyfile:
    """Where a filter goes that is too long for a command: a member for VARY TCPIP,,OBEYFILE."""

    library: str
    member: str


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
    size: int = 0
    message: str = ""
    finding: str = ""


@dataclass(frozen=True)
class Report:
    """One thing to make of the trace when it has ended."""

    kind: str
    target: str


@dataclass(frozen=True)
class Profile:
    """One capture of one stack.

    ``filters`` are those of a packet trace, ``data`` is the setting of a data trace, ``osas`` are those of
    an OSA trace.  ``deadman`` is the time in seconds after which a job stops the trace whatever happens: 0
    takes it from the stop rule, -1 asks for none.  ``restore`` puts settings that were in force before back at
    the stop.  ``part`` numbers the captures of a profile with several stacks; 0 is alone.
    """

    name: str
    stack: str
    writer: Writer
    filters: tuple[Filter, ...]
    kind: Kind = Kind.PACKET
    data: DataFilter = field(default=DataFilter())
    osas: tuple[OsaFilter, ...] = ()
    obeyfile: Obeyfile | None = None
    parmlib: Parmlib | None = None
    buffer: str = ""
    unfiltered: bool = False
    stop: Stop = field(default=Stop())
    reports: tuple[Report, ...] = ()
    deadman: int = 0
    restore: bool = False
    part: int = 0

    @property
    def component(self) -> str:
        """The component trace that is turned on."""
        return self.kind.component

    @property
    def label(self) -> str:
        """What it is called in messages; of several, each by its stack."""
        return f"{self.name} {self.stack}" if self.part else self.name

    @property
    def reply(self) -> bool:
        """Whether the writer is named in a reply to ITT006A instead of in a member."""
        return self.parmlib is None
