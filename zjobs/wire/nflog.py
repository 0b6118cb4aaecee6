"""NFLOG: packets that a rule of Linux netfilter logged.

Reference: LINKTYPE_NFLOG of tcpdump.org; attributes of linux/netfilter/nfnetlink_log.h.
"""

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import decimal
from zjobs.columns import among
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.walk import Fault, Index, Layer, Walk

NAME = "nflog"
TITLE = "NFLOG"
FOUND = {"link": (Link.NFLOG,)}

LAYOUT = Layout(
    "NFLOG",
    (
        Field("family", "u8", 0, "Family", json="nflog.family"),
        Field("version", "u8", 1, "Version", json="nflog.version"),
        Field("resource", "u16", 2, "Resource ID", json="nflog.res_id"),
    ),
    4,
    "LINKTYPE_NFLOG",
)

_INET, _INET6 = 2, 10
_PAYLOAD = 9
#: There are twenty kinds of attributes; each stands once.
_MOST = 32


def reach(walk: Walk, layer: Layer) -> None:
    """One of the attributes is the packet; the family says which version of IP it is."""
    body, limit = _payload(walk, layer)
    found = body >= 0
    layer.head = np.where(found, np.minimum(body, layer.end) - layer.start, layer.head)
    family = layer["family"].astype(np.int64)
    walk.next(
        layer, "ip.version", np.where(family == _INET, 4, 6), which=found & among(family, (_INET, _INET6)),
        end=np.minimum(layer.end, limit), limit=limit,
    )  # fmt: skip


def _payload(walk: Walk, layer: Layer) -> tuple[Index, Index]:
    """Where the packet starts (-1: nowhere) and ends, found for all at once, attribute by attribute."""
    body, limit = np.full(len(layer), -1, dtype=np.int64), layer.limit.copy()
    at = layer.start + LAYOUT.size
    for _ in range(_MOST):
        here = np.flatnonzero((body < 0) & (at + 4 <= layer.end))
        if not here.size:
            break
        size, kind = _attribute(walk, at[here])
        bad = size < 4
        walk.fault(layer, here[bad], Fault.LENGTH, "length", at[here[bad]], 4, size[bad])
        packet = here[~bad & (kind == _PAYLOAD)]
        body[packet] = at[packet] + 4
        limit[packet] = np.minimum(limit[packet], (at[here] + size)[~bad & (kind == _PAYLOAD)])
        at[here] = np.where(bad, layer.end[here], at[here] + (size + 3 & ~3))
    return body, limit


def _attribute(walk: Walk, at: Index) -> tuple[Index, NDArray[np.int64]]:
    """Length and type, in the byte order of the machine that logged: of the type only one byte is used."""
    one, two, three, four = (walk.buf[at + k].astype(np.int64) for k in range(4))
    big = (three & 0x7F == 0) & (four != 0)
    return np.where(big, one << 8 | two, two << 8 | one), np.where(big, four, three)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours."""
    return [
        Title(TITLE),
        line(item("Family", decimal(layer["family"])), item("Resource ID", decimal(layer["resource"]))),
    ]
