"""What a trace record says of its packet, as one line of text."""

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import Chars, by_value, constant, decimal, from_texts, hexadecimal, joined, only
from zjobs.trace.table import Direction, Table
from zjobs.trace.trace import Trace


def of(trace: Trace, table: Table) -> Chars:
    """``z/OS record 7: SYS1 SYSTCPDA TCPIP, ETH1 out, ASID 0045, TCB 006FF1D8, drop 4102 (IP_BAD_CKSUM)``.

    Empty for packets that do not come from a trace record.
    """
    count = len(table)
    layout = table.context.header
    has = table.header >= 0
    if not has.any():
        return constant("", count)
    texts = [" ".join(filter(None, (i.sysname, i.component, i.subname))) for i in trace.context.infos]
    source = from_texts([f": {t}" if t else "" for t in texts] or [""]).take(table.source)
    name = from_texts([f", {t}" if t else "" for t in table.interface_names()]).take(table.interface)
    way = by_value(table.direction, lambda d: {Direction.IN: " in", Direction.OUT: " out"}.get(d, ""))
    parts = [constant("z/OS record ", count), decimal(table.number), source, name, way]
    for label, field, digits in (("ASID", "asid", 4), ("TCB", "tcb", 8)):
        if layout.has(field):
            value = np.where(has, table.pthdr[field], 0)
            shown = joined(constant(f", {label} ", count), hexadecimal(value, digits))
            parts.append(only(value != 0, shown))
    device = np.where(has, table.pthdr["devty"], 0)
    parts.append(_named(device, "device", layout.devices))
    if layout.has("droprsn"):
        parts.append(_named(np.where(has, table.pthdr["droprsn"], 0), "drop", layout.discards))
    cut = joined(constant(", abbreviated from ", count), decimal(table.original))
    parts.append(only(table.original > table.traced, cut))
    return only(has, joined(*parts))


def _named(values: NDArray[np.int64], label: str, names: dict[int, str]) -> Chars:
    """``, drop 4102 (IP_BAD_CKSUM)``; nothing for zero."""

    def text(value: int) -> str:
        name = f" ({names[value]})" if value in names else ""
        return f", {label} {value}{name}" if value else ""

    return by_value(values, text)
