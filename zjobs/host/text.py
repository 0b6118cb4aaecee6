"""Text lines to records and back, for data sets in EBCDIC.

Padding is done here and not left to the C library, which fills a short fixed record with X'00'.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from importlib import import_module

from zjobs.errors import RequestError
from zjobs.host.base import DatasetInfo


def codec(encoding: str) -> str:
    """Python's name of a code page, however it is written: ``IBM-1047``, ``ibm1047``, ``1047``, ``cp1047``."""
    with suppress(ImportError):  # Python on z/OS has these code pages built in
        import_module("ebcdic")  # registers cp1047 and its relatives, which CPython lacks
    written = re.fullmatch(r"(?:cp|ibm-?|ccsid ?)?0*(\d{2,5})", encoding.strip().lower())
    found = f"cp{int(written[1]):03}" if written else encoding
    try:
        b"".decode(found)
    except LookupError:
        raise RequestError("ZJB0509E", encoding=encoding) from None
    return found


def encode(lines: Iterable[str], info: DatasetInfo, encoding: str) -> Iterator[bytes]:
    """One record a line, padded for a fixed format; a character outside the code page becomes ``?``."""
    page = codec(encoding)
    blank = " ".encode(page)
    fixed = (info.recfm or "VB").startswith("F")
    limit = (info.lrecl or 32760) - (0 if fixed else 4)
    for number, line in enumerate(lines, 1):
        record = line.encode(page, "replace")
        if len(record) > limit:
            raise RequestError("ZJB0508E", number=number, length=len(record), name=info.name, limit=limit)
        # An empty variable record cannot be told from the end of the data set by the C library.
        yield record.ljust(limit, blank) if fixed else record or blank


def decode(records: Iterable[bytes], encoding: str) -> list[str]:
    """Lines without the blanks a fixed format adds."""
    page = codec(encoding)
    return [record.decode(page).rstrip(" \0") for record in records]
