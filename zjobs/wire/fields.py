"""All fields of a layer under Wireshark's names: those of its layout, then those that its protocol derives."""

from collections.abc import Iterator

import numpy as np

from zjobs.chars import decimal
from zjobs.wire.layout import Columns
from zjobs.wire.listing import Value
from zjobs.wire.protocols import protocols
from zjobs.wire.walk import Layer, Walk


def fields(walk: Walk, layer: Layer) -> Iterator[Value]:
    """Fields of the layout, then those that the protocol derives."""
    module = protocols()[layer.name]
    limited = module.shown(layer) if hasattr(module, "shown") else {}
    lists = getattr(module, "LISTS", ())
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
            yield Value(f.json, text, None, f.json in lists)
        else:
            which = np.flatnonzero(there)
            yield Value(f.json, text.take(which), which, f.json in lists)
    if hasattr(module, "values"):
        yield from module.values(walk, layer)
