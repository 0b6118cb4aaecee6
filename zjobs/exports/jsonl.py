"""JSON lines: one object a packet, fields named and valued as Wireshark does.

Field names are Wireshark's display-filter names; numbers are JSON integers, flags true or false, addresses
strings, byte strings lower-case hex.  A field that a packet does not have is absent.  A field that occurs
several times is a list, outermost first.  Facts of the trace record are ``zos.*``.  Lines are made by the
batch, so memory does not grow with the trace.
"""

from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from zjobs.chars import decimal
from zjobs.exports import _facts
from zjobs.exports._objects import Objects
from zjobs.sessions import fields as tracked
from zjobs.sessions.applications import Applications
from zjobs.sessions.conversations import joined_rows
from zjobs.sessions.tracks import Tracker
from zjobs.trace.dissect import Dissection
from zjobs.trace.trace import Trace
from zjobs.wire.layout import Columns
from zjobs.wire.listing import Value
from zjobs.wire.walk import Layer, Walk, protocols

NAME = "jsonl"
ABOUT = "one JSON object a packet, with Wireshark's field names"


def write(trace: Trace, sink: BinaryIO) -> int:
    """All packets of the selection as JSON lines; how many."""
    count = 0
    tracker = Tracker()
    trace.applications = Applications
    for found in trace.dissections():
        sink.write(lines(trace, found, tracker))
        count += len(found.table)
    return count


def lines(trace: Trace, found: Dissection, tracker: Tracker) -> memoryview:
    """The packets of one batch, one line each."""
    objects = Objects(len(found.table))
    for value in _facts.frame(found.table):
        objects.add(value.name, value.text, value.which, value.many)
    for value in _facts.zos(trace, found):
        objects.add(value.name, value.text, value.which, value.many)
    hidden = joined_rows(found)
    for layer in found.layers:
        # The header in a fragment that waits for others is data to Wireshark.
        waiting = layer.fragment & hidden[layer.rows]
        whole = layer.take(~waiting) if waiting.any() else layer
        if not len(whole):
            continue
        for value in fields(found.walk, whole):
            rows = whole.rows if value.which is None else whole.rows[value.which]
            objects.add(value.name, value.text, rows, value.many)
    for field in tracked.of(found, tracker.track(found)):
        objects.add(field.name, field.text, field.rows, field.many)
    return objects.render().data


def fields(walk: Walk, layer: Layer) -> Iterator[Value]:
    """Fields of the layout, then those that the protocol derives."""
    module = protocols()[layer.name]
    limited = module.shown(layer) if hasattr(module, "shown") else {}
    for f in module.LAYOUT.fields:
        if f.json is None or hasattr(module, "decode"):
            # The fields of a message come from its decoder.
            continue
        columns: Columns = layer.columns
        source = columns.octets(f.name) if f.kind.startswith("b") else columns[f.name]
        text = (f.json_show or decimal)(source)
        there = columns.present(f.name)
        if f.name in limited:
            there = limited[f.name] if there is None else there & limited[f.name]
        if there is None:
            yield Value(f.json, text)
        else:
            which = np.flatnonzero(there)
            yield Value(f.json, text.take(which), which)
    if hasattr(module, "values"):
        yield from module.values(walk, layer)
