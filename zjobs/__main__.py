"""``python -m zjobs``."""

from zjobs.cli import main

main()
