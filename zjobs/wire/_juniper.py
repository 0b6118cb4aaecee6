"""What follows a header of Junos where a cookie or the first bytes tell: bundles of links, and ATM.

Reference: print-juniper.c of tcpdump, packet-juniper.c of Wireshark.  Each function takes the buffer, where the header
ends and which packets came in, and gives the number of the protocol (0 is not known) and where it begins.
"""

from collections.abc import Callable

import numpy as np

from zjobs.columns import Bytes, among
from zjobs.wire.link import Link
from zjobs.wire.walk import Index, Mask

IP, MPLS, IPV6, PPP, OSI, LLC, SNAP, ETHERNET = 2, 5, 6, 200, 201, 202, 203, 204
#: First byte of a cookie of a link services PIC, and of those of eight bytes (AS PIC).
_LINK_SERVICES, _EIGHT = 0x54, (0x40, 0x47)
#: In a cookie of eight bytes: the protocols by their number, and both bits of the direction.
_IN_COOKIE = {1: IPV6, 2: MPLS, 3: OSI}
_BOTH = 3
#: Protocols of PPP that may begin a packet.
_PPP_NUMBERS = (
    0x21, 0x23, 0x3D, 0x57, 0x281, 0x283, 0x8021, 0x8023, 0x8057, 0x8281, 0xC021, 0xC023, 0xC223,
)  # fmt: skip
_UI, _FRAMED, _Q933 = 0x03, 0xFF03, 0x0308
_UI_PAIRS = (0x0003, 0x0300)


def _pair(buf: Bytes, at: Index) -> Index:
    return buf[at].astype(np.int64) << 8 | buf[at + 1]


def _cookie(buf: Bytes, at: Index) -> tuple[Mask, Mask, Index, Index]:
    """Cookies of four bytes and of eight, and of the latter the protocol (-1 is IPv4) and the direction."""
    four, eight = buf[at] == _LINK_SERVICES, among(buf[at], _EIGHT)
    kind = buf[at + 5] >> 4
    number = np.where(kind == 0, -1, 0)
    for code, protocol in _IN_COOKIE.items():
        number[kind == code] = protocol
    return four, eight, number, buf[at + 4].astype(np.int64) & _BOTH


def multilink_ppp(buf: Bytes, at: Index, incoming: Mask) -> tuple[Index, Index]:
    """A bundle of PPP links: behind a cookie, a number of two bytes, or nothing."""
    four, eight, number, way = _cookie(buf, at)
    none = ~four & ~eight
    number = np.where(number < 0, np.where(incoming & (way != _BOTH), PPP, IP), number)
    number = np.select([four, eight], [PPP, number], 0)
    framed = none & (_pair(buf, at) == _FRAMED)
    at = at + 2 * framed
    member = none & among(_pair(buf, at + 2), _PPP_NUMBERS)
    child = none & ~member & among(_pair(buf, at), _PPP_NUMBERS)
    return np.where(framed | member | child, PPP, number), at + 4 * four + 8 * eight + 2 * member


def multilink_frame_relay(buf: Bytes, at: Index, incoming: Mask) -> tuple[Index, Index]:
    """A bundle of frame relay links: OSI behind a byte of control, or what the cookie says."""
    four, eight, number, way = _cookie(buf, at)
    none = ~four & ~eight
    number = np.where(number < 0, np.where(way == _BOTH, 0, IP), number)
    number = np.select([four, eight], [OSI, number], 0)
    body = at + 4 * four + 8 * eight
    lone = eight & (number == 0) & (buf[body] == _UI)
    body = body + lone + 2 * (four & among(_pair(buf, body), _UI_PAIRS))
    body = body + (four & (buf[body] == _UI))
    second = _pair(buf, at + 2)
    called = none & (second == _Q933)
    pair = none & ~called & among(second, _UI_PAIRS)
    single = none & ~called & ~pair & (second >> 8 == _UI)
    body = body + 3 * called + 4 * pair + 3 * single
    return np.where(lone | pair | single, OSI, number), body


def atm1(buf: Bytes, at: Index, incoming: Mask) -> tuple[Index, Index]:
    """An ATM PIC: LLC, or IP by itself."""
    number, body = _by_first_bytes(buf, at + 4)
    return np.where(buf[at] == 0x80, 0, number), body


def atm2(buf: Bytes, at: Index, incoming: Mask) -> tuple[Index, Index]:
    """A second ATM PIC, which carries Ethernet and PPP as well."""
    number, body = _by_first_bytes(buf, at + 8)
    multiplexed = (number == LLC) | (number == SNAP)
    number = np.where(~multiplexed & among(_pair(buf, at + 8), _PPP_NUMBERS), PPP, number)
    ethernet = ~multiplexed & ~incoming & (buf[at + 3] & 0x3F > 0)
    body = np.where(ethernet | (number == PPP), at + 8, body)
    return np.where(buf[at + 7] & 0x70 > 0, 0, np.where(ethernet, ETHERNET, number)), body


def _by_first_bytes(buf: Bytes, at: Index) -> tuple[Index, Index]:
    three = _pair(buf, at) << 8 | buf[at + 2]
    first = buf[at]
    four = (first >> 4 == 4) & (first & 15 >= 5)
    number = np.select(
        [three == 0xFEFE03, three == 0xAAAA03, first == _UI, four, first >> 4 == 6], [LLC, SNAP, OSI, IP, IPV6], 0
    )
    return number, at + (first == _UI)


def tunnel(buf: Bytes, at: Index, incoming: Mask) -> tuple[Index, Index]:
    """A secure tunnel: headers of Ethernet, IP and ESP, and sixteen bytes in front of what was protected."""
    ip = at + 14
    body = ip + 4 * (buf[ip] & 15).astype(np.int64) + 24
    first = buf[body]
    known = (_pair(buf, at + 12) == 0x0800) & (buf[ip + 9] == 50)
    number = np.select([first >> 4 == 4, first >> 4 == 6], [IP, IPV6], 0)
    return np.where(known, number, 0), body


GUESSES: dict[int, Callable[[Bytes, Index, Mask], tuple[Index, Index]]] = {
    Link.JUNIPER_MLPPP: multilink_ppp,
    Link.JUNIPER_MLFR: multilink_frame_relay,
    Link.JUNIPER_ATM1: atm1,
    Link.JUNIPER_ATM2: atm2,
    Link.JUNIPER_TUNNEL: tunnel,
}
