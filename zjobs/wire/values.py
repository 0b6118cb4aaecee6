"""How values are shown: numbers, addresses, names, and the same values as JSON.

The upper-case forms are those of the trace formatter's listings; the ``json_`` forms are Wireshark's.
"""

from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import IPv6Address
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import BLANK, Chars, by_value, constant, from_texts, hex_bytes, hexadecimal, ipv4, joined
from zjobs.columns import Bytes, items
from zjobs.wire.services import SERVICES

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

PROTOCOLS = {
    0: "Hop-by-Hop",
    1: "ICMP",
    2: "IGMP",
    4: "IPIP",
    6: "TCP",
    8: "EGP",
    9: "IGP",
    17: "UDP",
    41: "IPv6",
    43: "Routing",
    44: "Fragment",
    46: "RSVP",
    47: "GRE",
    50: "ESP",
    51: "AH",
    58: "ICMPv6",
    59: "NoNext",
    60: "DestOpts",
    88: "EIGRP",
    89: "OSPF",
    103: "PIM",
    108: "IPComp",
    112: "VRRP",
    115: "L2TP",
    132: "SCTP",
    135: "Mobility",
    136: "UDPLite",
    252: "SMC LLC",
    255: "RAW",
}


def hex2(values: NDArray[Any]) -> Chars:
    """Two hex digits."""
    return hexadecimal(values, 2)


def hex4(values: NDArray[Any]) -> Chars:
    """Four hex digits."""
    return hexadecimal(values, 4)


def hex8(values: NDArray[Any]) -> Chars:
    """Eight hex digits."""
    return hexadecimal(values, 8)


def protocol(values: NDArray[Any]) -> Chars:
    """IP protocol or next-header names."""
    return lookup(values, tuple(PROTOCOLS.items()), 256)


@cache
def _table(pairs: tuple[tuple[int, str], ...], size: int) -> Chars:
    known = dict(pairs)
    return from_texts([known.get(n, str(n)) for n in range(size)])


def lookup(values: NDArray[Any], pairs: tuple[tuple[int, str], ...], size: int) -> Chars:
    """Names from a small closed range (``size`` values), the number itself where there is no name."""
    return _table(pairs, size).take(np.asarray(values).astype(np.intp))


@cache
def _ports() -> Chars:
    named = from_texts([f"({name})" for name in SERVICES.values()])
    rows = np.full((65536, named.rows.shape[1]), BLANK, dtype=np.uint8)
    rows[:, 0], rows[:, 1] = ord("("), ord(")")
    lens = np.full(65536, 2, dtype=np.int64)
    rows[list(SERVICES)], lens[list(SERVICES)] = named.rows, named.lens
    return Chars(rows, lens)


def service(values: NDArray[Any]) -> Chars:
    """Service name of a port in parentheses; () if it has none."""
    return _ports().take(np.asarray(values).astype(np.intp))


def ipv6(octets: Bytes) -> Chars:
    """IPv6 addresses (n, 16) in upper case with :: compression and no dotted tail."""
    return _distinct(octets, ipv6_text)


def ipv6_text(raw: bytes) -> str:
    """One IPv6 address, as the formatter prints it."""
    address = IPv6Address(raw)
    if raw[:12] in (bytes(12), bytes(10) + b"\xff\xff") and raw[12:14] != b"\0\0":
        # Python writes some of these with a dotted tail; the formatter never does.
        groups = [f"{raw[i] << 8 | raw[i + 1]:X}" for i in (10, 12, 14)]
        return "::" + ":".join(groups[1:] if groups[0] == "0" else groups)
    return str(address).upper()


def _distinct(octets: Bytes, show: Any) -> Chars:
    if not octets.size:
        return Chars(np.zeros((0, 0), dtype=np.uint8), np.zeros(0, dtype=np.int64))
    distinct, where = np.unique(items(octets), return_inverse=True)
    return from_texts([show(d.tobytes()) for d in distinct]).take(where.reshape(-1))


def stamp(us: NDArray[Any]) -> Chars:
    """yyyy/mm/dd hh:mm:ss.mmmmmm of microseconds since 1970."""
    return by_value(us, lambda n: (_EPOCH + timedelta(microseconds=n)).strftime("%Y/%m/%d %H:%M:%S.%f"))


def absolute_time(when: datetime, nanoseconds: int = 0) -> str:
    """A time as Wireshark prints it: ``Oct 17, 2022 09:41:06.500000000 UTC``."""
    return f"{when:%b} {when.day:2}, {when:%Y %H:%M:%S}.{nanoseconds:09} UTC"


def mac(octets: Bytes) -> Chars:
    """Twelve hex digits of a MAC address."""
    return hex_bytes(octets)


def json_text(text: Chars) -> Chars:
    """A quoted JSON string; the text must need no escape."""
    quote = constant('"', text.lens.size)
    return joined(quote, text, quote)


def json_ipv4(values: NDArray[Any]) -> Chars:
    """Dotted decimal, quoted."""
    return json_text(ipv4(values))


def json_ipv6(octets: Bytes) -> Chars:
    """Wireshark's text of an IPv6 address, quoted."""
    return _distinct(octets, lambda raw: f'"{_wireshark_ipv6(raw)}"')


def _wireshark_ipv6(raw: bytes) -> str:
    if raw[:12] == bytes(10) + b"\xff\xff" or (raw[:12] == bytes(12) and raw[12:14] != b"\0\0"):
        tail = ".".join(str(b) for b in raw[12:])
        return f"::ffff:{tail}" if raw[10] else f"::{tail}"
    return str(IPv6Address(raw))


def json_mac(octets: Bytes) -> Chars:
    """Colon-separated lower-case hex, quoted."""
    return _distinct(octets, lambda raw: '"' + raw.hex(":") + '"')


def json_bool(values: NDArray[Any]) -> Chars:
    """true or false."""
    return lookup(values != 0, ((0, "false"), (1, "true")), 2)


def json_hex(raw: Bytes, lens: NDArray[np.int64]) -> Chars:
    """The first ``lens`` bytes of each row as Wireshark prints byte strings: lower-case hex, quoted."""
    text = hex_bytes(raw, lens)
    # Digits have bit 5 on already; for A to F it makes the lower case.
    return json_text(Chars(text.rows | np.uint8(0x20), text.lens))
