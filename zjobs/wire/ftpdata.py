"""File Transfer Protocol, data connection: bytes of a file or of a directory, without any header.

Reference: RFC 959, section 3.2.
"""

from zjobs.chars import decimal
from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.walk import Layer, Walk

NAME = "ftp-data"
TITLE = "FTP Data"
FOUND = {"tcp.app": (20,)}

LAYOUT = Layout("FTP data", (Field("first", "u8", 0),), 1, "RFC 959, section 3.2")


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """How much there is; the bytes are in the dump."""
    return [Title(TITLE), line(item("Length", decimal(layer.limit - layer.start)))]
