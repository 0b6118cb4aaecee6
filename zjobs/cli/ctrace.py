"""``zjobs ctrace``: a CTRACE statement of IPCS, or a whole deck."""

import sys

import click

from zjobs.cli._common import code_page, offset, page_options
from zjobs.options import Global


@click.command()
@click.argument("words", nargs=-1, metavar="[STATEMENT] [SOURCE]...")
@click.option("--deck", default="", metavar="FILE", help="A file of IPCS statements, such as that of SYSTSIN.")
@click.option("--dd", "dds", multiple=True, metavar="NAME=PATH", help="What a ddname stands for; may be repeated.")
@page_options
@click.option("--allow-exit", is_flag=True, help="Let USEREXIT(...) load and call a Python function.")
@click.option("--out", "target", default="", metavar="TARGET", help="Where print goes, in place of ddname IPCSPRNT.")
@click.pass_obj
def command(settings: Global, /, words: tuple[str, ...], dds: tuple[str, ...], **asked: str) -> int:
    """Carry out a CTRACE statement as IPCS does, or a whole deck of SYSTSIN.

    STATEMENT is CTRACE with its operands, abbreviated, continued and commented as IPCS takes it; SHORT and GMT
    are the defaults.  DSNAME and DDNAME name the source, or a SOURCE behind the statement does.  Off z/OS --dd
    says what a ddname stands for; given twice, the two are read as one.

    A deck may hold IPCS, DROPD, SETDEF, CTRACE, MERGE and MERGEEND, COPYTRC and END; other commands are
    named in a warning and skipped.  Print goes to --out, to ddname IPCSPRNT, or to standard output.  EXPORT and
    SNIFFER write to --export and --sniffer, or to the ddnames of those names.

    \b
    Examples:
      zjobs ctrace 'CTRACE COMP(SYSTCPDA) SUB((TCPIP)) OPTIONS((FTP(20,21))) FULL GMT' trace.bin
      zjobs ctrace 'CTRACE DDNAME(TRACE) COMP(SYSTCPDA) OPT((TALLY))' --dd TRACE=trace.bin
      zjobs ctrace 'CTRACE QUERY DSNAME(SYS2.CTRACE.D250102)'
      zjobs ctrace --deck ipcs.deck --dd TRACE=trace.bin --dd IPCSPRNT=listing.txt
    """
    from zjobs.jobs.ctrace import Request, ddname, run

    deck = asked["deck"]
    if not deck and not words:
        raise click.UsageError("give a CTRACE statement, or a deck with --deck")
    names: dict[str, tuple[str, ...]] = {}
    for name, path in [ddname(text) for text in dds]:
        names[name] = (*names.get(name, ()), path)
    names |= {name.upper(): (asked[name],) for name in ("export", "sniffer") if asked[name]}
    request = Request(
        text="" if deck else words[0],
        deck=deck,
        sources=words if deck else words[1:],
        dds=names,
        target=asked["target"],
        utc_offset=offset(asked["utc_offset"]),
        release=asked["release"],
        code_page=code_page(asked["code_page"]),
        allow_exit=bool(asked["allow_exit"]),
    )
    code, lines = run(request, settings)
    for line in lines:
        print(line, file=sys.stderr)
    return code
