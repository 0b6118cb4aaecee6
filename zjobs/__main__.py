"""The program: ``zjobs`` and ``python -m zjobs``."""

import gc
import os
import sys


def main() -> None:
    """Run the command line; ``--version`` alone answers before anything else is loaded."""
    if sys.argv[1:] == ["--version"]:
        from zjobs import __version__

        print(f"zjobs {__version__}")
        return
    # What is loaded stays: looking for garbage among it every few hundred objects is a tenth of the start.
    gc.set_threshold(100_000)
    # NumPy's linear algebra is not used: its threads would only be started and stopped.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from zjobs import memory

    memory.prepare(sys.argv[1:])
    from zjobs.cli import run

    code = run(sys.argv[1:])
    # Everything is closed and told.  To take the interpreter apart, piece by piece, would cost more than it frees.
    os._exit(code)


if __name__ == "__main__":
    main()
