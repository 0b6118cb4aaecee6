"""What the bytes mean: one file per header or protocol.

Every file of this room has the same order: reference, names of values, layout, where it is found and
what comes next, variable parts, listing.  ``layout.py`` declares, ``values.py`` shows.
"""
