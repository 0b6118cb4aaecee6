"""The CTRACE, SETDEF and COPYTRC subcommands of IPCS, read into what they ask for.

Reference: IPCS Commands, "CTRACE subcommand"; IP Diagnosis Guide, "Formatting component traces".
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from zjobs.errors import RequestError
from zjobs.trace import grammar, operands
from zjobs.trace.grammar import Options
from zjobs.trace.select import Range, Selection
from zjobs.trace.statement import Operand, Statement, inner, named
from zjobs.trace.statement import operands as words

COMPONENTS = ("SYSTCPDA", "SYSTCPOT")


def _spellings(*names: str, **also: str) -> dict[str, str]:
    return {**{n: n for n in names}, **also}


_SOURCE = {"DSNAME": "DSNAME", "DATASET": "DSNAME", "DDNAME": "DDNAME", "FILE": "DDNAME"}
_MESSAGES = ("FLAG", "PRINT", "NOPRINT", "TERMINAL", "NOTERMINAL", "TEST", "NOTEST")
_FORMS = ("SHORT", "SUMMARY", "FULL", "TALLY")
_CTRACE = _spellings(
    "COMP", "SYSNAME", "SUB", "QUERY", *_FORMS, "GMT", "LOCAL", "START", "STOP", "EXCEPTION", "LIMIT", "ENTIDLIST",
    "USEREXIT", "OPTIONS", "ALL", "CURRENT", "ERROR", "TCBERROR", "ASIDLIST", *_MESSAGES,
    TCPERROR="TCBERROR", JOBLIST="JOBLIST", JOBNAME="JOBLIST", OPTION="OPTIONS", **_SOURCE,
)  # fmt: skip
#: The rest of SETDEF is about dumps and about what IPCS shows of itself.
_SETDEF = _spellings(
    *_MESSAGES, "CONFIRM", "NOCONFIRM", "GLOBAL", "LOCAL", "LIST", "NOLIST", "LENGTH", "DISPLAY", "NODISPLAY", "VERIFY",
    "NOVERIFY", "ACTIVE", "MAIN", "STORAGE", "ASID", "CPU", "NOCPU", "MACHINE", "NOMACHINE", "REMARK", "NOREMARK",
    "REQUEST", "NOREQUEST", "STRUCTURE", "SYMBOL", "NOSYMBOL", "NOPROBLEM", "PROBLEM", **_SOURCE,
)  # fmt: skip
_COPYTRC = _spellings(
    "TYPE", "COMP", "SUB", "SYSNAME", "START", "STOP", "ASIDLIST", "OPTIONS", "SPACE", "CONFIRM", "NOCONFIRM",
    "CLEAR", "NOCLEAR", *_MESSAGES, JOBLIST="JOBLIST", JOBNAME="JOBLIST",
    INFILE="INFILE", INDDNAME="INFILE", INDSNAME="INDSNAME", INDATASET="INDSNAME",
    OUTFILE="OUTFILE", OUTDDNAME="OUTFILE", OUTDSNAME="OUTDSNAME", OUTDATASET="OUTDSNAME",
)  # fmt: skip
_NAME = re.compile(r"[A-Z@#$][A-Z0-9@#$]{0,7}")


@dataclass(frozen=True)
class Defaults:
    """What SETDEF has set: the sources, and where output goes (None where it says nothing)."""

    sources: tuple[str, ...] = ()
    print: bool | None = None
    terminal: bool | None = None


@dataclass(frozen=True)
class Ctrace:
    """One CTRACE subcommand.  ``query`` is the component QUERY asks for ("" is all of them), None without QUERY."""

    text: str = ""
    component: str = ""
    subname: str = ""
    sysname: str = ""
    query: str | None = None
    form: str = "SHORT"
    clock: str = "GMT"
    options: Options = field(default_factory=Options)
    defaults: Defaults = field(default_factory=Defaults)
    #: Operands that were understood and change nothing here.
    idle: tuple[str, ...] = ()


@dataclass(frozen=True)
class Copytrc:
    """One COPYTRC subcommand: sources, where the copy goes, which records."""

    sources: tuple[str, ...]
    target: str
    selection: Selection = field(default_factory=Selection)


def ctrace(statement: Statement, defaults: Defaults | None = None) -> Ctrace:
    """Read a CTRACE statement.  Raises RequestError with the place of what is wrong."""
    found = Ctrace(" ".join(statement.text.split()), defaults=defaults or Defaults())
    select = Selection()
    for operand in words(statement):
        name = named(statement, operand, _CTRACE)
        match name:
            case "COMP":
                found = replace(found, component=_component(statement, operand))
            case "SUB":
                found = replace(found, subname=_one(statement, operand, inner(operand)[0]))
            case "SYSNAME":
                found = replace(found, sysname=_one(statement, operand))
            case "QUERY":
                found = replace(found, query=(operand.value or "").strip().upper())
            case "SHORT" | "SUMMARY" | "FULL" | "TALLY":
                found = replace(found, form=name)
            case "GMT" | "LOCAL":
                found = replace(found, clock=name)
            case "OPTIONS":
                found = replace(found, options=_options(statement, operand))
            case "EXCEPTION":
                raise RequestError("ZJB0224E", place=statement.place(operand.at))
            case "ALL" | "CURRENT" | "ERROR" | "TCBERROR":
                found = replace(found, idle=(*found.idle, name) if name != "ALL" else found.idle)
            case "LIMIT":
                select = replace(select, limit=_number(statement, operand, 1, 999999999))
            case "ENTIDLIST":
                with _placed(statement, operand.value_at):
                    select = replace(select, entry_ids=operands.entry_ids(_value(statement, operand)))
            case "USEREXIT":
                select = replace(select, exit_before=_value(statement, operand))
            case _ if name in ("DSNAME", "DDNAME", *_MESSAGES):
                found = replace(found, defaults=_default(found.defaults, statement, operand, name))
            case _:
                select = _records(select, statement, operand, name)
    if not found.component and found.query is None:
        raise RequestError("ZJB0220E", command="CTRACE", place=statement.place(0), detail="it has no COMP and no QUERY")
    _in_order(select)
    return replace(found, options=_both(found.options, select))


def setdef(statement: Statement, defaults: Defaults) -> Defaults:
    """The defaults as a SETDEF statement leaves them."""
    for operand in words(statement):
        name = named(statement, operand, _SETDEF)
        if name in ("DSNAME", "DDNAME", *_MESSAGES):
            defaults = _default(defaults, statement, operand, name)
    return defaults


def copytrc(statement: Statement, defaults: Defaults) -> Copytrc:
    """Read a COPYTRC statement.  Raises RequestError with the place of what is wrong."""
    sources: tuple[str, ...] = ()
    target, select = "", Selection()
    for operand in words(statement):
        name = named(statement, operand, _COPYTRC)
        match name:
            case "TYPE":
                if _value(statement, operand).upper() != "CTRACE":
                    _refuse(statement, operand, "CTRACE")
            case "COMP":
                _component(statement, operand)
            case "INFILE" | "INDSNAME":
                sources += tuple(_source(name, one) for one in re.split(r"[ ,]+", _value(statement, operand)))
            case "OUTFILE" | "OUTDSNAME":
                target = _source(name, _value(statement, operand))
            case "START" | "STOP" | "ASIDLIST" | "JOBLIST":
                select = _records(select, statement, operand, name)
    if not target:
        raise RequestError(
            "ZJB0220E", command="COPYTRC", place=statement.place(0), detail="it has no OUTFILE and no OUTDSNAME"
        )  # fmt: skip
    _in_order(select)
    return Copytrc(sources or defaults.sources, target, select)


def _default(defaults: Defaults, statement: Statement, operand: Operand, name: str) -> Defaults:
    match name:
        case "DSNAME" | "DDNAME":
            return replace(defaults, sources=(_source(name, _value(statement, operand)),))
        case "PRINT" | "NOPRINT":
            return replace(defaults, print=name == "PRINT")
        case "TERMINAL" | "NOTERMINAL":
            return replace(defaults, terminal=name == "TERMINAL")
    return defaults


def _records(select: Selection, statement: Statement, operand: Operand, name: str) -> Selection:
    """START, STOP, ASIDLIST, JOBLIST: which records."""
    value = _value(statement, operand)
    match name:
        case "START":
            return replace(select, start_ns=_time(statement, operand, value))
        case "STOP":
            return replace(select, stop_ns=_time(statement, operand, value))
        case "ASIDLIST":
            ranges = tuple(_range(statement, operand, one) for one in re.split(r"[ ,]+", value))
            return replace(select, numbers={**select.numbers, "asid": ranges})
    jobs = tuple(one.upper()[:8] for one in re.split(r"[ ,]+", value))
    return replace(select, joblist=select.joblist + jobs)


def _time(statement: Statement, operand: Operand, value: str) -> int | None:
    place = f" at position {statement.place(operand.value_at or operand.at)}"
    return operands.time(operand.name.upper(), value, place)


def _in_order(select: Selection) -> None:
    if select.start_ns is not None and select.stop_ns is not None and select.stop_ns < select.start_ns:
        raise RequestError("ZJB0208E", detail="STOP is before START")


def _both(options: Options, select: Selection) -> Options:
    """The filters of OPTIONS with those of the subcommand; the smaller LIMIT holds."""
    own = options.selection
    merged = replace(
        own, start_ns=select.start_ns, stop_ns=select.stop_ns, entry_ids=select.entry_ids, joblist=select.joblist,
        exit_before=select.exit_before, limit=min(own.limit, select.limit), numbers={**own.numbers, **select.numbers},
    )  # fmt: skip
    return replace(options, selection=merged)


def _options(statement: Statement, operand: Operand) -> Options:
    text, start = inner(operand)
    with _placed(statement, start):
        return grammar.parse(text)


@contextmanager
def _placed(statement: Statement, start: int) -> Iterator[None]:
    """Refusals of a part of the statement, with the place in the whole."""
    try:
        yield
    except RequestError as error:
        position = error.values.get("position")
        if not isinstance(position, int):
            raise
        place = statement.place(start + position - 1)
        raise RequestError(error.id, **{**error.values, "position": place}) from None


def _value(statement: Statement, operand: Operand) -> str:
    value = (operand.value or "").strip()
    if not value:
        raise RequestError(
            "ZJB0223E", value="nothing", place=statement.place(operand.at), operand=operand.name.upper(),
            command=statement.verb, allowed="an operand in parentheses",
        )  # fmt: skip
    return value


def _refuse(statement: Statement, operand: Operand, allowed: str) -> None:
    raise RequestError(
        "ZJB0223E", value=operand.value or "nothing", place=statement.place(operand.value_at or operand.at),
        operand=operand.name.upper(), command=statement.verb, allowed=allowed,
    )  # fmt: skip


def _component(statement: Statement, operand: Operand) -> str:
    name = _value(statement, operand).upper()
    if name not in COMPONENTS:
        _refuse(statement, operand, f"{' or '.join(COMPONENTS)}; zjobs formats packet traces")
    return name


def _one(statement: Statement, operand: Operand, text: str | None = None) -> str:
    name = (_value(statement, operand) if text is None else text).strip().upper()
    if not _NAME.fullmatch(name):
        _refuse(statement, operand, "one name of 1 to 8 characters")
    return name


def _number(statement: Statement, operand: Operand, low: int, high: int) -> int:
    number = _plain(_value(statement, operand))
    if not low <= number <= high:
        _refuse(statement, operand, f"{low} to {high}")
    return number


def _range(statement: Statement, operand: Operand, text: str) -> Range:
    low_text, colon, high_text = text.partition(":")
    low = _plain(low_text)
    high = _plain(high_text) if colon else low
    if not 1 <= low <= high <= 65535:
        _refuse(statement, operand, "address space ids 1 to 65535, decimal or X'hhhh', or low:high")
    return Range(low, high)


def _plain(text: str) -> int:
    """A decimal or hexadecimal number; -1 for what is none."""
    hexadecimal = re.fullmatch(r"[Xx]'([0-9A-Fa-f]{1,8})'", text)
    if hexadecimal:
        return int(hexadecimal[1], 16)
    return int(text) if re.fullmatch(r"[0-9]{1,10}", text) else -1


def _source(name: str, text: str) -> str:
    """A data set or ddname as SOURCE and TARGET are written."""
    return f"//DD:{text.upper()}" if name in ("DDNAME", "INFILE", "OUTFILE") else f"//'{text.strip(chr(39)).upper()}'"
