"""Options that several commands share."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from zjobs.errors import RequestError

if TYPE_CHECKING:
    from zjobs.trace.grammar import Options

_SHARED = (
    click.option("--options", "options", default="", metavar="TEXT", help="Words of IPCS OPTIONS((...))."),
    click.option(
        "--start", default=None, metavar="TIME", help="First record: mm/dd/yy,hh.mm.ss.dddddd or ISO 8601 (UTC)."
    ),
    click.option("--stop", default=None, metavar="TIME", help="Last record, in the same form."),
    click.option("--limit", default=None, type=click.IntRange(1, 999999999), metavar="N", help="At most N records."),
    click.option("--entidlist", default=None, metavar="ID[,ID]", help="Only records with these entry ids (1 to 8)."),
)


_FILTERS = (
    click.option(
        "--where", default="", metavar="CONDITION", help="Only packets whose fields meet it: tcp.port == 21 and ..."
    ),
    click.option(
        "--find", multiple=True, metavar="TEXT|X'hex'",
        help="Only packets that carry it, in ASCII or EBCDIC; repeatable.",
    ),  # fmt: skip
)


def filter_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add --where and --find to a command."""
    for decorate in reversed(_FILTERS):
        function = decorate(function)
    return function


def selection_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add --options, --start, --stop, --limit and --entidlist to a command."""
    for decorate in reversed(_SHARED):
        function = decorate(function)
    return function


def parse_selection(asked: Mapping[str, Any]) -> "Options":
    """The option text with START, STOP, LIMIT and ENTIDLIST put into its selection."""
    from zjobs.trace.grammar import parse

    options = parse(asked["options"])
    select = options.selection
    start = _time("--start", asked["start"])
    stop = _time("--stop", asked["stop"])
    if start is not None and stop is not None and stop < start:
        raise RequestError("ZJB0208E", detail=f"--stop {asked['stop']} is before --start {asked['start']}")
    ids = _ids(asked["entidlist"])
    limit = asked["limit"] if asked["limit"] is not None else select.limit
    return replace(options, selection=replace(select, start_ns=start, stop_ns=stop, limit=int(limit), entry_ids=ids))


_IPCS_TIME = re.compile(r"(\d\d)/(\d\d)/(\d{2}|\d{4}),(\d\d)[.:](\d\d)[.:](\d\d)(?:\.(\d{1,6}))?")


def _time(option: str, text: str | None) -> int | None:
    """Nanoseconds since 1970 UTC; two-digit years below 70 are of this century."""
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
        raise RequestError("ZJB0207E", option=option, value=text) from None
    since = when - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000_000 + since.microseconds * 1000


def _ids(text: str | None) -> tuple[int, ...]:
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
