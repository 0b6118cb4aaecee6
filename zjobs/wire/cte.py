"""Component trace entry (CTE): header, data area, epilog.

Reference: IP Programmer's Guide and Reference, "Format of trace records"; MVS Authorized Assembler
Services Guide, "Understanding the fields in a CTE".
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from zjobs.wire.layout import Field, Layout

#: CTEFMTID: mnemonic and description columns of the record line.  Ids 1 to 3 are no longer written.
FORMAT_IDS = {
    1: ("PACKET", "Packet Trace"),
    2: ("X25", "X25 Trace"),
    3: ("EE", "EE"),
    4: ("PACKET", "Packet Trace"),
    5: ("DATA", "Data Trace"),
    6: ("EE", "EE"),
    7: ("OSAENTA", "OSAENTA"),
    8: ("SMC", "SMC"),
}
OLD_IDS = (1, 2, 3)
DATA_TRACE = 5
OSAENTA = 7
SMC = 8

LAYOUT = Layout(
    "CTE",
    (
        Field("lenp", "u16", 0, "CTELENP"),
        Field("off", "u16", 2, "CTEOFF"),
        Field("fmtid", "u32", 4, "CTEFMTID"),
        Field("time", "tod", 8, "CTETIME"),
    ),
    16,
    "IP Programmer's Guide and Reference, Format of trace records",
)

HEADER = 16
EPILOG = 2
MIN_LENGTH = HEADER + EPILOG

#: The largest trailing surplus that an even-size pad can explain; more is reported.
MAX_PAD = 7

#: 1900-01-01 to 1970-01-01, and one wrap of the 64-bit clock (2042-09-17), in microseconds.
_UNIX_EPOCH_US = 2208988800000000
_WRAP_US = 1 << 52


def unix_ns(tod: NDArray[Any], leap_seconds: int = 0) -> NDArray[np.int64]:
    """Nanoseconds since 1970-01-01 UTC of 64-bit TOD-clock values.

    A value with bit 0 off belongs to the epoch after 2042 (IPCS Customization, TOD clock service).
    """
    raw = tod.astype(np.uint64, copy=False)
    us = (raw >> np.uint64(12)).astype(np.int64)
    us = us + np.where(raw >> np.uint64(63) == 0, _WRAP_US, 0) - (_UNIX_EPOCH_US + leap_seconds * 1_000_000)
    fraction = (raw & np.uint64(0xFFF)).astype(np.int64)
    return np.asarray(us * 1000 + (fraction * 1000 >> 12), dtype=np.int64)


#: CTETIME of 1990-01-01; with the epoch rule every later value up to 2114 is plausible.
EARLIEST = (_UNIX_EPOCH_US + 631_152_000_000_000) << 12
