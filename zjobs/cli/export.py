"""zjobs export: packets in foreign formats."""

import sys

import click

from zjobs.cli._common import filter_options, parse_selection, selection_options
from zjobs.messages import render
from zjobs.options import Global


@click.command("export")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("--as", "format", required=True, metavar="FORMAT", help="pcapng or jsonl; see below.")
@click.option("--out", "target", required=True, metavar="FILE", help="The file to write; - is standard output.")
@selection_options
@filter_options
@click.pass_obj
def command(settings: Global, /, sources: tuple[str, ...], format: str, target: str, **asked: str) -> int:
    """Write the packets of a trace in another program's format.

    The file is written complete or not at all.  Several sources are one trace, merged by time.

    \b
    pcapng  for Wireshark: one interface block a z/OS interface, direction and original
            length of each packet, what the trace record says of it as a comment.
            Records without a packet (socket data, SMC) are left out and counted.
    jsonl   one JSON object a packet.  Field names are Wireshark's display-filter names
            with Wireshark's values (ip.src, tcp.flags.syn, tcp.analysis.retransmission);
            a field that a packet does not have is absent, one that occurs several times
            is a list.  zos.* is what only the trace knows.

    \b
    Examples:
      zjobs export "//'SYS2.CTRACE.D250102.T142702'" --as pcapng --out /u/net/ftp.pcapng
      zjobs export trace.bin --as jsonl --out - --options 'TCP PORT(21)' | head -1
    """
    from zjobs.jobs.export import Request, run
    from zjobs.jobs.filters import Filters

    filters = Filters(str(asked["where"]), tuple(asked["find"]))
    result = run(Request(sources, format, target, parse_selection(asked), filters), settings)
    if target != "-":
        click.echo(render("ZJB0350I", count=result.count, target=target, format=format))
    for line in result.lines:
        print(line, file=sys.stderr)
    return result.code
