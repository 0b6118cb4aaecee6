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
    JUNIPER_PPPOE = 23
    JUNIPER_PPP = 24
    JUNIPER_FRAME_RELAY = 25
    JUNIPER_CHDLC = 26
    JUNIPER_GGSN = 27
    JUNIPER_SERVICES = 28
    JUNIPER_VOICE = 29
    JUNIPER_ATM1 = 30
    JUNIPER_ATM2 = 31
    JUNIPER_MLPPP = 32
    JUNIPER_MLFR = 33
    JUNIPER_TUNNEL = 34
    LLC = 35
    PPPOE = 36
    ENC = 37
    PFLOG = 38
    ARCNET = 39
    ARCNET_LINUX = 40
    FIBRE_CHANNEL_IP = 41
    APPLE_1394 = 42
    TZSP = 43
    PRISM = 44
    AVS = 45
    SUNATM = 46
    REDBACK = 47
    SYMANTEC = 48
    GFP = 49
    ERF = 50
    NETANALYZER = 51
    IPNET = 52
    EPON = 53
    AX25 = 54
    AX25_KISS = 55
    PPP_DIRECTED = 56
    DOCSIS = 57
    EXPORTED_PDU = 58


#: Link type numbers and how their frames start; of several numbers for one kind the first is the one to write.
LINK_TYPES = {
    101: Link.IP,
    12: Link.IP,
    14: Link.IP,
    106: Link.IP,
    16: Link.IP,
    18: Link.IP,
    19: Link.IP,
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
    112: Link.CISCO_HDLC,
    107: Link.FRAME_RELAY,
    239: Link.NFLOG,
    258: Link.PKTAP,
    149: Link.PKTAP,
    192: Link.PPI,
    242: Link.IPOIB,
    127: Link.RADIOTAP,
    105: Link.WLAN,
    178: Link.JUNIPER_ETHERNET,
    167: Link.JUNIPER_PPPOE,
    179: Link.JUNIPER_PPP,
    180: Link.JUNIPER_FRAME_RELAY,
    181: Link.JUNIPER_CHDLC,
    133: Link.JUNIPER_GGSN,
    136: Link.JUNIPER_SERVICES,
    183: Link.JUNIPER_VOICE,
    137: Link.JUNIPER_ATM1,
    135: Link.JUNIPER_ATM2,
    130: Link.JUNIPER_MLPPP,
    131: Link.JUNIPER_MLFR,
    200: Link.JUNIPER_TUNNEL,
    100: Link.LLC,
    11: Link.LLC,
    51: Link.PPPOE,
    109: Link.ENC,
    13: Link.ENC,
    117: Link.PFLOG,
    7: Link.ARCNET,
    129: Link.ARCNET_LINUX,
    122: Link.FIBRE_CHANNEL_IP,
    138: Link.APPLE_1394,
    128: Link.TZSP,
    119: Link.PRISM,
    163: Link.AVS,
    123: Link.SUNATM,
    32: Link.REDBACK,
    99: Link.SYMANTEC,
    170: Link.GFP,
    171: Link.GFP,
    197: Link.ERF,
    240: Link.NETANALYZER,
    226: Link.IPNET,
    259: Link.EPON,
    3: Link.AX25,
    202: Link.AX25_KISS,
    204: Link.PPP_DIRECTED,
    143: Link.DOCSIS,
    252: Link.EXPORTED_PDU,
}

#: Frames whose header is written by the capture program and counted by nobody: their protocol has ``counted``.
UNCOUNTED = (Link.SUNATM, Link.ERF)


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
