"""What a component trace is: three switches, how each moves, and what binds them together.

A record reaches the trace data set only while three things are on at once: the external writer's job,
the packet filter of the stack (VARY TCPIP,,PKTTRACE) and the component trace (TRACE CT,ON) connected
to the writer (IP Diagnosis Guide, "Component trace"; MVS Diagnosis: Tools and Service Aids, "External
writer").  This file is data about the system and has no role: the planner that sends commands and the
simulated console that answers them both obey it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Writer(StrEnum):
    """The external writer's job (program ITTTRCWR)."""

    INACTIVE = "INACTIVE"
    STARTING = "STARTING"
    ACTIVE = "ACTIVE"
    STOPPING = "STOPPING"


class Component(StrEnum):
    """The subtrace of one stack in a component, as MODE on DISPLAY TRACE; PROMPT waits for ITT006A's answer."""

    OFF = "OFF"
    PROMPT = "PROMPT"
    ON = "ON"


class Filter(StrEnum):
    """The settings of one interface, one OSA port, or the data trace of a stack."""

    CLEAR = "CLEAR"
    OFF = "OFF"
    ON = "ON"


class Event(StrEnum):
    """What can happen to a switch: a command accepted, or the system acting by itself."""

    WTRSTART = "TRACE CT,WTRSTART"
    WRITER_UP = "ITT110I"
    WTRSTOP = "TRACE CT,WTRSTOP"
    WRITER_DOWN = "ITT111I"
    WRITER_LOST = "ITT107I"
    CT_ON = "TRACE CT,ON with PARM"
    CT_ASK = "TRACE CT,ON without PARM"
    CT_REPLY = "REPLY to ITT006A"
    CT_OFF = "TRACE CT,OFF"
    # The words are the same for PKTTRACE, DATTRACE and OSAENTA.
    PKT_SET = "VARY PKTTRACE with a filter"
    PKT_ON = "VARY PKTTRACE,ON"
    PKT_OFF = "VARY PKTTRACE,OFF"
    PKT_CLEAR = "VARY PKTTRACE,CLEAR"
    LIMIT = "EZD0019I"


TRANSITIONS: Mapping[type[StrEnum], Mapping[StrEnum, Mapping[Event, StrEnum]]] = {
    Writer: {
        Writer.INACTIVE: {Event.WTRSTART: Writer.STARTING},
        Writer.STARTING: {Event.WRITER_UP: Writer.ACTIVE, Event.WRITER_LOST: Writer.INACTIVE},
        Writer.ACTIVE: {Event.WTRSTOP: Writer.STOPPING, Event.WRITER_LOST: Writer.INACTIVE},
        Writer.STOPPING: {Event.WRITER_DOWN: Writer.INACTIVE, Event.WRITER_LOST: Writer.INACTIVE},
    },
    Component: {
        Component.OFF: {Event.CT_ON: Component.ON, Event.CT_ASK: Component.PROMPT},
        Component.PROMPT: {Event.CT_REPLY: Component.ON},
        # ON for a running trace replaces its options (MVS System Commands, TRACE CT).
        Component.ON: {Event.CT_ON: Component.ON, Event.CT_ASK: Component.PROMPT, Event.CT_OFF: Component.OFF},
    },
    Filter: {
        Filter.CLEAR: {
            Event.PKT_SET: Filter.OFF,
            Event.PKT_ON: Filter.ON,
            Event.PKT_OFF: Filter.CLEAR,
            Event.PKT_CLEAR: Filter.CLEAR,
        },
        Filter.OFF: {
            Event.PKT_SET: Filter.OFF,
            Event.PKT_ON: Filter.ON,
            Event.PKT_OFF: Filter.OFF,
            Event.PKT_CLEAR: Filter.CLEAR,
        },
        Filter.ON: {
            Event.PKT_SET: Filter.ON,
            Event.PKT_ON: Filter.ON,
            Event.PKT_OFF: Filter.OFF,
            Event.PKT_CLEAR: Filter.CLEAR,
            Event.LIMIT: Filter.OFF,  # OSA traces only
        },
    },
}


def after(state: StrEnum, event: Event) -> StrEnum | None:
    """The state ``event`` leads to, or ``None`` where the system refuses it."""
    return TRANSITIONS[type(state)][state].get(event)


RECORDING = (Writer.ACTIVE, Filter.ON, Component.ON)
"""Records flow in this joint state, with the component connected to the writer, and in no other."""


@dataclass(frozen=True)
class Joint:
    """``event`` on one switch needs ``needs`` of another."""

    event: str
    needs: StrEnum
    rule: str


ORDER = (
    Joint("WTR=", Writer.ACTIVE, "a component connects only to an active writer"),
    Joint("WTRSTOP", Component.OFF, "components are off or disconnected before their writer stops"),
    Joint("OPEN", Writer.INACTIVE, "the trace data set is read only after its writer has ended"),
)
"""Order rules between the switches (IP Diagnosis Guide, "Steps for starting/stopping the external writer")."""


class Place(StrEnum):
    """Where a capture stands."""

    IDLE = "IDLE"
    WRITER_STARTING = "WRITER_STARTING"
    WRITER_UP = "WRITER_UP"
    FILTER_CLEARED = "FILTER_CLEARED"
    FILTER_ON = "FILTER_ON"
    CT_PROMPT = "CT_PROMPT"
    TRACING = "TRACING"
    INCOMPLETE = "INCOMPLETE"
    STOP_FILTER = "STOP_FILTER"
    STOP_CT = "STOP_CT"
    STOP_WRITER = "STOP_WRITER"
    CLEANUP = "CLEANUP"
    DONE = "DONE"
    FAILED = "FAILED"
    FOREIGN = "FOREIGN"


LADDERS: Mapping[Place, tuple[Place, ...]] = {
    Place.IDLE: (),
    Place.WRITER_STARTING: (Place.STOP_WRITER,),
    Place.WRITER_UP: (Place.STOP_WRITER,),
    Place.FILTER_CLEARED: (Place.STOP_FILTER, Place.CLEANUP, Place.STOP_WRITER),
    Place.FILTER_ON: (Place.STOP_FILTER, Place.STOP_CT, Place.CLEANUP, Place.STOP_WRITER),
    Place.CT_PROMPT: (Place.STOP_FILTER, Place.STOP_CT, Place.CLEANUP, Place.STOP_WRITER),
    Place.TRACING: (Place.STOP_FILTER, Place.STOP_CT, Place.STOP_WRITER, Place.CLEANUP),
}
"""What to undo, in this order, when a start fails at a place; TRACING's is also the ordinary stop."""


@dataclass(frozen=True)
class Windows:
    """How long to wait, in seconds; a slow system is not a failed one.  Working values, not documented ones."""

    answer: float = 3
    report: float = 5
    writer_start: float = 60
    writer_stop: float = 300
    prompt: float = 5
    poll: float = 2
    count_poll: float = 10
    count_polls: int = 3
    flat: float = 90
    """A counter that has not risen for so long is worth a word: three looks at half a minute each."""
