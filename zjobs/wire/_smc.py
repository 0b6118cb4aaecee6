"""Messages of Shared Memory Communications as tables: where a value is, what it is called, how it is shown."""

from ipaddress import IPv6Address
from typing import NamedTuple

from zjobs.wire.message import Message, Reader


class Part(NamedTuple):
    """A value ``size`` bytes long at an offset of its message; ``bits`` is (shift, width) in it.

    ``show`` is hex, number, flag, gid (an IPv6 address), mac or bytes.
    """

    at: int
    size: int
    label: str
    json: str
    show: str = "hex"
    bits: tuple[int, int] | None = None


def parts(data: Reader, say: Message, start: int, table: tuple[Part, ...]) -> None:
    """Tell all values of a table, two to a line, of a message that starts at ``start``."""
    pending: list[tuple[str, object]] = []
    for part in table:
        data.at = start + part.at
        raw = data.take(part.size, part.json or "message")
        value = int.from_bytes(raw, "big")
        if part.bits is not None:
            value = value >> part.bits[0] & (1 << part.bits[1]) - 1
        shown, told = _shown(part, raw, value)
        if part.json:
            say.field(part.json, told)
        if part.label:
            pending.append((part.label, shown))
        if len(pending) == 2 or part.size > 8:
            say.line(*pending[0], *pending[1:], level=2)
            pending = []
    if pending:
        say.line(*pending[0], level=2)


def _shown(part: Part, raw: bytes, value: int) -> tuple[object, object]:
    match part.show:
        case "number":
            return value, value
        case "flag":
            return "yes" if value else "no", bool(value)
        case "gid":
            text = str(IPv6Address(raw))
            return text.upper(), text
        case "mac":
            return raw.hex().upper(), raw.hex(":")
    return raw.hex().upper(), value
