"""Syslog over UDP.

Reference: RFC 3164, section 4; RFC 5424, section 6; RFC 5426.
"""

import re

from zjobs.wire import message
from zjobs.wire.layout import Field, Layout
from zjobs.wire.message import Message, Reader, utf8_text
from zjobs.wire.text import show

NAME = "syslog"
TITLE = "SYSLOG"
FOUND = {"udp.app": (514,)}

LAYOUT = Layout("SYSLOG", (Field("first", "u8", 0),), 1, "RFC 5424, section 6")

FACILITIES = (
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp",
    "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
)  # fmt: skip
LEVELS = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")

#: Wireshark reads up to three digits, and what is not closed as well.
_PRIORITY = re.compile(rb"<(\d{0,3})(?:>|(?=[^<>]))")


def decode(data: Reader, say: Message, state: int) -> None:
    """Facility and severity, then the text."""
    raw = data.rest()
    found = _PRIORITY.match(raw)
    if (found is None or not found.group(1)) and not say.cut:
        say.fault("syslog.level", data.end - len(raw))
    if found is None:
        say.summary = "SYSLOG : no priority"
        if raw.startswith(b"<"):
            return
    else:
        facility, level = divmod(int(found.group(1) or b"0"), 8)
        say.field("syslog.facility", facility)
        say.field("syslog.level", level)
        area = FACILITIES[facility] if facility < len(FACILITIES) else str(facility)
        say.summary = f"SYSLOG : {area}.{LEVELS[level]}"
        say.line("Facility", area, ("Severity", LEVELS[level]))
        raw = raw[found.end() :]
    # Many senders end the text with a zero, and some pad with them.
    text = utf8_text(raw.partition(b"\0")[0])
    if text:
        say.field("syslog.msg", text)
    show(say, "Message", text.splitlines())


lines = message.lines
values = message.values
