"""IEEE 802.2 Logical Link Control.

Reference: IEEE 802.2, section 5; SNA service access points: RFC 2353, section 2.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import Chars, by_value, decimal, joined
from zjobs.columns import among
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, Value, item, line, line_if, when
from zjobs.wire.values import hex2
from zjobs.wire.walk import Layer, Walk

NAME = "llc"
TITLE = "LLC"
FOUND = {"llc": (0,), "link": (Link.LLC,), "juniper": (202, 203)}

SNAP, IP, OSI = 0xAA, 0x06, 0xFE
#: Service access points of SNA path control, and the one of HPR packets.
SNA_SAPS = (0x04, 0x08, 0x0C, 0xC8)

#: Unnumbered frames by control byte without the poll or final bit.
UNNUMBERED = {
    0x03: "UI", 0x0F: "DM", 0x43: "DISC", 0x63: "UA", 0x6F: "SABME", 0x87: "FRMR", 0xAF: "XID", 0xE3: "TEST",
}  # fmt: skip
_SUPERVISORY = {0x00: "RR", 0x04: "RNR", 0x08: "REJ"}
UI, XID, TEST, DISC, DM = 0x03, 0xAF, 0xE3, 0x43, 0x0F
#: What is told of a link to the decoder of its XIDs.
RESPONSE, EXTENDER = 2, 4
_POLL = 0x10
_BASIC_XID = 0x81
_IPV4 = 0x0800

LAYOUT = Layout(
    "LLC",
    (
        Field("dsap", "u8", 0, "DSAP", hex2, json="llc.dsap"),
        Field("ssap", "u8", 1, "SSAP", hex2, json="llc.ssap"),
        Field("control", "u8", 2, "Control", hex2),
    ),
    3,
    "IEEE 802.2",
)


def unnumbered(layer: Layer) -> NDArray[np.int64]:
    """The control byte of unnumbered frames without poll or final bit; 0 for others."""
    control = layer["control"].astype(np.int64)
    return np.where(control & 3 == 3, control & ~_POLL, 0)


def name(control: int) -> str:
    """``XID``, ``UI``, ``RR``, ``I`` ... of a control byte."""
    if control & 3 == 3:
        return UNNUMBERED.get(control & ~_POLL, f"Unnumbered({control:02X})")
    return _SUPERVISORY.get(control & 0x0C, "S") if control & 1 else "I"


def reach(walk: Walk, layer: Layer) -> None:
    """SNAP carries an EtherType, IP has a SAP; frames of SNA carry a transmission header, an HPR packet or an XID."""
    there = layer.end - layer.start
    control = layer["control"]
    numbered = (there >= 4) & (control & 3 != 3)
    layer.head = np.where(numbered, 4, layer.head)
    information = (unnumbered(layer) == UI) | (numbered & (control & 1 == 0))
    snap = (there >= 3) & (layer["dsap"] == SNAP) & (layer["ssap"] == SNAP)
    walk.next(layer, "llc.snap", 0, which=snap & information)
    walk.next(layer, "ethertype", _IPV4, which=(layer["dsap"] == IP) & information)
    walk.next(layer, "llc.osi", 0, which=(layer["dsap"] == OSI) & (layer["ssap"] == OSI) & information)
    sna = (among(layer["dsap"] & 0xFE, SNA_SAPS) | among(layer["ssap"] & 0xFE, SNA_SAPS)) & (there >= 3)
    carried(walk, layer, sna, information, 0)


def carried(walk: Walk, layer: Layer, sna: NDArray[np.bool_], information: NDArray[np.bool_], link: int) -> None:
    """Hand on what ``information`` frames of SNA carry, told by its first four bits, and XIDs of a ``link``."""
    first = walk.buf[np.minimum(layer.payload, walk.native)]
    filled = layer.payload < layer.end
    walk.next(layer, "sna.pi", first >> 4, which=sna & information & filled)
    xid = (unnumbered(layer) == XID) & (sna | (first == _BASIC_XID))
    response = (layer["ssap"] & 1).astype(np.int64) * RESPONSE
    walk.next(layer, "llc.xid", response + link, which=xid & filled)


def frame_names(layer: Layer) -> Chars:
    """``BF XID``: control byte and name of each frame."""
    return by_value(layer["control"], lambda v: f"{v:02X} {name(v)}")


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of an LLC header is not known."""
    control = layer["control"]
    second = walk.buf[layer.start + 3]
    numbered = layer.head == 4
    return [
        Title(TITLE),
        line(
            item("DSAP", hex2(layer["dsap"])),
            item("SSAP", hex2(layer["ssap"])),
            item("", by_value(layer["ssap"] & 1, lambda v: "Response" if v else "Command")),
        ),
        line(item("Control", frame_names(layer))),
        line_if(
            numbered,
            item("N(S)", decimal(np.where(control & 1 == 0, control >> 1, 0))),
            item("N(R)", decimal(second >> 1)),
            item("P/F", decimal(second & 1)),
        ),
    ]


def values(walk: Walk, layer: Layer) -> Iterator[Value]:
    """The control field has two bytes in numbered frames, which Wireshark reads with the first one low."""
    control = layer["control"].astype(np.int64)
    wide = np.where(control & 3 != 3, control | walk.buf[layer.start + 3].astype(np.int64) << 8, control)
    yield when("llc.control", layer.end - layer.start >= np.where(control & 3 != 3, 4, 3), decimal(wide))


def words(layer: Layer) -> Chars:
    """``Response:XID``: the kind of each frame as the analyzer of the packet trace words it."""
    kind = by_value(layer["ssap"] & 1, lambda v: "Response:" if v else "Command:")
    return joined(kind, by_value(layer["control"], name))
