"""What can go wrong with a job, by whose fault it is.

Exceptions are for the job, never for a packet: damaged data becomes a problem row
(:mod:`zjobs.trace.problems`).  Each error carries a message id of the catalogue
(:mod:`zjobs.messages`) and the return code the command ends with.
"""

from zjobs.messages import render


class ZjobsError(Exception):
    """Root of all errors; never raised itself.

    ``id`` is a message id such as ``ZJB0101E``; the keyword values fill its text.
    """

    return_code = 12

    def __init__(self, id: str, /, **values: object) -> None:
        self.id = id
        self.values = values
        super().__init__(render(id, **values))


class RequestError(ZjobsError):
    """The request cannot be understood or carried out as asked: the user can correct it."""

    return_code = 8


class DataError(ZjobsError):
    """A source cannot be used as trace data."""

    return_code = 8


class HostError(ZjobsError):
    """The system refused, or did not answer."""

    return_code = 12


class InternalError(ZjobsError):
    """zjobs itself is at fault."""

    return_code = 12
