"""One report per file, found by being there.

A report module has ``NAME`` (the keyword that asks for it), ``ORDER`` (its place among the reports of one
run) and ``Report``, made from a :class:`zjobs.reports.frame.Frame`.  ``Report.add`` puts its text of a batch
into a weave (one row a packet); ``Report.end`` is its text at the end of the run.
"""
