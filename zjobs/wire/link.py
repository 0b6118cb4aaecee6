"""What frames start with, and the numbers that capture files have for it.

Reference: link-layer header types of tcpdump.org.
"""

from enum import IntEnum

import numpy as np

from zjobs.columns import distinct
from zjobs.wire.walk import Fault, Layer, Mask, Walk


class Link(IntEnum):
    """What the data area of a record starts with; the selector ``link`` has these codes."""

    IP = 0
    ETHERNET = 1
    DATA = 2
    SMC = 3
    LINUX_SLL = 4
    NULL = 5
    TOKEN_RING = 6
    LINUX_SLL2 = 7
    PPP = 8
    IPV4 = 9
    IPV6 = 10
    CISCO_HDLC = 11
    FRAME_RELAY = 12
    NFLOG = 13
    PKTAP = 14
    UNKNOWN = 15
    PPI = 16
    IPOIB = 17
    RADIOTAP = 18
    WLAN = 19
    WLAN_PADDED = 20
    FDDI = 21
    JUNIPER_ETHERNET = 22


#: Link type numbers and how their frames start; of several numbers for one kind the first is the one to write.
LINK_TYPES = {
    101: Link.IP,
    12: Link.IP,
    14: Link.IP,
    106: Link.IP,
    1: Link.ETHERNET,
    113: Link.LINUX_SLL,
    0: Link.NULL,
    108: Link.NULL,
    6: Link.TOKEN_RING,
    10: Link.FDDI,
    276: Link.LINUX_SLL2,
    9: Link.PPP,
    50: Link.PPP,
    228: Link.IPV4,
    229: Link.IPV6,
    104: Link.CISCO_HDLC,
    107: Link.FRAME_RELAY,
    239: Link.NFLOG,
    258: Link.PKTAP,
    149: Link.PKTAP,
    192: Link.PPI,
    242: Link.IPOIB,
    127: Link.RADIOTAP,
    105: Link.WLAN,
    178: Link.JUNIPER_ETHERNET,
}


def headed(walk: Walk, layer: Layer) -> Mask:
    """Which headers are whole and say with ``length`` (at least that of the layout) where the frame begins."""
    length, there, size = layer["length"].astype(np.int64), layer.end - layer.start, layer.columns.layout.size
    whole = there >= size
    low = whole & (length < size)
    walk.fault(layer, low, Fault.LENGTH, "length", layer.start[low], size, length[low])
    layer.head = np.where(whole & ~low, np.minimum(length, there), layer.head)
    return np.asarray(whole & ~low)


def checked(layer: Layer, which: Mask) -> None:
    """Frames that end with a check sequence of four bytes: what they carry ends before it."""
    layer.limit = np.where(which, np.maximum(layer.limit - 4, layer.payload), layer.limit)
    layer.end = np.minimum(layer.end, layer.limit)


def follow(walk: Walk, layer: Layer, which: Mask) -> None:
    """Hand on by the number in the column ``dlt``; link types that are not known end the walk."""
    number = layer["dlt"].astype(np.int64)
    link = np.full(len(layer), Link.UNKNOWN, dtype=np.int64)
    for one in distinct(number[which]):
        link[number == one] = LINK_TYPES.get(one, Link.UNKNOWN)
    walk.next(layer, "link", link, which=which)
    walk.next(layer, "ip.version", walk.buf[layer.payload] >> 4, which=which & (link == Link.IP))
