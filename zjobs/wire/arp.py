"""Address Resolution Protocol.

Reference: RFC 826, RFC 903 (RARP).
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from zjobs.chars import Chars, by_value, decimal, ipv4, names
from zjobs.columns import among, windows
from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block, Title, Value, item, line, line_if, when
from zjobs.wire.values import hex4, json_ipv4, json_mac, mac
from zjobs.wire.walk import Fault, Layer, Walk

NAME = "arp"
TITLE = "ARP"
FOUND = {"ethertype": (0x0806, 0x8035)}

OPCODES = {1: "Request", 2: "Reply", 3: "RARP Request", 4: "RARP Reply", 8: "InARP Request", 9: "InARP Reply"}

LAYOUT = Layout(
    "ARP",
    (
        Field("hwtype", "u16", 0, "Hardware Type", json="arp.hw.type"),
        Field("prototype", "u16", 2, "Protocol Type", hex4, json="arp.proto.type"),
        Field("hwsize", "u8", 4, "Hardware Size", json="arp.hw.size"),
        Field("protosize", "u8", 5, "Protocol Size", json="arp.proto.size"),
        Field("opcode", "u16", 6, "Opcode", json="arp.opcode"),
        Field("srcmac", "b6", 8, "Sender MAC", mac),
        Field("srcip", "u32", 14, "Sender Ip", ipv4),
        Field("dstmac", "b6", 18, "Target MAC", mac),
        Field("dstip", "u32", 24, "Target Ip", ipv4),
    ),
    28,
    "RFC 826",
)


def reach(walk: Walk, layer: Layer) -> None:
    """The sizes bound the addresses; only Ethernet with IPv4 is laid out."""
    there = layer.end - layer.start
    size = 8 + 2 * (layer["hwsize"].astype(np.int64) + layer["protosize"])
    cut = (there >= 8) & (size > there) & (size > 28)
    walk.fault(layer, cut, Fault.SHORT, "arp.hw.size", layer.start[cut], size[cut], there[cut])
    layer.head = np.minimum(size, there)


def opcodes(values: NDArray[np.uint16]) -> Chars:
    """``ARP Request``: the operation in words, with the protocol."""
    return by_value(values, lambda n: OPCODES[n] if n > 2 and n in OPCODES else f"ARP {OPCODES.get(n, n)}")


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of ARP is not known."""
    usual = (layer["hwsize"] == 6) & (layer["protosize"] == 4)
    return [
        Title(TITLE),
        line(item("Hardware Type", decimal(layer["hwtype"])), item("Protocol Type", hex4(layer["prototype"]))),
        line(item("Opcode", names(layer["opcode"], OPCODES))),
        line_if(
            usual, item("Sender MAC", mac(layer.columns.octets("srcmac"))), item("Sender Ip", ipv4(layer["srcip"]))
        ),
        line_if(
            usual, item("Target MAC", mac(layer.columns.octets("dstmac"))), item("Target Ip", ipv4(layer["dstip"]))
        ),
    ]


def values(walk: Walk, layer: Layer) -> Iterator[Value]:
    """Addresses, where their sizes are those of Ethernet and IPv4."""
    there = layer.end - layer.start
    # Ethernet and IEEE 802 have the same addresses; Wireshark reads all four before it shows one.
    size = 8 + 2 * (layer["hwsize"].astype(np.int64) + layer["protosize"])
    hardware = among(layer["hwtype"], (1, 6)) & (layer["hwsize"] == 6) & (there >= size)
    protocol = (layer["prototype"] == 0x0800) & (layer["protosize"] == 4) & (there >= size)
    step = 8 + layer["hwsize"].astype(np.int64)
    second = step + layer["protosize"]
    third = second + layer["hwsize"]
    for name, mask, at, width in (
        ("arp.src.hw_mac", hardware, np.full(len(layer), 8), 6),
        ("arp.src.proto_ipv4", protocol, step, 4),
        ("arp.dst.hw_mac", hardware, second, 6),
        ("arp.dst.proto_ipv4", protocol, third, 4),
    ):
        raw = windows(walk.buf, np.where(mask, layer.start + at, 0), width)
        text = json_mac(raw) if width == 6 else json_ipv4(np.ascontiguousarray(raw).view(">u4").reshape(-1))
        yield when(name, mask, text)
