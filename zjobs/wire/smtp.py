"""Simple Mail Transfer Protocol.

Reference: RFC 5321; RFC 3207 (STARTTLS), RFC 4954 (AUTH).  What is sent to authenticate is never printed, and of the
mail itself nothing but its size.
"""

from zjobs.wire import message, text
from zjobs.wire.layout import Field, Layout
from zjobs.wire.message import Message, Reader
from zjobs.wire.talk import OWN, SERVER, Flow

NAME = "smtp"
TITLE = "SMTP"
FOUND = {"tcp.app": (25, 587)}

LAYOUT = Layout("SMTP", (Field("first", "u8", 0),), 1, "RFC 5321, section 2.3.8")

COMMANDS = (
    "HELO", "EHLO", "MAIL", "RCPT", "DATA", "RSET", "NOOP", "QUIT", "VRFY", "EXPN", "HELP", "AUTH", "BDAT", "STARTTLS",
    "TURN", "ATRN", "SEND", "SOML", "SAML", "ETRN", "LHLO",
)  # fmt: skip

#: States of a client: it sends a mail now; its next line authenticates it.
_MAIL, _SECRET = OWN, OWN * 2
_END = b"\r\n.\r\n"


def measure(data: bytes, flow: Flow) -> int:
    """A line, or a piece of a mail up to the line with a single period."""
    if flow.state & _MAIL:
        return _mail(data, flow)
    size = text.whole_line(data, flow)
    if size <= 0:
        return size
    line, _ = text.first_line(data)
    talk = flow.talk
    if flow.serves:
        flow.other.state &= ~_SECRET
        asked = talk.notes.get("command", "")
        if line[:3] == "354" and asked == "DATA":
            flow.other.state |= _MAIL
            talk.notes["tail"] = b"\r\n"
        elif line[:3] == "334":
            flow.other.state |= _SECRET
        elif line[:3] == "220" and asked == "STARTTLS":
            talk.app = "tls"
    elif not flow.state & _SECRET:
        talk.notes["command"] = line.split(" ")[0].upper()
    return size


def _mail(data: bytes, flow: Flow) -> int:
    notes = flow.talk.notes
    before: bytes = notes.get("tail", b"")
    at = (before + data).find(_END)
    if at < 0:
        notes["tail"] = (before + data)[-len(_END) + 1 :]
        return len(data)
    flow.state &= ~_MAIL
    notes["command"] = ""
    return max(at + len(_END) - len(before), 1)


def decode(data: Reader, say: Message, state: int) -> None:
    """Commands, replies, and how much of a mail there is."""
    if state & _MAIL and not state & SERVER:
        raw = data.rest()
        at = (b"\r\n" + raw).find(_END)
        size = at + len(_END) - 2 if at >= 0 else len(raw)
        say.also(f"smtp : {size} bytes of mail")
        say.line("Mail", f"{size} bytes")
        data = Reader(raw, size)
        state &= ~_MAIL
    code = ""
    for k, line in enumerate(text.lines_of(data)):
        if state & SERVER:
            if line[:3] != code and line[:3].isdigit():
                code = line[:3]
                say.field("smtp.response.code", int(code))
                say.also(f"smtp reply code {code}")
            if line[4:]:
                say.field("smtp.rsp.parameter", line[4:])
            if k < text.MOST_LINES:
                say.line("Reply", line)
        elif state & _SECRET and k == 0:
            say.line("Authentication", "********")
            say.also("smtp : authentication")
        else:
            command, _, parameter = line.partition(" ")
            known = command.upper() in COMMANDS
            if known:
                say.field("smtp.req.command", command)
            if known and parameter:
                say.field("smtp.req.parameter", parameter)
            secret = command.upper() == "AUTH" and " " in parameter
            shown = f"{command} {parameter.split(' ')[0]} ********" if secret else line
            say.line("Command", shown)
            say.also(f"smtp command {command.upper()}")


begins = text.begins
lines = message.lines
values = message.values
