"""AES-128 and its Galois/Counter Mode: as much as it takes to read what is encrypted under keys that all can make.

Reference: FIPS 197; NIST SP 800-38D.  All blocks of a message are encrypted at once, as columns; the tag is made block
by block, as it must be, with whole numbers for polynomials.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes

BLOCK = 16
ROUNDS = 10
TAG = 16
NONCE = 12

#: Where each byte of a block comes from when its rows are shifted (FIPS 197, section 5.1.2).
_SHIFTED = np.array([0, 5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11])

#: Polynomials over bits are whole numbers with a byte for each bit: as many bytes as a product has places, so that a
#: product of numbers is one of polynomials, with the bits of its sums in the lowest bits of the bytes.
_BITS = 8 * BLOCK
_ONES = int.from_bytes(b"\1" * (2 * _BITS), "big")
#: Powers of x beyond 127 stand in the lowest bytes of a product.
_HIGH = 8 * (_BITS - 1)
_BEYOND = (1 << _HIGH) - 1


def _double(value: int) -> int:
    """Times x, in the field of FIPS 197, section 4.2."""
    return (value << 1 ^ (0x11B if value & 0x80 else 0)) & 0xFF


@cache
def _box() -> bytes:
    """The substitution of bytes (FIPS 197, section 5.1.1)."""
    powers = [1]
    for _ in range(254):
        powers.append(powers[-1] ^ _double(powers[-1]))
    logs = {value: k for k, value in enumerate(powers)}
    box = []
    for value in range(256):
        inverse = powers[-logs[value] % 255] if value else 0
        turned = inverse * 0x101
        box.append((inverse ^ turned >> 4 ^ turned >> 5 ^ turned >> 6 ^ turned >> 7) & 0xFF ^ 0x63)
    return bytes(box)


@cache
def _tables() -> tuple[Bytes, NDArray[np.uint32]]:
    """The substitution, and for each byte of a column what it adds to the column when columns are mixed: (4, 256)."""
    box = _box()
    mixed = np.zeros((4, 256, 4), dtype=np.uint8)
    for value, s in enumerate(box):
        twice = _double(s)
        column = (twice, s, s, twice ^ s)
        for k in range(4):
            mixed[k, value] = [column[(j - k) % 4] for j in range(4)]
    return np.frombuffer(box, dtype=np.uint8), mixed.view(np.uint32)[:, :, 0]


def expand(key: bytes) -> Bytes:
    """The keys of all rounds, (11, 16), of a key of 16 bytes (FIPS 197, section 5.2)."""
    box = _box()
    words = [int.from_bytes(key[k : k + 4], "big") for k in range(0, BLOCK, 4)]
    constant = 1
    for k in range(4, 4 * (ROUNDS + 1)):
        word = words[-1]
        if k % 4 == 0:
            word = box[word >> 16 & 0xFF] << 24 | box[word >> 8 & 0xFF] << 16 | box[word & 0xFF] << 8 | box[word >> 24]
            word ^= constant << 24
            constant = _double(constant)
        words.append(words[-4] ^ word)
    return np.array(words, dtype=">u4").view(np.uint8).reshape(ROUNDS + 1, BLOCK)


def encrypt(keys: Bytes, blocks: Bytes) -> Bytes:
    """Blocks (n, 16), each encrypted."""
    box, mixed = _tables()
    state = blocks ^ keys[0]
    for keyed in keys[1:ROUNDS]:
        moved = state.take(_SHIFTED, axis=1)
        words = mixed[0].take(moved[:, 0::4])
        for k in range(1, 4):
            words ^= mixed[k].take(moved[:, k::4])
        state = words.view(np.uint8) ^ keyed
    return np.asarray(box.take(state.take(_SHIFTED, axis=1)) ^ keys[ROUNDS])


def opened(keys: Bytes, nonce: bytes, sealed: bytes, beside: bytes) -> bytes | None:
    """The text of an encrypted message with its tag at the end, if the tag is that of the text and of what stands
    ``beside`` it; SP 800-38D, section 7.2.
    """
    size = len(sealed) - TAG
    if size < 0:
        return None
    text, tag = sealed[:size], sealed[size:]
    stream = _stream(keys, nonce, size)
    lengths = (8 * len(beside)).to_bytes(8, "big") + (8 * size).to_bytes(8, "big")
    whole = _padded(beside) + _padded(text) + lengths
    made = _hashed(stream[0], whole) ^ int.from_bytes(stream[1].tobytes(), "big")
    return _turned(text, stream) if made == int.from_bytes(tag, "big") else None


def beginning(keys: Bytes, nonce: bytes, text: bytes) -> bytes:
    """The beginning of a message that was cut, of which no tag can say whether it is right."""
    return _turned(text, _stream(keys, nonce, len(text)))


def _stream(keys: Bytes, nonce: bytes, size: int) -> Bytes:
    """(n, 16): the key of the tag, what the tag is mixed with, then what the text is."""
    blocks = np.zeros((-(-size // BLOCK) + 2, BLOCK), dtype=np.uint8)
    blocks[1:, :NONCE] = np.frombuffer(nonce, dtype=np.uint8)
    blocks[1:, NONCE:] = np.arange(1, len(blocks), dtype=">u4").view(np.uint8).reshape(-1, 4)
    return encrypt(keys, blocks)


def _turned(text: bytes, stream: Bytes) -> bytes:
    return (np.frombuffer(text, dtype=np.uint8) ^ stream[2:].reshape(-1)[: len(text)]).tobytes()


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % BLOCK)


def _hashed(key: Bytes, data: bytes) -> int:
    """GHASH of whole blocks (SP 800-38D, section 6.4)."""
    bits = np.unpackbits(np.frombuffer(data, dtype=np.uint8)).tobytes()
    by = int.from_bytes(np.unpackbits(key).tobytes(), "big")
    total = 0
    for at in range(0, len(bits), _BITS):
        total = (total ^ int.from_bytes(bits[at : at + _BITS], "big")) * by & _ONES
        # What is beyond x^127 comes back as 1 + x + x^2 + x^7 times it, and of that a little once more.
        for _ in range(2):
            over = total & _BEYOND
            total ^= over ^ over << 8 * 128 ^ over << 8 * 127 ^ over << 8 * 126 ^ over << 8 * 121
        total >>= _HIGH
    packed = np.packbits(np.frombuffer(total.to_bytes(_BITS, "big"), dtype=np.uint8))
    return int.from_bytes(packed.tobytes(), "big")
