"""``zjobs list``: what is built in."""

import click

KINDS = ("protocols", "reports", "exports", "sources", "hosts")


@click.command(epilog="Example: zjobs list protocols")
@click.argument("kind", type=click.Choice(KINDS))
def command(kind: str) -> int:
    """Name what this zjobs knows: one line each, with the sentence that describes it.

    A protocol, report, export, source or host is one file of its room; what is listed is what is there.
    """
    from zjobs import registry

    rooms = {
        "protocols": ("zjobs.wire", "NAME"),
        "reports": ("zjobs.reports", "NAME"),
        "exports": ("zjobs.exports", "NAME"),
        "sources": ("zjobs.sources", "MAGIC"),
        "hosts": ("zjobs.host", "open"),
    }
    package, having = rooms[kind]
    found = {}
    for name, module in registry.members(package, having).items():
        title = str(getattr(module, "NAME", name))
        found[title] = (module.__doc__ or "").strip().split("\n", 1)[0]
    width = max(map(len, found))
    for title, sentence in sorted(found.items()):
        click.echo(f"{title:<{width}}  {sentence}")
    return 0
