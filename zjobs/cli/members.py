"""zjobs members: PROC, PARMLIB member, commands and JCL of a profile."""

from pathlib import Path

import click

from zjobs.host import open_host
from zjobs.jobs import members as job
from zjobs.jobs import profile as profiles
from zjobs.lifecycle.guests import Guest
from zjobs.members.kinds import KINDS
from zjobs.members.render import members, script
from zjobs.messages import render


@click.command("members", epilog="Example: zjobs members ftp-hang.yaml --to members/")
@click.argument("profile")
@click.option("--only", multiple=True, type=click.Choice(list(KINDS)), help="Make only this kind; repeatable.")
@click.option("--to", "target", metavar="DIR|PDS", help="A directory, or a library such as //'USER.PROCLIB'.")
@click.option(
    "--templates",
    envvar="ZJOBS_TEMPLATES",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A site's own templates and site.yaml (or ZJOBS_TEMPLATES); those it lacks are zjobs' own.",
)
@click.option("--submit", "submitted", is_flag=True, help="Submit the job that --only names.")
@click.pass_context
def command(
    ctx: click.Context,
    profile: str,
    only: tuple[str, ...],
    target: str | None,
    templates: Path | None,
    submitted: bool,
) -> None:
    """Write the members that a capture needs: writer PROC, PARMLIB member, commands, JCL.

    \b
    zjobs members ftp-hang.yaml                                    show all of them
    zjobs members ftp-hang.yaml --only proc --to "//'USER.PROCLIB'"
    zjobs members ftp-hang.yaml --only batch --submit
    """
    host = open_host(ctx.obj.host)
    found = profiles.read(profile, host)
    made = [script(found, templates)] if isinstance(found, Guest) else members(found, only, templates)
    if submitted:
        for member, number in job.submit(made, host):
            click.echo(render("ZJB0608I", member=member.name, job=number))
        return
    if target:
        for member, place in job.write(made, target, host):
            click.echo(render("ZJB0601I", kind=member.kind, member=member.name, target=place))
        return
    for member in made:
        if len(made) > 1:
            click.echo(render("ZJB0606I", kind=member.kind, member=member.name, about=KINDS[member.kind].about))
        click.echo("\n".join(member.lines))
