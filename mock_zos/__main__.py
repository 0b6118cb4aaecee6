"""``python -m mock_zos init|show|alloc DIR``: make a simulated LPAR, and look at it from outside."""

import dataclasses
import json
import shutil
import sys
import time
from pathlib import Path

import click

from mock_zos.lpar import Lpar, NotAnLpar, create, utc
from mock_zos.records import CONTAINERS
from mock_zos.state import State

_DIRECTORY = click.Path(path_type=Path, file_okay=False)


@click.group()
def main() -> None:
    """A simulated LPAR, its state in a directory."""


@main.command()
@click.argument("directory", type=_DIRECTORY)
@click.option("--traffic", multiple=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--link",
    "links",
    multiple=True,
    default=["ETH1"],
    show_default=True,
    help="Link of each capture: NAME, or NAME:STACK.",
)
@click.option("--stack", "stacks", multiple=True, default=["TCPIP"], show_default=True, help="Repeatable.")
@click.option("--system", default="SYSA", show_default=True)
@click.option(
    "--release", type=click.Choice(["1.3.6", "1.4.0"]), default="1.4.0", show_default=True, help="ZOAU level."
)
@click.option("--home", multiple=True, help="Address of this system; default: the server's in the captures.")
@click.option("--deny", multiple=True, metavar="TEXT", help="Commands that begin so are not authorised; repeatable.")
@click.option("--container", type=click.Choice(CONTAINERS), default=CONTAINERS[0], show_default=True)
def init(
    directory: Path,
    traffic: tuple[Path, ...],
    links: tuple[str, ...],
    stacks: tuple[str, ...],
    system: str,
    release: str,
    home: tuple[str, ...],
    deny: tuple[str, ...],
    container: str,
) -> None:
    """Make an LPAR in DIRECTORY; captures are replayed when a trace begins to record."""
    if directory.exists() and any(directory.iterdir()):
        raise click.ClickException(f"{directory} is not empty")
    names = [stack.upper() for stack in stacks]
    state = State(
        int(time.time() * 1_000_000), system.upper(), names[0], zoau=release, container=container, stacks=names
    )
    state.home, state.denied = list(home), [text.upper() for text in deny]
    # A capture without a link of its own passes on the last one named.
    placed = [(path, links[min(number, len(links) - 1)].upper()) for number, path in enumerate(traffic)]
    try:
        create(directory, state, placed, (link.upper() for link in links))
    except ValueError as error:
        shutil.rmtree(directory)
        raise click.ClickException(str(error)) from None
    click.echo(f"{directory}: system {state.system}, stack {state.stack}, {len(traffic)} captures to replay")


@main.command()
@click.argument("directory", type=_DIRECTORY)
@click.option("--as", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def show(directory: Path, form: str) -> None:
    """Tell what is active, and what data sets there are."""
    found = summary(_lpar(directory))
    if form == "json":
        click.echo(json.dumps(found, indent=2))
        return
    for key, value in found.items():
        if isinstance(value, list):
            click.echo(f"{key}:" + ("" if value else " none"))
            for item in value[-12:]:
                click.echo("  " + (item if isinstance(item, str) else "  ".join(f"{k}={v}" for k, v in item.items())))
        else:
            click.echo(f"{key}: {value}")


@main.command()
@click.argument("directory", type=_DIRECTORY)
@click.argument("ddname")
@click.argument("dsname")
def alloc(directory: Path, ddname: str, dsname: str) -> None:
    """Allocate the data set DSNAME to DDNAME, for //DD: names."""
    _lpar(directory).allocate(ddname, dsname)


def summary(lpar: Lpar) -> dict[str, object]:
    """What ``show`` tells; the lists are empty when nothing is active."""
    state = lpar.state
    return {
        "system": state.system,
        "stack": state.stack,
        "stacks": state.stacks,
        "time": utc(state.now).isoformat(),
        "home": state.home,
        "writers": [
            {"name": w.name, "status": w.status, "wrap": w.wrap, "datasets": w.datasets, "bytes": w.bytes}
            for w in state.writers
        ],
        "components": [
            {"component": t.component, "sub": t.sub, "mode": t.mode, "buffer": t.buffer, "writer": t.writer}
            for t in state.subtraces
            if t.mode != "OFF"
        ],
        "filters": [
            {"link": link.name, **dataclasses.asdict(setting)}
            for link in state.links
            if link.filter == "ON"
            for setting in link.settings
        ]
        + [{"data trace": one.stack, **dataclasses.asdict(one)} for one in state.data if one.filter == "ON"]
        + [{"osa": port.name, **dataclasses.asdict(port)} for port in state.osas if port.filter == "ON"],
        "wtors": [{"number": number, "text": text} for number, text in lpar.outstanding()],
        "jobs": [{"id": job.id, "name": job.name, "status": job.status, "code": job.code} for job in state.jobs],
        "datasets": [{"name": name, **lpar.datasets.attributes(name)} for name in lpar.datasets.names()],
        "syslog": [f"{utc(line.time):%Y-%m-%d %H:%M:%S} {line.text}" for line in lpar.log()],
    }


def _lpar(directory: Path) -> Lpar:
    try:
        return Lpar(directory)
    except NotAnLpar as error:
        raise click.ClickException(f"{directory} is not a simulated LPAR: {error}") from None


if __name__ == "__main__":
    sys.exit(main())
