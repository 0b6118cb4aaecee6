"""CRC32c and Adler-32 of thousands of ragged stretches at once.

Reference: RFC 9260, appendix A (CRC32c); RFC 2960, appendix B (Adler-32).

Neither minds zeros in front, so stretches of like size are rows that end together.  The remainder of two pieces is that
of the first, moved on by the length of the second, exclusive-or that of the second: each step joins neighbours in all
rows, and the longest packet takes as many steps as its size has bits.
"""

from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes, copy_stretches, distinct

Index = NDArray[np.int64]
Words = NDArray[np.uint32]

#: Castagnoli's polynomial, its highest power in the lowest bit.
_POLYNOMIAL = np.uint32(0x82F63B78)
#: Bytes of rows at a time.
_MOST = 1 << 20


def rows(buf: Bytes, start: Index, end: Index) -> Iterator[tuple[Index, Bytes]]:
    """All stretches, a few at a time: which, and their bytes (n, a power of two of at least 4) behind zeros."""
    length = end - start
    power = np.frexp(np.maximum(length, 4) - 1)[1]
    for one in distinct(power):
        alike, count = np.flatnonzero(power == one), max(_MOST >> one, 1)
        for low in range(0, alike.size, count):
            which = alike[low : low + count]
            out = np.zeros((which.size, 1 << one), dtype=np.uint8)
            at = (np.arange(1, which.size + 1) << one) - length[which]
            copy_stretches(out.reshape(-1), at, buf, start[which], length[which])
            yield which, out


def crc32c(data: Bytes) -> Words:
    """Remainder of each row by itself; that of a stretch starts and ends with all bits changed."""
    words = data.view("<u4")
    for level in range(words.shape[1].bit_length() - 1):
        words = _moved(_later(level), words[:, 0::2]) ^ words[:, 1::2]
    return _moved(_later(0), words[:, 0])


def _moved(tables: Words, words: Words) -> Words:
    """Remainders after more bytes, as the tables say of each of their four bytes."""
    octets = np.ascontiguousarray(words, dtype="<u4").view(np.uint8).reshape(*words.shape, 4)
    out: Words = tables[0].take(octets[..., 0])
    for k in (1, 2, 3):
        out ^= tables[k].take(octets[..., k])
    return out


@cache
def _later(level: int) -> Words:
    """What ``4 << level`` bytes of zero make of each value of each byte of a remainder, the lowest first: (4, 256)."""
    if level:
        return _moved(_later(level - 1), _later(level - 1))
    words = np.arange(256, dtype=np.uint32) << np.array([[0], [8], [16], [24]], dtype=np.uint32)
    for _ in range(32):
        words = words >> np.uint32(1) ^ (words & np.uint32(1)) * _POLYNOMIAL
    return words


def adler32(data: Bytes, length: Index) -> Words:
    """Both sums of the last ``length`` bytes of each row, the second in the higher half."""
    # Doubles hold the sums of rows of 2 ** 23 bytes, and are multiplied in no time.
    octets = data.astype(np.float64)
    low = octets.sum(axis=1) + 1
    high = octets @ np.arange(data.shape[1], 0, -1, dtype=np.float64) + length
    return np.asarray((high % 65521).astype(np.uint32) << np.uint32(16) | (low % 65521).astype(np.uint32))
