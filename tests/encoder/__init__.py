"""Trace records and data sets built from the specification alone, as a witness against the reader.

Nothing here imports zjobs: a shared mistake would then prove itself. The files built are *synthetic*; they show that
the reader accepts every layout it claims to accept, not how IBM's writer lays out its data set.

    records     trace entries (CTE, packet trace header, data) from packets, socket data and link frames
    containers  data sets, blocks and streams from entries; `CONTAINERS`, `BODIES` and `DATA_SETS` list them by name
    captures    entries from pcap and pcapng files, together with what was put in
"""

from .captures import Frame, Item, Wrapped, read_capture, wrap_pcap
from .containers import BODIES, CONTAINERS, DATA_SETS, LOSSY
from .records import (
    cte,
    data_records,
    frame_records,
    lost_record,
    old_record,
    packet_records,
    smc_extension,
    smc_records,
    tod,
)

__all__ = [
    "BODIES",
    "CONTAINERS",
    "DATA_SETS",
    "LOSSY",
    "Frame",
    "Item",
    "Wrapped",
    "cte",
    "data_records",
    "frame_records",
    "lost_record",
    "old_record",
    "packet_records",
    "read_capture",
    "smc_extension",
    "smc_records",
    "tod",
    "wrap_pcap",
]
