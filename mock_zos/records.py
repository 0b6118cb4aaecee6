"""Trace records: CTEs with packet trace headers, and how a writer packs them into VB records.

ITTCTE: length, offset of the data, format id, TOD clock; the length again at the end.  PTHDR_T: 92 bytes
before the packet (IP Programmer's Guide, real-time TCP/IP network monitoring NMI, packet trace records).
What the writer puts before the CTEs in a record is not published: the prefix here is of our own making.
Data sets made here are synthetic: they prove that a reader agrees with this file, not with IBM's writer.
"""

import ipaddress
import struct
from typing import NamedTuple

LRECL, BLKSIZE = 27994, 27998
BODY = LRECL - 4
_BUFFER = 65536
_TOD_1970 = 2208988800 * 1_000_000
DATA_RECORD, OSA_RECORD = 5, 7
_OUTBOUND = 0x01
_DEVICES = {"LOOPBACK": 34, "IPAQENET": 39, "IPAQENET6": 53}
_TCB, _ASID = 0x007F62C0, 0x001E
_SEGMENT = 14336
_HEADER = 16 + 92 + 2

CONTAINERS = ("packed-prefix", "packed", "single", "straddle")
"""How CTEs lie in records: whole ones and zero fill, with or without a prefix; one a record; cut anywhere."""


class Traced(NamedTuple):
    """A packet and what the stack knows of it."""

    time: int
    data: bytes
    length: int
    link: str
    interface: int
    kind: str
    outbound: bool
    source: str
    destination: str
    source_port: int
    destination_port: int
    protocol: int
    vlan: int
    counter: int
    name: bytes = b""
    """What stands in the 16 bytes of the name when it is not the interface's."""
    form: int = 4


def tod(microseconds: int) -> int:
    """A time since 1970 as STCK value: bit 51 is a microsecond, from 1900 on."""
    return (microseconds + _TOD_1970) << 12


def _address(text: str) -> bytes:
    packed = ipaddress.ip_address(text).packed
    return packed if len(packed) == 16 else bytes(10) + b"\xff\xff" + packed


def entries(packet: Traced) -> list[bytes]:
    """The CTEs of one packet: one, or several segments with the same time and total length."""
    pieces = [packet.data[at : at + _SEGMENT] for at in range(0, len(packet.data), _SEGMENT)] or [b""]
    return [_entry(packet, number, piece) for number, piece in enumerate(pieces)]


def socket_name(job: str, protocol: int, state: int, connection: int, six: bool) -> bytes:
    """A data record's name field: job, domain, type, protocol, state (1 start, 2 end), connection id.

    The values of domain and type are those of z/OS sockets (AF_INET 2, AF_INET6 19; stream 1, datagram 2).
    """
    kind = struct.pack(">BBBBI", 19 if six else 2, 1 if protocol == 6 else 2, protocol, state, connection)
    return job.ljust(8).encode("cp1047") + kind


def _entry(packet: Traced, number: int, piece: bytes) -> bytes:
    kind = "IPAQENET6" if packet.kind == "IPAQENET" and ":" in packet.source else packet.kind
    header = (
        struct.pack(">HBBB", 92, number, _OUTBOUND if packet.outbound else 0, _DEVICES.get(kind, 39))
        + len(packet.data).to_bytes(3, "big")
        + (packet.name or packet.link.ljust(16).encode("cp1047"))
        + struct.pack(">Q", tod(packet.time))
        + _address(packet.source)
        + _address(packet.destination)
        + struct.pack(
            ">HHIBBH", packet.source_port, packet.destination_port, packet.counter, 0, packet.protocol, packet.vlan
        )
        + struct.pack(">IHHIHH", _TCB, _ASID, min(packet.length, 65535), packet.interface, 0, 0)
    )
    # A CTE has an even length: the trailing halfword is aligned.
    body = piece + bytes(len(piece) % 2)
    length = _HEADER + len(body)
    # The entry reaches the trace buffer a little after the packet passed.
    head = struct.pack(">HHIQ", length, 16, packet.form, tod(packet.time + 3))
    return head + header + body + struct.pack(">H", length)


def prefix(container: str, component: str, sub: str, system: str, sequence: int) -> bytes:
    """The opaque part of a record: component, sub-name, system, and a buffer number."""
    if container != "packed-prefix":
        return b""
    names = "".join(name.ljust(8) for name in (component, sub, system)).encode("cp1047")
    return names + struct.pack(">IIQ", sequence, 0, 0)


def cut(container: str, pending: bytes, room: int, flush: bool) -> tuple[list[bytes], bytes]:
    """Bodies of the records that are full (all of them when flushing), and the CTEs that still wait."""
    if container == "straddle":
        return _cut_buffers(pending, flush)
    bodies, at = [], 0
    while at < len(pending):
        end = at
        while end < len(pending):
            size = struct.unpack_from(">H", pending, end)[0]
            if end + size - at > room or (container == "single" and end > at):
                break
            end += size
        if end == len(pending) and not flush and container != "single":
            break
        body = pending[at:end]
        bodies.append(body if container == "single" else body.ljust(room, b"\0"))
        at = end
    return bodies, pending[at:]


def _cut_buffers(pending: bytes, flush: bool) -> tuple[list[bytes], bytes]:
    """Trace buffers of 64 KiB in slices of a record each; a CTE may begin in one record and end in the next."""
    bodies, at = [], 0
    while len(pending) - at > _BUFFER or (flush and at < len(pending)):
        end = at
        while end < len(pending):
            size = struct.unpack_from(">H", pending, end)[0]
            if end + size - at > _BUFFER:
                break
            end += size
        content = pending[at:end]
        bodies += [content[slice_ : slice_ + BODY] for slice_ in range(0, len(content), BODY)]
        at = end
    return bodies, pending[at:]
