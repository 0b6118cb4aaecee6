"""The console: takes a command's text, finds the verb, answers in lines.

MVS folds a command to upper case; what follows the verb is one string of operands that a blank ends.
A command given through the console service holds 126 characters at most (macro MGCRE).
"""

from importlib import import_module
from pkgutil import iter_modules

from mock_zos import commands, stack
from mock_zos.catalogue import message
from mock_zos.system import System
from mock_zos.writer import Refused

LIMIT = 126
_VERBS = {
    verb: module
    for module in (import_module(f"{commands.__name__}.{found.name}") for found in iter_modules(commands.__path__))
    for verb in module.VERBS
}


def issue(system: System, text: str) -> list[str]:
    """Carry a command out; its solicited answer."""
    command = text.strip().upper()
    system.log([command])
    answer = _answer(system, command)
    system.log(answer)
    stack.settle(system)
    return answer


def _answer(system: System, command: str) -> list[str]:
    verb, _, operands = command.partition(" ")
    if len(command) > LIMIT:
        return message("IEE707I", verb=verb, reason=f"{len(command)} CHARACTERS, {LIMIT} AT MOST")
    if verb not in _VERBS:
        return message("IEE305I", verb=verb or "NULL")
    if any(command.startswith(denied) for denied in system.state.denied):
        return message("IEE345I", verb=verb)
    # A blank ends the operands; what follows would be taken for a comment and silently do something else.
    if " " in operands.strip() and verb not in ("R", "REPLY"):
        return message("IEE707I", verb=verb, reason="BLANK IN THE OPERANDS")
    try:
        found: list[str] = _VERBS[verb].run(system, operands.strip())
    except Refused as refused:
        return refused.lines
    return found
