"""Frame relay.

Reference: RFC 2427, section 3 and 4; ITU-T Q.922, appendix A (address).
"""

import numpy as np

from zjobs.chars import decimal
from zjobs.columns import among
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.values import hex2
from zjobs.wire.walk import Layer, Walk

NAME = "fr"
TITLE = "Frame Relay"
FOUND = {"link": (Link.FRAME_RELAY,), "juniper": (207,)}

LAYOUT = Layout(
    "Frame Relay",
    (
        Field("upper", "u8", 0, bits=(2, 6)),
        Field("lower", "u8", 1, bits=(4, 4)),
        Field("last", "u8", 1, bits=(0, 1)),
        Field("control", "u8", 2, "Control", hex2),
        Field("nlpid", "u8", 3, "Network Protocol", hex2),
        Field("etype", "u16", 2),
    ),
    4,
    "RFC 2427, section 3",
)

_UNNUMBERED, _PADDING, _SNAP, _IPV4, _IPV6 = 0x03, 0x00, 0x80, 0xCC, 0x8E
_BRIDGED, _FRAMES = 0x0080C2, (1, 7)


def reach(walk: Walk, layer: Layer) -> None:
    """A network protocol number, in front of SNAP perhaps padded; or, as Cisco has it, an EtherType."""
    there = layer.end - layer.start
    short = layer["last"] == 1
    formal = short & (layer["control"] == _UNNUMBERED)
    walk.next(layer, "ethertype", layer["etype"], which=short & ~formal & (there >= 4))
    padded = formal & (layer["nlpid"] == _PADDING)
    at = layer.start + np.where(padded, 4, 3)
    number = walk.buf[at]
    layer.head = np.minimum(at + 1 - layer.start, there)
    formal &= there > layer.head
    four = number == _IPV4
    walk.next(layer, "ip.version", np.where(four, 4, 6), which=formal & (four | (number == _IPV6)))
    snap = formal & (number == _SNAP) & (at + 6 <= layer.end)
    part = [walk.buf[at + k].astype(np.int64) for k in range(1, 6)]
    oui, pid = part[0] << 16 | part[1] << 8 | part[2], part[3] << 8 | part[4]
    walk.next(layer, "ethertype", pid, which=snap & (oui == 0), start=at + 6)
    bridged = snap & (oui == _BRIDGED) & among(pid, _FRAMES)
    walk.next(layer, "link", Link.ETHERNET, which=bridged, start=at + 6)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours."""
    circuit = layer["upper"].astype(np.int64) << 4 | layer["lower"]
    return [Title(TITLE), line(item("Circuit", decimal(circuit)), item("Network Protocol", hex2(layer["nlpid"])))]
