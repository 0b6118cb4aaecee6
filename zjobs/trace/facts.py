"""What the record says of a packet beside its bytes: ``frame.*`` for every source, ``zos.*`` for trace records.

Names and their meaning: design, "export --as jsonl".  A fact that the source does not record is absent.
"""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import Chars, by_value, constant, decimal, either, from_texts, joined, zero_filled
from zjobs.columns import among, distinct
from zjobs.trace.dissect import Dissection
from zjobs.trace.table import Direction, State, Table
from zjobs.trace.trace import Trace, TraceInput
from zjobs.wire.cte import DATA_TRACE, OSAENTA, SMC
from zjobs.wire.link import UNCOUNTED
from zjobs.wire.listing import Value, when
from zjobs.wire.protocols import protocols, selectors
from zjobs.wire.pthdr import is_ipv4
from zjobs.wire.values import json_bool, json_ipv4, json_ipv6, lookup
from zjobs.wire.walk import FAULT_TEXT

#: Facts of the packet trace header that are plain numbers: JSON name, field of the layout.
_NUMBERS = (("asid", "asid"), ("tcb", "tcb"), ("count", "count"))

#: The same of socket data, which has no device.
_SOCKET_NUMBERS = (
    ("cid", "cid"), ("domain", "domain"), ("socket_type", "type"), ("protocol", "proto"), ("state", "state"),
)  # fmt: skip


def frame(table: Table) -> Iterator[Value]:
    """Number, capture time, lengths."""
    yield Value("frame.number", decimal(table.number))
    untimed = (table.state & State.UNTIMED) > 0
    rows = np.flatnonzero(~untimed) if untimed.any() else None
    yield Value("frame.time_epoch", seconds(table.capture_ns if rows is None else table.capture_ns[rows]), rows)
    length, captured = _lengths(table)
    yield Value("frame.len", decimal(length))
    yield Value("frame.cap_len", decimal(captured))


def _lengths(table: Table) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How long packets were and how much is there; headers of capture programs that nobody counts are left out."""
    length, captured = table.original, np.maximum(table.data_end - table.data_start, 0)
    for link in distinct(table.link):
        if link in UNCOUNTED:
            rows, length = np.flatnonzero(table.link == link), length.copy()
            counted = protocols()[selectors()["link"][link]].counted
            length[rows], captured[rows] = counted(table.buf, table.data_start[rows], length[rows], captured[rows])
    return length, captured


def seconds(ns: NDArray[np.int64]) -> Chars:
    """Seconds since 1970 with six digits, quoted: a number would lose digits in most readers."""
    us = ns // 1000
    whole, part = us // 1_000_000, us % 1_000_000
    n = ns.size
    sign = by_value(whole < 0, lambda negative: '"-' if negative else '"')
    # Before 1970 the fraction counts backwards.
    back = (whole < 0) & (part > 0)
    whole, part = np.where(back, whole + 1, whole), np.where(back, 1_000_000 - part, part)
    return joined(sign, decimal(np.abs(whole)), constant(".", n), zero_filled(part, 6), constant('"', n))


def zos(trace: Trace, found: Dissection) -> Iterator[Value]:
    """What only the trace knows."""
    table = found.table
    traced = table.header >= 0
    for k, source in enumerate(trace.inputs):
        if isinstance(source, TraceInput):
            traced = traced | (table.source == k)
    if traced.any():
        yield from _record(trace, table, traced)
    named = table.interface != table.context.names.code("")
    texts = from_texts([json.dumps(text) for text in table.interface_names()])
    yield when("zos.interface", traced & named & (table.fmtid != 5), texts.take(table.interface))
    yield when("zos.jobname", traced & named & (table.fmtid == 5), texts.take(table.interface))
    known = table.direction != Direction.UNKNOWN
    yield when("zos.direction", known, lookup(table.direction, ((0, '"in"'), (1, '"out"')), 3))
    yield from _problems(found)


def _record(trace: Trace, table: Table, traced: NDArray[np.bool_]) -> Iterator[Value]:
    infos = trace.context.infos
    for name in ("component", "subname", "sysname"):
        texts = [json.dumps(getattr(info, name)) for info in infos]
        column = from_texts(texts).take(table.source) if texts else constant('""', len(table))
        if name == "component":
            unknown = np.array([not info.component for info in infos], dtype=np.bool_)[table.source]
            by_id = lookup(table.fmtid == OSAENTA, ((0, '"SYSTCPDA"'), (1, '"SYSTCPOT"')), 2)
            yield when("zos.component", traced & unknown, by_id)
        yield when(f"zos.{name}", traced & (column.lens > 2), column)
    yield when("zos.entry_id", traced, decimal(table.fmtid))
    yield when("zos.cte_time", traced, seconds(table.time_ns))
    has = table.header >= 0
    yield when("zos.abbreviated", has, json_bool(table.original > table.traced))
    layout = table.context.header
    data = table.fmtid == DATA_TRACE
    yield when("zos.device_type", has & ~data & _there(table, "devty"), decimal(table.pthdr["devty"]))
    for numbers, which in ((_NUMBERS, has), (_SOCKET_NUMBERS, has & data)):
        for name, source in numbers:
            if layout.has(source) and which.any():
                yield when(f"zos.{name}", which & _there(table, source), decimal(table.pthdr[source]))
    devices = {code: json.dumps(text) for code, text in layout.devices.items()}
    device = np.where(has & ~data, table.pthdr["devty"], 0)
    there = has & ~data & among(device, devices)
    yield when("zos.device_name", there, by_value(device, lambda v: devices.get(v, "")))
    if layout.has("droprsn"):
        reason = np.where(has, table.pthdr["droprsn"], 0)
        dropped = reason != 0
        yield when("zos.drop_reason", dropped, decimal(reason))
        named = {code: json.dumps(text) for code, text in layout.discards.items()}
        yield when("zos.drop_name", among(reason, named), by_value(reason, lambda v: named.get(v, "")))
    yield from _socket(table, has & among(table.fmtid, (DATA_TRACE, SMC)))
    segments = (table.state & State.INCOMPLETE) > 0
    yield when("zos.incomplete", segments, json_bool(segments))
    invalid = (table.state & State.INVALID) > 0
    yield when("zos.invalid", invalid, json_bool(invalid))


def _socket(table: Table, which: NDArray[np.bool_]) -> Iterator[Value]:
    """Both ends of records that hold no IP header: what the packet trace header says of the socket."""
    rows = np.flatnonzero(which)
    if not rows.size:
        return
    for name, address, port in (("src", "src", "sport"), ("dst", "dst", "dport")):
        raw = table.pthdr.octets(address)[rows]
        four = is_ipv4(raw)
        low = np.ascontiguousarray(raw[:, 12:]).view(">u4").reshape(-1)
        yield Value(f"zos.{name}", either(four, json_ipv4(low), json_ipv6(raw)), rows)
        yield Value(f"zos.{name}port", decimal(table.pthdr[port][rows]), rows)


def _there(table: Table, name: str) -> NDArray[np.bool_]:
    there = table.pthdr.present(name)
    return np.ones(len(table), dtype=np.bool_) if there is None else there


def _problems(found: Dissection) -> Iterator[Value]:
    """One text a problem, in the order of their offsets in the packet."""
    problems = found.walk.problems
    rows: list[NDArray[Any]] = []
    texts: list[Chars] = []
    for k, (layer, kind, claimed, count) in enumerate(problems.what):
        cause = claimed if "." in claimed else f"{layer} {claimed}"
        rows.append(problems.row[k])
        texts.append(
            joined(
                constant(f'"{cause}: {FAULT_TEXT[kind]}, at offset ', count),
                decimal(np.maximum(problems.offset[k], 0)),
                constant(", needed ", count),
                decimal(np.maximum(problems.needed[k], 0)),
                constant(", available ", count),
                decimal(np.maximum(problems.available[k], 0)),
                constant('"', count),
            )
        )
    for row, text in zip(rows, texts):
        order = np.argsort(row, kind="stable")
        yield Value("zos.problem", text.take(order), row[order], True)
