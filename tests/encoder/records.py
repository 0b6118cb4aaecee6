"""Component trace entries: CTE frame, packet trace header (PTHDR), data.

Offsets and meanings: docs of the trace format, sections 2 (layouts), 3 (values) and 4.1 (segments). Fields whose place
is only inferred get distinctive values, so that a reader that looks elsewhere is caught.
"""

from __future__ import annotations

import ipaddress
import struct
from typing import NamedTuple

EPOCH_1900_US = 2_208_988_800_000_000
BASE_LEN = 92
MAX_CTE = 65534

PACKET, DATA, EE, NTA, SMC = 4, 5, 6, 7, 8
FLAG_LOCAL, FLAG_OUT = 0x80, 0x01
DEVICE_ETH4, DEVICE_ETH6 = 39, 53
PROTO_SMC_LLC = 252

# IPv6 headers that only lead on to another one: hop-by-hop, routing, fragment, authentication, destination options.
IPV6_EXTENSIONS = {0, 43, 44, 51, 60}


class Endpoints(NamedTuple):
    """What the packet trace header repeats from the packet."""

    src: bytes = bytes(16)
    dst: bytes = bytes(16)
    sport: int = 0
    dport: int = 0
    proto: int = 0


def tod(unix_us: int) -> int:
    """STCK value of a UTC time; bit 51 is the microsecond. Wraps in 2042 like the clock itself."""
    return ((unix_us + EPOCH_1900_US) << 12) & 0xFFFF_FFFF_FFFF_FFFF


def ebcdic(text: str, width: int) -> bytes:
    raw = text.encode("cp037")
    if len(raw) > width:
        raise ValueError(f"{text!r} does not fit in {width} bytes")
    return raw.ljust(width, b"\x40")


def address(value: str) -> bytes:
    """The 16-byte form; IPv4 is mapped (::ffff:a.b.c.d)."""
    parsed = ipaddress.ip_address(value)
    return parsed.packed if parsed.version == 6 else bytes(10) + b"\xff\xff" + parsed.packed


def endpoints(packet: bytes) -> Endpoints:
    """Addresses, ports and protocol of an IP packet, as far as the bytes tell."""
    version = packet[0] >> 4 if packet else 0
    if version == 4 and len(packet) >= 20:
        proto, upper = packet[9], (packet[0] & 15) * 4
        src, dst = (bytes(10) + b"\xff\xff" + packet[at : at + 4] for at in (12, 16))
        first = struct.unpack_from(">H", packet, 6)[0] & 0x1FFF == 0
        if upper < 20:
            first = False
    elif version == 6 and len(packet) >= 40:
        src, dst = packet[8:24], packet[24:40]
        proto, upper, first = _ipv6_upper(packet)
    else:
        return Endpoints()
    sport = dport = 0
    if first and proto in (6, 17) and len(packet) >= upper + 4:
        sport, dport = struct.unpack_from(">HH", packet, upper)
    return Endpoints(src, dst, sport, dport, proto)


def _ipv6_upper(packet: bytes) -> tuple[int, int, bool]:
    """Protocol above the extension headers, its offset, and whether a transport header can be there."""
    proto, at = packet[6], 40
    while proto in IPV6_EXTENSIONS and len(packet) >= at + 8:
        if proto == 44:
            if struct.unpack_from(">H", packet, at + 2)[0] & 0xFFF8:
                return packet[at], at + 8, False
            size = 8
        elif proto == 51:
            size = (packet[at + 1] + 2) * 4
        else:
            size = (packet[at + 1] + 1) * 8
        proto, at = packet[at], at + size
    return proto, at, True


def cte(fmtid: int, body: bytes, time: int, *, offset: int = 16) -> bytes:
    """One entry around a PTHDR with its data. `time` is a TOD value. Odd bodies are padded by one zero byte."""
    body += bytes(len(body) & 1)
    length = offset + len(body) + 2
    if length > MAX_CTE:
        raise ValueError(f"an entry of {length} bytes does not fit in its length field")
    head = struct.pack(">HHIQ", length, offset, fmtid, time)
    return head.ljust(offset, b"\0") + body + struct.pack(">H", length)


def pthdr(
    *,
    seq: int,
    flags: int,
    device_type: int,
    traced: int,
    name: bytes,
    time: int,
    ends: Endpoints,
    count: int,
    qid: int,
    vlan: int,
    tcb: int,
    asid: int,
    original: int,
    if_index: int,
    drop_reason: int,
    off_seg_len: int,
    header_len: int,
    extension: bytes = b"",
    extension_counted: bool = True,
) -> bytes:
    """Packet trace header. A `header_len` below 92 is an older release's: the last fields are absent."""
    if not 64 <= header_len <= BASE_LEN or (extension and header_len != BASE_LEN):
        raise ValueError(f"no such header length: {header_len}")
    length = header_len + (len(extension) if extension_counted else 0)
    head = struct.pack(">HBBB3s16sQ", length, seq, flags, device_type, traced.to_bytes(3, "big"), name, time)
    head += struct.pack(">16s16sHH", *ends[:4])
    # PTH_Plen has 16 bits; the length of a larger set is in the 24-bit PTH_Tlen only.
    head += struct.pack(">IBBHIHH", count, qid, ends.proto, vlan, tcb, asid, original & 0xFFFF)
    head += struct.pack(">IHH", if_index, drop_reason, off_seg_len)
    return head[:header_len] + extension


def _records(
    fmtid: int,
    data: bytes,
    ends: Endpoints,
    name: bytes,
    *,
    time_us: int,
    put_us: int | None,
    device_type: int,
    out: bool,
    local: bool = False,
    flags: int = 0,
    count: int = 1,
    tcb: int = 0x007F62C0,
    asid: int = 0x001E,
    orig_len: int | None = None,
    if_index: int = 2,
    drop_reason: int = 0,
    off_seg_len: int = 0,
    qid: int = 0,
    vlan: int = 0,
    max_segment: int | None = None,
    header_len: int = BASE_LEN,
    extension: bytes = b"",
    extension_counted: bool = True,
) -> list[bytes]:
    """The entries of one traced packet: several when it is larger than `max_segment` bytes or than one entry."""
    room = MAX_CTE - 16 - header_len - len(extension) - 2 & ~1
    if max_segment is not None:
        # A pad byte inside a set could not be told from data: only the last segment may be odd.
        if max_segment < 2 or max_segment & 1:
            raise ValueError("max_segment must be even")
        room = min(room, max_segment)
    put = time_us + 3 if put_us is None else put_us
    entries = []
    for index, start in enumerate(range(0, max(len(data), 1), room)):
        head = pthdr(
            seq=index if index < 256 else (index - 1) % 255 + 1,
            flags=flags | FLAG_OUT * out | FLAG_LOCAL * local,
            device_type=device_type,
            traced=len(data),
            name=name,
            time=tod(time_us),
            ends=ends,
            count=count,
            qid=qid,
            vlan=vlan,
            tcb=tcb,
            asid=asid,
            original=len(data) if orig_len is None else orig_len,
            if_index=if_index,
            drop_reason=drop_reason,
            off_seg_len=off_seg_len,
            header_len=header_len,
            extension=extension if index == 0 else b"",
            extension_counted=extension_counted,
        )
        entries.append(cte(fmtid, head + data[start : start + room], tod(put + index)))
    return entries


def packet_records(
    packet: bytes,
    *,
    time_us: int,
    put_us: int | None = None,
    interface: str = "ETH1",
    device_type: int | None = None,
    out: bool = False,
    local: bool = False,
    flags: int = 0,
    count: int = 1,
    tcb: int = 0x007F62C0,
    asid: int = 0x001E,
    orig_len: int | None = None,
    if_index: int = 2,
    drop_reason: int = 0,
    off_seg_len: int = 0,
    qid: int = 0,
    vlan: int = 0,
    fmtid: int = PACKET,
    max_segment: int | None = None,
    header_len: int = BASE_LEN,
    ends: Endpoints | None = None,
    extension: bytes = b"",
) -> list[bytes]:
    """Entries of one IP packet (id 4; 6 for Enterprise Extender).

    `time_us` is when it was captured (PTH_Time), `put_us` when it reached the buffer (CTETIME), by default 3
    microseconds later; segments after the first follow one microsecond apart. `packet` holds the traced bytes; with
    ABBREV `orig_len` says how long the packet was.
    """
    if device_type is None:
        device_type = DEVICE_ETH6 if packet[:1] and packet[0] >> 4 == 6 else DEVICE_ETH4
    return _records(
        fmtid,
        packet,
        endpoints(packet) if ends is None else ends,
        ebcdic(interface, 16),
        time_us=time_us,
        put_us=put_us,
        device_type=device_type,
        out=out,
        local=local,
        flags=flags,
        count=count,
        tcb=tcb,
        asid=asid,
        orig_len=orig_len,
        if_index=if_index,
        drop_reason=drop_reason,
        off_seg_len=off_seg_len,
        qid=qid,
        vlan=vlan,
        max_segment=max_segment,
        header_len=header_len,
        extension=extension,
    )


def data_records(
    data: bytes,
    *,
    time_us: int,
    put_us: int | None = None,
    jobname: str = "FTPD1",
    domain: int = 2,
    type: int = 1,
    proto: int = 6,
    state: int = 0,
    cid: int = 0x58,
    src: str = "192.0.2.10",
    dst: str = "198.51.100.20",
    sport: int = 1025,
    dport: int = 21,
    out: bool = False,
    flags: int = 0,
    count: int = 1,
    tcb: int = 0x007F62C0,
    asid: int = 0x001E,
    orig_len: int | None = None,
    max_segment: int | None = None,
) -> list[bytes]:
    """Entries of one data-trace event (id 5): socket data, no IP header. Start and end events carry no data."""
    name = ebcdic(jobname, 8) + struct.pack(">BBBBI", domain, type, proto, state, cid)
    return _records(
        DATA,
        data,
        Endpoints(address(src), address(dst), sport, dport, proto),
        name,
        time_us=time_us,
        put_us=put_us,
        device_type=0,
        out=out,
        flags=flags,
        count=count,
        tcb=tcb,
        asid=asid,
        orig_len=orig_len,
        if_index=0,
        max_segment=max_segment,
    )


def frame_records(
    frame: bytes,
    *,
    time_us: int,
    put_us: int | None = None,
    interface: str = "EZANTAOSA1",
    device_type: int = DEVICE_ETH4,
    out: bool = False,
    count: int = 1,
    orig_len: int | None = None,
    if_index: int = 2,
    drop_reason: int = 0,
    vlan: int = 0,
    max_segment: int | None = None,
    extension: bytes = b"",
    extension_counted: bool = True,
) -> list[bytes]:
    """Entries of one OSAENTA frame (id 7), with its link header; addresses stay empty in the trace header.

    The real extension is not published: `extension` is any TLV, counted in PTH_Len or not.
    """
    return _records(
        NTA,
        frame,
        Endpoints(),
        ebcdic(interface, 16),
        time_us=time_us,
        put_us=put_us,
        device_type=device_type,
        out=out,
        count=count,
        tcb=0,
        asid=0,
        orig_len=orig_len,
        if_index=if_index,
        drop_reason=drop_reason,
        vlan=vlan,
        max_segment=max_segment,
        extension=extension,
        extension_counted=extension_counted,
    )


def smc_extension(
    *,
    smc_d: bool = False,
    local_conn: int = 0x0A0B0C0D,
    remote_conn: int = 0x1A1B1C1D,
    local_gid: int = 0x2021222324252627,
    remote_gid: int = 0x3031323334353637,
    local_qp: int = 0x414243,
    remote_qp: int = 0x515253,
    type: int = 1,
) -> bytes:
    """The SMC extension as a TLV: 4 bytes of head, 74 of body."""
    body = bytearray(74)
    struct.pack_into(">II", body, 28, local_conn, remote_conn)
    if smc_d:
        struct.pack_into(">IIII", body, 0, 1, 0x100, 1, 0x80)
        struct.pack_into(">Q8xQ", body, 36, remote_gid, local_gid)
    else:
        struct.pack_into(">Q8xQ", body, 44, remote_gid, local_gid)
        body[68:74] = remote_qp.to_bytes(3, "big") + local_qp.to_bytes(3, "big")
    return struct.pack(">HH", len(body) + 4, type) + body


def smc_records(
    data: bytes,
    *,
    time_us: int,
    put_us: int | None = None,
    interface: str = "EZARIUT10001",
    proto: int = PROTO_SMC_LLC,
    src: str = "192.0.2.10",
    dst: str = "198.51.100.20",
    out: bool = False,
    count: int = 1,
    if_index: int = 2,
    extension: bytes | None = None,
    extension_counted: bool = True,
) -> list[bytes]:
    """Entries of one SMC record (id 8): extension, then an LLC message (protocol 252) or buffer data."""
    return _records(
        SMC,
        data,
        Endpoints(address(src), address(dst), 0, 0, proto),
        ebcdic(interface, 16),
        time_us=time_us,
        put_us=put_us,
        device_type=0,
        out=out,
        count=count,
        asid=0,
        if_index=if_index,
        extension=smc_extension() if extension is None else extension,
        extension_counted=extension_counted,
    )


def old_record(packet: bytes, *, time_us: int, fmtid: int = 1, header: bytes = b"\xc1" * 48) -> bytes:
    """An obsolete entry (ids 1 to 3). Its header is not published, so it is opaque bytes before the packet."""
    return cte(fmtid, header + packet, tod(time_us))


def lost_record(*, time_us: int, body: bytes = bytes(64)) -> bytes:
    """A lost-data entry: first byte of the format id X'FF'."""
    return cte(0xFF000001, body, tod(time_us))
