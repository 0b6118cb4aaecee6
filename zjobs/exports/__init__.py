"""Foreign outputs: one format per file, each with ``NAME``, ``ABOUT`` and ``write(trace, sink) -> int``.

``write`` reads the trace once, writes bytes to the sink, and returns the number of packets written.
"""
