"""Syslog over UDP.

Reference: RFC 3164, section 4; RFC 5424, section 6; RFC 5426.
"""

import re

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes, windows
from zjobs.wire import message
from zjobs.wire.layout import Field, Layout
from zjobs.wire.message import Message, Reader, ascii_text
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

_PRIORITY = re.compile(rb"<(\d{1,3})>")


def begins(buf: Bytes, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
    """A priority in angle brackets, or what was traced of it."""
    first = windows(buf, start, 2)
    digit = (first[:, 1] >= ord("0")) & (first[:, 1] <= ord("9"))
    return np.asarray((end - start >= 2) & (first[:, 0] == ord("<")) & digit)


def decode(data: Reader, say: Message, state: int) -> None:
    """Facility and severity, then the text."""
    raw = data.rest()
    found = _PRIORITY.match(raw)
    if found is None:
        if not say.cut:
            say.fault("syslog.level", data.end - len(raw))
        return
    facility, level = divmod(int(found.group(1)), 8)
    say.field("syslog.facility", facility)
    say.field("syslog.level", level)
    area = FACILITIES[facility] if facility < len(FACILITIES) else str(facility)
    say.summary = f"SYSLOG : {area}.{LEVELS[level]}"
    say.line("Facility", area, ("Severity", LEVELS[level]))
    text = ascii_text(raw[found.end() :])
    if text:
        say.field("syslog.msg", text)
    show(say, "Message", text.splitlines())


lines = message.lines
values = message.values
