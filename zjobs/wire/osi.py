"""What stands behind an identifier of network protocols (NLPID), of which IP and PPP are read.

Reference: ISO/IEC TR 9577; RFC 2684, section 5.1 (LLC with the service access points FE); RFC 1377 (PPP).
"""

import numpy as np

from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.values import hex2
from zjobs.wire.walk import Layer, Mask, Walk

NAME = "osi"
TITLE = "OSI"
_JUNIPER = 201
FOUND = {"llc.osi": (0,), "juniper": (_JUNIPER,), "ppp": (0x23,)}

LAYOUT = Layout("OSI", (Field("nlpid", "u8", 0, "Network Protocol", hex2, json="osi.nlpid"),), 1, "ISO/IEC TR 9577")

_IPV4, _IPV6, _PPP = 0xCC, 0x8E, 0xCF


def reach(walk: Walk, layer: Layer) -> None:
    """The identifier says what follows."""
    nlpid = layer["nlpid"]
    version = np.select([nlpid == _IPV4, nlpid == _IPV6], [4, 6], 0)
    walk.next(layer, "ip.version", version, which=version > 0)
    walk.next(layer, "link", int(Link.PPP), which=nlpid == _PPP)


def shown(layer: Layer) -> dict[str, Mask]:
    """Wireshark shows no identifier behind a header of Junos."""
    return {"nlpid": layer.code != _JUNIPER}


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours."""
    return [Title(TITLE), line(item("Network Protocol", hex2(layer["nlpid"])))]
