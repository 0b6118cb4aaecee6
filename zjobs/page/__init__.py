"""Typesetting: the grid of the listings, hex dumps, headings.  Knows no protocol."""
