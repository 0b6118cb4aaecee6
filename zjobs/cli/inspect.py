"""``zjobs inspect``: can this trace be trusted?"""

import sys

import click

from zjobs.options import Global


@click.command(epilog="Example: zjobs inspect trcout01.bin trcout02.bin")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("--as", "format", type=click.Choice(["text", "json"]), default="text", show_default=True,
              help="For people or for programs.")  # fmt: skip
@click.option("--out", "target", default="-", metavar="TARGET", help="Where the report goes; - is standard output.")
@click.pass_obj
def command(settings: Global, sources: tuple[str, ...], format: str, target: str) -> int:
    """Tell what a trace holds, what it lost, and whether it can be trusted.

    For each source: how its records lie, what is named in them, entries by type, time span, order, damage
    with its first place.  For all of them together: duplicates, segments, gaps of the trace counter, packets cut
    short, problems by protocol, interfaces.  The last line is the verdict.  With -v, before the command, the fields
    whose meaning is inferred.

    Return code 0: nothing is damaged or missing.  4: something is; the verdict says what to do.
    """
    from zjobs.jobs.inspect import Request, run

    code, lines = run(Request(sources, format, target), settings)
    if (code or target != "-") and not (target == "-" and format == "text" and sys.stdout.isatty()):
        # The reason of a return code is on standard error too, where batch jobs look for it.
        print(*lines, sep="\n", file=sys.stderr)
    return code
