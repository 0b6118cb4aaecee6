"""zjobs demo: the whole story on a simulated LPAR."""

import tempfile
from pathlib import Path

import click

from zjobs.jobs import demo


@click.command("demo", epilog="Example: zjobs demo")
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Make the simulated LPAR in DIR and leave it there; without it, a temporary one is removed at the end.",
)
@click.pass_context
def command(ctx: click.Context, keep: Path | None) -> None:
    """Start a trace, prove that it counts, stop it and read it, on a simulated LPAR with real packets.

    With -v every line the console answers is shown.
    """
    if keep:
        code = demo.run(keep, click.echo, ctx.obj.verbose)
        click.echo(f"\nThe system is in {keep}. Go on with:\n")
        click.echo(f"  python -m mock_zos show {keep}")
        click.echo(f"  zjobs --host mock:{keep} capture start examples/ftp-hang.yaml")
        ctx.exit(code)
    with tempfile.TemporaryDirectory(prefix="zjobs-demo-") as directory:
        code = demo.run(Path(directory) / "lpar", click.echo, ctx.obj.verbose)
    ctx.exit(code)
