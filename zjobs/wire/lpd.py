"""Line Printer Daemon protocol.

Reference: RFC 1179.
"""

from zjobs.wire import message
from zjobs.wire.layout import Field, Layout
from zjobs.wire.message import Message, Reader, ascii_text
from zjobs.wire.talk import SERVER

NAME = "lpd"
TITLE = "LPD"
FOUND = {"tcp.app": (515,)}

COMMANDS = {
    1: "Print waiting jobs", 2: "Receive a printer job", 3: "Send queue state (short)", 4: "Send queue state (long)",
    5: "Remove jobs",
}  # fmt: skip
SUBCOMMANDS = {1: "Abort job", 2: "Receive control file", 3: "Receive data file"}

LAYOUT = Layout("LPD", (Field("code", "u8", 0, "Command"),), 1, "RFC 1179, section 5")

#: Longest line of a command; what is longer is the file that is printed.
_LONGEST = 256


def decode(data: Reader, say: Message, state: int) -> None:
    """A command with its operands, an acknowledgement, or a piece of a file."""
    raw = data.rest()
    if state & SERVER and len(raw) == 1:
        word = "accepted" if raw[0] == 0 else f"refused ({raw[0]})"
        say.line("Acknowledge", word)
        say.also(f"lpr : {word}")
        return
    line = raw[: raw.find(b"\n")] if b"\n" in raw[:_LONGEST] else b""
    if not state & SERVER and line and raw[0] in COMMANDS:
        operands = ascii_text(line[1:])
        # A subcommand starts with a count, a command with a queue.
        counted = raw[0] in SUBCOMMANDS and (raw[0] == 1 or operands.split(" ")[0].isdigit())
        name = SUBCOMMANDS[raw[0]] if counted and " " in operands else COMMANDS[raw[0]]
        say.line("Command", f"{name} ({raw[0]:02X})", ("Operands", operands))
        say.also(f"lpr : {name}")
        return
    say.line("Data", f"{len(raw)} bytes")
    say.also(f"lpr : {len(raw)} bytes of lpr data")


lines = message.lines
values = message.values
