"""The program: ``zjobs`` and ``python -m zjobs``."""

import sys


def main() -> None:
    """Run the command line; ``--version`` alone answers before anything else is loaded."""
    if sys.argv[1:] == ["--version"]:
        from zjobs import __version__

        print(f"zjobs {__version__}")
        return
    from zjobs.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
