"""Exported PDUs: packets that Wireshark took out of others, behind tags that tell where they came from.

Reference: LINKTYPE_WIRESHARK_UPPER_PDU of tcpdump.org; Wireshark, epan/exported_pdu.h.  What begins with an IP header
or a frame is read; messages of applications by themselves are left as data.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import decimal
from zjobs.columns import windows
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, Value, item, line, when
from zjobs.wire.values import json_ipv4, json_ipv6
from zjobs.wire.walk import Index, Layer, Walk

NAME = "exported_pdu"
TITLE = "Exported PDU"
FOUND = {"link": (Link.EXPORTED_PDU,)}

LAYOUT = Layout("Exported PDU", (Field("tag", "u16", 0), Field("length", "u16", 2)), 4, "LINKTYPE_WIRESHARK_UPPER_PDU")

_END, _PROTOCOL = 0, 12
#: Tags of addresses: the field of IP that each is shown as, and its size.
_ADDRESSES = {20: ("ip.src", 4), 21: ("ip.dst", 4), 22: ("ipv6.src", 16), 23: ("ipv6.dst", 16)}
#: More tags than Wireshark writes.
_MOST = 32
_LONGEST = 16
#: Dissectors of Wireshark, and what they read.
_NAMES = {
    b"ip": Link.IPV4, b"ipv6": Link.IPV6, b"eth": Link.ETHERNET, b"eth_withoutfcs": Link.ETHERNET,
    b"eth_maybefcs": Link.ETHERNET,
}  # fmt: skip


def reach(walk: Walk, layer: Layer) -> None:
    """The last tag ends the header; one of them names what follows."""
    body, places = _tags(walk, layer)
    layer.extra |= {f"tag{tag}": at for tag, at in places.items()}
    found = body >= 0
    layer.head = np.where(found, np.minimum(body, layer.end) - layer.start, layer.head)
    walk.next(layer, "link", _link(walk, places[_PROTOCOL]), which=found)


def _tags(walk: Walk, layer: Layer) -> tuple[Index, dict[int, Index]]:
    """Where the tags end (-1 is nowhere), and where the wanted ones stand; found for all at once, tag by tag."""
    body = np.full(len(layer), -1, dtype=np.int64)
    places = {tag: body.copy() for tag in (_PROTOCOL, *_ADDRESSES)}
    at = layer.start.copy()
    for _ in range(_MOST):
        here = np.flatnonzero((body < 0) & (at + 4 <= layer.end))
        if not here.size:
            break
        head = windows(walk.buf, at[here], 4).view(">u2").astype(np.int64)
        tag, behind = head[:, 0], at[here] + 4 + head[:, 1]
        whole = behind <= layer.end[here]
        for one, place in places.items():
            place[here[whole & (tag == one)]] = at[here[whole & (tag == one)]]
        body[here[tag == _END]] = behind[tag == _END]
        at[here] = np.where(whole, behind, layer.end[here])
    return body, places


def _link(walk: Walk, at: Index) -> Index:
    """What the name says, zeros at its end left out."""
    link = np.full(at.size, Link.UNKNOWN, dtype=np.int64)
    here = np.flatnonzero(at >= 0)
    size = windows(walk.buf, at[here] + 2, 2).view(">u2")[:, 0]
    text = windows(walk.buf, at[here] + 4, _LONGEST).copy()
    text[np.arange(_LONGEST) >= size[:, None]] = 0
    names = text.view(f"S{_LONGEST}").reshape(-1)
    for name, kind in _NAMES.items():
        link[here[names == name]] = kind
    return link


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours."""
    return [Title(TITLE), line(item("Header Length", decimal(layer.head)))]


def values(walk: Walk, layer: Layer) -> Iterator[Value]:
    """Addresses of the packet that it was taken out of."""
    for tag, (name, size) in _ADDRESSES.items():
        at: NDArray[np.int64] = layer.extra[f"tag{tag}"]
        octets = windows(walk.buf, np.where(at >= 0, at + 4, layer.start), size)
        text = json_ipv4(octets.view(">u4")[:, 0].astype(np.uint32)) if size == 4 else json_ipv6(octets)
        yield when(name, at >= 0, text)
