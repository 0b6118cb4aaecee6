"""Post Office Protocol, version 3.

Reference: RFC 1939, RFC 2449 (CAPA), RFC 2595 (STLS).  Passwords are never printed.
"""

from zjobs.wire import message, text
from zjobs.wire.layout import Field, Layout
from zjobs.wire.message import Message, Reader
from zjobs.wire.talk import NOT_MINE, SERVER, Flow
from zjobs.words import counted

NAME = "pop"
TITLE = "POP3"
FOUND = {"tcp.app": (110,)}

LAYOUT = Layout("POP3", (Field("first", "u8", 0),), 1, "RFC 1939, section 3")

COMMANDS = (
    "USER", "PASS", "APOP", "STAT", "LIST", "RETR", "DELE", "NOOP", "RSET", "TOP", "UIDL", "QUIT", "CAPA", "STLS",
    "AUTH",
)  # fmt: skip
SECRET = ("PASS", "APOP")


def measure(data: bytes, flow: Flow) -> int:
    """A segment is shown as it is; what it says of TLS is remembered."""
    if not text.looks(data):
        return NOT_MINE
    line, _ = text.first_line(data)
    notes = flow.talk.notes
    if flow.serves:
        if notes.get("command") == "STLS" and line.startswith("+OK"):
            flow.talk.app, flow.talk.before = "tls", NAME
    else:
        notes["command"] = line.split(" ")[0].upper()
    return len(data)


def decode(data: Reader, say: Message, state: int) -> None:
    """The first line of a command or a reply; what follows a reply is mail or a list."""
    lines = text.lines_of(data)
    line = lines[0] if lines else ""
    word, _, rest = line.partition(" ")
    if state & SERVER:
        if word not in ("+OK", "-ERR"):
            say.also(f"pop3 : {counted(str(data.end), 'byte')}")
            text.show(say, "Data", lines)
            return
        say.field("pop.response.indicator", word)
        if rest:
            say.field("pop.response.description", rest)
        say.also(f"pop3 reply {word}")
        text.show(say, "Reply", lines)
        return
    say.field("pop.request.command", word)
    if rest:
        say.field("pop.request.parameter", rest)
    if word.upper() not in COMMANDS:
        say.also("pop3 : authentication")
        say.line("Command", "********")
        return
    say.also(f"pop3 command {word.upper()}")
    secret = word.upper() in SECRET or (word.upper() == "AUTH" and " " in rest)
    say.line("Command", f"{word} ********" if secret else line)


begins = text.begins
lines = message.lines
values = message.values
