"""Component traces: their sublevels, what turns them on and off, and the prompt for their options."""

import re

from mock_zos import parmlib, writer
from mock_zos.catalogue import message
from mock_zos.state import Prompt, Subtrace
from mock_zos.system import System, numbers
from mock_zos.writer import Refused
from zjobs.lifecycle.tables import Component, Event, after


def defined(system: System, stack: str) -> None:
    """Define the sublevels of a stack, as it does when it starts."""
    for name, limits in numbers()["components"].items():
        system.state.subtraces.append(Subtrace(name, stack, buffer=limits["default"]))


def find(system: System, component: str, sub: str = "", *more: str) -> Subtrace:
    """The subtrace of a command; the head of a TCP/IP component never traces."""
    if component not in numbers()["components"]:
        raise Refused("component-unknown", component=component or "(NONE)")
    trace = system.state.subtrace(component, sub)
    if trace is None or more:
        raise Refused("sublevel-unknown", component=component, sub=sub or "(HEAD)")
    return trace


def turn_on(system: System, trace: Subtrace, member: str) -> None:
    """TRACE CT,ON with PARM: options from a member of PARMLIB."""
    lines = system.member(system.state.parmlib, member)
    if lines is None:
        raise Refused("IEE538I", member=member)
    try:
        options = parmlib.parse(lines)
    except parmlib.SyntaxProblem as problem:
        raise Refused("member-error", member=member, reason=problem) from None
    if not options.on:
        turn_off(system, trace)
        return
    if options.writer:
        writer.connect(system, trace, options.writer)
    if options.buffer:
        resize(trace, options.buffer)
    _began(trace, Event.CT_ON)


def _began(trace: Subtrace, event: Event) -> None:
    mode = after(Component(trace.mode), event)
    if mode is None:
        raise Refused("operand-error", operand="ON")
    if trace.mode != mode:
        trace.count = 0
    trace.mode = str(mode)


def turn_off(system: System, trace: Subtrace) -> None:
    mode = after(Component(trace.mode), Event.CT_OFF)
    if mode is None:
        raise Refused("already-off", component=trace.component, sub=trace.sub)
    writer.disconnect(system, trace)
    trace.mode = str(mode)


def resize(trace: Subtrace, size: str) -> None:
    limits = numbers()["components"][trace.component]
    if not _kilobytes(limits["minimum"]) <= _kilobytes(size) <= _kilobytes(limits["maximum"]):
        raise Refused("buffer-range", size=size, component=trace.component)
    trace.buffer = size[:-1].rjust(4, "0") + size[-1]


def _kilobytes(size: str) -> int:
    if not re.fullmatch(r"\d{1,4}[KM]", size):
        raise Refused("operand-error", operand=size)
    return int(size[:-1]) * (1024 if size[-1] == "M" else 1)


def ask(system: System, trace: Subtrace) -> list[str]:
    """TRACE CT,ON without PARM: prompt with ITT006A."""
    number = f"{system.state.next_reply:02}"
    system.state.next_reply = system.state.next_reply % 99 + 1
    mode = after(Component(trace.mode), Event.CT_ASK)
    system.state.prompts.append(Prompt(number, trace.component, trace.sub, trace.mode))
    trace.mode = str(mode)
    return [f"*{number} {line}" for line in message("ITT006A")]


def answer(system: System, prompt: Prompt, reply: str) -> list[str]:
    """REPLY to ITT006A; CONT prompts again, END carries out what was given."""
    trace = find(system, prompt.component, prompt.sub)
    trace.mode = prompt.turn
    words = reply.split(",")
    last = words.pop()
    if last not in ("CONT", "END"):
        raise Refused("operand-error", operand=last)
    for word in words:
        key, _, value = word.partition("=")
        if key != "WTR":
            raise Refused("operand-error", operand=word)
        writer.connect(system, trace, value)
    if last == "CONT":
        return ask(system, trace)
    trace.mode = str(Component.PROMPT)
    _began(trace, Event.CT_REPLY)
    return []
