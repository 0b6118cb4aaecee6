"""Data set to table: containers, framing, entries, dissection, selection.

The bytes are found here and understood in ``wire``; the two meet in three arrays: a buffer, starts, ends.
"""
