"""Options that several commands share."""

from collections.abc import Callable, Mapping
from dataclasses import replace
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
    click.option("--allow-exit", is_flag=True, help="Let USEREXIT(...) load and call a Python function."),
)

_PAGE = (
    click.option("--utc-offset", default="+00:00", metavar="+hh:mm", help="Zone of the traced system, for --local."),
    click.option("--release", type=click.Choice(["2001", "2005", "2009"]), default="2005", show_default=True,
              help="Which generation of the formatter's text to print."),
    click.option("--code-page", default="cp037", show_default=True, metavar="CP", help="EBCDIC code page of dumps."),
    click.option("--export", "export", default="", metavar="FILE", help="Where EXPORT writes (ddname EXPORT)."),
    click.option("--sniffer", default="", metavar="FILE", help="Where SNIFFER writes, as pcap (ddname SNIFFER)."),
)  # fmt: skip


def page_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add what a listing looks like, and where the files beside it go."""
    for decorate in reversed(_PAGE):
        function = decorate(function)
    return function


_FILTERS = (
    click.option(
        "--where", default="", metavar="CONDITION", help="Only packets whose fields meet it: tcp.port == 21 and ..."
    ),
    click.option(
        "--find",
        multiple=True,
        metavar="TEXT|X'hex'",
        help="Only packets that carry it, in ASCII or EBCDIC; repeatable.",
    ),
)


def filter_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add --where and --find to a command."""
    for decorate in reversed(_FILTERS):
        function = decorate(function)
    return function


def selection_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add --options, --start, --stop, --limit, --entidlist and --allow-exit to a command."""
    for decorate in reversed(_SHARED):
        function = decorate(function)
    return function


def parse_selection(asked: Mapping[str, Any]) -> "Options":
    """The option text with START, STOP, LIMIT and ENTIDLIST put into its selection."""
    from zjobs.trace import operands
    from zjobs.trace.grammar import parse

    options = parse(asked["options"])
    select = options.selection
    start = operands.time("--start", asked["start"])
    stop = operands.time("--stop", asked["stop"])
    if start is not None and stop is not None and stop < start:
        raise RequestError("ZJB0208E", detail=f"--stop {asked['stop']} is before --start {asked['start']}")
    ids = operands.entry_ids(asked["entidlist"])
    limit = asked["limit"] if asked["limit"] is not None else select.limit
    select = replace(select, start_ns=start, stop_ns=stop, limit=int(limit), entry_ids=ids)
    return replace(options, selection=replace(select, allow_exit=bool(asked["allow_exit"])))


def offset(text: str) -> int:
    """Seconds east of UTC of +hh:mm or -hh:mm."""
    sign = -1 if text.startswith("-") else 1
    hours, _, minutes = text.lstrip("+-").partition(":")
    if not (hours.isdigit() and (minutes or "0").isdigit() and int(hours) <= 14 and int(minutes or 0) < 60):
        raise click.BadParameter(f"{text!r} is not +hh:mm or -hh:mm", param_hint="--utc-offset")
    return sign * (int(hours) * 3600 + int(minutes or 0) * 60)


def code_page(name: str) -> str:
    """A single-byte EBCDIC code page that Python knows."""
    import codecs
    import contextlib
    from importlib import import_module

    with contextlib.suppress(LookupError, UnicodeDecodeError):
        try:
            codecs.lookup(name)
        except LookupError:
            with contextlib.suppress(ImportError):
                import_module("ebcdic")  # registers cp1047 and its kin
        if b"\xc1".decode(name) == "A":
            return name
    raise click.BadParameter(f"{name!r} is not a single-byte EBCDIC code page", param_hint="--code-page")
