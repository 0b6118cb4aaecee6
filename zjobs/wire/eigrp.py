"""Enhanced Interior Gateway Routing Protocol: the header.

Reference: RFC 7868, section 6.3.
"""

from collections.abc import Iterator

from zjobs.wire import summed
from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block, Value
from zjobs.wire.message import Message, Reader
from zjobs.wire.values import hex4, hex8, json_bool
from zjobs.wire.walk import Layer, Walk

NAME = "eigrp"
TITLE = "EIGRP"
FOUND = {"ip.proto": (88,)}

OPCODES = {1: "Update", 2: "Request", 3: "Query", 4: "Reply", 5: "Hello", 10: "SIA Query", 11: "SIA Reply"}

LAYOUT = Layout(
    "EIGRP",
    (
        Field("version", "u8", 0, "Version", json="eigrp.version"),
        Field("opcode", "u8", 1, "Opcode", json="eigrp.opcode"),
        Field("checksum", "u16", 2, "CheckSum", hex4, json="eigrp.checksum"),
        Field("flags", "u32", 4, "Flags", hex8, json="eigrp.flags"),
        Field("init", "u32", 4, bits=(0, 1), json="eigrp.flags.init", json_show=json_bool),
        Field("condrecv", "u32", 4, bits=(1, 1), json="eigrp.flags.condrecv", json_show=json_bool),
        Field("restart", "u32", 4, bits=(2, 1), json="eigrp.flags.restart", json_show=json_bool),
        Field("eot", "u32", 4, bits=(3, 1), json="eigrp.flags.eot", json_show=json_bool),
        Field("seq", "u32", 8, "Sequence", json="eigrp.seq"),
        Field("ack", "u32", 12, "Acknowledge", json="eigrp.ack"),
        Field("vrid", "u16", 16, "Virtual Router", json="eigrp.vrid"),
        Field("system", "u16", 18, "Autonomous System", json="eigrp.as"),
    ),
    20,
    "RFC 7868, section 6.3",
)


def decode(data: Reader, say: Message, state: int) -> None:
    """The header; what it is about stands in lists that are not shown."""
    head = say.header(LAYOUT, data)
    name = OPCODES.get(head["opcode"], f"Opcode {head['opcode']}")
    if head["ack"] and name == "Hello":
        name = "Hello (Ack)"
    say.summary = f"EIGRP : {name}"
    say.line("Version", head["version"], ("Opcode", name), ("Flags", f"{head['flags']:08X}"))
    say.line("Sequence", head["seq"], ("Acknowledge", head["ack"]))
    say.line("Virtual Router", head["vrid"], ("System", head["system"]))


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """The message and its checksum."""
    return summed.lines(walk, layer, summed.over_all(walk, layer))


def values(walk: Walk, layer: Layer) -> Iterator[Value]:
    """The message's fields and the verdict on its checksum."""
    return summed.values(walk, layer, "eigrp.checksum.status", summed.over_all(walk, layer))
