"""Simple Mail Transfer Protocol.

Reference: RFC 5321; RFC 3207 (STARTTLS), RFC 4954 (AUTH), RFC 3030 (BDAT).  What is sent to authenticate is never
printed, and of the mail itself nothing but its size.
"""

import re

from zjobs.wire import message, text
from zjobs.wire.layout import Field, Layout
from zjobs.wire.message import Message, Reader
from zjobs.wire.talk import NOTHING, OWN, SERVER, Flow
from zjobs.words import counted

NAME = "smtp"
TITLE = "SMTP"
FOUND = {"tcp.app": (25, 587)}

LAYOUT = Layout("SMTP", (Field("first", "u8", 0),), 1, "RFC 5321, section 2.3.8")

COMMANDS = (
    "HELO", "EHLO", "MAIL", "RCPT", "DATA", "RSET", "NOOP", "QUIT", "VRFY", "EXPN", "HELP", "AUTH", "BDAT", "STARTTLS",
    "TURN", "ATRN", "SEND", "SOML", "SAML", "ETRN", "LHLO", "X-EXPS", "X-LINK2STATE", "XEXCH50",
)  # fmt: skip

#: States of a client: it sends a mail now; its next line authenticates it; it has sent a mail, and a line that is no
#: command may be what is left of one.
_MAIL, _SECRET, _MAILED = OWN, OWN * 2, OWN * 4
#: Commands that a mail follows.
_MAILS = ("DATA", "BDAT")
_END = b"\r\n.\r\n"


def measure(data: bytes, flow: Flow) -> int:
    """A line, or a piece of a mail up to the line with a single period or as long as BDAT said."""
    if flow.state & _MAIL:
        return _mail(data, flow)
    left = 0 if flow.serves else flow.talk.notes.get("chunk", 0)
    if left:
        size = min(left, len(data))
        flow.talk.notes["chunk"] = left - size
        flow.keep = NOTHING
        return size
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
            talk.app, talk.before = "tls", NAME
    elif not flow.state & _SECRET:
        command, _, parameter = line.partition(" ")
        talk.notes["command"] = command.upper()
        if command.upper() in _MAILS:
            flow.state |= _MAILED
        chunk = parameter.split(" ")[0]
        if command.upper() == "BDAT" and re.fullmatch("[0-9]{1,18}", chunk):
            talk.notes["chunk"] = int(chunk)
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
    mail = bool(state & _MAIL and not state & SERVER)
    if mail:
        raw = data.rest()
        at = (b"\r\n" + raw).find(_END)
        size = at + len(_END) - 2 if at >= 0 else len(raw)
        say.also(f"smtp : {counted(str(size), 'byte')} of mail")
        say.line("Mail", counted(str(size), "byte"))
        data = Reader(raw, size)
        state &= ~_MAIL
    goes_on, mailed = False, bool(state & _MAILED)
    for k, line in enumerate(text.lines_of(data)):
        if state & SERVER:
            goes_on = _reply(line, say, goes_on)
            if k < text.MOST_LINES:
                say.line("Reply", line)
        elif state & _SECRET and k == 0:
            say.line("Authentication", "********")
            say.also("smtp : authentication")
        else:
            mailed |= _command(line, say, mailed) in _MAILS
    if mail:
        # Commands in the segment that ends a mail are listed; Wireshark has no fields for them.
        say.fields.clear()


def _reply(line: str, say: Message, goes_on: bool) -> bool:
    """One line of a reply; whether another line of it follows.  The code is told once for all of them."""
    code = line[:3]
    if not re.fullmatch("[0-9]{3}", code):
        return goes_on
    if not goes_on:
        say.field("smtp.response.code", int(code))
        say.also(f"smtp reply code {code}")
    if line[4:]:
        say.field("smtp.rsp.parameter", line[4:])
    return line[3:4] == "-"


def _command(line: str, say: Message, mailed: bool) -> str:
    """One command, known or, before there is a mail, any word of four letters; its name."""
    command, _, parameter = line.partition(" ")
    if command.upper() in COMMANDS or (not mailed and len(command) == 4 and command.isalpha()):
        # For Wireshark a command has four letters, and its parameter begins behind the next one.
        say.field("smtp.req.command", line[:4])
        if line[5:]:
            say.field("smtp.req.parameter", line[5:])
    secret = command.upper() == "AUTH" and " " in parameter
    shown = f"{command} {parameter.split(' ')[0]} ********" if secret else line
    say.line("Command", shown)
    say.also(f"smtp command {command.upper()}")
    return command.upper()


begins = text.begins
lines = message.lines
values = message.values
