"""BASIC: what applications say, element by element, in few lines a record.

Reference: IP Diagnosis Guide, OPTIONS keywords, BASIC: an element-by-element decode of DNS, RIP and SNMP data; here of
every message that is decoded.  DETAIL gives the elements, SUMMARY one line a message.  The layout is ours.
"""

from collections.abc import Iterator

from zjobs.chars import printable
from zjobs.reports import record_line
from zjobs.reports.frame import Frame
from zjobs.trace.dissect import Dissection
from zjobs.weave import Weave
from zjobs.wire import message
from zjobs.wire.protocols import protocols

NAME = "BASIC"
LEVEL = "C"
ORDER = 15

_WIDTH = 79


class Report:
    """The record line, then each message of the record."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.detail = frame.options.detail("BASIC") == "DETAIL"
        # FORMAT and DUMP print the record lines themselves.
        self.alone = not {"FORMAT", "DUMP"} & set(frame.options.reports)

    def add(self, weave: Weave, found: Dissection) -> None:
        """The messages of every packet of a batch."""
        if self.alone:
            record_line.add(weave, self.frame, found)
        for layer in found.layers:
            module = protocols()[layer.name]
            if not hasattr(module, "decode"):
                continue
            weave.add_texts([self._told(str(module.TITLE), say) for say in message.told(found.walk, layer)], layer.rows)

    def _told(self, title: str, say: message.Message) -> bytes:
        lines = [f" {title}: {say.summary}".rstrip(": ")]
        if self.detail:
            lines += _filled([_element(pairs) for _, pairs in say.lines])
        return "".join(f"{line}\n" for line in lines).encode("ascii")

    def end(self) -> Iterator[str]:
        """Nothing: every line belongs to a record."""
        return iter(())


def _element(pairs: tuple[tuple[str, str], ...]) -> str:
    words = [f"{label}={value}" if label and value else label or value for label, value in pairs]
    return " ".join(" ".join(printable(w).split()) for w in words if w.strip(" =;"))


def _filled(elements: list[str]) -> list[str]:
    """Elements one behind the other, as many as a line takes."""
    lines: list[str] = []
    for element in elements:
        text = element.removeprefix(";;").strip()
        if not text or set(text) == {"="}:
            continue
        if lines and len(lines[-1]) + len(text) + 2 <= _WIDTH:
            lines[-1] += f", {text}"
        else:
            lines.append(f"  {text}")
    return lines
