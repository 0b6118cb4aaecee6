"""What a capture asks its driver to do, and what it hears back: frozen values."""

from collections.abc import Generator
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeVar

from zjobs.lifecycle import messages
from zjobs.lifecycle.messages import DataTrace, Devlinks, Subtrace, Verdict, WriterSeen
from zjobs.lifecycle.tables import Place


class Act(Enum):
    """What a command is for."""

    LOOK = "look"
    RESIZE = "set the trace buffer"
    START_WRITER = "start the external writer"
    CLEAR_FILTER = "clear old filter settings"
    SET_FILTER = "set the filter"
    CONNECT = "turn the component trace on, connected to the writer"
    ASK = "turn the component trace on; it prompts for its operands"
    REPLY = "name the writer in the reply"
    STOP_FILTER = "turn the filter off"
    STOP_TRACE = "turn the component trace off"
    STOP_WRITER = "stop the writer and close its data set"
    RESTORE = "put a former filter setting back"


_READERS = {Act.CLEAR_FILTER: messages.vary, Act.SET_FILTER: messages.vary, Act.STOP_FILTER: messages.vary}
_READERS[Act.RESTORE] = messages.vary


@dataclass(frozen=True)
class Issue:
    """Send an operator command and collect its answer within ``window`` seconds."""

    command: str
    act: Act
    place: Place
    window: float

    def verdict(self, lines: tuple[str, ...]) -> Verdict:
        """What the answer says of this command."""
        return _READERS.get(self.act, messages.trace_ct)(lines)


@dataclass(frozen=True)
class Pause:
    """Let time pass; what the system said in the meantime comes back from its log."""

    seconds: float
    place: Place


@dataclass(frozen=True)
class Guard:
    """Submit the dead-man job (``armed``), or cancel it; what is heard is why that failed."""

    armed: bool


@dataclass(frozen=True)
class Put:
    """Write lines into a member; what is heard is why that failed."""

    target: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Tell:
    """Tell the user: a message id and its values."""

    id: str
    values: tuple[tuple[str, object], ...] = ()


def tell(id: str, /, **values: object) -> Tell:
    return Tell(id, tuple(values.items()))


Step = Issue | Pause | Guard | Put | Tell


@dataclass(frozen=True)
class Heard:
    """The answer to a step: lines of a command's answer, or of the log after a pause."""

    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Observed:
    """The system as its displays show it; ``None`` where a display gave no answer."""

    stack: bool | None
    trace: Subtrace | None
    writer: WriterSeen
    devlinks: Devlinks = field(default=Devlinks())
    prompts: tuple[str, ...] = ()
    heard: bool = True
    data: DataTrace | None = None
    counts: dict[str, int] = field(default_factory=dict)
    """Records traced, by interface, port or socket side that has a setting in force."""
    whole: bool = False
    """Whether the display of the filter side was shown to its end."""

    @property
    def filtering(self) -> bool:
        """Whether any setting of the profile's kind of trace is in force."""
        return bool(self.counts)


@dataclass(frozen=True)
class Outcome:
    """How a capture, a stop or a look ended.

    ``left`` lists what is still on, in words; ``changed`` is false when there was nothing to do.
    """

    place: Place
    seen: Observed
    changed: bool = True
    cause: Tell | None = None
    left: tuple[str, ...] = ()
    opened: tuple[str, ...] = ()
    written: tuple[str, ...] = ()


T = TypeVar("T")
Script = Generator[Step, Heard, T]
