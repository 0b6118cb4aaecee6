"""Basic Encoding Rules, as SNMP, LDAP and Kerberos use them: elements one behind the other, read as far as they go.

Reference: ITU-T X.690, section 8; RFC 1157, section 3.2.2 (definite lengths only).
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes, windows
from zjobs.wire.message import Reader

INTEGER, OCTETS, NULL, OID, ENUMERATED, SEQUENCE, SET = 0x02, 0x04, 0x05, 0x06, 0x0A, 0x30, 0x31
CONSTRUCTED = 0x20

#: Bytes of a length and of an integer beyond which nothing sensible is meant.
_LONGEST_LENGTH, _LONGEST_INTEGER = 4, 9
_MORE_TAG, _LONG = 0x1F, 0x80


class Cut(Reader):
    """Contents whose end is missing: they never come to an end, so that whoever reads on meets what is missing."""

    __slots__ = ()

    def __len__(self) -> int:
        return max(self.end - self.at, 1)


def element(data: Reader, claimed: str = "element") -> tuple[int, Reader]:
    """Identifier octet and contents of the element at the reader.

    A constructed element whose end was cut has the contents that are there; a simple one must be whole.
    """
    raw, at = data.data, data.at + 2
    if at <= data.end:
        # Nearly all elements are short and whole.
        tag, size = raw[at - 2], raw[at - 1]
        if tag & _MORE_TAG != _MORE_TAG and size < _LONG and at + size <= data.end:
            data.at = at + size
            return tag, Reader(raw, at, at + size, claimed)
    tag = data.u8()
    if tag & _MORE_TAG == _MORE_TAG:
        raise data.bad(claimed, _MORE_TAG - 1, _MORE_TAG)
    size = data.u8()
    if size & _LONG:
        count = size & ~_LONG
        if not 0 < count <= _LONGEST_LENGTH:
            raise data.bad(claimed, _LONGEST_LENGTH, count)
        size = int.from_bytes(data.take(count, claimed), "big")
    there = data.end - data.at
    if tag & CONSTRUCTED and size > there:
        body = data.part(there, claimed)
        return tag, Cut(body.data, body.at, body.end, claimed)
    return tag, data.part(size, claimed)


def expect(data: Reader, tag: int, claimed: str) -> Reader:
    """Contents of the element at the reader, which must have this identifier."""
    at = data.at
    found, body = element(data, claimed)
    if found != tag:
        data.at = at
        raise data.bad(claimed, tag, found)
    return body


def integer(data: Reader, claimed: str, tag: int = INTEGER) -> int:
    """The INTEGER at the reader."""
    raw, at = data.data, data.at + 2
    if at <= data.end and raw[at - 2] == tag and 0 < raw[at - 1] <= min(_LONGEST_INTEGER, data.end - at):
        data.at = at + raw[at - 1]
        return int.from_bytes(raw[at : data.at], "big", signed=True)
    return number(expect(data, tag, claimed))


def octets(data: Reader, claimed: str) -> bytes:
    """The OCTET STRING at the reader."""
    return expect(data, OCTETS, claimed).rest()


def number(body: Reader, signed: bool = True) -> int:
    """Contents as an integer in two's complement, or without a sign as the counters of SNMP have it."""
    if not 0 < len(body) <= _LONGEST_INTEGER:
        raise body.bad(body.claimed, _LONGEST_INTEGER, len(body))
    return int.from_bytes(body.rest(), "big", signed=signed)


def identifier(body: Reader) -> str:
    """Contents as the dotted text of an OBJECT IDENTIFIER; unfinished numbers are left out."""
    return _dotted(body.rest())


@lru_cache(4096)
def _dotted(raw: bytes) -> str:
    numbers: list[int] = []
    value = 0
    for octet in raw:
        value = value << 7 | octet & 0x7F
        if not octet & 0x80:
            if not numbers:
                # The first number holds the first two arcs (X.690, section 8.19.4).
                numbers.append(min(value // 40, 2))
                value -= numbers[0] * 40
            numbers.append(value)
            value = 0
    return ".".join(str(n) for n in numbers)


def length(data: bytes) -> int:
    """Bytes that the element at the start of ``data`` has with its head; 0 where the head is not whole or not read."""
    if len(data) < 2:
        return 0
    count = data[1] & ~_LONG if data[1] & _LONG else 0
    if count > _LONGEST_LENGTH or data[1] == _LONG or len(data) < 2 + count:
        return 0
    return 2 + count + (int.from_bytes(data[2 : 2 + count], "big") if count else data[1])


def opened(buf: Bytes, start: NDArray[np.int64]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Of the elements at ``start`` (n,): identifier (n,) and where their contents begin (n,).

    The start is -1 where the length is not one that this reader takes.
    """
    first = windows(buf, start, 2)
    count = np.where(first[:, 1] & _LONG, (first[:, 1] & 0x7F).astype(np.int64), 0)
    wrong = (first[:, 1] == _LONG) | (count > _LONGEST_LENGTH)
    return first[:, 0], np.where(wrong, -1, start + 2 + count)
