"""REASSEMBLY: datagrams that came in fragments, and what is missing of those that are not whole.

Reference: IP Diagnosis Guide, OPTIONS keywords, REASSEMBLY; only "No packets required reassembly" is from a
sample, the rest of the wording is ours.
"""

from collections.abc import Iterator

from zjobs.reports.frame import DOUBLE, Frame
from zjobs.trace.dissect import Dissection
from zjobs.trace.fragments import Datagram
from zjobs.trace.trace import Trace
from zjobs.weave import Weave
from zjobs.wire.values import PROTOCOLS, ipv6_text
from zjobs.words import counted

NAME = "REASSEMBLY"
LEVEL = "C"
ORDER = 55

_MOST_SHOWN = 16


class Report:
    """Asks the reassembly of the trace at the end of the run."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame

    def add(self, weave: Weave, found: Dissection) -> None:
        """Nothing a record: a joined packet is shown at the record that completed it."""

    def end(self) -> Iterator[str]:
        """The counts, then each datagram that is not whole; with DETAIL those that were joined, too."""
        yield DOUBLE
        yield from head(self.frame.trace)
        reassembler = self.frame.trace.reassembler
        if reassembler is None:
            return
        if self.frame.options.detail("REASSEMBLY") == "DETAIL":
            for datagram in reassembler.joined:
                size = counted(f"{datagram.total}", "byte")
                yield f"{_who(datagram)}: {size} from {counted(len(datagram.extents), 'fragment')}"
            if reassembler.datagrams > len(reassembler.joined):
                more = reassembler.datagrams - len(reassembler.joined)
                yield f"{counted(more, 'more joined packet is|more joined packets are')} not listed"
        for datagram in reassembler.incomplete():
            yield f"{_who(datagram)}: missing {', '.join(_hole(*h) for h in datagram.missing()) or _whole(datagram)}"
        if reassembler.given_up > len(reassembler.lost):
            more = reassembler.given_up - len(reassembler.lost)
            yield f"{counted(more, 'more incomplete packet is|more incomplete packets are')} not listed"


def head(trace: Trace) -> Iterator[str]:
    """What reassembly did, in one to three lines; STATISTICS starts with them."""
    reassembler = trace.reassembler
    if reassembler is None:
        yield "Reassembly was not requested"
        return
    incomplete = reassembler.given_up + len(reassembler.open)
    required = reassembler.datagrams + incomplete
    if not required and not reassembler.unusable:
        yield "No packets required reassembly"
        return
    yield f"{counted(required, 'packet')} required reassembly"
    joined = counted(reassembler.datagrams, "packet was|packets were")
    yield f"{joined} reassembled from {counted(reassembler.used, 'fragment')}"
    if reassembler.unusable:
        unusable = counted(reassembler.unusable, "fragment is|fragments are")
        yield f"{unusable} abbreviated or damaged and could not be used"


def _who(datagram: Datagram) -> str:
    key, records = datagram.key, datagram.records
    size = 4 if len(key) < 32 else 16
    ends = [_address(key[:size]), _address(key[size : 2 * size])]
    ident = key[2 * size : 2 * size + (2 if size == 4 else 4)].hex().upper()
    numbers = ", ".join(map(str, records[:_MOST_SHOWN])) + (" ..." if len(records) > _MOST_SHOWN else "")
    name = PROTOCOLS.get(datagram.proto, f"Protocol {datagram.proto}")
    return f"Record {numbers}: id {ident} {name} {ends[0]} to {ends[1]}"


def _address(raw: bytes) -> str:
    return ".".join(map(str, raw)) if len(raw) == 4 else ipv6_text(raw)


def _hole(first: int, behind: int) -> str:
    return f"{first} to {behind - 1}" if behind >= 0 else f"from {first} on"


def _whole(datagram: Datagram) -> str:
    return f"nothing, but {datagram.total} bytes are more than REASSEMBLY allows"
