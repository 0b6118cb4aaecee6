"""Foreign inputs: one format per file, each with ``MAGIC`` (its first bytes) and ``Source``."""
