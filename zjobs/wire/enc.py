"""The header of the enc interface of OpenBSD and FreeBSD: packets before IPsec protects them, or after.

Reference: LINKTYPE_ENC of tcpdump.org.
"""

from collections.abc import Iterator

import numpy as np

from zjobs.chars import decimal
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, Value, item, line, when
from zjobs.wire.values import hex8
from zjobs.wire.walk import Index, Layer, Walk

NAME = "enc"
TITLE = "ENC"
FOUND = {"link": (Link.ENC,)}

LAYOUT = Layout(
    "ENC",
    (
        Field("family", "u32", 0),
        Field("swapped", "l32", 0),
        Field("spi", "u32", 4, "SPI", hex8, json="enc.spi"),
    ),
    12,
    "LINKTYPE_ENC",
)

_INET, _INET6 = 2, 24


def reach(walk: Walk, layer: Layer) -> None:
    """The family is that of OpenBSD, in the byte order of the machine that captured."""
    family = _family(layer)
    version = np.select([family == _INET, family == _INET6], [4, 6], 0)
    walk.next(layer, "ip.version", version, which=(layer.end - layer.start >= LAYOUT.size) & (version > 0))


def _family(layer: Layer) -> Index:
    """The smaller of both readings: there are a few dozen families."""
    return np.asarray(np.minimum(layer["family"], layer["swapped"]), dtype=np.int64)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours."""
    return [Title(TITLE), line(item("Family", decimal(_family(layer))), item("SPI", hex8(layer["spi"])))]


def values(walk: Walk, layer: Layer) -> Iterator[Value]:
    """The family, in the order in which it makes sense."""
    yield when("enc.af", layer.end - layer.start >= LAYOUT.size, decimal(_family(layer)))
