"""A simulated LPAR: console, stack, writer, catalogue and virtual clock, with its state in a directory.

It shares the lifecycle tables and the Host type with zjobs and nothing else: it parses command text
itself, prints messages from its own catalogue and builds trace records itself.
"""
