"""REPLY: the answer to a WTOR (MVS System Commands, REPLY)."""

from mock_zos import components
from mock_zos.catalogue import message
from mock_zos.commands.trace import verdict
from mock_zos.system import System
from mock_zos.writer import Refused

VERBS = ("R", "REPLY")


def run(system: System, text: str) -> list[str]:
    number, _, reply = text.partition(",")
    prompts = system.state.prompts
    prompt = next((p for p in prompts if number.isdigit() and int(p.number) == int(number)), None)
    if not prompt:
        return message("IEE120I", number=number)
    prompts.remove(prompt)
    echo = message("IEE600I", number=prompt.number, reply=reply)
    try:
        said = components.answer(system, prompt, reply)
    except Refused as refused:
        return echo + refused.lines + verdict("NONE")
    return echo + (said or verdict("ALL"))
