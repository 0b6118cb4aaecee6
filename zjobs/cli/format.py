"""``zjobs format``: listings as IPCS CTRACE prints them."""

import sys

import click

from zjobs.cli._common import code_page, filter_options, offset, page_options, parse_selection, selection_options
from zjobs.options import Global


@click.command(epilog="Example: zjobs format --full --options 'FTP(20,21) IPADDR(192.0.2.10)' --out full.txt trace.bin")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("--short", "form", flag_value="SHORT", default=True, help="FORMAT: every record decoded (the default).")
@click.option("--full", "form", flag_value="FULL", help="FORMAT and DUMP: decoded, and its bytes in hex.")
@click.option("--summary", "form", flag_value="SUMMARY", help="One or two lines a packet.")
@click.option("--tally", "form", flag_value="TALLY", help="Counters and tables only; STATISTICS(DETAIL).")
@click.option("--packets", "form", flag_value="PACKETS", help="One line a packet with a message in words.")
@click.option("--sequence", "form", flag_value="SEQUENCE", help="Who said what to whom, and the time it took.")
@click.option("--details", "form", flag_value="DETAILS", help="All about each packet, with its bytes.")
@selection_options
@filter_options
@click.option(
    "--comp", default="", metavar="COMP", help="SYSTCPDA or SYSTCPOT; checked against the data where it tells."
)
@click.option(
    "--sub", default="", metavar="STACK", help="Name of the TCP/IP procedure; compared with the data where it tells."
)
@click.option("--gmt", "clock", flag_value="GMT", default=True, help="Times in UTC (the default).")
@click.option("--local", "clock", flag_value="LOCAL", help="Times in the zone of --utc-offset.")
@page_options
@click.option("--out", "target", default="-", metavar="TARGET", help="Where the listing goes; - is standard output.")
@click.pass_obj
def command(settings: Global, /, sources: tuple[str, ...], **asked: str) -> int:
    """Print a trace as IPCS CTRACE COMP(SYSTCPDA) does, without IPCS.

    OPTIONS takes the words of OPTIONS((...)), cut short as in IPCS: FTP(20,21) IPADDR(10.0.0.0/8-443) PROT(6)
    FLAGS(SYN) RECORDS(1:100) STAT OPTION EBCDIC.  A report named there replaces --short, --full, --summary
    and --tally.  EXPORT writes comma-separated values and SNIFFER a pcap file beside the listing; giving --export
    or --sniffer asks for them.

    --where takes a condition over the field names of export --as jsonl: names and values are Wireshark's, ==, !=, <,
    >, in (a network, {a, b} or low..high), contains, matches, and, or, not; the name of a protocol alone is one, too
    (dns and ip.addr == 192.0.2.1).  --find looks for text in ASCII and several EBCDIC code pages at once, also where
    it is spread over two segments.

    A TARGET that is a data set is written RECFM=FBA, LRECL=133, in EBCDIC with ASA carriage control, complete
    or not at all.
    """
    from zjobs.jobs.filters import Filters
    from zjobs.jobs.format import FILES, Request, run

    options = parse_selection(asked)
    request = Request(
        sources,
        form=asked["form"],
        options=options,
        component=asked["comp"].upper(),
        subname=asked["sub"].upper(),
        clock=asked["clock"],
        utc_offset=offset(asked["utc_offset"]),
        release=asked["release"],
        code_page=code_page(asked["code_page"]),
        target=asked["target"],
        filters=Filters(asked["where"], tuple(asked["find"])),
        files={name: asked[name.lower()] for name in FILES if asked[name.lower()]},
    )
    code, lines = run(request, settings)
    for line in lines:
        print(line, file=sys.stderr)
    return code
