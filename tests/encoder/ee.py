"""Enterprise Extender: LDLC frames, XIDs, HPR packets and SNA headers from the specification alone.

Offsets: SNA Formats as the documentation of the project quotes them; every builder gives bytes.
"""

from __future__ import annotations

import struct

XID, XID_POLL, TEST, TEST_POLL, DISC, DM, UI = 0xAF, 0xBF, 0xE3, 0xF3, 0x53, 0x1F, 0x03


def ldlc(control: int, data: bytes = b"", *, dsap: int = 0xC8, ssap: int = 0xC8) -> bytes:
    return bytes([dsap, ssap, control]) + data


def kl(key: int, data: bytes) -> bytes:
    """A control vector of an XID or a BIND: key first, length without both bytes."""
    return bytes([key, len(data)]) + data


def lt(key: int, data: bytes, *, pad: bool = False) -> bytes:
    """A subfield or a vector of HPR: length first, with both bytes."""
    out = bytes([len(data) + 2, key]) + data
    return out + bytes(-len(out) % 4 if pad else 0)


def name_vector(kind: int, name: str) -> bytes:
    return kl(0x0E, bytes([kind]) + name.encode("cp037"))


def product_vector(*classes: int, name: str = "") -> bytes:
    products = b"".join(lt(0x11, bytes([c]) + (lt(0x06, name.encode("cp037")) if name else b"")) for c in classes)
    return kl(0x10, b"\0" + products)


def tg_vector(number: int = 0, partner: str = "", flags: int | None = None) -> bytes:
    raw = partner.encode("cp037")
    more = b"" if flags is None else bytes([flags])
    return kl(0x46, lt(0x80, bytes([number, len(raw)]) + raw + more))


def xid3(
    vectors: bytes = b"", *, node: int = 4, block: int = 0xFFF, number: int = 0x91171,
    flags: bytes = bytes.fromhex("10CB8100000000000000"), role: int = 0x71, btu: int = 0x7FFF, window: int = 0,
    length: int | None = None,
) -> bytes:  # fmt: skip
    """Format 3; ``flags`` are bytes 8 to 17 (byte 17, the link type, is made 01)."""
    link = bytes([0x0B, role, 0]) + struct.pack(">H", btu) + bytes([0, 0, 0, 0, window, 0])
    body = bytes(2) + flags[:9] + b"\x01" + link + vectors
    size = 6 + len(body) if length is None else length
    return bytes([0x30 | node, size]) + (block << 20 | number).to_bytes(4, "big") + body


def nhdr(
    routing: bytes = bytes.fromhex("D000000000000000"), *, mode: int = 6, priority: int = 2, second: int = 0
) -> bytes:
    return bytes([mode << 5 | priority << 1, second]) + routing + b"\xff\0"


def thdr(
    data: bytes = b"", *, tcid: int = 0x1122334455667788, bsn: int = 0, first: int = 0x30, second: int = 0,
    segments: bytes = b"", qualifier: bytes = b"",
) -> bytes:  # fmt: skip
    """Transport header with its data; 30 is start and end of message, 02 the retry bit."""
    second |= (0x04 if segments else 0) | (0x08 if qualifier else 0)
    optional = qualifier + segments
    optional += bytes(-len(optional) % 4)
    head = struct.pack(">QBBHII", tcid, first, second, (20 + len(optional)) // 4, len(data), bsn)
    return head + optional + data


def segment(kind: int, body: bytes) -> bytes:
    out = bytes([0, kind]) + body
    out += bytes(-len(out) % 4)
    return bytes([len(out) // 4]) + out[1:]


def status(received: int, *, flags: int = 0, report: int = 1, acked: int = 1, spans: tuple[int, ...] = ()) -> bytes:
    body = struct.pack(">BBHHI8x", flags, len(spans) // 2, report, acked, received)
    return segment(0x0E, body + b"".join(s.to_bytes(4, "big") for s in spans))


def rate(kind: int, action: int = 0, *fields: int, request: int = 0, reply: int = 0) -> bytes:
    values = (*fields, 0, 0, 0, 0)[: 4 if kind == 0 else 2]
    return segment(
        0x22, bytes([kind << 6 | action << 3, request << 4 | reply]) + struct.pack(f">{len(values)}I", *values)
    )


def fid2(daf: int, oaf: int, number: int, data: bytes, *, mapping: int = 3, odai: int = 0) -> bytes:
    return bytes([0x20 | mapping << 2 | odai << 1, 0, daf, oaf]) + number.to_bytes(2, "big") + data


def fid4(origin: tuple[int, int], target: tuple[int, int], number: int, data: bytes) -> bytes:
    """Subarea and element of both ends."""
    head = bytes([0x40, 0, 0x12, 0x31, 0, 5, 0, 9]) + struct.pack(">II", target[0], origin[0]) + bytes([0x1C, 0])
    return head + struct.pack(">HHHH", target[1], origin[1], number, len(data)) + data


def fid5(number: int, data: bytes, *, session: int = 0x0102030405060708) -> bytes:
    return bytes([0x5C, 0]) + struct.pack(">HQ", number, session) + data


def rh(first: int, second: int = 0x80, third: int = 0) -> bytes:
    return bytes([first, second, third])
