"""FORMAT(SUMMARY): one line for each header of a packet, and no data.

Ours: the formatter's own layout of this form is not known.  Labels and values stand on its common grid.
"""

import numpy as np

from zjobs.chars import Chars, constant, decimal, ipv4, joined
from zjobs.page import grid
from zjobs.page.grid import Piece
from zjobs.weave import Weave
from zjobs.wire import arp, icmp, icmpv6, tcp
from zjobs.wire.protocols import protocols
from zjobs.wire.values import hex4, ipv6, protocol
from zjobs.wire.walk import Layer


def add(weave: Weave, layer: Layer, indent: int) -> None:
    """The line of one protocol at one depth."""
    count = len(layer)
    title = str(protocols()[layer.name].TITLE)
    # A long title would run into the value.
    label = " " * (indent + 1) + title[:_TITLE]
    pieces = [Piece(column + indent, text) for column, text in zip((grid.VALUE, _SECOND), _said(layer))]
    weave.add(grid.lay(count, pieces, f"{label:<{19 + indent}}: "), layer.rows)


_TITLE = 17
_SECOND = 56


def _said(layer: Layer) -> tuple[Chars, ...]:
    """Who to whom, and what: one or two columns of text."""
    size = np.maximum(layer.limit - layer.payload, 0)
    match layer.name:
        case "ip":
            what = _words(("", protocol(layer["proto"])), ("Len", decimal(layer["len"])), ("Id", hex4(layer["id"])))
            return _between(ipv4(layer["src"]), ipv4(layer["dst"])), what
        case "ipv6":
            ends = (ipv6(layer.columns.octets(name)) for name in ("src", "dst"))
            what = _words(("", protocol(layer["nxt"])), ("Len", decimal(layer["plen"])))
            return _between(*ends), what
        case "tcp":
            what = _words(
                ("", tcp.flag_words(layer)), ("Seq", decimal(layer["seq"])), ("Ack", decimal(layer["ack"])),
                ("Window", decimal(layer["window"])), ("Data", decimal(size)),
            )  # fmt: skip
            return _between(decimal(layer["srcport"]), decimal(layer["dstport"])), what
        case "udp":
            return _between(decimal(layer["srcport"]), decimal(layer["dstport"])), _words(("Data", decimal(size)))
        case "icmp" | "icmpv6":
            names = icmp.names(layer) if layer.name == "icmp" else icmpv6.names(layer)
            return names, _words(("Data", decimal(size)))
        case "arp":
            return _between(ipv4(layer["srcip"]), ipv4(layer["dstip"])), arp.opcodes(layer["opcode"])
    return (_words(("Header", decimal(layer.head)), ("Data", decimal(size))),)


def _between(source: Chars, target: Chars) -> Chars:
    return joined(source, constant(" > ", source.lens.size), target)


def _words(*pairs: tuple[str, Chars]) -> Chars:
    """``TCP Len: 52 Id: AD04``: values, each behind its label."""
    count = pairs[0][1].lens.size
    parts = []
    for k, (label, value) in enumerate(pairs):
        text = (" " if k else "") + (f"{label}: " if label else "")
        parts += [constant(text, count), value] if text else [value]
    return joined(*parts)
