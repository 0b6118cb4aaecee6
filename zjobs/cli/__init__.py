"""The command line: one file per command, loaded when it is asked for."""

import os
import sys
from pathlib import Path

import click

from zjobs import __version__
from zjobs.errors import ZjobsError
from zjobs.messages import render
from zjobs.options import Global


class Commands(click.Group):
    """Commands found by being there; a command that nobody asked for is never imported."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the files beside this one."""
        from zjobs import registry

        return [name.rstrip("_") for name in registry.names("zjobs.cli")]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The ``command`` of the file with that name (``list_`` where the name is a Python word)."""
        from importlib import import_module

        for module in (name, f"{name}_"):
            if (Path(__file__).parent / f"{module}.py").exists() and not module.startswith("_"):
                command: click.Command = import_module(f"zjobs.cli.{module}").command
                return command
        return None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name near misses of a command that is not known."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError:
            import difflib

            near = difflib.get_close_matches(args[0], self.list_commands(ctx), 3)
            hint = f"; near: {', '.join(near)}" if near else f"; commands: {', '.join(self.list_commands(ctx))}"
            raise click.UsageError(f"no command {args[0]!r}{hint}") from None


@click.command(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example: zjobs format --summary //'SYS2.CTRACE.D250102.T142702'",
)
@click.version_option(__version__, "--version", prog_name="zjobs", message="%(prog)s %(version)s")
@click.option("--host", default=lambda: os.environ.get("ZJOBS_HOST", "auto"), show_default="auto",
              metavar="auto|zoau|files|mock:DIR", help="The system to work on.")  # fmt: skip
@click.option("--layout", type=click.Path(path_type=Path), help="Layout file of the packet trace header (PTHDR).")
@click.option("--home", multiple=True, metavar="ADDR", help="An address of the traced system; may be repeated.")
@click.option("-v", "--verbose", is_flag=True, help="Say more, with the confidence of inferred fields.")
@click.option("--debug", is_flag=True, help="Show a traceback when zjobs itself fails.")
@click.pass_context
def root(ctx: click.Context, host: str, layout: Path | None, home: tuple[str, ...], verbose: bool, debug: bool) -> None:
    """z/OS network packet traces without IPCS: capture, read, list, diagnose, export.

    SOURCE is a path, //'DATA.SET.NAME', //DD:NAME, or - for standard input.  Trace data sets of the CTRACE
    external writer are read in whatever form they arrive; pcap and pcapng files are sources too.  TARGET is
    a path, a data set, //'PDS(MEMBER)', //DD:NAME, or -.

    \b
    Return codes: 0 fine; 4 done, with warnings; 8 the request or the data cannot be used;
    12 the system refused or did not answer.
    """
    ctx.obj = Global(host, layout, home, verbose, debug)


def run(arguments: list[str]) -> int:
    """The return code of a command line; all of its output is written, or it is told that it could not be."""
    code = _run(arguments)
    try:
        print(end="", flush=True)
    except BrokenPipeError:
        _nobody_reads()
    except OSError as error:
        if code < 8:
            _say(render("ZJB0302E", detail=error.strerror or str(error)))
            code = 8
    return code


def _run(arguments: list[str]) -> int:
    try:
        result = root.main(arguments, prog_name="zjobs", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except ZjobsError as error:
        _say(str(error))
        return error.return_code
    except click.ClickException as error:
        # A message is one line; of a missing choice click makes a list.
        _say(render("ZJB0001E", detail=" ".join(error.format_message().split())))
        return 8
    except (KeyboardInterrupt, click.exceptions.Abort):
        _say(render("ZJB0003E", signal="a signal"))
        return 12
    except BrokenPipeError:
        return _nobody_reads()
    except SystemExit as error:
        # No command ends with 1; it is what click makes of a broken pipe.
        if error.code == 1:
            return _nobody_reads()
        return error.code if isinstance(error.code, int) else 0
    except Exception as error:
        if "--debug" in arguments:
            import traceback

            traceback.print_exc()
        _say(render("ZJB0002E", detail=f"{type(error).__name__}: {error}"))
        return 12


def _nobody_reads() -> int:
    """Whoever read our output went away (``| head``); there is nobody left to tell, and nothing wrong."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return 0


def _say(line: str) -> None:
    print(line, file=sys.stderr)
