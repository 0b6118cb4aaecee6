"""IEEE 802.11: frames of wireless networks; what is behind a header is read of data that is not encrypted.

Reference: IEEE 802.11-2020, section 9.2.4 (fields), table 9-30 (addresses of data frames), table 9-1 (subtypes).
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import Chars, by_value, decimal
from zjobs.columns import among, windows
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, Value, item, line, line_if, when
from zjobs.wire.values import json_bool, json_mac, mac
from zjobs.wire.walk import Fault, Index, Layer, Mask, Walk

NAME = "wlan"
TITLE = "IEEE 802.11"
#: Controllers of Aruba take frames to and from their access points in GRE (numbers as in Wireshark's packet-gre.h).
FOUND = {"link": (Link.WLAN, Link.WLAN_PADDED), "gre.proto": tuple(range(0x8200, 0x8380, 0x10))}


def _flag(name: str, bit: int) -> Field:
    return Field(name, "u8", 1, bits=(bit, 1), json=f"wlan.fc.{name}", json_show=json_bool)


#: What every frame has; the shortest is an acknowledgement.
LAYOUT = Layout(
    "IEEE 802.11",
    (
        Field("version", "u8", 0, "Version", bits=(0, 2), json="wlan.fc.version"),
        Field("type", "u8", 0, "Type", bits=(2, 2), json="wlan.fc.type"),
        Field("subtype", "u8", 0, "Subtype", bits=(4, 4), json="wlan.fc.subtype"),
        _flag("tods", 0),
        _flag("fromds", 1),
        _flag("frag", 2),
        _flag("retry", 3),
        _flag("pwrmgt", 4),
        _flag("moredata", 5),
        _flag("protected", 6),
        _flag("order", 7),
        Field("duration", "l16", 2, "Duration", bits=(0, 15), json="wlan.duration"),
        Field("ra", "b6", 4, "Receiver MAC", mac, json="wlan.ra", json_show=json_mac),
    ),
    10,
    "IEEE 802.11-2020, section 9.2.4",
)

TYPES = {0: "Management", 1: "Control", 2: "Data", 3: "Extension"}
_MANAGEMENT, _CONTROL, _DATA = 0, 1, 2
#: Frames of control that name a sender; two of them have the address of the network too, or in its place.
_SENDERS = (2, 3, 4, 5, 8, 9, 10, 11, 15)
_POLL, _FREE = 10, 14
#: Bits of the subtypes of data: no data at all, and a field for quality of service.
_NULL, _QOS = 4, 8
#: Sizes of a header with three addresses, and of what may follow: address, quality of service, control of HT.
_THREE, _ADDRESS, _QUALITY, _HT = 24, 6, 2, 4
#: In the field for quality of service: several frames in one, and (between access points) the header of a mesh.
_AGGREGATE, _MESH = 0x80, 1


def reach(walk: Walk, layer: Layer) -> None:
    """A data frame that is whole by itself carries LLC."""
    there = layer.end - layer.start
    addressed, data = _addressed(layer), layer["type"] == _DATA
    # From one access point to another; the fourth address is the sender's.
    four = data & (layer["tods"] == 1) & (layer["fromds"] == 1)
    quality = data & (layer["subtype"] & _QOS > 0)
    size = np.where(addressed, _THREE + four * _ADDRESS + quality * _QUALITY, LAYOUT.size)
    control = layer.start + size - _QUALITY
    size += ((layer["order"] == 1) & (quality | addressed & ~data)) * _HT
    size = np.where(layer.code == Link.WLAN_PADDED, (size + 3) // 4 * 4, size)
    cut = addressed & (there >= LAYOUT.size) & (there < size)
    walk.fault(layer, cut, Fault.SHORT, "header", layer.start[cut], size[cut], there[cut])
    layer.head = np.minimum(size, there)
    first = walk.buf[np.where(there >= size, control, layer.start)]
    second = walk.buf[np.where(there >= size, control + 1, layer.start)]
    other = quality & ((first & _AGGREGATE > 0) | four & (second & _MESH > 0))
    single = (layer["frag"] == 0) & (_sequence(walk, layer) & 15 == 0)
    open_ = data & (layer["subtype"] & _NULL == 0) & (layer["protected"] == 0) & ~other
    walk.next(layer, "llc", 0, which=addressed & open_ & single & (there >= size))


def _addressed(layer: Layer) -> Mask:
    """Frames of management and data, of the one version there is: they have three addresses and a number."""
    kind = layer["type"]
    return np.asarray((layer["version"] == 0) & ((kind == _MANAGEMENT) | (kind == _DATA)))


def _sequence(walk: Walk, layer: Layer) -> Index:
    """The number of each frame, and of its fragment in the last four bits."""
    two = windows(walk.buf, layer.start + _THREE - 2, 2).astype(np.int64)
    return two[:, 0] | two[:, 1] << 8


def _addresses(walk: Walk, layer: Layer) -> dict[str, tuple[Mask, NDArray[np.uint8]]]:
    """What the addresses mean, by Wireshark's names: which frames have each, and its six bytes."""
    there, addressed = layer.end - layer.start, _addressed(layer)
    sends = addressed & (layer["tods"] == 1) & (layer["type"] == _DATA)
    gets = addressed & (layer["fromds"] == 1) & (layer["type"] == _DATA)
    control = np.where((layer["version"] == 0) & (layer["type"] == _CONTROL), layer["subtype"], 0)
    polls, frees = control == _POLL, control == _FREE
    both = sends & gets
    places = {
        "ta": np.where(addressed | among(control, _SENDERS), 10, 0),
        "da": np.where(addressed, np.where(sends, 16, 4), 0),
        "sa": np.where(addressed, np.where(both, _THREE, np.where(gets, 16, 10)), 0),
        "bssid": np.select([polls | sends & ~both, frees | gets & ~both, addressed & ~both], [4, 10, 16], 0),
    }
    return {
        name: ((place > 0) & (there >= place + _ADDRESS), windows(walk.buf, layer.start + place, _ADDRESS))
        for name, place in places.items()
    }


def shown(layer: Layer) -> dict[str, Mask]:
    """Of other versions only that is known."""
    return {f.name: layer["version"] == 0 for f in LAYOUT.fields if f.name != "version"}


def kinds(layer: Layer) -> Chars:
    """``Data``: the type of each frame."""
    return by_value(layer["type"], lambda v: TYPES[v])


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter knows no wireless frames."""
    found = _addresses(walk, layer)
    return [
        Title(TITLE),
        line(item("Type", kinds(layer)), item("Subtype", decimal(layer["subtype"]))),
        line_if(found["sa"][0], item("Source MAC", mac(found["sa"][1])), item("Destination MAC", mac(found["da"][1]))),
        line_if(~found["sa"][0], item("Receiver MAC", mac(layer.columns.octets("ra")))),
    ]


def values(walk: Walk, layer: Layer) -> Iterator[Value]:
    """Addresses and the number, of frames that have them."""
    for name, (mask, octets) in _addresses(walk, layer).items():
        yield when(f"wlan.{name}", mask, json_mac(octets))
    whole = _addressed(layer) & (layer.end - layer.start >= _THREE)
    number = _sequence(walk, layer)
    yield when("wlan.frag", whole, decimal(number & 15))
    yield when("wlan.seq", whole, decimal(number >> 4))
