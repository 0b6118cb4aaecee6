"""Deterministic traffic for the benchmark: the same packets as a trace data set and as a pcap file.

40 % are bare acknowledgments, 40 % carry 1,460 bytes, the rest are mixed TCP and UDP; about one
conversation for every 75 packets.  Checksums are right, so that verifying them is work that counts.
"""

import struct
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

START_US = 1_767_225_600_000_000  # 2026-01-01 00:00:00 UTC
TOD_EPOCH_US = 2_208_988_800_000_000
SEED = 20260101

#: (share in percent, IP length, protocol)
CLASSES = ((40, 40, 6), (40, 1500, 6), (6, 92, 6), (4, 576, 6), (6, 120, 17), (4, 40 + 12, 6))
LRECL = 27994


def folded(total: NDArray[np.int64]) -> NDArray[np.uint16]:
    """Complement of the folded one's-complement sum."""
    total = (total & 0xFFFF) + (total >> 16)
    total = (total & 0xFFFF) + (total >> 16)
    return (~total & 0xFFFF).astype(np.uint16)


def words(rows: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Sum of the big-endian 16-bit words of each row (even width)."""
    return np.ascontiguousarray(rows).view(">u2").astype(np.int64).sum(axis=1)


def put(rows: NDArray[np.uint8], at: int, values: NDArray[np.generic], form: str) -> None:
    """Write one big-endian value a row."""
    raw = np.ascontiguousarray(values.astype(form))
    rows[:, at : at + raw.dtype.itemsize] = raw.view(np.uint8).reshape(len(rows), -1)


def packets(
    kind: NDArray[np.int64],
    conversation: NDArray[np.int64],
    forward: NDArray[np.bool_],
    rng: np.random.Generator,
    number: NDArray[np.int64],
) -> list[NDArray[np.uint8]]:
    """One matrix of packets for each class, rows in order."""
    pool = rng.integers(0, 256, 1 << 20, dtype=np.uint8)
    made = []
    for k, (_, size, proto) in enumerate(CLASSES):
        which = np.flatnonzero(kind == k)
        rows = np.zeros((which.size, size), dtype=np.uint8)
        talk = conversation[which]
        client = (0xC6336400 + talk % 250 + 1).astype(np.uint32)
        server = np.full(which.size, 0xC000020A, dtype=np.uint32)
        out = ~forward[which]
        cport, sport = 1024 + talk % 64000, np.array([21, 23, 80, 443, 1414, 3306, 446, 8080])[talk % 8]
        rows[:, 0] = 0x45
        put(rows, 2, np.full(which.size, size), ">u2")
        put(rows, 4, number[which] & 0xFFFF, ">u2")
        rows[:, 6], rows[:, 8], rows[:, 9] = 0x40, 64, proto
        put(rows, 12, np.where(out, server, client), ">u4")
        put(rows, 16, np.where(out, client, server), ">u4")
        put(rows, 20, np.where(out, sport, cport), ">u2")
        put(rows, 22, np.where(out, cport, sport), ">u2")
        head = 40 if proto == 6 else 28
        if proto == 6:
            put(rows, 24, (number[which] * 1460 + talk) & 0xFFFFFFFF, ">u4")
            put(rows, 28, (number[which] * 731 + talk) & 0xFFFFFFFF, ">u4")
            rows[:, 32] = 0x50
            rows[:, 33] = 0x10 if size == 40 else 0x18
            put(rows, 34, np.full(which.size, 32768), ">u2")
        else:
            put(rows, 24, np.full(which.size, size - 20), ">u2")
        if size == 52:
            # A SYN with window scale, timestamps are left to the mixed captures.
            rows[:, 32], rows[:, 33] = 0x80, 0x02
            rows[:, 40:52] = np.frombuffer(bytes.fromhex("020405b40103030801010402"), dtype=np.uint8)
            head = 52
        body = size - head
        if body > 0:
            at = rng.integers(0, pool.size - body, which.size)
            rows[:, head:] = np.lib.stride_tricks.sliding_window_view(pool, body)[at]
        put(rows, 10, folded(words(rows[:, :20])), ">u2")
        pseudo = words(rows[:, 12:20]) + proto + size - 20
        put(rows, 36 if proto == 6 else 26, folded(words(rows[:, 20:]) + pseudo), ">u2")
        made.append(rows)
    return made


def entries(
    rows: NDArray[np.uint8], time_us: NDArray[np.int64], out: NDArray[np.bool_], number: NDArray[np.int64]
) -> NDArray[np.uint8]:
    """Trace entries (CTE, packet trace header, packet, epilog) around packets of one length."""
    count, size = rows.shape
    total = 16 + 92 + size + 2
    made = np.zeros((count, total), dtype=np.uint8)
    for at in (0, total - 2):
        put(made, at, np.full(count, total), ">u2")
    made[:, 3], made[:, 7] = 16, 4
    put(made, 8, (time_us + 3 + TOD_EPOCH_US).astype(np.uint64) << np.uint64(12), ">u8")
    h = 16
    made[:, h + 1], made[:, h + 3], made[:, h + 4] = 92, out, 39
    made[:, h + 6], made[:, h + 7] = size >> 8, size & 255
    made[:, h + 8 : h + 24] = np.frombuffer("ETH1".ljust(16).encode("cp037"), dtype=np.uint8)
    put(made, h + 24, (time_us + TOD_EPOCH_US).astype(np.uint64) << np.uint64(12), ">u8")
    for at, source in ((32, 12), (48, 16)):
        made[:, h + at + 10 : h + at + 12] = 0xFF
        made[:, h + at + 12 : h + at + 16] = rows[:, source : source + 4]
    made[:, h + 64 : h + 68] = rows[:, 20:24]
    put(made, h + 68, number, ">u4")
    made[:, h + 73] = rows[:, 9]
    put(made, h + 76, np.where(out, 0x007F62C0, 0), ">u4")
    put(made, h + 80, np.where(out, 0x1E, 0), ">u2")
    put(made, h + 82, np.full(count, size), ">u2")
    made[:, h + 87] = 2
    made[:, h + 92 : h + 92 + size] = rows
    return made


def generate(count: int, directory: Path) -> tuple[Path, Path]:
    """Write ``bench-COUNT.trc`` and ``bench-COUNT.pcap``; their paths."""
    rng = np.random.default_rng(SEED)
    shares = np.array([c[0] for c in CLASSES]) / 100
    kind = rng.choice(len(CLASSES), count, p=shares)
    conversation = rng.integers(0, max(1, count // 75), count)
    forward = rng.random(count) < 0.5
    number = np.arange(1, count + 1, dtype=np.int64)
    time_us = START_US + np.cumsum(rng.integers(1, 200, count))
    made = packets(kind, conversation, forward, rng, number)
    trace, pcap = directory / f"bench-{count}.trc", directory / f"bench-{count}.pcap"
    taken = [0] * len(CLASSES)
    wrapped = []
    for k, rows in enumerate(made):
        which = np.flatnonzero(kind == k)
        wrapped.append(entries(rows, time_us[which], ~forward[which], number[which]))
    prefix = "SYSTCPDATCPIP   SYS1    ".encode("cp037")
    with trace.open("wb") as t, pcap.open("wb") as p:
        p.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 101))
        record, room = [prefix], LRECL - 4 - len(prefix)
        for k, us in zip(kind.tolist(), time_us.tolist()):
            row = taken[k]
            taken[k] += 1
            packet = made[k][row].tobytes()
            p.write(struct.pack("<IIII", us // 1_000_000, us % 1_000_000, len(packet), len(packet)) + packet)
            entry = wrapped[k][row].tobytes()
            if len(entry) > room:
                body = b"".join(record) + bytes(room)
                t.write(struct.pack(">HH", len(body) + 4, 0) + body)
                record, room = [prefix], LRECL - 4 - len(prefix)
            record.append(entry)
            room -= len(entry)
        body = b"".join(record) + bytes(room)
        t.write(struct.pack(">HH", len(body) + 4, 0) + body)
    return trace, pcap


def repeated(captures: list[Path], count: int, made: Path) -> None:
    """Write the packets of little-endian pcap files of one link type, over and over, in time order."""
    heads = {path.read_bytes()[:24] for path in captures}
    if len(heads) != 1:
        raise SystemExit("captures of different kinds")
    packets = []
    for path in captures:
        data, at = path.read_bytes(), 24
        while at < len(data):
            size = struct.unpack_from("<I", data, at + 8)[0]
            packets.append(data[at + 8 : at + 16 + size])
            at += 16 + size
    with made.open("wb") as sink:
        sink.write(heads.pop())
        for k in range(count):
            us = START_US + 100 * k
            sink.write(struct.pack("<II", us // 1_000_000, us % 1_000_000) + packets[k % len(packets)])


if __name__ == "__main__":
    target = Path(sys.argv[2])
    target.mkdir(parents=True, exist_ok=True)
    print(*generate(int(sys.argv[1]), target))
