"""General data stream variables of SNA.

Reference: SNA Formats (GA27-3136), GDS variables.
"""

from functools import cache

from zjobs.wire import message, names
from zjobs.wire.layout import Field, Layout
from zjobs.wire.message import Message, Reader, hexed
from zjobs.wire.values import hex4, json_bool

NAME = "gds"
TITLE = "GDS Variables"
FOUND = {"sna.gds": (0,)}
LISTS = frozenset({"sna.gds.len", "sna.gds.type", "sna.gds.cont"})

LAYOUT = Layout(
    "GDS variable",
    (
        Field("len", "u16", 0, "Length", bits=(0, 15), json="sna.gds.len"),
        Field("cont", "u16", 0, "Continued", bits=(15, 1), json="sna.gds.cont", json_show=json_bool),
        Field("type", "u16", 2, "Type", hex4, json="sna.gds.type"),
    ),
    4,
    "SNA Formats, GDS variables",
)


@cache
def types() -> dict[int, str]:
    """The variables that have a name."""
    return names.load("sna-gds")


def decode(data: Reader, say: Message, state: int) -> None:
    """Variable after variable, each as long as it says."""
    while len(data):
        head = say.header(LAYOUT, data)
        name = types().get(head["type"], "Unknown")
        say.line(
            "GDS Variable", f"{head['type']:04X} {name}", ("Length", head["len"]),
            *((("", "continued"),) if head["cont"] else ()),
        )  # fmt: skip
        say.also(f"GDS {name}")
        if head["len"] < LAYOUT.size:
            raise data.bad("sna.gds.len", LAYOUT.size, head["len"])
        body = data.upto(head["len"] - LAYOUT.size, "sna.gds.len")
        if len(body):
            say.line("Data", hexed(body.rest()), level=2)


lines = message.lines
values = message.values
