"""What the lists of packets say of each one: size, ends, protocol, ports by name, a message in words.

The words are those of the analyzer that SHARE session 8138 shows: TCP flags, a colon, what the application says.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import Chars, by_value, constant, from_texts, ipv4, joined, only, replaced, zero_filled
from zjobs.columns import Index
from zjobs.page import clock
from zjobs.page.grid import Piece, lay
from zjobs.reports.record_line import address_texts
from zjobs.trace.dissect import Dissection
from zjobs.trace.ends import ends_of
from zjobs.wire import arp, icmp, icmpv6, message
from zjobs.wire.protocols import protocols
from zjobs.wire.tcp import FLAG_WORDS
from zjobs.wire.values import PROTOCOLS, lookup

#: Names of ports as the analyzer writes them; other ports are numbers.
PORT_NAMES = {
    20: "ftp data", 21: "ftp control", 22: "ssh", 23: "telnet", 25: "smtp", 53: "dns", 80: "http", 110: "pop3",
    161: "snmp ctrl", 162: "snmp trap", 443: "https", 515: "lpr", 992: "telnets",
}  # fmt: skip

#: What is longer than this stands in lines of its own width.
_LONG = 160

_FLAG_WORDS = tuple((n, words.upper()) for n, words in FLAG_WORDS)

#: ICMP messages in words of the analyzer, where those of IANA are others; codes as it says them, or in its manner.
_ICMP = {8: "Echo Request", 13: "Timestamp Request"}
_ICMP_CODES = {
    **{(kind, code): text for (kind, code), text in icmp.CODES.items() if kind != 3},
    (3, 0): "Network unreachable", (3, 1): "Host unreachable", (3, 2): "Protocol unreachable",
    (3, 3): "Port unreachable", (3, 4): "Fragmentation needed", (3, 5): "Source route failed",
    (3, 6): "Network unknown", (3, 7): "Host unknown", (3, 8): "Source host isolated", (3, 9): "Network prohibited",
    (3, 10): "Host prohibited", (3, 11): "Network unreachable for TOS", (3, 12): "Host unreachable for TOS",
    (3, 13): "Communication prohibited", (3, 14): "Host precedence violation", (3, 15): "Precedence cutoff",
}  # fmt: skip
_ICMPV6_CODES = icmpv6.CODES | {(1, 3): "Address unreachable", (1, 4): "Port unreachable"}


def times(ns: NDArray[np.int64], zone: str) -> Chars:
    """``hh:mm:ss:tttt GMT``: ten-thousandths of a second."""
    text = clock.time_of_day(ns)
    rows = text.rows[:, :13].copy()
    rows[:, 8] = ord(":")
    return joined(Chars(rows, np.full(ns.size, 13, dtype=np.int64)), constant(f" {zone}", ns.size))


def elapsed(ns: NDArray[np.int64]) -> Chars:
    """``hh:mm:ss:tttt`` of a span of time."""
    ticks = np.maximum(ns, 0) // 100_000
    seconds = ticks // 10_000
    colon = constant(":", ns.size)
    parts = (seconds // 3600, seconds // 60 % 60, seconds % 60)
    shown = [piece for part in parts for piece in (zero_filled(part % 100, 2), colon)]
    return joined(*shown, zero_filled(ticks % 10_000, 4))


def sizes(found: Dissection) -> NDArray[np.int64]:
    """Datagram size: what the IP header claims, or the size of a record that has none."""
    out = found.table.original.copy()
    for layer, which in found.network:
        out[layer.rows[which]] = (layer.limit - layer.start)[which]
    return out


def port_names(ports: NDArray[np.int64], there: NDArray[np.bool_]) -> Chars:
    """The name of each port, or its number; nothing where there is no port."""
    return only(there, by_value(ports, lambda p: PORT_NAMES.get(p, str(p))))


def addresses(found: Dissection) -> tuple[Chars, Chars]:
    """Source and destination of every packet; of ARP those that it is about."""
    source, destination = address_texts(found)
    for layer, which in found.outer(("arp",)):
        source = replaced(source, layer.rows[which], ipv4(layer["srcip"][which]))
        destination = replaced(destination, layer.rows[which], ipv4(layer["dstip"][which]))
    return source, destination


def protocol_names(found: Dissection) -> Chars:
    """``TCP``, ``UDP``, ``ICMP`` ...; the innermost protocol where there is no IP."""
    ends = ends_of(found)
    names = by_value(ends.proto, lambda p: PROTOCOLS.get(p, str(p)) if p >= 0 else "")
    for layer in found.layers:
        rows = np.unique(layer.rows[ends.proto[layer.rows] < 0])
        if layer.name not in ("ip", "ipv6") and rows.size:
            title = str(protocols()[layer.name].TITLE)
            names = replaced(names, rows, constant(title, rows.size))
    return names


def lines(found: Dissection, pieces: list[Piece], column: int, template: str = "") -> Iterator[tuple[Index, Chars]]:
    """Which packets, and their lines: the pieces and, at a column, what each packet says.

    Those that say much stand apart, for texts beside each other are all as wide as the longest.
    """
    said = _applications(found)
    flags, long = _flags(found), np.array([len(text) > _LONG for text in said], dtype=np.bool_)
    for which in (np.flatnonzero(~long), np.flatnonzero(long)) if long.any() else (np.arange(long.size),):
        words = _messages(flags.take(which), [said[k] for k in which.tolist()])
        some = [Piece(at, text if isinstance(text, str) else text.take(which)) for at, text in pieces]
        yield which, lay(which.size, [*some, Piece(column, words)], template)


def _flags(found: Dissection) -> Chars:
    tcp = found.outer(("tcp",))
    has = np.zeros(len(found.table), dtype=np.bool_)
    for layer, which in tcp:
        has[layer.rows[which]] = True
    return only(has, lookup(found.spread(tcp, "flags") & 0xFF, _FLAG_WORDS, 256))


def _messages(flags: Chars, said: list[str]) -> Chars:
    """Flags of TCP, a colon, its applications; errors and requests of the others in words."""
    words = from_texts(said)
    # TLS messages stand alone, as the analyzer shows them.
    alone = (flags.lens == 0) | np.array([text.startswith("TLS:") for text in said], dtype=np.bool_)
    colon = only((words.lens > 0) & ~alone, constant(" : ", len(said)))
    return joined(only(~alone | (words.lens == 0), flags), colon, words)


def _applications(found: Dissection) -> list[str]:
    said = [""] * len(found.table)

    def say(row: int, text: str) -> None:
        if text:
            said[row] = f"{said[row]}, {text.removeprefix('TLS: ')}" if said[row] else text

    for layer, which in found.outer(("arp",)):
        for row, text in zip(layer.rows[which].tolist(), arp.opcodes(layer["opcode"][which]).texts()):
            say(row, text)
    for name, kinds, details in (("icmpv6", icmpv6.NAMES, _ICMPV6_CODES), ("icmp", icmp.NAMES | _ICMP, _ICMP_CODES)):
        for layer, which in found.outer((name,)):
            types, codes = layer["type"][which].tolist(), layer["code"][which].tolist()
            for row, kind, code in zip(layer.rows[which].tolist(), types, codes):
                more = details.get((kind, code), f"Code {code}" if code else "")
                say(row, kinds.get(kind, f"Type {kind}") + (f" : {more}" if more else ""))
    for layer in found.layers:
        module = protocols()[layer.name]
        if hasattr(module, "decode"):
            for row, one in zip(layer.rows.tolist(), message.told(found.walk, layer)):
                if not layer.quoted.any():
                    say(row, one.summary)
        elif hasattr(module, "summaries"):
            for row, text in zip(layer.rows.tolist(), module.summaries(found.walk, layer).texts()):
                say(row, text)
    for row, text in found.walk.openings:
        say(row, text)
    return said
