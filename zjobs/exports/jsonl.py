"""JSON lines: one object a packet, fields named and valued as Wireshark does.

Field names are Wireshark's display-filter names; numbers are JSON integers, flags true or false, addresses
strings, byte strings lower-case hex.  A field that a packet does not have is absent.  A field that occurs
several times is a list, outermost first.  Facts of the trace record are ``zos.*``.  Lines are made by the
batch, so memory does not grow with the trace.
"""

from typing import BinaryIO

from zjobs.exports._objects import Objects
from zjobs.sessions import fields as tracked
from zjobs.sessions.applications import Applications
from zjobs.sessions.conversations import joined_rows
from zjobs.sessions.tracks import Tracker
from zjobs.sink import pour
from zjobs.trace import facts
from zjobs.trace.dissect import Dissection
from zjobs.trace.trace import Trace
from zjobs.wire.fields import fields
from zjobs.wire.walk import Telling

NAME = "jsonl"
ABOUT = "one JSON object a packet, with Wireshark's field names"


def write(trace: Trace, sink: BinaryIO) -> int:
    """All packets of the selection as JSON lines; how many."""
    count = 0
    tracker = Tracker()
    trace.applications, trace.manner = Applications, trace.manner._replace(telling=Telling.FIELDS)
    for found in trace.dissections():
        pour(sink, lines(trace, found, tracker))
        count += len(found.table)
    return count


def lines(trace: Trace, found: Dissection, tracker: Tracker) -> memoryview:
    """The packets of one batch, one line each."""
    objects = Objects(len(found.table))
    for value in facts.frame(found.table):
        objects.add(value.name, value.text, value.which, value.many)
    for value in facts.zos(trace, found):
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
