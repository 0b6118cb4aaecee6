"""Operands that the command line and the CTRACE subcommand share: times and entry ids."""

import re
from datetime import UTC, datetime

from zjobs.errors import RequestError

_IPCS_TIME = re.compile(r"(\d\d)/(\d\d)/(\d{2}|\d{4}),(\d\d)[.:](\d\d)[.:](\d\d)(?:\.(\d{1,6}))?")


def time(option: str, text: str | None, place: str = "") -> int | None:
    """Nanoseconds since 1970 UTC; two-digit years below 70 are of this century.  ``place`` is told of what is none."""
    if text is None:
        return None
    match = _IPCS_TIME.fullmatch(text.strip())
    try:
        if match:
            month, day, year, hour, minute, second = (int(g) for g in match.groups()[:6])
            if len(match[3]) == 2:
                year += 2000 if year < 70 else 1900
            when = datetime(year, month, day, hour, minute, second, int((match[7] or "0").ljust(6, "0")), UTC)
        else:
            when = datetime.fromisoformat(text.strip())
            when = when.replace(tzinfo=UTC) if when.tzinfo is None else when
    except ValueError:
        raise RequestError("ZJB0207E", option=option, value=text, place=place) from None
    since = when - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000_000 + since.microseconds * 1000


def entry_ids(text: str | None) -> tuple[int, ...]:
    """Entry ids 1 to 8, in hex."""
    if text is None:
        return ()
    ids = []
    for word in re.split(r"[ ,]+", text.strip("() ")):
        if not re.fullmatch(r"[0-9A-Fa-f]{1,8}", word) or not 1 <= int(word, 16) <= 8:
            raise RequestError(
                "ZJB0205E", value=word, keyword="ENTIDLIST", position=text.find(word) + 1, allowed="1 to 8"
            )
        ids.append(int(word, 16))
    return tuple(ids)
